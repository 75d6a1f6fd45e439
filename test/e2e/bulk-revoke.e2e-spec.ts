import { createHmac, randomUUID } from 'node:crypto';
import { AdoptShares } from '../../apps/auth-service/src/shares/index.js';
import { TokenKeys } from '../../apps/auth-service/src/tokens/index.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  startTestService,
} from '../support/test-service.js';

const admin = { authorization: adminCredentials };
const sharer = { authorization: basic('sharer', 'sharer-pwd') };

let uidCount = 0;
const freshUid = (): string => `1.2.840.${Date.now()}.${++uidCount}`;
const orthancIdOf = (count: number): string => `0a0a0a0a-1b1b1b1b-2c2c2c2c-3d3d3d3d-${String(count).padStart(8, '0')}`;

/** A token as another minter writes it with the same key. */
function foreignToken(resources: object[], more: object = {}): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { id: 'elsewhere', resources, type: 'stone-viewer-publication', expiration_date: null, ...more };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', plainSettings.SECRET_KEY).update(signed).digest('base64url')}`;
}

interface Minted {
  readonly token: string;
  readonly label: string;
}

let service: TestService;
/** Hears of changes by its poll alone. */
let other: TestService;
beforeAll(async () => {
  service = await startTestService();
  other = await startTestService({ database: service.database, listen: false, env: { REVOCATION_POLL: '1' } });
});
afterAll(async () => {
  await other?.close();
  await service?.close();
});

async function mint(resource: object, more: object = {}, as: Record<string, string> = {}): Promise<Minted> {
  const label = randomUUID();
  const body = { id: label, resources: [{ level: 'study', ...resource }], ...more };
  const answer = await service.call('PUT', '/tokens/stone-viewer-publication', body, as);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  return { token: answer.json.token, label };
}
async function granted(at: TestService, token: string, question: object): Promise<boolean> {
  const body = { method: 'get', level: 'study', 'token-value': token, ...question };
  const answer = await at.call('POST', '/tokens/validate', body);
  expect(answer.status).toBe(200);
  return answer.json.granted;
}
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}
const list = (query: Record<string, string>, as = admin): Promise<TestAnswer> =>
  service.call('GET', `/api/v1/shares?${new URLSearchParams({ limit: '500', ...query }).toString()}`, undefined, as);
const revoke = (body: object, as = admin): Promise<TestAnswer> =>
  service.call('POST', '/api/v1/shares/revoke', { reason: 'test', ...body }, as);
const share = async ({ label }: Minted): Promise<any> => (await list({ label })).json.items[0];
const rules = async (): Promise<any[]> =>
  (await service.call('GET', '/api/v1/revocation-rules?limit=500', undefined, admin)).json.items;
const asOfToken = (at: string): number => Math.floor(Date.parse(at) / 1000);

describe('the list of shares', () => {
  it('is narrowed by each filter, and by all that are given', async () => {
    const [uid, orthancId] = [freshUid(), orthancIdOf(1)];
    const one = await mint({ 'dicom-uid': uid, 'orthanc-id': orthancId }, { 'validity-duration': 3_600 });
    const patient = await mint({ level: 'patient', 'dicom-uid': 'PAT 1' }, {}, sharer);
    const dead = await mint({ 'dicom-uid': uid }, { 'validity-duration': 0 });
    const labels = async (query: Record<string, string>, as = admin): Promise<string[]> => {
      const answer = await list(query, as);
      expect([answer.status, answer.text]).toEqual([200, answer.text]);
      return answer.json.items.map(({ label }: Minted) => label);
    };
    const { mintedAt } = await share(one);
    const later = new Date(Date.parse(mintedAt) + 3_000_000).toISOString();
    expect(await labels({ study: uid })).toEqual([dead.label, one.label]);
    expect(await labels({ study: uid, sort: 'mintedAt' })).toEqual([one.label, dead.label]);
    expect(await labels({ study: orthancId })).toEqual([one.label]);
    expect(await labels({ patient: 'PAT 1' })).toEqual([patient.label]);
    expect(await labels({ sharer: 'basic:sharer' })).toEqual([patient.label]);
    expect(await labels({ label: one.label })).toEqual([one.label]);
    expect(await labels({ study: uid, type: 'stone-viewer-publication', sharer: 'basic:test-user' })).toHaveLength(2);
    expect(await labels({ type: 'ohif-viewer-publication' })).toEqual([]);
    expect(await labels({ study: uid, state: 'live' })).toEqual([one.label]);
    expect(await labels({ study: uid, state: 'expired' })).toEqual([dead.label]);
    expect(await labels({ state: 'expired' })).toEqual([dead.label]);
    expect(await labels({ study: uid, state: 'revoked' })).toEqual([]);
    expect(await labels({ study: uid, mintedAfter: mintedAt })).toEqual([dead.label, one.label]);
    expect(await labels({ study: uid, mintedBefore: mintedAt })).toEqual([]);
    expect(await labels({ study: uid, expiresAfter: later })).toEqual([one.label]);
    expect(await labels({ study: uid, expiresBefore: later })).toEqual([dead.label]);
    expect(await labels({ expiresAfter: later, sort: 'mintedAt' })).toEqual([one.label, patient.label]);
    // A sharer sees their own whatever they ask for.
    expect(await labels({}, sharer)).toEqual([patient.label]);
    expect(await labels({ sharer: 'basic:sharer' }, sharer)).toEqual([patient.label]);
    expect(await labels({ sharer: 'basic:test-user' }, sharer)).toEqual([]);
    expect(await labels({ study: uid }, sharer)).toEqual([]);
  });

  it.each([
    ['study', ''],
    ['study', 'x'.repeat(257)],
    ['patient', ''],
    ['sharer', '\0'],
    ['label', ''],
    ['type', ''],
    ['state', 'finished'],
    ['mintedAfter', '2026-12-01'],
    ['mintedBefore', '2026-12-01T00:00:00'],
    ['expiresAfter', 'tomorrow'],
    ['expiresBefore', '2026-02-30T00:00:00Z'],
    ['sort', 'label'],
    ['limit', '501'],
    ['cursor', 'x'],
    ['recipient', ''],
    ['images', 'known'],
    ['whom', 'x'],
  ])('refuses a query whose %s is %j, and names it', async (name, value) => {
    const answer = await list({ [name]: value });
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-input']);
    expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual([name]);
  });
});

describe('ending many links', () => {
  it('by study ends known shares and links never seen, on the other replica within its poll, and no later ones', async () => {
    const uid = freshUid();
    const question = { 'dicom-uid': uid };
    const [one, two] = [await mint(question), await mint(question)];
    const untouched = await mint({ 'dicom-uid': freshUid() });
    const expired = await mint(question, { 'validity-duration': 0 });
    const adopted = foreignToken([{ dicom_uid: uid, orthanc_id: null, url: null, level: 'study' }]);
    const unseen = foreignToken([{ dicom_uid: uid, orthanc_id: null, url: null, level: 'study' }], { id: 'unseen' });
    expect(await granted(service, adopted, question)).toBe(true);
    await service.app.get(AdoptShares).settled();
    expect(await granted(other, one.token, question)).toBe(true);

    const answer = await revoke({ studyDicomUid: uid });
    expect([answer.status, answer.json]).toEqual([
      200,
      { ruleId: expect.stringMatching(/^[0-9a-f-]{36}$/), revoked: 3, dryRun: false },
    ]);
    for (const at of [service, other]) {
      for (const token of [one.token, two.token, adopted, unseen]) {
        if (at === other) await until(async () => !(await granted(at, token, question)));
        expect(await granted(at, token, question)).toBe(false);
      }
    }
    for (const minted of [one, two])
      expect(await share(minted)).toMatchObject({ state: 'revoked', revokedBy: 'basic:admin', revokeReason: 'test' });
    expect(await share(untouched)).toMatchObject({ state: 'live' });
    expect(await share(expired)).toMatchObject({ state: 'expired' });
    const [rule] = await rules();
    expect(rule).toMatchObject({ id: answer.json.ruleId, studyDicomUid: uid, madeBy: 'basic:admin', reason: 'test' });

    expect((await revoke({ studyDicomUid: uid })).json).toMatchObject({ revoked: 0 });
    // Shared anew, in the very second perhaps: not what was ended.
    const anew = await mint(question);
    expect(asOfToken((await share(anew)).mintedAt)).toBeGreaterThanOrEqual(asOfToken(rule.mintedBefore));
    expect(await granted(service, anew.token, question)).toBe(true);
    expect(await granted(other, anew.token, question)).toBe(true);
  });

  it('by Orthanc id and by patient finds each by its own', async () => {
    const orthancId = orthancIdOf(2);
    const byOrthancId = await mint({ 'orthanc-id': orthancId });
    const patient = await mint({ level: 'patient', 'dicom-uid': 'PAT 2' });
    expect((await revoke({ studyOrthancId: orthancId })).json.revoked).toBe(1);
    expect((await share(byOrthancId)).state).toBe('revoked');
    expect((await revoke({ patient: 'PAT 2' })).json.revoked).toBe(1);
    expect((await share(patient)).state).toBe('revoked');
    const unseen = foreignToken([{ dicom_uid: 'PAT 2', orthanc_id: null, url: null, level: 'patient' }], { id: 'no' });
    expect(await granted(service, unseen, { level: 'patient', 'dicom-uid': 'PAT 2' })).toBe(false);
  });

  it('by a label of studies leaves it to the question, and marks nothing', async () => {
    const uid = freshUid();
    const minted = await mint({ 'dicom-uid': uid });
    expect((await revoke({ studyLabel: 'stop' })).json).toMatchObject({ revoked: 0, ruleId: expect.any(String) });
    const stopped = { 'dicom-uid': uid, labels: ['a', 'stop'] };
    expect(await granted(service, minted.token, stopped)).toBe(false);
    await until(async () => !(await granted(other, minted.token, stopped)));
    expect(await granted(service, minted.token, { 'dicom-uid': uid, labels: ['a'] })).toBe(true);
    expect((await share(minted)).state).toBe('live');
  });

  it('by sharer, and by the label of the share, ends rows and makes no rule', async () => {
    const before = await rules();
    const uid = freshUid();
    const [one, two] = [await mint({ 'dicom-uid': uid }, {}, sharer), await mint({ 'dicom-uid': uid })];
    const live = (await list({ sharer: 'basic:sharer', state: 'live' })).json.items.length;
    expect((await revoke({ sharer: 'basic:sharer' })).json).toEqual({ ruleId: null, revoked: live, dryRun: false });
    expect((await share(one)).state).toBe('revoked');
    expect(await granted(service, two.token, { 'dicom-uid': uid })).toBe(true);
    await until(async () => !(await granted(other, one.token, { 'dicom-uid': uid })));
    expect((await revoke({ label: two.label, studyDicomUid: freshUid() })).json.revoked).toBe(0);
    expect((await revoke({ label: two.label })).json).toEqual({ ruleId: null, revoked: 1, dryRun: false });
    expect(await granted(service, two.token, { 'dicom-uid': uid })).toBe(false);
    expect(await rules()).toEqual(before);
  });

  it('counts in a dry run, and writes nothing', async () => {
    const uid = freshUid();
    const minted = await mint({ 'dicom-uid': uid });
    const before = await rules();
    expect((await revoke({ studyDicomUid: uid, dryRun: true })).json).toEqual({
      ruleId: null,
      revoked: 1,
      dryRun: true,
    });
    expect((await share(minted)).state).toBe('live');
    expect(await granted(service, minted.token, { 'dicom-uid': uid })).toBe(true);
    expect(await rules()).toEqual(before);
  });

  it('by key and moment ends what is older, keeps one rule for one request, and the pages of the rules hold together', async () => {
    const kid = service.app.get(TokenKeys).keyring.signing.kid;
    const minted = await mint({ 'dicom-uid': freshUid() });
    const body = { keyId: kid, mintedBefore: '2001-01-01T02:00:00+02:00' };
    const [first, second] = [await revoke(body), await revoke(body)];
    expect(second.json).toEqual({ ...first.json, revoked: 0 });
    expect((await share(minted)).state).toBe('live');
    const all = await rules();
    expect(all[0]).toMatchObject({ id: first.json.ruleId, keyId: kid, mintedBefore: '2001-01-01T00:00:00.000Z' });
    const page = await service.call('GET', '/api/v1/revocation-rules?limit=1', undefined, admin);
    const next = await service.call(
      'GET',
      `/api/v1/revocation-rules?limit=1&cursor=${page.json.next}`,
      undefined,
      admin,
    );
    expect([...page.json.items, ...next.json.items]).toEqual(all.slice(0, 2));
  });

  it.each<[string, object, string]>([
    ['nothing that says which links', {}, 'body'],
    ['no reason', { studyDicomUid: '1.2', reason: undefined }, 'reason'],
    ['an empty study', { studyDicomUid: '' }, 'studyDicomUid'],
    ['a null study', { studyDicomUid: null, patient: 'x' }, 'studyDicomUid'],
    ['a list of studies', { studyOrthancId: ['a'] }, 'studyOrthancId'],
    ['an endless patient', { patient: 'x'.repeat(257) }, 'patient'],
    ['a NUL in a label', { label: 'a\0' }, 'label'],
    ['a number as a key', { keyId: 1 }, 'keyId'],
    ['a moment without a zone', { mintedBefore: '2026-01-01T00:00:00' }, 'mintedBefore'],
    ['a text as a switch', { patient: 'x', dryRun: 'true' }, 'dryRun'],
    ['a study label and a sharer', { studyLabel: 'x', sharer: 'y' }, 'sharer'],
    ['a study label and a label', { studyLabel: 'x', label: 'y' }, 'label'],
    ['a study', { study: '1.2' }, 'study'],
  ])('refuses %s, and names it', async (_title, body, field) => {
    const before = await rules();
    const answer = await revoke(body);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-input']);
    expect(answer.json.errors.map((fault: { field: string }) => fault.field)).toEqual([field]);
    expect(await rules()).toEqual(before);
  });

  it('is for administrators', async () => {
    expect((await revoke({ patient: 'x' }, sharer)).status).toBe(403);
    const answer = await service.call('GET', '/api/v1/revocation-rules', undefined, sharer);
    expect(answer.status).toBe(403);
  });
});
