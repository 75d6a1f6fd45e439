import type { EventClass } from '@warden/events';

/** Where a chain ends: one for each class of events and month. */
export interface ChainEnd {
  readonly class: EventClass;
  /** `2026-11`, UTC. */
  readonly month: string;
  /** Events in it. */
  readonly size: number;
  /** Hexadecimal. */
  readonly head: string;
}

/** The chains that what was recorded is sealed into. */
export abstract class ChainsStore {
  /**
   * Seals at most so many of those that have waited longest, in the order of their recording.
   * @returns how many; null: another replica is at it.
   */
  abstract seal(most: number): Promise<number | null>;
  /** Makes room for this month and the two after it. */
  abstract makeRoom(): Promise<void>;
  /** Takes away the events of chains that were kept for as long as they are to be, and tells of which chains. */
  abstract dropExpired(): Promise<readonly ChainEnd[]>;
  /** Of all that are kept, by class and month. In one snapshot. */
  abstract ends(): Promise<readonly ChainEnd[]>;
}
