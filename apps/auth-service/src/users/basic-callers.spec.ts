import { Secret } from '../platform/observability/secret.js';
import { BasicCallers } from './basic-callers.js';

const users = [
  { name: 'alice', password: new Secret('correct horse'), scopes: ['plugin'], permissions: [] },
  { name: 'bob', password: new Secret('pass:with:colons'), scopes: [], permissions: ['share'] },
  { name: 'zoë', password: new Secret('schlüssel-患者'), scopes: ['decode'], permissions: [] },
  { name: '__proto__', password: new Secret('p'), scopes: [], permissions: [] },
] as const;
const callers = () => new BasicCallers({ users });
const encode = (text: string, encoding: BufferEncoding = 'utf8') => Buffer.from(text, encoding).toString('base64');
const who = (authorization: string | undefined) =>
  callers().resolve(authorization === undefined ? {} : { authorization })?.id ?? null;

it('knows a user by name and password, with the scopes and permissions of that user', () => {
  expect(callers().resolve({ authorization: `Basic ${encode('alice:correct horse')}` })).toEqual({
    id: 'basic:alice',
    name: 'alice',
    via: 'basic',
    scopes: ['plugin'],
    permissions: [],
    labels: [],
    roles: [],
  });
  expect(callers().resolve({ authorization: `Basic ${encode('bob:pass:with:colons')}` })).toEqual({
    id: 'basic:bob',
    name: 'bob',
    via: 'basic',
    scopes: [],
    permissions: ['share'],
    labels: ['*'],
    roles: [],
  });
});

it('reads names and passwords as UTF-8 (RFC 7617 section 2.1)', () => {
  expect(who(`Basic ${encode('zoë:schlüssel-患者')}`)).toBe('basic:zoë');
  expect(who(`Basic ${encode('zoë:schlüssel', 'latin1')}`)).toBeNull();
});

it('takes the scheme in any case, with one space or more (RFC 9110 section 11.1)', () => {
  for (const scheme of ['Basic ', 'basic ', 'BASIC ', 'Basic   '])
    expect(who(`${scheme}${encode('alice:correct horse')}`)).toBe('basic:alice');
});

it.each<[string, string | undefined]>([
  ['no header', undefined],
  ['an empty header', ''],
  ['a scheme alone', 'Basic'],
  ['a scheme and a space', 'Basic '],
  ['another scheme', `Bearer ${encode('alice:correct horse')}`],
  ['a scheme with a letter too many', `Basics ${encode('alice:correct horse')}`],
  ['a wrong password', `Basic ${encode('alice:correct hors')}`],
  ['a password with something behind', `Basic ${encode('alice:correct horse ')}`],
  ['a password with a NUL behind', `Basic ${encode('alice:correct horse\0')}`],
  ['an empty password', `Basic ${encode('alice:')}`],
  ['no colon', `Basic ${encode('alicecorrect horse')}`],
  ["another user's password", `Basic ${encode('alice:pass:with:colons')}`],
  ['a name in capitals', `Basic ${encode('ALICE:correct horse')}`],
  ['an unknown name', `Basic ${encode('eve:correct horse')}`],
  ['an empty name', `Basic ${encode(':correct horse')}`],
  ['a name that objects have', `Basic ${encode('constructor:p')}`],
  ['not base64', 'Basic !!!!'],
  ['plain text', 'Basic alice:correct horse'],
  ['something in front', `x, Basic ${encode('alice:correct horse')}`],
  ['two credentials', `Basic ${encode('alice:correct horse')}, Basic ${encode('bob:pass:with:colons')}`],
  ['a megabyte', `Basic ${'QUFB'.repeat(250_000)}`],
])('knows nobody by %s', (_name, authorization) => {
  expect(who(authorization)).toBeNull();
});

it('takes a user called __proto__ for a user like any other', () => {
  expect(who(`Basic ${encode('__proto__:p')}`)).toBe('basic:__proto__');
});

it('prints no password, whatever prints it', () => {
  expect(JSON.stringify(callers())).not.toMatch(/correct horse|pass:with/);
});
