import { type Identity, type IdentityVerdict, refused } from '../identity.js';
import { type ApiKey, type KeySecret, type KeyWithSecrets, endedKeysRememberedMs } from './api-key.js';
import type { ApiKeyUses } from './api-key-uses.js';
import { digestOf, isKeyText, publicPartOf } from './key-text.js';

interface SecretInForce {
  readonly key: ApiKey;
  readonly endsAt: number | null;
  readonly identity: Identity;
}

/** The keys in memory, by the digest of their text, so that a question asks the database nothing. */
export class ApiKeysInForce {
  private secrets = new Map<string, SecretInForce>();
  private keys = new Map<string, KeyWithSecrets>();

  constructor(
    private readonly uses: ApiKeyUses,
    /** Whether what is in memory can be trusted to hold every revocation. */
    private readonly feed: () => 'loading' | 'fresh' | 'stale',
  ) {}

  /**
   * Whom a text stands for, at `now`; a known one counts as a use. A key that is known to have ended is refused
   * whatever the feed is worth, because nothing brings it back; all else waits for a feed that is fresh.
   * Finding a digest in a map tells nothing by its timing: nobody can choose the digest of a text.
   */
  find(text: string, now: number): IdentityVerdict {
    const found = this.judge(text, now);
    if ('ok' in found) return found;
    this.uses.used(found.key.id, now);
    return { ok: true, identity: found.identity };
  }

  /** The same verdict, and the key does not count as used. */
  look(text: string, now: number): IdentityVerdict {
    const found = this.judge(text, now);
    return 'ok' in found ? found : { ok: true, identity: found.identity };
  }

  /** The secret, or why it is refused. */
  private judge(text: string, now: number): SecretInForce | IdentityVerdict {
    const publicPart = publicPartOf(text);
    if (publicPart === null || !isKeyText(text)) return malformed(publicPart);
    const found = this.secrets.get(digestOf(text));
    const ended = found === undefined ? null : endOf(found, now);
    if (ended !== null) return ended;
    const standing = this.feed();
    if (standing !== 'fresh') {
      return refused(
        'unavailable',
        `The API keys in memory are ${standing === 'loading' ? 'not loaded yet' : 'too old to be trusted'}, so ${publicPart} cannot be judged now; see /health/ready.`,
      );
    }
    if (found === undefined) {
      return refused(
        'unknown-api-key',
        `The API key ${publicPart} is not known here with this secret: it was never made here, or ended more than 30 days ago. Compare with GET /api/v1/api-keys, or make a new one.`,
      );
    }
    return found;
  }

  /** Takes the place of all that was known; a key of which a newer version is known keeps it. */
  replace(loaded: readonly KeyWithSecrets[]): void {
    const before = this.keys;
    this.keys = new Map();
    this.secrets = new Map();
    for (const one of loaded) {
      const known = before.get(one.key.id);
      this.enter(known !== undefined && known.key.version > one.key.version ? known : one);
    }
  }

  /** An older version than the known one is ignored: the feed may bring it late. */
  take(one: KeyWithSecrets): void {
    const known = this.keys.get(one.key.id);
    if (known !== undefined && known.key.version > one.key.version) return;
    if (known !== undefined) this.leave(known);
    this.enter(one);
  }

  /** Forgets what ended so long ago that it may pass for unknown. */
  prune(now: number): void {
    const oldest = now - endedKeysRememberedMs;
    for (const one of [...this.keys.values()]) {
      const { expiresAt, revocation } = one.key;
      const gone = Math.min(expiresAt ?? Infinity, revocation?.at ?? Infinity) < oldest;
      const secrets = one.secrets.filter(({ endsAt }) => endsAt === null || endsAt >= oldest);
      if (!gone && secrets.length === one.secrets.length) continue;
      this.leave(one);
      if (!gone) this.enter({ key: one.key, secrets });
    }
  }

  sizes(): { keys: number; secrets: number } {
    return { keys: this.keys.size, secrets: this.secrets.size };
  }

  private enter(one: KeyWithSecrets): void {
    this.keys.set(one.key.id, one);
    for (const secret of one.secrets) {
      this.secrets.set(secret.digest, {
        key: one.key,
        endsAt: secret.endsAt,
        identity: identityOf(one.key, secret),
      });
    }
  }

  private leave(one: KeyWithSecrets): void {
    this.keys.delete(one.key.id);
    for (const { digest } of one.secrets) this.secrets.delete(digest);
  }
}

function identityOf(key: ApiKey, { endsAt }: KeySecret): Identity {
  const end = Math.min(key.expiresAt ?? Infinity, endsAt ?? Infinity);
  return {
    id: `key:${key.id}`,
    source: 'api-key',
    name: key.name,
    userId: key.owner.kind === 'user' ? key.owner.id : null,
    groups: null,
    roles: [],
    own: { permissions: key.permissions, labels: key.labels },
    expiresAt: end === Infinity ? null : end,
  };
}

function malformed(publicPart: string | null): IdentityVerdict {
  const which = publicPart === null ? 'The API key' : `The API key ${publicPart}`;
  return refused(
    'malformed-key',
    `${which} does not have the form owk_<12 characters>_<43 characters>; copy it whole, as it was shown when it was made.`,
  );
}

function endOf({ key, endsAt }: SecretInForce, now: number): IdentityVerdict | null {
  const { publicPart, revocation, expiresAt } = key;
  if (revocation !== null) {
    return refused(
      'revoked-api-key',
      `The API key ${publicPart} was revoked at ${iso(revocation.at)}; make a new one with POST /api/v1/api-keys.`,
    );
  }
  if (expiresAt !== null && expiresAt <= now) {
    return refused(
      'expired',
      `The API key ${publicPart} expired at ${iso(expiresAt)}; make a new one with POST /api/v1/api-keys.`,
    );
  }
  if (endsAt !== null && endsAt <= now) {
    return refused(
      'expired',
      `The API key ${publicPart} was rotated and its earlier secret ended at ${iso(endsAt)}; use the text that the rotation showed.`,
    );
  }
  return null;
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
