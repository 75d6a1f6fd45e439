import fc from 'fast-check';
import { diffRoles } from './roles-diff.js';
import { type RolesDocument, parseRolesDocument } from './roles-document.js';

function parsed(json: unknown): RolesDocument {
  const result = parseRolesDocument(json);
  if (!result.ok) throw new Error(JSON.stringify(result.faults));
  return result.document;
}

const before = parsed({
  roles: {
    admin: { 'authorized-labels': ['*'], permissions: ['all'] },
    doctor: { 'authorized-labels': ['a', 'b'], permissions: ['view', 'download'] },
    student: { 'authorized-labels': ['c'], permissions: ['view'] },
  },
  'available-labels': ['a', 'b'],
});
const after = parsed({
  roles: {
    doctor: { 'authorized-labels': ['b'], permissions: ['share', 'view', 'view'] },
    admin: { 'authorized-labels': ['*'], permissions: ['all'] },
    external: { 'authorized-labels': ['e'], permissions: ['view'] },
  },
  'available-labels': ['b', 'c'],
});

it('tells of each role what it gained and lost, those of the newer document first', () => {
  expect(diffRoles(before, after)).toEqual({
    roles: [
      {
        role: 'doctor',
        change: 'changed',
        permissions: { added: ['share'], removed: ['download'] },
        authorizedLabels: { added: [], removed: ['a'] },
      },
      {
        role: 'external',
        change: 'added',
        permissions: { added: ['view'], removed: [] },
        authorizedLabels: { added: ['e'], removed: [] },
      },
      {
        role: 'student',
        change: 'removed',
        permissions: { added: [], removed: ['view'] },
        authorizedLabels: { added: [], removed: ['c'] },
      },
    ],
    availableLabels: { added: ['c'], removed: ['a'] },
  });
});

it('tells a role that came without anything from one that is not there', () => {
  const empty = parsed({ roles: {} });
  const bare = parsed({ roles: { bare: {} } });
  expect(diffRoles(empty, bare).roles).toMatchObject([{ role: 'bare', change: 'added' }]);
  expect(diffRoles(bare, empty).roles).toMatchObject([{ role: 'bare', change: 'removed' }]);
});

it('takes order and duplicates for no change', () => {
  const one = parsed({ roles: { a: { permissions: ['view', 'share'] }, b: {} }, 'available-labels': ['x', 'y'] });
  const other = parsed({
    roles: { b: {}, a: { permissions: ['share', 'view', 'share'] } },
    'available-labels': ['y', 'x', 'x'],
  });
  expect(diffRoles(one, other)).toEqual({ roles: [], availableLabels: { added: [], removed: [] } });
});

it('knows roles named like members of every object', () => {
  const named = parsed(JSON.parse('{"roles": {"constructor": ["view"], "__proto__": ["all"]}}'));
  const found = diffRoles({ roles: {}, availableLabels: [] }, named).roles;
  expect(found.map(({ role, change }) => [role, change])).toEqual([
    ['constructor', 'added'],
    ['__proto__', 'added'],
  ]);
});

it('is empty between a document and itself, and mirrored the other way round', () => {
  const names = fc.array(fc.constantFrom('a', 'b', 'c', '*'));
  const role = fc.record({ 'authorized-labels': names, permissions: names });
  const document = fc
    .record({ roles: fc.dictionary(fc.constantFrom('r', 's', 't', 'constructor'), role), 'available-labels': names })
    .map(parsed);
  const sorted = (list: readonly string[]) => [...list].sort();
  fc.assert(
    fc.property(document, document, (one, other) => {
      expect(diffRoles(one, one)).toEqual({ roles: [], availableLabels: { added: [], removed: [] } });
      const [there, back] = [diffRoles(one, other), diffRoles(other, one)];
      expect(sorted(there.roles.map((each) => each.role))).toEqual(sorted(back.roles.map((each) => each.role)));
      for (const each of there.roles) {
        const mirrored = back.roles.find((candidate) => candidate.role === each.role);
        expect(sorted(each.permissions.added)).toEqual(sorted(mirrored?.permissions.removed ?? ['absent']));
        expect(sorted(each.authorizedLabels.removed)).toEqual(sorted(mirrored?.authorizedLabels.added ?? ['absent']));
      }
    }),
  );
});
