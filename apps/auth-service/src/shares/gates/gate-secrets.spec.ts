import { createHash } from 'node:crypto';
import { Keyring } from '@warden/tokens';
import type { ScryptHash } from '../../platform/config/password-hash.js';
import { TokenKeys } from '../../tokens/index.js';
import { type GatedShare, GateSecrets } from './gate-secrets.js';

const KEY = 'TEST-ONLY-secret-key-not-for-production-0123456789';
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const keyring = (signing = KEY, ...previous: string[]) =>
  Keyring.create({ signing, previous: previous.map((key) => ({ key, until: null, registeredOnly: false })) });
const kidOf = (key: string): string => keyring(key).signing.kid;

/** Hashes by SHA-256, counts, and can be held up. */
class CheapSecrets extends GateSecrets {
  derived = 0;
  held: (() => void)[] | null = null;

  protected override async slowHash(keyed: Buffer, { salt }: Omit<ScryptHash, 'digest'>): Promise<Buffer> {
    this.derived += 1;
    const { held } = this;
    if (held !== null) await new Promise<void>((go) => held.push(go));
    return createHash('sha256').update(keyed).update(salt).digest();
  }
}
const secretsWith = (keys: Keyring) => new CheapSecrets(new TokenKeys(keys));

const share: GatedShare = { identity: 'AAAAAAAAAAAAAAAAAAAAAA', keyId: kidOf(KEY) };
const sibling: GatedShare = { ...share, identity: 'BBBBBBBBBBBBBBBBBBBBBA' };
let secrets: CheapSecrets;
beforeEach(() => (secrets = secretsWith(keyring())));

describe('the hash of a secret', () => {
  it('is matched by that secret alone', async () => {
    const hash = await secrets.hashOf(share, '482913');
    expect(await secrets.matches(share, hash, '482913')).toBe(true);
    for (const wrong of ['482914', '0482913', '48291', '', ' 482913', '482913\0'])
      expect([wrong, await secrets.matches(share, hash, wrong)]).toEqual([wrong, false]);
  });

  it('is salted, and does not hold the secret', async () => {
    const [one, other] = [await secrets.hashOf(share, '482913'), await secrets.hashOf(share, '482913')];
    expect(one).not.toBe(other);
    expect(one).toMatch(/^\$scrypt\$ln=15,r=8,p=1\$/);
    expect(one).not.toContain('482913');
  });

  it('is of one share: the same secret does not open another one with it', async () => {
    const hash = await secrets.hashOf(share, '482913');
    expect(await secrets.matches(sibling, hash, '482913')).toBe(false);
  });

  it('is of one key: who has the database and another key does not find the secret', async () => {
    const hash = await secrets.hashOf(share, '482913');
    const elsewhere = secretsWith(keyring(OLD_KEY));
    expect(await elsewhere.matches({ ...share, keyId: kidOf(OLD_KEY) }, hash, '482913')).toBe(false);
    expect(await elsewhere.matches(share, hash, '482913')).toBe(false);
  });

  it('goes on to be matched when another key signs, as long as its own is in the keyring', async () => {
    const old: GatedShare = { ...share, keyId: kidOf(OLD_KEY) };
    const hash = await secretsWith(keyring(OLD_KEY)).hashOf(old, '482913');
    expect(await secretsWith(keyring(KEY, OLD_KEY)).matches(old, hash, '482913')).toBe(true);
    expect(await secretsWith(keyring(KEY)).matches(old, hash, '482913')).toBe(false);
  });

  it('is made by the slow function of its text, and read by it', async () => {
    const slow = new GateSecrets(new TokenKeys(keyring()));
    const hash = await slow.hashOf(share, '482913');
    expect(await slow.matches(share, hash, '482913')).toBe(true);
    expect(await secrets.matches(share, hash, '482913')).toBe(false);
  });
});

describe('a refusal', () => {
  it('costs one slow hash, whatever is wrong', async () => {
    const hash = await secrets.hashOf(share, '482913');
    const cases: [string, GatedShare | null, string | null, string][] = [
      ['wrong secret', share, hash, '111222'],
      ['no code was sent', share, null, '482913'],
      ['no such link', null, null, '482913'],
      ['no such link, though a hash', null, hash, '482913'],
      ['unreadable hash', share, 'no hash', '482913'],
      ['empty hash', share, '', ''],
    ];
    for (const [title, whose, known, secret] of cases) {
      secrets.derived = 0;
      const right = await secrets.matches(whose, known, secret);
      expect([title, right, secrets.derived]).toEqual([title, false, 1]);
    }
    secrets.derived = 0;
    expect([await secrets.matches(share, hash, '482913'), secrets.derived]).toEqual([true, 1]);
  });

  it('comes at once when two hashes are under way and 32 wait, and the queue is served afterwards', async () => {
    const hash = await secrets.hashOf(share, '482913');
    secrets.derived = 0;
    const held = (secrets.held = []) as (() => void)[];
    const taken = Array.from({ length: 34 }, () => secrets.matches(share, hash, '482913'));
    await expect(secrets.matches(share, hash, '482913')).rejects.toMatchObject({ code: 'gates-busy' });
    await expect(secrets.hashOf(share, '482913')).rejects.toMatchObject({ code: 'gates-busy' });
    expect(secrets.derived).toBe(2);
    secrets.held = null;
    for (const go of held) go();
    expect(await Promise.all(taken)).toEqual(Array(34).fill(true));
    expect(await secrets.matches(share, hash, '482913')).toBe(true);
  });
});

describe('the PIN of a share', () => {
  it('is six digits, the same each time', () => {
    const pin = secrets.pinOf(share);
    expect(pin).toMatch(/^\d{6}$/);
    expect(secretsWith(keyring()).pinOf(share)).toBe(pin);
  });

  it('is of its share and of its key', () => {
    const pins = new Set(
      Array.from({ length: 50 }, (_, index) => secrets.pinOf({ ...share, identity: `identity-${index}` })),
    );
    expect(pins.size).toBeGreaterThan(45);
    expect(secretsWith(keyring(OLD_KEY)).pinOf({ ...share, keyId: kidOf(OLD_KEY) })).not.toBe(secrets.pinOf(share));
    expect(secretsWith(keyring(OLD_KEY, KEY)).pinOf(share)).toBe(secrets.pinOf(share));
  });

  it('is six digits with leading zeros too, and so is a code, which is another one each time', () => {
    for (let index = 0; index < 300; index++)
      expect(secrets.pinOf({ ...share, identity: String(index) })).toMatch(/^\d{6}$/);
    const codes = Array.from({ length: 300 }, () => secrets.newCode());
    for (const code of codes) expect(code).toMatch(/^\d{6}$/);
    expect(new Set(codes).size).toBeGreaterThan(290);
  });
});
