// Ways of sending a request in which a proxy and what is behind it might read two different ones.
import { requestText } from './hospital-raw-client.mjs';

export function transport({ a, b, tokens, host, orthancHost }) {
  const own = [`Authorization: Bearer ${tokens.a}`];
  const [A, B] = [`/orthanc/studies/${a.study}`, `/orthanc/studies/${b.study}`];
  const text = (more) => requestText({ host, headers: own, ...more });
  const inner = text({ path: `/studies/${b.study}`, close: false });
  const get = (headers, body = '') => text({ path: A, headers: [...own, ...headers], body, close: false });
  const raw = (title, bytes, may) => ({ title, raw: bytes, may });
  const chunked = ['Transfer-Encoding: chunked'];
  return [
    raw('HTTP/1.0', text({ path: B, version: 'HTTP/1.0' })),
    raw('HTTP/0.9', text({ path: `${B}?token=${tokens.a}`, version: null })),
    raw('HTTP/2.0 in a line', text({ path: B, version: 'HTTP/2.0' })),
    raw('an absolute address', text({ path: `https://${host}${B}` })),
    raw('an absolute address of Orthanc itself', text({ path: `http://${orthancHost}/studies/${b.study}` })),
    raw('an absolute address with a user', text({ path: `https://a:b@${host}${B}` })),
    raw('an address that names no path', text({ path: '*' })),
    raw('CONNECT to Orthanc', text({ method: 'CONNECT', path: orthancHost })),
    raw('TRACE', text({ method: 'TRACE', path: A })),
    raw('PROPFIND', text({ method: 'PROPFIND', path: A })),
    raw('OPTIONS', text({ method: 'OPTIONS', path: A })),
    raw('a method of our own making', text({ method: 'LOOK', path: A })),
    raw('a method in lower case', text({ method: 'get', path: A })),
    raw('two blanks in the request line', text({ method: 'GET ', path: B })),
    raw('a tab in the request line', text({ method: 'GET\t', path: B })),
    raw('two headers Host', text({ path: B, headers: [...own, 'Host: 127.0.0.1'] })),
    raw('a header Host that is a path', text({ path: B, host: 'localhost/orthanc' })),
    raw('a header of 70 kB', text({ path: B, headers: [...own, `X-Long: ${'x'.repeat(70_000)}`] })),
    raw('a header that goes on in the next line', text({ path: B, headers: [...own, 'X-Folded: a', ` ${own[0]}`] })),
    raw(
      'a WebSocket on a foreign study',
      text({
        path: B,
        close: false,
        headers: [
          ...own,
          'Connection: Upgrade',
          'Upgrade: websocket',
          'Sec-WebSocket-Version: 13',
          'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
        ],
      }) + inner,
    ),
    raw(
      'a WebSocket on the shared study, and then another question',
      get([
        'Connection: Upgrade',
        'Upgrade: websocket',
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
      ]) + inner,
      'reach',
    ),
    raw(
      'h2c',
      get(['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA']) + inner,
      'reach',
    ),
    raw(
      'a length and chunks, chunks first',
      get([...chunked, `Content-Length: ${inner.length + 5}`], `0\r\n\r\n${inner}`),
      'reach',
    ),
    raw(
      'a length and chunks, length first',
      get(['Content-Length: 4', ...chunked], `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`),
      'reach',
    ),
    raw('two lengths', get([`Content-Length: 0`, `Content-Length: ${inner.length}`], inner), 'reach'),
    raw('a length with a sign', get([`Content-Length: +0`], inner), 'reach'),
    raw('chunks behind a blank', get([`Transfer-Encoding : chunked`], `0\r\n\r\n${inner}`), 'reach'),
    raw('chunks by another name', get([`Transfer-Encoding: xchunked`], `0\r\n\r\n${inner}`), 'reach'),
    raw('chunks and another coding', get([`Transfer-Encoding: chunked, identity`], `0\r\n\r\n${inner}`), 'reach'),
    raw('chunks with a length that overflows', get(chunked, `fffffffffffffffff0\r\n${inner}`), 'reach'),
    raw('a question in the body of a GET', get([`Content-Length: ${inner.length}`], inner), 'reach'),
    raw(
      'a question in the body of a GET for what is not there',
      text({ path: `/orthanc/dicom-web/studies/${a.uid}/series/1.2.3/metadata`, close: false, body: inner }),
      'reach',
    ),
    raw(
      'a question in a chunk of a GET',
      get(chunked, `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`),
      'reach',
    ),
    raw('a question in the trailer of chunks', get(chunked, `0\r\nX: y\r\n\r\n${inner}`), 'reach'),
    raw(
      'a question in the body of a HEAD',
      text({
        method: 'HEAD',
        path: A,
        headers: [...own, `Content-Length: ${inner.length}`],
        body: inner,
        close: false,
      }),
      'reach',
    ),
    raw('lines that end with a line feed alone', text({ path: B }).replaceAll('\r\n', '\n')),
    raw('a header behind a line feed alone', get([`X: y\nX-HTTP-Method-Override: DELETE`])),
    raw('a carriage return within a header', get([`X: y\rX-HTTP-Method-Override: DELETE`]), 'reach'),
    raw('two questions at once, the other one foreign', get([]) + text({ path: B }), 'reach'),
    raw('a body that is waited for', get(['Expect: 100-continue', `Content-Length: ${inner.length}`], inner), 'reach'),
  ];
}

/** `fields` in place of bytes. */
export function http2(a, b, c, tokens) {
  const [A, B] = [`/orthanc/studies/${a.study}`, `/orthanc/studies/${b.study}`];
  return [
    ['a foreign study', { ':path': B }],
    ['two dots', { ':path': `${A}/../${b.study}` }],
    ['two encoded dots', { ':path': `${A}/%2e%2e/${b.study}` }],
    ['an absolute address', { ':path': `https://localhost${B}` }],
    ['an address without a slash', { ':path': B.slice(1) }],
    ['another authority', { ':path': B, ':authority': '127.0.0.1' }],
    ['an authority that is a path', { ':path': B, ':authority': `localhost${A}` }],
    ['another scheme', { ':path': B, ':scheme': 'http' }],
    ['a method in lower case', { ':path': B, ':method': 'get' }],
    ['DELETE', { ':path': A, ':method': 'DELETE' }],
    ['an address of the client’s own making', { ':path': B, 'x-original-uri': A, 'x-original-method': 'GET' }],
    ['another method by a header', { ':path': A, 'x-http-method-override': 'DELETE' }],
    ['another token in a header', { ':path': `/orthanc/studies/${c.study}`, token: tokens.c }],
    ['another token in one of two cookies', { ':path': B, cookie: ['a=b', `warden-token=${tokens.c}`] }],
  ].map(([title, fields]) => ({
    title: `over HTTP/2: ${title}`,
    fields: { authorization: `Bearer ${tokens.a}`, ...fields },
  }));
}
