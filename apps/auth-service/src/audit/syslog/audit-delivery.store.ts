import type { WardenEvent } from '@warden/events';

export interface EventToDeliver {
  /** Place in the order of sealing, over all chains. */
  readonly position: number;
  /** Null: this release cannot read it. */
  readonly event: WardenEvent | null;
}

/**
 * How far each target was told. The record itself is the outbox: what is kept here is a cursor, the position up to which
 * everything was handed over. A target that was never told begins with the oldest event that is still kept.
 */
export abstract class AuditDeliveryStore {
  /** How many sealed events come after the cursor. */
  abstract backlog(target: string): Promise<number>;
  /** The next sealed events after the cursor, in order, with what was not erased of them. Positions that are no longer kept are left out. */
  abstract next(target: string, limit: number): Promise<EventToDeliver[]>;
  /** Moves the cursor on to `position`, never back. Within `claim` only. */
  abstract delivered(target: string, position: number): Promise<void>;
  /** Counts an attempt in vain, for whoever looks at the table; `delivered` sets the count to nothing. */
  abstract failed(target: string): Promise<void>;
  /**
   * Moves the cursor back to `position`, never on: what comes after it is delivered again, by whichever replica. Waits
   * until nobody has the claim.
   */
  abstract rewind(target: string, position: number): Promise<void>;
  /**
   * Runs `work` for one replica at a time, in one transaction. Null, without running it, when another replica has the
   * claim, or delivered in the last seconds: two connections one right after the other could bring events out of order.
   */
  abstract claim<T>(target: string, work: () => Promise<T>): Promise<T | null>;
}
