import pg from 'pg';
import { type OrthancDouble, type OrthancFault, orthancIdOf, startOrthanc } from '../support/orthanc-double.js';
import { type RealmDouble, startRealm } from '../support/realm-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

type Headers = Record<string, string>;

const roles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'a-role': { 'authorized-labels': ['A'], permissions: ['share'] },
    'all-role': { 'authorized-labels': ['*'], permissions: ['share'] },
    'viewer-role': { 'authorized-labels': ['A'], permissions: ['view'] },
    'download-role': { 'authorized-labels': ['A'], permissions: ['download'] },
    'no-label-role': { 'authorized-labels': [], permissions: ['share'] },
  },
  'available-labels': [],
};
const publication = 'stone-viewer-publication';

let realm: RealmDouble;
let orthanc: OrthancDouble;
let service: TestService;
/** Without ORTHANC_URL, on the same database; the plugin may not mint. */
let closed: TestService;
let client: pg.Client;
let keyOfA: string;
let studyA: string;
let studyB: string;

beforeAll(async () => {
  [realm, orthanc] = await Promise.all([
    startRealm({ roles: Object.keys(roles.roles).map((name) => ({ name })) }),
    startOrthanc(),
  ]);
  studyA = orthanc.add({ uid: '1.2.1', labels: ['A', 'x'], patientId: 'PAT 1', series: { '1.2.1.1': ['1.2.1.1.1'] } });
  studyB = orthanc.add({ uid: '1.2.2', labels: ['B'], patientId: 'PAT 1', series: { '1.2.2.1': ['1.2.2.1.1'] } });
  orthanc.add({ uid: '1.2.3', labels: [], patientId: 'PAT 2' });
  orthanc.add({ uid: '1.2.4', labels: ['A'], patientId: 'PAT 3' });
  orthanc.add({ uid: '1.2.5', labels: ['A'], patientId: 'TWICE 1' });
  orthanc.add({ uid: '1.2.5', labels: ['A'], patientId: 'TWICE 2' });
  service = await startTestService({ env: { ...realm.settings(), ...orthanc.settings() } });
  closed = await startTestService({
    env: { ...realm.settings(), PLUGIN_MINT: 'refuse' },
    database: service.database,
  });
  client = new pg.Client(service.database.adminUrl);
  await client.connect();
  const admin = { authorization: adminCredentials };
  expect((await service.call('PUT', '/settings/roles', roles)).status).toBe(200);
  const owner = { kind: 'service', name: 'ris' };
  const key = { name: 'ris', owner, permissions: ['share'], labels: ['A'] };
  keyOfA = (await service.call('POST', '/api/v1/api-keys', key, admin)).json.key;
}, 60_000);
afterEach(() => {
  orthanc.mend();
  orthanc.old = false;
  orthanc.labelsApart = false;
});
afterAll(async () => {
  await client?.end();
  await closed?.close();
  await service?.close();
  await Promise.all([realm?.stop(), orthanc?.stop()]);
});

const as = (role: string, sub = 'uid-1'): Headers => ({
  authorization: `Bearer ${realm.token({ sub, realm_access: { roles: [role] } })}`,
});
const study = (uid: string, id?: string) => ({ Level: 'study', DicomUid: uid, ...(id && { OrthancId: id }) });
const mint = (resources: unknown, headers = as('a-role'), type = publication, more: object = {}, at = service) =>
  at.call('PUT', `/auth/tokens/${type}`, { Resources: resources, ...more }, headers);
const count = async (): Promise<string> =>
  (await client.query<{ all: string }>('SELECT (SELECT count(*) FROM share) AS all')).rows[0]?.all ?? '';

async function refused(work: () => Promise<TestAnswer>): Promise<[number, string]> {
  const before = await count();
  const { status, json } = await work();
  expect(await count()).toBe(before);
  return [status, json.code];
}
const notFound = [404, 'study-not-found'];

describe('PUT /auth/tokens/{type}', () => {
  it("answers in Orthanc's shape, and the share is recorded under the person", async () => {
    const answer = await mint([study('1.2.1', studyA)], as('a-role', 'uid-recorded'), publication, {
      ID: 'case 7',
      ExpirationDate: '2099-01-01T00:00:00Z',
    });
    expect([answer.status, answer.json]).toEqual([
      200,
      { Token: expect.stringMatching(/^ey/), Url: expect.stringContaining('?token=ey') },
    ]);
    const { rows } = await client.query('SELECT minted_by, type FROM share ORDER BY minted_at DESC, id DESC LIMIT 1');
    expect(rows).toEqual([{ minted_by: 'keycloak:uid-recorded', type: publication }]);
    const verdict = await service.call('POST', '/tokens/validate', {
      method: 'get',
      level: 'study',
      'dicom-uid': '1.2.1',
      'orthanc-id': studyA,
      'token-value': answer.json.Token,
    });
    expect(verdict.json.granted).toBe(true);
  });

  it('refuses a study whose labels the user may not see, exactly as one that is not there', async () => {
    const texts = new Set<string>();
    for (const resource of [
      study('1.2.2'),
      study('1.2.2', studyB),
      { Level: 'study', OrthancId: studyB },
      study('1.2.3'),
      study('9.9'),
      { Level: 'study', OrthancId: orthancIdOf('nothing') },
      study('1.2.1', studyB),
      study('1.2.2', studyA),
      study('1.2.5'),
      { Level: 'study' },
      { Level: 'system' },
      { Level: 'series', DicomUid: '1.2.1' },
      { Level: 'series', OrthancId: studyA },
    ]) {
      let detail = '';
      const work = async () => {
        const answer = await mint([resource]);
        detail = answer.json.detail;
        return answer;
      };
      expect([resource, await refused(work)]).toEqual([resource, notFound]);
      texts.add(detail);
    }
    expect(texts.size).toBe(1);
    expect(await refused(() => mint([study('1.2.1'), study('1.2.2')]))).toEqual(notFound);
    expect(await refused(() => mint([study('1.2.1')], as('no-label-role')))).toEqual(notFound);
  });

  it('whoever may see every study shares any that is there, and no other', async () => {
    for (const headers of [as('all-role'), { authorization: basic('sharer', 'sharer-pwd') }]) {
      expect((await mint([study('1.2.2'), study('1.2.3')], headers)).status).toBe(200);
      expect(await refused(() => mint([study('9.9')], headers))).toEqual(notFound);
      expect(await refused(() => mint([study('1.2.1', studyB)], headers))).toEqual(notFound);
    }
  });

  it('goes by the labels of the parent study, and of a patient by those of every study', async () => {
    const series = (uid: string) => ({ Level: 'series', DicomUid: uid });
    const instance = (uid: string) => ({ Level: 'instance', DicomUid: uid });
    const patient = (uid: string) => ({ Level: 'patient', DicomUid: uid });
    for (const allowed of [series('1.2.1.1'), instance('1.2.1.1.1'), patient('PAT 3')])
      expect([allowed, (await mint([allowed])).status]).toEqual([allowed, 200]);
    for (const one of [series('1.2.2.1'), instance('1.2.2.1.1'), patient('PAT 1'), patient('PAT 2'), patient('pat 3')])
      expect([one, await refused(() => mint([one]))]).toEqual([one, notFound]);
  });

  it('reads labels from an answer of their own; of an Orthanc without labels, only who may see all shares', async () => {
    orthanc.labelsApart = true;
    expect((await mint([study('1.2.1')])).status).toBe(200);
    expect(await refused(() => mint([study('1.2.2')]))).toEqual(notFound);
    orthanc.old = true;
    expect(await refused(() => mint([study('1.2.1')]))).toEqual([403, 'labels-not-checked']);
    expect((await mint([study('1.2.1')], as('all-role'))).status).toBe(200);
  });

  it('takes the spelling of the plugin too', async () => {
    const body = {
      id: 'x',
      resources: [{ level: 'study', 'dicom-uid': '1.2.1', 'orthanc-id': studyA }],
      type: publication,
      'validity-duration': 60,
    };
    const put = (json: unknown) => service.call('PUT', `/auth/tokens/${publication}`, json, as('a-role'));
    expect((await put(body)).status).toBe(200);
    expect((await put({ Resources: body.resources, 'expiration-date': '2099-01-01T00:00:00Z' })).status).toBe(200);
    expect(await refused(() => put({ resources: [{ level: 'study', 'dicom-uid': '1.2.2' }] }))).toEqual(notFound);
  });

  it('instant links need no permission to share, but one to view or to download', async () => {
    const types = ['viewer-instant-link', 'download-instant-link', publication];
    const statuses = async (role: string) => {
      const answers = [];
      for (const type of types) answers.push((await mint([study('1.2.1')], as(role), type)).status);
      return answers;
    };
    expect(await statuses('viewer-role')).toEqual([200, 403, 403]);
    expect(await statuses('download-role')).toEqual([403, 200, 403]);
    expect(await statuses('a-role')).toEqual([200, 200, 200]);
    expect(await refused(() => mint([study('1.2.2')], as('viewer-role'), 'viewer-instant-link'))).toEqual(notFound);
    const answer = await mint([study('1.2.1')], as('viewer-role'), 'viewer-instant-link');
    expect(answer.json).toEqual({ Token: expect.any(String), Url: '' });
  });

  it('goes by the labels of an API key', async () => {
    expect((await mint([study('1.2.1')], { authorization: '', 'api-key': keyOfA })).status).toBe(200);
    expect(await refused(() => mint([study('1.2.2')], { authorization: '', 'api-key': keyOfA }))).toEqual(notFound);
  });

  it('is closed to the plugin, which names no user', async () => {
    expect(await refused(() => mint([study('1.2.1')], { authorization: pluginCredentials }))).toEqual([
      403,
      'not-allowed',
    ]);
  });

  it('repeats a request with the same Idempotency-Key', async () => {
    const headers = { ...as('a-role'), 'idempotency-key': 'real-sharer-1' };
    const first = await mint([study('1.2.1')], headers);
    expect((await mint([study('1.2.1')], headers)).json).toEqual(first.json);
    expect((await mint([study('1.2.4')], headers)).status).toBe(409);
  });

  it.each<OrthancFault>([
    'hang',
    'garbage',
    'wrong-shape',
    { status: 500 },
    { status: 401 },
    { redirect: 'http://127.0.0.1:1/' },
  ])(
    'mints nothing for anybody while Orthanc answers %j',
    async (fault) => {
      orthanc.fail(fault);
      for (const resource of [study('1.2.1'), study('1.2.1', studyA)])
        for (const role of ['a-role', 'all-role'])
          expect(await refused(() => mint([resource], as(role)))).toEqual([503, 'orthanc-unavailable']);
    },
    20_000,
  );

  it('without ORTHANC_URL, only whoever may see every study shares', async () => {
    const at = (role: string) => mint([study('9.9')], as(role), publication, {}, closed);
    expect(await refused(() => at('a-role'))).toEqual([403, 'labels-not-checked']);
    expect((await at('all-role')).status).toBe(200);
  });

  it('names every fault as the caller spells it', async () => {
    const fields = async (body: unknown) => {
      const { status, json } = await service.call('PUT', `/auth/tokens/${publication}`, body, as('a-role'));
      return [status, json.errors?.map((one: { field: string }) => one.field).sort()];
    };
    const before = await count();
    expect(await fields({})).toEqual([400, ['Resources']]);
    expect(
      await fields({ ID: 5, Type: 'x', ServerId: [], Resources: 5, ExpirationDate: 'soon', ValidityDuration: '60' }),
    ).toEqual([400, ['ExpirationDate', 'ID', 'Resources', 'ServerId', 'Type', 'ValidityDuration']]);
    expect(await fields({ Resources: [{}, 7, { Level: 'x', DicomUid: '../1', OrthancId: 'a/../b' }] })).toEqual([
      400,
      ['Resources[0].Level', 'Resources[1]', 'Resources[2].DicomUid', 'Resources[2].Level', 'Resources[2].OrthancId'],
    ]);
    expect(await fields({ resources: [{ level: 'study', dicom_uid: 'x', 'orthanc-id': 'y' }] })).toEqual([
      400,
      ['resources[0].dicom_uid', 'resources[0].orthanc-id'],
    ]);
    expect(await fields({ Resources: [{ Level: 'study', DicomUid: '1.2.1', 'dicom-uid': '1.2.2' }] })).toEqual([
      400,
      ['Resources[0].dicom-uid'],
    ]);
    expect(await fields({ Resources: [], 'validity-duration': -1 })).toEqual([400, ['validity-duration']]);
    expect(await fields({ Resources: Array.from({ length: 201 }, () => study('1.2.1')) })).toEqual([
      400,
      ['Resources'],
    ]);
    for (const body of ['[]', '5', 'null', '"x"', '{']) expect((await fields(body))[0]).toBe(400);
    expect(await count()).toBe(before);
  });
});

describe('PUT /tokens/{type}', () => {
  const put = (uid: string, headers: Headers, at = service) =>
    at.call('PUT', `/tokens/${publication}`, { resources: [{ level: 'study', 'dicom-uid': uid }] }, headers);

  it('checks whoever is not the plugin in the same way', async () => {
    expect((await put('1.2.1', as('a-role'))).status).toBe(200);
    expect(await refused(() => put('1.2.2', as('a-role')))).toEqual(notFound);
    expect(await refused(() => put('9.9', as('all-role')))).toEqual(notFound);
  });

  it('waits for no answer of Orthanc for the plugin', async () => {
    orthanc.fail({ status: 500 });
    expect((await put('9.9', { authorization: pluginCredentials })).status).toBe(200);
    orthanc.fail('hang');
    expect((await put('9.9', { authorization: pluginCredentials })).status).toBe(200);
  });

  it('PLUGIN_MINT=refuse closes the way without a user, and no other', async () => {
    expect(await refused(() => put('1.2.1', { authorization: pluginCredentials }, closed))).toEqual([
      403,
      'plugin-mint-refused',
    ]);
    expect((await put('1.2.1', { authorization: pluginCredentials }, closed)).json.detail).toContain('/auth/tokens/');
    expect((await put('1.2.1', as('all-role'), closed)).status).toBe(200);
    expect((await put('1.2.1', { authorization: adminCredentials }, closed)).status).toBe(200);
  });
});

describe('POST /auth/tokens/decode', () => {
  const decode = async (body: unknown) => {
    const response = await fetch(`${service.url}/auth/tokens/decode`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return { status: response.status, json: (await response.json()) as any };
  };

  it('tells the holder of a link what it opens, without credentials', async () => {
    const { json } = await mint([study('1.2.1', studyA)]);
    for (const value of [json.Token, `Bearer ${json.Token}`])
      expect(await decode({ TokenKey: 'token', TokenValue: value })).toEqual({
        status: 200,
        json: {
          RedirectUrl: expect.stringContaining('study=1.2.1'),
          TokenType: publication,
          ErrorCode: '',
          ResourcesDicomIds: ['1.2.1'],
          ResourcesOrthancIds: [studyA],
        },
      });
  });

  it('tells nothing of one that does not open', async () => {
    const nothing = { RedirectUrl: '', ResourcesDicomIds: [], ResourcesOrthancIds: [] };
    const expired = (await mint([study('1.2.1')], as('a-role'), publication, { ValidityDuration: 0 })).json.Token;
    expect((await decode({ TokenValue: expired })).json).toMatchObject({ ...nothing, ErrorCode: 'expired' });
    for (const TokenValue of ['', null, 'x', 'a.b.c'])
      expect((await decode({ TokenValue })).json).toMatchObject({ ...nothing, ErrorCode: 'invalid' });
    const faulty = await decode({ TokenKey: 5, TokenValue: [] });
    expect([faulty.status, faulty.json.errors.map((one: { field: string }) => one.field)]).toEqual([
      400,
      ['TokenKey', 'TokenValue'],
    ]);
  });
});

describe('GET /auth/user/profile', () => {
  it('is that of the caller, as get-profile has it', async () => {
    const headers = as('a-role', 'uid-2');
    const own = await service.call('GET', '/auth/user/profile', undefined, headers);
    const asked = await service.call('POST', '/user/get-profile', {
      'token-key': 'authorization',
      'token-value': headers['authorization'],
    });
    expect([own.status, own.json]).toEqual([200, asked.json]);
    expect(own.json).toMatchObject({ 'user-id': 'uid-2', 'authorized-labels': ['A'], permissions: ['share'] });
  });

  it('is of whoever is recognised, and of nobody else', async () => {
    const of = (headers: Headers) => service.call('GET', '/auth/user/profile', undefined, headers);
    expect((await of({ authorization: adminCredentials })).json).toMatchObject({ name: 'admin', permissions: ['all'] });
    expect((await of({ authorization: basic('admin', 'wrong') })).status).toBe(401);
  });
});
