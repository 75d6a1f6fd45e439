import type { Role, RolesDocument } from './roles-document.js';

/** What one role gained and lost. A role that came or went has gained or lost everything it holds. */
export interface RoleDifference {
  readonly role: string;
  readonly change: 'added' | 'removed' | 'changed';
  readonly permissions: ListDifference;
  readonly authorizedLabels: ListDifference;
}

export interface ListDifference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface RolesDifference {
  /** Roles that differ: those of `to` in its order, then those that went. */
  readonly roles: readonly RoleDifference[];
  readonly availableLabels: ListDifference;
}

const nothing: Role = { authorizedLabels: [], permissions: [] };

/**
 * What changed between two documents, as far as it changes what somebody may do: order and duplicates do not count,
 * neither of roles nor within a list.
 */
export function diffRoles(from: RolesDocument, to: RolesDocument): RolesDifference {
  const names = [...new Set([...Object.keys(to.roles), ...Object.keys(from.roles)])];
  return {
    roles: names.flatMap((role) => difference(role, roleOf(from, role), roleOf(to, role)) ?? []),
    availableLabels: compare(from.availableLabels, to.availableLabels),
  };
}

function difference(role: string, before: Role | null, after: Role | null): RoleDifference | null {
  const permissions = compare((before ?? nothing).permissions, (after ?? nothing).permissions);
  const authorizedLabels = compare((before ?? nothing).authorizedLabels, (after ?? nothing).authorizedLabels);
  if (before === null) return { role, change: 'added', permissions, authorizedLabels };
  if (after === null) return { role, change: 'removed', permissions, authorizedLabels };
  return isEmpty(permissions) && isEmpty(authorizedLabels)
    ? null
    : { role, change: 'changed', permissions, authorizedLabels };
}

/** A role may be called `constructor`, and the document may come with a prototype. */
function roleOf(document: RolesDocument, name: string): Role | null {
  return Object.hasOwn(document.roles, name) ? (document.roles[name] ?? null) : null;
}

function compare(from: readonly string[], to: readonly string[]): ListDifference {
  const before = new Set(from);
  const after = new Set(to);
  return {
    added: [...after].filter((entry) => !before.has(entry)),
    removed: [...before].filter((entry) => !after.has(entry)),
  };
}

function isEmpty({ added, removed }: ListDifference): boolean {
  return added.length === 0 && removed.length === 0;
}
