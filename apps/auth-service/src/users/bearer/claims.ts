import type { ClaimPath, IssuerConfig } from '../../platform/config/config.js';
import type { Identity } from '../identity.js';

export type Claims = Readonly<Record<string, unknown>>;

/** What a token may name at most: a list of ten thousand groups is a mistake or an attack. */
const maxNames = 1_000;

/** Who a verified token is about. `roles` null: the token says nothing of roles. */
export function identityOf(
  issuer: Pick<IssuerConfig, 'name' | 'claims' | 'roleRules' | 'labelTemplates'>,
  claims: Claims,
): Omit<Identity, 'roles'> & { readonly roles: readonly string[] | null } {
  const userId = firstText(claims, issuer.claims.userId);
  const name = firstText(claims, issuer.claims.name) ?? '';
  const exp = claims['exp'];
  return {
    id: `${issuer.name}:${userId ?? (name || 'unnamed')}`,
    source: issuer.name,
    name,
    userId,
    groups: groupsOf(claims, issuer.claims.groups),
    roles: rolesOf(issuer, claims),
    own: { permissions: [], labels: issuer.labelTemplates.flatMap((template) => labelsOf(template, claims)) },
    expiresAt: typeof exp === 'number' ? exp * 1000 : null,
  };
}

function rolesOf(issuer: Pick<IssuerConfig, 'claims' | 'roleRules'>, claims: Claims): string[] | null {
  const stated = issuer.claims.roles.map((path) => namesAt(claims, path));
  if (stated.every((one) => one === null) && issuer.roleRules.length === 0) return null;
  const mapped = issuer.roleRules
    .filter(({ claim, value }) => namesAt(claims, claim)?.includes(value) ?? false)
    .map(({ role }) => role);
  return [...new Set([...stated.flatMap((one) => one ?? []), ...mapped])];
}

function groupsOf(claims: Claims, paths: readonly ClaimPath[]): readonly string[] | null {
  for (const path of paths) {
    const names = namesAt(claims, path);
    if (names !== null) return names;
  }
  return null;
}

/** `dept-{department}` once for each value of the claim; a label that would be empty or too long is none. */
function labelsOf(template: string, claims: Claims): string[] {
  const match = /^([^{}]*)\{([^{}]+)\}([^{}]*)$/.exec(template);
  if (match === null) return [];
  const [, before = '', claim = '', after = ''] = match;
  const names = namesAt(claims, claim.includes('://') ? [claim] : claim.split('.')) ?? [];
  // A claim must not become the label that stands for every study.
  return names
    .filter((name) => name !== '' && name.length <= 64)
    .map((name) => `${before}${name}${after}`)
    .filter((label) => label !== '*');
}

/** A text, or a list of texts, at a path; null when there is neither. */
function namesAt(claims: Claims, path: ClaimPath): string[] | null {
  const value = valueAt(claims, path);
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return null;
  return value.filter((one): one is string => typeof one === 'string').slice(0, maxNames);
}

function firstText(claims: Claims, paths: readonly ClaimPath[]): string | null {
  for (const path of paths) {
    const value = valueAt(claims, path);
    // It goes into the record, and no control character can be kept there.
    if (typeof value === 'string' && value !== '')
      return value
        .slice(0, 256)
        .toWellFormed()
        .replace(/\p{Cc}/gu, '\ufffd');
  }
  return null;
}

function valueAt(claims: Claims, path: ClaimPath): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}
