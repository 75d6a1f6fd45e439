import fc from 'fast-check';
import {
  MAX_ENTRIES,
  MAX_NAME_LENGTH,
  MAX_ROLES,
  type RolesDocument,
  hasAdministrator,
  mergeRoles,
  parseRolesDocument,
  toWire,
} from './roles-document.js';

function parsed(json: unknown): RolesDocument {
  const result = parseRolesDocument(json);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.document;
}

function faults(json: unknown): [field: string, problem: string][] {
  const result = parseRolesDocument(json);
  return result.ok ? [] : result.faults.map(({ field, problem }) => [field, problem]);
}

const wire = (json: unknown): unknown => JSON.parse(JSON.stringify(toWire(parsed(json))));

const recorded = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['b', 'a'], permissions: ['view', 'download'] },
  },
  'available-labels': ['a', 'b'],
};

describe('parseRolesDocument', () => {
  it('reads what the user interface puts', () => {
    expect(parsed(recorded)).toEqual({
      roles: {
        'admin-role': { authorizedLabels: ['*'], permissions: ['all'] },
        'doctor-role': { authorizedLabels: ['b', 'a'], permissions: ['view', 'download'] },
      },
      availableLabels: ['a', 'b'],
    });
  });

  it('takes absent lists for empty ones, as recorded', () => {
    expect(wire({ roles: { 'doctor-role': { permissions: ['view'] }, ghost: {} } })).toEqual({
      roles: {
        'doctor-role': { 'authorized-labels': [], permissions: ['view'] },
        ghost: { 'authorized-labels': [], permissions: [] },
      },
      'available-labels': [],
    });
  });

  it.each([
    [
      'an unknown permission',
      { roles: { r: { 'authorized-labels': ['*'], permissions: ['fly'] } }, 'available-labels': [] },
    ],
    [
      'duplicates',
      {
        roles: { r: { 'authorized-labels': ['a', 'a'], permissions: ['view', 'view'] } },
        'available-labels': ['a', 'a'],
      },
    ],
    [
      'a label that is not available',
      { roles: { r: { 'authorized-labels': ['zzz'], permissions: [] } }, 'available-labels': ['a'] },
    ],
    ['no roles at all', { roles: {}, 'available-labels': [] }],
  ])('keeps %s as given', (_, json) => {
    expect(wire(json)).toEqual(json);
  });

  it('ignores unknown members', () => {
    expect(wire({ roles: { r: { permissions: ['view'], foo: 1 } }, bar: { a: [1] } })).toEqual({
      roles: { r: { 'authorized-labels': [], permissions: ['view'] } },
      'available-labels': [],
    });
  });

  it('reads a bare array under roles as permissions on every study', () => {
    expect(parsed({ roles: { doctor: ['view'], nurse: { permissions: ['view'] } } }).roles).toEqual({
      doctor: { authorizedLabels: ['*'], permissions: ['view'] },
      nurse: { authorizedLabels: [], permissions: ['view'] },
    });
  });

  it('reads the oldest permissions.json, roles at the top', () => {
    expect(parsed({ admin: ['all'], doctor: ['view', 'download'], none: [] })).toEqual({
      roles: {
        admin: { authorizedLabels: ['*'], permissions: ['all'] },
        doctor: { authorizedLabels: ['*'], permissions: ['view', 'download'] },
        none: { authorizedLabels: ['*'], permissions: [] },
      },
      availableLabels: [],
    });
  });

  it.each([
    ['a text', 'roles'],
    ['null', null],
    ['nothing', undefined],
    ['a list', []],
  ])('refuses %s', (_, json) => {
    expect(faults(json)).toEqual([['', 'is not a JSON object']]);
  });

  it.each([
    ['an empty object', {}, 'is missing'],
    ['labels alone, which are no role of the oldest form', { 'available-labels': [] }, 'is missing'],
    ['a mixture that is no form', { doctor: ['view'], nurse: {} }, 'is missing'],
    ['roles that are null', { roles: null }, 'is not a JSON object'],
    ['roles that are a list', { roles: ['view'], doctor: ['view'] }, 'is not a JSON object'],
  ])('refuses %s', (_, json, problem) => {
    expect(faults(json)).toEqual([['roles', problem]]);
  });

  it('reports all that is wrong, each with a remedy', () => {
    const result = parseRolesDocument({
      roles: {
        a: 'view',
        b: null,
        c: { permissions: ['view', 5, null], 'authorized-labels': 'x' },
        d: [{}],
        e: { permissions: null },
      },
      'available-labels': { a: 1 },
    });
    const found = result.ok ? [] : result.faults;
    expect(found.map(({ field }) => field)).toEqual([
      'available-labels',
      'roles.a',
      'roles.b',
      'roles.c.authorized-labels',
      'roles.c.permissions[1]',
      'roles.c.permissions[2]',
      'roles.d[0]',
      'roles.e.permissions',
    ]);
    for (const { problem, remedy } of found) expect([problem, remedy]).not.toContain('');
  });

  it('names the role of the oldest form', () => {
    expect(faults({ doctor: ['view', 5] })).toEqual([['doctor[1]', 'is not a text']]);
  });

  describe('limits', () => {
    const long = 'x'.repeat(MAX_NAME_LENGTH);
    const roles = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`r${n}`, []]));
    const entries = (count: number) => Array.from({ length: count }, () => 'view');

    it('are themselves allowed', () => {
      expect(faults({ roles: roles(MAX_ROLES) })).toEqual([]);
      expect(faults({ roles: { [long]: { permissions: entries(MAX_ENTRIES) } }, 'available-labels': [long] })).toEqual(
        [],
      );
    });

    it('hold for the number of roles', () => {
      expect(faults({ roles: roles(MAX_ROLES + 1) })).toEqual([['roles', 'holds 1001 roles']]);
    });

    it('hold for each list', () => {
      const list = entries(MAX_ENTRIES + 1);
      expect(
        faults({ roles: { a: { 'authorized-labels': list, permissions: list }, b: list }, 'available-labels': list }),
      ).toEqual([
        ['available-labels', 'holds 1001 entries'],
        ['roles.a.authorized-labels', 'holds 1001 entries'],
        ['roles.a.permissions', 'holds 1001 entries'],
        ['roles.b', 'holds 1001 entries'],
      ]);
    });

    it('hold for the length of each name', () => {
      expect(faults({ roles: { a: [`${long}x`] }, 'available-labels': [`${long}x`] })).toEqual([
        ['available-labels[0]', 'has 257 characters'],
        ['roles.a[0]', 'has 257 characters'],
      ]);
    });

    it('refuse NUL and half a surrogate pair, which a database cannot store', () => {
      expect(faults({ roles: { a: ['a\0b', 'a\ud800b', '\ud83d\ude00'] } })).toEqual([
        ['roles.a[0]', 'holds a NUL character'],
        ['roles.a[1]', 'is not well-formed Unicode'],
      ]);
    });

    it('hold for role names, which are then not repeated', () => {
      const json = { roles: { ok: [], [`${long}x`]: [5], 'a\0b': {} } };
      expect(faults(json)).toEqual([
        ['roles', 'role number 2 has a name that has 257 characters'],
        ['roles[role 2][0]', 'is not a text'],
        ['roles', 'role number 3 has a name that holds a NUL character'],
      ]);
    });

    it('hold for the answer: the last fault counts those not listed', () => {
      const wrong = Array.from({ length: 600 }, () => 0);
      const found = faults({ roles: { a: wrong, b: wrong } });
      expect(found).toHaveLength(1001);
      expect(found.at(-1)).toEqual(['', '200 more faults are not listed']);
    });
  });

  it('treats roles named like members of every object as roles', () => {
    const text =
      '{"roles":{"__proto__":{"authorized-labels":[],"permissions":["all"]},' +
      '"constructor":{"authorized-labels":[],"permissions":["view"]}},"available-labels":[]}';
    const document = parsed(JSON.parse(text));
    expect(Object.keys(document.roles)).toEqual(['__proto__', 'constructor']);
    expect(JSON.stringify(toWire(document))).toBe(text);
    expect(({} as Record<string, unknown>)['permissions']).toBeUndefined();
  });

  it('never throws, and gives a fault whenever it gives no document', () => {
    const member = fc.constantFrom(
      'roles',
      'available-labels',
      'permissions',
      'authorized-labels',
      '__proto__',
      'doctor',
    );
    const json = fc.letrec((tie) => ({
      value: fc.oneof({ maxDepth: 5 }, fc.jsonValue(), fc.array(tie('value')), tie('object')),
      object: fc.dictionary(member, tie('value')),
    }));
    fc.assert(
      fc.property(json.object, (value) => {
        const result = parseRolesDocument(value);
        if (!result.ok) expect(result.faults.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe('toWire', () => {
  it('writes what is read back as the same document, in the same order', () => {
    const name = fc.string({ unit: 'grapheme', maxLength: 20 });
    const role = fc.record({ 'authorized-labels': fc.array(name), permissions: fc.array(name) });
    const json = fc.record({ roles: fc.dictionary(name, role), 'available-labels': fc.array(name) });
    fc.assert(
      fc.property(json, (given) => {
        expect(JSON.stringify(toWire(parsed(given)))).toBe(JSON.stringify(given));
      }),
    );
  });
});

describe('mergeRoles', () => {
  const document = parsed({
    roles: {
      doctor: { 'authorized-labels': ['b', 'a'], permissions: ['view', 'download', 'view'] },
      sharer: { 'authorized-labels': ['a', 'c'], permissions: ['share', 'view'] },
    },
  });

  it('is the union in the order of the role names, without duplicates', () => {
    expect(mergeRoles(document, ['sharer', 'doctor'])).toEqual({
      permissions: ['share', 'view', 'download'],
      authorizedLabels: ['a', 'c', 'b'],
    });
    expect(mergeRoles(document, ['doctor'])).toEqual({
      permissions: ['view', 'download'],
      authorizedLabels: ['b', 'a'],
    });
  });

  it('gives nothing for roles that are not configured', () => {
    const none = { permissions: [], authorizedLabels: [] };
    expect(mergeRoles(document, [])).toEqual(none);
    expect(mergeRoles(document, ['uma_authorization', 'Doctor', '__proto__', 'constructor', 'toString'])).toEqual(none);
    expect(mergeRoles({ roles: {}, availableLabels: [] }, ['constructor'])).toEqual(none);
  });
});

describe('hasAdministrator', () => {
  const withPermissions = (...permissions: string[]) => parsed({ roles: { user: ['view'], other: { permissions } } });

  it('is true when a role holds admin-permissions or all', () => {
    expect(hasAdministrator(withPermissions('admin-permissions'))).toBe(true);
    expect(hasAdministrator(withPermissions('all'))).toBe(true);
  });

  it('is false otherwise', () => {
    expect(hasAdministrator(withPermissions('settings', 'Admin-permissions'))).toBe(false);
    expect(hasAdministrator(parsed({ roles: {} }))).toBe(false);
  });
});
