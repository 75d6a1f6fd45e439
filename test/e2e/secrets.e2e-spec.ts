import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { KnownRoutes } from '../../apps/auth-service/src/platform/http/known-routes.js';
import {
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

/** Each secret that travels here holds one of these words, also when it is cut, decoded or quoted. */
const PASSWORD = 'PASSMARK-93ab71';
const WRONG_PASSWORD = 'WRONGMARK-5520fe';
const TOKEN = 'TOKENMARK-c81d44';
const KEY = 'IDEMMARK-0f7733';
const study = { level: 'study', 'dicom-uid': '1.2.3' };

let service: TestService;
/** Texts that may stand in no log line and in no metric. */
const forbidden = new Set<string>();

const sign = (payload: object, key = plainSettings.SECRET_KEY): string => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
};
/** The token and its parts: a signature alone completes a payload that somebody has from elsewhere. */
function secretToken(token: string): string {
  for (const part of [token, ...token.split('.').slice(1)]) if (part.length >= 20) forbidden.add(part);
  return token;
}

beforeAll(async () => {
  service = await startTestService({
    env: {
      USERS: JSON.stringify({
        'test-user': 'test-pwd',
        admin: { password: 'admin-pwd', permissions: ['all'] },
        marked: { password: PASSWORD, permissions: ['all'], scopes: ['plugin'] },
      }),
      PUBLIC_MEDDREAM_ROOT: 'http://127.0.0.1:9/meddream/',
      MEDDREAM_TOKEN_SERVICE_URL: 'http://127.0.0.1:9/token',
      SECRET_KEYS_PREVIOUS: JSON.stringify([{ key: 'PREVIOUSMARK-secret-key-0123456789abcdef' }]),
    },
  });
  for (const text of [
    PASSWORD,
    WRONG_PASSWORD,
    TOKEN,
    KEY,
    plainSettings.SECRET_KEY,
    'PREVIOUSMARK',
    'test-pwd',
    'admin-pwd',
  ]) {
    forbidden.add(text);
    forbidden.add(Buffer.from(text).toString('base64').replace(/=+$/, ''));
    forbidden.add(encodeURIComponent(text));
  }
  for (const credentials of [
    pluginCredentials,
    adminCredentials,
    basic('marked', PASSWORD),
    basic('marked', WRONG_PASSWORD),
  ]) {
    forbidden.add(credentials.replace('Basic ', ''));
  }
  forbidden.add(new URL(service.database.applicationUrl).password);
});
afterAll(() => service?.close());

/** Everything that the service has told the outside beside its answers. */
async function told(): Promise<string> {
  return `${service.lines.join('\n')}\n${(await service.call('GET', '/metrics')).text}\n${(await service.call('GET', '/health/ready')).text}`;
}
async function expectNothingTold(): Promise<void> {
  const text = await told();
  expect([...forbidden].filter((secret) => secret !== '' && text.includes(secret))).toEqual([]);
}

/** One request as raw text: what a library would not send is what leaks. */
function overTcp(text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (data) => (answer += data.toString('latin1')));
    socket.on('error', () => resolve(answer));
    socket.on('close', () => resolve(answer));
    socket.end(text);
  });
}

const pathOf = (template: string, id: string): string => template.replace(/:[a-z]+|\*/g, id);

it('this test would see a secret in a log line or in a metric', async () => {
  // A net that holds nothing would catch nothing: the words of a plain request are there to be found.
  await service.call('POST', '/tokens/decode', { 'token-value': '' });
  expect(await told()).toEqual(expect.stringContaining('/tokens/decode'));
  expect(service.lines.length).toBeGreaterThan(0);
});

it('tells no token, password or key, whichever route it comes down, and in whichever place', async () => {
  const minted = await service.call(
    'PUT',
    '/tokens/stone-viewer-publication',
    { id: 'kept', resources: [study] },
    { 'idempotency-key': KEY },
  );
  const valid = secretToken(minted.json.token);
  const list = await service.call('GET', '/api/v1/shares', undefined, { authorization: adminCredentials });
  const { id } = list.json.items[0];
  const tokens = [
    valid,
    secretToken(`${valid.slice(0, -4)}AAAA`),
    secretToken(sign({ id: TOKEN, resources: [], type: TOKEN })),
    secretToken(
      sign({
        id: TOKEN,
        resources: [{ dicom_uid: '1.2.3', level: 'study' }],
        type: 'stone-viewer-publication',
        expiration_date: '2001-01-01T00:00:00Z',
      }),
    ),
    secretToken(sign({ id: 'x', resources: [] }, `${TOKEN}-another-key`)),
    TOKEN,
    `Bearer ${TOKEN}`,
    `${TOKEN}"},{"x":"`,
  ];
  for (const { method, template } of service.app.get(KnownRoutes).all()) {
    for (const token of tokens) {
      const inAddress = encodeURIComponent(token);
      for (const authorization of [
        pluginCredentials,
        adminCredentials,
        basic('marked', PASSWORD),
        basic('marked', WRONG_PASSWORD),
        basic(token, WRONG_PASSWORD),
        `Bearer ${token}`,
        token,
      ]) {
        const headers = {
          authorization,
          token,
          'auth-token': token,
          'api-key': token,
          cookie: `token=${token}`,
          'idempotency-key': `${KEY}-${Math.abs(token.length)}`,
          referer: `http://host/?token=${inAddress}`,
          'user-agent': token,
          'x-forwarded-for': token,
          'x-request-id': token,
          'request-id': token,
        };
        const body =
          method === 'GET'
            ? undefined
            : {
                'token-key': 'authorization',
                'token-value': token,
                method: 'get',
                level: 'study',
                'dicom-uid': '1.2.3',
                'user-id': token,
                resources: [{ ...study, url: token }],
                reason: token.slice(0, 400),
                roles: { [token.slice(0, 200)]: [PASSWORD] },
              };
        await service.call(method, pathOf(template, id), body, headers);
        await service.call(method, `${pathOf(template, id)}?token=${inAddress}&${inAddress}=1`, body, headers);
      }
      await service.call(
        method,
        pathOf(template, inAddress.slice(0, 150)),
        method === 'GET' ? undefined : { reason: token },
        { authorization: adminCredentials },
      );
      await service.call(
        method,
        pathOf(template, inAddress),
        method === 'GET' ? undefined : `{"token-value": "${token}`,
        { authorization: adminCredentials },
      );
      await service.call('PATCH', `${pathOf(template, id)}?token=${inAddress}`);
      await service.call('GET', `/${inAddress}`);
    }
  }
  // Proves that the routes were reached, and not all refused at the door.
  const outcomes = new Set(service.lines.map((line) => JSON.parse(line).outcome));
  for (const outcome of [
    'granted',
    'bad-signature',
    'malformed',
    'expired',
    'invalid-input',
    'unreadable-body',
    'not-signed-in',
    'not-allowed',
    'no-such-route',
    'method-not-allowed',
    'opens',
  ]) {
    expect([...outcomes]).toContain(outcome);
  }
  await expectNothingTold();
}, 120_000);

it('tells nothing of a request that is no HTTP', async () => {
  const credentials = basic('marked', PASSWORD);
  for (const text of [
    `GET /tokens/${TOKEN} HTTP/9.9\r\n\r\n`,
    `${TOKEN} /tokens/validate HTTP/1.1\r\n\r\n`,
    `POST /tokens/validate HTTP/1.1\r\nAuthorization: ${credentials}\r\nContent-Length: x${TOKEN}\r\n\r\n`,
    `POST /tokens/validate HTTP/1.1\r\nHost: x\r\nAuthorization: ${credentials}\r\ntoken: ${TOKEN}\u0001\r\n\r\n`,
    `PUT /tokens/%zz${TOKEN}?token=${TOKEN} HTTP/1.1\r\nHost: x\r\nAuthorization: ${credentials}\r\nConnection: close\r\n\r\n`,
    `GET http://marked:${PASSWORD}@host/tokens/${TOKEN} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    `GET /health/live HTTP/1.1\r\nHost: x\r\nX: ${TOKEN.repeat(12_000)}\r\n\r\n`,
    `POST /tokens/decode HTTP/1.1\r\nHost: x\r\nAuthorization: ${pluginCredentials}\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{"token-value": "${TOKEN}`,
  ]) {
    await overTcp(text);
  }
  await expectNothingTold();
});

it('tells nothing when the work behind a route fails', async () => {
  const answer = await service.call(
    'PUT',
    '/tokens/meddream-instant-link',
    { id: TOKEN, resources: [study] },
    { 'idempotency-key': KEY, token: TOKEN },
  );
  expect(answer.status).toBe(503);
  expect(service.lines.some((line) => line.includes('viewer-unavailable'))).toBe(true);
  const meddream = await service.call('PUT', '/tokens/meddream-viewer-publication', { resources: [study] });
  secretToken(meddream.json.token);
  expect(
    (await service.call('POST', '/tokens/decode', { 'token-value': meddream.json.token })).json['error-code'],
  ).toBe('unknown');
  expect(service.lines.some((line) => line.includes('meddream-unavailable'))).toBe(true);
  await expectNothingTold();
});

it('tells neither password nor statement when the database is gone', async () => {
  // The role is shut out and its connections are cut, so that each way of asking fails.
  const { Client } = (await import('pg')).default;
  const admin = new Client(Object.assign(new URL(service.database.adminUrl), { pathname: '/postgres' }).href);
  await admin.connect();
  const name = new URL(service.database.adminUrl).pathname.slice(1);
  try {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    const minted = await service.call(
      'PUT',
      '/tokens/stone-viewer-publication',
      { id: TOKEN, resources: [study] },
      { 'idempotency-key': `${KEY}-gone` },
    );
    expect([minted.status, minted.json.code, minted.headers.get('retry-after')]).toEqual([
      503,
      'database-unavailable',
      '2',
    ]);
    const listed = await service.call('GET', '/api/v1/shares', undefined, { authorization: adminCredentials });
    expect([listed.status, listed.json.code]).toEqual([503, 'database-unavailable']);
    const adopted = sign({
      id: TOKEN,
      resources: [{ dicom_uid: '1.2.3', level: 'study' }],
      type: 'stone-viewer-publication',
    });
    secretToken(adopted);
    const question = { method: 'get', level: 'study', 'dicom-uid': '1.2.3', 'token-value': adopted };
    expect((await service.call('POST', '/tokens/validate', question)).json).toEqual({ granted: true, validity: 10 });
    await expectNothingTold();
  } finally {
    await admin.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS true`);
    await admin.end();
  }
});

it('names a caller in the log by the name in USERS alone', async () => {
  await service.call('POST', '/tokens/decode', { 'token-value': '' }, { authorization: basic('marked', PASSWORD) });
  await service.call(
    'POST',
    '/tokens/decode',
    { 'token-value': '' },
    { authorization: basic('somebody-else', PASSWORD) },
  );
  const callers = new Set(
    service.lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event === 'request')
      .map(({ caller }) => caller),
  );
  expect([...callers].filter((caller) => caller !== null).sort()).toEqual([
    'basic:admin',
    'basic:marked',
    'basic:test-user',
  ]);
});
