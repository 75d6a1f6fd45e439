import { createHash } from 'node:crypto';
import { MAX_TOKEN_LENGTH } from '@warden/tokens';

/**
 * Three parts of base64url with dots between, the first of which opens a JSON object (`{"` is `eyJ`). No boundary is asked
 * for before it: in logs `%3D` or `\n` may stand there. Parts have an end, so that no text costs more than its length.
 */
const tokenShape = new RegExp(
  `eyJ[A-Za-z0-9_-]{1,1021}\\.[A-Za-z0-9_-]{2,${MAX_TOKEN_LENGTH}}\\.[A-Za-z0-9_-]{1,256}`,
  'g',
);

/** Texts that have the shape of a token, wherever they stand: in an address, in quotes, in a line of a log. */
export function findTokens(text: string): string[] {
  return [...text.matchAll(tokenShape)].map(([token]) => token);
}

/** What a token is remembered by, so that a long log costs no memory for the tokens themselves. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
