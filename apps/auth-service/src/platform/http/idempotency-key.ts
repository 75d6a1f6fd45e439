import { invalidInput } from '../errors/domain-error.js';

/** The header of that name: printable ASCII, at most 255 characters. */
export function readIdempotencyKey(header: string | undefined): string | null {
  if (header === undefined) return null;
  if (/^[\x21-\x7e]{1,255}$/.test(header)) return header;
  throw invalidInput([
    {
      field: 'Idempotency-Key',
      problem: 'is not a key',
      remedy: 'send 1 to 255 printable ASCII characters without spaces',
    },
  ]);
}
