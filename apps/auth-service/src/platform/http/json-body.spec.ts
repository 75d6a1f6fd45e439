import fc from 'fast-check';
import { DomainError } from '../errors/domain-error.js';
import { maxBodyBytes, parseJsonBody } from './json-body.js';

const parse = (body: string | Uint8Array): unknown => parseJsonBody(Buffer.from(body as string));
function fault(body: string | Uint8Array): string {
  try {
    parse(body);
    return 'read';
  } catch (error) {
    return error instanceof DomainError && error.code === 'unreadable-body'
      ? error.detail
      : `another error: ${String(error)}`;
  }
}

it('reads whatever JSON writes, as it was written', () => {
  fc.assert(
    fc.property(
      fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
      (value) => {
        expect(parse(JSON.stringify(value))).toEqual(JSON.parse(JSON.stringify(value)));
      },
    ),
  );
});

it('reads with one byte order mark in front as without, and not with two', () => {
  expect(parse('\ufeff{"a":1}')).toEqual({ a: 1 });
  expect(fault('\ufeff\ufeff{}')).toContain('is not valid JSON');
});

it.each<[string, string | Uint8Array, string]>([
  ['nothing', '', 'is empty'],
  ['white space', ' \n', 'is not valid JSON'],
  ['half an object', '{"a":', 'is not valid JSON'],
  ['a byte that is no UTF-8', [0x22, 0xff, 0x22] as unknown as Uint8Array, 'is not UTF-8'],
  ['an overlong NUL', [0x22, 0xc0, 0x80, 0x22] as unknown as Uint8Array, 'is not UTF-8'],
  ['half a character in UTF-8', [0x22, 0xed, 0xa0, 0x80, 0x22] as unknown as Uint8Array, 'is not UTF-8'],
  ['a text that breaks off within a character', [0x22, 0xe6, 0x82] as unknown as Uint8Array, 'is not UTF-8'],
  ['a raw NUL', '{"a":"\0"}', 'is not valid JSON'],
  ['a member named __proto__', '{"__proto__": {}}', '__proto__'],
  ['such a member within', '{"a": [{"__proto__" \n: 1}]}', '__proto__'],
])('refuses %s, and says so without repeating it', (_name, body, problem) => {
  expect(fault(body)).toContain(problem);
});

it('takes a text that reads __proto__ for the text that it is', () => {
  expect(parse('{"dicom-uid": "__proto__", "labels": ["__proto__"]}')).toEqual({
    'dicom-uid': '__proto__',
    labels: ['__proto__'],
  });
});

it('gives no object another prototype, however the name is spelled', () => {
  const read = (() => {
    try {
      return parse('{"\\u005f_proto__": {"granted": true}}') as Record<string, unknown>;
    } catch {
      return {};
    }
  })();
  expect(read['granted']).toBeUndefined();
  expect(Object.getPrototypeOf(read)).toBe(Object.prototype);
});

it('throws unreadable-body and nothing else, whatever the bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(fault(bytes)).not.toContain('another error');
    }),
  );
});

it('reads or refuses the deepest nesting that fits a body, and fails at neither', () => {
  const depth = maxBodyBytes / 2;
  expect(fault('['.repeat(depth) + ']'.repeat(depth))).not.toContain('another error');
  expect(fault('['.repeat(maxBodyBytes))).not.toContain('another error');
  expect(fault('['.repeat(20) + ']'.repeat(20))).toBe('read');
});
