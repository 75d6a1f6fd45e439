import { type RolesDifference, type RolesDocument, diffRoles } from '@warden/permissions';
import type { RolesVersion } from './roles.store.js';

/** A version and what it changed. */
export interface DescribedVersion {
  readonly version: RolesVersion;
  readonly changes: RolesDifference;
}

/** `before` is null for the first version, which added everything in it. */
export function described(version: RolesVersion, before: RolesDocument | null): DescribedVersion {
  return { version, changes: diffRoles(before ?? { roles: {}, availableLabels: [] }, version.document) };
}
