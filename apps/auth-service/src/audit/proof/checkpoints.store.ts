export interface StoredCheckpoint {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly text: string;
  /** Base64url. */
  readonly signature: string;
  readonly keyId: string;
}

/** Copies of the checkpoints that were made. */
export abstract class CheckpointsStore {
  /** False: another replica makes one. Holds until the transaction of the caller ends. */
  abstract takeTurn(): Promise<boolean>;
  abstract newest(): Promise<StoredCheckpoint | null>;
  abstract add(checkpoint: StoredCheckpoint): Promise<void>;
  /** Events in all chains, those of dropped chains too. */
  abstract recordSize(): Promise<number>;
  /** How many of the events of the chain of management that come after `number` tell of checkpoints. `since`: of the checkpoint that saw `number`. */
  abstract ownEvents(month: string, number: number, since: number): Promise<number>;
}
