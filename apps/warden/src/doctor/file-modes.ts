import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

const readableByEveryone = 0o004;
const passableByEveryone = 0o001;

export function openToEveryone(mode: number): boolean {
  return (mode & readableByEveryone) !== 0;
}

/** The mode of a file as it works out: behind a folder that others cannot pass, no file is readable by everyone. */
export function modeOf(path: string): number {
  const { mode } = statSync(path);
  if (!openToEveryone(mode)) return mode;
  for (let folder = dirname(resolve(path)); ; folder = dirname(folder)) {
    if ((statSync(folder).mode & passableByEveryone) === 0) return mode & ~0o007;
    if (folder === dirname(folder)) return mode;
  }
}
