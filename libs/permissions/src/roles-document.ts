import { holds } from './vocabulary.js';

export interface Role {
  /** Labels whose studies the role may see; `*` = every study, none = no study. */
  readonly authorizedLabels: readonly string[];
  /** Known and custom names, as given, duplicates too. */
  readonly permissions: readonly string[];
}

export interface RolesDocument {
  /** By name, in the order given. Has no prototype, so that a role may be called `constructor` or `__proto__`. */
  readonly roles: Readonly<Record<string, Role>>;
  /** Labels that may be created; none = any. */
  readonly availableLabels: readonly string[];
}

/** The document as permissions.json and the routes have it. */
export interface WireRolesDocument {
  readonly roles: Readonly<
    Record<string, { readonly 'authorized-labels': readonly string[]; readonly permissions: readonly string[] }>
  >;
  readonly 'available-labels': readonly string[];
}

/** One thing that is wrong: where, what, and what to write instead. Values are not repeated. */
export interface RolesFault {
  /** `roles.<role>.permissions[3]`; empty for the document itself. */
  readonly field: string;
  readonly problem: string;
  readonly remedy: string;
}

export interface MergedRoles {
  readonly permissions: string[];
  readonly authorizedLabels: string[];
}

export const MAX_ROLES = 1_000;
/** Of one list of labels or permissions. */
export const MAX_ENTRIES = 1_000;
/** Of a role, a label or a permission, in UTF-16 units. */
export const MAX_NAME_LENGTH = 256;
/** A body of a megabyte could otherwise be answered with a hundred. */
const MAX_FAULTS = 1_000;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads a roles document, three forms of it: `{"roles": {"<role>": {"authorized-labels": [], "permissions": []}},
 * "available-labels": []}`; the same with a bare array of permissions for a role, which may then see every study; and
 * the oldest permissions.json, an object of such arrays without `roles`. Lists may be absent. Unknown members are
 * ignored, unknown permissions and duplicates kept.
 *
 * @returns all that is wrong, not the first only; beyond 1,000 faults the last one counts the rest. Never throws.
 */
export function parseRolesDocument(
  json: unknown,
): { readonly ok: true; readonly document: RolesDocument } | { readonly ok: false; readonly faults: RolesFault[] } {
  const reader = new RolesReader();
  const document = reader.read(json);
  return reader.faulty ? { ok: false, faults: reader.report() } : { ok: true, document };
}

/** The document in the form of the wire; what {@link parseRolesDocument} reads back as the same document. */
export function toWire(document: RolesDocument): WireRolesDocument {
  const roles = emptyRecord<WireRolesDocument['roles'][string]>();
  for (const [name, role] of Object.entries(document.roles)) {
    roles[name] = { 'authorized-labels': role.authorizedLabels, permissions: role.permissions };
  }
  return { roles, 'available-labels': document.availableLabels };
}

/** What the holder of several roles may do: their union in the order of `roleNames`. Roles not configured add nothing. */
export function mergeRoles(document: RolesDocument, roleNames: readonly string[]): MergedRoles {
  const permissions = new Set<string>();
  const authorizedLabels = new Set<string>();
  for (const name of roleNames) {
    const role = Object.hasOwn(document.roles, name) ? document.roles[name] : undefined;
    role?.permissions.forEach((permission) => permissions.add(permission));
    role?.authorizedLabels.forEach((label) => authorizedLabels.add(label));
  }
  return { permissions: [...permissions], authorizedLabels: [...authorizedLabels] };
}

/** Whether some role could still change this document; without one nobody can, by any route. */
export function hasAdministrator(document: RolesDocument): boolean {
  return Object.values(document.roles).some((role) => holds(role.permissions, 'admin-permissions'));
}

class RolesReader {
  private readonly faults: RolesFault[] = [];
  private unlisted = 0;

  get faulty(): boolean {
    return this.faults.length > 0;
  }

  report(): RolesFault[] {
    if (this.unlisted === 0) return this.faults;
    const problem = `${this.unlisted} more faults are not listed`;
    return [...this.faults, { field: '', problem, remedy: 'correct those listed, then try again' }];
  }

  read(json: unknown): RolesDocument {
    if (!isObject(json)) {
      this.add('', 'is not a JSON object', 'send {"roles": {…}, "available-labels": […]}');
      return { roles: emptyRecord(), availableLabels: [] };
    }
    if (isOldestForm(json)) return { roles: this.readRoles(json, ''), availableLabels: [] };
    const availableLabels = this.readNames(json, 'available-labels', 'available-labels');
    if (!isObject(json['roles'])) {
      const problem = Object.hasOwn(json, 'roles') ? 'is not a JSON object' : 'is missing';
      this.add('roles', problem, 'give an object of role name to {"authorized-labels": […], "permissions": […]}');
      return { roles: emptyRecord(), availableLabels };
    }
    return { roles: this.readRoles(json['roles'], 'roles'), availableLabels };
  }

  private readRoles(json: JsonObject, field: string): Record<string, Role> {
    const roles = emptyRecord<Role>();
    const names = Object.keys(json);
    if (names.length > MAX_ROLES) {
      this.add(field, `holds ${names.length} roles`, `keep to ${MAX_ROLES}`);
      return roles;
    }
    names.forEach((name, index) => {
      const fault = nameFault(name);
      // A name that is at fault is not repeated: it may be a megabyte, or hold what a log or a terminal obeys.
      if (fault) this.add(field, `role number ${index + 1} has a name that ${fault.problem}`, fault.remedy);
      const path = fault ? `${field}[role ${index + 1}]` : field === '' ? name : `${field}.${name}`;
      roles[name] = this.readRole(json[name], path);
    });
    return roles;
  }

  private readRole(json: unknown, field: string): Role {
    if (Array.isArray(json)) return { authorizedLabels: ['*'], permissions: this.readList(json, field) };
    if (isObject(json)) {
      return {
        authorizedLabels: this.readNames(json, 'authorized-labels', `${field}.authorized-labels`),
        permissions: this.readNames(json, 'permissions', `${field}.permissions`),
      };
    }
    this.add(field, 'is not a JSON object', 'give {"authorized-labels": […], "permissions": […]}');
    return { authorizedLabels: [], permissions: [] };
  }

  private readNames(json: JsonObject, member: string, field: string): string[] {
    if (!Object.hasOwn(json, member)) return [];
    const list = json[member];
    if (Array.isArray(list)) return this.readList(list, field);
    this.add(field, 'is not a list', 'give a list of texts, or leave it out');
    return [];
  }

  private readList(list: readonly unknown[], field: string): string[] {
    if (list.length > MAX_ENTRIES) {
      this.add(field, `holds ${list.length} entries`, `keep to ${MAX_ENTRIES}`);
      return [];
    }
    const names: string[] = [];
    list.forEach((entry, index) => {
      const fault = nameFault(entry);
      if (fault) this.add(`${field}[${index}]`, fault.problem, fault.remedy);
      else names.push(entry as string);
    });
    return names;
  }

  private add(field: string, problem: string, remedy: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push({ field, problem, remedy });
    else this.unlisted += 1;
  }
}

/** `available-labels` came with the second form, so a document that has it and no `roles` lost them. */
function isOldestForm(json: JsonObject): boolean {
  if (Object.hasOwn(json, 'roles') || Object.hasOwn(json, 'available-labels')) return false;
  const values = Object.values(json);
  return values.length > 0 && values.every((value) => Array.isArray(value));
}

/** PostgreSQL stores neither NUL nor half a surrogate pair: to be said here, not by an error of the database. */
function nameFault(name: unknown): { problem: string; remedy: string } | null {
  if (typeof name !== 'string') return { problem: 'is not a text', remedy: 'write the name in quotes' };
  if (name.length > MAX_NAME_LENGTH) {
    return { problem: `has ${name.length} characters`, remedy: `keep to ${MAX_NAME_LENGTH}` };
  }
  if (name.includes('\0')) return { problem: 'holds a NUL character', remedy: 'take it out' };
  if (/\p{Surrogate}/u.test(name))
    return { problem: 'is not well-formed Unicode', remedy: 'take the broken character out' };
  return null;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function emptyRecord<T>(): Record<string, T> {
  return Object.create(null) as Record<string, T>;
}
