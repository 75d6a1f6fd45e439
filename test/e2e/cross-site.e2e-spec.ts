import { connect } from 'node:net';
import { addressOf, registeredRoutes } from '../support/route-requests.js';
import { type TestService, adminCredentials, pluginCredentials, startTestService } from '../support/test-service.js';

let service: TestService;
let host: string;
beforeAll(async () => {
  service = await startTestService();
  host = new URL(service.url).host;
});
afterAll(() => service?.close());

/** One request as raw text: a library sets Origin, Host and Sec-Fetch-Site as it likes. */
function ask(method: string, path: string, headers: Record<string, string>, body = '{}') {
  const all = { host, 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}`, ...headers };
  const head = Object.entries({ ...all, connection: 'close' }).map(([name, value]) => `${name}: ${value}`);
  return new Promise<{ status: number; json: any }>((resolve, reject) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (data) => (text += data.toString()));
    socket.on('error', reject);
    socket.on('close', () => {
      const [status = '', ...rest] = text.split('\r\n\r\n');
      let json: unknown;
      try {
        json = JSON.parse(rest.join('\r\n\r\n'));
      } catch {
        json = undefined;
      }
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(status)?.[1]), json });
    });
    socket.write(`${[`${method} ${path} HTTP/1.1`, ...head].join('\r\n')}\r\n\r\n${body}`);
  });
}

/** What a browser with the administrator's password in its memory sends for a page of another origin. */
const foreign: [string, Record<string, string>][] = [
  ['Origin of another host', { origin: 'https://evil.example' }],
  ['Origin of another port, as Orthanc has', { origin: 'http://127.0.0.1:8042' }],
  ['Origin null, as a sandboxed frame has', { origin: 'null' }],
  ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
  ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ['Sec-Fetch-Site: none', { 'sec-fetch-site': 'none' }],
  [
    'a foreign Origin that a proxy is said to have taken for its own',
    { origin: 'https://evil.example', 'x-forwarded-host': 'evil.example' },
  ],
];

const byPassword: Record<string, string>[] = [
  { authorization: adminCredentials },
  { authorization: pluginCredentials },
  {},
];

describe.each(foreign)('%s', (_name, headers) => {
  it('changes nothing anywhere, by a password of any user or by none', async () => {
    const unsafe = registeredRoutes(service).filter(({ method }) => method !== 'GET');
    expect(unsafe.map(({ route }) => route)).toEqual(
      expect.arrayContaining(['POST /tokens/validate', 'PUT /settings/roles', 'POST /api/v1/shares/{id}/revoke']),
    );
    for (const { route, method } of unsafe) {
      for (const credentials of byPassword) {
        const { status, json } = await ask(method, addressOf(route), { ...headers, ...credentials });
        expect([route, status, json.code]).toEqual([route, 403, 'cross-site']);
        expect(json.detail).toMatch(/bearer token or the header api-key/);
      }
    }
  });

  it('may read, which no page of another origin gets to see', async () => {
    const answer = await ask('GET', '/api/v1/shares', { ...headers, authorization: adminCredentials }, '');
    expect(answer.status).toBe(200);
  });

  it('is nothing to a bearer token and an API key, which no browser adds by itself', async () => {
    for (const credentials of [{ authorization: 'Bearer abc' }, { 'api-key': 'abc' }] as Record<string, string>[])
      expect((await ask('POST', '/api/v1/explain', { ...headers, ...credentials })).status).toBe(401);
  });
});

describe('a request passes', () => {
  const validate = JSON.stringify({ method: 'get', level: 'study' });
  const ways: [string, () => Record<string, string>][] = [
    ['of a script or of the plugin, which names no origin', () => ({})],
    ['of a page of this service, by its Origin', () => ({ origin: `http://${host}` })],
    ['of a page of this service behind a proxy that ends TLS', () => ({ origin: `https://${host}` })],
    [
      'of a page of this service behind a proxy that changes Host',
      () => ({ origin: 'https://warden.hospital', 'sec-fetch-site': 'same-origin' }),
    ],
    ['of a page whose proxy passes on Host', () => ({ origin: 'https://warden.hospital', host: 'warden.hospital' })],
  ];

  it.each(ways)('%s', async (_name, headers) => {
    const mint = JSON.stringify({ resources: [{ level: 'study', 'dicom-uid': '1.2' }] });
    const all = { ...headers(), authorization: pluginCredentials };
    expect((await ask('PUT', '/tokens/stone-viewer-publication', all, mint)).status).toBe(200);
    const verdict = await ask('POST', '/tokens/validate', all, validate);
    expect([verdict.status, verdict.json]).toEqual([200, { granted: false, validity: 10 }]);
  });
});

it('is refused before the body is read', async () => {
  const answer = await ask('PUT', '/settings/roles', {
    authorization: adminCredentials,
    origin: 'https://evil.example',
    'content-length': '400000',
  });
  expect([answer.status, answer.json.code]).toEqual([403, 'cross-site']);
});

it('guards a service that ALLOW_UNAUTHENTICATED opens: a visitor of a page is in the network too', async () => {
  const closed = service;
  service = await startTestService({ env: { USERS: null, ALLOW_UNAUTHENTICATED: 'true' } });
  try {
    const own = { host: new URL(service.url).host };
    const roles = JSON.stringify({ roles: { a: ['all'] } });
    const forged = await ask('POST', '/settings/roles', { ...own, origin: 'https://evil.example' }, roles);
    expect([forged.status, forged.json.code]).toEqual([403, 'cross-site']);
    const verdict = await ask('POST', '/tokens/validate', own, JSON.stringify({ method: 'get', level: 'study' }));
    expect(verdict.status).toBe(200);
  } finally {
    await service.close();
    service = closed;
  }
});
