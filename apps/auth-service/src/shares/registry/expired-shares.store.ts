import type { EventShare } from '@warden/events';

export interface ExpiredShare {
  readonly share: EventShare;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Shares whose time is over and whose expiry was not told yet. Revoked ones ended before, and are none of them. */
export abstract class ExpiredSharesStore {
  /** Whether there is one, as of the moment `now`. */
  abstract anyDue(now: number): Promise<boolean>;
  /**
   * Marks at most `limit` of them as told, those that expired first. Joins the transaction of the caller; what another
   * one has in hand is passed over, so that no two callers get the same share.
   */
  abstract take(now: number, limit: number): Promise<ExpiredShare[]>;
}
