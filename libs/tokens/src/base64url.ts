/**
 * Decodes base64url as JWS writes it (RFC 7515 section 2): no padding, no white space, no `+` or `/`, and the unused
 * bits of the last character zero (RFC 4648 section 3.5), so that each byte string has exactly one spelling.
 *
 * @returns the bytes, or null for any other spelling. The empty text is the empty byte string.
 */
export function decodeBase64Url(text: string): Buffer | null {
  // Node's decoder skips what it does not know; only the canonical spelling survives the way back.
  const bytes = Buffer.from(text, 'base64url');
  return bytes.toString('base64url') === text ? bytes : null;
}

/** The canonical base64url spelling of the bytes (of a text: of its UTF-8 bytes). */
export function encodeBase64Url(data: Uint8Array | string): string {
  if (typeof data === 'string') return Buffer.from(data, 'utf8').toString('base64url');
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64url');
}
