import { EnvironmentSource } from './env.js';
import { readIdentity } from './identity-settings.js';
import { SettingReader } from './setting-reader.js';

const SECRET = 'TEST-ONLY-client-secret';

function read(environment: Record<string, string>) {
  const reader = new SettingReader(new EnvironmentSource(environment, '/nowhere'));
  const warnings: string[] = [];
  const identity = readIdentity(reader, warnings);
  return { identity, warnings, faults: reader.faults.map(({ setting, problem }) => `${setting} ${problem}`) };
}
const entry = { name: 'entra', issuer: 'https://login.example/t/v2.0', audience: 'api://warden' };
const readEntries = (...entries: unknown[]) => read({ OIDC_ISSUERS: JSON.stringify(entries) });
const faultsOf = (more: object) => readEntries({ ...entry, ...more }).faults;

describe('Keycloak', () => {
  it('is off unless it is asked for', () => {
    expect(read({}).identity).toEqual({
      issuers: [],
      jwksMaxAgeMs: 3_600_000,
      directory: null,
      keycloakApiKeys: false,
    });
  });

  it('has the defaults of the incumbent: account, RS256, the realm orthanc', () => {
    const { identity, warnings, faults } = read({ ENABLE_KEYCLOAK: 'true' });
    expect(identity.issuers).toMatchObject([
      {
        name: 'keycloak',
        kind: 'keycloak',
        url: 'http://keycloak:8080/realms/orthanc/',
        issuers: [],
        audiences: ['account'],
        algorithms: ['RS256'],
        introspection: null,
      },
    ]);
    expect([warnings, faults]).toEqual([[], []]);
  });

  it('may have several names and audiences, parted by commas; nothing but commas is none', () => {
    const { identity } = read({
      ENABLE_KEYCLOAK: 'true',
      KEYCLOAK_URI: 'https://sso.example/realms/r',
      KEYCLOAK_ISSUER: 'https://a.example/realms/r , https://b.example/realms/r,',
      KEYCLOAK_AUDIENCE: ',',
    });
    expect(identity.issuers[0]).toMatchObject({
      url: 'https://sso.example/realms/r/',
      issuers: ['https://a.example/realms/r', 'https://b.example/realms/r'],
      audiences: ['account'],
    });
  });

  it('is asked as a directory and for introspection where a client secret is set', () => {
    const { identity } = read({ ENABLE_KEYCLOAK: 'true', KEYCLOAK_CLIENT_SECRET: SECRET });
    expect(identity.directory).toMatchObject({
      adminUrl: 'http://keycloak:8080/admin/realms/orthanc/',
      clientId: 'admin-cli',
    });
    expect(identity.issuers[0]?.introspection?.clientId).toBe('admin-cli');
    expect(JSON.stringify(identity)).not.toContain(SECRET);
  });

  it('needs a client secret for API keys, and both URLs to name a realm', () => {
    const { faults, warnings } = read({
      ENABLE_KEYCLOAK_API_KEYS: 'true',
      KEYCLOAK_URI: 'http://keycloak:8080/',
      KEYCLOAK_ADMIN_URI: 'http://keycloak:8080/admin/',
    });
    expect(faults).toEqual([expect.stringContaining('KEYCLOAK_CLIENT_SECRET is missing')]);
    expect(warnings).toEqual([
      expect.stringContaining('only API keys'),
      expect.stringContaining('KEYCLOAK_URI names no realm'),
      expect.stringContaining('KEYCLOAK_ADMIN_URI names no realm'),
    ]);
  });

  it('has each fault named, all at once', () => {
    const { faults } = read({
      ENABLE_KEYCLOAK: 'perhaps',
      KEYCLOAK_URI: 'file:///etc/passwd',
      KEYCLOAK_ADMIN_URI: 'keycloak',
      JWKS_MAX_AGE: '59',
      OIDC_ISSUERS: '[{',
    });
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'ENABLE_KEYCLOAK',
      'KEYCLOAK_URI',
      'KEYCLOAK_ADMIN_URI',
      'OIDC_ISSUERS',
      'JWKS_MAX_AGE',
    ]);
  });
});

describe('an entry of OIDC_ISSUERS', () => {
  it('needs name, issuer and audience, and has defaults for the rest', () => {
    const { identity, faults } = readEntries(entry);
    expect(faults).toEqual([]);
    expect(identity.issuers).toEqual([
      {
        name: 'entra',
        kind: 'oidc',
        url: 'https://login.example/t/v2.0/',
        issuers: ['https://login.example/t/v2.0'],
        audiences: ['api://warden'],
        algorithms: ['RS256'],
        introspection: null,
        claims: {
          name: [['name'], ['preferred_username'], ['email']],
          userId: [['sub']],
          groups: [['groups']],
          roles: [['roles']],
        },
        roleRules: [],
        labelTemplates: [],
      },
    ]);
  });

  it('has claim paths with dots, as URLs, and as lists of names that hold dots themselves', () => {
    const claims = {
      name: 'profile.display.name',
      'user-id': ['oid', 'sub'],
      groups: 'https://host.example/claims/groups',
      roles: [['resource_access', 'my.client', 'roles'], 'roles'],
    };
    expect(readEntries({ ...entry, claims }).identity.issuers[0]?.claims).toEqual({
      name: [['profile', 'display', 'name']],
      userId: [['oid'], ['sub']],
      groups: [['https://host.example/claims/groups']],
      roles: [['resource_access', 'my.client', 'roles'], ['roles']],
    });
  });

  it('may be looked up by the whole address of its discovery document', () => {
    const url = (more: object) => readEntries({ ...entry, ...more }).identity.issuers[0]?.url;
    expect(url({ 'discovery-url': 'https://in.example/t/.well-known/openid-configuration' })).toBe(
      'https://in.example/t/',
    );
    expect(url({ 'discovery-url': 'https://in.example/t' })).toBe('https://in.example/t/');
  });

  it.each<[string, object, string]>([
    ['an unknown member', { audiences: 'x' }, '"audiences" is not known'],
    ['no name', { name: undefined }, '"name" must be'],
    ['a name with capitals', { name: 'Entra' }, '"name" must be'],
    ['a long name', { name: 'a'.repeat(33) }, '"name" must be'],
    ['a name with a line break', { name: 'a\n' }, '"name" must be'],
    ['no issuer', { issuer: undefined }, '"issuer" must be'],
    ['an issuer that is no URL', { issuer: 'accounts.example' }, '"issuer" must be'],
    ['an issuer that is a file', { issuer: 'file:///etc' }, '"issuer" must be'],
    ['no audience', { audience: undefined }, '"audience" must be'],
    ['an empty audience', { audience: '' }, '"audience" must be'],
    ['an empty list of audiences', { audience: [] }, '"audience" must be'],
    ['an audience that is a number', { audience: [7] }, '"audience" must be'],
    ['a symmetric algorithm', { algorithms: ['RS256', 'HS256'] }, '"algorithms" may hold'],
    ['the algorithm none', { algorithms: ['none'] }, '"algorithms" may hold'],
    ['no algorithm', { algorithms: [] }, '"algorithms" may hold'],
    ['algorithms as a text', { algorithms: 'RS256' }, '"algorithms" may hold'],
    ['a discovery-url that is data', { 'discovery-url': 'data:,x' }, '"discovery-url" must be'],
    ['labels without a claim', { labels: ['everything'] }, '"labels" must be'],
    ['a label that is *', { labels: ['*'] }, '"labels" must be'],
    ['a label with two claims', { labels: ['{a}-{b}'] }, '"labels" must be'],
    ['a label with an empty claim', { labels: ['x-{}'] }, '"labels" must be'],
    ['labels as a text', { labels: 'x-{a}' }, '"labels" must be'],
    ['a client without a secret', { 'client-id': 'x' }, '"client-id" and "client-secret" go together'],
    ['a secret without a client', { 'client-secret': SECRET }, '"client-id" and "client-secret" go together'],
    ['an empty secret', { 'client-id': 'x', 'client-secret': '' }, '"client-id" and "client-secret" must be texts'],
    ['claims as a list', { claims: [] }, '"claims" must be an object'],
    ['an unknown claim', { claims: { userId: 'oid' } }, 'claims: "userId" is not known'],
    ['an empty claim path', { claims: { name: '' } }, 'claims: "name" must be'],
    ['a claim path with nothing between dots', { claims: { name: 'a..b' } }, 'claims: "name" must be'],
    ['no claim path', { claims: { roles: [] } }, 'claims: "roles" must be'],
    ['a claim path that is a number', { claims: { roles: [7] } }, 'claims: "roles" must be'],
    ['rules as an object', { 'role-rules': {} }, '"role-rules" must be a list'],
    ['a rule without a role', { 'role-rules': [{ claim: 'g', value: 'v' }] }, 'role-rules[0] must be'],
    ['a rule for an empty value', { 'role-rules': [{ claim: 'g', value: '', role: 'r' }] }, 'role-rules[0] must be'],
    ['a rule that is null', { 'role-rules': [null] }, 'role-rules[0] must be'],
  ])('is at fault with %s', (_, more, expected) => {
    const { identity, faults } = readEntries({ ...entry, ...more });
    expect(faults).toEqual([expect.stringContaining(`OIDC_ISSUERS entry 0: ${expected}`)]);
    expect(identity.issuers).toEqual([]);
  });

  it('has every fault named at once, and no value of a secret', () => {
    const faults = faultsOf({
      name: 'X',
      issuer: 'x',
      audience: [],
      labels: ['x'],
      'client-id': 7,
      'client-secret': SECRET,
      'role-rules': [{}, { claim: 'a..b', value: 'v', role: 'r' }],
    });
    expect(faults).toHaveLength(7);
    expect(faults.join()).not.toContain(SECRET);
  });

  it.each(['keycloak', 'basic', 'key', 'api-key', 'keycloak-api-key', 'anyone', 'plugin', 'seed'])(
    'may not be called %s, which is somebody else in the record',
    (name) => expect(faultsOf({ name })).toEqual([expect.stringContaining('the name is taken')]),
  );

  it('may not have the name of another, nor its issuer, which would never be asked', () => {
    const other = { ...entry, issuer: 'https://other.example/' };
    expect(readEntries(entry, other).faults).toEqual([expect.stringContaining('entry 1: the name is taken')]);
    expect(readEntries(entry, { ...entry, name: 'second' }).faults).toEqual([
      expect.stringContaining('entry 1: an entry before has this "issuer"'),
    ]);
  });

  it.each([{}, 'x', 7, null, Array.from({ length: 17 }, () => entry)])('is in a list of at most 16: %#', (value) => {
    expect(read({ OIDC_ISSUERS: JSON.stringify(value) }).faults).toEqual([
      expect.stringContaining('must be a JSON list'),
    ]);
  });

  it.each([[null], [7], ['x'], [[]]])('must be an object, not %j', (value) => {
    expect(readEntries(value).faults).toEqual(['OIDC_ISSUERS entry 0: must be an object']);
  });
});
