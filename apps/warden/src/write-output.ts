import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CommandFailed } from './failures.js';
import type { Surroundings } from './surroundings.js';

/** Writes a file that the user named. */
export function writeOutput(file: string, content: string | Buffer, { userDir }: Pick<Surroundings, 'userDir'>): void {
  try {
    writeFileSync(resolve(userDir, file), content);
  } catch (error) {
    throw new CommandFailed(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}
