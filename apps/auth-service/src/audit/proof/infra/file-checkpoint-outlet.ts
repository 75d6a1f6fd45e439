import { open } from 'node:fs/promises';
import { CheckpointOutlet } from '../checkpoint-outlet.js';
import { type SignedCheckpoint, signedLine } from '../checkpoint.js';

/** Appends to a file, best on a disk that this host cannot rewrite. On the disk before `send` resolves. */
export class FileCheckpointOutlet extends CheckpointOutlet {
  readonly name = 'file';

  constructor(private readonly path: string) {
    super();
  }

  async send(signed: SignedCheckpoint): Promise<void> {
    const file = await open(this.path, 'a', 0o600);
    try {
      await file.appendFile(`${signedLine(signed)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
