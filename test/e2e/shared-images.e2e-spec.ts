import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresSharedImagesStore } from '../../apps/auth-service/src/shares/infra/postgres-shared-images.store.js';
import { type OrthancDouble, orthancIdOf, startOrthanc } from '../support/orthanc-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

const admin = { authorization: adminCredentials };
const publication = 'stone-viewer-publication';

let orthanc: OrthancDouble;
let service: TestService;
let other: TestService;
/** Without ORTHANC_URL, on the same database. */
let unaware: TestService;
let client: pg.Client;
/** Of the application role, as the service has it. */
let pool: Database;
let store: PostgresSharedImagesStore;

beforeAll(async () => {
  orthanc = await startOrthanc();
  service = await startTestService({ env: orthanc.settings() });
  const { database } = service;
  other = await startTestService({ database, env: orthanc.settings() });
  unaware = await startTestService({ database });
  client = new pg.Client(database.adminUrl);
  await client.connect();
  pool = new Database(new Secret(database.applicationUrl));
  store = new PostgresSharedImagesStore(pool);
}, 60_000);
afterEach(() => orthanc.mend());
afterAll(async () => {
  await pool?.close();
  await client?.end();
  for (const one of [unaware, other, service]) await one?.close();
  await orthanc?.stop();
});

let count = 0;
const freshUid = (): string => `1.2.840.${Date.now()}.${++count}`;
const freshPatient = (): string => `PAT ${randomUUID()}`;

interface Minted {
  readonly id: string;
  readonly label: string;
  readonly token: string;
}

async function mint(resources: object[], at = service): Promise<Minted> {
  const label = randomUUID();
  const answer = await at.call('PUT', `/tokens/${publication}`, { id: label, resources });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  const { rows } = await client.query<{ id: string }>('SELECT id FROM share WHERE label = $1', [label]);
  return { id: rows[0]?.id ?? '', label, token: answer.json.token };
}
const study = (uid: string) => ({ level: 'study', 'dicom-uid': uid });
const studies = (id: string, headers = admin, at = service): Promise<TestAnswer> =>
  at.call('GET', `/api/v1/shares/${id}/studies`, undefined, headers);
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
async function settled(id: string): Promise<any> {
  await until(async () => (await studies(id)).json.state !== 'waiting');
  return (await studies(id)).json;
}
const state = async (id: string): Promise<string> =>
  (await service.call('GET', `/api/v1/shares/${id}`, undefined, admin)).json.state;
/** What waits for its time is due now. */
const hurry = (id: string) => client.query('UPDATE share SET images_due_at = now() WHERE id = $1', [id]);
const row = async (id: string): Promise<any> =>
  (
    await client.query(
      `SELECT images_attempts AS attempts, images_problem AS problem,
         round(extract(epoch FROM images_due_at - now()))::int AS seconds FROM share WHERE id = $1`,
      [id],
    )
  ).rows[0];
async function labels(query: Record<string, string>): Promise<string[]> {
  const answer = await service.call(
    'GET',
    `/api/v1/shares?${new URLSearchParams({ limit: '500', ...query }).toString()}`,
    undefined,
    admin,
  );
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return answer.json.items.map((one: { label: string }) => one.label);
}

describe('what a share opens', () => {
  it('is known soon after the plugin minted it, with patient, issuer, date, description and labels', async () => {
    const [uid, patientId] = [freshUid(), freshPatient()];
    const orthancId = orthanc.add({
      uid,
      labels: ['A', 'x'],
      patientId,
      tags: { StudyDate: '20261119', StudyDescription: 'CT thorax' },
      patientTags: { PatientBirthDate: '19800229', PatientName: 'NAME^TOLD^NOBODY' },
      issuer: 'HOSPITAL-A',
    });
    const { id, label } = await mint([study(uid)]);
    expect(await settled(id)).toEqual({
      items: [
        {
          studyDicomUid: uid,
          studyOrthancId: orthancId,
          patientId,
          patientIdIssuer: 'HOSPITAL-A',
          studyDate: '20261119',
          description: 'CT thorax',
          labels: ['A', 'x'],
          resolvedAt: expect.stringMatching(/^20.*Z$/),
        },
      ],
      state: 'resolved',
      problem: null,
      nextAttemptAt: null,
    });
    expect(await labels({ patient: patientId })).toEqual([label]);
    expect(await labels({ patient: patientId, images: 'resolved' })).toEqual([label]);
    expect(await labels({ patient: patientId, images: 'unresolved' })).toEqual([]);
    expect(await labels({ patient: patientId, images: 'resolved', state: 'live' })).toEqual([label]);
    // Neither birth date nor name is stored.
    const { rows } = await client.query('SELECT row_to_json(share_study)::text AS text FROM share_study');
    expect(JSON.stringify(rows)).not.toMatch(/19800229|TOLD/);
  });

  it('is every study of a patient, and the study of a series or an instance', async () => {
    const [one, two, patientId] = [freshUid(), freshUid(), freshPatient()];
    orthanc.add({ uid: one, labels: [], patientId, series: { [`${one}.1`]: [`${one}.1.1`] } });
    orthanc.add({ uid: two, labels: [], patientId });
    const uids = async (...resources: object[]): Promise<string[]> => {
      const { id } = await mint(resources);
      const { state, items } = await settled(id);
      expect(state).toBe('resolved');
      return items.map((item: { studyDicomUid: string }) => item.studyDicomUid).sort();
    };
    expect(await uids({ level: 'patient', 'dicom-uid': patientId })).toEqual([one, two]);
    expect(await uids({ level: 'series', 'dicom-uid': `${one}.1` })).toEqual([one]);
    expect(await uids({ level: 'instance', 'dicom-uid': `${one}.1.1` }, study(one), study(two))).toEqual([one, two]);
    // As a whole, and by series: the filter by study means what is shared as such.
    expect(await labels({ patient: patientId })).toHaveLength(3);
    expect(await labels({ study: one })).toHaveLength(1);
  });

  it('is nothing of a share of no images', async () => {
    const { id } = await mint([{ level: 'system' }]);
    expect(await settled(id)).toEqual({ items: [], state: 'resolved', problem: null, nextAttemptAt: null });
  });

  it('is asked again after an outage, later each time', async () => {
    const uid = freshUid();
    orthanc.add({ uid, labels: [], patientId: freshPatient() });
    orthanc.fail({ status: 500 });
    const { id, label } = await mint([study(uid)]);
    expect(await settled(id)).toMatchObject({ items: [], state: 'problem', problem: 'orthanc-unavailable' });
    expect(Date.parse((await studies(id)).json.nextAttemptAt)).toBeGreaterThan(Date.now() + 2_000);
    expect(await labels({ images: 'unresolved', label })).toEqual([label]);
    await hurry(id);
    await until(async () => (await row(id)).attempts === 2);
    expect((await row(id)).seconds).toBeGreaterThan(12);
    orthanc.mend();
    await hurry(id);
    await until(async () => (await studies(id)).json.state === 'resolved');
    expect(await row(id)).toEqual({ attempts: 0, problem: null, seconds: null });
    expect(await labels({ images: 'unresolved', label })).toEqual([]);
  });

  it('is asked again when it was not there, and found when it has come; the part that was there is known before', async () => {
    const [there, later, patientId] = [freshUid(), freshUid(), freshPatient()];
    orthanc.add({ uid: there, labels: [], patientId });
    const { id, label } = await mint([study(later), study(there)]);
    const found = await settled(id);
    expect(found).toMatchObject({ items: [{ studyDicomUid: there }], state: 'problem', problem: 'not-found' });
    expect((await row(id)).seconds).toBeGreaterThan(40);
    expect(await labels({ patient: patientId, images: 'unresolved' })).toEqual([label]);
    orthanc.add({ uid: later, labels: ['new'], patientId });
    await hurry(id);
    await until(async () => (await studies(id)).json.state === 'resolved');
    const { items } = (await studies(id)).json;
    expect(items.map((item: { studyDicomUid: string }) => item.studyDicomUid).sort()).toEqual([later, there].sort());
    // What was told first stays.
    const first = items.find((item: { studyDicomUid: string }) => item.studyDicomUid === there);
    expect(first.resolvedAt).toBe(found.items[0].resolvedAt);
  });

  it('is given up after a month, and stays listed', async () => {
    const { id, label } = await mint([study(freshUid())]);
    await settled(id);
    await client.query('UPDATE share SET images_attempts = 33 WHERE id = $1', [id]);
    await hurry(id);
    await until(async () => (await row(id)).seconds === null);
    expect((await studies(id)).json).toMatchObject({ state: 'problem', problem: 'not-found', nextAttemptAt: null });
    expect(await labels({ images: 'unresolved', label })).toEqual([label]);
  });

  it('is resolved of shares that were revoked or are over, which disclosures are accounted by', async () => {
    const [uid, patientId] = [freshUid(), freshPatient()];
    orthanc.add({ uid, labels: [], patientId });
    const { id, label } = await mint([study(uid)], unaware);
    await client.query('UPDATE share SET images_due_at = NULL, expires_at = minted_at WHERE id = $1', [id]);
    await hurry(id);
    await until(async () => (await labels({ patient: patientId })).length > 0);
    expect(await labels({ patient: patientId, state: 'expired' })).toEqual([label]);
  });

  it('holds whatever text files hold', async () => {
    const uid = freshUid();
    const patientId = `${'p'.repeat(3_000)}${randomUUID()}`;
    orthanc.add({ uid, labels: ['\ud800'], patientId, tags: { StudyDescription: `a\0b"'\\{}\ud83d` }, issuer: '\0' });
    const { id } = await mint([study(uid)]);
    expect((await settled(id)).items).toEqual([
      expect.objectContaining({ patientId: 'p'.repeat(256), description: `ab"'\\{}\ufffd`, labels: ['\ufffd'] }),
    ]);
  });

  it('is told to whoever may see the share', async () => {
    const uid = freshUid();
    orthanc.add({ uid, labels: [], patientId: freshPatient() });
    const { id } = await mint([study(uid)]);
    await settled(id);
    const sharer = { authorization: basic('sharer', 'sharer-pwd') };
    expect((await studies(id, sharer)).json).toMatchObject({ status: 404, code: 'share-not-found' });
    expect((await studies(id, { authorization: pluginCredentials })).status).toBe(403);
    expect((await studies(randomUUID())).status).toBe(404);
    expect((await studies('x')).status).toBe(404);
  });

  it('refuses an unknown state of the images', async () => {
    const answer = await service.call('GET', '/api/v1/shares?images=waiting', undefined, admin);
    expect([answer.status, answer.json.errors[0].field]).toEqual([400, 'images']);
  });
});

describe('ending links by patient', () => {
  const granted = async (at: TestService, token: string, uid: string): Promise<boolean> =>
    (
      await at.call('POST', '/tokens/validate', {
        method: 'get',
        level: 'study',
        'dicom-uid': uid,
        'token-value': token,
      })
    ).json.granted;
  const revoke = (body: object) =>
    service.call('POST', '/api/v1/shares/revoke', { reason: 'wrong patient', ...body }, admin);

  it('ends links to studies of the patient, on every replica', async () => {
    const [uid, another, patientId] = [freshUid(), freshUid(), freshPatient()];
    orthanc.add({ uid, labels: [], patientId });
    orthanc.add({ uid: another, labels: [], patientId: freshPatient() });
    const [minted, untouched] = [await mint([study(uid)]), await mint([study(another)])];
    for (const { id } of [minted, untouched]) expect((await settled(id)).state).toBe('resolved');
    expect(await granted(other, minted.token, uid)).toBe(true);
    expect((await revoke({ patient: patientId, dryRun: true })).json.revoked).toBe(1);
    expect((await revoke({ patient: patientId })).json.revoked).toBe(1);
    expect(await granted(service, minted.token, uid)).toBe(false);
    await until(async () => !(await granted(other, minted.token, uid)));
    expect([await state(minted.id), await state(untouched.id)]).toEqual(['revoked', 'live']);
  });

  it('reaches a link whose patient becomes known only afterwards, and none that was minted later', async () => {
    const [uid, patientId] = [freshUid(), freshPatient()];
    const orthancId = orthanc.add({ uid, labels: [], patientId });
    orthanc.fail({ status: 500 });
    const [minted, kept] = [await mint([study(uid)]), await mint([{ ...study(uid), 'orthanc-id': orthancId }])];
    for (const { id } of [minted, kept]) await settled(id);
    // The second link is not of this study by its Orthanc id alone.
    const { json } = await revoke({ patient: patientId, studyOrthancId: orthancIdOf('another') });
    expect(json.revoked).toBe(0);
    orthanc.mend();
    await hurry(kept.id);
    await until(async () => (await studies(kept.id)).json.state === 'resolved');
    expect(await state(kept.id)).toBe('live');

    expect((await revoke({ patient: patientId })).json.revoked).toBe(1);
    expect([await state(kept.id), await state(minted.id)]).toEqual(['revoked', 'live']);
    const later = await mint([study(uid)]);
    expect((await settled(later.id)).state).toBe('resolved');
    await hurry(minted.id);
    await until(async () => (await studies(minted.id)).json.state === 'resolved');
    expect([await state(minted.id), await state(later.id)]).toEqual(['revoked', 'live']);
    await until(async () => !(await granted(other, minted.token, uid)));
    const share = (await service.call('GET', `/api/v1/shares/${minted.id}`, undefined, admin)).json;
    expect([share.revokedBy, share.revokeReason]).toEqual(['basic:admin', 'wrong patient']);
  });
});

describe('the queue', () => {
  it('is worked by replicas together, each share once', async () => {
    const uids = Array.from({ length: 60 }, freshUid);
    const patientId = freshPatient();
    const ids = uids.map((uid) => orthanc.add({ uid, labels: [], patientId }));
    orthanc.asked.length = 0;
    const minted = [];
    for (const uid of uids) minted.push(await mint([study(uid)], unaware));
    await until(async () => (await labels({ patient: patientId })).length === 60);
    for (const id of ids) expect(orthanc.asked.filter((one) => one.includes(id))).toHaveLength(1);
    for (const { id } of minted) expect((await row(id)).seconds).toBeNull();
  });

  it('gives what fell due last first, nothing twice, and what is leased again when the lease is over', async () => {
    const quiet = await startTestService();
    const database = new Database(new Secret(quiet.database.applicationUrl));
    const queue = new PostgresSharedImagesStore(database);
    try {
      for (let index = 0; index < 6; index++)
        await quiet.call('PUT', `/tokens/${publication}`, { id: 'x', resources: [study(`1.${index}`)] });
      // What was there before the last migration fell due with it.
      await database.query(`UPDATE share SET images_due_at = images_due_at - interval '1 day' WHERE minted_at <
        (SELECT max(minted_at) FROM share)`);
      const [first] = await queue.lease(1, 60);
      expect(first).toMatchObject({
        resources: [{ level: 'study', dicomUid: '1.5', orthancId: null, url: null }],
        progress: { attempts: 0, problem: null },
      });
      const [one, two] = await Promise.all([queue.lease(3, 60), queue.lease(2, 60)]);
      const ids = [...one, ...two].map(({ id }) => id);
      expect([one.length, two.length, new Set([...ids, first?.id]).size]).toEqual([3, 2, 6]);
      const over = two.map(({ id }) => id);
      await database.query('UPDATE share SET images_due_at = now() WHERE id = ANY($1)', [over]);
      expect((await queue.lease(10, 60)).map(({ id }) => id).sort()).toEqual(over.sort());
      expect(await queue.lease(10, 60)).toEqual([]);
    } finally {
      await database.close();
      await quiet.close();
    }
  });

  it('takes no answer of one who lost the lease', async () => {
    const { id } = await mint([study(freshUid())]);
    await settled(id);
    const share = {
      id,
      resources: [],
      progress: { attempts: 1, problem: 'not-found' as const },
      lease: '1700000000.000000',
    };
    await store.settle(share, { attempts: 0, problem: null }, null);
    expect((await studies(id)).json.state).toBe('problem');
    const { rows } = await client.query<{ lease: string }>(
      'SELECT extract(epoch FROM images_due_at)::text AS lease FROM share WHERE id = $1',
      [id],
    );
    await store.settle({ ...share, lease: rows[0]?.lease ?? '' }, { attempts: 0, problem: null }, null);
    expect((await studies(id)).json.state).toBe('resolved');
  });

  it('is counted by why, where there is an archive', async () => {
    const { id } = await mint([study(freshUid())]);
    expect((await settled(id)).problem).toBe('not-found');
    const metrics = async (at: TestService): Promise<string> => (await at.call('GET', '/metrics')).text;
    const known = async (): Promise<string> => {
      const { rows } = await client.query<{ all: string }>(
        `SELECT count(*) AS all FROM share WHERE images_problem = 'not-found'`,
      );
      return `shares_images_unresolved{problem="not-found"} ${rows[0]?.all}\n`;
    };
    await until(async () => (await metrics(service)).includes(await known()));
    expect(await metrics(service)).toMatch(/shares_images_unresolved\{problem="waiting"\} \d/);
    expect(await metrics(unaware)).not.toContain('shares_images_unresolved{');
  });

  it('waits as long as there is no archive, and says so', async () => {
    const lonely = await startTestService();
    try {
      const label = randomUUID();
      await lonely.call('PUT', `/tokens/${publication}`, { id: label, resources: [study('1.2.3')] });
      const list = await lonely.call('GET', '/api/v1/shares?images=unresolved', undefined, admin);
      expect(list.json.items.map((one: { label: string }) => one.label)).toEqual([label]);
      expect((await studies(list.json.items[0].id, admin, lonely)).json).toEqual({
        items: [],
        state: 'waiting',
        problem: null,
        nextAttemptAt: null,
      });
    } finally {
      await lonely.close();
    }
  });
});
