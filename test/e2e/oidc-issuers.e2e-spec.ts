import {
  type Claims,
  type RealmDouble,
  authentikLike,
  entraLike,
  oktaLike,
  startRealm,
} from '../support/realm-double.js';
import { type TestAnswer, type TestService, startTestService } from '../support/test-service.js';

/** Access tokens in the shapes that these issuers make; iss, sub, iat and exp are the double's. */
const tenant = '11111111-2222-3333-4444-555555555555';
const radiologists = '7f1b9a52-6f0e-4a5e-9a39-0f6a3c1b7d11';
const entraAccess: Claims = {
  aud: 'f0e1d2c3-0000-4000-8000-00000000api1',
  azp: 'a1a1a1a1-0000-4000-8000-0000000000ff',
  azpacr: '0',
  aio: 'AXQAi/8IAAAA',
  groups: [radiologists, 'd0d0d0d0-0000-4000-8000-000000000002'],
  idp: `https://sts.windows.net/${tenant}/`,
  name: 'Doc Tor',
  oid: '0d0d0d0d-aaaa-4bbb-8ccc-000000000001',
  preferred_username: 'doctor@hospital.example',
  rh: '0.AAAA',
  roles: ['Warden.External'],
  scp: 'access_as_user',
  sub: 'pairwise-Sub_of-this-app',
  tid: tenant,
  uti: 'x-AAAA',
  ver: '2.0',
  department: 'cardio',
};
/** Of the code flow: it carries no hash, and none of what tells of a client. */
const entraId: Claims = {
  aud: entraAccess['aud'],
  aio: 'AXQAi/8IAAAA',
  name: 'Doc Tor',
  oid: entraAccess['oid'],
  preferred_username: 'doctor@hospital.example',
  rh: '0.AAAA',
  roles: ['Warden.External'],
  sub: 'pairwise-Sub_of-this-app',
  tid: tenant,
  uti: 'x-AAAA',
  ver: '2.0',
};
/** Of a user in more groups than fit: they are to be asked for elsewhere. */
const overage: Claims = {
  groups: undefined,
  roles: undefined,
  _claim_names: { groups: 'src1' },
  _claim_sources: { src1: { endpoint: `https://graph.windows.net/${tenant}/users/x/getMemberObjects` } },
};
const authentikAccess: Claims = {
  aud: 'orthanc-client',
  azp: 'orthanc-client',
  uid: 'mVsPpnOyQ3xUu8x7oD0x6qL5n0hB1x3yq2',
  sub: '3c363836cf4e16666669a25da280a1865c2d2874d0bb2e1b7c6f0a7a0d7b1f9e',
  amr: ['pwd'],
  acr: 'goauthentik.io/providers/oauth2/default',
  auth_time: 1_763_000_000,
  sid: 'ak-session',
  jti: 'ak-jti',
  nonce: 'of-the-log-in',
  scope: 'openid profile email ak_proxy',
  email: 'doctor@hospital.example',
  email_verified: true,
  name: 'Doc Tor',
  given_name: 'Doc',
  preferred_username: 'doctor',
  nickname: 'doctor',
  groups: ['authentik Admins', 'radiology'],
  ak_proxy: { user_attributes: { settings: { locale: 'en' }, sites: ['north', 'south'] }, is_superuser: false },
};
const oktaAccess: Claims = {
  ver: 1,
  jti: 'AT.aaaa',
  aud: 'api://default',
  cid: '0oa1client',
  uid: '00u1doctor',
  scp: ['openid', 'profile'],
  auth_time: 1_763_000_000,
  sub: 'doctor@hospital.example',
  groups: ['Everyone', 'Radiology'],
};
const oktaId: Claims = {
  ver: 1,
  jti: 'ID.aaaa',
  aud: 'api://default',
  amr: ['pwd'],
  idp: '00o1',
  auth_time: 1_763_000_000,
  at_hash: 'preyLDjTLDFWa1LVdPtXjA',
  sub: '00u1doctor',
  name: 'Doc Tor',
  preferred_username: 'doctor@hospital.example',
  groups: ['Everyone', 'Radiology'],
};

let keycloak: RealmDouble;
let entra: RealmDouble;
let authentik: RealmDouble;
let okta: RealmDouble;
let service: TestService;
let authentikEc: string;

beforeAll(async () => {
  [keycloak, entra, authentik, okta] = await Promise.all([
    startRealm(),
    startRealm(entraLike),
    startRealm(authentikLike),
    startRealm(oktaLike),
  ]);
  authentikEc = authentik.addEc();
  const issuers = [
    entra.issuerEntry('entra', ['f0e1d2c3-0000-4000-8000-00000000api1', 'api://orthanc-warden'], {
      claims: { 'user-id': ['oid', 'sub'], name: ['name', 'preferred_username'], roles: 'roles', groups: 'groups' },
      'role-rules': [{ claim: 'groups', value: radiologists, role: 'doctor-role' }],
      labels: ['dept-{department}'],
    }),
    authentik.issuerEntry('authentik', 'orthanc-client', {
      algorithms: ['RS256', 'ES256'],
      'role-rules': [{ claim: 'groups', value: 'radiology', role: 'doctor-role' }],
      labels: ['site-{ak_proxy.user_attributes.sites}'],
    }),
    okta.issuerEntry('okta', 'api://default', {
      claims: { 'user-id': 'uid', name: 'sub' },
      'role-rules': [{ claim: 'groups', value: 'Radiology', role: 'doctor-role' }],
    }),
  ];
  service = await startTestService({
    env: { ...keycloak.settings(), GRANT_VALIDITY: '60', OIDC_ISSUERS: JSON.stringify(issuers) },
  });
  await service.call('PUT', '/settings/roles', {
    roles: {
      'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
      'doctor-role': { 'authorized-labels': ['radiology'], permissions: ['view', 'download'] },
      'Warden.External': { 'authorized-labels': ['external'], permissions: ['view'] },
    },
    'available-labels': [],
  });
});
afterAll(async () => {
  await service?.close();
  await Promise.all([keycloak, entra, authentik, okta].map((one) => one?.stop()));
});

const profile = (token: string): Promise<TestAnswer> =>
  service.call('POST', '/user/get-profile', { 'token-key': 'authorization', 'token-value': `Bearer ${token}` });
const nameOf = async (token: string) => (await profile(token)).json.name;
const lastRefusal = () =>
  service.lines.map((line) => JSON.parse(line)).findLast((line) => line.event === 'identity-refused');
async function refusalOf(token: string): Promise<unknown> {
  const { status, json } = await profile(token);
  expect([status, json.name, json.permissions]).toEqual([200, 'Anonymous', []]);
  return lastRefusal().reason;
}
const entraToken = (claims: Claims = {}) => entra.token({ ...entraAccess, ...claims }, { bare: true });
const authentikToken = (claims: Claims = {}) => authentik.token({ ...authentikAccess, ...claims }, { bare: true });
const oktaToken = (claims: Claims = {}) => okta.token({ ...oktaAccess, ...claims }, { bare: true, typ: null });

describe('Entra ID', () => {
  it('gives roles of the app, a role for a group, and a label for the department', async () => {
    expect((await profile(entraToken())).json).toEqual({
      name: 'Doc Tor',
      'user-id': '0d0d0d0d-aaaa-4bbb-8ccc-000000000001',
      permissions: ['view', 'download'],
      'authorized-labels': ['external', 'radiology', 'dept-cardio'],
      groups: [radiologists, 'd0d0d0d0-0000-4000-8000-000000000002'],
      validity: 60,
    });
  });

  it('may name the API by its address', async () => {
    expect(await nameOf(entraToken({ aud: 'api://orthanc-warden' }))).toBe('Doc Tor');
  });

  it('gives no role and no group by an overage of groups, and the user is known all the same', async () => {
    const { json } = await profile(entraToken({ ...overage, department: undefined }));
    expect(json).toMatchObject({ name: 'Doc Tor', permissions: [], 'authorized-labels': [], groups: null });
  });

  it('gives an application without a user its roles', async () => {
    const app = {
      azp: 'app',
      idtyp: 'app',
      scp: undefined,
      name: undefined,
      preferred_username: undefined,
      groups: undefined,
    };
    expect((await profile(entraToken(app))).json).toMatchObject({ name: '', permissions: ['view'] });
  });

  it.each<[string, Claims, string]>([
    ['an ID token of the code flow', entraId, 'wrong-token-type'],
    ['an ID token with a nonce', { ...entraId, nonce: 'n' }, 'wrong-token-type'],
    ['an ID token of the hybrid flow', { ...entraId, c_hash: 'x', nonce: 'n' }, 'wrong-token-type'],
    ['a token for Microsoft Graph', { ...entraAccess, aud: '00000003-0000-0000-c000-000000000000' }, 'wrong-audience'],
    ['another tenant', { ...entraAccess, iss: 'https://login.microsoftonline.com/other/v2.0' }, 'unknown-issuer'],
    [
      'a token of version 1.0',
      { ...entraAccess, iss: `https://sts.windows.net/${tenant}/`, ver: '1.0' },
      'unknown-issuer',
    ],
  ])('refuses %s', async (_, claims, reason) => {
    expect(await refusalOf(entra.token(claims, { bare: true }))).toBe(reason);
  });
});

describe('Authentik', () => {
  it('has an issuer that ends with a slash, a role for a group by name, and labels of nested lists', async () => {
    expect(authentik.issuer).toMatch(/\/$/);
    expect((await profile(authentikToken())).json).toEqual({
      name: 'Doc Tor',
      'user-id': authentikAccess['sub'],
      permissions: ['view', 'download'],
      'authorized-labels': ['radiology', 'site-north', 'site-south'],
      groups: ['authentik Admins', 'radiology'],
      validity: 60,
    });
  });

  it('may sign with ES256', async () => {
    const token = authentik.token(authentikAccess, { bare: true, signWith: authentikEc });
    expect(await nameOf(token)).toBe('Doc Tor');
    const [head = '', payload = '', signature = ''] = token.split('.');
    const flipped = Buffer.from(signature, 'base64url').fill(0).toString('base64url');
    expect(await refusalOf(`${head}.${payload}.${flipped}`)).toBe('bad-signature');
  });

  it('refuses the same issuer without its slash', async () => {
    expect(await refusalOf(authentikToken({ iss: authentik.issuer.slice(0, -1) }))).toBe('unknown-issuer');
  });

  it('refuses an ID token, which has the same claims and a hash, and the token of another application', async () => {
    expect(await refusalOf(authentikToken({ at_hash: 'x' }))).toBe('wrong-token-type');
    expect(await refusalOf(authentikToken({ scope: undefined }))).toBe('wrong-token-type');
    expect(await refusalOf(authentikToken({ aud: 'grafana', azp: 'grafana' }))).toBe('wrong-audience');
  });

  it('gives no label by an attribute that a user filled with a star', async () => {
    const hostile = { user_attributes: { sites: ['*', '', ['north'], 'x'.repeat(100), { a: 1 }] } };
    expect((await profile(authentikToken({ ak_proxy: hostile }))).json['authorized-labels']).toEqual([
      'radiology',
      'site-*',
    ]);
  });
});

describe('Okta', () => {
  it('has a list of scopes, no typ in the header, and a role for a group', async () => {
    expect((await profile(oktaToken())).json).toEqual({
      name: 'doctor@hospital.example',
      'user-id': '00u1doctor',
      permissions: ['view', 'download'],
      'authorized-labels': ['radiology'],
      groups: ['Everyone', 'Radiology'],
      validity: 60,
    });
  });

  it('refuses its ID tokens, with and without a hash', async () => {
    const id = (claims: Claims) => okta.token(claims, { bare: true, typ: null });
    expect(await refusalOf(id(oktaId))).toBe('wrong-token-type');
    expect(await refusalOf(id({ ...oktaId, at_hash: undefined }))).toBe('wrong-token-type');
  });

  it('refuses a token of the authorization server of the organisation', async () => {
    expect(await refusalOf(oktaToken({ aud: okta.origin, iss: okta.origin }))).toBe('unknown-issuer');
  });
});

describe('several issuers beside Keycloak', () => {
  it('are all known at once, each by its own rules', async () => {
    expect(await nameOf(keycloak.token({ name: 'K' }))).toBe('K');
    expect(await nameOf(entraToken())).toBe('Doc Tor');
    expect(await nameOf(authentikToken())).toBe('Doc Tor');
    expect(await nameOf(oktaToken())).toBe('doctor@hospital.example');
    const me = await service.call('GET', '/api/v1/me', undefined, { authorization: `Bearer ${entraToken()}` });
    expect(me.json.id).toBe('entra:0d0d0d0d-aaaa-4bbb-8ccc-000000000001');
    expect(me.json.sources.at(-1)).toEqual({ role: null, configured: true, permissions: [], labels: ['dept-cardio'] });
  });

  it('do not speak for each other', async () => {
    const forged = okta.token({ ...entraAccess, iss: entra.issuer }, { bare: true, kid: entra.activeKey.kid });
    expect(await refusalOf(forged)).toBe('bad-signature');
    expect(await refusalOf(entra.token({ iss: keycloak.issuer }, { kid: keycloak.activeKey.kid }))).toBe(
      'bad-signature',
    );
  });

  it('do not lend each other their claims: realm_access says nothing in a token of another issuer', async () => {
    const { json } = await profile(oktaToken({ groups: [], realm_access: { roles: ['admin-role'] } }));
    expect(json.permissions).toEqual([]);
  });

  it('go on when one of them does not answer', async () => {
    entra.fail('hang');
    expect(await nameOf(oktaToken({ jti: 'another' }))).toBe('doctor@hospital.example');
    expect(await nameOf(entraToken({ uti: 'another' }))).toBe('Doc Tor');
    entra.mend();
  });

  it('say in the log what is expected, for each', async () => {
    await refusalOf(oktaToken({ aud: 'api://other' }));
    expect(lastRefusal().detail).toBe(
      'audience is "api://other", expected "api://default" (azp is nothing); see OIDC_ISSUERS',
    );
    await refusalOf(oktaToken({ iss: 'https://x.example' }));
    for (const realm of [keycloak, entra, authentik, okta]) expect(lastRefusal().detail).toContain(`"${realm.issuer}"`);
  });
});
