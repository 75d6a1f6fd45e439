import type { IncomingHttpHeaders } from 'node:http';
import type { CallersConfig } from '../platform/config/config.js';
import { Secret } from '../platform/observability/secret.js';
import { RolesInForce } from '../roles/index.js';
import { BasicCallers, anyone } from './basic-callers.js';
import { Callers, credentialOf, isIdentified } from './callers.js';
import { HashedCallers } from './hashed-callers.js';
import type { Credential, Identify } from './identify.usecase.js';
import { type Identity, type IdentityVerdict, nothingOfItsOwn, refused } from './identity.js';

const alice = { name: 'alice', password: new Secret('correct horse'), scopes: ['plugin'], permissions: [] } as const;
const hashed = {
  name: 'bob',
  passwordHash: new Secret(
    `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${Buffer.alloc(32, 66).toString('base64').slice(0, 43)}`,
  ),
  scopes: [],
  permissions: ['share'],
} as const;
const basic = (name: string, password: string) => `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
const doctor: Identity = {
  id: 'keycloak:6f1c',
  source: 'keycloak',
  name: 'Doc Tor',
  userId: '6f1c',
  groups: null,
  roles: ['doctor-role', 'unknown-role'],
  own: nothingOfItsOwn,
  expiresAt: null,
};

let asked: Credential[];
let verdict: IdentityVerdict;
beforeEach(() => {
  asked = [];
  verdict = { ok: true, identity: doctor };
});

function callers(config: Partial<CallersConfig> = {}, loaded = true): Callers {
  const users = { users: [alice], hashedUsers: [], ...config };
  const identify = {
    execute: (credential: Credential) => {
      asked.push(credential);
      return Promise.resolve(verdict);
    },
  } as unknown as Identify;
  const roles = new RolesInForce();
  const role = { permissions: ['view'], authorizedLabels: ['radiology'] };
  const document = { roles: { 'doctor-role': role }, availableLabels: [] };
  if (loaded) roles.take({ version: 1, document } as unknown as Parameters<RolesInForce['take']>[0]);
  // The stand-in for scrypt: the password written over and over.
  const all = new HashedCallers(users, (password) => Promise.resolve(Buffer.alloc(32, password)));
  return new Callers(new BasicCallers(users), all, identify, roles, config.allowUnauthenticated ?? false);
}
const idOf = async (headers: IncomingHttpHeaders, of = callers()) => (await of.resolve(headers))?.id ?? null;

describe('a caller', () => {
  it('is known at once by the password of the settings, and no identity is asked for', async () => {
    const headers = { authorization: basic('alice', 'correct horse'), 'api-key': 'a-key' };
    expect(callers().atOnce(headers)?.id).toBe('basic:alice');
    expect(await idOf(headers)).toBe('basic:alice');
    expect(asked).toEqual([]);
  });

  it('is known by a password hash, and at once from then on', async () => {
    const all = callers({ hashedUsers: [hashed] });
    const headers = { authorization: basic('bob', 'B') };
    expect(all.atOnce(headers)).toBeNull();
    expect(await idOf(headers, all)).toBe('basic:bob');
    expect(all.atOnce(headers)?.id).toBe('basic:bob');
    expect(await idOf({ authorization: basic('bob', 'C') }, all)).toBeNull();
    expect(await idOf({ authorization: basic('alice', 'C') }, all)).toBeNull();
    expect(asked).toEqual([]);
  });

  it.each<[string, IncomingHttpHeaders, Credential]>([
    ['the header api-key', { 'api-key': 'a-key' }, { kind: 'api-key', text: 'a-key' }],
    ['a bearer token', { authorization: 'Bearer abc' }, { kind: 'bearer', text: 'abc' }],
    ['a bearer token in another spelling', { authorization: 'bearer abc' }, { kind: 'bearer', text: 'abc' }],
    [
      'the header api-key before a bearer token',
      { authorization: 'Bearer abc', 'api-key': 'a-key' },
      { kind: 'api-key', text: 'a-key' },
    ],
    [
      'the header api-key beside a wrong password',
      { authorization: basic('alice', 'wrong'), 'api-key': 'a-key' },
      { kind: 'api-key', text: 'a-key' },
    ],
  ])('is identified by %s, with the rights of the roles', async (_name, headers, credential) => {
    expect(callers().atOnce(headers)).toBeNull();
    const caller = await callers().resolve(headers);
    expect(asked).toEqual([credential]);
    expect(caller).toMatchObject({
      id: 'keycloak:6f1c',
      name: 'Doc Tor',
      via: credential.kind,
      scopes: [],
      permissions: ['view'],
      labels: ['radiology'],
      roles: ['doctor-role', 'unknown-role'],
    });
    expect(caller !== null && isIdentified(caller) && caller.identity).toBe(doctor);
  });

  it.each<[string, IncomingHttpHeaders]>([
    ['nothing', {}],
    ['an empty header api-key', { 'api-key': '' }],
    ['a wrong password', { authorization: basic('alice', 'wrong') }],
    ['another scheme', { authorization: 'Digest abc' }],
    ['a scheme alone', { authorization: 'Bearer' }],
    ['a cookie', { cookie: 'api-key=a-key' }],
  ])('is nobody by %s', async (_name, headers) => {
    expect(credentialOf(headers)).toBeNull();
    expect(await idOf(headers)).toBeNull();
    expect(asked).toEqual([]);
  });

  it('is nobody by a credential that is refused', async () => {
    verdict = refused('expired', 'expired at noon');
    expect(await idOf({ authorization: 'Bearer abc' })).toBeNull();
  });
});

it('tells 503, and never "wrong", while the issuer does not answer', async () => {
  verdict = refused('unavailable', 'no answer');
  await expect(callers().resolve({ 'api-key': 'a-key' })).rejects.toMatchObject({ code: 'identity-unavailable' });
  await expect(
    callers({ users: [], allowUnauthenticated: true }).resolve({ 'api-key': 'a-key' }),
  ).rejects.toMatchObject({ code: 'identity-unavailable' });
});

it('tells 503 until the roles are loaded', async () => {
  await expect(callers({}, false).resolve({ 'api-key': 'a-key' })).rejects.toMatchObject({ code: 'roles-not-loaded' });
});

describe('where ALLOW_UNAUTHENTICATED opens the service', () => {
  const open = () => callers({ users: [], allowUnauthenticated: true });

  it("lets anyone use the plugin's routes, and no permission comes with it", async () => {
    expect(anyone).toEqual({
      id: 'anyone',
      name: 'anyone',
      via: 'nothing',
      scopes: ['plugin'],
      permissions: [],
      labels: [],
      roles: [],
    });
    verdict = refused('malformed', 'no token');
    for (const headers of [
      {},
      { authorization: 'Basic !!!!' },
      { authorization: 'Bearer x' },
      { authorization: basic('eve', 'x') },
      { 'api-key': 'x' },
    ])
      expect(await open().resolve(headers)).toBe(anyone);
  });

  it('knows anyone at once who sends no credentials, so that the plugin does not wait', () => {
    expect(open().atOnce({})).toBe(anyone);
    expect(open().atOnce({ authorization: 'Bearer abc' })).toBeNull();
    expect(callers().atOnce({})).toBeNull();
  });

  it('recognises whoever sends credentials, who may still do what anyone may: the plugin repeats the token of its user', async () => {
    expect(await open().resolve({ authorization: 'Bearer abc' })).toMatchObject({
      id: 'keycloak:6f1c',
      scopes: ['plugin'],
      permissions: ['view'],
    });
  });
});
