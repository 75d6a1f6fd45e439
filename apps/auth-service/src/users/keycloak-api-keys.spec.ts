import { inspect } from 'node:util';
import {
  type RealmDouble,
  type RealmFault,
  realmClientSecret,
  startRealm,
} from '../../../../test/support/realm-double.js';
import { Secret } from '../platform/observability/secret.js';
import { Clock } from '../platform/time/clock.js';
import { Directory, DirectoryUnavailable, type DirectoryUser } from './directory.js';
import type { IdentityVerdict } from './identity.js';
import { KeycloakDirectory } from './infra/keycloak-directory.js';
import { KeycloakApiKeys } from './keycloak-api-keys.js';

class SetClock extends Clock {
  at = 0;
  now = (): number => Date.UTC(2030, 0, 1) + this.at;
  monotonic = (): number => this.at;
}

const KEY = 'TEST-api-key-doctor';
const identity = {
  id: 'keycloak:uid-doc',
  source: 'keycloak-api-key',
  name: 'doc-user',
  userId: 'uid-doc',
  groups: null,
  roles: ['doctor-role', 'extra-role'],
  own: { permissions: [], labels: [] },
  expiresAt: null,
};
const reasonOf = (verdict: IdentityVerdict) => (verdict.ok ? 'found' : verdict.reason);

describe('API keys of Keycloak', () => {
  const doctor = {
    id: 'uid-doc',
    username: 'doc-user',
    attributes: { 'api-key': [KEY] },
    roles: ['doctor-role', 'extra-role', 'default-roles-orthanc', 'offline_access'],
  };
  let realm: RealmDouble;
  let clock: SetClock;
  let keys: KeycloakApiKeys;
  const reasonFor = async (key: string) => reasonOf(await keys.find(key));

  beforeEach(async () => {
    realm = await startRealm({ users: [doctor], roles: [{ name: 'default-roles-orthanc', composite: true }] });
    clock = new SetClock();
    const config = {
      adminUrl: `${realm.origin}/admin/realms/orthanc/`,
      realmUrl: `${realm.url}/`,
      clientId: 'admin-cli',
      clientSecret: new Secret(realmClientSecret),
    };
    keys = new KeycloakApiKeys(new KeycloakDirectory(config, clock, { timeLimit: 300 }), clock);
  });
  afterEach(() => realm.stop());

  it('stand for their user, with the roles of the user', async () => {
    expect(await keys.find(KEY)).toEqual({ ok: true, identity });
  });

  it('are unknown in another case, although Keycloak folds it', async () => {
    expect(await reasonFor(KEY.toUpperCase())).toBe('unknown-api-key');
    expect(realm.counts.users).toBe(1);
  });

  it.each([
    ['a colon', `api-key:${KEY}`],
    ['a space and a second term', `nobody-has-this api-key:${KEY}`],
    ['an asterisk', 'TEST-api-key-*'],
    ['a percent sign', 'TEST-api-key-%'],
    ['10 kB', 'k'.repeat(10_240)],
    ['nothing', ''],
  ])('with %s are malformed, and not asked for', async (_case, key) => {
    expect(await reasonFor(key)).toBe('malformed-key');
    expect(realm.requests).toEqual([]);
  });

  it('of a disabled user are refused', async () => {
    realm.users = [{ ...doctor, enabled: false }];
    expect(await reasonFor(KEY)).toBe('user-disabled');
    expect(realm.counts['user-roles']).toBe(0);
  });

  it('of a user who is valid from a later time are refused', async () => {
    realm.users = [{ ...doctor, notBefore: clock.now() / 1000 + 60 }];
    expect(await reasonFor(KEY)).toBe('user-disabled');
    clock.at = 60_000;
    expect(await reasonFor(KEY)).toBe('found');
  });

  it('that two users have stand for neither, even if one is disabled', async () => {
    realm.users = [doctor, { ...doctor, id: 'uid-two', enabled: false }];
    expect(await reasonFor(KEY)).toBe('ambiguous-api-key');
  });

  it('are looked up once for two who ask at once', async () => {
    const [one, other] = await Promise.all([keys.find(KEY), keys.find(KEY)]);
    expect([one, other]).toEqual([
      { ok: true, identity },
      { ok: true, identity },
    ]);
    expect(realm.counts).toMatchObject({ token: 1, users: 1, 'user-roles': 1 });
  });

  it('are found after a 401, with a new access token', async () => {
    await keys.find(KEY);
    realm.forgetAccessTokens();
    clock.at = 10_000;
    expect(await reasonFor(KEY)).toBe('found');
    expect(realm.counts.token).toBe(2);
  });

  it.each<[string, RealmFault]>([
    ['hangs', 'hang'],
    ['redirects', { redirect: 'http://127.0.0.1:1/' }],
    ['answers 500', { status: 500 }],
    ['answers garbage', 'garbage'],
    ['resets connections', 'reset'],
  ])('cannot be told while Keycloak %s, and are found at once when it is back', async (_case, fault) => {
    realm.fail(fault);
    expect(await reasonFor(KEY)).toBe('unavailable');
    realm.mend();
    expect(await reasonFor(KEY)).toBe('found');
  });

  it('cannot be told while Keycloak is down, nor while it keeps the roles to itself', async () => {
    await realm.down();
    expect(await reasonFor(KEY)).toBe('unavailable');
    await realm.up();
    realm.fail({ status: 500 }, 'user-roles');
    expect(await reasonFor(KEY)).toBe('unavailable');
  });

  it('are in no detail, and not kept as text', async () => {
    realm.users = [
      doctor,
      { ...doctor, id: 'uid-off', enabled: false, attributes: { 'api-key': ['TEST-api-key-off'] } },
    ];
    const verdicts = [await keys.find(KEY), await keys.find('TEST-api-key-off'), await keys.find('TEST-api-key-none')];
    expect(verdicts.map(reasonOf)).toEqual(['found', 'user-disabled', 'unknown-api-key']);
    expect(JSON.stringify(verdicts)).not.toContain('TEST-api-key');
    const { found, refusals, flights } = keys as unknown as Record<string, Map<string, unknown>>;
    expect([found?.size, refusals?.size, flights?.size]).toEqual([1, 2, 0]);
    expect(inspect([found, refusals], { depth: 9 })).not.toContain('TEST-api-key');
  });
});

/** Answers when the test says so. */
class HeldDirectory extends Directory {
  configured = true;
  readonly asked: string[] = [];
  private readonly held: (() => void)[] = [];
  holding = false;
  users: DirectoryUser[] = [{ id: 'uid-doc', username: 'doc-user', enabled: true, notBefore: null }];
  fault: Error | null = null;

  async usersByApiKey(key: string): Promise<readonly DirectoryUser[]> {
    this.asked.push(key);
    if (this.holding) await new Promise<void>((go) => this.held.push(go));
    if (this.fault !== null) throw this.fault;
    return key.startsWith('good-key') ? this.users : [];
  }
  rolesOf = (): Promise<readonly string[]> => Promise.resolve(['doctor-role', 'extra-role']);
  userById = (): Promise<null> => Promise.resolve(null);
  realmRoles = (): Promise<never[]> => Promise.resolve([]);

  /** Those who are asked for now get their answer; who comes next is held again. */
  async release(): Promise<void> {
    for (const go of this.held.splice(0)) go();
    await new Promise((done) => setImmediate(done));
  }
}

describe('answers about API keys', () => {
  let directory: HeldDirectory;
  let clock: SetClock;
  let keys: KeycloakApiKeys;
  const reasonFor = async (key: string) => reasonOf(await keys.find(key));

  beforeEach(() => {
    directory = new HeldDirectory();
    clock = new SetClock();
    keys = new KeycloakApiKeys(directory, clock);
  });

  it('that somebody was found are kept for 10 s', async () => {
    await keys.find('good-key-1');
    clock.at = 9_999;
    directory.users = [];
    expect(await reasonFor('good-key-1')).toBe('found');
    clock.at = 10_000;
    expect(await reasonFor('good-key-1')).toBe('unknown-api-key');
    expect(directory.asked).toHaveLength(2);
  });

  it('that nobody was found are kept for 5 s', async () => {
    await keys.find('bad-key-01');
    clock.at = 4_999;
    await keys.find('bad-key-01');
    expect(directory.asked).toHaveLength(1);
    clock.at = 5_000;
    await keys.find('bad-key-01');
    expect(directory.asked).toHaveLength(2);
  });

  it('that it cannot be told are not kept, nor is an older answer used instead', async () => {
    await keys.find('good-key-1');
    clock.at = 10_000;
    directory.fault = new DirectoryUnavailable('Keycloak, users: answered 500');
    expect(await keys.find('good-key-1')).toEqual({
      ok: false,
      reason: 'unavailable',
      detail: 'Keycloak, users: answered 500',
    });
    directory.fault = null;
    expect(await reasonFor('good-key-1')).toBe('found');
  });

  it('are as old as their question', async () => {
    directory.holding = true;
    const first = keys.find('good-key-1');
    await new Promise((done) => setImmediate(done));
    clock.at = 3_000;
    await directory.release();
    await first;
    directory.holding = false;
    clock.at = 10_000;
    await keys.find('good-key-1');
    expect(directory.asked).toHaveLength(2);
  });

  it('that somebody was found outlive a thousand unknown keys', async () => {
    await keys.find('good-key-1');
    for (let index = 0; index < 1_100; index += 1) await keys.find(`bad-key-${index}`);
    directory.asked.length = 0;
    await keys.find('good-key-1');
    await keys.find('bad-key-1099');
    expect(directory.asked).toEqual([]);
    await keys.find('bad-key-0');
    expect(directory.asked).toEqual(['bad-key-0']);
  });

  it('are bounded for found keys too', async () => {
    for (let index = 0; index < 1_001; index += 1) await keys.find(`good-key-${index}`);
    directory.asked.length = 0;
    await keys.find('good-key-1');
    await keys.find('good-key-0');
    expect(directory.asked).toEqual(['good-key-0']);
  });

  it('come of at most 8 look-ups at once; 64 wait, the others are told at once that it cannot be told', async () => {
    directory.holding = true;
    const flood = Array.from({ length: 80 }, (_, index) => reasonFor(`bad-key-${index}`));
    await new Promise((done) => setImmediate(done));
    expect(directory.asked).toHaveLength(8);
    expect(await Promise.all(flood.slice(72))).toEqual(Array(8).fill('unavailable'));
    for (let turn = 2; turn <= 9; turn += 1) {
      await directory.release();
      expect(directory.asked).toHaveLength(8 * turn);
    }
    await directory.release();
    expect(await Promise.all(flood.slice(0, 72))).toEqual(Array(72).fill('unknown-api-key'));
    directory.holding = false;
    expect(await reasonFor('good-key-1')).toBe('found');
  });

  it('are not asked for by who waited for more than 2 s, and places are not lost by it', async () => {
    directory.holding = true;
    const flood = Array.from({ length: 40 }, (_, index) => reasonFor(`bad-key-${index}`));
    await new Promise((done) => setImmediate(done));
    clock.at = 2_001;
    await directory.release();
    expect(await Promise.all(flood.slice(8))).toEqual(Array(32).fill('unavailable'));
    expect(directory.asked).toHaveLength(8);
    const second = Array.from({ length: 8 }, (_, index) => reasonFor(`good-key-${index}`));
    await new Promise((done) => setImmediate(done));
    expect(directory.asked).toHaveLength(16);
    await directory.release();
    expect(await Promise.all(second)).toEqual(Array(8).fill('found'));
  });

  it('that are faults of ours are not hidden, and free their place', async () => {
    directory.fault = new TypeError('a fault of ours');
    for (let index = 0; index < 20; index += 1)
      await expect(keys.find('good-key-1')).rejects.toThrow('a fault of ours');
    directory.fault = null;
    expect(await reasonFor('good-key-1')).toBe('found');
  });

  it('are not there without KEYCLOAK_CLIENT_SECRET', async () => {
    directory.configured = false;
    expect(await reasonFor('good-key-1')).toBe('not-configured');
    expect(directory.asked).toEqual([]);
  });
});
