import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { type RealmDouble, startRealm } from '../support/realm-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  startTestService,
} from '../support/test-service.js';

class SetClock extends Clock {
  ahead = 0;
  now = (): number => Date.now() + this.ahead;
  monotonic = (): number => performance.now();
}

const STUDY = '1.2.840.1';
const ORTHANC_ID = '0195f13e-4afe6822-8b494cc4-5162c50d-0daf66aa';
const admin = { authorization: adminCredentials };
const study = (...labels: string[]) => ({ level: 'study', dicomUid: STUDY, orthancId: ORTHANC_ID, labels });

let realm: RealmDouble;
let service: TestService;
let clock: SetClock;

beforeAll(async () => {
  clock = new SetClock();
  realm = await startRealm({
    users: [
      { id: 'uid-doc', username: 'doctor', attributes: { 'api-key': ['TEST-doctor-key'] }, roles: ['doctor-role'] },
      { id: 'uid-gone', username: 'gone', enabled: false, roles: ['admin-role'] },
    ],
  });
  service = await startTestService({ clock, env: realm.settings() });
  await service.call('PUT', '/settings/roles', {
    roles: {
      'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
      'doctor-role': { 'authorized-labels': ['radiology'], permissions: ['view', 'download'] },
      'external-role': { 'authorized-labels': ['external'], permissions: ['view'] },
    },
    'available-labels': [],
  });
});
afterAll(async () => {
  await service?.close();
  await realm?.stop();
});

const tokenOf = (claims: object, ...roles: string[]) => realm.token({ ...claims, realm_access: { roles } });
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const ask = (body: unknown, headers: Record<string, string> = admin): Promise<TestAnswer> =>
  service.call('POST', '/api/v1/explain', body, headers);
/** As a user reads it: the verdict in a sentence, then each rule. */
async function explained(body: object, headers?: Record<string, string>): Promise<string[]> {
  const { status, json } = await ask(body, headers);
  expect(status).toBe(200);
  return [
    json.summary,
    ...json.rules.map((one: Record<string, string>) => `${one['rule']} ${one['outcome']}: ${one['says']}`),
  ];
}
async function share(minutes = 60): Promise<{ token: string; id: string }> {
  const resources = [{ 'dicom-uid': STUDY, 'orthanc-id': ORTHANC_ID, level: 'study' }];
  const body = { type: 'stone-viewer-publication', resources, 'validity-duration': minutes * 60 };
  const { json } = await service.call('PUT', '/tokens/stone-viewer-publication', body);
  const { json: list } = await service.call('GET', '/api/v1/shares?limit=1', undefined, admin);
  return { token: json.token, id: list.items[0].id };
}

describe('why 403?', () => {
  it('1: a doctor asks for a study without a label of theirs', async () => {
    const token = tokenOf({ name: 'Doc Tor' }, 'doctor-role', 'offline_access');
    const question = { resource: study('external'), method: 'get' };
    const expected = [
      'Refused: The study carries external; open are: radiology. Add a label to the study, or one of its labels (or *) to a role.',
      'credential passed: Recognised as Doc Tor.',
      'roles passed: Roles that give rights here: doctor-role. Not configured, so they give nothing: offline_access.',
      'permission passed: Holds view, from doctor-role.',
      'labels failed: The study carries external; open are: radiology. Add a label to the study, or one of its labels (or *) to a role.',
    ];
    expect(await explained({ ...question, subject: { token } })).toEqual(expected);
    expect(await explained(question, bearer(token))).toEqual(expected);
    expect(await explained({ ...question, subject: { token: ` Bearer ${token}\n` } })).toEqual(expected);
  });

  it('2: an external user on a study labelled external is granted', async () => {
    const subject = { token: tokenOf({ name: 'Ex' }, 'external-role') };
    expect(await explained({ subject, resource: study('external', 'x'), method: 'get' })).toEqual([
      'Granted, as far as rights go: The study carries external, which is open, from external-role.',
      'credential passed: Recognised as Ex.',
      'roles passed: Roles that give rights here: external-role.',
      'permission passed: Holds view, from external-role.',
      'labels passed: The study carries external, which is open, from external-role.',
    ]);
  });

  it('3: the only role is not configured', async () => {
    const subject = { token: tokenOf({ name: 'New' }, 'intern-role') };
    const [summary, , roles] = await explained({ subject, resource: study(), method: 'get' });
    const says = 'Roles that give rights here: none. Not configured, so they give nothing: intern-role.';
    expect([summary, roles]).toEqual([`Refused: ${says}`, `roles failed: ${says}`]);
  });

  it('4: a share is asked for something else, or is over', async () => {
    const [first, second] = [await share(), await share(1)];
    const of = (token: string, method: string, resource: object = study()) =>
      explained({ subject: { token }, method, resource }).then(([summary]) => summary);
    expect(await of(first.token, 'get')).toMatch(/^Granted: the share covers it/);
    expect(await of(first.token, 'delete')).toBe('Refused (write-refused): A share never writes, deletes or modifies.');
    expect(await of(first.token, 'get', { ...study(), dicomUid: '9.9' })).toBe(
      'Refused (outside-grant): The token shares something else, or another level of it.',
    );
    clock.ahead = 120_000;
    expect(await of(second.token, 'get')).toBe('Refused (expired): The share has expired; share again.');
    clock.ahead = 0;
    const revoked = await service.call('POST', `/api/v1/shares/${second.id}/revoke`, { reason: 'test' }, admin);
    expect(revoked.status).toBeLessThan(300);
    expect(await of(second.token, 'get')).toBe('Refused (revoked): The share was revoked.');
    const strange = `${first.token.split('.').slice(0, 2).join('.')}.${'A'.repeat(43)}`;
    expect(await of(strange, 'get')).toMatch(/^Refused \(bad-signature\): No key of this service signed the token/);
  });

  it('5: the token is for another audience', async () => {
    const subject = { token: realm.token({ aud: 'foo', azp: 'bar' }) };
    const [summary, credential] = await explained({ subject, resource: study(), method: 'get' });
    const says =
      'Not recognised (wrong-audience): audience is "foo", expected "account" (azp is "bar"); see KEYCLOAK_AUDIENCE.';
    expect([summary, credential]).toEqual([`Refused: ${says}`, `credential failed: ${says}`]);
  });

  it('also for roles, an API key, a user, nobody, and a permission that the plugin asks for', async () => {
    const question = { resource: study('radiology'), method: 'get' };
    const summaryOf = (subject: object, more: object = {}) =>
      explained({ ...question, subject, ...more }).then(([summary]) => summary);
    expect(await summaryOf({ roles: ['doctor-role'] })).toMatch(/^Granted/);
    expect(await summaryOf({ roles: ['__proto__', 'constructor'] })).toMatch(
      /^Refused: Roles that give rights here: none/,
    );
    expect(await summaryOf({ roles: [] })).toBe('Refused: No role at all.');
    expect(await summaryOf({ apiKey: 'TEST-doctor-key' })).toMatch(/^Granted/);
    expect(await summaryOf({ userId: 'uid-doc' })).toMatch(/^Granted/);
    expect(await summaryOf({ userId: 'uid-gone' })).toBe('Refused: The user is disabled in Keycloak.');
    expect(await summaryOf({ anonymous: true })).toMatch(/^Refused: Lacks view; held are: none/);
    expect(await summaryOf({ roles: ['doctor-role'] }, { permission: 'share' })).toMatch(
      /^Refused: Lacks share; held are/,
    );
    expect(await summaryOf({ roles: ['doctor-role'] }, { method: 'delete' })).toMatch(/^Refused: Lacks delete/);
    expect(await summaryOf({ roles: ['doctor-role'] }, { resource: { level: 'system' } })).toMatch(/^Granted/);
    const unknown = await ask({ ...question, subject: { userId: 'uid-nobody' } });
    expect([unknown.status, unknown.json.code]).toEqual([404, 'unknown-user']);
  });

  it('is the decision that the profile leads to', async () => {
    const token = tokenOf({}, 'doctor-role', 'external-role');
    const { json } = await ask({ subject: { token }, resource: study('external'), method: 'get' });
    const profile = await service.call('POST', '/user/get-profile', {
      'token-key': 'authorization',
      'token-value': token,
    });
    expect([json.permissions, json.labels]).toEqual([profile.json.permissions, profile.json['authorized-labels']]);
  });

  it('cannot be told while the issuer or the directory is out of reach, and says so', async () => {
    realm.fail('reset');
    const { status, json } = await ask({ subject: { userId: 'uid-doc' }, resource: study(), method: 'get' });
    realm.mend();
    expect([status, json.code]).toEqual([503, 'identity-unavailable']);
  });
});

describe('who may ask', () => {
  const question = { resource: study('external'), method: 'get' };
  const subjects = [{ token: 'x' }, { apiKey: 'x' }, { userId: 'uid-doc' }, { roles: ['x'] }, { anonymous: true }];

  it.each(subjects)('of others only with admin-permissions: %j', async (subject) => {
    const doctor = bearer(tokenOf({}, 'doctor-role'));
    expect((await ask({ ...question, subject }, doctor)).status).toBe(403);
    expect((await ask({ ...question, subject }, { authorization: basic('sharer', 'sharer-pwd') })).status).toBe(403);
    expect((await ask({ ...question, subject }, bearer(tokenOf({}, 'admin-role')))).status).toBe(200);
  });

  it('of oneself whoever is recognised', async () => {
    expect((await ask(question, bearer(tokenOf({}, 'external-role')))).json.granted).toBe(true);
    expect((await ask(question, { 'api-key': 'TEST-doctor-key', authorization: '' })).json.granted).toBe(false);
    expect((await ask(question, { authorization: basic('sharer', 'sharer-pwd') })).status).toBe(200);
    expect((await ask({ ...question, subject: null }, bearer(tokenOf({}, 'external-role')))).json.granted).toBe(true);
  });

  it.each<Record<string, string>>([
    {},
    bearer('x'),
    bearer(''),
    { 'api-key': 'owk_x' },
    { authorization: basic('admin', 'wrong') },
  ])('nobody else: %j', async (headers) => {
    expect((await ask(question, { authorization: '', ...headers })).status).toBe(401);
  });
});

describe('a body that cannot be explained', () => {
  const good = { subject: { roles: ['x'] }, resource: { level: 'study' }, method: 'get' };

  it.each<[string, unknown, string]>([
    ['no resource', { ...good, resource: undefined }, 'resource'],
    ['resource null', { ...good, resource: null }, 'resource'],
    ['resource as a list', { ...good, resource: [] }, 'resource'],
    ['resource as a list of resources', { ...good, resource: [{ level: 'study' }] }, 'resource'],
    ['resource as a text', { ...good, resource: 'study' }, 'resource'],
    ['no level', { ...good, resource: {} }, 'resource.level'],
    ['an unknown level', { ...good, resource: { level: 'studies' } }, 'resource.level'],
    ['a uid that is a number', { ...good, resource: { level: 'study', dicomUid: 7 } }, 'resource.dicomUid'],
    ['labels as a text', { ...good, resource: { level: 'study', labels: 'a' } }, 'resource.labels'],
    ['labels of numbers', { ...good, resource: { level: 'study', labels: [7] } }, 'resource.labels'],
    ['an unknown member', { ...good, resource: { level: 'study', 'dicom-uid': 'x' } }, 'resource.dicom-uid'],
    ['no method', { ...good, method: undefined }, 'method'],
    ['an unknown method', { ...good, method: 'patch' }, 'method'],
    ['subject as a text', { ...good, subject: 'x' }, 'subject'],
    ['subject as a list', { ...good, subject: [] }, 'subject'],
    ['an empty subject', { ...good, subject: {} }, 'subject'],
    ['two subjects', { ...good, subject: { roles: [], anonymous: true } }, 'subject'],
    ['token null', { ...good, subject: { token: null } }, 'subject'],
    ['roles null', { ...good, subject: { roles: null } }, 'subject'],
    ['a token that is a number', { ...good, subject: { token: 7 } }, 'subject.token'],
    ['roles of numbers', { ...good, subject: { roles: [7] } }, 'subject.roles'],
    ['a user id with NUL', { ...good, subject: { userId: 'a\0' } }, 'subject.userId'],
    ['anonymous false', { ...good, subject: { anonymous: false } }, 'subject.anonymous'],
    ['a permission that is a number', { ...good, permission: 7 }, 'permission'],
    ['an unknown part', { ...good, user: 'x' }, 'user'],
  ])('%s: 400 with the field', async (_, body, field) => {
    const { status, json } = await ask(body);
    expect([status, json.code, json.errors?.map((one: { field: string }) => one.field)]).toEqual([
      400,
      'invalid-input',
      [field],
    ]);
  });

  it.each(['null', '[]', '"x"', '7', '', '{'])('%j: 400', async (text) => {
    const { status } = await service.call('POST', '/api/v1/explain', text, {
      ...admin,
      'content-type': 'application/json',
    });
    expect(status).toBe(400);
  });
});

it('GET /api/v1/me says who one is, and where each right comes from', async () => {
  const exp = Math.floor(Date.now() / 1000) + 200;
  const token = tokenOf({ name: 'Doc Tor', groups: ['/rad'], exp }, 'external-role', 'nobody-role', 'doctor-role');
  const me = (headers: Record<string, string>) => service.call('GET', '/api/v1/me', undefined, headers);
  const { status, json, headers } = await me(bearer(token));
  expect([status, headers.get('cache-control')]).toEqual([200, 'no-store']);
  expect(json).toEqual({
    id: 'keycloak:6f1c2a3e-0000-4000-8000-000000000001',
    name: 'Doc Tor',
    via: 'bearer',
    scopes: [],
    permissions: ['view', 'download'],
    labels: ['external', 'radiology'],
    groups: ['/rad'],
    expiresAt: new Date(exp * 1000).toISOString(),
    sources: [
      { role: 'external-role', configured: true, permissions: ['view'], labels: ['external'] },
      { role: 'nobody-role', configured: false, permissions: [], labels: [] },
      { role: 'doctor-role', configured: true, permissions: ['view', 'download'], labels: ['radiology'] },
    ],
  });
  expect((await me(admin)).json).toMatchObject({ id: 'basic:admin', via: 'basic', groups: null, expiresAt: null });
  expect((await me({ authorization: '' })).status).toBe(401);
  expect((await me({ authorization: '', 'api-key': 'TEST-doctor-key' })).json).toMatchObject({ via: 'api-key' });
});

it('leaves no token and no key in the log, whatever they were worth', async () => {
  const tokens = [
    tokenOf({}, 'doctor-role'),
    realm.token({ aud: 'x' }),
    realm.token({}, { kid: 'x' }),
    (await share()).token,
  ];
  for (const token of tokens) {
    await ask({ subject: { token }, resource: study(), method: 'get' });
    await ask({ resource: study(), method: 'get' }, bearer(token));
    await service.call('GET', '/api/v1/me', undefined, bearer(token));
  }
  await ask({ subject: { apiKey: 'MARKED-key-0123456789' }, resource: study(), method: 'get' });
  await ask({ subject: { apiKey: 'owk_MARKED-key' }, resource: study(), method: 'get' });
  const log = service.lines.join('\n');
  for (const token of tokens) for (const part of token.split('.').slice(1)) expect(log).not.toContain(part);
  expect(log).not.toContain('MARKED-key');
});

it('says what to set where no directory is configured, instead of "try again"', async () => {
  const alone = await startTestService();
  const { status, json } = await alone.call(
    'POST',
    '/api/v1/explain',
    { subject: { userId: 'uid-doc' }, resource: study(), method: 'get' },
    admin,
  );
  await alone.close();
  expect([status, json.errors]).toEqual([400, [expect.objectContaining({ field: 'subject.userId' })]]);
});

it('only looks: what is explained is neither logged as a refusal nor counted as a use of a key', async () => {
  const refusals = () => service.lines.filter((line) => line.includes('"identity-refused"')).length;
  const before = refusals();
  await ask({ subject: { token: realm.token({ aud: 'x' }) }, resource: study(), method: 'get' });
  expect(refusals()).toBe(before);
  const body = { name: 'looked at', owner: { kind: 'service', name: 'test' }, permissions: ['view'], labels: ['*'] };
  const made = await service.call('POST', '/api/v1/api-keys', body, admin);
  const { json } = await ask({ subject: { apiKey: made.json.key }, resource: study(), method: 'get' });
  expect(json.granted).toBe(true);
  const shown = await service.call('GET', `/api/v1/api-keys/${made.json.id}`, undefined, admin);
  expect(shown.json.lastUsedAt).toBeNull();
});
