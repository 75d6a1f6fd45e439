import type { Role, RolesDocument } from '@warden/permissions';
import type { RealmRole } from './realm-roles.js';

/** Every realm has these for its own purposes; nobody gives them a meaning in Orthanc. */
const builtIn: ReadonlySet<string> = new Set(['offline_access', 'uma_authorization']);

/**
 * The document as the user interface shows it: each role of the realm, configured or not. Stored roles come first, in
 * their order, then those of the realm that nobody configured. A composite role is shown once it is configured; a
 * stored role that the realm lacks is not.
 */
export function visibleRoles(document: RolesDocument, realm: readonly RealmRole[]): RolesDocument {
  const shown = namesShown(realm);
  const roles = emptyRecord();
  for (const [name, role] of Object.entries(document.roles)) if (shown.has(name)) roles[name] = role;
  for (const { name, composite } of realm) {
    if (!composite && shown.has(name) && !Object.hasOwn(roles, name)) {
      roles[name] = { authorizedLabels: [], permissions: [] };
    }
  }
  return { roles, availableLabels: document.availableLabels };
}

/**
 * What is stored after somebody replaced what they could see: their document, and the stored roles that were hidden
 * from them. `realm` is null when it is not known at all: then a role that they left out may have been hidden, and is
 * kept. A role that the realm has, or had when it last answered, was shown, so leaving it out takes it away.
 */
export function keepingHidden(
  stored: RolesDocument,
  given: RolesDocument,
  realm: readonly RealmRole[] | null,
): RolesDocument {
  const shown = realm === null ? null : namesShown(realm);
  const roles = emptyRecord();
  for (const [name, role] of Object.entries(given.roles)) roles[name] = role;
  for (const [name, role] of Object.entries(stored.roles)) {
    if (!Object.hasOwn(roles, name) && shown?.has(name) !== true) roles[name] = role;
  }
  return { roles, availableLabels: given.availableLabels };
}

/** Names of stored roles that are shown: whether they are composite makes no difference once they are stored. */
function namesShown(realm: readonly RealmRole[]): ReadonlySet<string> {
  return new Set(realm.map(({ name }) => name).filter((name) => !builtIn.has(name)));
}

/** Without a prototype, as every roles document: a role may be called `__proto__`. */
function emptyRecord(): Record<string, Role> {
  return Object.create(null) as Record<string, Role>;
}
