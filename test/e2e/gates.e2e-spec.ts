import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { recordedEvents } from '../support/recorded-events.js';
import { type OrthancDouble, startOrthanc } from '../support/orthanc-double.js';
import { type ReceivedMail, type SmtpDouble, partOf, startSmtp } from '../support/smtp-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

/** Stands still where a test says so. */
class HandClock extends Clock {
  constructor(public held: number | null = null) {
    super();
  }
  now = (): number => this.held ?? Date.now();
  monotonic = (): number => performance.now();
}

const sharer = { authorization: basic('sharer', 'sharer-pwd') };
const admin = { authorization: adminCredentials };
const landing = { authorization: basic('landing', 'landing-pwd') };
const publication = 'stone-viewer-publication';
const sessionText = (): string => randomBytes(32).toString('base64url');

const clock = new HandClock();
let orthanc: OrthancDouble;
let smtp: SmtpDouble;
let service: TestService;
/** Hears of changes by its poll alone. */
let other: TestService;
let client: pg.Client;
let studyId: string;
let env: Record<string, string>;

beforeAll(async () => {
  orthanc = await startOrthanc();
  studyId = orthanc.add({
    uid: '1.2.1',
    labels: ['A'],
    patientId: 'P1',
    patientTags: { PatientBirthDate: '19610402' },
  });
  orthanc.add({ uid: '1.2.2', labels: ['A'], patientId: 'P2', patientTags: { PatientBirthDate: '19700101' } });
  orthanc.add({ uid: '1.2.3', labels: ['A'], patientId: 'P3' });
  smtp = await startSmtp();
  env = {
    ...orthanc.settings(),
    ...smtp.settings(),
    PUBLIC_SHARE_ROOT: 'https://share.example.org/',
    GATE_ATTEMPTS: '3',
  };
  service = await startTestService({ env, clock });
  other = await startTestService({
    env: { ...env, REVOCATION_POLL: '1' },
    database: service.database,
    listen: false,
    clock,
  });
  client = new pg.Client(service.database.adminUrl);
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client?.end();
  await other?.close();
  await service?.close();
  await Promise.all([orthanc?.stop(), smtp?.stop()]);
});
afterEach(() => void (clock.held = null));

const body = (more: object = {}) => ({
  type: publication,
  resources: [{ level: 'study', dicomUid: '1.2.1' }],
  validityDuration: 3600,
  ...more,
});
async function share(more: object = {}, headers: Record<string, string> = {}): Promise<any> {
  const answer = await service.call('POST', '/api/v1/shares', body(more), { ...sharer, ...headers });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json;
}
const linkOf = ({ url }: { url: string }): string =>
  new URL(url).searchParams.get('token') ?? url.split('/s/')[1] ?? '';
const inspect = async (link: string, at = service): Promise<any> =>
  (await at.call('POST', '/api/v1/links/inspect', { link }, landing)).json;
const exchange = (link: string, more: object = {}, at = service): Promise<TestAnswer> =>
  at.call('POST', '/api/v1/links/exchange', { link, session: sessionText(), ...more }, landing);
const validate = async (token: string, at = service): Promise<boolean> =>
  (
    await at.call('POST', '/tokens/validate', {
      method: 'get',
      level: 'study',
      'dicom-uid': '1.2.1',
      'token-value': token,
    })
  ).json.granted;
const tokenIn = (url: string): string => new URL(url).searchParams.get('token') ?? '';
const decode = async (token: string): Promise<any> =>
  (await service.call('POST', '/tokens/decode', { 'token-key': 'token', 'token-value': token })).json;
async function until(condition: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 10_000;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error('it never came to be');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
const iso = (epochMs: number): string => new Date(epochMs).toISOString();
/** As if the waiting time were over. */
const patience = () => client.query('UPDATE gate_attempt SET blocked_until = NULL');
const noAttempts = () => client.query('DELETE FROM gate_attempt');

describe('a share with a PIN', () => {
  it('is no key: validate refuses its token, decode gives neither redirect nor resources', async () => {
    const { token, pin, url } = await share({ gate: { kind: 'pin' } });
    expect(pin).toMatch(/^\d{6}$/);
    expect(url).toBe(`https://share.example.org/?token=${token}`);
    expect(await validate(token)).toBe(false);
    expect(await decode(token)).toMatchObject({
      'error-code': 'invalid',
      'redirect-url': null,
      resources: [],
      reason: 'gated',
    });
    const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    expect(payload).toMatchObject({ id: null, resources: [], gated: true });
  });

  it('tells before the gate who shared and until when, and nothing of what', async () => {
    const created = await share({
      gate: { kind: 'pin', pin: '482 913'.replace(' ', '') },
      language: 'fr',
      label: 'Jane Doe',
    });
    const told = await service.call('POST', '/api/v1/links/inspect', { link: linkOf(created) }, landing);
    expect(told.json).toEqual({
      state: 'live',
      closedBy: null,
      opening: 'confirm',
      gate: 'pin',
      codeSentTo: null,
      sharedBy: 'sharer',
      studies: 1,
      opensAt: null,
      expiresAt: created.share.expiresAt,
      language: 'fr',
      viewers: [
        { id: publication, name: 'Stone Web Viewer', url: null },
        { id: 'ohif-viewer-publication', name: 'OHIF Viewer', url: null },
        { id: 'volview-viewer-publication', name: 'VolView', url: null },
        { id: 'osimis-viewer-publication', name: 'Osimis Web Viewer', url: null },
      ],
      download: false,
    });
    for (const secret of ['1.2.1', studyId, 'Jane', 'P1']) expect(told.text).not.toContain(secret);
  });

  it('is exchanged for a viewer that is a key for an hour, and no longer than the share', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const answer = await exchange(linkOf(created), { secret: '48 29-13' });
    expect(answer.status).toBe(200);
    expect(answer.json.url).toMatch(/^http:\/\/localhost\/shares\/stone-webviewer\/index.html\?study=1.2.1&/);
    const left = Date.parse(answer.json.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(3_500_000);
    expect(left).toBeLessThanOrEqual(3_600_000);
    expect(await validate(tokenIn(answer.json.url))).toBe(true);
    const brief = await share({ gate: { kind: 'pin', pin: '482913' }, validityDuration: 60 });
    const early = await exchange(linkOf(brief), { secret: '482913' });
    expect(early.json.expiresAt).toBe(brief.share.expiresAt);
  });

  it('gives the viewer that was chosen, with the id that it needs though the other one was shared', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const volview = await exchange(linkOf(created), { secret: '482913', viewer: 'volview-viewer-publication' });
    expect(volview.json.url).toContain(`urls=../studies/${studyId}/archive&token=`);
    const strange = await exchange(linkOf(created), { secret: '482913', viewer: 'meddream-viewer-publication' });
    expect([strange.status, strange.json.code]).toEqual([400, 'viewer-not-offered']);
    const archive = await exchange(linkOf(created), { secret: '482913', viewer: 'download' });
    expect([archive.status, archive.json.code]).toEqual([400, 'viewer-not-offered']);
    const offered = await share({ download: true, gate: { kind: 'pin', pin: '482913' }, viewers: [] });
    const download = await exchange(linkOf(offered), { secret: '482913', viewer: 'download' });
    expect(download.json.url).toMatch(new RegExp(`^http://localhost/shares/studies/${studyId}/archive\\?token=ey`));
  });

  it('a viewer is never exchanged again', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const viewer = tokenIn((await exchange(linkOf(created), { secret: '482913' })).json.url);
    await noAttempts();
    const again = await exchange(viewer, { secret: '482913' });
    expect([again.status, again.json.code]).toEqual([403, 'gate-refused']);
    expect(await inspect(viewer)).toMatchObject({ state: 'live', opening: 'direct', viewers: [{ id: publication }] });
  });

  it('the viewers end with it, on every replica', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const viewer = tokenIn((await exchange(linkOf(created), { secret: '482913' })).json.url);
    expect([await validate(viewer), await validate(viewer, other)]).toEqual([true, true]);
    await service.call('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'mistake' }, sharer);
    expect(await validate(viewer)).toBe(false);
    await until(async () => !(await validate(viewer, other)));
    const late = await exchange(linkOf(created), { secret: '482913' });
    expect([late.status, late.json.code]).toEqual([410, 'share-revoked']);
    expect(await inspect(linkOf(created))).toMatchObject({ state: 'revoked', opening: null, gate: null });
  });

  it('a viewer is as old as its share to a rule by time', async () => {
    const created = await share({
      gate: { kind: 'pin', pin: '482913' },
      resources: [{ level: 'study', dicomUid: '1.2.2' }],
    });
    const viewer = tokenIn((await exchange(linkOf(created), { secret: '482913' })).json.url);
    const granted = async () =>
      (
        await service.call('POST', '/tokens/validate', {
          method: 'get',
          level: 'study',
          'dicom-uid': '1.2.2',
          'token-value': viewer,
        })
      ).json.granted;
    expect(await granted()).toBe(true);
    const rule = { studyDicomUid: '1.2.2', reason: 'withdrawn' };
    expect((await service.call('POST', '/api/v1/shares/revoke', rule, admin)).status).toBe(200);
    expect(await granted()).toBe(false);
  });

  it('is refused with a wrong PIN as a link that nobody minted is', async () => {
    await noAttempts();
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const texts = new Set<string>();
    const links = [
      linkOf(created),
      'AAAAAAAAAAAAAAAAAAAAAA',
      `${linkOf(created).slice(0, -4)}AAAA`,
      'no link at all',
      randomBytes(16).toString('base64url'),
    ];
    for (const link of links) {
      const { status, json } = await exchange(link, { secret: '111222' });
      texts.add(JSON.stringify([status, { ...json, instance: null, requestId: null }]));
    }
    expect([...texts]).toHaveLength(1);
    expect(JSON.parse([...texts][0] as string)[0]).toBe(403);
  });

  it('a link that nobody minted meets the same waiting and the same lock', async () => {
    const known = linkOf(await share({ gate: { kind: 'pin', pin: '482913' } }));
    for (const link of [known, randomBytes(16).toString('base64url')]) {
      const seen: [number, string][] = [];
      for (let count = 0; count < 3; count++) {
        const { status, json } = await exchange(link, { secret: '111222' });
        seen.push([status, json.code]);
        await patience();
      }
      const { status, json } = await exchange(link, { secret: '482913' });
      expect([...seen, [status, json.code]]).toEqual([
        [403, 'gate-refused'],
        [403, 'gate-refused'],
        [403, 'gate-refused'],
        [423, 'share-locked'],
      ]);
    }
  });

  it('locks after the last attempt, lets running viewers go on, and is unlocked by its sharer', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const link = linkOf(created);
    const viewer = tokenIn((await exchange(link, { secret: '482913' })).json.url);
    for (let count = 0; count < 3; count++) {
      await exchange(link, { secret: '000001' });
      await patience();
    }
    expect(await inspect(link)).toMatchObject({ state: 'closed', closedBy: 'locked' });
    expect(await validate(viewer)).toBe(true);
    const { json: listed } = await service.call('GET', '/api/v1/shares?state=closed&limit=500', undefined, sharer);
    expect(listed.items.map(({ id }: { id: string }) => id)).toContain(created.share.id);
    const stranger = await service.call('POST', `/api/v1/shares/${created.share.id}/unlock`, undefined, {
      authorization: pluginCredentials,
    });
    expect(stranger.status).toBe(403);
    const { status, json } = await service.call('POST', `/api/v1/shares/${created.share.id}/unlock`, undefined, sharer);
    expect([status, json.state, json.lockedAt]).toEqual([200, 'live', null]);
    expect((await exchange(link, { secret: '482913' })).status).toBe(200);
  });

  it('makes wait after the third wrong attempt, the right PIN too, and says for how long', async () => {
    const forgiving = await startTestService({
      env: { ...env, GATE_ATTEMPTS: '6' },
      database: service.database,
      clock,
    });
    try {
      const known = linkOf(await share({ gate: { kind: 'pin', pin: '482913' } }));
      clock.held = Date.now();
      for (const link of [known, randomBytes(16).toString('base64url')]) {
        for (let count = 0; count < 3; count++)
          expect((await exchange(link, { secret: '000001' }, forgiving)).status).toBe(403);
        const waiting = await exchange(link, { secret: '482913' }, forgiving);
        expect([waiting.status, waiting.json.code]).toEqual([429, 'too-many-attempts']);
        expect(waiting.headers.get('retry-after')).toMatch(/^[12]$/);
      }
      expect(await inspect(known)).toMatchObject({ state: 'live', closedBy: null });
      await patience();
      expect((await exchange(known, { secret: '482913' }, forgiving)).status).toBe(200);
    } finally {
      await forgiving.close();
    }
  });

  it('counts attempts from one address at all links', async () => {
    await noAttempts();
    clock.held = Date.now();
    const address = '203.0.113.7';
    const statuses = new Set<number>();
    let answer: TestAnswer | undefined;
    for (let count = 0; count < 22; count++) {
      answer = await exchange(randomBytes(16).toString('base64url'), { secret: '1', address });
      statuses.add(answer.status);
    }
    expect([...statuses]).toEqual([403, 429]);
    expect(Number(answer?.headers.get('retry-after'))).toBeGreaterThan(0);
    const elsewhere = await exchange(randomBytes(16).toString('base64url'), { secret: '1', address: '203.0.113.8' });
    expect(elsewhere.status).toBe(403);
    await noAttempts();
  });

  it('gives no attempt for free when fifty are made at once', async () => {
    const link = linkOf(await share({ gate: { kind: 'pin', pin: '482913' } }));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => exchange(link, { secret: String(100_000 + index) })),
    );
    expect(answers.filter(({ status }) => status === 403).length).toBeLessThanOrEqual(3);
    expect(answers.every(({ status }) => [403, 423, 429].includes(status))).toBe(true);
  });

  it('keeps no PIN: neither in the database nor in the log', async () => {
    // Six digits come by chance: the database is full of random bytes, written in hexadecimal digits.
    const pin = '739158264103';
    const created = await share({ gate: { kind: 'pin', pin } }, { 'idempotency-key': 'pin-kept' });
    await exchange(linkOf(created), { secret: pin });
    const { rows } = await client.query(
      `SELECT (SELECT json_agg(share) FROM share)::text || (SELECT json_agg(idempotency_key) FROM idempotency_key)::text AS all`,
    );
    expect(rows[0].all).not.toContain(pin);
    expect(JSON.stringify(await recordedEvents(client))).not.toContain(pin);
    expect(service.lines.join()).not.toContain(pin);
  });
});

describe('a share with the birth date of its patient', () => {
  it('opens with it, as the page sends it', async () => {
    const created = await share({ gate: { kind: 'birth-date' } });
    expect(created.pin).toBeNull();
    expect((await exchange(linkOf(created), { secret: '19610403' })).status).toBe(403);
    expect((await exchange(linkOf(created), { secret: '19610402' })).status).toBe(200);
  });

  it('cannot be made where it is not known, or is of two patients', async () => {
    for (const [resources, problem] of [
      [['1.2.3'], 'is not known'],
      [['1.2.1', '1.2.2'], 'is not the same'],
    ] as const) {
      const answer = await service.call(
        'POST',
        '/api/v1/shares',
        body({ gate: { kind: 'birth-date' }, resources: resources.map((dicomUid) => ({ level: 'study', dicomUid })) }),
        sharer,
      );
      expect([answer.status, answer.json.errors[0].field]).toEqual([400, 'gate.kind']);
      expect(answer.json.errors[0].problem).toContain(problem);
    }
  });
});

describe('a share with an e-mailed code', () => {
  const recipient = { name: 'Jane Doe', email: 'jane@example.org' };

  it('sends a fresh code, which opens once', async () => {
    const created = await share({ gate: { kind: 'email-code' }, recipient, language: 'de' });
    const link = linkOf(created);
    expect(await inspect(link)).toMatchObject({ gate: 'email-code', codeSentTo: 'j…@e….org' });
    expect((await exchange(link, { secret: '000000' })).status).toBe(403);
    const before = smtp.received.length;
    const asked = await service.call('POST', '/api/v1/links/send-code', { link }, landing);
    expect([asked.status, asked.json]).toEqual([202, {}]);
    await until(() => Promise.resolve(smtp.received.length > before));
    const code = /^\s+(\d{6})\s*$/m.exec(partOf(smtp.received.at(-1) as ReceivedMail, 'text/plain'))?.[1] ?? '';
    expect((await exchange(link, { secret: code })).status).toBe(200);
    expect((await exchange(link, { secret: code })).status).toBe(403);
  });

  it('answers the same for any link, and sends nothing', async () => {
    const before = smtp.received.length;
    const pin = linkOf(await share({ gate: { kind: 'pin' } }));
    for (const link of [pin, randomBytes(16).toString('base64url'), 'nonsense']) {
      const { status, json } = await service.call('POST', '/api/v1/links/send-code', { link }, landing);
      expect([status, json]).toEqual([202, {}]);
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(smtp.received.length).toBe(before);
  });

  it('sends no second code at once', async () => {
    const link = linkOf(await share({ gate: { kind: 'email-code' }, recipient }));
    clock.held = Date.now();
    const statuses: number[] = [];
    for (let count = 0; count < 3; count++)
      statuses.push((await service.call('POST', '/api/v1/links/send-code', { link }, landing)).status);
    expect(statuses).toEqual([202, 202, 429]);
  });

  it('needs an address', async () => {
    const answer = await service.call('POST', '/api/v1/shares', body({ gate: { kind: 'email-code' } }), sharer);
    expect([answer.status, answer.json.errors[0].field]).toEqual([400, 'recipient.email']);
  });
});

describe('a share for so many recipients', () => {
  it('lets exactly three of fifty in that come at once', async () => {
    const link = linkOf(await share({ maxOpens: 3 }));
    const answers = await Promise.all(Array.from({ length: 50 }, () => exchange(link)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(3);
    expect(answers.filter(({ json }) => json.code === 'share-used-up')).toHaveLength(47);
    expect(await inspect(link)).toMatchObject({ state: 'closed', closedBy: 'used-up' });
  });

  it('counts one recipient once, who may come back though it is used up', async () => {
    const created = await share({ maxOpens: 1 });
    const session = sessionText();
    for (let count = 0; count < 3; count++) expect((await exchange(linkOf(created), { session })).status).toBe(200);
    expect((await exchange(linkOf(created))).json.code).toBe('share-used-up');
    const stands = async (more: object) =>
      (await service.call('POST', '/api/v1/links/inspect', { link: linkOf(created), ...more }, landing)).json;
    expect(await stands({})).toMatchObject({ state: 'closed', closedBy: 'used-up', gate: null });
    expect(await stands({ session: sessionText() })).toMatchObject({ state: 'closed' });
    expect(await stands({ session })).toMatchObject({ state: 'live', opening: 'confirm', gate: 'none' });
    const { json } = await service.call('GET', `/api/v1/shares/${created.share.id}`, undefined, sharer);
    expect([json.opens, json.maxOpens, json.state, json.closedBy]).toEqual([1, 1, 'closed', 'used-up']);
    const { json: history } = await service.call(
      'GET',
      `/api/v1/shares/${created.share.id}/history`,
      undefined,
      sharer,
    );
    expect(history.items.map(({ event, detail }: any) => [event, detail.counted])).toEqual([
      ['share.opened', false],
      ['share.opened', false],
      ['share.opened', true],
      ['share.created', undefined],
    ]);
  });

  it('is not used up by whatever looks at it', async () => {
    const link = linkOf(await share({ maxOpens: 1 }));
    for (let count = 0; count < 20; count++) expect((await inspect(link)).state).toBe('live');
    expect((await exchange(link)).status).toBe(200);
  });

  it('revoking and opening at once: who came in is thrown out again', async () => {
    for (let round = 0; round < 5; round++) {
      const created = await share({ maxOpens: 3 });
      const [opened] = await Promise.all([
        exchange(linkOf(created)),
        service.call('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'race' }, sharer),
      ]);
      if (opened.status === 200) expect(await validate(tokenIn(opened.json.url))).toBe(false);
      else expect(opened.json.code).toBe('share-revoked');
    }
  });
});

describe('a link that is its own key', () => {
  const plain = async (type: string): Promise<any> => {
    const { json } = await service.call('POST', '/api/v1/shares', body({ type }), sharer);
    return inspect(json.token);
  };

  it('leads to its own viewer first, and offers the others', async () => {
    const { opening, viewers } = await plain(publication);
    expect([opening, viewers[0].id]).toEqual(['direct', publication]);
    expect(viewers.map(({ url }: { url: string }) => new URL(url).origin)).toEqual(Array(4).fill('http://localhost'));
  });

  it('offers the viewers that were chosen, where some were', async () => {
    const { json } = await service.call(
      'POST',
      '/api/v1/shares',
      body({ viewers: ['ohif-viewer-publication'] }),
      sharer,
    );
    const { viewers } = await inspect(json.token);
    expect(viewers.map(({ id }: { id: string }) => id)).toEqual([publication, 'ohif-viewer-publication']);
  });

  it('of a type that has no viewer leads to none', async () => {
    expect(await plain('viewer-instant-link')).toMatchObject({ state: 'live', opening: 'direct', viewers: [] });
  });
});

describe('a share that begins later', () => {
  it('is scheduled, and opens from then on', async () => {
    const begin = Date.now() + 60_000;
    const notBefore = iso(begin);
    const created = await share({ notBefore });
    expect([created.share.state, created.share.notBefore]).toEqual(['scheduled', notBefore]);
    expect(await inspect(linkOf(created))).toMatchObject({ state: 'scheduled', opensAt: notBefore, opening: null });
    const early = await exchange(linkOf(created));
    expect([early.status, early.json.code]).toEqual([409, 'share-scheduled']);
    clock.held = begin;
    expect((await exchange(linkOf(created))).status).toBe(200);
  });

  it('is answered again to the same request, though its begin has come and Orthanc is away', async () => {
    const begin = Date.now() + 60_000;
    const wish = { notBefore: iso(begin), gate: { kind: 'pin' } };
    const first = await share(wish, { 'idempotency-key': 'begin-1' });
    clock.held = begin;
    orthanc.fail({ status: 500 });
    try {
      const again = await share(wish, { 'idempotency-key': 'begin-1' });
      expect([again.share.id, again.url, again.pin]).toEqual([first.share.id, first.url, first.pin]);
    } finally {
      orthanc.mend();
    }
  });
});

describe('a short link', () => {
  it('is looked up, kept as a hash, and shown again', async () => {
    const created = await share({ link: 'opaque' }, { 'idempotency-key': 'short-1' });
    expect(created.url).toMatch(/^https:\/\/share\.example\.org\/s\/[A-Za-z0-9_-]{22}$/);
    const handle = linkOf(created);
    const { rows } = await client.query('SELECT json_agg(share)::text AS all FROM share');
    expect(rows[0].all).not.toContain(handle);
    expect((await share({ link: 'opaque' }, { 'idempotency-key': 'short-1' })).url).toBe(created.url);
    const { json } = await service.call('GET', `/api/v1/shares/${created.share.id}/link`, undefined, sharer);
    expect(json.url).toBe(created.url);
    expect(await inspect(handle)).toMatchObject({ state: 'live', opening: 'confirm', gate: 'none' });
    const opened = await exchange(handle);
    expect(await validate(tokenIn(opened.json.url))).toBe(true);
    expect(await inspect(randomBytes(16).toString('base64url'))).toMatchObject({ state: 'invalid' });
  });

  it('stays as it is when its life is made longer or its gate is set', async () => {
    const created = await share({ link: 'opaque', validityDuration: 60 });
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const answer = await service.call('PATCH', `/api/v1/shares/${created.share.id}`, { expiresAt: later }, sharer);
    expect([answer.status, answer.json.link, answer.json.share.expiresAt]).toEqual([200, null, later]);
    const gated = await service.call(
      'PATCH',
      `/api/v1/shares/${created.share.id}`,
      { gate: { kind: 'pin', pin: '482913' } },
      sharer,
    );
    expect([gated.status, gated.json.link, gated.json.pin]).toEqual([200, null, '482913']);
    expect((await exchange(linkOf(created))).status).toBe(403);
    expect((await exchange(linkOf(created), { secret: '482913' })).status).toBe(200);
  });

  it('is a QR code, as SVG and as PNG', async () => {
    const created = await share({ link: 'opaque' });
    const svg = await service.call('GET', `/api/v1/shares/${created.share.id}/qr`, undefined, sharer);
    expect([svg.status, svg.headers.get('content-type'), svg.text.slice(0, 4)]).toEqual([200, 'image/svg+xml', '<svg']);
    const png = await service.call('GET', `/api/v1/shares/${created.share.id}/qr?format=png`, undefined, sharer);
    expect([png.status, png.headers.get('content-type'), png.text.slice(1, 4)]).toEqual([200, 'image/png', 'PNG']);
  });
});

describe('changing a share', () => {
  const read = async (id: string) => (await service.call('GET', `/api/v1/shares/${id}`, undefined, sharer)).json;

  it('a token that is made shorter ends then, on every replica, and its viewers too', async () => {
    const { share: made, token } = await share();
    const gated = await share({ gate: { kind: 'pin', pin: '482913' } });
    const viewer = tokenIn((await exchange(linkOf(gated), { secret: '482913' })).json.url);
    const soon = Date.now() + 60_000;
    for (const { id } of [made, gated.share]) {
      const answer = await service.call('PATCH', `/api/v1/shares/${id}`, { expiresAt: iso(soon) }, sharer);
      expect([answer.status, answer.json.link, answer.json.share.expiresAt]).toEqual([200, null, iso(soon)]);
    }
    expect([await validate(token), await validate(viewer)]).toEqual([true, true]);
    clock.held = soon;
    for (const at of [service, other]) {
      await until(async () => !(await validate(token, at)) && !(await validate(viewer, at)));
    }
    expect((await decode(token)).reason).toBe('expired');
    expect(await inspect(token)).toMatchObject({ state: 'expired' });
    expect(await inspect(viewer)).toMatchObject({ state: 'viewer-expired' });
    expect((await read(made.id)).state).toBe('expired');
  });

  it('a replica that starts later refuses what was made shorter, and the viewers of it, from its moment on', async () => {
    const { share: made, token } = await share();
    const gated = await share({ gate: { kind: 'pin', pin: '482913' } });
    const viewer = tokenIn((await exchange(linkOf(gated), { secret: '482913' })).json.url);
    const end = Date.now() + 60_000;
    for (const { id } of [made, gated.share]) {
      const soon = { expiresAt: iso(end) };
      expect((await service.call('PATCH', `/api/v1/shares/${id}`, soon, sharer)).status).toBe(200);
    }
    const moved = new HandClock(end - 1);
    const late = await startTestService({ env, database: service.database, listen: false, clock: moved });
    try {
      expect([await validate(token, late), await validate(viewer, late)]).toEqual([true, true]);
      moved.held = end;
      expect([await validate(token, late), await validate(viewer, late)]).toEqual([false, false]);
    } finally {
      await late.close();
    }
  });

  it('a short link that is made shorter and then longer than ever opens on every replica, and its viewers with it', async () => {
    const created = await share({ link: 'opaque' });
    const path = `/api/v1/shares/${created.share.id}`;
    const viewer = tokenIn((await exchange(linkOf(created))).json.url);
    const soon = Date.now() + 60_000;
    expect((await service.call('PATCH', path, { expiresAt: iso(soon) }, sharer)).status).toBe(200);
    clock.held = soon;
    for (const at of [service, other]) await until(async () => !(await validate(viewer, at)));
    clock.held = null;
    const later = iso(Date.now() + 7_200_000);
    expect((await service.call('PATCH', path, { expiresAt: later }, sharer)).status).toBe(200);
    clock.held = soon;
    for (const at of [service, other]) await until(() => validate(viewer, at));
    expect((await inspect(linkOf(created))).state).toBe('live');
  });

  it('a token that is made longer is another link; the old one ends when it would have', async () => {
    const { share: made, token } = await share({ label: 'longer', recipient: { email: 'jane@example.org' } });
    const later = new Date(Date.now() + 7_200_000).toISOString();
    const { status, json } = await service.call('PATCH', `/api/v1/shares/${made.id}`, { expiresAt: later }, sharer);
    expect([status, json.share.replaces, json.share.expiresAt]).toEqual([200, made.id, later]);
    expect(json.share).toMatchObject({ label: 'longer', recipient: { name: null, email: 'jane@example.org' } });
    expect(await validate(json.link.token)).toBe(true);
    expect(await validate(token)).toBe(true);
    await service.call('POST', `/api/v1/shares/${json.share.id}/revoke`, { reason: 'all of it' }, sharer);
    expect([await validate(json.link.token), await validate(token)]).toEqual([false, false]);
    expect((await read(made.id)).state).toBe('revoked');
  });

  it('every link from before ends with a first gate, with the last of them, and with many of them', async () => {
    const later = (hours: number) => ({ expiresAt: new Date(Date.now() + hours * 3_600_000).toISOString() });
    const change = async (id: string, more: object) =>
      (await service.call('PATCH', `/api/v1/shares/${id}`, more, sharer)).json;
    const chain = async (last: object): Promise<{ id: string; tokens: string[] }> => {
      const first = await share();
      const second = await change(first.share.id, later(2));
      const third = await change(second.share.id, last);
      return { id: third.share.id, tokens: [first.token, second.link.token, third.link.token] };
    };
    const granted = async ({ tokens }: { tokens: string[] }) => Promise.all(tokens.map((token) => validate(token)));
    expect(await granted(await chain({ gate: { kind: 'pin' } }))).toEqual([false, false, false]);
    const one = await chain(later(3));
    expect(await granted(one)).toEqual([true, true, true]);
    await service.call('POST', `/api/v1/shares/${one.id}/revoke`, { reason: 'all of it' }, sharer);
    expect(await granted(one)).toEqual([false, false, false]);
    const address = `${randomBytes(6).toString('hex')}@example.org`;
    const many = await chain({ ...later(3), recipient: { email: address } });
    const ended = await service.call('POST', '/api/v1/shares/revoke', { recipient: address, reason: 'left' }, admin);
    expect([ended.json.revoked, await granted(many)]).toEqual([3, [false, false, false]]);
  });

  it('a first gate is another link, and ends the old one at once', async () => {
    const { share: made, token } = await share();
    const gate = { kind: 'pin' };
    const { status, json } = await service.call('PATCH', `/api/v1/shares/${made.id}`, { gate }, sharer);
    expect([status, json.share.gate, json.pin]).toEqual([200, 'pin', expect.stringMatching(/^\d{6}$/)]);
    expect(await validate(token)).toBe(false);
    expect((await exchange(linkOf(json.link), { secret: json.pin })).status).toBe(200);
    expect((await read(made.id)).state).toBe('revoked');
  });

  it('asks for the revision that was seen', async () => {
    const { share: made } = await share({ link: 'opaque' });
    const change = (match: string) =>
      service.call('PATCH', `/api/v1/shares/${made.id}`, { reason: match }, { ...sharer, 'if-match': match });
    const first = await change('"1"');
    expect([first.status, first.headers.get('etag')]).toEqual([200, '"2"']);
    const second = await change('"1"');
    expect([second.status, second.json.code]).toEqual([412, 'share-changed']);
    expect((await change('seen')).status).toBe(400);
  });

  it('tells in its history what was changed', async () => {
    const { share: made } = await share({ link: 'opaque' });
    await service.call('PATCH', `/api/v1/shares/${made.id}`, { reason: 'for the board', maxOpens: 5 }, sharer);
    const { json } = await service.call('GET', `/api/v1/shares/${made.id}/history`, undefined, sharer);
    expect(json.items[0]).toMatchObject({
      event: 'share.changed',
      actor: { kind: 'user', id: 'basic:sharer' },
      detail: {
        changes: [
          { member: 'reason', from: null, to: 'for the board' },
          { member: 'maxOpens', from: null, to: '5' },
        ],
      },
    });
  });

  it('does not bring back what is over, and is nobody else’s', async () => {
    const { share: made } = await share();
    await service.call('POST', `/api/v1/shares/${made.id}/revoke`, { reason: 'x' }, sharer);
    const over = await service.call('PATCH', `/api/v1/shares/${made.id}`, { reason: 'y' }, sharer);
    expect([over.status, over.json.code]).toEqual([409, 'share-over']);
    const { json: foreign } = await service.call('POST', '/api/v1/shares', body(), admin);
    const answer = await service.call('PATCH', `/api/v1/shares/${foreign.share.id}`, { reason: 'y' }, sharer);
    expect([answer.status, answer.json.code]).toEqual([404, 'share-not-found']);
  });
});
