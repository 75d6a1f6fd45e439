import type { EventShare } from '@warden/events';

export interface ExpiredShare {
  readonly share: EventShare;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface TakenShares {
  /** How many were marked. */
  readonly marked: number;
  /** Those of them that expired; the others had been revoked before, and there is nothing to tell. */
  readonly expired: readonly ExpiredShare[];
}

/** Shares whose time is over, and of which nobody has looked whether that is to be told. */
export abstract class ExpiredSharesStore {
  /** Whether there is one, as of the moment `now`. */
  abstract anyDue(now: number): Promise<boolean>;
  /**
   * Marks at most `limit` of them, those first whose time was over first. Joins the transaction of the caller; what
   * another one has in hand is passed over, so that no two callers get the same share.
   */
  abstract take(now: number, limit: number): Promise<TakenShares>;
}
