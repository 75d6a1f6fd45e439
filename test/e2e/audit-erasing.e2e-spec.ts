import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WardenEvent } from '@warden/events';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { MakeCheckpoint } from '../../apps/auth-service/src/audit/proof/make-checkpoint.usecase.js';
import { type EventDifferences, eventTold, recordAll, sealAll, shareTold } from '../support/record-lab.js';
import { type Told, asAdministrator, runWarden } from '../support/run-warden.js';
import { connectAdmin } from '../support/test-cluster.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  startTestService,
} from '../support/test-service.js';

let service: TestService;
let admin: pg.Client;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-erasing-'));
  service = await startTestService({
    env: {
      AUDIT_CHECKPOINT_FILE: join(folder, 'checkpoints'),
      USERS: JSON.stringify({
        'test-user': 'test-pwd',
        admin: { password: 'admin-pwd', permissions: ['all'] },
        auditor: { password: 'auditor-pwd', permissions: ['audit-logs'] },
        officer: { password: 'officer-pwd', permissions: ['admin-permissions'] },
      }),
    },
  });
  admin = await connectAdmin(service.database);
});
afterAll(async () => {
  await admin?.end();
  await service?.close();
  rmSync(folder, { recursive: true, force: true });
});

const all = { authorization: adminCredentials };
const officer = { authorization: basic('officer', 'officer-pwd') };
const erase = (body: object, headers: Record<string, string> = officer): Promise<TestAnswer> =>
  service.call('POST', '/api/v1/audit/erasures', body, headers);
const get = (path: string): Promise<TestAnswer> => service.call('GET', path, undefined, all);
const idsOf = (answer: TestAnswer): string[] => (answer.json.items as { id: string }[]).map(({ id }) => id);
const found = async (filter: Record<string, string>): Promise<string[]> =>
  idsOf(await get(`/api/v1/audit/events?${new URLSearchParams(filter).toString()}`));

const record = (...events: WardenEvent[]): Promise<void> => recordAll(service, events);
const seal = (): Promise<void> => sealAll(service);
const event = (more: EventDifferences = {}): WardenEvent =>
  eventTold({ share: share('P1'), detail: { why: 'Jan asked for it', ruleId: null }, ...more });
const share = (...patients: string[]) => shareTold({ patients });
const opened = (...patients: string[]): WardenEvent =>
  event({
    name: 'share.opened',
    share: share(...patients),
    detail: { viewer: 'stone', session: 's', counted: true, opens: 1 },
  });
const tellings = async (): Promise<{ id: string; detail: { count: number; why: string }; actor: { id: string } }[]> => {
  await seal();
  return (await get('/api/v1/audit/events?event=audit.erased')).json.items;
};
const recordsOf = async (events: readonly WardenEvent[]): Promise<string[]> => {
  const ids = events.map(({ id }) => id);
  const { rows } = await admin.query<{ record: string }>(
    'SELECT record FROM audit_event WHERE id = ANY ($1) ORDER BY id',
    [ids],
  );
  expect(rows).toHaveLength(ids.length);
  return rows.map(({ record }) => record);
};

const warden = (...args: string[]): Promise<Told> => runWarden(args, { folder, env: asAdministrator(service.url) });

describe('erasing a patient', () => {
  it('blanks every event that names the patient, and leaves the record and its proof', async () => {
    const [alone, among, further, other] = [
      event({ share: share('A1') }),
      opened('A1', 'A2'),
      opened('A2', 'A1'),
      opened('A2'),
    ];
    const rule = event({
      name: 'revocation-rule.added',
      share: null,
      detail: { ruleId: uuidv7(), study: null, patient: 'A1', label: null, keyId: null, mintedBefore: 1, why: 'asked' },
    });
    const named = [alone, among, further, rule];
    await record(...named, other);
    await service.app.get(MakeCheckpoint).execute();
    const before = await recordsOf(named);

    const { status, json } = await erase({ patient: 'A1', reason: 'request 114' });
    expect([status, json]).toEqual([200, { erased: 4, eventId: expect.any(String), dryRun: false }]);
    expect((await tellings())[0]).toMatchObject({
      id: json.eventId,
      actor: { id: 'basic:officer' },
      share: null,
      detail: { count: 4, why: 'request 114' },
    });

    expect(await found({ patient: 'A1' })).toEqual([]);
    // Those of several patients are no longer found by the others.
    expect(await found({ patient: 'A2' })).toEqual([other.id]);
    const page = await get('/api/v1/audit/disclosures?patient=A1');
    expect(page.text).toContain('No disclosure is recorded in this period.');
    expect((await get(`/api/v1/audit/events/${among.id}`)).json).toMatchObject({
      erased: true,
      address: null,
      userAgent: null,
      requestId: 'abc-1',
      actor: { id: 'keycloak:1', name: '' },
      share: { studies: ['1.2.3'], patients: [] },
    });
    expect((await get(`/api/v1/audit/events/${alone.id}`)).json.detail).toEqual({ why: '', ruleId: null });
    expect((await get(`/api/v1/audit/events/${other.id}`)).json).toMatchObject({
      erased: false,
      address: '203.0.113.7',
    });
    const fhir = await get(`/fhir/AuditEvent/${among.id}`);
    expect(fhir.status).toBe(200);
    expect(fhir.text).not.toMatch(/A1|A2|Dr\. Ada|203\.0\.113\.7/);
    expect(await recordsOf(named)).toEqual(before);
    const verified = await warden('audit', 'verify', '--checkpoint', 'checkpoints');
    expect(verified).toMatchObject({ code: 0, err: '' });
    expect(verified.out).toContain('The record is whole.');
    expect(verified.out).toContain('4 events no longer say who somebody was');
  });

  it('leaves nothing of the patient in the tables of the record, what was asked for by readers included', async () => {
    const patient = 'B&1=50%';
    await record(opened(patient), opened(`${patient}0`));
    const text = encodeURIComponent(patient);
    for (const path of [
      `api/v1/audit/events?patient=${text}&outcome=success`,
      `api/v1/audit/disclosures.csv?patient=${text}`,
      `fhir/AuditEvent?patient=${text}`,
      `fhir/AuditEvent?patient:identifier=%7C${text}&_count=5`,
    ])
      expect([path, (await get(`/${path}`)).status]).toEqual([path, 200]);
    // Of another patient.
    await get(`/api/v1/audit/events?patient=${text}0`);
    await seal();
    expect((await erase({ patient, reason: 'r' })).json.erased).toBe(5);
    const { rows } = await admin.query<{ erasable: string }>(
      `SELECT erasable FROM audit_personal WHERE erasable LIKE '%B%1%50%'`,
    );
    expect(rows.map(({ erasable }) => /B[^"]*50(?:%25|%)0?/.exec(erasable)?.[0]).sort()).toEqual([
      'B%261%3D50%250',
      'B&1=50%0',
    ]);
  });

  it('is done once: a second time there is nothing to erase, and nothing is told', async () => {
    await record(opened('C1'));
    expect((await erase({ patient: 'C1', reason: 'r' })).json.erased).toBe(1);
    const told = (await tellings()).length;
    expect((await erase({ patient: 'C1', reason: 'r' })).json).toEqual({ erased: 0, eventId: null, dryRun: false });
    expect((await erase({ patient: 'nobody', reason: 'r' })).json.erased).toBe(0);
    expect((await tellings()).length).toBe(told);
    // What comes later is there again.
    await record(opened('C1'));
    expect((await erase({ patient: 'C1', reason: 'r' })).json.erased).toBe(1);
  });

  it('is tried first, and writes nothing then', async () => {
    const [one, two] = [opened('D1', 'D2'), event({ share: share('D1') })];
    await record(one, two);
    const told = (await tellings()).length;
    const asked = { patient: 'D1', reason: 'r', dryRun: true };
    expect((await erase(asked)).json).toEqual({ erased: 2, eventId: null, dryRun: true });
    expect([await found({ patient: 'D1' }), (await tellings()).length]).toEqual([[two.id, one.id], told]);
    // The reading just now names the patient too.
    expect((await erase(asked)).json.erased).toBe(3);
    expect((await erase({ ...asked, dryRun: false })).json.erased).toBe(3);
    expect((await erase(asked)).json.erased).toBe(0);
  });

  it('of many, in batches, of which two at once tell each event once', async () => {
    await record(...Array.from({ length: 2_345 }, () => opened('E1')));
    const both = await Promise.all([erase({ patient: 'E1', reason: 'r' }), erase({ patient: 'E1', reason: 'r' })]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect(both.reduce((sum, { json }) => sum + Number(json.erased), 0)).toBe(2_345);
    await seal();
    const { rows } = await admin.query<{ count: string; told: string | null }>(
      `SELECT count(*), told.record::json #>> '{detail,count}' AS told
       FROM audit_personal LEFT JOIN audit_event AS told ON told.id = erased_by
       WHERE erased_by IS NOT NULL GROUP BY erased_by, told.record`,
    );
    expect(rows.filter(({ count, told }) => count !== told)).toEqual([]);
    expect((await warden('audit', 'verify')).code).toBe(0);
  });

  it('erases all and tells of it, or nothing', async () => {
    const one = opened('F1');
    await record(one);
    await admin.query('REVOKE INSERT ON audit_pending FROM warden_app');
    try {
      expect((await erase({ patient: 'F1', reason: 'r' })).status).toBeGreaterThanOrEqual(500);
    } finally {
      await admin.query('GRANT INSERT ON audit_pending TO warden_app');
    }
    expect(await found({ patient: 'F1' })).toEqual([one.id]);
  });
});

describe('erasing by', () => {
  const actor = { kind: 'user', id: 'keycloak:erased', name: 'Zoë' };
  const source = { address: '198.51.100.9', userAgent: null, requestId: null };

  it('actor, whose id stays', async () => {
    const [one, two] = [event({ actor }), event({ actor, share: null, name: 'service.stopped', detail: {} })];
    await record(one, two, event());
    expect((await erase({ actor: actor.id, reason: 'r' })).json.erased).toBe(2);
    expect(await found({ actor: actor.id })).toEqual([two.id, one.id]);
    expect((await get(`/api/v1/audit/events/${one.id}`)).json.actor).toEqual({ ...actor, name: '' });
  });

  it('address', async () => {
    const one = event({ source });
    await record(one);
    expect((await erase({ address: source.address, reason: 'r' })).json.erased).toBe(1);
    expect(await found({ address: source.address })).toEqual([]);
  });

  it('several, all of which must match, within a time', async () => {
    const elsewhere = { ...source, address: '198.51.100.10' };
    const events = [
      event({ actor, source: elsewhere, share: share('G1') }),
      event({ actor, source: elsewhere, share: share('G1') }),
      event({ actor, source: elsewhere, share: share('G1') }),
      event({ actor, source: elsewhere, share: share('G2') }),
      event({ actor, source, share: share('G1') }),
      event({ source: elsewhere, share: share('G1') }),
    ];
    await record(...events);
    const [, from, to] = events.map(({ at }) => new Date(at).toISOString());
    const asked = { patient: 'G1', actor: actor.id, address: elsewhere.address, from, to, reason: 'r' };
    expect((await erase(asked)).json.erased).toBe(1);
    expect((await get(`/api/v1/audit/events/${events[1]?.id}`)).json.erased).toBe(true);
    expect((await erase({ ...asked, from: undefined, to: undefined })).json.erased).toBe(2);
    await erase({ patient: 'G2', reason: 'r' });
  });
});

describe('what is asked for wrongly', () => {
  const patient = 'P1';
  const reason = 'r';
  it.each<[string, object, string]>([
    ['nobody', { reason }, 'body'],
    ['a time alone', { reason, from: '2026-11-01T00:00:00Z' }, 'body'],
    ['no reason', { patient }, 'reason'],
    ['an empty reason', { patient, reason: '' }, 'reason'],
    ['a long reason', { patient, reason: 'x'.repeat(501) }, 'reason'],
    ['a null', { patient: null, reason }, 'patient'],
    ['NUL', { patient: 'a\0', reason }, 'patient'],
    ['a number', { actor: 1, reason }, 'actor'],
    ['a long address', { address: '1'.repeat(65), reason }, 'address'],
    ['a date without a zone', { patient, reason, from: '2026-11-01' }, 'from'],
    ['an end before the begin', { patient, reason, from: '2026-11-02T00:00:00Z', to: '2026-11-01T00:00:00Z' }, 'from'],
    ['yes', { patient, reason, dryRun: 'yes' }, 'dryRun'],
    ['what is not known', { patient, reason, text: 'a' }, 'text'],
  ])('%s is refused by name, and nothing is erased', async (_title, body, field) => {
    const one = event();
    await record(one);
    const { status, json } = await erase(body);
    expect([status, json.code]).toEqual([400, 'invalid-input']);
    expect(json.errors).toEqual([{ field, problem: expect.stringMatching(/\S/), remedy: expect.stringMatching(/\S/) }]);
    expect((await get(`/api/v1/audit/events/${one.id}`)).json.erased).toBe(false);
  });

  it('and by whoever may not: 401 without credentials, 403 without admin-permissions', async () => {
    const body = { patient, reason };
    expect((await erase(body, { authorization: '' })).status).toBe(401);
    expect((await erase(body, {})).status).toBe(403); // the plugin
    expect((await erase(body, { authorization: basic('auditor', 'auditor-pwd') })).status).toBe(403);
    expect((await erase({ ...body, dryRun: true }, all)).status).toBe(200);
  });
});

describe('warden audit erase', () => {
  it('counts with --dry-run, erases without, and says which event tells of it', async () => {
    await record(opened('W1'), opened('W1'));
    const asked = ['audit', 'erase', '--patient', 'W1', '--reason', 'request 115'];
    expect(await warden(...asked, '--dry-run')).toEqual({ code: 0, out: '2 events would be erased.\n', err: '' });
    const done = await warden(...asked);
    const [telling] = await tellings();
    expect(done).toEqual({ code: 0, out: '2 events were erased.\n', err: `The event ${telling?.id} tells of it.\n` });
    expect(telling?.detail).toEqual({ count: 2, why: 'request 115' });
    const again = await warden(...asked, '--json');
    expect(JSON.parse(again.out)).toEqual({ erased: 0, eventId: null, dryRun: false });
  });

  it('takes a time, and refuses to erase all there is', async () => {
    const one = opened('W2');
    await record(one);
    const from = new Date(one.at + 1).toISOString();
    const later = await warden('audit', 'erase', '--patient', 'W2', '--reason', 'r', '--from', from);
    expect(later.out).toBe('0 events were erased.\n');
    expect(await warden('audit', 'erase', '--reason', 'r')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--patient, --actor or --address'),
    });
    expect((await warden('audit', 'erase', '--patient', 'W2')).code).toBe(2);
    expect((await warden('audit', 'erase', '--patient', 'W2', '--reason', 'r', '--to', 'soon')).code).not.toBe(0);
  });
});
