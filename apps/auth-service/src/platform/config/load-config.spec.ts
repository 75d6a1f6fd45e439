import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentSource } from './env.js';
import { type GeneratedSecrets, generateSecrets } from './generated-secrets.js';
import { type LoadedConfig, loadConfig } from './load-config.js';

const STRONG = 'TEST-ONLY-a-strong-key-of-more-than-32-bytes';
const USERS = JSON.stringify({ orthanc: 'TEST-ONLY-long-password' });
const given = { SECRET_KEY: STRONG, USERS };
/** Stands where a wrong value goes: no fault and no warning may repeat it. */
const MARK = 'MARKED5f1e';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'warden-config-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const passwordHash = `$scrypt$ln=15,r=8,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
const never = (): GeneratedSecrets => {
  throw new Error('nothing may be generated here');
};
function load(
  environment: Record<string, string>,
  generate: (dataDir: string) => GeneratedSecrets = never,
): LoadedConfig {
  return loadConfig(new EnvironmentSource(environment, join(folder, 'secrets')), generate);
}
function accepted(environment: Record<string, string>, generate: (dataDir: string) => GeneratedSecrets = never) {
  const loaded = load(environment, generate);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.faults));
  return loaded;
}
/** Names of the settings at fault. */
function faulty(environment: Record<string, string>): string[] {
  const loaded = load(environment);
  return loaded.ok ? [] : loaded.faults.map(({ setting }) => setting);
}
function mountSecret(name: string, text: string): void {
  mkdirSync(join(folder, 'secrets'), { recursive: true });
  writeFileSync(join(folder, 'secrets', name), text);
}
function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

describe('what is generated', () => {
  const generated = (): GeneratedSecrets => ({ secretKey: `generated-${STRONG}`, users: [] });

  it('is all that a machine without any setting needs, with links to a local Orthanc and our own landing page', () => {
    const asked: string[] = [];
    const { config, warnings } = accepted(
      { DATA_DIR: folder, LANDING_PORT: '9001' },
      (dataDir) => (asked.push(dataDir), generated()),
    );
    expect(asked).toEqual([folder]);
    expect(config.keys.signing.reveal()).toBe(`generated-${STRONG}`);
    expect(config.links).toMatchObject({
      orthancRoot: 'http://localhost:8042/',
      ohifRoot: 'http://localhost:8042/ohif/',
      landingRoot: 'http://127.0.0.1:9001/',
    });
    expect(config.database).toEqual({ url: null, ownerUrl: null, autoMigrate: false });
    expect(config.http).toEqual({ host: '127.0.0.1', port: 8000, swaggerUi: true, trustedProxies: [] });
    expect(config.anonymousProfile).toMatchObject({ permissions: [], 'authorized-labels': [] });
    expect(warnings).toEqual([]);
  });

  it('is nothing, and a missing key or user is a fault, as soon as one of DATABASE_URL, SECRET_KEY and USERS is given', () => {
    expect(faulty({ DATABASE_URL: 'postgresql://u:p@h/d' })).toEqual(['SECRET_KEY', 'USERS']);
    expect(faulty({ SECRET_KEY: STRONG })).toEqual(['USERS']);
    expect(faulty({ USERS })).toEqual(['SECRET_KEY']);
    expect(faulty({ ALLOW_UNAUTHENTICATED: 'true' })).toEqual(['SECRET_KEY']);
    expect(faulty(given)).toEqual([]);
  });

  it.each(['secret file', 'NAME_FILE'])('counts a setting as given that comes from a %s', (way) => {
    if (way === 'secret file') mountSecret('SECRET_KEY', `${STRONG}\n`);
    const environment: Record<string, string> = way === 'secret file' ? {} : { SECRET_KEY_FILE: file('key', STRONG) };
    expect(faulty(environment)).toEqual(['USERS']);
  });

  it('is nothing when a key or a database was given, but cannot be had', () => {
    expect(faulty({ SECRET_KEY_FILE: join(folder, 'not-there') })).toContain('SECRET_KEY_FILE');
    expect(faulty({ DATABASE_URL: 'mysql://h/d' })).toContain('DATABASE_URL');
  });

  it('is nothing where an empty setting says: not set; the same as absent', () => {
    let count = 0;
    accepted({ SECRET_KEY: '', USERS: '', DATABASE_URL: '', PORT: '', DATA_DIR: '' }, () => (count++, generated()));
    expect(count).toBe(1);
  });

  it('does not bring default links to where a root is configured, or anything else', () => {
    expect(accepted({ PUBLIC_OHIF_ROOT: 'http://ohif/' }, generated).config.links).toMatchObject({
      orthancRoot: null,
      landingRoot: null,
      ohifRoot: 'http://ohif/',
    });
    expect(accepted(given).config.links).toMatchObject({ orthancRoot: null, landingRoot: null, ohifRoot: null });
  });

  it('stays the same at every start, in files of 0600 within a folder of 0700', () => {
    const dataDir = join(folder, 'deep', 'data');
    const first = generateSecrets(dataDir);
    const second = generateSecrets(dataDir);
    const plain = ({ secretKey, users }: GeneratedSecrets) => [
      secretKey,
      users.map((user) => [user.name, user.password.reveal(), user.scopes, user.permissions]),
    ];
    expect(plain(second)).toEqual(plain(first));
    expect(Buffer.from(first.secretKey, 'base64url')).toHaveLength(32);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    const names = readdirSync(dataDir);
    expect(names.sort()).toEqual(['administrator', 'landing', 'plugin', 'secret-key']);
    for (const name of names) expect([name, statSync(join(dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
    expect(readFileSync(join(dataDir, 'administrator'), 'utf8')).toBe(`admin:${first.users[0]?.password.reveal()}\n`);
    expect(generateSecrets(join(folder, 'other')).secretKey).not.toBe(first.secretKey);
  });

  it('lets the administrator administer, the plugin ask, and the landing page decode; none of them more', () => {
    const users = generateSecrets(folder).users.map(({ name, scopes, permissions }) => ({ name, scopes, permissions }));
    expect(users).toEqual([
      { name: 'admin', scopes: [], permissions: ['all'] },
      { name: 'orthanc', scopes: ['plugin'], permissions: [] },
      { name: 'landing', scopes: ['decode', 'exchange'], permissions: [] },
    ]);
  });

  it('closes a folder that was open', () => {
    const dataDir = join(folder, 'open');
    mkdirSync(dataDir, { mode: 0o777 });
    generateSecrets(dataDir);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  });
});

describe('where a setting comes from', () => {
  it('is the secret file before NAME_FILE, and NAME_FILE before the environment', () => {
    const key = (environment: Record<string, string>) =>
      accepted({ USERS, ...environment }).config.keys.signing.reveal();
    const named = file('named', ` named-${STRONG} \n`);
    expect(key({ SECRET_KEY: `plain-${STRONG}` })).toBe(`plain-${STRONG}`);
    expect(key({ SECRET_KEY: `plain-${STRONG}`, SECRET_KEY_FILE: named })).toBe(`named-${STRONG}`);
    mountSecret('SECRET_KEY', `\n mounted-${STRONG}\n`);
    expect(key({ SECRET_KEY: `plain-${STRONG}`, SECRET_KEY_FILE: named })).toBe(`mounted-${STRONG}`);
  });

  it('is the same for settings that are not secret', () => {
    mountSecret('PORT', '7001\n');
    expect(accepted({ ...given, PORT: '7002', PORT_FILE: file('port', '7003') }).config.http.port).toBe(7001);
  });

  it('is no other place when the secret file is there and cannot be read', () => {
    // A folder of that name stands for any file that the service may not open.
    mkdirSync(join(folder, 'secrets', 'SECRET_KEY'), { recursive: true });
    expect(faulty({ ...given, SECRET_KEY: STRONG })).toContain('SECRET_KEY');
  });

  it('is a fault where NAME_FILE names nothing that can be read', () => {
    expect(faulty({ ...given, PORT_FILE: join(folder, MARK) })).toEqual(['PORT_FILE']);
  });
});

describe('faults', () => {
  it('are reported all together, by name and never by value', () => {
    const loaded = load({
      PORT: MARK,
      LANDING_PORT: '0',
      AUTO_MIGRATE: MARK,
      DATABASE_URL: `mysql://${MARK}@h/d`,
      DATABASE_OWNER_URL: MARK,
      WARDEN_MODE: MARK,
      USERS: `{"${MARK}`,
      ALLOW_UNAUTHENTICATED: MARK,
      SECRET_KEY: 'x',
      SECRET_KEYS_PREVIOUS: MARK,
      PUBLIC_ORTHANC_ROOT: MARK,
      PUBLIC_LANDING_ROOT: `ftp://${MARK}/`,
      PUBLIC_OHIF_ROOT: `//${MARK}`,
      PUBLIC_MEDDREAM_ROOT: `https://host/${MARK}`,
      MEDDREAM_TOKEN_SERVICE_URL: 'javascript:1',
      EXTRA_TOKEN_TYPES: MARK,
      GRANT_VALIDITY: '0',
      SHARE_POST: MARK,
      SHARE_MAX_DURATION: '-1',
      SHARE_OVERLONG: MARK,
      ACCEPT_UNREGISTERED_TOKENS: MARK,
      REVOCATION_POLL: '1.5',
      REVOCATION_STALE_AFTER: '1e3',
      SWAGGER_UI: MARK,
      PERMISSIONS_FILE_PATH: join(folder, MARK),
      ANONYMOUS_PROFILE_FILE_PATH: join(folder, MARK),
    });
    expect(loaded.ok).toBe(false);
    if (loaded.ok) return;
    expect(loaded.faults.map(({ setting }) => setting).sort()).toEqual(
      [
        'ACCEPT_UNREGISTERED_TOKENS',
        'ALLOW_UNAUTHENTICATED',
        'ANONYMOUS_PROFILE_FILE_PATH',
        'AUTO_MIGRATE',
        'DATABASE_OWNER_URL',
        'DATABASE_URL',
        'EXTRA_TOKEN_TYPES',
        'GRANT_VALIDITY',
        'LANDING_PORT',
        'MEDDREAM_TOKEN_SERVICE_URL',
        'PERMISSIONS_FILE_PATH',
        'PORT',
        'PUBLIC_LANDING_ROOT',
        'PUBLIC_MEDDREAM_ROOT',
        'PUBLIC_OHIF_ROOT',
        'PUBLIC_ORTHANC_ROOT',
        'REVOCATION_POLL',
        'REVOCATION_STALE_AFTER',
        'SECRET_KEYS_PREVIOUS',
        'SHARE_MAX_DURATION',
        'SHARE_OVERLONG',
        'SHARE_POST',
        'SWAGGER_UI',
        'USERS',
        'WARDEN_MODE',
      ].sort(),
    );
    expect(JSON.stringify(loaded.faults)).not.toContain(MARK);
  });

  it('of one setting hide none of another', () => {
    expect(faulty({ SECRET_KEY: STRONG, USERS: '{}', LANDING_PORT: 'abc' }).sort()).toEqual(['LANDING_PORT', 'USERS']);
  });

  it('of a setting that is given wrongly do not hide what then is missing', () => {
    expect(faulty({ DATABASE_URL: 'mysql://h/d' }).sort()).toEqual(['DATABASE_URL', 'SECRET_KEY', 'USERS']);
  });

  it.each<[string, string[]]>([
    ['PORT', ['abc', '-1', '65536', '1.5', '0x10', '1e3', ' 80', '٨٠', '99999999999999999999']],
    ['LANDING_PORT', ['0', '65536', 'abc']],
    ['GRANT_VALIDITY', ['0', '3601', '1.5', 'ten', '-5']],
    ['SHARE_MAX_DURATION', ['0', '3153600001', '1e9']],
    ['REVOCATION_POLL', ['0', '3601', '0.5']],
    ['REVOCATION_STALE_AFTER', ['0', '86401', '1']], // shorter than the poll
    ['AUTO_MIGRATE', ['maybe', '2', 'ja', 'truee']],
    ['SWAGGER_UI', ['closed']],
    ['ACCEPT_UNREGISTERED_TOKENS', ['never']],
    ['ALLOW_UNAUTHENTICATED', ['sure']],
    ['WARDEN_MODE', ['Production', 'prod']],
    ['SHARE_POST', ['allow', 'Refuse', 'edge']],
    ['SHARE_OVERLONG', ['Clamp', 'cut']],
    ['DATABASE_URL', ['mysql://h/d', 'host=h dbname=d', 'postgresql://u:p@h:99999/d']],
    ['DATABASE_OWNER_URL', ['h', 'http://h/d']],
    ['PUBLIC_ORTHANC_ROOT', ['host/orthanc/', '/orthanc/', 'ftp://h/', 'http://', 'javascript:alert(1)']],
    ['PUBLIC_LANDING_ROOT', ['data:text/html,x', 'h']],
    ['PUBLIC_OHIF_ROOT', ['h']],
    ['PUBLIC_MEDDREAM_ROOT', ['http://h/meddream', 'h']],
    ['MEDDREAM_TOKEN_SERVICE_URL', ['file:///etc/passwd', 'h']],
    [
      'USERS',
      [
        '[]',
        '5',
        '"a"',
        '{}',
        '{',
        '{"": "p"}',
        '{"a:b": "p"}',
        '{"a": ""}',
        '{"a": 5}',
        '{"a": null}',
        '{"a": ["p"]}',
        '{"a": {}}',
        '{"a": {"password": ""}}',
        '{"a": {"password": 5}}',
        '{"a": {"password-hash": 5}}',
        '{"a": {"password-hash": ""}}',
        '{"a": {"password-hash": "p"}}',
        `{"a": {"password-hash": "${passwordHash}", "password": "p"}}`,
        `{"a": {"password-hash": "${passwordHash}", "password": null}}`,
        `{"a": {"password-hash": "${passwordHash}$x"}}`,
        `{"a": {"password-hash": "${passwordHash.replace('ln=15', 'ln=20')}"}}`,
        `{"a": {"password-hash": "${passwordHash}", "permissions": "all"}}`,
        `{"a": {"password-hash": "${passwordHash}", "scopes": ["everything"]}}`,
        '{"a": {"password": "p", "permissions": "all"}}',
        '{"a": {"password": "p", "permissions": [5]}}',
        '{"a": {"password": "p", "scopes": ["everything"]}}',
        '{"a": {"password": "p", "scopes": "plugin"}}',
      ],
    ],
    [
      'SECRET_KEYS_PREVIOUS',
      [
        '{}',
        '5',
        '[5]',
        '[{}]',
        '[{"key": ""}]',
        '[{"key": 5}]',
        '[{"key": "k", "until": "2030-01-01"}]',
        '[{"key": "k", "until": "2030-01-01T00:00:00"}]',
        '[{"key": "k", "until": 5}]',
        '[{"key": "k", "until": "soon"}]',
        '[{"key": "k", "registered-only": "yes"}]',
        JSON.stringify(Array.from({ length: 17 }, () => ({ key: 'k' }))),
      ],
    ],
    [
      'EXTRA_TOKEN_TYPES',
      [
        '[]',
        '{"Inbox": {}}',
        '{"a b": {}}',
        '{"-a": {}}',
        '{"a/b": {}}',
        '{"__proto__": {}}',
        '{"inbox": 5}',
        '{"inbox": []}',
        '{"inbox": {"url": "http://h/"}}',
        '{"inbox": {"url": "javascript:{token}"}}',
        '{"inbox": {"url": 5}}',
        '{"inbox": {"url": "http://h/{token}", "permissions": "all"}}',
        '{"inbox": {"permissions": [5]}}',
      ],
    ],
  ])('%s: each bad form is told, and that setting alone', (setting, forms) => {
    for (const form of forms)
      expect([form, [...new Set(faulty({ ...given, [setting]: form }))]]).toEqual([form, [setting]]);
  });

  it('of a documents file name the file setting', () => {
    for (const text of ['', '{', '[]', '5', '{"roles": {"a": "all"}}', '{"roles": []}', '{"a": 5}']) {
      expect([text, [...new Set(faulty({ ...given, PERMISSIONS_FILE_PATH: file('p.json', text) }))]]).toEqual([
        text,
        ['PERMISSIONS_FILE_PATH'],
      ]);
    }
    for (const text of [
      '',
      '[]',
      '{"permissions": "view"}',
      '{"permissions": [5]}',
      '{"authorized-labels": "*"}',
      '{"groups": 5}',
      '{"validity": "60"}',
      '{"validity": 1.5}',
      '{"validity": -1}',
      '{"validity": 3e9}',
    ]) {
      expect([text, [...new Set(faulty({ ...given, ANONYMOUS_PROFILE_FILE_PATH: file('a.json', text) }))]]).toEqual([
        text,
        ['ANONYMOUS_PROFILE_FILE_PATH'],
      ]);
    }
  });
});

describe('what is read', () => {
  it('is every form of a boolean that compose files use', () => {
    for (const text of ['true', 'TRUE', '1', 'yes', 'on'])
      expect(accepted({ ...given, AUTO_MIGRATE: text }).config.database.autoMigrate).toBe(true);
    for (const text of ['false', 'False', '0', 'no', 'off', ''])
      expect(accepted({ ...given, AUTO_MIGRATE: text }).config.database.autoMigrate).toBe(false);
  });

  it('is the documented default where nothing is said', () => {
    const { config } = accepted(given);
    expect(config.decisions).toEqual({
      serverId: null,
      anonymizedServerId: null,
      grantValidity: 10,
      sharePost: 'compatible',
      acceptUnregistered: true,
      labelsThatStopShares: [],
    });
    expect(
      accepted({ ...given, LABELS_THAT_STOP_SHARES: ' do-not-share,, vip ,' }).config.decisions.labelsThatStopShares,
    ).toEqual(['do-not-share', 'vip']);
    expect(config.feed).toEqual({ pollMs: 2_000, staleAfterMs: 300_000, listen: true });
    expect(config.shares).toEqual({
      maxDuration: 315_360_000,
      overlong: 'clamp',
      pluginMint: 'allow',
      gateAttempts: 10,
    });
    expect(config.orthanc).toBeNull();
    expect(config.mode).toBe('standard');
  });

  it('is a user of two kinds: a plain password for the plugin, an object for what it names', () => {
    const { config } = accepted({
      SECRET_KEY: STRONG,
      USERS:
        '{"a": "plain-password-1", "b": {"password": "plain-password-2", "permissions": ["share"]}, "c": {"password": "plain-password-3", "scopes": ["decode"]}, "__proto__": "plain-password-4"}',
    });
    expect(
      config.callers.users.map(({ name, password, scopes, permissions }) => [
        name,
        password.reveal(),
        scopes,
        permissions,
      ]),
    ).toEqual([
      ['a', 'plain-password-1', ['plugin'], []],
      ['b', 'plain-password-2', [], ['share']],
      ['c', 'plain-password-3', ['decode'], []],
      ['__proto__', 'plain-password-4', ['plugin'], []],
    ]);
  });

  it('is a user whose password is known by its hash alone; no weakness can be told of it', () => {
    const { config, warnings } = accepted({
      ...given,
      WARDEN_MODE: 'production',
      USERS: `{"a": {"password-hash": "${passwordHash}", "permissions": ["share"]}, "b": "plain-password-2"}`,
    });
    expect(config.callers.users.map(({ name }) => name)).toEqual(['b']);
    expect(
      config.callers.hashedUsers.map((user) => [user.name, user.passwordHash.reveal(), user.scopes, user.permissions]),
    ).toEqual([['a', passwordHash, [], ['share']]]);
    expect(JSON.stringify(config)).not.toContain('$scrypt');
    expect(warnings.filter((text) => text.includes('USERS'))).toEqual([]);
  });

  it('is a previous key with its end and its bounds', () => {
    const { config } = accepted({
      ...given,
      SECRET_KEYS_PREVIOUS:
        '[{"key": "k1"}, {"key": "k2", "until": "2030-01-01T01:00:00+01:00", "registered-only": true}]',
    });
    expect(config.keys.previous.map(({ key, until, registeredOnly }) => [key.reveal(), until, registeredOnly])).toEqual(
      [
        ['k1', null, false],
        ['k2', Date.UTC(2030, 0, 1), true],
      ],
    );
  });

  it('is SERVER_IDENTIFIER, the name of 2022, where SERVER_ID is absent', () => {
    expect(accepted({ ...given, SERVER_IDENTIFIER: 'old' }).config.decisions.serverId).toBe('old');
    expect(accepted({ ...given, SERVER_IDENTIFIER: 'old', SERVER_ID: 'new' }).config.decisions.serverId).toBe('new');
  });

  it('is a documents file with comments and trailing commas', () => {
    const path = file('p.json', '// roles\n{"roles": {"a": ["all",], /* old form */ }, }');
    expect(accepted({ ...given, PERMISSIONS_FILE_PATH: path }).config.roles).toEqual({
      seed: { roles: { a: ['all'] } },
      seedFrom: 'permissions.json',
    });
  });

  it('is an anonymous profile whose validity is never 0, which the plugin would keep for ever', () => {
    const profile = (text: string) =>
      accepted({ ...given, ANONYMOUS_PROFILE_FILE_PATH: file('a.json', text) }).config.anonymousProfile;
    expect(profile('{"validity": 0}').validity).toBe(1);
    expect(profile('{}')).toEqual({
      name: 'Anonymous',
      'user-id': null,
      permissions: [],
      'authorized-labels': [],
      groups: [],
      validity: 60,
    });
    expect(
      profile(
        '{"groups": null, "name": "Gast", "user-id": "x", "permissions": ["view"], "authorized-labels": ["a"], "validity": 5}',
      ),
    ).toEqual({
      name: 'Gast',
      'user-id': 'x',
      permissions: ['view'],
      'authorized-labels': ['a'],
      groups: null,
      validity: 5,
    });
  });

  it('is frozen, and prints no secret', () => {
    const { config } = accepted({
      ...given,
      DATABASE_URL: 'postgresql://u:TEST-pw@h/d',
      SECRET_KEYS_PREVIOUS: '[{"key": "TEST-previous"}]',
    });
    expect(Object.isFrozen(config) && Object.isFrozen(config.callers.users) && Object.isFrozen(config.decisions)).toBe(
      true,
    );
    const printed = JSON.stringify(config) + String(config.keys.signing) + String(config.database.url);
    for (const secret of [STRONG, 'TEST-ONLY-long-password', 'TEST-pw', 'TEST-previous'])
      expect(printed).not.toContain(secret);
  });
});

describe('weak secrets', () => {
  const weak: [string, Record<string, string>][] = [
    ['SECRET_KEY', { ...given, SECRET_KEY: 'short' }],
    ['SECRET_KEY', { ...given, SECRET_KEY: `change-me-${STRONG}` }],
    ['USERS', { ...given, USERS: '{"a": "short"}' }],
    ['USERS', { ...given, USERS: '{"a": "CHANGE-ME-please-1234"}' }],
    ['USERS', { ...given, USERS: '{"a": "orthanc-password"}' }],
    ['USERS', { ...given, USERS: '{"a": {"password": "short", "permissions": ["all"]}}' }],
  ];
  it('are warned about', () => {
    for (const [setting, environment] of weak)
      expect(accepted(environment).warnings).toEqual([expect.stringContaining(setting)]);
    expect(accepted(given).warnings).toEqual([]);
  });

  it('are refused in production, and strong ones are not', () => {
    for (const [setting, environment] of weak)
      expect(faulty({ ...environment, WARDEN_MODE: 'production' })).toEqual([expect.stringContaining(setting)]);
    expect(faulty({ ...given, WARDEN_MODE: 'production' })).toEqual([]);
  });

  it('are never repeated', () => {
    const environment = { SECRET_KEY: MARK, USERS: `{"a": "${MARK}"}` };
    expect(accepted(environment).warnings.join()).not.toContain(MARK);
    expect(JSON.stringify(load({ ...environment, WARDEN_MODE: 'production' }))).not.toContain(MARK);
  });
});

describe('warnings', () => {
  const warnings = (environment: Record<string, string>) => accepted({ ...given, ...environment }).warnings.join('\n');

  it('name what looks misspelt, and what was probably meant', () => {
    expect(warnings({ SECRET_KEYS: 'x' })).toContain('SECRET_KEYS is not a setting; SECRET_KEY was probably meant');
    expect(warnings({ GRANT_VALDITY: '60' })).toContain('GRANT_VALIDITY');
    expect(warnings({ database_url: 'x' })).toContain('DATABASE_URL');
    expect(warnings({ REVOCATION_POL_FILE: 'x', SECRET_KEY_FILES: 'x' })).toMatch(/^$|was probably meant/);
  });

  it('say nothing of names that are known or that are none of ours', () => {
    expect(
      warnings({
        PATH: 'x',
        HOME: '/',
        HOSTNAME: 'h',
        USER: 'u',
        LOGNAME: 'u',
        ENABLE_KEYCLOAK: 'false',
        KEYCLOAK_URI: 'http://keycloak/',
        GRANT_VALIDITY_FILE: file('v', '5'),
        PGPORT: '1',
        NODE_ENV: 'test',
      }),
    ).toBe('');
  });

  it('tell of every start that is open to anyone', () => {
    expect(accepted({ SECRET_KEY: STRONG, ALLOW_UNAUTHENTICATED: 'true' }).warnings.join()).toContain(
      'ALLOW_UNAUTHENTICATED',
    );
  });

  it('keep the door shut where users are given as well', () => {
    expect(accepted({ ...given, ALLOW_UNAUTHENTICATED: 'true' }).config.callers.allowUnauthenticated).toBe(false);
    expect(accepted({ SECRET_KEY: STRONG, ALLOW_UNAUTHENTICATED: 'true' }).config.callers.allowUnauthenticated).toBe(
      true,
    );
  });

  it('tell of a root without a slash, which loses its last part', () => {
    expect(warnings({ PUBLIC_ORTHANC_ROOT: 'http://h/orthanc' })).toContain('PUBLIC_ORTHANC_ROOT');
    expect(warnings({ PUBLIC_OHIF_ROOT: 'http://h/ohif' })).toContain('PUBLIC_OHIF_ROOT');
    expect(warnings({ PUBLIC_ORTHANC_ROOT: 'http://h/orthanc/', PUBLIC_OHIF_ROOT: 'http://h/' })).toBe('');
  });

  it('tell of an anonymous profile that opens a hole', () => {
    const of = (text: string) => warnings({ ANONYMOUS_PROFILE_FILE_PATH: file('a.json', text) });
    expect(of('{"permissions": ["upload", "view"], "authorized-labels": ["a"]}')).toContain('upload');
    expect(of('{"permissions": ["all"], "authorized-labels": ["a"]}')).toContain('all');
    expect(of('{"authorized-labels": ["*"]}')).toContain('every label');
    expect(of('{"permissions": ["view"]}')).toContain('no label');
    expect(of('{"permissions": ["view"], "authorized-labels": ["a"]}')).toBe('');
  });
});
