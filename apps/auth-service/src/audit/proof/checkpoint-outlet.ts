import type { SignedCheckpoint } from './checkpoint.js';

/** A way out of this host. What left it is what proves the end of the record. */
export abstract class CheckpointOutlet {
  /** Closed word, for the log. */
  abstract readonly name: string;
  /** Resolves when it has left, as far as can be told. */
  abstract send(signed: SignedCheckpoint): Promise<void>;
}

/** Every way out that there is. */
export class CheckpointOutlets {
  constructor(readonly list: readonly CheckpointOutlet[]) {}
}
