import { readFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:tls';

/** Milliseconds for which a connection that stays open is listened to after the last byte. */
const quietFor = 400;
const longestWait = 10_000;

/** Sends bytes over TLS as they are, which no HTTP client would: answers what came back, until the connection is quiet. */
export async function rawClient({ origin, authority }) {
  const ca = await readFile(authority);
  const port = Number(new URL(origin).port);
  return (bytes) =>
    new Promise((resolve, reject) => {
      const answer = [];
      const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca, ALPNProtocols: ['http/1.1'] });
      const finish = () => {
        clearTimeout(last);
        socket.destroy();
        resolve(Buffer.concat(answer));
      };
      const last = setTimeout(finish, longestWait);
      socket.on('secureConnect', () => socket.write(bytes));
      socket.on('data', (chunk) => {
        answer.push(chunk);
        socket.setTimeout(quietFor, finish);
      });
      socket.on('end', finish);
      socket.on('close', finish);
      socket.on('error', (error) => (answer.length > 0 || error.code === 'ECONNRESET' ? finish() : reject(error)));
    });
}

/** Sends header fields over HTTP/2, pseudo-header fields too: answers what came back as HTTP/1.1 would have written it. */
export async function http2Client({ origin, authority }) {
  const ca = await readFile(authority);
  return (fields) =>
    new Promise((resolve) => {
      const session = connectHttp2(origin, { ca });
      const answer = [];
      const finish = () => {
        clearTimeout(last);
        session.destroy();
        resolve(Buffer.concat(answer));
      };
      const last = setTimeout(finish, longestWait);
      session.on('error', finish);
      const stream = session.request(fields);
      stream.on('response', ({ ':status': status, ...headers }) => {
        const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
        answer.push(Buffer.from(`HTTP/1.1 ${status} \r\n${lines.join('')}\r\n`));
      });
      stream.on('data', (chunk) => answer.push(chunk));
      stream.on('error', finish);
      stream.on('close', finish);
      stream.end();
    });
}

/** The text of a request; `headers` are lines, `version` null is HTTP/0.9. */
export function requestText({
  method = 'GET',
  path,
  headers = [],
  version = 'HTTP/1.1',
  body = '',
  host,
  close = true,
}) {
  if (version === null) return `${method} ${path}\r\n`;
  const lines = [`${method} ${path} ${version}`, `Host: ${host}`, ...(close ? ['Connection: close'] : []), ...headers];
  const length = body === '' || headers.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  if (!length) lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

/** The statuses of all answers in what came back. */
export function statusesOf(answer) {
  return [...answer.toString('latin1').matchAll(/(?:^|[\r\n])HTTP\/1\.[01] (\d{3}) /g)].map(([, status]) =>
    Number(status),
  );
}
