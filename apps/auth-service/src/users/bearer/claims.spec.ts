import type { IssuerConfig } from '../../platform/config/config.js';
import { type Claims, identityOf } from './claims.js';

type Rules = Pick<IssuerConfig, 'name' | 'claims' | 'roleRules' | 'labelTemplates'>;
const issuer: Rules = {
  name: 'entra',
  claims: {
    name: [['name'], ['preferred_username']],
    userId: [['oid'], ['sub']],
    groups: [['groups'], ['member', 'of']],
    roles: [['realm_access', 'roles'], ['roles']],
  },
  roleRules: [],
  labelTemplates: [],
};
const read = (claims: Claims, rules: Partial<Rules> = {}) => identityOf({ ...issuer, ...rules }, claims);
const labels = (template: string, claims: Claims) => read(claims, { labelTemplates: [template] }).own.labels;
/** As a token carries it: `__proto__` is then a member like any other. */
const fromJson = (text: string) => JSON.parse(text) as Claims;

describe('name and user id', () => {
  it('come from the first path that holds a text', () => {
    expect(read({ oid: 'o', sub: 's', preferred_username: 'doc' })).toMatchObject({
      id: 'entra:o',
      source: 'entra',
      userId: 'o',
      name: 'doc',
    });
    expect(read({ oid: '', sub: 's', name: ['x'] })).toMatchObject({ id: 'entra:s', userId: 's', name: '' });
  });

  it('may be absent: the id is then the name, or says that there is none', () => {
    expect(read({ name: 'Doc' })).toMatchObject({ id: 'entra:Doc', userId: null, name: 'Doc' });
    expect(read({ sub: 7, name: {} })).toMatchObject({ id: 'entra:unnamed', userId: null, name: '' });
  });

  it('hold no control character and no half of a character, since the record keeps neither', () => {
    const { id, name } = read({ sub: 'a\0b\nc', name: 'x\u0085y\ud800' });
    expect([id, name]).toEqual(['entra:a\ufffdb\ufffdc', 'x\ufffdy\ufffd']);
  });

  it('are cut at 256 characters', () => {
    expect(read({ sub: 's'.repeat(10_000), name: 'n'.repeat(10_000) })).toMatchObject({
      userId: 's'.repeat(256),
      name: 'n'.repeat(256),
    });
  });
});

describe('groups', () => {
  it.each<[string, Claims, readonly string[] | null]>([
    ['a list', { groups: ['/a', '/b'] }, ['/a', '/b']],
    ['a text', { groups: 'a' }, ['a']],
    ['an empty list', { groups: [] }, []],
    ['nothing', {}, null],
    ['null', { groups: null }, null],
    ['an object', { groups: { a: true } }, null],
    ['a number', { groups: 7 }, null],
    ['the second path, where the first holds none', { groups: 7, member: { of: ['c'] } }, ['c']],
    ['texts among other things', { groups: ['a', 1, null, ['b'], { c: 1 }, 'd'] }, ['a', 'd']],
    ['lists of lists', { groups: [[['admin']]] }, []],
    ['the overage of Entra ID, which names no group', { _claim_names: { groups: 'src1' } }, null],
  ])('%s', (_, claims, expected) => expect(read(claims).groups).toEqual(expected));

  it('are at most a thousand', () => {
    expect(read({ groups: Array.from({ length: 10_000 }, (_, index) => `g${index}`) }).groups).toHaveLength(1_000);
  });
});

describe('roles', () => {
  it('are those of every path in order, each once', () => {
    expect(read({ realm_access: { roles: ['a', 'b', 'a'] }, roles: ['b', 'c'] }).roles).toEqual(['a', 'b', 'c']);
    expect(read({ roles: 'a' }).roles).toEqual(['a']);
  });

  it.each<[string, Claims]>([
    ['no claim', {}],
    ['null', { realm_access: null, roles: null }],
    ['an object', { realm_access: { roles: {} } }],
    ['a text on the way', { realm_access: 'roles' }],
    ['a list on the way', { realm_access: [['roles']] }],
  ])('are not told by %s', (_, claims) => expect(read(claims).roles).toBeNull());

  it('are none where a list says so, which is not silence', () => {
    expect(read({ roles: [] }).roles).toEqual([]);
    expect(read({ roles: [['admin-role']] }).roles).toEqual([]);
  });

  it('are not found in what every object inherits', () => {
    const paths = ['__proto__', 'constructor', 'toString', 'length'].map((name) => [name]);
    expect(read({}, { claims: { ...issuer.claims, roles: paths } }).roles).toBeNull();
    expect(read({ x: 'text' }, { claims: { ...issuer.claims, roles: [['x', 'length']] } }).roles).toBeNull();
    const hostile = fromJson('{"__proto__":{"roles":["admin-role"]},"constructor":{"prototype":{"roles":["admin"]}}}');
    expect(read(hostile).roles).toBeNull();
    expect(({} as Record<string, unknown>)['roles']).toBeUndefined();
  });

  it('take a name as it is, also one that every object has', () => {
    expect(read(fromJson('{"roles":["__proto__","constructor"]}')).roles).toEqual(['__proto__', 'constructor']);
  });
});

describe('a role rule', () => {
  const roleRules = [
    { claim: ['groups'], value: 'guid-1', role: 'doctor-role' },
    { claim: ['department', 'code'], value: 'rad', role: 'radiology-role' },
  ];

  it('gives its role when the claim is the value, or contains it', () => {
    expect(read({ groups: ['guid-2', 'guid-1'] }, { roleRules }).roles).toEqual(['doctor-role']);
    expect(read({ groups: 'guid-1', department: { code: 'rad' } }, { roleRules }).roles).toEqual([
      'doctor-role',
      'radiology-role',
    ]);
  });

  it('adds to the roles of the token, each once', () => {
    expect(read({ roles: ['x', 'doctor-role'], groups: ['guid-1'] }, { roleRules }).roles).toEqual([
      'x',
      'doctor-role',
    ]);
  });

  it.each([['GUID-1'], ['guid-1 '], ['guid-'], ['xguid-1x'], [['guid-1']], [{ value: 'guid-1' }], [null], [true]])(
    'is not met by %j',
    (group) => expect(read({ groups: [group] }, { roleRules }).roles).toEqual([]),
  );

  it('says by its presence that a token without roles has none', () => {
    expect(read({}, { roleRules }).roles).toEqual([]);
  });
});

describe('a label template', () => {
  it('gives one label for each value', () => {
    expect(labels('dept-{department}', { department: 'cardio' })).toEqual(['dept-cardio']);
    expect(labels('{site.codes}-x', { site: { codes: ['a', 'b'] } })).toEqual(['a-x', 'b-x']);
    expect(labels('{https://h.example/dept}', { 'https://h.example/dept': 'n' })).toEqual(['n']);
  });

  it.each<[string, unknown]>([
    ['absent', undefined],
    ['empty', ''],
    ['a list of an empty text', ['']],
    ['longer than 64 characters', 'x'.repeat(65)],
    ['huge', 'x'.repeat(1_000_000)],
    ['a number', 7],
    ['true', true],
    ['an object', { '*': '*' }],
    ['a list of lists', [['*'], [['*']]]],
  ])('gives none for a value that is %s', (_, value) => expect(labels('dept-{d}', { d: value })).toEqual([]));

  it('never gives the label that stands for every study', () => {
    expect(labels('{d}', { d: ['*', 'a'] })).toEqual(['a']);
    expect(labels('{d}*', { d: '' })).toEqual([]);
    expect(labels('*{d}', { d: [''] })).toEqual([]);
  });

  it('reads no member that every object has', () => {
    for (const name of ['__proto__', 'constructor', 'toString', 'constructor.name'])
      expect(labels(`{${name}}`, { d: 'x' })).toEqual([]);
  });

  it('is taken once: a claim cannot hold a template', () => {
    expect(labels('dept-{d}', { d: '{secret}', secret: 's' })).toEqual(['dept-{secret}']);
  });
});

it('carries the end of the token in milliseconds', () => {
  expect(read({ exp: 1_800_000_000 }).expiresAt).toBe(1_800_000_000_000);
  expect(read({ exp: '1800000000' }).expiresAt).toBeNull();
});
