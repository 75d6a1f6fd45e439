import { createHmac } from 'node:crypto';
import { type MeddreamDouble, type MeddreamFault, startMeddream } from '../support/meddream-double.js';
import { type TestService, adminCredentials, basic, plainSettings, startTestService } from '../support/test-service.js';

const orthancId = '11111111-22222222-33333333-44444444-55555555';
const study = { level: 'study', 'dicom-uid': '1.2.3', 'orthanc-id': orthancId };
const other = { level: 'study', 'dicom-uid': '1.2.4', 'orthanc-id': null };
const instant = 'meddream-instant-link';
const publication = 'meddream-viewer-publication';

let meddream: MeddreamDouble;
let service: TestService;
beforeAll(async () => {
  meddream = await startMeddream();
  service = await startTestService({
    env: { ...meddream.settings(), PUBLIC_LANDING_ROOT: 'http://localhost/landing' },
  });
});
afterAll(async () => {
  await service.close();
  await meddream.stop();
});
beforeEach(() => {
  meddream.fault = null;
  meddream.questions.splice(0);
});

const mint = (type: string, resources: object[], headers = {}) =>
  service.call('PUT', `/tokens/${type}`, { resources }, headers);
const decode = async (token: string, headers = {}) =>
  (await service.call('POST', '/tokens/decode', { 'token-value': token }, headers)).json;
const registered = async (): Promise<number> =>
  (await service.call('GET', '/api/v1/shares?limit=500', undefined, { authorization: adminCredentials })).json.items
    .length;
const asked = () => meddream.questions.map(({ body }) => JSON.parse(body) as unknown);
const items = (...uids: string[]) => ({ items: uids.map((uid) => ({ studies: { study: uid, storage: 'Orthanc' } })) });

/** A link as another service minted it with our key. */
function foreignLink(resources: object[]): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const spelt = resources.map((one) =>
    Object.fromEntries(Object.entries(one).map(([name, value]) => [name.replace('-', '_'), value])),
  );
  const payload = { id: 'elsewhere', resources: spelt, type: publication, expiration_date: null };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', plainSettings.SECRET_KEY).update(signed).digest('base64url')}`;
}

describe('an instant link of MedDream', () => {
  it('is a token of MedDream, and the address that carries it', async () => {
    const answer = await mint(instant, [study]);
    expect([answer.status, answer.json.token, answer.json.url]).toEqual([
      200,
      'TEST-meddream-1',
      'http://localhost/meddream/?study=1.2.3&token=TEST-meddream-1',
    ]);
    expect(meddream.questions).toEqual([
      { method: 'POST', path: '/v3/generate', type: 'application/json', body: JSON.stringify(items('1.2.3')) },
    ]);
  });

  it('asks for several studies at once', async () => {
    const answer = await mint(instant, [study, other]);
    expect(answer.json.url).toBe('http://localhost/meddream/?study=1.2.3,1.2.4&token=TEST-meddream-1');
    expect(asked()).toEqual([items('1.2.3', '1.2.4')]);
  });
});

describe('a publication of MedDream', () => {
  it('is a link of our own: MedDream is not asked before it is opened', async () => {
    const { json } = await mint(publication, [study]);
    expect(json.url).toBe(`http://localhost/landing?token=${json.token}`);
    expect(json.token.split('.')).toHaveLength(3);
    expect(meddream.questions).toEqual([]);
  });

  it('opens with another token of MedDream each time, for all its studies', async () => {
    const { json } = await mint(publication, [study, other]);
    const opened = [
      await decode(json.token),
      await decode(json.token, { authorization: basic('landing', 'landing-pwd') }),
    ];
    expect(opened.map((one) => one['redirect-url'])).toEqual([
      'http://localhost/meddream/?study=1.2.3,1.2.4&token=TEST-meddream-1',
      'http://localhost/meddream/?study=1.2.3,1.2.4&token=TEST-meddream-2',
    ]);
    expect(asked()).toEqual([items('1.2.3', '1.2.4'), items('1.2.3', '1.2.4')]);
    expect(opened[0]).toMatchObject({ 'token-type': publication, 'error-code': null });
    expect(opened[0].resources).toHaveLength(2);
  });

  it('that is revoked asks MedDream for nothing', async () => {
    const { json } = await mint(publication, [study]);
    const list = await service.call('GET', '/api/v1/shares?limit=1', undefined, { authorization: adminCredentials });
    await service.call(
      'POST',
      `/api/v1/shares/${list.json.items[0].id}/revoke`,
      { reason: 'test' },
      { authorization: adminCredentials },
    );
    expect(await decode(json.token)).toMatchObject({ 'error-code': 'invalid', 'redirect-url': null, resources: [] });
    expect(meddream.questions).toEqual([]);
  });
});

const notWholeStudies = [
  ['a study without its UID', [{ ...study, 'dicom-uid': null }]],
  ['a study without its UID beside one with', [study, { level: 'study', 'dicom-uid': '', 'orthanc-id': orthancId }]],
  ['a series', [{ level: 'series', 'dicom-uid': '1.2.3.4', 'orthanc-id': orthancId }]],
  ['a patient', [{ level: 'patient', 'dicom-uid': 'P1', 'orthanc-id': orthancId }]],
  ['nothing', []],
] as const;

describe.each([instant, publication])('a request for %s', (type) => {
  it.each(notWholeStudies)('of %s is refused, and nothing is registered', async (_what, resources) => {
    const before = await registered();
    const answer = await mint(type, [...resources]);
    expect([answer.status, answer.json.code]).toEqual([400, 'meddream-needs-study-uid']);
    expect(answer.json.detail).toContain('dicom-uid');
    expect([meddream.questions, await registered()]).toEqual([[], before]);
  });
});

it.each(notWholeStudies)(
  'a link from elsewhere of %s opens nothing, and leaves out nothing',
  async (_what, resources) => {
    const opened = await decode(foreignLink([...resources]));
    expect(opened).toMatchObject({ 'token-type': publication, 'error-code': 'unknown', 'redirect-url': null });
    expect(meddream.questions).toEqual([]);
  },
);

it('a link from elsewhere of a whole study opens', async () => {
  expect((await decode(foreignLink([study])))['redirect-url']).toBe(
    'http://localhost/meddream/?study=1.2.3&token=TEST-meddream-1',
  );
});

describe.each<[string, MeddreamFault]>([
  ['hangs', 'hang'],
  ['answers without end, slowly', 'slow'],
  ['answers without end, fast', 'huge'],
  ['answers 500', { status: 500 }],
  ['answers 404', { status: 404 }],
  ['answers 401', { status: 401 }],
  ['answers elsewhere', { redirect: 'http://127.0.0.1:9/' }],
  ['answers nothing', { answer: '' }],
  ['answers blanks', { answer: ' \r\n' }],
  ['answers a page', { answer: '<html>MedDream</html>' }],
  ['answers JSON', { answer: '{"token":"TEST"}' }],
  ['answers what would add to an address', { answer: 'TEST&study=9.9.9' }],
  ['answers two lines', { answer: 'TEST\r\nSet-Cookie: a=b' }],
  ['answers more than a token', { answer: 'a'.repeat(16_385) }],
])('a token service that %s', (_how, fault) => {
  it('mints nothing, and opens nothing, in time', async () => {
    const link = (await mint(publication, [study])).json.token as string;
    const before = await registered();
    const givenUp = meddream.givenUp;
    meddream.fault = fault;
    const [minted, opened] = await Promise.all([mint(instant, [study]), decode(link)]);
    expect([minted.status, minted.json.code]).toEqual([503, 'viewer-unavailable']);
    expect(opened).toMatchObject({ 'token-type': publication, 'error-code': 'unknown', 'redirect-url': null });
    expect([meddream.questions.length, await registered()]).toEqual([2, before]);
    // Its connections are not left behind.
    if (typeof fault === 'string') expect(meddream.givenUp).toBe(givenUp + 2);
    meddream.fault = null;
    expect((await decode(link))['redirect-url']).toContain('TEST-meddream-3');
  });
});

it('a connection that was cut is tried once more', async () => {
  meddream.fault = 'cut';
  expect((await mint(instant, [study])).json.token).toBe('TEST-meddream-2');
});

it('a token service that is away mints nothing and opens nothing; the log tells neither address nor link', async () => {
  const gone = await startMeddream();
  const settings = gone.settings();
  await gone.stop();
  const alone = await startTestService({ env: settings });
  try {
    const minted = await alone.call('PUT', `/tokens/${instant}`, { resources: [study] });
    expect([minted.status, minted.json.code]).toEqual([503, 'viewer-unavailable']);
    const link = (await alone.call('PUT', `/tokens/${publication}`, { resources: [study] })).json.token as string;
    const opened = await alone.call('POST', '/tokens/decode', { 'token-value': link });
    expect(opened.json).toMatchObject({ 'error-code': 'unknown', 'redirect-url': null, reason: 'unknown' });
    const told = alone.lines.join();
    expect(told).toContain('meddream-unavailable');
    for (const secret of [link, settings['MEDDREAM_TOKEN_SERVICE_URL'] ?? '', '1.2.3'])
      expect(told).not.toContain(secret);
  } finally {
    await alone.close();
  }
});
