import type { Clock } from '../../platform/time/clock.js';
import { type ShareOfToken, SharesOfTokens } from './shares-of-tokens.js';

interface Remembered {
  readonly share: ShareOfToken;
  /** Monotonic milliseconds. */
  readonly askedAt: number;
}

/** `ids`: of studies and patients, over all shares: a few of them may hold thousands. */
const bounds = { shares: 10_000, ids: 100_000 };

/** The archive tells whose a share is a while after it was made. */
const askAgainMs = 60_000;

/**
 * Remembers the shares that were asked for last, because what an event says of one does not change; who is not known yet
 * is asked for again, and so is, after a minute, a share of which no patient is known.
 */
export class RememberedShares extends SharesOfTokens {
  /** The ones asked for last are at the end. */
  private readonly shares = new Map<string, Remembered>();
  private ids = 0;

  constructor(
    private readonly registry: SharesOfTokens,
    private readonly clock: Clock,
  ) {
    super();
  }

  async byIdentity(identities: readonly string[]): Promise<ReadonlyMap<string, ShareOfToken>> {
    const now = this.clock.monotonic();
    const found = new Map<string, ShareOfToken>();
    const unknown: string[] = [];
    for (const identity of new Set(identities)) {
      const known = this.shares.get(identity);
      if (known === undefined || isOutdated(known, now)) unknown.push(identity);
      else {
        this.keep(identity, known);
        found.set(identity, known.share);
      }
    }
    if (unknown.length === 0) return found;
    for (const [identity, share] of await this.registry.byIdentity(unknown)) {
      this.keep(identity, { share, askedAt: now });
      found.set(identity, share);
    }
    return found;
  }

  private keep(identity: string, one: Remembered): void {
    this.forget(identity);
    this.shares.set(identity, one);
    this.ids += weightOf(one.share);
    for (const oldest of this.shares.keys()) {
      if (this.shares.size <= bounds.shares && this.ids <= bounds.ids) return;
      this.forget(oldest);
    }
  }

  private forget(identity: string): void {
    const known = this.shares.get(identity);
    if (known === undefined) return;
    this.shares.delete(identity);
    this.ids -= weightOf(known.share);
  }
}

function isOutdated({ share, askedAt }: Remembered, now: number): boolean {
  return share.patients.length === 0 && now - askedAt >= askAgainMs;
}

function weightOf({ studies, patients, resolved }: ShareOfToken): number {
  return studies.length + patients.length + resolved.length;
}
