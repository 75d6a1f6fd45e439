import type { AccessOrigin } from './gathered-access.js';
import { within } from './access-lane.js';

/** Browsers and addresses, and what was refused to them, that are told apart of one token, and of those who show none of ours, within an hour. */
const most = { ofToken: 32, ofStrangers: 256 };
/** Tokens of which they are told apart. */
const mostTokens = 50_000;
const windowMs = 3_600_000;

/** What is gathered together: the same token, from the same place as far as it is told apart. */
export interface Source {
  readonly key: string;
  readonly origin: AccessOrigin | null;
}

/**
 * Tells apart where requests come from, up to a bound: whoever changes his browser's name with every request would else fill
 * the record. What is beyond it is told of together, as coming from somewhere.
 */
export class SeenOrigins {
  private readonly byToken = new Map<string, Set<string>>();
  private since = -Infinity;

  /**
   * @param identity of the token; empty: it is none of ours
   * @param what is asked for, where that is told apart too; without line breaks
   */
  of(identity: string, origin: AccessOrigin | null, at: number, what = ''): Source {
    if (origin === null) return { key: identity, origin };
    // Of a stranger a browser's name is what he likes.
    const told = identity === '' ? { ...origin, userAgent: null } : origin;
    // Neither an identity nor an address holds a blank, and no header a line break.
    const key = `${identity} ${told.address} ${told.userAgent ?? ''}\n${what}`;
    const seen = this.seen(identity, at);
    if (seen.has(key)) return { key, origin: told };
    if (seen.size >= (identity === '' ? most.ofStrangers : most.ofToken))
      return { key: `${identity} *`, origin: { ...told, address: null, userAgent: null } };
    seen.add(key);
    return { key, origin: told };
  }

  private seen(identity: string, at: number): Set<string> {
    if (!within(this.since, at, windowMs) || this.byToken.size >= mostTokens) {
      this.byToken.clear();
      this.since = at;
    }
    let seen = this.byToken.get(identity);
    if (seen === undefined) this.byToken.set(identity, (seen = new Set()));
    return seen;
  }
}
