import type { EventClass } from '@warden/events';
import type { StoredCheckpoint } from './checkpoints.store.js';

/** A chain as it is told of in an export. */
export interface ProvenChain {
  readonly class: EventClass;
  /** `2026-11`, UTC. */
  readonly month: string;
  /** Null: there are events and no row of their chain, which nobody but a forger leaves. */
  readonly end: {
    readonly size: number;
    /** Hexadecimal. */
    readonly head: string;
    /** Of the chain before it; hexadecimal. */
    readonly previous: string | null;
    /** When its events were dropped, milliseconds since the epoch. */
    readonly droppedAt: number | null;
  } | null;
}

export interface ProofSnapshot {
  /** By class and month. */
  readonly chains: readonly ProvenChain[];
  /** When the newest checkpoint was made. */
  readonly newestCheckpoint: number | null;
}

export interface LinesPage {
  /** JSON, one for each event. */
  readonly lines: readonly string[];
  /** Null: there are no more. */
  readonly next: string | null;
}

/** What the record is proven with. */
export abstract class ProofStore {
  /** Where every chain ends, and the newest checkpoint, at one moment. */
  abstract snapshot(): Promise<ProofSnapshot>;
  /** In the order of their making, those made from `since` to `until`; milliseconds. */
  abstract checkpoints(
    since: number,
    until: number,
    after: string | null,
    most: number,
  ): Promise<readonly StoredCheckpoint[]>;
  /**
   * The next events of a chain, in the order of sealing: those that it had at the snapshot, and whatever is there that it
   * never had.
   * @param after `next` of the page before; null: the first one.
   */
  abstract lines(chain: ProvenChain, after: string | null, most: number): Promise<LinesPage>;
  abstract isDropped(chain: ProvenChain): Promise<boolean>;
}
