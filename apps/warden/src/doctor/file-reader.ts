import { readFileSync, readdirSync } from 'node:fs';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { modeOf } from './file-modes.js';

export type Found =
  | { readonly state: 'read'; readonly path: string; readonly text: string; readonly mode: number }
  | { readonly state: 'missing' | 'unreadable' };

/** Files that a configuration names. */
export interface FileReader {
  /**
   * Relative to the file that names it. A configuration is often read elsewhere than where it is used, so what is not at its
   * absolute path is looked for by the end of that path beside the file that names it.
   */
  find(path: string, namedBy: string): Found;
  /** What lies in a folder, to be found by these paths; nothing when it is none. Relative to the file that names it. */
  list(folder: string, namedBy: string): string[];
}

export const diskFiles: FileReader = {
  find(path, namedBy) {
    const places = isAbsolute(path)
      ? [path, ...endsOf(path).map((end) => join(dirname(namedBy), end))]
      : [join(dirname(namedBy), path)];
    const found = places.map(read);
    return found.find(({ state }) => state !== 'missing') ?? { state: 'missing' };
  },
  list(folder, namedBy) {
    try {
      return readdirSync(resolve(dirname(namedBy), folder)).map((name) =>
        join(resolve(dirname(namedBy), folder), name),
      );
    } catch {
      return [];
    }
  },
};

/** Of `/etc/orthanc/tls/a.pem`: `etc/orthanc/tls/a.pem`, `orthanc/tls/a.pem`, `tls/a.pem`, `a.pem`. */
function endsOf(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return parts.map((_, index) => parts.slice(index).join('/'));
}

function read(path: string): Found {
  try {
    return { state: 'read', path, text: readFileSync(path, 'latin1'), mode: modeOf(path) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { state: code === 'ENOENT' || code === 'ENOTDIR' ? 'missing' : 'unreadable' };
  }
}
