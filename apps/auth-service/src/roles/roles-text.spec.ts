import { toWire } from '@warden/permissions';
import fc from 'fast-check';
import { DomainError } from '../platform/errors/domain-error.js';
import { readRolesText } from './roles-text.js';
import { presentFile } from './roles.presenter.js';

const read = (text: string): unknown => JSON.parse(JSON.stringify(toWire(readRolesText(text))));
function fault(text: string): DomainError {
  try {
    readRolesText(text);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('was read');
}
const faults = (text: string) => fault(text).options.faults?.map(({ field, problem }) => [field, problem]);

it('reads comments, trailing commas and both forms of a role', () => {
  const text = `// permissions of the hospital
{
  "roles": {
    /* may do everything */
    "admin-role": { "authorized-labels": ["*"], "permissions": ["all"], },
    "doctor-role": ["view", "download"], // old form
  },
  "available-labels": [ /* any */ ],
}
`;
  expect(read(text)).toEqual({
    roles: {
      'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
      'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download'] },
    },
    'available-labels': [],
  });
});

it('reads the oldest form, roles at the top', () => {
  expect(read('{\r\n  "admin": ["all"], // everything\r\n  "doctor": ["view",],\r\n}')).toEqual({
    roles: {
      admin: { 'authorized-labels': ['*'], permissions: ['all'] },
      doctor: { 'authorized-labels': ['*'], permissions: ['view'] },
    },
    'available-labels': [],
  });
});

it('names every fault with its line', () => {
  const text = `{
  "available-labels": "x",
  "roles": {
    "a.b[1]": { "permissions": ["view", 5] },
    "b": {
      "permissions": [
        "view",
        "a\\u0000b"
      ],
      "authorized-labels": {}
    },
    "c\\u0000": {},
    "d": null
  }
}`;
  expect(faults(text)).toEqual([
    ['available-labels', 'is not a list (line 2, column 23)'],
    ['roles.a.b[1].permissions[1]', 'is not a text (line 4, column 41)'],
    ['roles.b.authorized-labels', 'is not a list (line 10, column 28)'],
    ['roles.b.permissions[1]', 'holds a NUL character (line 8, column 9)'],
    ['roles', 'role number 3 has a name that holds a NUL character (line 12, column 16)'],
    ['roles.d', 'is not a JSON object (line 13, column 10)'],
  ]);
  expect(fault(text).code).toBe('invalid-input');
});

it.each([
  ['a list', '[]', [['body', 'is not a JSON object (line 1, column 1)']]],
  ['an object without roles', '\n{"a": 1}', [['roles', 'is missing (line 2, column 1)']]],
  ['an old role with a number', '{"a": ["view",\n5]}', [['a[1]', 'is not a text (line 2, column 1)']]],
])('refuses %s', (_name, text, expected) => {
  expect(faults(text)).toEqual(expected);
});

it.each([
  ['nothing', '', 'ValueExpected in line 1, column 1'],
  ['a comment alone', '// nothing\n', 'ValueExpected in line 2'],
  ['half an object', '{"roles":\n{', 'CloseBraceExpected in line 2'],
  ['a missing comma', '{"roles": {}\n "x": 1}', 'CommaExpected in line 2, column 2'],
  ['NaN', '{"roles": NaN}', 'InvalidSymbol in line 1'],
  ['a comment without an end', '{"roles": {}} /* …', 'UnexpectedEndOfComment'],
  ['something behind', '{"roles": {}}\n{}', 'EndOfFileExpected in line 2'],
])('says where a text stops being JSON: %s', (_name, text, problem) => {
  const { code, detail } = fault(text);
  expect([code, detail]).toEqual(['unreadable-body', expect.stringContaining(problem)]);
});

it('counts depth outside of comments and texts, and lives through half a megabyte of it', () => {
  expect(fault('['.repeat(524_288)).detail).toContain('nested too deeply');
  expect(fault(`/* " */${'{"a":'.repeat(50_000)}`).detail).toContain('nested too deeply');
  expect(read(`{"a": ["all"], /* ${'['.repeat(500)} */ "b": ["${'{'.repeat(200)}"]}`)).toBeDefined();
});

it('gives no object another prototype, and takes the last of two members of one name', () => {
  expect(Object.keys(readRolesText('{"roles": {"__proto__": ["all"], "\\u005f_proto__": ["view"]}}').roles)).toEqual([
    '__proto__',
  ]);
  expect(read('{"a": [5], "a": ["all"]}')).toMatchObject({ roles: { a: { permissions: ['all'] } } });
  expect(faults('{"a": ["all"],\n "a": [5]}')).toEqual([['a[0]', 'is not a text (line 2, column 8)']]);
  expect(({} as Record<string, unknown>)['permissions']).toBeUndefined();
});

it('reads back what it wrote as a file, however large', () => {
  const name = fc.string({ unit: 'grapheme', maxLength: 20 });
  const role = fc.record({ 'authorized-labels': fc.array(name), permissions: fc.array(name) });
  const json = fc.record({ roles: fc.dictionary(name, role), 'available-labels': fc.array(name) });
  fc.assert(
    fc.property(json, fc.constantFrom(10, 100_000), (given, limit) => {
      const document = readRolesText(JSON.stringify(given));
      const file = presentFile(document, limit);
      expect(JSON.stringify(toWire(readRolesText(file)))).toBe(JSON.stringify(toWire(document)));
    }),
  );
});

it('throws errors of ours and nothing else, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.json(), fc.string({ unit: fc.constantFrom(...'{}[]",:/*\\ \n1a') })),
      (text) => {
        try {
          readRolesText(text);
        } catch (error) {
          expect(error).toBeInstanceOf(DomainError);
        }
      },
    ),
  );
});
