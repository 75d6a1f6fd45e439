import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { type RealmDouble, startRealm } from '../support/realm-double.js';
import { type TestAnswer, type TestService, startTestService } from '../support/test-service.js';

/** Goes on, and jumps when told; the service reads no other. */
class SetClock extends Clock {
  private ahead = 0;
  private stoodAt: { now: number; monotonic: number } | null = null;
  now(): number {
    return (this.stoodAt?.now ?? Date.now()) + this.ahead;
  }
  monotonic(): number {
    return (this.stoodAt?.monotonic ?? performance.now()) + this.ahead;
  }
  /** From here on it moves when told alone, however slow the machine is. */
  stand(): void {
    this.stoodAt = { now: Date.now(), monotonic: performance.now() };
  }
  forward(milliseconds: number): void {
    this.ahead += milliseconds;
  }
}

const anonymous = {
  name: 'Anonymous',
  'user-id': null,
  permissions: [],
  'authorized-labels': [],
  groups: [],
  validity: 60,
};
const roles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share'] },
    'external-role': { 'authorized-labels': ['external'], permissions: ['view'] },
  },
  'available-labels': [],
};

let realm: RealmDouble;
let service: TestService;
let clock: SetClock;

async function start(env: Record<string, string | null> = {}): Promise<void> {
  clock = new SetClock();
  service = await startTestService({ clock, env: { ...realm.settings(), GRANT_VALIDITY: '60', ...env } });
  await service.call('PUT', '/settings/roles', roles);
}
const profile = (token: string, tokenKey = 'authorization'): Promise<TestAnswer> =>
  service.call('POST', '/user/get-profile', { 'token-key': tokenKey, 'token-value': token, 'server-id': null });
const lastRefusal = () =>
  service.lines.map((line) => JSON.parse(line)).findLast((line) => line.event === 'identity-refused');

beforeEach(async () => {
  realm = await startRealm({
    roles: [{ name: 'admin-role' }, { name: 'doctor-role' }, { name: 'external-role' }],
    users: [
      { id: 'uid-doc', username: 'doctor', attributes: { 'api-key': ['doctor-api-key'] }, roles: ['doctor-role'] },
    ],
  });
});
afterEach(async () => {
  await service?.close();
  await realm.stop();
});

describe('the profile of a Keycloak user', () => {
  it('is the union of the roles in the order of the token', async () => {
    await start();
    const token = realm.token({
      name: 'Doc Tor',
      groups: ['/radiology'],
      realm_access: { roles: ['offline_access', 'external-role', 'doctor-role'] },
    });
    const { status, json } = await profile(`Bearer ${token}`);
    expect([status, json]).toEqual([
      200,
      {
        name: 'Doc Tor',
        'user-id': '6f1c2a3e-0000-4000-8000-000000000001',
        permissions: ['view', 'download', 'share'],
        'authorized-labels': ['external', '*'],
        groups: ['/radiology'],
        validity: 60,
      },
    ]);
  });

  it('is kept no longer than the token lives, and never for 0 seconds', async () => {
    await start();
    clock.stand();
    const now = Math.floor(clock.now() / 1000);
    for (const [left, least, most] of [
      [40, 39, 40],
      [1, 1, 1],
      [-3, 1, 1],
    ] as const) {
      const { json } = await profile(realm.token({ iat: now, exp: now + left }));
      expect(json.validity).toBeGreaterThanOrEqual(least);
      expect(json.validity).toBeLessThanOrEqual(most);
      expect(json.name).toBe('doctor');
    }
    expect((await profile(realm.token({ iat: now, exp: now - 10 }))).json).toEqual(anonymous);
  });

  it('is found again without a further verification until the token expires', async () => {
    await start();
    const token = realm.token();
    for (let times = 0; times < 3; times++) expect((await profile(token)).json.name).toBe('doctor');
    clock.forward(306_000);
    expect((await profile(token)).json).toEqual(anonymous);
    expect(lastRefusal()).toMatchObject({ reason: 'expired' });
  });
});

describe('a token that is refused', () => {
  it('leaves one line with a reason that an installer understands, and never the token', async () => {
    await start();
    const token = realm.token({ aud: 'foo', azp: 'bar' });
    expect((await profile(`Bearer ${token}`)).json).toEqual(anonymous);
    expect(lastRefusal()).toMatchObject({
      level: 'warn',
      credential: 'bearer',
      reason: 'wrong-audience',
      detail: 'audience is "foo", expected "account" (azp is "bar"); see KEYCLOAK_AUDIENCE',
    });
    expect(service.lines.join('\n')).not.toContain(token.split('.')[2]);
  });

  it.each<[string, () => string, string]>([
    ['alg none', () => realm.token({}, { alg: 'none' }), 'unsupported-algorithm'],
    [
      'HS256 keyed with the public key',
      () =>
        realm.token(
          {},
          { alg: 'HS256', key: realm.activeKey.publicKey.export({ type: 'spki', format: 'pem' }) as string },
        ),
      'unsupported-algorithm',
    ],
    ['PS256 where RS256 is allowed', () => realm.token({}, { alg: 'PS256' }), 'unsupported-algorithm'],
    ['an unknown kid', () => realm.token({}, { kid: 'nobody' }), 'unknown-key'],
    ['a kid with a line break', () => realm.token({}, { kid: 'a\nb' }), 'unknown-key'],
    ['no kid', () => realm.token({}, { kid: null }), 'unknown-key'],
    ['the encryption key', () => realm.token({}, { signWith: realm.encKid }), 'unknown-key'],
    ['an ID token', () => realm.token({ typ: 'ID' }), 'wrong-token-type'],
    ['a refresh token', () => realm.token({ typ: 'Refresh' }), 'wrong-token-type'],
    ['another realm', () => realm.token({ iss: `${realm.origin}/realms/master` }), 'unknown-issuer'],
    ['no issuer', () => realm.token({}, { omit: ['iss'] }), 'missing-claim'],
    ['no exp', () => realm.token({}, { omit: ['exp'] }), 'missing-claim'],
    ['an exp that is a text', () => realm.token({ exp: '9999999999' }), 'missing-claim'],
    ['expired for an hour', () => realm.token({ exp: Math.floor(Date.now() / 1000) - 3600 }), 'expired'],
    ['nbf in the future', () => realm.token({ nbf: Math.floor(Date.now() / 1000) + 60 }), 'not-yet-valid'],
    ['iat in the future', () => realm.token({ iat: Math.floor(Date.now() / 1000) + 20 }), 'not-yet-valid'],
    ['no audience', () => realm.token({}, { omit: ['aud'] }), 'wrong-audience'],
    ['100 kB', () => realm.token({ padding: 'x'.repeat(75_000) }), 'malformed'],
    ['garbage', () => 'garbage', 'malformed'],
    ['three dots', () => '...', 'malformed'],
    [
      'a changed payload',
      () =>
        realm
          .token()
          .replace(
            /\.[^.]+\./,
            `.${Buffer.from(JSON.stringify({ iss: realm.issuer, exp: 9999999999 })).toString('base64url')}.`,
          ),
      'bad-signature',
    ],
  ])('%s', async (_name, make, reason) => {
    await start();
    expect((await profile(`Bearer ${make()}`)).json).toEqual(anonymous);
    expect(lastRefusal()).toMatchObject({ reason });
  });

  it('causes no storm on the issuer: 500 unknown keys, one fetch a cool-down', async () => {
    await start();
    clock.stand();
    await profile(realm.token());
    const before = realm.counts.certs;
    clock.forward(11_000);
    await Promise.all(Array.from({ length: 500 }, (_, index) => profile(realm.token({}, { kid: `unknown-${index}` }))));
    expect(realm.counts.certs - before).toBe(1);
  });
});

describe('the keys of the realm', () => {
  it('are fetched once for 200 cold requests', async () => {
    await start();
    const token = realm.token();
    const answers = await Promise.all(Array.from({ length: 200 }, () => profile(token)));
    expect(new Set(answers.map(({ json }) => json.name))).toEqual(new Set(['doctor']));
    expect([realm.counts.discovery, realm.counts.certs]).toEqual([1, 1]);
  });

  it('may rotate: the new one is accepted at once, the withdrawn one refused once the keys are asked for again', async () => {
    await start();
    const old = realm.token();
    expect((await profile(old)).json.name).toBe('doctor');
    const kid = realm.activeKey.kid;
    realm.rotate();
    clock.forward(11_000);
    expect((await profile(realm.token())).json.name).toBe('doctor');
    expect((await profile(old)).json.name).toBe('doctor');
    realm.withdraw(kid);
    clock.forward(5 * 60_000 - 11_000);
    expect((await profile(realm.token({}, { signWith: kid }))).json.name).toBe('doctor');
    clock.forward(12_000);
    expect((await profile(realm.token({}, { signWith: kid }))).json).toEqual(anonymous);
    expect((await profile(old)).json).toEqual(anonymous);
  });

  it.each(['hang', 'reset', 'garbage', 'endless', 'stall'] as const)(
    'serve on while the issuer does %s, and are good for JWKS_MAX_AGE',
    async (fault) => {
      await start();
      expect((await profile(realm.token())).json.name).toBe('doctor');
      realm.fail(fault);
      clock.forward(6 * 60_000);
      expect((await profile(realm.token({ exp: Math.floor(clock.now() / 1000) + 300 }))).json.name).toBe('doctor');
      clock.forward(60 * 60_000);
      const answer = await profile(realm.token({ exp: Math.floor(clock.now() / 1000) + 300 }));
      expect([answer.status, answer.json.code]).toEqual([503, 'identity-unavailable']);
      realm.mend();
      clock.forward(2_000);
      expect((await profile(realm.token({ exp: Math.floor(clock.now() / 1000) + 300 }))).json.name).toBe('doctor');
    },
  );

  it('may be unknown at the start: 503, which nobody keeps, and recovery by itself', async () => {
    await realm.down();
    await start();
    const refused = await profile(realm.token());
    expect([refused.status, refused.json.code, refused.headers.get('retry-after')]).toEqual([
      503,
      'identity-unavailable',
      '2',
    ]);
    const ready = await service.call('GET', '/health/ready');
    expect([ready.status, ready.json.checks.at(-1)]).toEqual([
      200,
      { name: 'issuer keycloak', ok: false, advisory: true, detail: expect.stringContaining('ECONNREFUSED') },
    ]);
    await realm.up();
    clock.forward(2_000);
    expect((await profile(realm.token())).json.name).toBe('doctor');
  });
});

it('knows a user by the API key that Keycloak keeps', async () => {
  await start();
  const { json } = await profile('doctor-api-key', 'api-key');
  expect(json).toMatchObject({ name: 'doctor', 'user-id': 'uid-doc', permissions: ['view', 'download', 'share'] });
  expect((await profile('DOCTOR-API-KEY', 'api-key')).json).toEqual(anonymous);
});

it('introspects a lightweight token when a client secret is set, else says how to fix it', async () => {
  await start();
  // As Keycloak 26 makes them: neither audience nor subject; introspection names both.
  const light = realm.token(
    {},
    { omit: ['sub', 'aud', 'acr', 'realm_access', 'resource_access', 'preferred_username'] },
  );
  const introspected = {
    active: true,
    aud: ['admin-cli', 'account'],
    sub: 'uid-doc',
    preferred_username: 'doctor',
    realm_access: { roles: ['offline_access', 'doctor-role'] },
  };
  realm.fail({ answer: introspected }, 'introspection');
  expect((await profile(light)).json).toMatchObject({
    name: 'doctor',
    'user-id': 'uid-doc',
    permissions: ['view', 'download', 'share'],
  });
  // Kept for a minute, and judged by the audience that introspection names.
  clock.forward(61_000);
  realm.fail({ answer: { ...introspected, aud: 'admin-cli' } }, 'introspection');
  expect((await profile(light)).json).toEqual(anonymous);
  expect(lastRefusal()).toMatchObject({ reason: 'wrong-audience' });
  realm.fail({ answer: { active: false } }, 'introspection');
  expect((await profile(light)).json).toEqual(anonymous);
  expect(lastRefusal()).toMatchObject({ reason: 'inactive' });
  await service.close();
  await start({ KEYCLOAK_CLIENT_SECRET: null, ENABLE_KEYCLOAK_API_KEYS: 'false' });
  expect((await profile(light)).json).toEqual(anonymous);
  expect(lastRefusal()).toMatchObject({ reason: 'no-roles-in-token' });
});

it('lets nobody share a study whose labels are not known, unless they may see every study', async () => {
  await start();
  await service.call('PUT', '/settings/roles', {
    roles: { ...roles.roles, 'external-role': { 'authorized-labels': ['external'], permissions: ['share'] } },
  });
  const mint = (role: string) =>
    service.call(
      'PUT',
      '/tokens/stone-viewer-publication',
      { resources: [{ level: 'study', 'dicom-uid': '1.2.3' }] },
      { authorization: `Bearer ${realm.token({ realm_access: { roles: [role] } })}` },
    );
  const refused = await mint('external-role');
  expect([refused.status, refused.json.code]).toEqual([403, 'labels-not-checked']);
  expect((await mint('doctor-role')).status).toBe(200);
});
