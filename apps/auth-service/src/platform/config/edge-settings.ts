import type { SettingReader } from './setting-reader.js';

/** Reads GUARDED_PATHS: the longest first, so that the first which fits is the nearest. */
export function readGuardedPaths(reader: SettingReader, orthancRoot: string | null): string[] {
  const given = reader.list('GUARDED_PATHS');
  if (!given.every((path) => /^\/(?:[A-Za-z0-9_~-][A-Za-z0-9._~-]*\/)*$/.test(path)))
    reader.fault(
      'GUARDED_PATHS',
      'must be a list of paths that begin and end with a slash, such as /orthanc/, /shares/',
    );
  const paths = given.length > 0 ? given : orthancRoot === null ? [] : [pathOf(orthancRoot)];
  return [...new Set(paths)].sort((a, b) => b.length - a.length);
}

function pathOf(root: string): string {
  const { pathname } = new URL(root);
  return pathname.endsWith('/') ? pathname : `${pathname}/`;
}
