import { resolve } from 'node:path';
import { Secret } from '../observability/secret.js';
import { readCheckpoints } from './audit-settings.js';
import { readPreviousKeys, readUsers } from './caller-settings.js';
import type { Config, KeysConfig } from './config.js';
import { readAnonymousProfile, readRolesSeed } from './document-settings.js';
import { readEmails } from './email-settings.js';
import type { SettingSource } from './env.js';
import type { GeneratedSecrets } from './generated-secrets.js';
import { readIdentity } from './identity-settings.js';
import { readLinks } from './link-settings.js';
import { readOrthanc } from './orthanc-settings.js';
import { readGuardedPaths } from './edge-settings.js';
import { type SettingFault, SettingReader } from './setting-reader.js';
import { misspeltSettings, settings } from './settings.js';
import { readAuditSource, readSyslog } from './syslog-settings.js';
import { profileWarnings, weaknessOf } from './weaknesses.js';

export type LoadedConfig =
  { ok: true; config: Config; warnings: readonly string[] } | { ok: false; faults: readonly SettingFault[] };

const tenYears = 10 * 365 * 24 * 3600;

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
  const nothingGiven =
    reader.text('DATABASE_URL') === null && secretKey === null && usersText === null && !allowUnauthenticated;

  const generated = nothingGiven && reader.faults.length === 0 ? generate(dataDir) : null;
  if (!nothingGiven && secretKey === null) {
    reader.fault('SECRET_KEY', 'is missing; give the same key to every replica');
  }
  if (!nothingGiven && usersText === null && !allowUnauthenticated) {
    reader.fault('USERS', 'is missing; give a JSON object of name to password, or ALLOW_UNAUTHENTICATED=true');
  }
  const { users, hashedUsers } =
    usersText === null ? { users: generated?.users ?? [], hashedUsers: [] } : readUsers(reader);
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
  const sharePost = reader.choice('SHARE_POST', 'compatible', ['compatible', 'edge-only', 'refuse'] as const);
  const config: Omit<Config, 'told'> = {
    mode,
    dataDir,
    http: {
      host,
      port: reader.integer('PORT', 8000, 0, 65535),
      swaggerUi: reader.boolean('SWAGGER_UI', true),
      trustedProxies: reader.networks('TRUSTED_PROXIES'),
    },
    database,
    keys,
    decisions: {
      serverId: reader.text('SERVER_ID') ?? reader.text('SERVER_IDENTIFIER'),
      anonymizedServerId: reader.text('ANONYMIZED_SERVER_IDENTIFIER'),
      grantValidity: reader.integer('GRANT_VALIDITY', 10, 1, 3600),
      sharePost,
      acceptUnregistered: reader.boolean('ACCEPT_UNREGISTERED_TOKENS', true),
      labelsThatStopShares: reader.list('LABELS_THAT_STOP_SHARES'),
    },
    edge: { roots: readGuardedPaths(reader, links.orthancRoot), guarded: sharePost === 'edge-only' },
    feed: {
      pollMs: reader.integer('REVOCATION_POLL', 2, 1, 3600) * 1000,
      staleAfterMs: reader.integer('REVOCATION_STALE_AFTER', 300, 1, 86_400) * 1000,
      listen: true,
    },
    shares: {
      maxDuration: reader.integer('SHARE_MAX_DURATION', tenYears, 1, 100 * 365 * 24 * 3600),
      overlong: reader.choice('SHARE_OVERLONG', 'clamp', ['clamp', 'refuse'] as const),
      pluginMint: reader.choice('PLUGIN_MINT', 'allow', ['allow', 'refuse'] as const),
      gateAttempts: reader.integer('GATE_ATTEMPTS', 10, 3, 50),
    },
    orthanc: readOrthanc(reader),
    emails: readEmails(reader, warnings),
    audit: {
      source: readAuditSource(reader),
      access: reader.boolean('AUDIT_ACCESS', true),
      strict: reader.boolean('AUDIT_STRICT', false),
      checkpoints: readCheckpoints(reader),
      syslog: readSyslog(reader, warnings),
    },
    links,
    callers: { allowUnauthenticated: allowUnauthenticated && usersText === null, users, hashedUsers },
    identity: readIdentity(reader, warnings),
    roles: readRolesSeed(reader),
    anonymousProfile,
  };
  if (config.feed.staleAfterMs < config.feed.pollMs) {
    reader.fault('REVOCATION_STALE_AFTER', 'must not be shorter than REVOCATION_POLL');
  }
  if (database.url !== null && database.ownerUrl === null) {
    warnings.push(
      'DATABASE_OWNER_URL is absent: where the role of DATABASE_URL owns the schema, it could alter its own record',
    );
  }
  return reader.faults.length > 0
    ? { ok: false, faults: reader.faults }
    : {
        ok: true,
        config: deepFreeze({ ...config, told: { given: givenSettings(source), weaknesses: namesIn(warnings) } }),
        warnings,
      };
}

function secret(text: string | null): Secret | null {
  return text === null ? null : new Secret(text);
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value) && !(value instanceof Secret)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}

/** Names alone: values may be secret. */
function givenSettings(source: SettingSource): string[] {
  const isGiven = (name: string): boolean => {
    try {
      return source.read(name) !== null;
    } catch {
      return true; // there, and unreadable: reported where it is read
    }
  };
  return settings.map(({ name }) => name).filter(isGiven);
}

/** Each warning begins with the name of its setting. */
function namesIn(warnings: readonly string[]): string[] {
  return [...new Set(warnings.map((warning) => /^\w+/.exec(warning)?.[0] ?? 'other'))];
}
