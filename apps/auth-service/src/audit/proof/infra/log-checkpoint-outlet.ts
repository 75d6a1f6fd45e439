import type { Log } from '../../../platform/observability/log.js';
import { CheckpointOutlet } from '../checkpoint-outlet.js';
import type { SignedCheckpoint } from '../checkpoint.js';

/** A line of the log that can be handed to the verifier as it is. */
export class LogCheckpointOutlet extends CheckpointOutlet {
  readonly name = 'log';

  constructor(private readonly log: Log) {
    super();
  }

  send({ checkpoint, signature, publicKey }: SignedCheckpoint): Promise<void> {
    this.log.info('audit-checkpoint', { checkpoint, signature, publicKey });
    return Promise.resolve();
  }
}
