import { Secret } from '../observability/secret.js';
import type { ClaimPath, ClaimPaths, IdentityConfig, IssuerConfig, RoleRule } from './config.js';
import { isObject, isTextList } from './json-shapes.js';
import type { SettingReader } from './setting-reader.js';

const keycloakClaims: ClaimPaths = {
  name: [['name'], ['preferred_username']],
  userId: [['sub']],
  groups: [['groups']],
  roles: [['realm_access', 'roles']],
};
const oidcClaims: ClaimPaths = {
  name: [['name'], ['preferred_username'], ['email']],
  userId: [['sub']],
  groups: [['groups']],
  roles: [['roles']],
};
/** Symmetric algorithms never: the key would be one that anybody can fetch. */
const knownAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512'];
const maxIssuers = 16;

/** Reads everything that says who is recognised beside USERS: Keycloak, other issuers, the directory. */
export function readIdentity(reader: SettingReader, warnings: string[]): IdentityConfig {
  const keycloak = reader.boolean('ENABLE_KEYCLOAK', false);
  const realmUrl = withSlash(reader.httpUrl('KEYCLOAK_URI') ?? 'http://keycloak:8080/realms/orthanc/');
  const adminUrl = withSlash(reader.httpUrl('KEYCLOAK_ADMIN_URI') ?? 'http://keycloak:8080/admin/realms/orthanc/');
  const secretText = reader.text('KEYCLOAK_CLIENT_SECRET');
  const clientSecret = secretText === null ? null : new Secret(secretText);
  const clientId = reader.text('KEYCLOAK_CLIENT_ID') ?? 'admin-cli';
  const keycloakApiKeys = reader.boolean('ENABLE_KEYCLOAK_API_KEYS', false);
  const issuerTexts = reader.list('KEYCLOAK_ISSUER');
  const audiences = reader.list('KEYCLOAK_AUDIENCE');
  const others = readIssuers(reader);
  if (keycloakApiKeys && clientSecret === null)
    reader.fault('KEYCLOAK_CLIENT_SECRET', 'is missing; ENABLE_KEYCLOAK_API_KEYS=true asks Keycloak with it');
  if (keycloakApiKeys && !keycloak)
    warnings.push('ENABLE_KEYCLOAK_API_KEYS=true without ENABLE_KEYCLOAK=true: only API keys are recognised');
  for (const [name, url] of [
    ['KEYCLOAK_URI', realmUrl],
    ['KEYCLOAK_ADMIN_URI', adminUrl],
  ] as const) {
    if ((keycloak || keycloakApiKeys) && !url.includes('/realms/'))
      warnings.push(`${name} names no realm; it usually ends with /realms/NAME/`);
  }
  const ours: IssuerConfig = {
    name: 'keycloak',
    kind: 'keycloak',
    url: realmUrl,
    issuers: issuerTexts,
    audiences: audiences.length > 0 ? audiences : ['account'],
    algorithms: ['RS256'],
    introspection: clientSecret === null ? null : { clientId, clientSecret },
    claims: keycloakClaims,
    roleRules: [],
    labelTemplates: [],
  };
  return {
    issuers: [...(keycloak ? [ours] : []), ...others],
    jwksMaxAgeMs: reader.integer('JWKS_MAX_AGE', 3600, 60, 30 * 86_400) * 1000,
    directory:
      (keycloak || keycloakApiKeys) && clientSecret !== null ? { adminUrl, realmUrl, clientId, clientSecret } : null,
    keycloakApiKeys,
  };
}

function readIssuers(reader: SettingReader): IssuerConfig[] {
  const setting = 'OIDC_ISSUERS';
  const value = reader.json(setting);
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxIssuers) {
    reader.fault(setting, `must be a JSON list of at most ${maxIssuers} issuers`);
    return [];
  }
  const names = new Set(['keycloak', 'basic', 'key', 'api-key', 'keycloak-api-key', 'anyone', 'plugin', 'seed']);
  const issuers = new Set<string>();
  return value.flatMap((entry: unknown, index) => {
    const read = readIssuer(reader, entry, index);
    if (read === null) return [];
    if (names.has(read.name)) {
      reader.fault(setting, `entry ${index}: the name is taken; give each issuer a "name" of its own`);
      return [];
    }
    names.add(read.name);
    // The claim iss chooses the entry, so a second one would never be asked.
    const [issuer = ''] = read.issuers;
    if (issuers.has(issuer)) {
      reader.fault(setting, `entry ${index}: an entry before has this "issuer"; give that one both audiences`);
      return [];
    }
    issuers.add(issuer);
    return [read];
  });
}

function readIssuer(reader: SettingReader, entry: unknown, index: number): IssuerConfig | null {
  const before = reader.faults.length;
  const fault = (problem: string) => reader.fault('OIDC_ISSUERS', `entry ${index}: ${problem}`);
  if (!isObject(entry)) {
    fault('must be an object');
    return null;
  }
  const known = [
    'name',
    'issuer',
    'audience',
    'algorithms',
    'claims',
    'role-rules',
    'labels',
    'discovery-url',
    'client-id',
    'client-secret',
  ];
  for (const member of Object.keys(entry)) if (!known.includes(member)) fault(`"${member.slice(0, 40)}" is not known`);
  const { issuer, name, algorithms = ['RS256'], labels = [] } = entry;
  if (!isHttpUrl(issuer)) fault('"issuer" must be the absolute URL that is in the claim iss');
  if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
    fault('"name" must be a short word of a-z, 0-9 and -; it stands in the record');
  const audiences = typeof entry.audience === 'string' ? [entry.audience] : entry.audience;
  if (!isTextList(audiences) || audiences.length === 0 || audiences.includes(''))
    fault('"audience" must be a text or a list of texts: tokens for other services are refused');
  if (!isTextList(algorithms) || algorithms.length === 0 || !algorithms.every((one) => knownAlgorithms.includes(one)))
    fault(`"algorithms" may hold ${knownAlgorithms.join(', ')}`);
  const discovery = entry['discovery-url'] ?? issuer;
  if (entry['discovery-url'] !== undefined && !isHttpUrl(discovery)) fault('"discovery-url" must be an absolute URL');
  if (!isTextList(labels) || !labels.every((one) => /^[^{}]*\{[^{}]+\}[^{}]*$/.test(one)))
    fault('"labels" must be templates with one {claim} each, such as dept-{department}');
  const { 'client-id': clientId, 'client-secret': clientSecret } = entry;
  if ((clientId === undefined) !== (clientSecret === undefined))
    fault('"client-id" and "client-secret" go together; they are for introspection');
  else if (clientId !== undefined && (!isName(clientId) || !isName(clientSecret)))
    fault('"client-id" and "client-secret" must be texts, not empty');
  const claims = readClaims(entry.claims, fault);
  const roleRules = readRoleRules(entry['role-rules'], fault);
  if (reader.faults.length > before) return null;
  return {
    name: name as string,
    kind: 'oidc',
    url: withSlash((discovery as string).replace(/\.well-known\/openid-configuration\/?$/, '')),
    issuers: [issuer as string],
    audiences: audiences as string[],
    algorithms: algorithms as string[],
    introspection:
      typeof clientSecret === 'string'
        ? { clientId: clientId as string, clientSecret: new Secret(clientSecret) }
        : null,
    claims,
    roleRules,
    labelTemplates: labels as string[],
  };
}

function readClaims(value: unknown, fault: (problem: string) => void): ClaimPaths {
  if (value === undefined) return oidcClaims;
  if (!isObject(value)) {
    fault('"claims" must be an object');
    return oidcClaims;
  }
  const read = (wire: string, fallback: readonly ClaimPath[]): readonly ClaimPath[] => {
    const given = value[wire];
    if (given === undefined) return fallback;
    const paths = (Array.isArray(given) ? given : [given]).map(claimPath);
    if (paths.length > 0 && paths.every((one) => one !== null)) return paths;
    fault(`claims: "${wire}" must be a claim path such as realm_access.roles, or a list of them`);
    return fallback;
  };
  for (const member of Object.keys(value))
    if (!['name', 'user-id', 'groups', 'roles'].includes(member))
      fault(`claims: "${member.slice(0, 40)}" is not known; use name, user-id, groups, roles`);
  return {
    name: read('name', oidcClaims.name),
    userId: read('user-id', oidcClaims.userId),
    groups: read('groups', oidcClaims.groups),
    roles: read('roles', oidcClaims.roles),
  };
}

function readRoleRules(value: unknown, fault: (problem: string) => void): RoleRule[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) {
    fault('"role-rules" must be a list of {"claim", "value", "role"}');
    return [];
  }
  return value.flatMap((rule: unknown, index) => {
    const claim = isObject(rule) ? claimPath(rule.claim) : null;
    if (!isObject(rule) || claim === null || !isName(rule.value) || !isName(rule.role)) {
      fault(`role-rules[${index}] must be {"claim": "groups", "value": "…", "role": "…"}`);
      return [];
    }
    return [{ claim, value: rule.value, role: rule.role }];
  });
}

/** `realm_access.roles`; a name that holds dots itself (`https://host.example/roles`) is given as a list of member names. */
function claimPath(value: unknown): ClaimPath | null {
  if (isTextList(value)) return value.length > 0 && !value.includes('') ? value : null;
  if (typeof value !== 'string' || value === '') return null;
  if (value.includes('://')) return [value];
  const parts = value.split('.');
  return parts.includes('') ? null : parts;
}

function isHttpUrl(value: unknown): value is string {
  return typeof value === 'string' && /^https?:\/\//.test(value) && URL.canParse(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}
