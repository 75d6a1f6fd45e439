import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallersConfig } from '../platform/config/config.js';
import { Turns } from '../platform/concurrency/turns.js';
import { type ScryptHash, deriveByScrypt, parsePasswordHash } from '../platform/config/password-hash.js';
import type { Caller } from '../platform/http/caller.js';
import { callerOf } from './basic-callers.js';
import { signInBusy } from './users.errors.js';

/**
 * Hashes computed at once, each of up to 64 MiB in a thread of the pool, which has four: files and names of hosts need
 * the others. What waits beyond the queue would wait longer than the plugin does (10 s).
 */
const limits = { atOnce: 2, waiting: 16 };

interface Known {
  readonly hash: ScryptHash;
  readonly caller: Caller;
}

/** How a password becomes a digest; tests put a cheap one in its place. */
export type DeriveKey = (password: Buffer, hash: ScryptHash) => Promise<Buffer>;

/**
 * HTTP Basic against the users of the settings whose password is known by its scrypt hash alone.
 *
 * A right password is remembered, as a keyed digest of name and password, so that the plugin's calls cost one hash for
 * the life of the process. Wrong ones never are: there is at most one entry for each user, and nothing is pushed out.
 * A name that is not known costs what a known one does.
 */
export class HashedCallers {
  private readonly users: ReadonlyMap<string, Known>;
  private readonly recognised = new Map<string, Caller>();
  /** The same credentials at the same time, as from the plugin after a start, are looked at once. */
  private readonly underWay = new Map<string, Promise<Caller | null>>();
  private readonly turns = new Turns(limits, signInBusy);
  /** Of this process: digests are worth nothing elsewhere, and nobody can choose them. They never leave it. */
  readonly #key = randomBytes(32);

  constructor(
    config: Pick<CallersConfig, 'hashedUsers'>,
    private readonly derive: DeriveKey = (password, known) => deriveByScrypt(password, known, known.digest.length),
  ) {
    this.users = new Map(
      config.hashedUsers.map((user) => {
        const parsed = parsePasswordHash(user.passwordHash.reveal());
        if ('problem' in parsed) throw new Error('the settings were not checked');
        return [user.name, { hash: parsed.hash, caller: callerOf(user) }];
      }),
    );
  }

  /** Whoever was recognised before. */
  atOnce(headers: IncomingHttpHeaders): Caller | null {
    if (this.recognised.size === 0) return null;
    const credentials = credentialsOf(headers);
    return credentials === null ? null : (this.recognised.get(this.digestOf(credentials)) ?? null);
  }

  /** Null: no Basic credentials, or wrong ones. Throws `sign-in-busy` where too many passwords wait. */
  async resolve(headers: IncomingHttpHeaders): Promise<Caller | null> {
    if (this.users.size === 0) return null;
    const credentials = credentialsOf(headers);
    if (credentials === null) return null;
    const digest = this.digestOf(credentials);
    const before = this.recognised.get(digest) ?? this.underWay.get(digest);
    if (before !== undefined) return before;
    const look = this.turns.take(() => this.verify(credentials));
    this.underWay.set(digest, look);
    try {
      const caller = await look;
      if (caller !== null) this.recognised.set(digest, caller);
      return caller;
    } finally {
      this.underWay.delete(digest);
    }
  }

  private async verify(credentials: Buffer): Promise<Caller | null> {
    const colon = credentials.indexOf(':');
    const name = credentials.toString('utf8', 0, colon);
    const known = this.users.get(name);
    const { hash } = known ?? this.decoyOf(name);
    const found = await this.derive(credentials.subarray(colon + 1), hash);
    return timingSafeEqual(found, hash.digest) && known !== undefined ? known.caller : null;
  }

  /**
   * Hashes may differ in cost, so a name that is not known is taken for one of those that are: the same each time, since
   * a cost that changes would tell it.
   */
  private decoyOf(name: string): Known {
    const all = [...this.users.values()];
    return all[parseInt(this.digestOf(Buffer.from(name)).slice(0, 8), 16) % all.length] as Known;
  }

  private digestOf(text: Buffer): string {
    return hash('sha256', Buffer.concat([this.#key, text]), 'hex');
  }
}

const basicForm = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

/** `name:password` (RFC 7617 section 2); null: none, or without a colon. */
function credentialsOf(headers: IncomingHttpHeaders): Buffer | null {
  const match = basicForm.exec(headers.authorization ?? '');
  if (match === null) return null;
  const credentials = Buffer.from(match[1] ?? '', 'base64');
  return credentials.includes(':') ? credentials : null;
}
