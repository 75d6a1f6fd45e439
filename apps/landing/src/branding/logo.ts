export const largestLogo = 200_000;

/** The picture as a data address, or undefined when its bytes are of none of the kinds that we show. */
export function logoAddress(bytes: Uint8Array): string | undefined {
  const type = typeOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return type && `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
}

/** By content and not by name. A script in an SVG does not run: the picture is only ever shown by an <img>. */
function typeOf(bytes: Buffer): string | undefined {
  if (bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'))) return 'image/png';
  if (bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex'))) return 'image/jpeg';
  if (bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  const beginning = bytes.toString('utf8', 0, 2000).replace(/^\uFEFF/, '');
  return /^\s*(<\?xml[^>]*\?>\s*)?(<!--[^]*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/i.test(beginning)
    ? 'image/svg+xml'
    : undefined;
}
