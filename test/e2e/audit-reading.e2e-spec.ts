import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { type EventClass, type WardenEvent, noSource } from '@warden/events';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { EventLog } from '../../apps/auth-service/src/audit/index.js';
import { AuditEventsStore } from '../../apps/auth-service/src/audit/reading/audit-events.store.js';
import { PostgresAuditEventsStore } from '../../apps/auth-service/src/audit/reading/infra/postgres-audit-events.store.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { type EventDifferences, eventTold, nextMoment, recordAll, sealAll, shareTold } from '../support/record-lab.js';
import { connectAdmin } from '../support/test-cluster.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  startTestService,
  usersOfRecord,
} from '../support/test-service.js';

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

const auditor = { authorization: basic('auditor', 'auditor-pwd') };
const ask = (path: string, headers: Record<string, string> = auditor): Promise<TestAnswer> =>
  service.call('GET', `/api/v1/audit/${path}`, undefined, headers);

const record = (...events: WardenEvent[]): Promise<void> => recordAll(service, events);
const seal = (): Promise<void> => sealAll(service);

async function eventually(met: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end; await new Promise((done) => setTimeout(done, 50)))
    if (await met()) return;
  throw new Error('not within five seconds');
}

/** A few thousand of these are more than the buffers between the service and a reader hold (4 MB and more). */
const wordy = { detail: { why: 'w'.repeat(1_000), ruleId: null } };

const idsOf = (answer: TestAnswer): string[] => (answer.json.items as { id: string }[]).map(({ id }) => id);
const query = (filter: Record<string, string>): string => new URLSearchParams(filter).toString();

describe('searching the record', () => {
  const marked = { kind: 'user', id: 'keycloak:filters', name: 'Zoë' } as const;
  const wide = shareTold({ studies: ['9.1', '9.2', '9.3'], patients: ['F1', 'F2', 'F3'] });
  const opened = eventTold({
    name: 'share.opened',
    actor: marked,
    share: wide,
    source: { ...noSource, address: '198.51.100.4' },
    detail: { viewer: 'stone', session: 's', counted: true, opens: 1 },
  });
  const refused = eventTold({
    name: 'share.refused',
    actor: marked,
    share: wide,
    outcome: 'minor-failure',
    reason: 'wrong-secret',
    detail: {},
  });
  const asked = eventTold({
    name: 'access.granted',
    actor: marked,
    share: wide,
    detail: { count: 3, until: Date.now(), level: 'study', method: 'get', study: '9.3', serverId: null },
  });
  const ended = eventTold({ actor: marked, share: wide, detail: { why: 'said "100%_sure" in ÄRGER', ruleId: null } });
  const all = [ended, asked, refused, opened];
  beforeAll(() => record(...all, eventTold(), eventTold()));

  it.each<[string, Record<string, string>, WardenEvent[]]>([
    ['actor', { actor: 'keycloak:filters' }, all],
    ['the first patient', { patient: 'F1' }, all],
    ['a further patient', { patient: 'F3' }, all],
    ['the first study', { study: '9.1' }, [ended, refused, opened]],
    ['a further study', { study: '9.2' }, [ended, refused, opened]],
    ['the study that was asked for', { study: '9.3' }, all],
    ['share', { share: wide.id.toUpperCase() }, all],
    ['event', { event: 'share.opened', actor: marked.id }, [opened]],
    ['several events', { event: 'share.opened,share.refused', actor: marked.id }, [refused, opened]],
    ['several events alone', { event: 'share.opened,share.refused' }, [refused, opened]],
    ['class', { class: 'access', patient: 'F2' }, [asked]],
    ['outcome', { outcome: 'minor-failure' }, [refused]],
    ['address', { address: '198.51.100.4' }, [opened]],
    ['a text of the erasable half, in any case', { text: 'SAID "100%_sure"' }, [ended]],
    ['a text of the record', { text: 'wrong-SECRET', patient: 'F1' }, [refused]],
    ['a text in which % and _ mean nothing else', { text: '1%00_' }, []],
    ['from', { from: new Date(asked.at).toISOString(), actor: marked.id }, [ended, asked]],
    ['to', { to: new Date(asked.at).toISOString(), actor: marked.id }, [refused, opened]],
    [
      'all at once',
      {
        actor: marked.id,
        patient: 'F3',
        study: '9.2',
        share: wide.id,
        event: 'share.opened',
        class: 'disclosure',
        outcome: 'success',
        address: '198.51.100.4',
        text: 'stone',
        from: new Date(opened.at).toISOString(),
        to: new Date(opened.at + 1).toISOString(),
      },
      [opened],
    ],
    ['patient and study and address, no share', { patient: 'F2', study: '9.3', address: '198.51.100.4' }, [opened]],
    ['study and outcome', { study: '9.2', outcome: 'minor-failure' }, [refused]],
    ['address and study', { address: '198.51.100.4', study: '9.2' }, [opened]],
    ['what contradicts itself', { class: 'access', event: 'share.opened' }, []],
    ['nobody', { patient: 'nobody' }, []],
  ])('finds by %s', async (_title, filter, expected) => {
    const answer = await ask(`events?${query(filter)}`);
    expect([answer.status, idsOf(answer)]).toEqual([200, expected.map(({ id }) => id)]);
  });

  it('takes several events given one by one', async () => {
    const answer = await ask('events?event=share.opened&event=share.refused');
    expect(idsOf(answer)).toEqual([refused.id, opened.id]);
  });

  it('tells an event in full, in the one shape', async () => {
    const [found] = (await ask('events?event=share.opened&patient=F1')).json.items;
    expect(found).toEqual({
      id: opened.id,
      at: new Date(opened.at).toISOString(),
      filedAt: new Date(opened.at).toISOString(),
      class: 'disclosure',
      event: 'share.opened',
      actor: marked,
      address: '198.51.100.4',
      userAgent: null,
      requestId: null,
      share: wide,
      outcome: 'success',
      reason: null,
      detail: opened.detail,
      erased: false,
    });
    expect((await ask(`events/${opened.id.toUpperCase()}`)).json).toEqual(found);
  });

  it('finds an event by its id that was filed long after it happened, and none that is not there', async () => {
    const late = eventTold({ id: uuidv7({ msecs: Date.now() - 90 * 86_400_000 }), at: Date.now() - 90 * 86_400_000 });
    await record(late);
    const { status, json } = await ask(`events/${late.id}`);
    expect([status, json.id, json.at]).toEqual([200, late.id, new Date(late.at).toISOString()]);
    expect(Date.parse(json.filedAt)).toBeGreaterThan(Date.now() - 2 * 86_400_000);
    for (const id of [uuidv7(), 'nonsense', '%00'])
      expect([(await ask(`events/${id}`)).status, (await ask(`events/${id}`)).json.code]).toEqual([
        404,
        'audit-event-not-found',
      ]);
  });

  it('shows an erased event with its half blank, and no longer by what was erased', async () => {
    const gone = eventTold({ share: shareTold({ patients: ['G1', 'G2'], studies: ['9.9'] }) });
    await record(gone);
    await admin.query(
      `SELECT audit_erase(ARRAY[filed_at], ARRAY[id], gen_random_uuid()) FROM audit_event WHERE id = $1`,
      [gone.id],
    );
    const [found] = (await ask('events?study=9.9')).json.items;
    expect(found).toMatchObject({ erased: true, address: null, detail: { why: '' } });
    expect([found.actor.name, found.share.patients]).toEqual(['', []]);
    for (const patient of ['G1', 'G2']) expect(idsOf(await ask(`events?patient=${patient}`))).toEqual([]);
  });
});

describe('pages', () => {
  it.each<[string, string, EventDifferences]>([
    ['actor', 'actor=pager', { actor: { kind: 'user', id: 'pager', name: '' } }],
    ['patient', 'patient=PP', { share: shareTold({ patients: ['X', 'PP'] }) }],
    ['study', 'study=7.7', { share: shareTold({ studies: ['7.7', '7.7', '7.8'] }) }],
    ['several events', 'event=share.locked,share.expired', { name: 'share.locked', detail: { attempts: 3 } }],
    ['text', 'text=needle', { detail: { why: 'needle', ruleId: null } }],
  ])('hold each event once, by %s, while new ones come in', async (_title, filter, more) => {
    // Several within one moment: the order goes on by the id.
    const at = nextMoment();
    const old = Array.from({ length: 23 }, (_, index) => eventTold({ ...more, at: at - (index >> 3) }));
    await record(...old);
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const answer = await ask(`events?${filter}&limit=5${cursor === null ? '' : `&cursor=${cursor}`}`);
      expect(answer.status).toBe(200);
      seen.push(...idsOf(answer));
      cursor = answer.json.next;
      await record(eventTold(more));
    } while (cursor !== null);
    const inOrder = [...old].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1)).map(({ id }) => id);
    expect(seen).toEqual(inOrder);
    expect(seen).toHaveLength(23);
  });

  it('lead over months and classes', async () => {
    await admin.query(
      `SELECT audit_make_partitions(now() - months * interval '1 month') FROM generate_series(1, 9) AS months`,
    );
    const { rows } = await admin.query<{ id: string }>(
      `WITH made AS (
         INSERT INTO audit_event (class, filed_at, id, position, number, name, actor_id, study, outcome, record, hash)
         SELECT class, now() - months * interval '1 month' - interval '1 microsecond' * row_number() OVER (), gen_random_uuid(),
           1000000 + row_number() OVER (), 1, 'share.expired', 'old', '6.6', 'success',
           '{"actor":{"id":"old","kind":"user"},"at":1,"detail":{},"erasable":null,"id":"019a8cca-1371-7000-b9bc-1de2d5b62426","name":"share.expired","outcome":"success","reason":null,"share":null,"source":{"requestId":null},"version":2}', ''
         FROM generate_series(1, 9) AS months, unnest(ARRAY['management', 'disclosure', 'access', 'denial']) AS class
         RETURNING id, filed_at
       ) SELECT id FROM made ORDER BY filed_at DESC`,
    );
    await admin.query(
      `INSERT INTO audit_chain (class, month, size, head)
       SELECT DISTINCT class, date_trunc('month', filed_at AT TIME ZONE 'UTC')::date, 1, ''::bytea FROM audit_event WHERE study = '6.6'
       ON CONFLICT DO NOTHING`,
    );
    const store = service.app.get(AuditEventsStore);
    const expected = rows.map(({ id }) => id);
    for (const filter of [{ study: '6.6' }, { actor: 'old' }]) {
      for (const order of ['newest-first', 'oldest-first'] as const) {
        const seen: string[] = [];
        for (let after = null, more = true; more;) {
          const page: Awaited<ReturnType<AuditEventsStore['page']>> = await store.page(filter, {
            order,
            limit: 7,
            after,
          });
          seen.push(...page.events.map(({ key }) => key.id));
          more = page.next !== null;
          after = page.next as never;
        }
        expect(seen).toEqual(order === 'newest-first' ? expected : [...expected].reverse());
      }
    }
  });
});

describe('what is asked for wrongly', () => {
  const long = 'x'.repeat(10_000);
  it.each<[string, string, string]>([
    ['a date without a zone', 'from=2026-11-01', 'from'],
    ['no date', 'to=yesterday', 'to'],
    ['a beginning after the end', 'from=2026-11-02T00:00:00Z&to=2026-11-01T00:00:00Z', 'from'],
    ['NUL in an actor', 'actor=a%00b', 'actor'],
    ['a patient of 10,000 characters', `patient=${long}`, 'patient'],
    ['NUL in a text', 'text=%00', 'text'],
    ['an empty study', 'study=', 'study'],
    ['no share', "share=' OR 1=1 --", 'share'],
    ['no event', 'event=share.opened,share.stolen', 'event'],
    ['no class', 'class=secret', 'class'],
    ['no outcome', 'outcome=failure', 'outcome'],
    ['a long address', `address=${'1'.repeat(65)}`, 'address'],
    ['a value twice', 'actor=a&actor=b', 'actor'],
    ['no page', 'limit=0', 'limit'],
    ['a page too large', 'limit=501', 'limit'],
    ['a cursor of another list', 'cursor=AZqMyhNxcAC5vB3i1bYkJg', 'cursor'],
    ['a cursor out of time', `cursor=${'_'.repeat(32)}`, 'cursor'],
    ['what is not known', 'colour=red', 'colour'],
  ])('%s is refused with its name and what to send instead', async (_title, asked, field) => {
    const { status, json } = await ask(`events?${asked}`);
    expect([status, json.code]).toEqual([400, 'invalid-input']);
    expect(json.errors).toEqual([{ field, problem: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) }]);
    expect(json.errors[0].remedy).not.toBe('correct it');
  });

  it.each(["'; DROP TABLE audit_event; --", '" OR 1=1', '$1', '%', '\\', '_', "\u2028'", '1.2.3\n'])(
    'the text %j is a text and no statement',
    async (text) => {
      for (const name of ['actor', 'patient', 'study', 'address', 'text'])
        expect((await ask(`events?${query({ [name]: text })}`)).status).toBe(200);
      expect((await ask('events?limit=1')).json.items).toHaveLength(1);
    },
  );

  it.each([
    'events',
    'events.csv',
    'events.ndjson',
    'disclosures?patient=P1',
    'disclosures.csv?patient=P1',
    'stats?by=day',
    `events/${uuidv7()}`,
  ])('%s needs audit-logs', async (path) => {
    expect((await ask(path, { authorization: '' })).status).toBe(401);
    expect((await ask(path, { authorization: basic('sharer', 'sharer-pwd') })).status).toBe(403);
    expect((await ask(path, {})).status).toBe(403); // the plugin
    expect([200, 404]).toContain((await ask(path, { authorization: adminCredentials })).status);
  });

  it.each(['disclosures', 'disclosures.csv', 'disclosures?patient=', 'stats', 'stats?by=hour', 'stats?by=day&text=a'])(
    '%s lacks what it needs',
    async (path) => {
      expect([(await ask(path)).status, (await ask(path)).json.errors]).toEqual([400, [expect.anything()]]);
    },
  );
});

describe('exports', () => {
  const author = { kind: 'user', id: 'csv', name: '=HYPERLINK("http://evil")' } as const;
  it('write CSV that no spreadsheet takes for a formula', async () => {
    const hostile = eventTold({
      actor: author,
      source: { address: '@SUM(1)', userAgent: '+1"\r\n,', requestId: null },
      share: shareTold({ studies: ['1.1', '1.2'], patients: ['-P', 'ü'] }),
    });
    await record(hostile);
    const answer = await ask('events.csv?actor=csv');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/csv; charset=utf-8; header=present',
    ]);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="audit-events.csv"');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const at = new Date(hostile.at).toISOString();
    expect(answer.text).toBe(
      'id,at,filedAt,class,event,outcome,reason,actorKind,actorId,actorName,address,userAgent,requestId,shareId,shareType,studies,patients,detail,erased\r\n' +
        `${hostile.id},${at},${at},management,share.revoked,success,,user,csv,"'=HYPERLINK(""http://evil"")",'@SUM(1),"'+1""\r\n,",,${hostile.share?.id},t,"1.1\n1.2","'-P\nü","{""ruleId"":null,""why"":""wrong address""}",false\r\n`,
    );
  });

  it('stream 5,000 events, each once, newest first', async () => {
    const many = Array.from({ length: 5_000 }, () => eventTold({ actor: { kind: 'user', id: 'many', name: '' } }));
    await record(...many);
    const lines = (await ask('events.ndjson?actor=many')).text.trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(many.map(({ id }) => id).reverse());
    expect((await ask('events.csv?actor=many')).text.split('\r\n')).toHaveLength(5_002);
  });

  it('end their statements when the reader goes', async () => {
    await record(
      ...Array.from({ length: 8_000 }, () => eventTold({ actor: { kind: 'user', id: 'cut', name: 'n' }, ...wordy })),
    );
    const pages = jest.spyOn(PostgresAuditEventsStore.prototype, 'page');
    try {
      await new Promise<void>((resolve, reject) => {
        const cut = httpRequest(
          `${service.url}/api/v1/audit/events.ndjson?actor=cut`,
          { headers: auditor },
          (answer) => {
            answer.once('data', () => {
              cut.destroy();
              resolve();
            });
            answer.on('error', () => undefined);
          },
        );
        cut.on('error', reject);
        cut.end();
      });
      await eventually(async () => {
        const soon = pages.mock.calls.length;
        await new Promise((done) => setTimeout(done, 500));
        return pages.mock.calls.length === soon;
      });
      // Of eight.
      expect(pages).toHaveBeenCalled();
      expect(pages.mock.calls.length).toBeLessThan(8);
    } finally {
      pages.mockRestore();
    }
    expect((await ask('events?limit=1')).status).toBe(200);
  });

  it('wait for a reader who is slow, and hold no statement meanwhile', async () => {
    const pages = jest.spyOn(PostgresAuditEventsStore.prototype, 'page');
    try {
      const slow = httpRequest(`${service.url}/api/v1/audit/events.ndjson?actor=cut`, { headers: auditor });
      const answered = new Promise<NodeJS.ReadableStream>((resolve) => slow.on('response', resolve));
      slow.end();
      const answer = await answered;
      await new Promise((done) => setTimeout(done, 700));
      expect(pages).toHaveBeenCalled();
      expect(pages.mock.calls.length).toBeLessThan(8);
      await eventually(async () => {
        const { rowCount } = await admin.query(
          `SELECT FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND query LIKE '%AS key%'`,
        );
        return rowCount === 0;
      });
      let text = '';
      for await (const part of answer) text += String(part);
      expect(text.trimEnd().split('\n')).toHaveLength(8_000);
    } finally {
      pages.mockRestore();
    }
  });
});

it('a reader who dawdles does not keep the service from stopping', async () => {
  const other = await startTestService({ database: service.database });
  await record(
    ...Array.from({ length: 6_000 }, () => eventTold({ actor: { kind: 'user', id: 'dawdler', name: 'n' }, ...wordy })),
  );
  const slow = httpRequest(`${other.url}/api/v1/audit/events.ndjson?actor=dawdler`, {
    headers: { authorization: adminCredentials },
  });
  slow.on('error', () => undefined);
  const answered = new Promise<NodeJS.ReadableStream>((resolve) => slow.on('response', resolve));
  slow.end();
  const answer = await answered;
  answer.on('error', () => undefined);
  try {
    await other.close();
    // What it had not taken is cut off, and it can tell.
    await expect(
      (async () => {
        for await (const part of answer) expect(part).toBeDefined();
      })(),
    ).rejects.toThrow('aborted');
  } finally {
    slow.destroy();
  }
});

describe('the accounting of disclosures', () => {
  const patient = '<b>P&"1\'';
  const known = shareTold({ patients: ['other', patient], studies: ['5.1', '5.2'] });
  const foreign = shareTold({ patients: [patient], studies: ['5.3'] });
  const created = eventTold({
    name: 'share.created',
    share: known,
    detail: {
      way: 'api',
      expiresAt: null,
      notBefore: null,
      gate: 'pin',
      maxOpens: null,
      recipient: 'jan@example.org',
      purposeOfUse: 'TREAT',
      why: '<script>alert(1)</script>',
      replaces: null,
    },
  });
  const holder = { kind: 'recipient', id: 'i', name: '' };
  const sent = eventTold({ name: 'share.sent', share: known, detail: { what: 'link', to: 'jan@example.org' } });
  const opened = eventTold({
    name: 'share.opened',
    actor: holder,
    share: known,
    detail: { viewer: 'stone', session: 's', counted: true, opens: 1 },
  });
  const access = (of: object) =>
    eventTold({
      name: 'access.disclosed',
      actor: holder,
      share: of,
      detail: { count: 2, until: Date.now(), level: 'study', method: 'get', study: '5.1', serverId: null },
    });
  const [seen, inferred] = [access(known), access(foreign)];
  beforeAll(() => record(created, sent, opened, seen, inferred));

  const rowsOf = (text: string): string[] => [...text.matchAll(/<tr><td>(.*?)<\/tr>/gs)].map((match) => match[1] ?? '');

  it('is a page to print on which nothing runs', async () => {
    const answer = await ask(`disclosures?${query({ patient })}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'unsafe-inline'/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.text).not.toMatch(/<script|<b>/);
    expect(answer.text).toContain('<dt>Patient</dt><dd>&#60;b&#62;P&#38;&#34;1&#39;</dd>');
    expect(answer.text.trimEnd()).toMatch(/<\/html>$/);
    const rows = rowsOf(answer.text);
    expect(rows).toHaveLength(4);
    expect(rows.map((row) => row.includes('(inferred)'))).toEqual([false, false, false, true]);
    expect(rows[1]).toContain(
      'jan@example.org<br>203.0.113.7</td><td>The link was opened: images could be seen<br>5.1<br>5.2</td><td>TREAT: &#60;script&#62;alert(1)&#60;/script&#62;</td><td>Dr. Ada</td>',
    );
    expect(rows[3]).toContain('whoever held the link');
    expect(rows[3]).toContain('<td>not told</td><td>sharer unknown</td>');
    expect(answer.text).toContain('4 entries, oldest first.');
  });

  it('is a table, oldest first, of six years unless it is said otherwise', async () => {
    const lines = (await ask(`disclosures.csv?${query({ patient })}`)).text.split('\r\n');
    expect(lines[0]).toBe(
      'date,recipient,address,description,studies,purpose,sharedBy,inferred,patientKnownSince,shareId,eventId',
    );
    expect(lines.slice(1, -1).map((line) => line.slice(-36))).toEqual(
      [sent, opened, seen, inferred].map(({ id }) => id),
    );
    const period = /<dt>Period<\/dt><dd>(\S+) to (\S+)<\/dd>/.exec((await ask('disclosures?patient=none')).text);
    const [from, to] = [new Date(period?.[1] ?? ''), new Date(period?.[2] ?? '')];
    expect(to.getUTCFullYear() - from.getUTCFullYear()).toBe(6);
    const later = { patient, from: new Date(opened.at).toISOString(), to: new Date(inferred?.at ?? 0).toISOString() };
    expect((await ask(`disclosures.csv?${query(later)}`)).text.split('\r\n')).toHaveLength(4);
  });

  it('says so when there is nothing to tell', async () => {
    expect((await ask('disclosures?patient=none')).text).toContain('No disclosure is recorded in this period.');
  });
});

describe('disclosures that were recorded before the archive told whose the study is', () => {
  const resolvedAt = '2026-11-01T08:00:00.000Z';
  /** A share that the registry knows. */
  async function registered(more: object = {}) {
    const one = shareTold({ patients: [], ...more });
    await admin.query(
      `INSERT INTO share (id, token_id, key_id, origin, type, minted_at) VALUES ($1, $2, 'k', 'minted', 't', now())`,
      [one.id, randomBytes(16)],
    );
    return one;
  }
  async function tell(of: { readonly id: string }, study: string, patient: string | null, orthancId = `o-${study}`) {
    await admin.query(
      `INSERT INTO share_study (share_id, study_orthanc_id, study_dicom_uid, patient_id, resolved_at)
       VALUES ($1, $2, $3, $4, $5)`,
      [of.id, orthancId, study, patient, resolvedAt],
    );
  }
  const opening = (of: object | null) =>
    eventTold({
      name: 'share.opened',
      actor: { kind: 'recipient', id: 'i', name: '' },
      share: of,
      detail: { viewer: 'stone', session: 's', counted: true, opens: 1 },
    });
  const access = (of: object | null, study: string | null) =>
    eventTold({
      name: 'access.disclosed',
      actor: { kind: 'recipient', id: 'i', name: '' },
      share: of,
      detail: { count: 1, until: Date.now(), level: 'study', method: 'get', study, serverId: null },
    });
  const eventsOf = async (patient: string): Promise<string[]> => {
    const { text } = await ask(`disclosures.csv?${query({ patient })}`);
    return text
      .split('\r\n')
      .slice(1, -1)
      .map((line) => line.slice(-36));
  };
  const found = async (patient: string): Promise<string[]> => idsOf(await ask(`events?${query({ patient })}`));

  it('are told as soon as it did, each once, in their order, and marked', async () => {
    const of = await registered({ studies: ['8.1', '8.2'] });
    const [early, first] = [opening(of), access(of, '8.1')];
    await record(early, first);
    expect(await eventsOf('L1')).toEqual([]);
    await tell(of, '8.1', 'L1');
    await tell(of, '8.2', 'L1');
    const [late, last] = [opening(of), access(shareTold({ studies: ['8.2'], patients: [] }), '8.2')];
    await record(late, last);
    expect(await eventsOf('L1')).toEqual([early, first, late, last].map(({ id }) => id));
    // The search tells what the events name.
    expect(await found('L1')).toEqual([late.id]);
    const { text } = await ask('disclosures?patient=L1');
    expect(text.match(new RegExp(`<br>Patient known since ${resolvedAt}<br>8.1`, 'g'))).toHaveLength(2);
    expect(text.match(/<br>Patient known since/g)).toHaveLength(3);
    expect(text).toContain('4 entries');
    const csv = (await ask('disclosures.csv?patient=L1')).text.split('\r\n').slice(1, -1);
    expect(csv.map((line) => line.includes(`,${resolvedAt},`))).toEqual([true, true, false, true]);
  });

  it('come within the time that is asked for alone', async () => {
    const of = await registered({ studies: ['8.3'] });
    const all = [opening(of), opening(of), opening(of)];
    await record(...all);
    await tell(of, '8.3', 'L2');
    const [, middle, last] = all.map(({ at }) => new Date(at).toISOString());
    const { text } = await ask(`disclosures.csv?${query({ patient: 'L2', from: middle ?? '', to: last ?? '' })}`);
    expect(text.split('\r\n').slice(1, -1)).toEqual([expect.stringContaining(all[1]?.id ?? '')]);
  });

  it('are of each patient of a share, and a study that was asked for is of one', async () => {
    const of = await registered({ studies: ['8.4', '8.5'] });
    const [both, one, whole] = [opening(of), access({ ...of, studies: ['8.5'] }, '8.5'), opening(of)];
    await record(both, one);
    await tell(of, '8.4', 'M1');
    await tell(of, '8.5', 'M2');
    const onlyOne = access({ ...of, studies: ['8.5'] }, 'o-8.5');
    await record(whole, onlyOne);
    expect(await eventsOf('M1')).toEqual([both.id, whole.id]);
    expect(await eventsOf('M2')).toEqual([both.id, one.id, whole.id, onlyOne.id]);
    expect([await found('M1'), await found('M2')]).toEqual([[whole.id], [onlyOne.id, whole.id]]);
  });

  it("are told of a share by Orthanc's id, and of one of a series, which names no study", async () => {
    const [byId, series] = [await registered({ studies: ['o-8.6'] }), await registered({ studies: [] })];
    const [one, other] = [opening(byId), opening(series)];
    await record(one, other);
    await tell(byId, '8.6', 'N1');
    await tell(series, '8.7', 'N1');
    const later = opening(series);
    await record(later);
    expect(await eventsOf('N1')).toEqual([one.id, other.id, later.id]);
    expect(await found('N1')).toEqual([later.id]);
  });

  it('stay with the patient whose study it was when it comes to another one', async () => {
    const [before, after] = [await registered({ studies: ['8.8'] }), await registered({ studies: ['8.8'] })];
    const [untold, unknown] = [opening(before), opening(shareTold({ studies: ['8.8'], patients: [] }))];
    await record(untold);
    await tell(before, '8.8', 'O1');
    const told = opening(before);
    await record(told);
    await tell(after, '8.8', 'O2');
    const moved = opening(after);
    await record(moved, unknown);
    // Of what nobody was told of, each may be the patient.
    expect(await eventsOf('O1')).toEqual([untold.id, unknown.id, told.id]);
    expect(await eventsOf('O2')).toEqual([unknown.id, moved.id]);
  });

  it('are none once they were erased', async () => {
    const of = await registered({ studies: ['8.9'] });
    await tell(of, '8.9', 'E1');
    const [named, other] = [opening(of), access(null, '8.9')];
    await record(named, other);
    expect(await eventsOf('E1')).toEqual([named.id, other.id]);
    await admin.query(
      `SELECT audit_erase(ARRAY[filed_at], ARRAY[id], gen_random_uuid()) FROM audit_event WHERE study = '8.9'`,
    );
    expect(await eventsOf('E1')).toEqual([]);
  });

  it('lead over pages', async () => {
    const of = await registered({ studies: ['8.10', '8.11'] });
    const many = Array.from({ length: 1_203 }, () => opening(of));
    await record(...many);
    await tell(of, '8.10', 'Q1');
    const named = Array.from({ length: 3 }, () => opening(of));
    await record(...named);
    expect(await eventsOf('Q1')).toEqual([...many, ...named].map(({ id }) => id));
  });

  it('cost what names its patients, or is of no share, nothing', async () => {
    const of = await registered({ studies: ['8.12'] });
    await tell(of, '8.12', 'R1');
    const statements = jest.spyOn(service.app.get(Database), 'query');
    try {
      const asked = () => statements.mock.calls.filter(([sql]) => sql.includes('share_study')).length;
      await service.app.get(EventLog).append([eventTold({ share: null }), opening(shareTold())]);
      expect(asked()).toBe(0);
      await service.app.get(EventLog).append([opening(of), opening(of)]);
      expect(asked()).toBe(1);
    } finally {
      statements.mockRestore();
    }
    await seal();
    expect((await found('R1')).length).toBe(2);
  });
});

describe('counts', () => {
  const counted = { kind: 'user', id: 'counted', name: '' } as const;
  const patients = ['C1', 'C2'];
  beforeAll(() =>
    record(
      eventTold({ actor: counted, share: shareTold({ patients }) }),
      eventTold({ actor: counted, share: shareTold({ patients }) }),
      eventTold({
        actor: { ...counted, id: 'other' },
        share: shareTold({ patients, studies: ['c'] }),
        name: 'share.expired',
        detail: {},
      }),
    ),
  );

  it.each<[string, string, [string, number][]]>([
    [
      'event',
      'by=event&patient=C2',
      [
        ['share.revoked', 2],
        ['share.expired', 1],
      ],
    ],
    [
      'actor',
      'by=actor&patient=C1',
      [
        ['counted', 2],
        ['other', 1],
      ],
    ],
    ['event of a study', 'by=event&study=c', [['share.expired', 1]]],
    ['event of an actor', 'by=event&actor=counted', [['share.revoked', 2]]],
    ['nothing', 'by=event&actor=none', []],
  ])('by %s', async (_title, asked, expected) => {
    const { status, json } = await ask(`stats?${asked}`);
    expect([status, json.items.map(({ key, count }: { key: string; count: number }) => [key, count])]).toEqual([
      200,
      expected,
    ]);
    expect(json.total).toBe(expected.reduce((sum, [, count]) => sum + count, 0));
  });

  it('by day, in their order, of the last thirty days', async () => {
    const { json } = await ask('stats?by=day&patient=C1');
    expect(json.items.reduce((sum: number, { count }: { count: number }) => sum + count, 0)).toBe(3);
    expect(json.items.map(({ key }: { key: string }) => key)).toEqual(
      [...new Set(json.items.map(({ key }: { key: string }) => key))].sort(),
    );
    expect(Date.parse(json.to) - Date.parse(json.from)).toBe(30 * 86_400_000);
  });
});

describe('reading', () => {
  const readings = async (): Promise<[string, string, string, EventClass][]> => {
    await seal();
    const { json } = await ask('events?event=audit.read,audit.exported&actor=basic:auditor&limit=500');
    return json.items
      .map((one: any) => [one.event, one.detail.format, one.detail.filter, one.class])
      .filter(([, , filter]: string[]) => filter?.includes('events=audit.read') !== true);
  };

  it.each<[string, string, string, string]>([
    ['events?patient=RE%26D&outcome=success', 'audit.read', 'json', 'patient=RE%26D&outcome=success'],
    [
      'events.csv?from=2026-01-01T00:00:00%2B01:00&study=1.2',
      'audit.exported',
      'csv',
      'from=2025-12-31T23:00:00.000Z&study=1.2',
    ],
    [
      'events.ndjson?event=share.sent,share.opened&class=disclosure',
      'audit.exported',
      'ndjson',
      'events=share.sent&events=share.opened&class=disclosure',
    ],
    ['disclosures?patient=RE', 'audit.read', 'html', 'patient=RE&class=disclosure'],
    ['disclosures.csv?patient=RE', 'audit.exported', 'csv', 'patient=RE&class=disclosure'],
    ['stats?by=actor', 'audit.read', 'json', 'by=actor'],
    ['events/019a8cca-1371-7000-b9bc-1de2d5b62426', 'audit.read', 'json', 'id=019a8cca-1371-7000-b9bc-1de2d5b62426'],
  ])('%s is an event itself', async (path, name, format, filter) => {
    await ask(path);
    expect(await readings()).toContainEqual([name, format, filter, 'management']);
  });

  it('is refused when it cannot be recorded, and when what is asked for is wrong nothing is recorded', async () => {
    const before = (await readings()).length;
    expect((await ask('events?limit=0')).status).toBe(400);
    expect((await readings()).length).toBe(before);
    await admin.query('REVOKE INSERT ON audit_pending FROM warden_app');
    try {
      for (const path of ['events', 'events.csv', 'disclosures?patient=P1', 'stats?by=day', `events/${uuidv7()}`]) {
        const { status, json } = await ask(path);
        expect([path, status, json.code]).toEqual([path, 503, 'audit-not-recorded']);
      }
    } finally {
      await admin.query('GRANT INSERT ON audit_pending TO warden_app');
    }
    expect((await ask('events')).status).toBe(200);
  });

  it('that takes too long is refused with what to do about it', async () => {
    const database = service.app.get(Database);
    const original = database.query.bind(database);
    const slow = jest.spyOn(database, 'query').mockImplementation(async (sql, values) => {
      if (!sql.includes('AS key')) return original(sql, values);
      await original(`SET statement_timeout = '1ms'; SELECT pg_sleep(1)`);
      return [];
    });
    try {
      const { status, json } = await ask('events');
      expect([status, json.code]).toEqual([422, 'audit-search-too-wide']);
      expect(json.detail).toContain('from and to');
    } finally {
      slow.mockRestore();
    }
  });
});
