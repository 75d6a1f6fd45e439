import { type RolesDocument, toWire } from '@warden/permissions';
import type { DescribedVersion } from './role-history.js';
import type { RolesHistoryEntryDto, RolesVersionDto, StoredRoleDto, StoredRolesDto } from './roles.dto.js';
import type { RolesVersion } from './roles.store.js';

/** The only way out for versions of the roles. */
export function presentStored(version: RolesVersion, realm: ReadonlySet<string> | null): StoredRolesDto {
  const wire = toWire(version.document);
  const roles = Object.create(null) as Record<string, StoredRoleDto>;
  for (const [name, role] of Object.entries(wire.roles)) {
    roles[name] = { ...role, 'known-to-keycloak': realm === null ? null : realm.has(name) };
  }
  return { roles, 'available-labels': wire['available-labels'], ...madeOf(version) };
}

export function presentVersion(version: RolesVersion): RolesVersionDto {
  return { ...madeOf(version), document: toWire(version.document) };
}

export function presentEntry({ version, changes }: DescribedVersion): RolesHistoryEntryDto {
  const named = (change: string) => changes.roles.filter((one) => one.change === change).map((one) => one.role);
  const { added, removed } = changes.availableLabels;
  return {
    ...madeOf(version),
    changes: {
      added: named('added'),
      removed: named('removed'),
      changed: named('changed'),
      availableLabels: added.length + removed.length > 0,
    },
  };
}

/** A permissions.json that `import` takes: indented for people, unless it would then be too large to come back. */
export function presentFile(document: RolesDocument, maxBytes: number): string {
  const indented = `${JSON.stringify(toWire(document), null, 2)}\n`;
  return Buffer.byteLength(indented) <= maxBytes ? indented : JSON.stringify(toWire(document));
}

function madeOf({ version, madeAt, madeBy, reason }: RolesVersion) {
  return { version, madeAt: new Date(madeAt).toISOString(), madeBy, reason };
}
