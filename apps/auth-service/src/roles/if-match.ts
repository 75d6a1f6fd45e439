import { invalidInput } from '../platform/errors/domain-error.js';
import { noSuchRolesVersion } from './roles.errors.js';

/** The version that the header If-Match names; null when it is absent or `*`, which any version matches (RFC 9110 section 13.1.1). */
export function expectedVersion(header: string | undefined): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const version = versionNumber(/^"(\d+)"$/.exec(header.trim())?.[1] ?? '');
  if (version !== null) return version;
  throw invalidInput([
    {
      field: 'If-Match',
      problem: 'is not the ETag of a version',
      remedy: 'send "42" with its quotes, or leave it out',
    },
  ]);
}

/** What is not a number of a version names none. */
export function checkedVersion(text: string): number {
  const version = versionNumber(text);
  if (version === null) throw noSuchRolesVersion();
  return version;
}

function versionNumber(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
