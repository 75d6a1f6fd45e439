import type { RolesDocument } from '@warden/permissions';
import type { Identity } from './identity.js';

/** What an identity may do, and where each part comes from. */
export interface Rights {
  /** Union in the order of the roles, then what the credential carries itself; no duplicates. */
  readonly permissions: readonly string[];
  /** `*` = every study. */
  readonly labels: readonly string[];
  readonly sources: readonly RightsSource[];
}

/** One role, or the credential itself. */
export interface RightsSource {
  /** Null: the credential's own. */
  readonly role: string | null;
  /** False: the roles document does not have it, so it gives nothing. */
  readonly configured: boolean;
  readonly permissions: readonly string[];
  readonly labels: readonly string[];
}

/** The one way from an identity to rights: the profile, the guard of the management API and explain all take it. */
export function rightsOf({ roles, own }: Pick<Identity, 'roles' | 'own'>, document: RolesDocument): Rights {
  const sources: RightsSource[] = roles.map((role) => {
    const found = Object.hasOwn(document.roles, role) ? document.roles[role] : undefined;
    return {
      role,
      configured: found !== undefined,
      permissions: found?.permissions ?? [],
      labels: found?.authorizedLabels ?? [],
    };
  });
  if (own.permissions.length > 0 || own.labels.length > 0) sources.push({ role: null, configured: true, ...own });
  return {
    permissions: [...new Set(sources.flatMap((one) => one.permissions))],
    labels: [...new Set(sources.flatMap((one) => one.labels))],
    sources,
  };
}
