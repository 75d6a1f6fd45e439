import { randomUUID } from 'node:crypto';
import { type WardenEvent, noSource } from '@warden/events';
import type pg from 'pg';
import { ReadingLog } from '../../apps/auth-service/src/audit/reading/reading-event.js';
import { databaseUnavailable } from '../../apps/auth-service/src/platform/errors/domain-error.js';
import { faultsAmong } from '../../libs/events/src/fhir/valid-r4.fixture.js';
import { recordedEvents } from '../support/recorded-events.js';
import { type EventDifferences, eventTold, nextMoment, recordAll, shareTold } from '../support/record-lab.js';
import { connectAdmin } from '../support/test-cluster.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  startTestService,
  usersOfRecord,
} from '../support/test-service.js';

const faultsOf = faultsAmong('AuditEvent', 'Bundle', 'CapabilityStatement', 'OperationOutcome');
const mediaType = 'application/fhir+json; charset=utf-8';

let service: TestService;
let admin: pg.Client;
beforeAll(async () => {
  service = await startTestService({ env: { USERS: usersOfRecord } });
  admin = await connectAdmin(service.database);
});
afterAll(async () => {
  await admin?.end();
  await service?.close();
});

type Headers = Record<string, string>;
const auditor: Headers = { authorization: basic('auditor', 'auditor-pwd') };
const call = (path: string, headers: Headers = auditor): Promise<TestAnswer> =>
  service.call('GET', `/fhir/${path}`, undefined, headers);

/** What is answered is valid R4, whatever it is. */
async function ask(path: string, headers: Headers = {}): Promise<TestAnswer> {
  const answer = await call(path, { ...auditor, ...headers });
  expect([path, answer.headers.get('content-type')]).toEqual([path, mediaType]);
  // The list of versions in the schema ends before the technical correction.
  const version = answer.json.fhirVersion === '4.0.1' ? { fhirVersion: '4.0.0' } : {};
  expect([path, faultsOf({ ...answer.json, ...version })]).toEqual([path, []]);
  return answer;
}

const record = (...events: WardenEvent[]): Promise<void> => recordAll(service, events);
const opening = { viewer: 'stone', session: 's', counted: true, opens: 1 };
const search = (asked: Record<string, string> | [string, string][]): string =>
  `AuditEvent?${new URLSearchParams(asked).toString()}`;
const idsOf = ({ json }: TestAnswer): string[] =>
  ((json.entry ?? []) as { resource: { id: string } }[]).map(({ resource }) => resource.id);
const linkOf = ({ json }: TestAnswer, relation: string): string | undefined =>
  (json.link as { relation: string; url: string }[]).find((one) => one.relation === relation)?.url;
const issuesOf = ({ json }: TestAnswer): { code: string; expression?: string[]; diagnostics?: string }[] => json.issue;
const inOrder = (events: readonly WardenEvent[]): string[] =>
  [...events].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);

describe('searching AuditEvents', () => {
  const ada = { kind: 'user', id: 'keycloak:fhir', name: 'Zoë' } as const;
  const orthanc = '0195f6b0-aaaaaaaa-bbbbbbbb-cccccccc-dddddddd';
  const wide = shareTold({ studies: ['2.9.1', '2.9.2', orthanc], patients: ['F1', 'F2', 'F,|$\\3'] });
  const recipient = { kind: 'recipient', id: 'jti-of-the-link', name: '' } as const;
  const opened = eventTold({ name: 'share.opened', actor: recipient, share: wide, detail: opening });
  const refused = eventTold({
    name: 'share.refused',
    actor: ada,
    share: wide,
    outcome: 'minor-failure',
    reason: 'wrong-secret',
    detail: {},
  });
  const locked = eventTold({
    name: 'share.locked',
    actor: ada,
    share: wide,
    outcome: 'serious-failure',
    detail: { attempts: 5 },
  });
  const ended = eventTold({ actor: ada, share: wide });
  const all = [ended, locked, refused, opened];
  const day = (at: number) => new Date(at).toISOString().slice(0, 10);
  const iso = (at: number) => new Date(at).toISOString();
  const whole = { patient: 'F1' };
  beforeAll(() => record(...all, eventTold(), eventTold()));

  it.each<[string, Record<string, string> | [string, string][], WardenEvent[]]>([
    ['agent', { agent: ada.id }, [ended, locked, refused]],
    ['agent by identifier', { 'agent:identifier': `|${ada.id}` }, [ended, locked, refused]],
    ['a recipient, as the resource names them', { agent: `share:${recipient.id}` }, [opened]],
    ['any of two agents', { agent: `${ada.id},share:${recipient.id}` }, all],
    [
      'two agents at once',
      [
        ['agent', ada.id],
        ['agent', `share:${recipient.id}`],
      ],
      [],
    ],
    ['patient', { patient: 'F1' }, all],
    ['a further patient, of no system', { 'patient:identifier': '|F2' }, all],
    ['patient by a chain', { 'patient.identifier': 'F2' }, all],
    ['a patient whose id has every separator', { patient: 'F\\,\\|\\$\\\\3' }, all],
    ['any of two patients, each event once', { patient: 'F1,F2,nobody' }, all],
    ['study', { entity: 'urn:oid:2.9.1' }, all],
    ['a further study, of its system', { entity: 'urn:dicom:uid|urn:oid:2.9.2' }, all],
    ["Orthanc's id of a study", { entity: orthanc }, all],
    ['share', { entity: `urn:uuid:${wide.id.toUpperCase()}` }, all],
    ['a patient as entity', { 'entity:identifier': '|F2' }, all],
    [
      'study and share',
      [
        ['entity', 'urn:oid:2.9.2'],
        ['entity', `urn:uuid:${wide.id}`],
      ],
      all,
    ],
    ['outcome', { outcome: '4', ...whole }, [refused]],
    ['any of two outcomes', { outcome: '4,8', ...whole }, [locked, refused]],
    ['outcome alone', { outcome: '8' }, [locked]],
    ['subtype', { subtype: 'urn:orthanc-warden:event|share.opened' }, [opened]],
    ['any of two subtypes', { subtype: 'share.opened,share.locked' }, [locked, opened]],
    ['_id', { _id: opened.id }, [opened]],
    ['any of two ids', { _id: `${opened.id},${ended.id},${randomUUID()}` }, [ended, opened]],
    ['_id and what it is', { _id: opened.id, patient: 'F2', outcome: '0', subtype: 'share.opened' }, [opened]],
    ['_id and what it is not', { _id: opened.id, patient: 'P1' }, []],
    ['_id and when it was not', { _id: opened.id, date: 'lt2020' }, []],
    ['an id that is none of ours', { _id: 'example' }, []],
    ['date from', { date: `ge${iso(locked.at)}`, ...whole }, [ended, locked]],
    ['date after', { date: `gt${iso(locked.at)}`, ...whole }, [ended]],
    ['date until', { date: `le${iso(refused.at)}`, ...whole }, [refused, opened]],
    ['date before', { date: `lt${iso(refused.at)}`, ...whole }, [opened]],
    ['a moment', { date: iso(refused.at), ...whole }, [refused]],
    [
      'a span',
      [
        ['date', `ge${iso(refused.at)}`],
        ['date', `le${iso(locked.at)}`],
        ['patient', 'F1'],
      ],
      [locked, refused],
    ],
    ['any of two moments', { date: `${iso(opened.at)},${iso(ended.at)}`, ...whole }, [ended, opened]],
    ['days', { date: `${day(opened.at)},${day(ended.at)}`, ...whole }, all],
    [
      'years',
      [
        ['date', `ge${day(opened.at).slice(0, 4)}`],
        ['date', 'lt9999'],
        ['patient', 'F1'],
      ],
      all,
    ],
    ['a time long gone', { date: '0001', ...whole }, []],
    ['a time that ends with the calendar', { date: 'gt9999', ...whole }, []],
    [
      'all at once',
      {
        agent: `share:${recipient.id}`,
        patient: 'F2',
        entity: 'urn:oid:2.9.2',
        outcome: '0',
        subtype: 'share.opened',
        date: day(opened.at),
        _id: opened.id,
        _sort: '-date',
        _format: 'json',
        _count: '10',
      },
      [opened],
    ],
    ['nobody', { patient: 'nobody' }, []],
  ])('finds by %s', async (_title, asked, expected) => {
    const answer = await ask(search(asked));
    expect([answer.status, idsOf(answer)]).toEqual([200, expected.map(({ id }) => id)]);
    expect(linkOf(answer, 'next')).toBeUndefined();
  });

  it('tells the event in the resource, and by which name the service is known', async () => {
    const answer = await ask(search({ _id: opened.id }));
    expect(answer.json).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
    const [entry] = answer.json.entry;
    expect(entry).toMatchObject({
      fullUrl: `urn:uuid:${opened.id}`,
      search: { mode: 'match' },
      resource: {
        resourceType: 'AuditEvent',
        recorded: iso(opened.at),
        outcome: '0',
        source: { observer: { identifier: { value: 'orthanc-warden' } } },
      },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect((await ask(`AuditEvent/${opened.id}`)).json).toEqual(entry.resource);
  });

  it('says what it searched for, without an address that a request could make up', async () => {
    const answer = await ask(search({ patient: 'F1', colour: 'red' }), {
      prefer: 'handling=lenient',
      'x-forwarded-host': 'evil.example',
    });
    expect(linkOf(answer, 'self')).toBe('AuditEvent?patient=F1&_count=50');
    expect(answer.text).not.toContain('127.0.0.1');
    expect(answer.text).not.toContain('evil');
  });

  it('no longer finds, or tells, what was erased', async () => {
    const gone = eventTold({ share: shareTold({ patients: ['GONE1', 'GONE2'], studies: ['2.9.99'] }) });
    await record(gone);
    await admin.query(
      `SELECT audit_erase(ARRAY[filed_at], ARRAY[id], gen_random_uuid()) FROM audit_event WHERE id = $1`,
      [gone.id],
    );
    const answer = await ask(search({ entity: 'urn:oid:2.9.99' }));
    expect(idsOf(answer)).toEqual([gone.id]);
    expect(answer.text).not.toMatch(/GONE|Dr\. Ada|203\.0\.113\.7|wrong address/);
    for (const patient of ['GONE1', 'GONE2']) expect(idsOf(await ask(search({ patient })))).toEqual([]);
  });

  it('is valid R4 whatever the texts of an event are', async () => {
    const hostile = ['"},{"resourceType":"Patient', '\u0001\u000b\u{1f600}\ud800', ' \u0085 ', '</script><script>'];
    const events = hostile.map((text) =>
      eventTold({
        actor: { kind: 'user', id: `hostile:${text}`, name: text },
        source: { address: text, userAgent: text, requestId: text },
        share: shareTold({ patients: ['HOSTILE', text], studies: [text], identity: text, type: text }),
        detail: { why: text, ruleId: null },
      }),
    );
    await record(...events);
    const answer = await ask(search({ patient: 'HOSTILE' }));
    expect(idsOf(answer)).toEqual(inOrder(events));
    for (const { id } of events) expect((await ask(`AuditEvent/${id}`)).status).toBe(200);
  });
});

describe('pages of AuditEvents', () => {
  it.each<[string, string, EventDifferences]>([
    ['one thing', 'patient=PP', { share: shareTold({ patients: ['PP'] }) }],
    ['any of several', 'patient=QQ,RR,nobody', { share: shareTold({ patients: ['QQ', 'RR'] }) }],
  ])('lead to the end, each event once, for %s, while new ones come in', async (_title, asked, more) => {
    // Several within one moment: the order goes on by the id.
    const at = nextMoment();
    const old = Array.from({ length: 23 }, (_, index) => eventTold({ ...more, at: at - (index >> 3) }));
    await record(...old);
    const seen: string[] = [];
    const sizes: number[] = [];
    let address: string | undefined = `AuditEvent?${asked}&_count=5`;
    for (let first = true; address !== undefined; first = false) {
      const answer: TestAnswer = await ask(address);
      // As a client resolves it (RFC 3986 section 5.2).
      const self = new URL(linkOf(answer, 'self') ?? '', `${service.url}/fhir/AuditEvent`);
      expect(first || `${self.pathname}${self.search}`.endsWith(address)).toBe(true);
      seen.push(...idsOf(answer));
      sizes.push(idsOf(answer).length);
      address = linkOf(answer, 'next');
      await record(eventTold(more));
    }
    expect(seen).toEqual(inOrder(old));
    expect(sizes).toEqual([5, 5, 5, 5, 3]);
  });

  it('lead through events that were asked for by id', async () => {
    const three = [eventTold(), eventTold(), eventTold()];
    await record(...three);
    const first = await ask(search({ _id: three.map(({ id }) => id).join(), _count: '2' }));
    const second = await ask(linkOf(first, 'next') ?? '');
    expect([idsOf(first), idsOf(second)]).toEqual([inOrder(three).slice(0, 2), inOrder(three).slice(2)]);
    expect(linkOf(second, 'next')).toBeUndefined();
  });

  it('hold 1,000 events at most', async () => {
    const many = Array.from({ length: 1_001 }, () => eventTold({ actor: { kind: 'user', id: 'many', name: '' } }));
    await record(...many);
    // Validated are those above: a thousand take minutes.
    const answer = await call(search({ agent: 'many', _count: '100000' }));
    expect([answer.status, idsOf(answer).length]).toEqual([200, 1_000]);
    expect(linkOf(answer, 'self')).toBe('AuditEvent?agent=many&_count=1000');
    expect(idsOf(await ask(linkOf(answer, 'next') ?? ''))).toEqual([many[0]?.id]);
  });
});

describe('reading one AuditEvent', () => {
  it('finds it by its id in any case', async () => {
    const one = eventTold();
    await record(one);
    const { status, json, headers } = await ask(`AuditEvent/${one.id.toUpperCase()}`);
    expect([status, json.id, headers.get('cache-control')]).toEqual([200, one.id, 'no-store']);
  });

  it.each([randomUUID(), 'nonsense', '%00', "'%20OR%201=1", '_history'])('%s is not there', async (id) => {
    const answer = await ask(`AuditEvent/${id}`);
    expect([answer.status, issuesOf(answer).map(({ code }) => code)]).toEqual([404, ['not-found']]);
  });
});

describe('what is asked for wrongly', () => {
  const long = 'x'.repeat(10_000);
  it.each<[string, string, string, string]>([
    ['a parameter that is not offered', 'colour=red', 'colour', 'not-supported'],
    ['a parameter of R4 that is not offered', 'agent-name=Ada', 'agent-name', 'not-supported'],
    ['a modifier that is not offered', 'patient:exact=P1', 'patient:exact', 'not-supported'],
    ['what is to be included', '_include=AuditEvent:patient', '_include', 'not-supported'],
    ['a resource of this server', 'patient=Patient/7', 'patient', 'not-supported'],
    ['two patients at once', 'patient=P1&patient=P2', 'patient', 'not-supported'],
    ['a system of PatientIDs', 'patient:identifier=urn:oid:1.2%7CP1', 'patient:identifier', 'value'],
    ['no date', 'date=yesterday', 'date', 'value'],
    ['the 30th of February', 'date=2026-02-30', 'date', 'value'],
    ['a zone whose plus is a blank', 'date=2026-02-20T10:00:00+01:00', 'date', 'value'],
    ['no outcome', 'outcome=5', 'outcome', 'value'],
    ['no study', 'entity=urn:oid:x', 'entity', 'value'],
    ['no share', "entity=urn:uuid:'%20OR%201=1", 'entity', 'value'],
    ['an empty patient', 'patient=', 'patient', 'value'],
    ['NUL', 'agent=a%00b', 'agent', 'value'],
    ['a long patient', `patient=${long}`, 'patient', 'value'],
    ['too many patients', `patient=${'a,'.repeat(5_000)}a`, 'patient', 'too-costly'],
    ['an empty page', '_count=0', '_count', 'value'],
    ['a cursor of another list', 'cursor=AZqMyhNxcAC5vB3i1bYkJg', 'cursor', 'value'],
    ['a cursor out of time', `cursor=${'_'.repeat(32)}`, 'cursor', 'value'],
    ['a member of every object', '__proto__=1', '__proto__', 'not-supported'],
  ])('%s is refused with its name and what to send instead', async (_title, asked, name, code) => {
    const answer = await ask(`AuditEvent?${asked}`);
    expect(answer.status).toBe(400);
    expect(issuesOf(answer)).toEqual([
      { severity: 'error', code, diagnostics: expect.stringMatching(/; \S/), expression: [`http.${name}`] },
    ]);
    expect(answer.text).not.toContain('xxxx');
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });

  it('is named at once, all of it', async () => {
    const answer = await ask('AuditEvent?outcome=5&colour=red&date=x');
    expect(issuesOf(answer).flatMap(({ expression }) => expression)).toEqual([
      'http.outcome',
      'http.colour',
      'http.date',
    ]);
  });

  it('and is not known here is left out for a lenient caller, and what is known is not', async () => {
    const prefer = { prefer: 'handling=lenient' };
    expect((await ask('AuditEvent?colour=red&patient=nobody', prefer)).status).toBe(200);
    expect((await ask('AuditEvent?outcome=5', prefer)).status).toBe(400);
    expect((await ask('AuditEvent?patient:exact=P1', prefer)).status).toBe(400);
  });

  it.each(["'; DROP TABLE audit_event; --", '" OR 1=1', '$1', '%', '\\', '_', "\u2028'", '1.2.3\n'])(
    'the text %j is a text and no statement',
    async (text) => {
      for (const name of ['agent', 'patient', 'entity'])
        expect([name, (await ask(search({ [`${name}:identifier`]: text }))).status]).toEqual([name, 200]);
      for (const name of ['date', 'outcome', 'subtype', '_id', '_count', 'cursor', text])
        expect([name, (await ask(search({ [name]: text }))).status]).toEqual([name, 400]);
    },
  );
});

describe('the format', () => {
  it.each<[string, Headers]>([
    ['AuditEvent?patient=nobody', { accept: 'application/fhir+json' }],
    ['AuditEvent?patient=nobody', { accept: 'application/json' }],
    ['AuditEvent?patient=nobody&_format=json', { accept: 'application/fhir+xml' }],
    ['AuditEvent?patient=nobody&_format=application/fhir%2Bjson', {}],
    ['AuditEvent?patient=nobody&_format=application/fhir+json', {}],
    ['metadata?_format=json', {}],
  ])('of %s with %j is JSON', async (path, headers) => {
    expect((await ask(path, headers)).status).toBe(200);
  });

  it.each<[string, Headers]>([
    ['AuditEvent', { accept: 'application/fhir+xml' }],
    ['AuditEvent?_format=xml', {}],
    [`AuditEvent/${randomUUID()}`, { accept: 'text/turtle' }],
    [`AuditEvent/${randomUUID()}?_format=xml`, {}],
    ['metadata', { accept: 'application/xml' }],
    ['metadata?_format=xml', {}],
  ])('of %s with %j is not offered', async (path, headers) => {
    const answer = await ask(path, headers);
    expect([answer.status, issuesOf(answer).map(({ code }) => code)]).toEqual([406, ['not-supported']]);
  });
});

describe('who may', () => {
  it.each(['AuditEvent', `AuditEvent/${randomUUID()}`])('%s needs audit-logs', async (path) => {
    expect((await call(path, { authorization: '' })).status).toBe(401);
    expect((await call(path, { authorization: basic('auditor', 'wrong') })).status).toBe(401);
    expect((await call(path, { authorization: basic('sharer', 'sharer-pwd') })).status).toBe(403);
    expect((await call(path, {})).status).toBe(403); // the plugin
    expect([200, 404]).toContain((await call(path, { authorization: adminCredentials })).status);
  });

  it('read the CapabilityStatement is everybody, and it tells nothing of the installation', async () => {
    const { status, json, text } = await ask('metadata', { authorization: '' });
    expect([status, json.resourceType, json.fhirVersion]).toEqual([200, 'CapabilityStatement', '4.0.1']);
    expect(text).not.toMatch(/127\.0\.0\.1|localhost/);
  });

  it('search by what the CapabilityStatement promises', async () => {
    const { json } = await call('metadata');
    const examples: Record<string, string> = {
      _id: randomUUID(),
      _count: '1',
      date: '2020',
      agent: 'a',
      patient: 'a',
      entity: 'urn:oid:1.2',
      outcome: '4',
      subtype: 'share.sent',
    };
    for (const { name } of json.rest[0].resource[0].searchParam as { name: string }[])
      expect([name, (await ask(search({ [name]: examples[name] ?? '' }))).status]).toEqual([name, 200]);
  });
});

describe('reading the record as FHIR', () => {
  const readings = async (filter: string) =>
    (await recordedEvents(admin)).flatMap(({ event: told }) =>
      told?.name === 'audit.read' && told.detail.filter.includes(filter) ? [told] : [],
    );

  it('is recorded: a page, once however many searches it takes, and one event', async () => {
    const marked = `told&${randomUUID()}`;
    await ask(search({ patient: `${marked},b,c` }));
    const [told, ...others] = await readings(encodeURIComponent(marked));
    expect(others).toEqual([]);
    expect(told).toMatchObject({
      actor: { kind: 'user', id: 'basic:auditor' },
      source: { address: '127.0.0.1' },
      detail: { format: 'fhir', filter: `patient=${encodeURIComponent(marked)},b,c` },
    });
    const id = randomUUID();
    await ask(`AuditEvent/${id}`);
    expect(await readings(id)).toMatchObject([{ detail: { format: 'fhir', filter: `id=${id}` } }]);
  });

  it('shows nothing when it cannot be recorded', async () => {
    const one = eventTold({ source: noSource });
    await record(one);
    const failing = jest
      .spyOn(ReadingLog.prototype, 'tell')
      .mockRejectedValue(databaseUnavailable(new Error('secret cause')));
    try {
      for (const path of [search({ _id: one.id }), `AuditEvent/${one.id}`]) {
        const answer = await ask(path);
        expect([answer.status, issuesOf(answer).map(({ code }) => code)]).toEqual([503, ['transient']]);
        expect(answer.headers.get('retry-after')).toBe('2');
        expect(answer.text).not.toContain('secret');
      }
    } finally {
      failing.mockRestore();
    }
  });

  it('tells of an error nothing but the request id, and the log the cause', async () => {
    const failing = jest.spyOn(ReadingLog.prototype, 'tell').mockRejectedValue(new Error('cause-of-a-defect'));
    try {
      const answer = await ask(search({ patient: 'P1' }));
      expect([answer.status, issuesOf(answer).map(({ code }) => code)]).toEqual([500, ['exception']]);
      expect(answer.text).not.toContain('cause-of-a-defect');
      const id = /log: (\S+)$/.exec(issuesOf(answer)[0]?.diagnostics ?? '')?.[1];
      expect(service.lines.some((line) => line.includes(`"${id}"`) && line.includes('cause-of-a-defect'))).toBe(true);
    } finally {
      failing.mockRestore();
    }
  });
});
