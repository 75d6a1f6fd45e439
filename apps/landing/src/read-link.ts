import type { Opening } from './opening.js';

/** The longest token that is passed on: the longest that the service takes. One of 200 studies, both ids each, is about 40 kB. */
export const longestToken = 64 * 1024;

/** How a link came to us: tokens of the query, and the handle when the address has a place for one. */
export interface LinkParts {
  readonly tokens: readonly string[];
  readonly handle?: string | undefined;
}

/** The link of an address, or why there is none. */
export function readLink({ tokens, handle }: LinkParts): string | Extract<Opening, { kind: 'no-link' }> {
  // Two links: whoever stands in front of us may have judged the other one (HTTP parameter pollution).
  if (tokens.length > (handle === undefined ? 1 : 0)) return { kind: 'no-link', code: 'several-tokens' };
  if (handle !== undefined)
    return /^[A-Za-z0-9_-]{22}$/.test(handle) ? handle : { kind: 'no-link', code: 'not-a-handle' };
  const token = tokens[0]?.trim() ?? '';
  if (token === '') return { kind: 'no-link', code: 'no-token' };
  return Buffer.byteLength(token) > longestToken ? { kind: 'no-link', code: 'token-too-long' } : token;
}
