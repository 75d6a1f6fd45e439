import {
  type RealmDouble,
  type RealmFault,
  type RealmOptions,
  realmClientSecret,
  startRealm,
} from '../../../../../test/support/realm-double.js';
import type { DirectoryConfig } from '../../platform/config/config.js';
import { Secret } from '../../platform/observability/secret.js';
import { Clock } from '../../platform/time/clock.js';
import { DirectoryUnavailable } from '../directory.js';
import { KeycloakDirectory } from './keycloak-directory.js';

class SetClock extends Clock {
  at = 0;
  now = (): number => this.at;
  monotonic = (): number => this.at;
}

const KEY = 'TEST-api-key-doctor';
const doctor = {
  id: 'uid-doc',
  username: 'doc-user',
  attributes: { 'api-key': [KEY] },
  roles: ['doctor-role', 'uma_authorization', 'default-roles-orthanc', 'offline_access', 'extra-role'],
};
const roles = [
  { name: 'admin-role' },
  { name: 'doctor-role' },
  { name: 'extra-role' },
  { name: 'default-roles-orthanc', composite: true },
  { name: 'offline_access' },
  { name: 'uma_authorization' },
];

let realm: RealmDouble;
let clock: SetClock;
let directory: KeycloakDirectory;

const configOf = (of: RealmDouble, secret = realmClientSecret): DirectoryConfig => ({
  adminUrl: `${of.origin}/admin/realms/orthanc/`,
  realmUrl: `${of.url}/`,
  clientId: 'admin-cli',
  clientSecret: new Secret(secret),
});

async function start(options: RealmOptions = {}): Promise<void> {
  await realm?.stop();
  realm = await startRealm({ users: [doctor], roles, ...options });
  clock = new SetClock();
  directory = new KeycloakDirectory(configOf(realm), clock, { timeLimit: 300, pageSize: 4 });
}

const messageOf = async (answer: Promise<unknown>): Promise<string> => {
  const error: unknown = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(DirectoryUnavailable);
  return (error as Error).message;
};

beforeEach(() => start());
afterAll(() => realm.stop());

describe('users by API key', () => {
  const idsOf = async (key: string) => (await directory.usersByApiKey(key)).map(({ id }) => id);

  it('finds the user, in full', async () => {
    realm.users = [{ ...doctor, enabled: false, notBefore: 4_070_908_800 }];
    expect(await directory.usersByApiKey(KEY)).toEqual([
      { id: 'uid-doc', username: 'doc-user', enabled: false, notBefore: 4_070_908_800_000 },
    ]);
  });

  it('reads a notBefore of 0 as none', async () => {
    expect(await directory.usersByApiKey(KEY)).toEqual([
      { id: 'uid-doc', username: 'doc-user', enabled: true, notBefore: null },
    ]);
  });

  it('asks for the exact value and the whole user', async () => {
    await directory.usersByApiKey(KEY);
    const asked = new URL(realm.requests.at(-1)?.url ?? '', realm.origin).searchParams;
    expect(Object.fromEntries(asked)).toEqual({ q: `api-key:${KEY}`, exact: 'true', briefRepresentation: 'false' });
  });

  it.each([KEY.toUpperCase(), KEY.toLowerCase()])(
    'does not take %s, which Keycloak finds: case counts',
    async (key) => {
      expect(await idsOf(key)).toEqual([]);
      expect(realm.counts.users).toBe(1);
    },
  );

  it('tells apart two users whose keys differ in case only', async () => {
    realm.users = [doctor, { ...doctor, id: 'uid-low', attributes: { 'api-key': [KEY.toLowerCase()] } }];
    expect(await idsOf(KEY)).toEqual(['uid-doc']);
  });

  it('finds one of several keys of a user', async () => {
    realm.users = [{ ...doctor, attributes: { 'api-key': ['another-key-0123', KEY] } }];
    expect(await idsOf(KEY)).toEqual(['uid-doc']);
  });

  it('gives every user who has the key', async () => {
    realm.users = [doctor, { ...doctor, id: 'uid-two' }];
    expect(await idsOf(KEY)).toEqual(['uid-doc', 'uid-two']);
  });

  it.each([
    ['a colon', 'api-key:TEST-api-key-doctor'],
    ['a space', 'TEST-api-key-doctor other:1'],
    ['a second term', `nobody-has-this api-key:${KEY}`],
    ['an asterisk', 'TEST-api-key-*'],
    ['a percent sign', 'TEST-api-key-%'],
    ['a quote', '"TEST-api-key-doctor"'],
    ['a line feed at the end', `${KEY}\n`],
    ['a letter of another script', 'TEST-api-key-dоctor'],
    ['nothing', ''],
    ['7 characters', 'abcdefg'],
    ['257 characters', 'a'.repeat(257)],
    ['10 kB', 'a'.repeat(10_240)],
  ])('answers nobody, and asks nothing, for a key with %s', async (_case, key) => {
    expect(await idsOf(key)).toEqual([]);
    expect(realm.requests).toEqual([]);
  });

  it('says what to do when Keycloak finds users but does not show the attribute', async () => {
    realm.fail({ answer: [{ id: 'uid-doc', username: 'doc-user', enabled: true }] }, 'users');
    expect(await messageOf(directory.usersByApiKey(KEY))).toContain('declare it in the user profile');
  });
});

describe('roles of a user', () => {
  it('are those that are not composite and not given to everybody, in the order of Keycloak', async () => {
    expect(await directory.rolesOf('uid-doc')).toEqual(['doctor-role', 'extra-role']);
  });

  it('are none for a user who is gone', async () => {
    expect(await directory.rolesOf('uid-gone')).toEqual([]);
  });

  it.each(['.', '..', '../roles', 'a/b', 'a?b', 'a%2Fb', ''])('are not asked for with the id "%s"', async (id) => {
    expect(await directory.rolesOf(id)).toEqual([]);
    expect(realm.requests).toEqual([]);
  });
});

describe('user by id', () => {
  it('is found', async () => {
    expect(await directory.userById('uid-doc')).toEqual({
      id: 'uid-doc',
      username: 'doc-user',
      enabled: true,
      notBefore: null,
    });
  });

  it('finds a federated user', async () => {
    realm.users = [{ ...doctor, id: 'f:6f1c2a3e-0000:doc@hospital.example' }];
    expect((await directory.userById('f:6f1c2a3e-0000:doc@hospital.example'))?.username).toBe('doc-user');
  });

  it('is null for an unknown one', async () => {
    expect(await directory.userById('uid-gone')).toBeNull();
  });

  it.each(['..', 'a/b', 'ü'])('is null, and asks nothing, for "%s"', async (id) => {
    expect(await directory.userById(id)).toBeNull();
    expect(realm.requests).toEqual([]);
  });

  it('does not take a wrong address for an unknown user', async () => {
    directory = new KeycloakDirectory({ ...configOf(realm), adminUrl: `${realm.origin}/auth/admin/` }, clock);
    expect(await messageOf(directory.userById('uid-doc'))).toMatch(/404; KEYCLOAK_ADMIN_URI must name the realm/);
  });
});

describe('realm roles', () => {
  it('are read page by page, composite ones too', async () => {
    expect(await directory.realmRoles()).toEqual([
      { name: 'admin-role', composite: false },
      { name: 'default-roles-orthanc', composite: true },
      { name: 'doctor-role', composite: false },
      { name: 'extra-role', composite: false },
      { name: 'offline_access', composite: false },
      { name: 'uma_authorization', composite: false },
    ]);
    expect(realm.counts.roles).toBe(2);
  });

  it('are read to the end when the last page is full', async () => {
    realm.roles = roles.slice(0, 4);
    expect(await directory.realmRoles()).toHaveLength(4);
  });

  it('end where a server gives the same page again', async () => {
    realm.fail({ answer: roles.slice(0, 4).map(({ name }) => ({ name, composite: false })) }, 'roles');
    expect(await directory.realmRoles()).toHaveLength(4);
  });

  it('are refused beyond a bound', async () => {
    directory = new KeycloakDirectory(configOf(realm), clock, { pageSize: 1_000 });
    realm.roles = Array.from({ length: 5_000 }, (_, index) => ({ name: `role-${index}` }));
    expect(await messageOf(directory.realmRoles())).toContain('more than 5000 realm roles');
  });
});

describe('the access token', () => {
  it('is asked for once, however many calls there are at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => directory.userById('uid-doc')));
    expect(realm.counts).toMatchObject({ token: 1, user: 10 });
  });

  it('is kept until shortly before its end', async () => {
    await directory.userById('uid-doc');
    clock.at = 49_999;
    await directory.userById('uid-doc');
    expect(realm.counts.token).toBe(1);
    clock.at = 50_000;
    await directory.userById('uid-doc');
    expect(realm.counts.token).toBe(2);
  });

  it('of a short life is used for half of it', async () => {
    realm.accessTokenLife = 4;
    await directory.userById('uid-doc');
    clock.at = 1_999;
    await directory.userById('uid-doc');
    expect(realm.counts.token).toBe(1);
    clock.at = 2_000;
    await directory.userById('uid-doc');
    expect(realm.counts.token).toBe(2);
  });

  it('is renewed once after a 401, and the call repeated', async () => {
    await directory.userById('uid-doc');
    realm.forgetAccessTokens();
    expect(await directory.userById('uid-doc')).not.toBeNull();
    expect(realm.counts).toMatchObject({ token: 2, user: 3 });
  });

  it('is renewed once for many calls that get a 401 at once', async () => {
    await directory.userById('uid-doc');
    realm.forgetAccessTokens();
    await Promise.all(Array.from({ length: 5 }, () => directory.userById('uid-doc')));
    expect(realm.counts.token).toBe(2);
  });

  it('is not renewed for ever', async () => {
    realm.fail({ status: 401 }, 'user');
    expect(await messageOf(directory.userById('uid-doc'))).toMatch(/401; it refuses a new access token/);
    expect(realm.counts).toMatchObject({ token: 2, user: 2 });
  });

  it.each([
    [{ access_token: 'a b', expires_in: 60 }],
    [{ access_token: 'a\nb', expires_in: 60 }],
    [{ access_token: 'ab' }],
    [{ access_token: 'ab', expires_in: -1 }],
    [{ access_token: 7, expires_in: 60 }],
    [[]],
    [null],
  ])('is not taken from %j', async (answer) => {
    realm.fail({ answer }, 'token');
    expect(await messageOf(directory.userById('uid-doc'))).toContain('the answer is not what Keycloak says');
    expect(realm.counts.user).toBe(0);
  });
});

describe('what an installer is told', () => {
  it('is that the secret is wrong', async () => {
    directory = new KeycloakDirectory(configOf(realm, 'TEST-ONLY-wrong-secret'), clock);
    expect(await messageOf(directory.realmRoles())).toBe(
      'Keycloak, protocol/openid-connect/token: answered 401; KEYCLOAK_CLIENT_SECRET is wrong, or the client admin-cli has no client authentication with service accounts',
    );
  });

  it('is that the realm is not there', async () => {
    directory = new KeycloakDirectory({ ...configOf(realm), realmUrl: `${realm.origin}/realms/other/` }, clock);
    expect(await messageOf(directory.realmRoles())).toMatch(/404; KEYCLOAK_URI must name the realm/);
  });

  it('is which role the service account lacks for roles', async () => {
    realm.rights.delete('view-realm');
    expect(await messageOf(directory.realmRoles())).toBe(
      'Keycloak, roles: answered 403; give the service account of admin-cli the role view-realm of realm-management',
    );
  });

  it('is which roles the service account lacks for users', async () => {
    realm.rights.delete('view-users');
    for (const answer of [directory.usersByApiKey(KEY), directory.rolesOf('uid-doc'), directory.userById('uid-doc')]) {
      expect(await messageOf(answer)).toMatch(
        /answered 403; give the service account of admin-cli the roles? view-users/,
      );
    }
  });

  it('is that there is no secret', async () => {
    directory = new KeycloakDirectory(null, clock);
    expect(directory.configured).toBe(false);
    expect(await messageOf(directory.realmRoles())).toContain('KEYCLOAK_CLIENT_SECRET is not set');
  });

  const faults: [string, RealmFault, RegExp][] = [
    ['hangs', 'hang', /no whole answer within 300 ms/],
    ['stops in the middle', 'stall', /no whole answer within 300 ms/],
    ['is too slow', { slow: 2_000 }, /no whole answer within 300 ms/],
    ['resets the connection', 'reset', /cannot be reached/],
    ['redirects', { redirect: 'http://127.0.0.1:1/' }, /redirect, which is not followed/],
    ['answers 500', { status: 500 }, /answered 500; see its log/],
    ['answers 418', { status: 418 }, /answered 418; that is not expected/],
    ['answers garbage', 'garbage', /the answer is not what Keycloak says/],
    ['answers other JSON', { answer: { error: 'x' } }, /the answer is not what Keycloak says/],
    ['answers a list of nothing', { answer: [null] }, /the answer is not what Keycloak says/],
    ['answers without end', 'endless', /longer than 1048576 bytes/],
  ];
  it.each(faults)('is that Keycloak %s, and never a key or a secret', async (_case, fault, expected) => {
    await directory.userById('uid-doc');
    realm.fail(fault, 'roles', 'users', 'user', 'user-roles');
    for (const answer of [
      directory.realmRoles(),
      directory.usersByApiKey(KEY),
      directory.rolesOf('uid-doc'),
      directory.userById('uid-doc'),
    ]) {
      const message = await messageOf(answer);
      expect(message).toMatch(expected);
      expect(message).not.toMatch(new RegExp(`${KEY}|${realmClientSecret}|eyJ`));
    }
  });

  it.each(faults.filter(([, fault]) => typeof fault === 'string' || !('answer' in fault)))(
    'is that the token endpoint %s, and never the secret',
    async (_case, fault, expected) => {
      realm.fail(fault, 'token');
      const message = await messageOf(directory.realmRoles());
      expect(message).toMatch(expected);
      expect(message).toContain('protocol/openid-connect/token');
      expect(message).not.toContain(realmClientSecret);
    },
  );

  it('is that nothing listens; when Keycloak is back, so are its answers', async () => {
    await directory.userById('uid-doc');
    await realm.down();
    expect(await messageOf(directory.userById('uid-doc'))).toMatch(/cannot be reached.*check KEYCLOAK_ADMIN_URI/);
    await realm.up();
    expect(await directory.userById('uid-doc')).not.toBeNull();
  });

  it('is not that an idle connection was cut: the call is repeated on another one', async () => {
    await directory.userById('uid-doc');
    realm.cutConnections();
    expect(await directory.userById('uid-doc')).not.toBeNull();
  });

  it('comes after one repetition where every connection is cut', async () => {
    await directory.userById('uid-doc');
    realm.forgetRequests();
    realm.fail('reset');
    await messageOf(directory.userById('uid-doc'));
    expect(realm.counts.user).toBe(2);
  });

  it('does not last: after a failed token the next call asks again', async () => {
    realm.fail({ status: 503 }, 'token');
    await messageOf(directory.userById('uid-doc'));
    realm.mend();
    expect(await directory.userById('uid-doc')).not.toBeNull();
  });
});
