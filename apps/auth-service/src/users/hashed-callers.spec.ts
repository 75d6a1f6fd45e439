import { randomBytes, scryptSync } from 'node:crypto';
import type { ScryptHash } from '../platform/config/password-hash.js';
import type { Caller } from '../platform/http/caller.js';
import { Secret } from '../platform/observability/secret.js';
import { type DeriveKey, HashedCallers } from './hashed-callers.js';

const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
/** The stand-in for scrypt: as quick as the test wants it, and counted. */
const cheap = (password: Buffer, { salt }: Pick<ScryptHash, 'salt'>) =>
  scryptSync(password, salt, 32, { N: 2, r: 1, p: 1 });
const user = (name: string, password: string, p = 1) => {
  const salt = randomBytes(16);
  const phc = `$scrypt$ln=15,r=8,p=${p}$${base64(salt)}$${base64(cheap(Buffer.from(password), { salt }))}`;
  return { name, passwordHash: new Secret(phc), scopes: ['plugin'] as const, permissions: ['share'] };
};
const authorization = (name: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

let asked: { password: string; p: number }[];
let held: (() => void)[] | null;
const derive: DeriveKey = async (password, hash) => {
  asked.push({ password: password.toString(), p: hash.p });
  if (held !== null) await new Promise<void>((go) => held?.push(go));
  return cheap(password, hash);
};
/** Lets every hash that is held go on, and those that come after. */
const release = () => {
  const waiting = held ?? [];
  held = null;
  for (const go of waiting) go();
};
const callers = (users = [user('alice', 'correct horse'), user('zoë', 'pass:with:colons', 3)]) =>
  new HashedCallers({ hashedUsers: users }, derive);

beforeEach(() => {
  asked = [];
  held = null;
});

it('knows a user by name and password, with scopes and permissions', async () => {
  expect(await callers().resolve(authorization('alice', 'correct horse'))).toEqual({
    id: 'basic:alice',
    name: 'alice',
    via: 'basic',
    scopes: ['plugin'],
    permissions: ['share'],
    labels: ['*'],
    roles: [],
  });
  expect((await callers().resolve(authorization('zoë', 'pass:with:colons')))?.id).toBe('basic:zoë');
});

it.each<[string, Record<string, string>]>([
  ['no header', {}],
  ['another scheme', { authorization: 'Bearer abc' }],
  ['no colon', { authorization: `Basic ${base64(Buffer.from('alice'))}` }],
])('asks for no hash where there is %s', async (_name, headers) => {
  expect(await callers().resolve(headers)).toBeNull();
  expect(asked).toEqual([]);
});

it('asks for no hash where no user has one', async () => {
  expect(await callers([]).resolve(authorization('alice', 'correct horse'))).toBeNull();
  expect(asked).toEqual([]);
});

it.each<[string, string, string]>([
  ['a wrong password', 'alice', 'wrong'],
  ['an empty password', 'alice', ''],
  ["another user's password", 'alice', 'pass:with:colons'],
  ['an unknown name', 'eve', 'correct horse'],
  ['an empty name', '', 'correct horse'],
  ['a name that objects have', '__proto__', 'correct horse'],
])('spends one hash on %s, and knows nobody', async (_name, name, password) => {
  const all = callers();
  expect(await all.resolve(authorization(name, password))).toBeNull();
  expect(asked).toHaveLength(1);
  expect(all.atOnce(authorization(name, password))).toBeNull();
});

it("gives an unknown name no one's rights, whosever password comes with it", async () => {
  const all = callers([user('alice', 'correct horse')]);
  for (let number = 0; number < 20; number++)
    expect(await all.resolve(authorization(`eve-${number}`, 'correct horse'))).toBeNull();
});

it('asks the same cost each time for the same unknown name, out of those that users have', async () => {
  const all = callers();
  const costs = new Map<string, Set<number>>();
  for (let round = 0; round < 3; round++) {
    for (let number = 0; number < 20; number++) {
      asked = [];
      await all.resolve(authorization(`eve-${number}`, `wrong-${round}`));
      costs.set(`eve-${number}`, (costs.get(`eve-${number}`) ?? new Set()).add(asked[0]?.p ?? 0));
    }
  }
  expect([...costs.values()].every((seen) => seen.size === 1)).toBe(true);
  expect(new Set([...costs.values()].flatMap((seen) => [...seen]))).toEqual(new Set([1, 3]));
});

describe('a right password', () => {
  it('is known at once from then on, and costs no further hash', async () => {
    const all = callers();
    const headers = authorization('alice', 'correct horse');
    expect(all.atOnce(headers)).toBeNull();
    await all.resolve(headers);
    expect(all.atOnce(headers)?.id).toBe('basic:alice');
    expect((await all.resolve(headers))?.id).toBe('basic:alice');
    expect(asked).toHaveLength(1);
  });

  it('stays known whatever wrong ones come after it', async () => {
    const all = callers();
    const headers = authorization('alice', 'correct horse');
    await all.resolve(headers);
    for (let number = 0; number < 500; number++) await all.resolve(authorization('alice', `wrong-${number}`));
    expect(all.atOnce(headers)?.id).toBe('basic:alice');
    expect(all.atOnce(authorization('alice', 'wrong-1'))).toBeNull();
    // Nothing else can tell whether memory grows with each guess.
    expect((all as unknown as { recognised: Map<string, unknown> }).recognised.size).toBe(1);
  });

  it('costs one hash for a hundred calls at once', async () => {
    const all = callers();
    held = [];
    const answers = Array.from({ length: 100 }, () => all.resolve(authorization('alice', 'correct horse')));
    release();
    expect(new Set((await Promise.all(answers)).map((caller) => caller?.id))).toEqual(new Set(['basic:alice']));
    expect(asked).toHaveLength(1);
  });
});

it('computes two hashes at once, lets sixteen wait and refuses the rest with 503, and recovers', async () => {
  const all = callers();
  held = [];
  const outcomes: string[] = [];
  const note = (caller: Caller | null) => outcomes.push(caller === null ? 'unknown' : caller.id);
  const calls = Array.from({ length: 30 }, (_, number) =>
    all.resolve(authorization('alice', `wrong-${number}`)).then(note, (error) => {
      expect(error).toMatchObject({ code: 'sign-in-busy', options: { headers: { 'retry-after': '5' } } });
      outcomes.push('busy');
    }),
  );
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(2);
  expect(outcomes).toEqual(Array(12).fill('busy'));
  release();
  await Promise.all(calls);
  expect(outcomes.filter((one) => one === 'unknown')).toHaveLength(18);
  expect((await all.resolve(authorization('alice', 'correct horse')))?.id).toBe('basic:alice');
});

it('goes on after a hash that failed', async () => {
  let failing = true;
  const all = new HashedCallers({ hashedUsers: [user('alice', 'correct horse')] }, (password, hash) =>
    failing ? Promise.reject(new Error('no memory')) : derive(password, hash),
  );
  const headers = authorization('alice', 'correct horse');
  for (let times = 0; times < 5; times++) await expect(all.resolve(headers)).rejects.toThrow('no memory');
  failing = false;
  expect((await all.resolve(headers))?.id).toBe('basic:alice');
});

it('verifies by scrypt itself unless a test says otherwise', async () => {
  const salt = randomBytes(16);
  const digest = scryptSync('correct horse', salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  const passwordHash = new Secret(`$scrypt$ln=15,r=8,p=1$${base64(salt)}$${base64(digest)}`);
  const all = new HashedCallers({ hashedUsers: [{ name: 'alice', passwordHash, scopes: [], permissions: [] }] });
  expect((await all.resolve(authorization('alice', 'correct horse')))?.id).toBe('basic:alice');
  expect(await all.resolve(authorization('alice', 'correct hors'))).toBeNull();
});

it('prints no hash and no key, whatever prints it', async () => {
  const all = callers();
  await all.resolve(authorization('alice', 'correct horse'));
  expect(JSON.stringify(all)).not.toMatch(/correct horse|scrypt|Buffer/);
});
