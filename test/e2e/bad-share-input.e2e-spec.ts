import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import pg from 'pg';
import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { recordedEvents } from '../support/recorded-events.js';
import { startOrthanc } from '../support/orthanc-double.js';
import { type ReceivedMail, type SmtpDouble, partOf, startSmtp } from '../support/smtp-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

/** Stands still where a test says so. */
class HandClock extends Clock {
  held: number | null = null;

  now(): number {
    return this.held ?? Date.now();
  }

  monotonic(): number {
    return performance.now();
  }
}

const sharer = { authorization: basic('sharer', 'sharer-pwd') };
const other = { authorization: basic('other', 'other-pwd') };
const admin = { authorization: adminCredentials };
const plugin = { authorization: pluginCredentials };
const landing = { authorization: basic('landing', 'landing-pwd') };
const publication = 'stone-viewer-publication';
const study = { level: 'study', dicomUid: '1.2.3' };
const unknownShare = '019a8cca-1371-7000-b9bc-1de2d5b62426';
/** Stands where a value goes; no answer may repeat it, since the value might be a secret. */
const MARK = 'MARKED-7be1c2';
const NUL = '\u0000';
const LONE = '\ud800';
/** Milliseconds for one property. */
const bounded = { interruptAfterTimeLimit: 4_000, markInterruptAsFailure: false } as const;

const clock = new HandClock();
const env = {
  USERS: JSON.stringify({
    ...(JSON.parse(plainSettings.USERS) as object),
    other: { password: 'other-pwd', permissions: ['share'] },
  }),
  PUBLIC_SHARE_ROOT: 'https://share.example.org/',
  GATE_ATTEMPTS: '3',
};
let smtp: SmtpDouble;
let service: TestService;
let client: pg.Client;

beforeAll(async () => {
  smtp = await startSmtp();
  service = await startTestService({ env: { ...env, ...smtp.settings() }, clock });
  client = new pg.Client(service.database.adminUrl);
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client?.end();
  await service?.close();
  await smtp?.stop();
});
afterEach(() => void (clock.held = null));

const body = (more: object = {}) => ({ type: publication, resources: [study], validityDuration: 3600, ...more });
const post = (wish: unknown, headers: Record<string, string> = {}, at = service): Promise<TestAnswer> =>
  at.call('POST', '/api/v1/shares', wish, { ...sharer, ...headers });
const patch = (id: string, change: unknown, headers: Record<string, string> = {}, at = service): Promise<TestAnswer> =>
  at.call('PATCH', `/api/v1/shares/${id}`, change, { ...sharer, ...headers });
async function share(more: object = {}, headers: Record<string, string> = {}, at = service): Promise<any> {
  const answer = await post(body(more), headers, at);
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return answer.json;
}
const read = async (id: string, at = service): Promise<any> =>
  (await at.call('GET', `/api/v1/shares/${id}`, undefined, sharer)).json;
const linkOf = ({ url }: { url: string }): string =>
  new URL(url).searchParams.get('token') ?? url.split('/s/')[1] ?? '';
const tokenIn = (url: string): string => new URL(url).searchParams.get('token') ?? '';
const links = (what: string, asked: object, at = service): Promise<TestAnswer> =>
  at.call('POST', `/api/v1/links/${what}`, asked, landing);
const inspect = async (link: string, at = service): Promise<any> => (await links('inspect', { link }, at)).json;
const session = (): string => randomBytes(32).toString('base64url');
const exchange = (link: string, more: object = {}, at = service): Promise<TestAnswer> =>
  links('exchange', { link, session: session(), ...more }, at);
const granted = async (token: string, uid = '1.2.3', at = service): Promise<boolean> =>
  (
    await at.call('POST', '/tokens/validate', {
      method: 'get',
      level: 'study',
      'dicom-uid': uid,
      'token-value': token,
    })
  ).json.granted;
const iso = (epochMs: number): string => new Date(epochMs).toISOString();

async function stored(): Promise<unknown> {
  const { rows } = await client.query(
    `SELECT (SELECT count(*) FROM share) AS shares, (SELECT count(*) FROM share_resource) AS resources,
       (SELECT sum(revision) FROM share) AS revisions, (SELECT count(*) FROM idempotency_key) AS keys,
       (SELECT count(*) FROM share WHERE revoked_at IS NOT NULL) AS revoked, (SELECT count(*) FROM revocation_rule) AS rules,
       (SELECT count(*) FROM gate_attempt) AS attempts, (SELECT count(*) FROM share_session) AS sessions,
       (SELECT count(*) FROM share_policy_version) AS policies`,
  );
  return rows[0];
}
/** A problem document that names fields and remedies, repeats nothing, and left nothing behind. */
async function refused(
  ask: () => Promise<TestAnswer>,
  fields?: readonly string[],
  code = 'invalid-input',
): Promise<void> {
  const before = await stored();
  const answer = await ask();
  expect([answer.status, answer.text.slice(0, 400)]).toEqual([answer.status, expect.stringContaining(code)]);
  expectProblem(answer);
  expect(answer.json.code).toBe(code);
  if (fields !== undefined)
    expect(answer.json.errors.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining([...fields]),
    );
  expect(await stored()).toEqual(before);
}
function expectProblem(answer: TestAnswer): void {
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([
    answer.status,
    expect.stringContaining('urn:orthanc-warden:error:'),
  ]);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.text).not.toContain(MARK);
  if (answer.json.code !== 'invalid-input') return;
  expect(answer.json.errors.length).toBeGreaterThan(0);
  for (const fault of answer.json.errors) {
    const words = expect.stringMatching(/\S/);
    expect(fault).toEqual({ field: words, problem: words, remedy: words });
  }
}

/** As another minter with our key would sign it. */
function signed(payload: object, header: object = {}, key = plainSettings.SECRET_KEY): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT', ...header })}.${part(payload)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}
const foreign = (more: object = {}): object => ({
  id: null,
  resources: [{ dicom_uid: '1.2.3', orthanc_id: null, url: null, level: 'study' }],
  type: publication,
  expiration_date: null,
  validity_duration: null,
  iat: Math.floor(Date.now() / 1000),
  ...more,
});
const kidOf = (token: string): string => JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;

describe('making a share', () => {
  it.each<[string, object, string]>([
    ['no resources', { resources: [] }, 'resources'],
    ['resources of null', { resources: null }, 'resources'],
    ['resources that are an object', { resources: { 0: study } }, 'resources'],
    ['a text among them', { resources: [MARK] }, 'resources'],
    ['a list among them', { resources: [[study]] }, 'resources'],
    ['10,000 of them', { resources: Array.from({ length: 10_000 }, () => study) }, 'resources'],
    ['501 of them', { resources: Array.from({ length: 501 }, () => study) }, 'resources'],
    ['a resource that names nothing', { resources: [study, { level: 'study' }] }, 'resources.1'],
    ['a level that is none', { resources: [{ ...study, level: MARK }] }, 'resources.0.level'],
    ['a uid with letters', { resources: [study, { level: 'study', dicomUid: `1.${MARK}` }] }, 'resources.1.dicomUid'],
    ['a uid with a comma', { resources: [{ level: 'study', dicomUid: '1.2,1.3' }] }, 'resources.0.dicomUid'],
    ['a uid with a line break behind', { resources: [{ level: 'study', dicomUid: '1.2\n' }] }, 'resources.0.dicomUid'],
    ['a uid of 65 characters', { resources: [{ level: 'study', dicomUid: '1'.repeat(65) }] }, 'resources.0.dicomUid'],
    ['a uid in Arabic digits', { resources: [{ level: 'series', dicomUid: '١.٢' }] }, 'resources.0.dicomUid'],
    ['a uid that leads elsewhere', { resources: [{ level: 'study', dicomUid: '../../x' }] }, 'resources.0.dicomUid'],
    [
      'a patient with a line break',
      { resources: [{ level: 'patient', dicomUid: 'P\r\nX: y' }] },
      'resources.0.dicomUid',
    ],
    [
      'an Orthanc id that leads elsewhere',
      { resources: [{ level: 'study', orthancId: '../../etc' }] },
      'resources.0.orthancId',
    ],
    ['an address of a resource', { resources: [{ ...study, url: `https://${MARK}.example` }] }, 'resources.0.url'],
    ['an end in the past', { validityDuration: null, expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['an end before the year 1', { validityDuration: null, expiresAt: '0001-01-01T00:00:00+23:59' }, 'expiresAt'],
    ['an end beyond what is allowed', { validityDuration: null, expiresAt: '9999-12-31T23:59:59-23:59' }, 'expiresAt'],
    ['an end without a zone', { validityDuration: null, expiresAt: '2099-01-01T00:00:00' }, 'expiresAt'],
    ['an end and a duration', { expiresAt: '2027-01-01T00:00:00Z' }, 'validityDuration'],
    ['a begin in the past', { notBefore: '2020-01-01T00:00:00Z' }, 'notBefore'],
    ['a begin behind the end', { notBefore: '2099-01-01T00:00:00Z' }, 'notBefore'],
    ['a negative duration', { validityDuration: -1 }, 'validityDuration'],
    ['a duration of nothing', { validityDuration: 0 }, 'validityDuration'],
    ['half a second', { validityDuration: 0.5 }, 'validityDuration'],
    ['a duration in quotes', { validityDuration: '60' }, 'validityDuration'],
    ['no openings', { maxOpens: 0 }, 'maxOpens'],
    ['negative openings', { maxOpens: -3 }, 'maxOpens'],
    ['openings without number', { maxOpens: 1e300 }, 'maxOpens'],
    ['openings in a list', { maxOpens: [3] }, 'maxOpens'],
    ['a gate that is none', { gate: { kind: MARK } }, 'gate.kind'],
    ['a gate that is a list', { gate: [{ kind: 'pin' }] }, 'gate'],
    ['a gate that is a text', { gate: 'pin' }, 'gate'],
    ['a PIN that is a number', { gate: { kind: 'pin', pin: 482913 } }, 'gate.pin'],
    ['a PIN of five digits', { gate: { kind: 'pin', pin: '48291' } }, 'gate.pin'],
    ['a PIN of one digit', { gate: { kind: 'pin', pin: '777777' } }, 'gate.pin'],
    ['a PIN that counts', { gate: { kind: 'pin', pin: '345678' } }, 'gate.pin'],
    ['a PIN in full-width digits', { gate: { kind: 'pin', pin: '４８２９１３' } }, 'gate.pin'],
    ['a PIN in Arabic digits', { gate: { kind: 'pin', pin: '٤٨٢٩١٣' } }, 'gate.pin'],
    ['a PIN with spaces', { gate: { kind: 'pin', pin: '482 913' } }, 'gate.pin'],
    ['a PIN of 10,000 digits', { gate: { kind: 'pin', pin: '482913'.repeat(1_667) } }, 'gate.pin'],
    ['a PIN for another gate', { gate: { kind: 'birth-date', pin: '482913' } }, 'gate.pin'],
    ['a code without an address', { gate: { kind: 'email-code' } }, 'recipient.email'],
    ['a birth date without an archive', { gate: { kind: 'birth-date' } }, 'gate.kind'],
    ['two addresses', { recipient: { email: 'a@example.org,b@example.org' } }, 'recipient.email'],
    [
      'an address with a header behind',
      { recipient: { email: 'a@example.org\r\nBcc: b@example.org' } },
      'recipient.email',
    ],
    ['an address with a name around', { recipient: { email: 'A <a@example.org>' } }, 'recipient.email'],
    ['a recipient of 201 characters', { recipient: { name: 'x'.repeat(201) } }, 'recipient.name'],
    ['a recipient with a header behind', { recipient: { name: `A\r\nBcc: ${MARK}` } }, 'recipient.name'],
    ['a recipient with a NUL', { recipient: { name: `a${NUL}` } }, 'recipient.name'],
    ['a recipient with half a character', { recipient: { name: LONE } }, 'recipient.name'],
    ['a recipient with more members', { recipient: { name: 'A', phone: MARK } }, 'recipient.phone'],
    ['a reason of 501 characters', { reason: 'x'.repeat(501) }, 'reason'],
    ['a reason that rules a terminal', { reason: '\u001b[2J' }, 'reason'],
    ['a label of 257 characters', { label: 'x'.repeat(257) }, 'label'],
    ['a label that rules a terminal', { label: '\u001b[2J' }, 'label'],
    ['a purpose that is none', { purposeOfUse: MARK }, 'purposeOfUse'],
    ['a language that is none', { language: '../en' }, 'language'],
    ['a viewer that is an address', { viewers: [`https://${MARK}.example`] }, 'viewers'],
    ['a viewer called constructor', { gate: { kind: 'pin' }, viewers: ['constructor'] }, 'viewers'],
    ['a viewer twice', { viewers: ['ohif-viewer-publication', 'ohif-viewer-publication'] }, 'viewers'],
    ['a kind of link that is none', { link: MARK }, 'link'],
    ['a root of its own', { shareRoot: `https://${MARK}.example/` }, 'shareRoot'],
    ['a redirect of its own', { redirectUrl: `https://${MARK}.example/`, url: 'javascript:alert(1)' }, 'redirectUrl'],
    ['an owner', { mintedBy: 'basic:admin' }, 'mintedBy'],
    ['no archive', { noArchive: true }, 'noArchive'],
    ['a note to nobody', { notify: true }, 'recipient.email'],
    ['a download of two studies', { download: true, resources: [study, { ...study, dicomUid: '1.2.4' }] }, 'download'],
    ['an instant link with a gate', { type: 'viewer-instant-link', gate: { kind: 'pin' } }, 'type'],
  ])('refuses %s, and names the member', (_name, more, field) => refused(() => post(body(more)), [field]));

  it.each(['constructor', '__proto__', 'STONE-viewer-publication', 'stone-viewer-publication ', MARK, '../x'])(
    'refuses the type %s',
    (type) => refused(() => post(body({ type })), undefined, 'unknown-token-type'),
  );

  it.each(['', 'a b', 'k'.repeat(256), 'cl\u00e9'])('refuses the Idempotency-Key "%s"', (key) =>
    refused(() => post(body(), { 'idempotency-key': key }), ['Idempotency-Key']),
  );

  it('never answers 5xx to random JSON, and keeps nothing of what it refuses', async () => {
    const names = fc.constantFrom(
      ...['type', 'resources', 'label', 'recipient', 'reason', 'purposeOfUse', 'language', 'notBefore', 'expiresAt'],
      ...['validityDuration', 'maxOpens', 'gate', 'viewers', 'download', 'noArchive', 'link', 'notify', 'kind', 'pin'],
      ...['name', 'email', 'level', 'dicomUid', 'orthancId', 'constructor', '__proto__x', 'toString'],
    );
    const odd = fc.constantFrom<unknown>(
      ...[NUL, LONE, '', ' ', '..', 1e300, -1, 0.1, -0, 2 ** 64, null, true, 'pin', 'study', 'opaque', 'TREAT'],
      ...['2030-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999-23:59', '482913', 'a@example.org', publication],
    );
    const value = fc.oneof(
      odd,
      fc.jsonValue({ maxDepth: 3 }),
      fc.dictionary(names, odd, { maxKeys: 4 }),
      fc.array(odd),
    );
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, value, { maxKeys: 6 }), fc.boolean(), async (members, good) => {
        const before = await stored();
        const answer = await post(JSON.stringify(good ? body(members) : members));
        if (answer.status === 201) return;
        expectProblem(answer);
        expect(await stored()).toEqual(before);
      }),
      { numRuns: 150, ...bounded },
    );
  }, 20_000);

  it('reads back what it accepted, whatever the texts', async () => {
    const text = (most: number) =>
      fc
        .oneof(
          fc.string({ minLength: 1, maxLength: most, unit: 'grapheme' }),
          fc.constantFrom(
            '<script>alert(1)</script>',
            '"><img src=x onerror=alert(1)>',
            "'; DROP TABLE share;--",
            '患者',
          ),
        )
        // eslint-disable-next-line no-control-regex -- these are refused
        .filter((one) => one.length <= most && one.isWellFormed() && !/[\u0000-\u001f\u007f]/.test(one));
    const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
    const wish = fc.record({
      label: nullable(text(256)),
      reason: nullable(text(500)),
      recipient: nullable(fc.record({ name: text(200), email: fc.constantFrom(null, "o'neil+x@example.org") })),
      purposeOfUse: fc.constantFrom(null, 'TREAT'),
      language: fc.constantFrom(null, 'en', 'pt'),
      maxOpens: nullable(fc.integer({ min: 1, max: 10_000 })),
      expiresAt: fc.integer({ min: 60_000, max: 3e10 }).map((more) => iso(Date.now() + more)),
      notBefore: nullable(fc.integer({ min: 30_000, max: 50_000 }).map((more) => iso(Date.now() + more))),
      download: fc.constant(false),
      link: fc.constantFrom('token', 'opaque'),
      resources: fc.uniqueArray(fc.stringMatching(/^[1-9](\.[1-9][0-9]{0,5}){1,8}$/), { minLength: 1, maxLength: 20 }),
    });
    await fc.assert(
      fc.asyncProperty(wish, async ({ resources: uids, link, ...members }) => {
        const resources = uids.map((dicomUid) => ({ level: 'study', dicomUid, orthancId: null, url: null }));
        const asked = { ...members, resources: resources.map(({ level, dicomUid }) => ({ level, dicomUid })), link };
        const made = await share({ ...asked, validityDuration: null });
        expect(await read(made.share.id)).toEqual(made.share);
        const kind =
          link === 'opaque' ? link : members.maxOpens !== null || members.notBefore !== null ? 'gated-token' : link;
        expect(made.share).toMatchObject({ ...members, resources, link: kind });
      }),
      { numRuns: 60, ...bounded },
    );
  }, 20_000);

  it('shows HTML in names as text: JSON that no browser takes for a page, and a QR code of the link alone', async () => {
    const html = '<script>alert(1)</script>';
    const made = await share({
      label: html,
      reason: html,
      recipient: { name: html },
      gate: { kind: 'pin' },
      link: 'opaque',
    });
    const at = `/api/v1/shares/${made.share.id}`;
    for (const path of [at, `${at}/history`, `${at}/link`, '/api/v1/shares']) {
      const answer = await service.call('GET', path, undefined, sharer);
      const type = answer.headers.get('content-type') ?? '';
      expect([path, answer.status, type]).toEqual([path, 200, expect.stringMatching(/^application\/json/)]);
    }
    const told = await links('inspect', { link: linkOf(made) });
    expect(told.text).not.toContain(html);
    const svg = await service.call('GET', `${at}/qr`, undefined, sharer);
    expect(svg.text).not.toMatch(/script|alert|href|onload/i);
    expect(svg.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(svg.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('leads nowhere else, whatever the ids: a patient’s id ends no query', async () => {
    for (const dicomUid of [
      'P&token=x#',
      '@evil.example/',
      '//evil.example',
      '\\\\evil',
      '%0d%0aLocation: x',
      '?a=b',
    ]) {
      const made = await share({ resources: [{ level: 'patient', dicomUid }], gate: { kind: 'pin', pin: '482913' } });
      expect(new URL(made.url).origin).toBe('https://share.example.org');
      const answer = await exchange(linkOf(made), { secret: '482913' });
      const url = new URL(answer.json.url);
      expect([url.origin, url.pathname]).toEqual(['http://localhost', '/shares/stone-webviewer/index.html']);
      expect([...url.searchParams.keys()]).toEqual(['study', 'selectedStudies', 'token']);
      expect(url.searchParams.get('study')).toBe(dicomUid);
    }
  });

  it.each<[string, object]>([
    ['a token', {}],
    ['a gate', { gate: { kind: 'pin', pin: '482913' } }],
    ['a short link', { link: 'opaque' }],
  ])('as %s is refused where what opens it would be longer than a token may be', async (_name, more) => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        level: 'study',
        dicomUid: `1.2.276.0.7230010.3.1.2.2344313775.14992.1458058363.${1000 + index}`,
        orthancId: `${'0'.repeat(7)}1-11111111-22222222-33333333-${String(index).padStart(8, '0')}`,
      }));
    await refused(() => post(body({ ...more, resources: many(500) })), undefined, 'share-too-large');
    const made = await share({ ...more, resources: many(150) });
    const opened =
      made.share.link === 'token' ? made.token : tokenIn((await exchange(linkOf(made), { secret: '482913' })).json.url);
    expect(await granted(opened, many(150)[149]?.dicomUid)).toBe(true);
  });

  it('by the plugin as a short link is refused where its viewer would be too long', async () => {
    const at = await startTestService({ env: { ...env, SHARE_LINKS: 'opaque' }, database: service.database });
    try {
      const resources = Array.from({ length: 200 }, (_, index) => ({
        level: 'study',
        'dicom-uid': `1.2.276.0.7230010.3.1.2.2344313775.14992.1458058363.${1000 + index}`,
        url: `https://example.org/${'x'.repeat(300)}`,
      }));
      const answer = await at.call('PUT', `/tokens/${publication}`, { id: 'x', resources }, plugin);
      expect([answer.status, answer.json.code]).toEqual([400, 'share-too-large']);
    } finally {
      await at.close();
    }
  });
});

describe('the address of a share', () => {
  it('comes from the settings, whatever host a caller names', async () => {
    const elsewhere = {
      'x-forwarded-host': 'evil.example',
      'x-forwarded-proto': 'javascript',
      forwarded: 'host=evil.example',
    };
    const answer = await post(body({ gate: { kind: 'pin', pin: '482913' }, link: 'opaque' }), elsewhere);
    expect(answer.text + JSON.stringify([...answer.headers])).not.toContain('evil');
    const sent = { link: linkOf(answer.json), secret: '482913', session: session() };
    const opened = await service.call('POST', '/api/v1/links/exchange', sent, { ...landing, ...elsewhere });
    expect(new URL(opened.json.url).origin).toBe('http://localhost');
  });

  it.each(['?format=gif', '?format=', '?format=svg&format=png', '?format[]=svg', '?size=99999'])(
    'is no QR code of %s',
    async (query) => {
      const { share: made } = await share({ link: 'opaque' });
      await refused(
        () => service.call('GET', `/api/v1/shares/${made.id}/qr${query}`, undefined, sharer),
        [query.slice(1).split('=')[0] ?? ''],
      );
    },
  );

  it('is refused as a QR code where it is too long for one', async () => {
    const resources = Array.from({ length: 30 }, (_, index) => ({
      level: 'study',
      dicomUid: `1.2.276.0.7230010.3.1.2.${index}`,
    }));
    const { share: made } = await share({ resources });
    await refused(
      () => service.call('GET', `/api/v1/shares/${made.id}/qr`, undefined, sharer),
      undefined,
      'link-too-long',
    );
  });
});

describe('the same Idempotency-Key', () => {
  it('with another PIN is another request: nobody is told a PIN that does not open', async () => {
    const key = { 'idempotency-key': 'one-pin' };
    const first = await share({ gate: { kind: 'pin', pin: '482913' } }, key);
    expect(await share({ gate: { kind: 'pin', pin: '482913' } }, key)).toMatchObject({ pin: '482913', url: first.url });
    await refused(() => post(body({ gate: { kind: 'pin', pin: '739158' } }), key), undefined, 'idempotency-key-reused');
    await refused(() => post(body({ gate: { kind: 'pin' } }), key), undefined, 'idempotency-key-reused');
    expect((await exchange(linkOf(first), { secret: '482913' })).status).toBe(200);
  });

  it('gives a made PIN again, until it is another one', async () => {
    const key = { 'idempotency-key': 'made-pin' };
    const first = await share({ gate: { kind: 'pin' } }, key);
    expect((await share({ gate: { kind: 'pin' } }, key)).pin).toBe(first.pin);
    expect((await patch(first.share.id, { gate: { kind: 'pin', pin: '739158' } })).status).toBe(200);
    const later = await share({ gate: { kind: 'pin' } }, key);
    expect([later.share.id, later.pin]).toEqual([first.share.id, null]);
  });

  it('of another sharer is another key', async () => {
    const key = { 'idempotency-key': 'mine' };
    const [first, second] = [await share({}, key), await post(body(), { ...other, ...key })];
    expect(second.status).toBe(201);
    expect(second.json.share.id).not.toBe(first.share.id);
  });
});

describe('changing a share', () => {
  it.each<[string, object, string]>([
    ['an end in the past', { expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['an end beyond what is allowed', { expiresAt: '9999-12-31T23:59:59Z' }, 'expiresAt'],
    ['a begin in the past', { notBefore: '2020-01-01T00:00:00Z' }, 'notBefore'],
    ['a begin behind the end', { notBefore: '2099-01-01T00:00:00Z' }, 'notBefore'],
    ['negative openings', { maxOpens: -1 }, 'maxOpens'],
    ['a weak PIN', { gate: { kind: 'pin', pin: '000000' } }, 'gate.pin'],
    ['a code without an address', { gate: { kind: 'email-code' } }, 'recipient.email'],
    ['other resources', { resources: [study] }, 'resources'],
    ['another type', { type: 'ohif-viewer-publication' }, 'type'],
    ['another owner', { mintedBy: MARK }, 'mintedBy'],
    ['a reason that rules a terminal', { reason: `\u001b[2J${MARK}` }, 'reason'],
    ['a header in a name', { recipient: { name: 'A\r\nBcc: x' } }, 'recipient.name'],
    ['another kind of link', { link: 'token' }, 'link'],
  ])('refuses %s, and names the member', async (_name, change, field) => {
    for (const link of ['token', 'opaque']) {
      const { share: made } = await share({ link });
      await refused(() => patch(made.id, change), [field]);
    }
  });

  it.each(['W/"1"', '"1", "2"', '1', "'1'", '""', '"01"', '"-1"', '"1" ,', '"9999999999999999"', 'x'.repeat(5_000)])(
    'refuses If-Match: %s',
    async (match) => {
      const { share: made } = await share();
      await refused(() => patch(made.id, { reason: 'why' }, { 'if-match': match }), ['If-Match']);
    },
  );

  it('answers an id that is none, and one of somebody else, like that of a share that is not there', async () => {
    const { share: foreignShare } = (await post(body(), other)).json;
    for (const id of ['1', MARK, '%00', '..%2f', unknownShare, `${unknownShare}x`, foreignShare.id]) {
      const at = `/api/v1/shares/${id}`;
      for (const [method, path, sent] of [
        ['PATCH', at, { reason: 'why' }],
        ['POST', `${at}/unlock`, undefined],
        ['GET', `${at}/link`, undefined],
        ['GET', `${at}/qr`, undefined],
        ['GET', `${at}/history`, undefined],
        ['GET', `${at}/studies`, undefined],
        ['POST', `${at}/revoke`, { reason: 'why' }],
      ] as const)
        await refused(() => service.call(method, path, sent, sharer), undefined, 'share-not-found');
    }
  });

  it('never answers 5xx to random JSON, and keeps nothing of what it refuses', async () => {
    const { share: made } = await share({ link: 'opaque' });
    const names = fc.constantFrom(
      ...['recipient', 'reason', 'purposeOfUse', 'language', 'notBefore', 'expiresAt', 'maxOpens', 'gate', 'toString'],
    );
    const odd = fc.constantFrom<unknown>(
      ...[
        NUL,
        LONE,
        '',
        1e300,
        -1,
        0.1,
        5,
        null,
        true,
        {},
        [],
        { kind: 'pin' },
        { kind: 'pin', pin: '1' },
        'TREAT',
        'fr',
      ],
      ...['2030-01-01T00:00:00Z', '9999-12-31T23:59:59.999999999-23:59', { name: 'A' }, { email: 'a@example.org' }],
    );
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(names, fc.oneof({ weight: 4, arbitrary: odd }, { weight: 1, arbitrary: fc.jsonValue() }), {
          maxKeys: 4,
        }),
        async (change) => {
          const before = await stored();
          const answer = await patch(made.id, JSON.stringify(change));
          if (answer.status === 200) {
            expect(await read(made.id)).toEqual(answer.json.share);
            return;
          }
          expectProblem(answer);
          expect(await stored()).toEqual(before);
        },
      ),
      { numRuns: 120, ...bounded },
    );
  }, 20_000);

  it('loses none of several changes that come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const { share: made } = await share({ link: 'opaque' });
      const changes = {
        reason: 'why',
        maxOpens: 5,
        language: 'fr',
        purposeOfUse: 'TREAT',
        recipient: { name: 'A', email: null },
      };
      const answers = await Promise.all(
        Object.entries(changes).map(([name, value]) => patch(made.id, { [name]: value })),
      );
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
      expect(await read(made.id)).toMatchObject(changes);
    }
  });

  it('made shorter, then longer than it ever was, is good as long as it says', async () => {
    for (const longer of [iso(Date.now() + 7_200_000), null]) {
      const { share: made, url } = await share({ link: 'opaque' });
      const soon = Date.now() + 60_000;
      expect((await patch(made.id, { expiresAt: iso(soon) })).status).toBe(200);
      expect((await patch(made.id, { expiresAt: longer })).json.share.expiresAt).toBe(longer);
      clock.held = soon + 1_000;
      const { json } = await exchange(linkOf({ url }));
      expect(await granted(tokenIn(json.url))).toBe(true);
      clock.held = null;
    }
  });

  it('made shorter, then without an end again, is good for ever', async () => {
    const made = await share({ validityDuration: null });
    expect(made.share.expiresAt).toBeNull();
    const soon = Date.now() + 60_000;
    expect((await patch(made.share.id, { expiresAt: iso(soon) })).status).toBe(200);
    expect((await patch(made.share.id, { expiresAt: null })).json.share.expiresAt).toBeNull();
    clock.held = soon + 1_000;
    expect(await granted(made.token)).toBe(true);
  });

  it('to end before it begins is refused', async () => {
    const { share: made } = await share({ notBefore: iso(Date.now() + 1_800_000) });
    await refused(() => patch(made.id, { expiresAt: iso(Date.now() + 60_000) }), ['notBefore']);
  });

  it('leaves no e-mailed code without an address', async () => {
    const { share: made } = await share({ gate: { kind: 'email-code' }, recipient: { email: 'jane@example.org' } });
    for (const recipient of [null, {}, { name: 'Jane' }])
      await refused(() => patch(made.id, { recipient }), ['recipient.email']);
    expect((await patch(made.id, { recipient: null, gate: { kind: 'pin' } })).status).toBe(200);
  });

  it('takes back a code that went to somebody who is not the recipient any more', async () => {
    const created = await share({ gate: { kind: 'email-code' }, recipient: { email: 'wrong@example.org' } });
    const before = smtp.received.length;
    await links('send-code', { link: linkOf(created) });
    const end = Date.now() + 10_000;
    while (smtp.received.length === before && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    const code = /^\s+(\d{6})\s*$/m.exec(partOf(smtp.received.at(-1) as ReceivedMail, 'text/plain'))?.[1];
    expect(code).toMatch(/^\d{6}$/);
    expect((await patch(created.share.id, { recipient: { email: 'jane@example.org' } })).status).toBe(200);
    expect((await exchange(linkOf(created), { secret: code })).json.code).toBe('gate-refused');
  });

  it('to a fresh PIN gives another one, and the old one opens nothing', async () => {
    const created = await share({ gate: { kind: 'pin' } });
    const { json } = await patch(created.share.id, { gate: { kind: 'pin' } });
    expect(json.pin).toMatch(/^\d{6}$/);
    expect(json.pin).not.toBe(created.pin);
    expect((await exchange(linkOf(created), { secret: created.pin })).status).toBe(403);
    expect((await exchange(linkOf(created), { secret: json.pin })).status).toBe(200);
  });

  it('locked by wrong codes is still locked', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    for (let count = 0; count < 3; count++) await exchange(linkOf(created), { secret: '000001' });
    await client.query('UPDATE gate_attempt SET blocked_until = NULL');
    expect((await patch(created.share.id, { maxOpens: 5 })).json.share).toMatchObject({
      state: 'closed',
      closedBy: 'locked',
    });
    expect((await exchange(linkOf(created), { secret: '482913' })).json.code).toBe('share-locked');
  });
});

describe('the share policy at a change', () => {
  const policy = async (...rules: object[]) => {
    const written = { policy: { overLimit: 'refuse', rules } };
    const answer = await service.call('PUT', '/api/v1/share-policy', written, admin);
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
  };
  const everyone = { roles: ['*'], types: ['*'] };
  afterEach(() => policy());

  it('lets no link live for ever, not even where there is a life by default', async () => {
    const { share: made } = await share({ link: 'opaque' });
    await policy({ ...everyone, maxLife: 86_400, defaultLife: 7_200 });
    const { status, json } = await patch(made.id, { expiresAt: null });
    expect([status, json.share.expiresAt]).not.toEqual([200, null]);
    const { expiresAt } = await read(made.id);
    expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + 7_200_000);
    await policy({ ...everyone, maxLife: 86_400 });
    await refused(() => patch(made.id, { expiresAt: null }), ['expiresAt']);
    await refused(() => patch(made.id, { expiresAt: iso(Date.now() + 86_500_000) }), ['expiresAt']);
  });

  it('keeps the gate and the reason that it asks for', async () => {
    await policy({ ...everyone, gates: ['pin'], reasonRequired: true });
    const gate = { kind: 'pin', pin: '482913' };
    for (const link of ['token', 'opaque']) {
      const { share: made } = await share({ gate, reason: 'why', link });
      await refused(() => patch(made.id, { gate: null }), ['gate']);
      await refused(() => patch(made.id, { reason: null }), ['reason']);
      await refused(
        () => patch(made.id, { gate: { kind: 'email-code' }, recipient: { email: 'a@example.org' } }),
        ['gate'],
      );
    }
  });

  it('is never half written, whatever JSON it is', async () => {
    const names = fc.constantFrom(
      'roles',
      'types',
      'mint',
      'maxLife',
      'defaultLife',
      'withoutExpiry',
      'gates',
      'viewers',
      'toString',
    );
    const odd = fc.constantFrom<unknown>(
      ...[['*'], ['*', 'a'], [NUL], [LONE], [], 'x', -1, 0, 0.5, 1e300, null, true, ['pin'], [MARK], { a: 1 }],
    );
    const rule = fc.dictionary(names, odd, { maxKeys: 5 }).map((more) => ({ ...everyone, ...more }));
    const document = fc.oneof(
      fc.record({
        overLimit: fc.constantFrom<unknown>('clamp', 'refuse', MARK, 5),
        rules: fc.array(rule, { maxLength: 3 }),
      }),
      fc.jsonValue(),
    );
    const match = fc.constantFrom<Record<string, string>>(
      {},
      { 'if-match': 'W/"1"' },
      { 'if-match': '"1", "2"' },
      { 'if-match': '"999999"' },
    );
    await fc.assert(
      fc.asyncProperty(document, match, async (written, headers) => {
        const before = await stored();
        const answer = await service.call('PUT', '/api/v1/share-policy', { policy: written }, { ...admin, ...headers });
        if (answer.status === 200) {
          const { json } = await service.call('GET', '/api/v1/share-policy', undefined, admin);
          expect(json).toEqual(answer.json);
          return;
        }
        expectProblem(answer);
        expect(await stored()).toEqual(before);
      }),
      { numRuns: 100, ...bounded },
    );
    for (const caller of [sharer, plugin, landing])
      await refused(
        () => service.call('PUT', '/api/v1/share-policy', { policy: { rules: [] } }, caller),
        undefined,
        'not-allowed',
      );
  }, 20_000);

  it('makes nobody an owner of what a landing or the plugin asks', async () => {
    const { share: made } = await share();
    for (const [caller, code] of [
      [landing, 'not-allowed'],
      [plugin, 'not-allowed'],
    ] as const)
      await refused(() => patch(made.id, { reason: 'x' }, caller), undefined, code);
  });
});

describe('a link of which somebody asks', () => {
  const badLinks = ['', NUL, `a${NUL}`, LONE, 5, null, ['x'], {}, 'x'.repeat(65_537)];

  it.each(['inspect', 'send-code', 'exchange'])('%s refuses what is no text, and names it', async (what) => {
    for (const link of badLinks)
      await refused(() => links(what, { link, ...(what === 'exchange' ? { session: session() } : {}) }), ['link']);
  });

  it.each<[string, object, string]>([
    ['no session', { session: undefined }, 'session'],
    ['a session of 21 characters', { session: 'x'.repeat(21) }, 'session'],
    ['a session of 129 characters', { session: 'x'.repeat(129) }, 'session'],
    ['a session in a list', { session: [session()] }, 'session'],
    ['a session with a NUL', { session: NUL.repeat(30) }, 'session'],
    ['a PIN of 10,000 characters', { secret: '4'.repeat(10_000) }, 'secret'],
    ['a PIN that is a number', { secret: 482913 }, 'secret'],
    ['a PIN with half a character', { secret: LONE }, 'secret'],
    ['a viewer of 65 characters', { viewer: 'x'.repeat(65) }, 'viewer'],
    ['an address of 101 characters', { address: '1'.repeat(101) }, 'address'],
    ['an address that is a list', { address: ['203.0.113.7'] }, 'address'],
    ['an over-long browser', { userAgent: 'x'.repeat(513) }, 'userAgent'],
    ['a redirect', { redirect: `https://${MARK}.example` }, 'redirect'],
    ['resources', { resources: [study] }, 'resources'],
  ])('exchange refuses %s before anything is counted', async (_name, more, field) => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    await refused(() => exchange(linkOf(created), { secret: '482913', ...more }), [field]);
  });

  it('exchange takes full-width digits and blanks for the PIN, and nothing that only looks like it', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    for (const secret of ['４８２９１３', ' 482 913 ', '482-913', '4.8.2.9.1.3', '\u00a0482\u2003913'])
      expect([secret, (await exchange(linkOf(created), { secret })).status]).toEqual([secret, 200]);
    for (const secret of ['٤٨٢٩١٣', '0482913', '482913x', '48291', '', null, '-', '4829130']) {
      await client.query('DELETE FROM gate_attempt');
      expect([secret, (await exchange(linkOf(created), { secret })).json.code]).toEqual([secret, 'gate-refused']);
    }
  });

  it('never answers 5xx to random JSON', async () => {
    const link = linkOf(await share({ link: 'opaque' }));
    const names = fc.constantFrom('link', 'secret', 'viewer', 'session', 'address', 'userAgent', 'toString', 'x');
    const odd = fc.constantFrom<unknown>(
      link,
      `Bearer ${link}`,
      session(),
      NUL,
      LONE,
      '',
      5,
      null,
      true,
      '::1%',
      '...',
      'download',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('inspect', 'send-code', 'exchange'),
        fc.dictionary(names, fc.oneof(odd, fc.jsonValue(), fc.string({ unit: 'binary' })), { maxKeys: 6 }),
        async (what, members) => {
          const answer = await links(what, members);
          if (answer.status >= 300) expectProblem(answer);
        },
      ),
      { numRuns: 150, ...bounded },
    );
  }, 20_000);

  it('is the same link however it is written: attempts are counted together', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' }, link: 'opaque' });
    const handle = linkOf(created);
    const spellings = [
      handle,
      ` ${handle}\n`,
      `Bearer ${handle}`,
      created.token,
      `${created.token}=`,
      `bearer  ${created.token}`,
    ];
    for (const [index, link] of spellings.entries()) {
      await client.query('UPDATE gate_attempt SET blocked_until = NULL');
      const { json } = await exchange(link, { secret: '000001' });
      expect([link, json.code]).toEqual([link, index < 3 ? 'gate-refused' : 'share-locked']);
    }
  });

  it('leaves nothing in the table of attempts where nothing was judged', async () => {
    await client.query('DELETE FROM gate_attempt');
    const strangers = Array.from({ length: 80 }, () =>
      exchange(randomBytes(16).toString('base64url'), { secret: '1' }),
    );
    const answers = await Promise.all(strangers);
    const judged = answers.filter(({ status }) => status === 403).length;
    expect(answers.some(({ json }) => json.code === 'gates-busy')).toBe(true);
    const { rows } = await client.query('SELECT count(*)::int AS count FROM gate_attempt');
    expect(rows[0].count).toBe(judged);
  });

  it('that its own viewer could not open is not made', async () => {
    const orthancId = '11111111-22222222-33333333-44444444-55555555';
    const lacking = body({ resources: [{ level: 'study', orthancId }], maxOpens: 1 });
    await refused(() => post(lacking), ['resources']);
    const volview = await share({ ...lacking, type: 'volview-viewer-publication' });
    expect((await exchange(linkOf(volview))).status).toBe(200);
  });

  it('tells whoever has no landing’s credential nothing', async () => {
    const link = linkOf(await share({ link: 'opaque' }));
    for (const what of ['send-code', 'exchange']) {
      for (const caller of [sharer, plugin])
        await refused(
          () => service.call('POST', `/api/v1/links/${what}`, { link, session: session() }, caller),
          undefined,
          'not-allowed',
        );
    }
  });
});

describe('at the very second', () => {
  it('of its end a share is over everywhere, and a millisecond before it is not', async () => {
    for (const more of [{ link: 'opaque' }, { gate: { kind: 'pin', pin: '482913' } }, {}]) {
      const created = await share(more);
      const end = Date.parse(created.share.expiresAt);
      const link = linkOf(created);
      const key = created.share.link === 'token';
      clock.held = end - 1;
      expect(await inspect(link)).toMatchObject({ state: 'live' });
      let viewer = '';
      if (!key) {
        const opened = await exchange(link, { secret: '482913' });
        expect([opened.status, opened.json.expiresAt]).toEqual([200, created.share.expiresAt]);
        viewer = tokenIn(opened.json.url);
      }
      expect(await granted(key ? created.token : viewer)).toBe(true);
      expect((await read(created.share.id)).state).toBe('live');
      expect((await patch(created.share.id, { language: 'fr' })).status).toBe(200);
      clock.held = end;
      expect(await inspect(link)).toMatchObject({ state: 'expired', opening: null, viewers: [] });
      if (!key) expect((await exchange(link, { secret: '482913' })).json.code).toBe('share-expired');
      expect(await granted(key ? created.token : viewer)).toBe(false);
      expect((await read(created.share.id)).state).toBe('expired');
      expect((await patch(created.share.id, { language: 'de' })).json.code).toBe('share-over');
      expect((await service.call('GET', `/api/v1/shares/${created.share.id}/link`, undefined, sharer)).json.code).toBe(
        'share-over',
      );
      clock.held = null;
    }
  });

  it('of an end that was brought forward the key is none any more', async () => {
    const created = await share();
    const end = Date.now() + 60_000;
    expect((await patch(created.share.id, { expiresAt: iso(end) })).status).toBe(200);
    clock.held = end - 1;
    expect(await granted(created.token)).toBe(true);
    clock.held = end;
    expect([await granted(created.token), (await inspect(created.token)).state]).toEqual([false, 'expired']);
  });

  it('of its begin a share opens, and not a millisecond before', async () => {
    const notBefore = Math.floor(Date.now() / 1000) * 1000 + 600_123;
    const created = await share({ notBefore: iso(notBefore) });
    clock.held = notBefore - 1;
    expect(await inspect(linkOf(created))).toMatchObject({ state: 'scheduled', opensAt: iso(notBefore) });
    expect((await exchange(linkOf(created))).json.code).toBe('share-scheduled');
    clock.held = notBefore;
    expect(await inspect(linkOf(created))).toMatchObject({ state: 'live', opening: 'confirm' });
    expect((await exchange(linkOf(created))).status).toBe(200);
  });

  it('at which it is asked for an end or a begin may not lie there', async () => {
    clock.held = Date.now();
    const at = iso(clock.held);
    await refused(() => post(body({ validityDuration: null, expiresAt: at })), ['expiresAt']);
    await refused(() => post(body({ notBefore: at })), ['notBefore']);
    const next = await share({ validityDuration: null, expiresAt: iso(clock.held + 1) });
    expect(next.share.state).toBe('live');
    expect((await patch(next.share.id, { expiresAt: at })).json.errors[0].field).toBe('expiresAt');
  });

  it('after an hour a viewer is none any more, and its link opens another', async () => {
    const created = await share({ validityDuration: 86_400, link: 'opaque' });
    clock.held = Date.now();
    const begun = clock.held;
    const viewer = tokenIn((await exchange(linkOf(created))).json.url);
    clock.held = begun + 3_599_999;
    expect(await granted(viewer)).toBe(true);
    clock.held = begun + 3_600_000;
    expect([await granted(viewer), (await inspect(viewer)).state]).toEqual([false, 'viewer-expired']);
    expect((await exchange(linkOf(created))).status).toBe(200);
  });
});

describe('the last use', () => {
  it('is for one of two that come at once', async () => {
    for (let round = 0; round < 5; round++) {
      const created = await share({ maxOpens: 1, link: round % 2 === 0 ? 'opaque' : 'token' });
      const codes = await Promise.all([exchange(linkOf(created)), exchange(linkOf(created))]);
      expect(codes.map(({ status }) => status).sort()).toEqual([200, 410]);
      expect((await read(created.share.id)).opens).toBe(1);
    }
  });

  it('is never more than the limit, though it is made smaller meanwhile', async () => {
    for (let round = 0; round < 3; round++) {
      const created = await share({ maxOpens: 5, link: 'opaque' });
      const [changed, ...opened] = await Promise.all([
        patch(created.share.id, { maxOpens: 2 }),
        ...Array.from({ length: 8 }, () => exchange(linkOf(created))),
      ]);
      const { opens, maxOpens } = await read(created.share.id);
      expect(opened.filter(({ status }) => status === 200)).toHaveLength(opens);
      if (changed?.status === 200) expect([opens, maxOpens]).toEqual([2, 2]);
      else expect([changed?.status, opens]).toEqual([400, 5]);
    }
  });

  it('raced by the end of the share leaves nobody in', async () => {
    for (let round = 0; round < 5; round++) {
      const created = await share({ maxOpens: 1, gate: { kind: 'pin', pin: '482913' } });
      const [opened, ended] = await Promise.all([
        exchange(linkOf(created), { secret: '482913' }),
        service.call('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'race' }, sharer),
      ]);
      expect(ended.status).toBe(200);
      if (opened.status === 200) expect(await granted(tokenIn(opened.json.url))).toBe(false);
      else expect(opened.json.code).toBe('share-revoked');
      expect((await exchange(linkOf(created), { secret: '482913' })).json.code).toBe('share-revoked');
    }
  });

  it('is counted by the session: one of another share does not count here', async () => {
    const mine = session();
    const [first, second] = [await share({ maxOpens: 1 }), await share({ maxOpens: 1 })];
    expect((await exchange(linkOf(first), { session: mine })).status).toBe(200);
    expect((await exchange(linkOf(second), { session: session() })).status).toBe(200);
    expect((await exchange(linkOf(second), { session: mine })).json.code).toBe('share-used-up');
    expect((await exchange(linkOf(first), { session: mine })).status).toBe(200);
  });
});

describe('a token of another minter with our key', () => {
  it('that is gated opens nothing, whatever resources it carries', async () => {
    const token = signed(foreign({ gated: true }));
    expect(await granted(token)).toBe(false);
    const decoded = (await service.call('POST', '/tokens/decode', { 'token-value': token })).json;
    expect(decoded).toMatchObject({ 'redirect-url': null, resources: [] });
    expect(await inspect(token)).toMatchObject({ state: 'invalid', viewers: [] });
    expect((await exchange(token)).json.code).toBe('gate-refused');
    for (const gated of ['true', 1, null, 'no', []]) {
      const odd = signed(foreign({ gated }));
      expect([gated, await granted(odd)]).toEqual([gated, gated === null]);
    }
  });

  it('that names a share as its parent ends with it', async () => {
    const created = await share({ link: 'opaque' });
    const parent = created.share.fingerprint;
    const viewer = signed(foreign({ parent, parent_iat: Math.floor(Date.now() / 1000) }));
    expect(await granted(viewer)).toBe(true);
    const ahead = signed(foreign({ parent, parent_iat: 99_999_999_999 }));
    expect(await granted(ahead)).toBe(true);
    await service.call('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'x' }, sharer);
    expect([await granted(viewer), await granted(ahead)]).toEqual([false, false]);
    expect((await exchange(viewer)).json.code).toBe('gate-refused');
  });

  it.each<[string, object]>([
    ['no time', { parent: 'A'.repeat(22) }],
    ['no parent', { parent_iat: 1 }],
    ['a parent that is no name', { parent: '../x', parent_iat: 1 }],
    ['a time in quotes', { parent: 'A'.repeat(22), parent_iat: '1' }],
    ['a time beyond all dates', { parent: 'A'.repeat(22), parent_iat: 1e300 }],
  ])('that has %s for a viewer’s is no token', async (_name, more) => {
    expect(await granted(signed(foreign(more)))).toBe(false);
  });

  it('that takes the place of a gated share’s token opens nothing without the gate', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const claims = JSON.parse(Buffer.from(created.token.split('.')[1], 'base64url').toString());
    const forged = signed({ ...claims, ...foreign({ jti: claims.jti, gated: true }) }, { kid: kidOf(created.token) });
    expect(await granted(forged)).toBe(false);
    expect((await exchange(forged, { secret: '000001' })).json.code).toBe('gate-refused');
  });
});

describe('after the key was changed', () => {
  it('a viewer is judged by its share, and is no share of its own', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const ended = await share({ link: 'opaque' });
    const viewer = tokenIn((await exchange(linkOf(created), { secret: '482913' })).json.url);
    const dead = tokenIn((await exchange(linkOf(ended))).json.url);
    const until = Date.now() + 1_800_000;
    const rotated = await startTestService({
      env: {
        ...env,
        SECRET_KEY: 'TEST-ONLY-another-key-not-for-production-0123456789',
        SECRET_KEYS_PREVIOUS: JSON.stringify([
          { key: plainSettings.SECRET_KEY, until: iso(until), 'registered-only': true },
        ]),
      },
      database: service.database,
      clock,
    });
    try {
      const shares = async () => (await client.query('SELECT count(*)::int AS count FROM share')).rows[0].count;
      const before = await shares();
      expect([await granted(viewer, '1.2.3', rotated), await granted(dead, '1.2.3', rotated)]).toEqual([true, true]);
      // One whose share nobody knows has no standing.
      const parent = randomBytes(16).toString('base64url');
      expect(await granted(signed(foreign({ parent, parent_iat: 1 })), '1.2.3', rotated)).toBe(false);
      const end = await rotated.call('POST', `/api/v1/shares/${ended.share.id}/revoke`, { reason: 'x' }, sharer);
      expect(end.status).toBe(200);
      expect(await granted(dead, '1.2.3', rotated)).toBe(false);
      // The PIN goes on being good, and the viewer is no longer good than the key of its share.
      const again = await exchange(linkOf(created), { secret: '482913' }, rotated);
      expect(again.status).toBe(200);
      expect(Date.parse(again.json.expiresAt)).toBeLessThanOrEqual(until);
      expect(await granted(tokenIn(again.json.url), '1.2.3', rotated)).toBe(true);
      expect(await shares()).toBe(before);
      clock.held = until;
      expect(await granted(viewer, '1.2.3', rotated)).toBe(false);
      expect(await granted(tokenIn(again.json.url), '1.2.3', rotated)).toBe(false);
      expect((await exchange(linkOf(created), { secret: '482913' }, rotated)).json.code).toBe('gate-refused');
    } finally {
      await rotated.close();
    }
  });
});

describe('with SHARE_LINKS=opaque', () => {
  it('the plugin’s answer holds no key but a short link, the same for the same key', async () => {
    const at = await startTestService({ env: { ...env, SHARE_LINKS: 'opaque' }, database: service.database });
    try {
      const mint = () =>
        at.call(
          'PUT',
          `/tokens/${publication}`,
          { id: 'short', resources: [{ level: 'study', 'dicom-uid': '1.2.3' }], 'validity-duration': 3600 },
          { ...plugin, 'idempotency-key': 'short' },
        );
      const [first, second] = [(await mint()).json, (await mint()).json];
      expect(first.url).toMatch(/^https:\/\/share\.example\.org\/s\/[A-Za-z0-9_-]{22}$/);
      expect([second.url, second.token]).toEqual([first.url, first.token]);
      expect(await granted(first.token, '1.2.3', at)).toBe(false);
      expect(Buffer.from(first.token.split('.')[1], 'base64url').toString()).not.toContain('1.2.3');
      const opened = await exchange(linkOf(first), {}, at);
      expect(await granted(tokenIn(opened.json.url), '1.2.3', at)).toBe(true);
      // A type that opens by itself stays a token.
      const instant = await at.call('PUT', '/tokens/viewer-instant-link', {
        resources: [{ level: 'study', 'dicom-uid': '1.2.3' }],
      });
      expect(await granted(instant.json.token, '1.2.3', at)).toBe(true);
    } finally {
      await at.close();
    }
  });
});

describe('a gate', () => {
  const gate = { kind: 'pin', pin: '482913' };

  it('is before every route that a holder of the link can ask', async () => {
    for (const link of ['token', 'opaque']) {
      const created = await share({ gate, link, label: 'Jane Doe' });
      for (const text of [created.token, `${created.token}=`, linkOf(created)]) {
        expect(await granted(text)).toBe(false);
        const asked = { method: 'get', level: 'study', 'dicom-uid': '1.2.3', 'token-value': `Bearer ${text}` };
        expect((await service.call('POST', '/tokens/validate/', asked)).json.granted).toBe(false);
        const profile = await service.call('POST', '/user/get-profile', { 'token-key': 'token', 'token-value': text });
        expect(profile.json.permissions).toEqual([]);
        const told = [
          await service.call('POST', '/tokens/decode', { 'token-key': 'token', 'token-value': text }),
          await service.call(
            'POST',
            '/auth/tokens/decode',
            { TokenKey: 'token', TokenValue: text },
            { authorization: '' },
          ),
          await links('inspect', { link: text }),
          await links('exchange', { link: text, session: session(), viewer: publication }),
        ];
        expect(told.map(({ status }) => status)).toEqual([200, 200, 200, 403]);
        for (const { text: answer } of told)
          for (const secret of ['1.2.3', 'Jane Doe', 'localhost'])
            expect([answer, answer.includes(secret)]).toEqual([answer, false]);
        const explained = await service.call(
          'POST',
          '/api/v1/explain',
          { subject: { token: text }, resource: { level: 'study', dicomUid: '1.2.3' }, method: 'get' },
          admin,
        );
        if (explained.status === 200) expect(explained.json.granted).toBe(false);
        else expectProblem(explained);
        await client.query('DELETE FROM gate_attempt');
      }
    }
  });

  it('judges no more secrets than there may be wrong ones, however busy it is', async () => {
    await client.query('DELETE FROM gate_attempt');
    const link = linkOf(await share({ gate }));
    const codes: string[] = [];
    for (let round = 0; round < 2; round++) {
      const strangers = Array.from({ length: 30 }, () =>
        exchange(randomBytes(16).toString('base64url'), { secret: '1' }),
      );
      const guesses = Array.from({ length: 30 }, (_, index) => exchange(link, { secret: String(100_000 + index) }));
      codes.push(...(await Promise.all(guesses)).map(({ json }) => json.code));
      await Promise.all(strangers);
    }
    expect(codes.filter((code) => code === 'gate-refused').length).toBeLessThanOrEqual(3);
    expect(codes.every((code) => /^(gate-refused|gates-busy|share-locked|too-many-attempts)$/.test(code))).toBe(true);
  }, 20_000);
});

describe('a share whose images its sharer may not see any more', () => {
  it('is not made longer, and goes on being his to shorten', async () => {
    const orthanc = await startOrthanc();
    orthanc.add({ uid: '1.2.3', labels: ['A'], patientId: 'P1' });
    const at = await startTestService({ env: { ...env, ...orthanc.settings() }, database: service.database });
    try {
      const owner = { kind: 'service', name: 'ris' };
      const wanted = { name: 'ris', owner, permissions: ['share'], labels: ['A'] };
      const { key } = (await at.call('POST', '/api/v1/api-keys', wanted, admin)).json;
      const ris = { authorization: '', 'api-key': key as string };
      const [longer, shorter] = [iso(Date.now() + 7_200_000), iso(Date.now() + 60_000)];
      const { share: opaque } = await share({ link: 'opaque' }, ris, at);
      const { share: token } = await share({}, ris, at);
      expect((await patch(opaque.id, { expiresAt: iso(Date.now() + 3_700_000) }, ris, at)).status).toBe(200);
      orthanc.add({ uid: '1.2.3', labels: ['B'], patientId: 'P1' });
      for (const { id } of [opaque, token]) {
        await refused(() => patch(id, { expiresAt: longer }, ris, at), undefined, 'study-not-found');
        expect((await patch(id, { expiresAt: shorter }, ris, at)).status).toBe(200);
      }
    } finally {
      await at.close();
      await orthanc.stop();
    }
  });
});

describe('unlocking', () => {
  it('is nobody else’s, and forgets the attempts', async () => {
    const created = await share({ gate: { kind: 'pin', pin: '482913' } });
    const unlock = (caller: { authorization: string }) =>
      service.call('POST', `/api/v1/shares/${created.share.id}/unlock`, undefined, caller);
    for (let count = 0; count < 3; count++) await exchange(linkOf(created), { secret: '000001' });
    await client.query('UPDATE gate_attempt SET blocked_until = NULL');
    expect((await exchange(linkOf(created), { secret: '482913' })).json.code).toBe('share-locked');
    await refused(() => unlock(other), undefined, 'share-not-found');
    for (const caller of [plugin, landing]) await refused(() => unlock(caller), undefined, 'not-allowed');
    expect((await unlock(admin)).json).toMatchObject({ state: 'live', lockedAt: null });
    expect((await exchange(linkOf(created), { secret: '482913' })).status).toBe(200);
  });
});

describe('listing and ending many', () => {
  it.each([
    ['state', '?state=open'],
    ['state', '?state='],
    ['state', '?state=live&state=closed'],
    ['images', '?images=all'],
    ['recipient', '?recipient='],
    ['recipient', `?recipient=${'x'.repeat(255)}`],
    ['recipient', '?recipient=%00'],
    ['recipient', '?recipient=a&recipient=b'],
    ['recipient[]', '?recipient[]=a'],
    ['gate', '?gate=pin'],
  ])('refuses %s in %s', (field, query) =>
    refused(() => service.call('GET', `/api/v1/shares${query}`, undefined, sharer), [field]),
  );

  it.each<[string, object]>([
    ['recipient', { recipient: '' }],
    ['recipient', { recipient: null }],
    ['recipient', { recipient: ['a@example.org'] }],
    ['recipient', { recipient: 'x'.repeat(255) }],
    ['recipient', { recipient: 'a@example.org', studyLabel: 'x' }],
  ])('refuses to end by %s %j', (field, more) =>
    refused(() => service.call('POST', '/api/v1/shares/revoke', { reason: 'x', ...more }, admin), [field]),
  );

  it('takes a recipient that looks like a pattern or like SQL for the text that it is', async () => {
    await share({ recipient: { email: 'jane@example.org', name: 'Jane' } });
    for (const recipient of ['%', '_ane@example.org', "' OR 1=1 --", '%@example.org', '*', 'Jan_'])
      expect(
        (await service.call('GET', `/api/v1/shares?recipient=${encodeURIComponent(recipient)}`, undefined, admin)).json
          .items,
      ).toEqual([]);
    const ended = { reason: 'x', recipient: '%@example.org', dryRun: true };
    expect((await service.call('POST', '/api/v1/shares/revoke', ended, admin)).json.revoked).toBe(0);
  });

  it('gives each share once in the pages of its own state, whatever the page', async () => {
    const recipient = { name: 'Pages' };
    const made: string[] = [];
    for (let index = 0; index < 15; index++) {
      const more = [
        {},
        { notBefore: iso(Date.now() + 900_000) },
        { maxOpens: 1 },
        { link: 'opaque' },
        { gate: { kind: 'pin', pin: '482913' } },
      ][index % 5];
      const created = await share({ recipient, ...more });
      made.push(created.share.id);
      if (index % 5 === 2) await exchange(linkOf(created));
      if (index % 5 === 3)
        await service.call('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'x' }, sharer);
    }
    const seen: string[] = [];
    for (const state of ['scheduled', 'live', 'closed', 'expired', 'revoked']) {
      for (const sort of ['-mintedAt', 'mintedAt']) {
        const ids: string[] = [];
        let cursor = '';
        do {
          const { json } = await service.call(
            'GET',
            `/api/v1/shares?recipient=Pages&state=${state}&limit=2&sort=${sort}${cursor}`,
            undefined,
            sharer,
          );
          for (const item of json.items) {
            expect(item.state).toBe(state);
            ids.push(item.id);
          }
          cursor = json.next === null ? '' : `&cursor=${json.next}`;
        } while (cursor !== '');
        expect(new Set(ids).size).toBe(ids.length);
        const expected = made.filter((id) => ids.includes(id));
        expect(ids).toEqual(sort === 'mintedAt' ? expected : expected.reverse());
        if (sort === 'mintedAt') seen.push(...ids);
      }
    }
    expect(seen.sort()).toEqual([...made].sort());
    const { json } = await service.call('GET', '/api/v1/shares?recipient=Pages', undefined, other);
    expect(json.items).toEqual([]);
  });
});

describe('what is kept', () => {
  it('holds no PIN, no code, no link and no session: neither the database nor the log', async () => {
    const mine = session();
    // Six digits come by chance: the database is full of random bytes, written in hexadecimal digits.
    const [pin, wrong, next] = ['918273564738', '564738291829', '827364554637'];
    const created = await share({ gate: { kind: 'pin', pin }, link: 'opaque' }, { 'idempotency-key': 'kept' });
    await exchange(linkOf(created), { secret: pin, session: mine });
    await exchange(linkOf(created), { secret: wrong, session: mine });
    await patch(created.share.id, { gate: { kind: 'pin', pin: next } });
    await post(body({ gate: { kind: 'pin', pin: '8273' } }));
    const { rows } = await client.query(
      `SELECT string_agg(t::text, ' ') AS all FROM (
         SELECT to_jsonb(share) FROM share          UNION ALL SELECT to_jsonb(idempotency_key) FROM idempotency_key UNION ALL SELECT to_jsonb(share_session) FROM share_session
         UNION ALL SELECT to_jsonb(gate_attempt) FROM gate_attempt UNION ALL SELECT to_jsonb(gate_code) FROM gate_code) t`,
    );
    const all = rows[0].all + service.lines.join('\n') + JSON.stringify(await recordedEvents(client));
    for (const secret of [pin, wrong, next, linkOf(created), created.token, mine])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
  });
});
