import { type RolesDocument, parseRolesDocument, toWire } from '@warden/permissions';
import { keepingHidden, visibleRoles } from './visible-roles.js';

function roles(json: unknown): RolesDocument {
  const parsed = parseRolesDocument(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.document;
}
/** As recorded of the incumbent: what its Keycloak lists. */
const realm = [
  { name: 'default-roles-orthanc', composite: true },
  { name: 'offline_access', composite: false },
  { name: 'admin-role', composite: false },
  { name: 'doctor-role', composite: false },
  { name: 'external-role', composite: false },
  { name: 'uma_authorization', composite: false },
  { name: 'extra-role', composite: false },
];
const empty = { 'authorized-labels': [], permissions: [] };
const shown = (document: RolesDocument, of = realm) => JSON.stringify(toWire(visibleRoles(document, of)).roles);

describe('visibleRoles', () => {
  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'get-after-good',
      { 'admin-role': { permissions: ['all'] }, 'doctor-role': { permissions: ['view'] } },
      ['admin-role', 'doctor-role', 'external-role', 'extra-role'],
    ],
    [
      'get-after-unknown-role',
      { 'ghost-role': { permissions: ['view'] } },
      ['admin-role', 'doctor-role', 'external-role', 'extra-role'],
    ],
    [
      'get-after-label',
      { 'doctor-role': { permissions: ['view'] } },
      ['doctor-role', 'admin-role', 'external-role', 'extra-role'],
    ],
  ])('lists in the order that was recorded: %s', (_case, stored, names) => {
    expect(Object.keys(visibleRoles(roles({ roles: stored }), realm).roles)).toEqual(names);
  });

  it('gives roles that nobody configured empty lists, and keeps the labels', () => {
    const document = roles({ roles: { 'admin-role': ['all'] }, 'available-labels': ['a'] });
    expect(JSON.parse(JSON.stringify(toWire(visibleRoles(document, realm))))).toEqual({
      roles: {
        'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
        'doctor-role': empty,
        'external-role': empty,
        'extra-role': empty,
      },
      'available-labels': ['a'],
    });
  });

  it('shows a composite role once it is configured, and the built-in ones never', () => {
    const document = roles({ roles: { 'default-roles-orthanc': ['view'], offline_access: ['view'] } });
    expect(Object.keys(visibleRoles(document, realm).roles)[0]).toBe('default-roles-orthanc');
    expect(shown(document)).not.toContain('offline_access');
    expect(shown(roles({ roles: {} }))).not.toContain('default-roles');
  });

  it('is not misled by roles named like members of every object', () => {
    const named = [
      { name: '__proto__', composite: false },
      { name: 'constructor', composite: false },
    ];
    expect(shown(roles({ roles: {} }), named)).toBe(
      '{"__proto__":{"authorized-labels":[],"permissions":[]},"constructor":{"authorized-labels":[],"permissions":[]}}',
    );
  });
});

describe('keepingHidden', () => {
  const stored = roles({
    roles: { 'admin-role': ['all'], 'old-role': ['share'], 'doctor-role': ['view'], offline_access: ['view'] },
    'available-labels': ['a'],
  });
  const given = roles({ roles: { 'extra-role': ['view'], 'admin-role': ['all', 'view'] } });
  const names = (of: Parameters<typeof keepingHidden>[2], from = given) =>
    Object.keys(keepingHidden(stored, from, of).roles);

  it('keeps stored roles that the realm lacks, behind those given, as they were', () => {
    const kept = keepingHidden(stored, given, realm);
    expect(names(realm)).toEqual(['extra-role', 'admin-role', 'old-role', 'offline_access']);
    expect(kept.roles['old-role']).toEqual({ authorizedLabels: ['*'], permissions: ['share'] });
    expect(kept.roles['admin-role']?.permissions).toEqual(['all', 'view']);
    expect(kept.availableLabels).toEqual([]);
  });

  it('takes away a role that was shown and is left out', () => {
    expect(names(realm)).not.toContain('doctor-role');
  });

  it('takes what is given for a hidden role, which somebody who knows of it wrote', () => {
    const told = roles({ roles: { 'admin-role': ['all'], 'old-role': ['view'] } });
    expect(keepingHidden(stored, told, realm).roles['old-role']?.permissions).toEqual(['view']);
  });

  it('loses no role while the realm was never heard', () => {
    expect(names(null)).toEqual(['extra-role', 'admin-role', 'old-role', 'doctor-role', 'offline_access']);
  });
});
