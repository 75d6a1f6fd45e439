import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseInstant } from '@warden/tokens';
import { parseRolesDocument } from '@warden/permissions';
import { Secret } from '../observability/secret.js';
import type { BasicUser, CallerScope, Config, ExtraTokenType, KeysConfig, LinksConfig, Profile } from './config.js';
import { callerScopes } from './config.js';
import type { SettingSource } from './env.js';
import type { GeneratedSecrets } from './generated-secrets.js';
import { type SettingFault, SettingReader, parseJsonWithComments } from './setting-reader.js';
import { misspeltSettings } from './settings.js';
import { profileWarnings, weaknessOf } from './weaknesses.js';

export type LoadedConfig =
  { ok: true; config: Config; warnings: readonly string[] } | { ok: false; faults: readonly SettingFault[] };

const tenYears = 10 * 365 * 24 * 3600;
const maxPreviousKeys = 16;

/**
 * Reads and checks every setting before anything starts. `generate` supplies what a machine without any setting needs;
 * it is not called as soon as DATABASE_URL, SECRET_KEY or USERS is given, since replicas would then differ.
 */
export function loadConfig(source: SettingSource, generate: (dataDir: string) => GeneratedSecrets): LoadedConfig {
  const reader = new SettingReader(source);
  const warnings = misspeltSettings(source.names()).map(
    ({ found, meant }) => `${found} is not a setting; ${meant} was probably meant`,
  );
  const dataDir = resolve(reader.text('DATA_DIR') ?? './data');
  const host = reader.text('HOST') ?? '127.0.0.1';
  const landingPort = reader.integer('LANDING_PORT', 8001, 1, 65535);
  const database = {
    url: secret(reader.postgresUrl('DATABASE_URL')),
    ownerUrl: secret(reader.postgresUrl('DATABASE_OWNER_URL')),
    autoMigrate: reader.boolean('AUTO_MIGRATE', false),
  };
  const mode = reader.choice('WARDEN_MODE', 'standard', ['standard', 'production'] as const);
  const secretKey = reader.text('SECRET_KEY');
  const usersText = reader.text('USERS');
  const allowUnauthenticated = reader.boolean('ALLOW_UNAUTHENTICATED', false);
  const nothingGiven = database.url === null && secretKey === null && usersText === null && !allowUnauthenticated;

  const generated = nothingGiven && reader.faults.length === 0 ? generate(dataDir) : null;
  if (!nothingGiven && secretKey === null) {
    reader.fault('SECRET_KEY', 'is missing; give the same key to every replica');
  }
  if (!nothingGiven && usersText === null && !allowUnauthenticated) {
    reader.fault('USERS', 'is missing; give a JSON object of name to password, or ALLOW_UNAUTHENTICATED=true');
  }
  const users = usersText === null ? (generated?.users ?? []) : readUsers(reader);
  if (allowUnauthenticated) {
    warnings.push('ALLOW_UNAUTHENTICATED=true: whoever reaches this port can mint links and edit roles');
  }
  const keys: KeysConfig = {
    signing: new Secret(secretKey ?? generated?.secretKey ?? ''),
    previous: readPreviousKeys(reader),
  };
  const weak = (setting: string, problem: string | null) => {
    if (problem === null) return;
    if (mode === 'production') reader.fault(setting, problem);
    else warnings.push(`${setting} ${problem}`);
  };
  if (secretKey !== null) weak('SECRET_KEY', weaknessOf(secretKey, 32));
  for (const user of users) weak(`USERS (${JSON.stringify(user.name)})`, weaknessOf(user.password.reveal(), 12));

  const links = readLinks(reader, warnings, nothingGiven ? `http://127.0.0.1:${landingPort}/` : null);
  const anonymousProfile = readAnonymousProfile(reader);
  warnings.push(...profileWarnings(anonymousProfile));
  const config: Config = {
    mode,
    dataDir,
    http: { host, port: reader.integer('PORT', 8000, 0, 65535), swaggerUi: reader.boolean('SWAGGER_UI', true) },
    database,
    keys,
    decisions: {
      serverId: reader.text('SERVER_ID') ?? reader.text('SERVER_IDENTIFIER'),
      anonymizedServerId: reader.text('ANONYMIZED_SERVER_IDENTIFIER'),
      grantValidity: reader.integer('GRANT_VALIDITY', 10, 1, 3600),
      sharePost: reader.choice('SHARE_POST', 'compatible', ['compatible', 'edge-only', 'refuse'] as const),
      acceptUnregistered: reader.boolean('ACCEPT_UNREGISTERED_TOKENS', true),
    },
    feed: {
      pollMs: reader.integer('REVOCATION_POLL', 2, 1, 3600) * 1000,
      staleAfterMs: reader.integer('REVOCATION_STALE_AFTER', 300, 1, 86_400) * 1000,
      listen: true,
    },
    shares: {
      maxDuration: reader.integer('SHARE_MAX_DURATION', tenYears, 1, 100 * 365 * 24 * 3600),
      overlong: reader.choice('SHARE_OVERLONG', 'clamp', ['clamp', 'refuse'] as const),
    },
    links,
    callers: { allowUnauthenticated: allowUnauthenticated && usersText === null, users },
    roles: readRolesSeed(reader),
    anonymousProfile,
  };
  if (config.feed.staleAfterMs < config.feed.pollMs) {
    reader.fault('REVOCATION_STALE_AFTER', 'must not be shorter than REVOCATION_POLL');
  }
  if (database.url !== null && database.ownerUrl === null) {
    warnings.push(
      'DATABASE_OWNER_URL is absent: the application role also owns the schema, so it could alter its own record',
    );
  }
  return reader.faults.length > 0
    ? { ok: false, faults: reader.faults }
    : { ok: true, config: deepFreeze(config), warnings };
}

function secret(text: string | null): Secret | null {
  return text === null ? null : new Secret(text);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isScopeList(value: unknown): value is CallerScope[] {
  return isTextList(value) && value.every((one) => callerScopes.some((scope) => scope === one));
}

function readUsers(reader: SettingReader): BasicUser[] {
  const value = reader.json('USERS');
  if (!isObject(value)) {
    if (value !== undefined) reader.fault('USERS', 'must be a JSON object of name to password');
    return [];
  }
  const users: BasicUser[] = [];
  for (const [name, entry] of Object.entries(value)) {
    if (name === '' || name.includes(':')) {
      reader.fault(
        'USERS',
        'holds a name that is empty or has a colon, which HTTP Basic cannot send (RFC 7617 section 2)',
      );
    } else if (typeof entry === 'string' && entry !== '') {
      users.push({ name, password: new Secret(entry), scopes: ['plugin'], permissions: [] });
    } else if (isObject(entry) && typeof entry.password === 'string' && entry.password !== '') {
      const permissions = entry.permissions ?? [];
      const scopes = entry.scopes ?? [];
      if (!isTextList(permissions))
        reader.fault('USERS', `entry ${JSON.stringify(name)}: permissions must be a list of names`);
      else if (!isScopeList(scopes))
        reader.fault('USERS', `entry ${JSON.stringify(name)}: scopes may hold ${callerScopes.join(', ')}`);
      else users.push({ name, password: new Secret(entry.password), scopes, permissions });
    } else {
      reader.fault('USERS', `entry ${JSON.stringify(name)} must be a password or {"password", "permissions"}`);
    }
  }
  if (users.length === 0 && reader.faults.length === 0) reader.fault('USERS', 'holds no user');
  return users;
}

function readPreviousKeys(reader: SettingReader): KeysConfig['previous'] {
  const name = 'SECRET_KEYS_PREVIOUS';
  const value = reader.json(name);
  if (value === undefined) return [];
  if (!Array.isArray(value) || value.length > maxPreviousKeys) {
    reader.fault(name, `must be a JSON list of at most ${maxPreviousKeys} keys`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    if (!isObject(entry) || typeof entry.key !== 'string' || entry.key === '') {
      reader.fault(name, `entry ${index}: "key" must be a text`);
      return [];
    }
    const until = entry.until ?? null;
    const instant = typeof until === 'string' ? parseInstant(until) : null;
    if (until !== null && instant === null)
      reader.fault(name, `entry ${index}: "until" must be a date and time with a zone`);
    const registeredOnly = entry['registered-only'] ?? false;
    if (typeof registeredOnly !== 'boolean')
      reader.fault(name, `entry ${index}: "registered-only" must be true or false`);
    return [{ key: new Secret(entry.key), until: instant?.epochMs ?? null, registeredOnly: registeredOnly === true }];
  });
}

function readLinks(reader: SettingReader, warnings: string[], ourLanding: string | null): LinksConfig {
  const given = {
    orthancRoot: reader.httpUrl('PUBLIC_ORTHANC_ROOT'),
    landingRoot: reader.httpUrl('PUBLIC_LANDING_ROOT'),
    ohifRoot: reader.httpUrl('PUBLIC_OHIF_ROOT'),
    meddreamRoot: reader.httpUrl('PUBLIC_MEDDREAM_ROOT'),
  };
  for (const [name, root] of [
    ['PUBLIC_ORTHANC_ROOT', given.orthancRoot],
    ['PUBLIC_OHIF_ROOT', given.ohifRoot],
  ] as const) {
    if (root !== null && !root.endsWith('/')) {
      warnings.push(`${name} has no trailing slash: links lose its last path segment (RFC 3986 section 5.2.3)`);
    }
  }
  if (given.meddreamRoot !== null && !given.meddreamRoot.endsWith('/')) {
    reader.fault('PUBLIC_MEDDREAM_ROOT', 'must end with a slash');
  }
  const source = reader.text('OHIF_DATA_SOURCE') ?? 'dicom-web';
  if (source !== 'dicom-web' && source !== 'dicom-json') {
    warnings.push('OHIF_DATA_SOURCE is neither dicom-web nor dicom-json: dicom-web is used');
  }
  // A local Orthanc and our own landing page: so that a first link can be minted on a machine where nothing is set up.
  const useDefaults = ourLanding !== null && Object.values(given).every((root) => root === null);
  return {
    ...given,
    ...(useDefaults
      ? { orthancRoot: 'http://localhost:8042/', ohifRoot: 'http://localhost:8042/ohif/', landingRoot: ourLanding }
      : {}),
    ohifDataSource: source === 'dicom-json' ? 'dicom-json' : 'dicom-web',
    meddreamTokenService: reader.httpUrl('MEDDREAM_TOKEN_SERVICE_URL'),
    extraTypes: readExtraTypes(reader),
  };
}

function readExtraTypes(reader: SettingReader): ReadonlyMap<string, ExtraTokenType> {
  const name = 'EXTRA_TOKEN_TYPES';
  const types = new Map<string, ExtraTokenType>();
  const value = reader.json(name);
  if (value === undefined) return types;
  if (!isObject(value)) {
    reader.fault(name, 'must be a JSON object of type to {"url", "permissions"}');
    return types;
  }
  for (const [type, entry] of Object.entries(value)) {
    const url = isObject(entry) ? (entry.url ?? null) : undefined;
    const permissions = isObject(entry) ? (entry.permissions ?? []) : undefined;
    if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(type)) {
      reader.fault(name, `type ${JSON.stringify(type)} must be lower-case letters, digits and dashes`);
    } else if (url !== null && (typeof url !== 'string' || !/^https?:\/\//.test(url) || !url.includes('{token}'))) {
      reader.fault(name, `type ${JSON.stringify(type)}: "url" must be an http(s) URL that holds {token}, or null`);
    } else if (!isTextList(permissions)) {
      reader.fault(name, `type ${JSON.stringify(type)}: "permissions" must be a list of names`);
    } else {
      types.set(type, { url, permissions });
    }
  }
  return types;
}

/** A file that is named must be there; the incumbent's default path may be empty. */
function readDocument(reader: SettingReader, name: string, fallback: string): unknown {
  const named = reader.text(name);
  let text: string;
  try {
    text = readFileSync(named ?? fallback, 'utf8');
  } catch {
    if (named !== null) reader.fault(name, 'names a file that cannot be read');
    return undefined;
  }
  const parsed = parseJsonWithComments(text);
  if ('value' in parsed) return parsed.value;
  reader.fault(name, `names a file that ${parsed.problem}`);
  return undefined;
}

/** Roles of a new installation that brings no permissions.json. */
const defaultRoles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share', 'send'] },
    'external-role': { 'authorized-labels': ['external'], permissions: ['view', 'download'] },
  },
  'available-labels': [],
};

function readRolesSeed(reader: SettingReader): Config['roles'] {
  const name = 'PERMISSIONS_FILE_PATH';
  const value = readDocument(reader, name, '/orthanc_auth_service/permissions.json');
  if (value === undefined) return { seed: defaultRoles, seedFrom: 'built-in' };
  const parsed = parseRolesDocument(value);
  if (!parsed.ok) for (const fault of parsed.faults) reader.fault(name, `${fault.field} ${fault.problem}`);
  return { seed: value, seedFrom: 'permissions.json' };
}

function readAnonymousProfile(reader: SettingReader): Profile {
  const name = 'ANONYMOUS_PROFILE_FILE_PATH';
  const closed: Profile = {
    name: 'Anonymous',
    'user-id': null,
    permissions: [],
    'authorized-labels': [],
    groups: [],
    validity: 60,
  };
  const value = readDocument(reader, name, '/orthanc_auth_service/anonymous-profile.json');
  if (value === undefined) return closed;
  if (!isObject(value)) {
    reader.fault(name, 'must hold a JSON object');
    return closed;
  }
  const list = (member: string): string[] => {
    const found = value[member] ?? [];
    if (isTextList(found)) return found;
    reader.fault(name, `: "${member}" must be a list of texts`);
    return [];
  };
  const validity = value.validity ?? 60;
  // 0 would be kept by the plugin for ever; a fraction or a text would make it refuse everyone.
  if (typeof validity !== 'number' || !Number.isInteger(validity) || validity < 0 || validity >= 2 ** 31) {
    reader.fault(name, ': "validity" must be a whole number of seconds');
  }
  return {
    name: typeof value.name === 'string' ? value.name : closed.name,
    'user-id': typeof value['user-id'] === 'string' ? value['user-id'] : null,
    permissions: list('permissions'),
    'authorized-labels': list('authorized-labels'),
    groups: value.groups === null ? null : list('groups'),
    validity: Math.max(1, Number(validity) || 1),
  };
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Secret)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
