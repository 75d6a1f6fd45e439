import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { readSettings, type SettingsResult } from './settings.js';

/** The only place of the landing that sees the environment. */
export function loadSettings(): SettingsResult {
  // eslint-disable-next-line no-restricted-properties -- this file is the landing's one reader of the environment
  return readSettings(process.env, { read: readIfPresent, list: (path) => unlessAbsent(() => readdirSync(path)) });
}

function readIfPresent(path: string, limit: number): Uint8Array | undefined {
  return unlessAbsent(() => {
    const file = openSync(path, 'r');
    try {
      if (fstatSync(file).isDirectory()) throw new Error('a folder');
      const bytes = Buffer.alloc(limit + 1);
      let size = 0;
      for (let got = -1; got !== 0 && size < bytes.length; size += got)
        got = readSync(file, bytes, size, bytes.length - size, null);
      return bytes.subarray(0, size);
    } finally {
      closeSync(file);
    }
  });
}

function unlessAbsent<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ENOTDIR: outside containers /run/secrets may be anything.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
