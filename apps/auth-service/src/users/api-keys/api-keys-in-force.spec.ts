import type { IdentityVerdict } from '../identity.js';
import type { ApiKey, KeyWithSecrets } from './api-key.js';
import type { ApiKeyUses } from './api-key-uses.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { digestOf, isApiKey, newKeyText } from './key-text.js';

const now = Date.parse('2026-11-21T08:00:00Z');
const day = 86_400_000;

function made(
  more: Partial<ApiKey> = {},
  endsAt: number | null = null,
): { text: string; publicPart: string; entry: KeyWithSecrets } {
  const { text, publicPart, digest } = newKeyText();
  const key: ApiKey = {
    id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
    publicPart,
    name: 'nightly export',
    owner: { kind: 'service', name: 'exporter' },
    permissions: ['view'],
    labels: ['radiology'],
    createdAt: now - day,
    createdBy: 'basic:admin',
    expiresAt: null,
    rotation: null,
    revocation: null,
    lastUsedAt: null,
    version: 1,
    ...more,
  };
  return { text: text.reveal(), publicPart, entry: { key, secrets: [{ digest, endsAt }] } };
}

describe('the API keys in memory', () => {
  let standing: 'loading' | 'fresh' | 'stale';
  let used: [string, number][];
  let keys: ApiKeysInForce;
  beforeEach(() => {
    standing = 'fresh';
    used = [];
    keys = new ApiKeysInForce(
      { used: (id: string, at: number) => void used.push([id, at]) } as unknown as ApiKeyUses,
      () => standing,
    );
  });
  const reason = (verdict: IdentityVerdict) => (verdict.ok ? 'ok' : verdict.reason);
  /** The reason of a refusal whose sentence names the public part and nothing behind it. */
  const refusal = (text: string, publicPart: string, at = now) => {
    const verdict = keys.find(text, at);
    if (verdict.ok) return 'ok';
    expect(verdict.detail).toContain(publicPart);
    expect(verdict.detail).not.toContain(text.slice(publicPart.length + 1) || text);
    expect(verdict.detail).not.toContain(digestOf(text));
    return verdict.reason;
  };

  it('say whom a key stands for, and that it was used', () => {
    const { text, entry } = made({ expiresAt: now + day });
    keys.replace([entry]);
    expect(keys.find(text, now)).toEqual({
      ok: true,
      identity: {
        id: 'key:019a8cca-1371-7000-b9bc-1de2d5b62426',
        source: 'api-key',
        name: 'nightly export',
        userId: null,
        groups: null,
        roles: [],
        own: { permissions: ['view'], labels: ['radiology'] },
        expiresAt: now + day,
      },
    });
    expect(used).toEqual([[entry.key.id, now]]);
  });

  it('give the user of a key that a user owns, and no end to one without expiry', () => {
    const { text, entry } = made({ owner: { kind: 'user', id: '6f1c', name: null } });
    keys.replace([entry]);
    const verdict = keys.find(text, now);
    expect(verdict.ok && [verdict.identity.userId, verdict.identity.expiresAt]).toEqual(['6f1c', null]);
  });

  it('refuse what has not the form of a key as malformed, whatever the feed is worth', () => {
    const { text, publicPart, entry } = made();
    keys.replace([entry]);
    for (standing of ['fresh', 'loading', 'stale'] as const) {
      for (const bad of [
        '',
        'owk_',
        'x',
        ` ${text}`,
        `${text} `,
        `${text}\n`,
        text.toUpperCase(),
        `${text}=`,
        text.replace('_', '*'),
        text.replace('owk', 'owq'),
        `${text.slice(0, -1)}:`,
        `${text.slice(0, -1)}é`,
        'a'.repeat(10_000),
        `${publicPart}_${'a'.repeat(10_000)}`,
        `${publicPart}_`,
        text.slice(0, -1),
        '\0',
        '\ud800',
      ]) {
        expect([bad.slice(0, 80), reason(keys.find(bad, now))]).toEqual([bad.slice(0, 80), 'malformed-key']);
      }
    }
    expect(refusal(text.slice(0, -1), publicPart)).toBe('malformed-key');
    expect(used).toEqual([]);
  });

  it('refuse a key that nobody made, and the public part with another secret', () => {
    const { text, publicPart, entry } = made();
    keys.replace([entry]);
    const other = newKeyText(publicPart).text.reveal();
    expect(refusal(other, publicPart)).toBe('unknown-api-key');
    const { text: stranger, publicPart: strangers } = made();
    expect(refusal(stranger, strangers)).toBe('unknown-api-key');
    // One character of the secret in the other case.
    const secret = text.slice(publicPart.length);
    const otherCase = secret.replace(/[a-z]/, (letter) => letter.toUpperCase());
    expect(otherCase).not.toBe(secret);
    expect(refusal(publicPart + otherCase, publicPart)).toBe('unknown-api-key');
  });

  it('refuse a revoked key, an expired one, and a secret whose overlap is over', () => {
    const revoked = made({ revocation: { at: now - 1, by: 'basic:admin', reason: 'lost' } });
    keys.replace([revoked.entry]);
    expect(refusal(revoked.text, revoked.publicPart)).toBe('revoked-api-key');
    const expiring = made({ expiresAt: now });
    keys.replace([expiring.entry]);
    expect(refusal(expiring.text, expiring.publicPart, now - 1)).toBe('ok');
    expect(refusal(expiring.text, expiring.publicPart)).toBe('expired');
    const rotated = made({}, now);
    keys.replace([rotated.entry]);
    expect(refusal(rotated.text, rotated.publicPart, now - 1)).toBe('ok');
    expect(refusal(rotated.text, rotated.publicPart)).toBe('expired');
  });

  it('name the earlier of two ends: that of the key and that of the secret', () => {
    for (const [expiresAt, endsAt] of [
      [now + 5, now + 9],
      [now + 9, now + 5],
    ] as const) {
      const { text, entry } = made({ expiresAt }, endsAt);
      keys.replace([entry]);
      const verdict = keys.find(text, now);
      expect(verdict.ok && verdict.identity.expiresAt).toBe(now + 5);
    }
  });

  it.each(['loading', 'stale'] as const)('cannot tell while the feed is %s, but know what has ended for good', (is) => {
    const live = made();
    const revoked = made({ id: 'b', revocation: { at: now, by: 'x', reason: 'y' } });
    keys.replace([live.entry, revoked.entry]);
    standing = is;
    expect(refusal(live.text, live.publicPart)).toBe('unavailable');
    expect(refusal(newKeyText(live.publicPart).text.reveal(), live.publicPart)).toBe('unavailable');
    expect(refusal(revoked.text, revoked.publicPart)).toBe('revoked-api-key');
    expect(used).toEqual([]);
  });

  it('do not go back to an older version, whether the feed brings it late or a load does', () => {
    const { text, entry } = made();
    const revoked = { ...entry, key: { ...entry.key, version: 2, revocation: { at: now, by: 'x', reason: 'y' } } };
    keys.take(entry);
    keys.take(revoked);
    keys.take(entry);
    expect(reason(keys.find(text, now))).toBe('revoked-api-key');
    keys.replace([entry]);
    expect(reason(keys.find(text, now))).toBe('revoked-api-key');
  });

  it('drop with a newer version the secrets that it no longer has, and with a load the keys', () => {
    const { text, publicPart, entry } = made();
    const next = newKeyText(publicPart);
    keys.take(entry);
    keys.take({ key: { ...entry.key, version: 2 }, secrets: [{ digest: next.digest, endsAt: null }] });
    expect([reason(keys.find(text, now)), reason(keys.find(next.text.reveal(), now))]).toEqual([
      'unknown-api-key',
      'ok',
    ]);
    expect(keys.sizes()).toEqual({ keys: 1, secrets: 1 });
    keys.replace([]);
    expect(keys.sizes()).toEqual({ keys: 0, secrets: 0 });
    expect(reason(keys.find(next.text.reveal(), now))).toBe('unknown-api-key');
  });

  it('forget what ended more than 30 days ago, and nothing else', () => {
    const long = now - 30 * day - 1;
    const live = made({ id: 'live' });
    const old = newKeyText(live.publicPart);
    const entries = [
      { ...live.entry, secrets: [...live.entry.secrets, { digest: old.digest, endsAt: long }] },
      made({ id: 'expired long ago', expiresAt: long }).entry,
      made({ id: 'revoked long ago', revocation: { at: long, by: 'x', reason: 'y' } }).entry,
      made({ id: 'expired lately', expiresAt: now - 1 }).entry,
    ];
    keys.replace(entries);
    keys.prune(now);
    expect(keys.sizes()).toEqual({ keys: 2, secrets: 2 });
    expect(reason(keys.find(live.text, now))).toBe('ok');
    expect(reason(keys.find(old.text.reveal(), now))).toBe('unknown-api-key');
  });
});

describe('the text of a key', () => {
  it('holds letters, digits, dashes and underscores alone, and never comes twice', () => {
    const texts = Array.from({ length: 500 }, () => newKeyText());
    for (const { text, publicPart, digest } of texts) {
      expect(text.reveal()).toMatch(/^owk_[a-z2-9]{12}_[A-Za-z0-9_-]{43}$/);
      expect(text.reveal().startsWith(`${publicPart}_`)).toBe(true);
      expect(digest).toBe(digestOf(text.reveal()));
      expect(`${String(text)} ${JSON.stringify({ text })}`).not.toContain(text.reveal());
    }
    expect(new Set(texts.map(({ publicPart }) => publicPart)).size).toBe(500);
    expect(new Set(texts.map(({ digest }) => digest)).size).toBe(500);
  });

  it('uses each character of the public alphabet', () => {
    const seen = new Set(Array.from({ length: 500 }, () => newKeyText().publicPart.slice(4)).join(''));
    expect([...seen].sort().join('')).toBe('23456789abcdefghijkmnpqrstuvwxyz');
  });

  it('is told from a key of somebody else by its beginning, also when it is cut off', () => {
    expect(['owk_', newKeyText().text.reveal(), 'owk', 'my-keycloak-key', ''].map(isApiKey)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });
});
