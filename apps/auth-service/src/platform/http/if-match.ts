import type { FastifyRequest } from 'fastify';
import { type DomainError, invalidInput } from '../errors/domain-error.js';
import { callerOf } from './request-hooks.js';

/**
 * The version that the header If-Match names; null when it is absent or `*`, which any version matches (RFC 9110
 * section 13.1.1). Versions are counted from `first`.
 */
export function expectedVersion(header: string | undefined, first: 0 | 1 = 1): number | null {
  if (header === undefined || header.trim() === '*') return null;
  const text = /^"(\d+)"$/.exec(header.trim())?.[1] ?? '';
  const version = text === '0' && first === 0 ? 0 : versionNumber(text);
  if (version !== null) return version;
  throw invalidInput([
    {
      field: 'If-Match',
      problem: 'is not the ETag of a version',
      remedy: 'send "42" with its quotes, or leave it out',
    },
  ]);
}

/** Who makes a further version, why (null: not told), and which version they have seen. */
export function authorOf(request: FastifyRequest, reason: string | null, first: 0 | 1 = 1) {
  return { caller: callerOf(request), reason, expected: expectedVersion(request.headers['if-match'], first) };
}

/** The number of a version that was stored; what is not one names none, and `missing` says so. */
export function checkedVersion(text: string, missing: () => DomainError): number {
  const version = versionNumber(text);
  if (version === null) throw missing();
  return version;
}

/** RFC 9110 section 8.8.3. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

function versionNumber(text: string): number | null {
  return /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null;
}
