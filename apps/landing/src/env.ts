import { readFileSync } from 'node:fs';
import { readSettings, type SettingsResult } from './settings.js';

/** The only place of the landing that sees the environment. */
export function loadSettings(): SettingsResult {
  // eslint-disable-next-line no-restricted-properties -- this file is the landing's one reader of the environment
  return readSettings(process.env, readIfPresent);
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // ENOTDIR: outside containers /run/secrets may be anything.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}
