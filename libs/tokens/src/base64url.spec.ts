import fc from 'fast-check';
import { decodeBase64Url, encodeBase64Url } from './base64url.js';

describe('base64url', () => {
  it('reads back whatever it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(Buffer.from(bytes));
      }),
    );
  });

  it('writes the bytes of a view, not those of the memory behind it', () => {
    expect(encodeBase64Url(new Uint8Array([1, 2, 255, 4]).subarray(2, 3))).toBe('_w');
  });

  it('writes a text as its UTF-8 bytes', () => {
    expect(encodeBase64Url('é')).toBe('w6k');
  });

  it.each([
    ['padding', 'YQ=='],
    ['one padding character', 'YWI='],
    ['white space inside', 'YW Jj'],
    ['a line feed at the end', 'YWJj\n'],
    ['the plus of plain base64', '-+__'],
    ['the slash of plain base64', '-/__'],
    ['unused bits after one byte', 'YR'],
    ['unused bits after two bytes', 'YWJ'],
    ['a single left-over character', 'YWJjY'],
    ['NUL', 'YWJj\0'],
    ['a character outside ASCII', 'YWJĀ'],
    ['a fullwidth letter', 'YWJｊ'],
  ])('refuses %s', (_, text) => {
    expect(decodeBase64Url(text)).toBeNull();
  });

  it('gives each byte string exactly one spelling', () => {
    fc.assert(
      fc.property(fc.base64String(), (padded) => {
        const text = padded.replace(/=+$/, '');
        const bytes = decodeBase64Url(text);
        if (bytes) expect(encodeBase64Url(bytes)).toBe(text);
        else expect(encodeBase64Url(Buffer.from(padded, 'base64'))).not.toBe(text);
      }),
    );
  });
});
