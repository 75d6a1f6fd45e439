import { type WardenEvent, itself, noSource } from '@warden/events';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { EventLog } from '../../apps/auth-service/src/audit/index.js';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { PostgresShareEventsStore } from '../../apps/auth-service/src/audit/infra/postgres-share-events.store.js';
import { createDataSource } from '../../apps/auth-service/src/platform/database/data-source.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { migrate } from '../../apps/auth-service/src/platform/database/migrator.js';
import { PinoLog } from '../../apps/auth-service/src/platform/observability/log.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { SystemClock } from '../../apps/auth-service/src/platform/time/clock.js';
import { PostgresExpiredSharesStore } from '../../apps/auth-service/src/shares/infra/postgres-expired-shares.store.js';
import type { TakenShares } from '../../apps/auth-service/src/shares/registry/expired-shares.store.js';
import { RecordExpiredShares } from '../../apps/auth-service/src/shares/registry/record-expired-shares.usecase.js';
import { type RecordedEvent, recordedEvents } from '../support/recorded-events.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';
import { type TestService, adminCredentials, basic, startTestService } from '../support/test-service.js';

const hour = 3_600_000;
const start = Date.now();

function revoked(shareId: string, more: Partial<WardenEvent> = {}): WardenEvent {
  return {
    id: uuidv7(),
    at: start,
    name: 'share.revoked',
    actor: { kind: 'user', id: 'keycloak:1', name: 'Dr. Ada' },
    source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'abc-1' },
    share: { id: shareId, identity: 'pPZ1VVnlD1pKFBz5bbyL5w', type: 't', studies: ['1.2.3'], patients: ['P1'] },
    outcome: 'success',
    reason: null,
    detail: { why: 'wrong address', ruleId: null },
    ...more,
  } as WardenEvent;
}

let database: TestDatabase;
let admin: pg.Client;
const pools: Database[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  admin = await connectAdmin(database);
});
afterEach(async () => {
  await Promise.all(pools.splice(0).map((pool) => pool.close()));
  await admin.end();
  await database.drop();
});

function pool(): Database {
  const made = new Database(new Secret(database.applicationUrl));
  pools.push(made);
  return made;
}
const stored = (): Promise<RecordedEvent[]> => recordedEvents(admin);
const ofShares = async (): Promise<RecordedEvent[]> => (await stored()).filter(({ name }) => name.startsWith('share.'));

/** Shares by SQL, as any release may have left them. Ids in order. */
async function shares(count: number, columns: { expires_at: string; revoked_at?: string }): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `INSERT INTO share (id, token_id, key_id, origin, type, minted_at, expires_at, revoked_at)
     SELECT gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 'k', 'minted', 'stone-viewer-publication',
       now() - interval '1 day', ${columns.expires_at}, ${columns.revoked_at ?? 'NULL'}
     FROM generate_series(1, ${count}) AS n RETURNING id`,
  );
  return rows.map(({ id }) => id).sort();
}

function sweepOf(replica: Database): { sweep: RecordExpiredShares; lines: string[] } {
  const lines: string[] = [];
  const sweep = new RecordExpiredShares(
    new PostgresExpiredSharesStore(replica),
    new PostgresEventLog(replica),
    replica,
    new SystemClock(),
    new PinoLog({ write: (line: string) => void lines.push(line) }),
  );
  return { sweep, lines };
}

describe('the event log', () => {
  it('keeps many events, each with the text of its record', async () => {
    const events = Array.from({ length: 2_000 }, (_, n) =>
      revoked(uuidv7(), { at: start - n, detail: { why: `"\\ {${n}},\n\0\ud800 é`, ruleId: null } }),
    );
    await new PostgresEventLog(pool()).append(events);
    const rows = await stored();
    const ids = events.map(({ id }) => id).sort();
    expect(rows.map(({ id }) => id)).toEqual(ids);
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const row of rows) {
      const event = byId.get(row.id);
      expect([row.name, row.shareId]).toEqual([event?.name, event?.share?.id]);
      const why = (event?.detail as { why: string }).why.replace('\0', '').toWellFormed();
      expect(row.event).toEqual({ ...event, detail: { why, ruleId: null } });
    }
  });

  it('keeps events that have something to erase beside those that have not', async () => {
    const told = revoked(uuidv7(), { detail: { why: 'lost', ruleId: null } });
    const many = revoked(uuidv7(), {
      detail: { why: '', ruleId: null },
      share: { ...told.share, studies: ['1.2.3', '1.2.4'], patients: [] } as WardenEvent['share'],
    });
    const share = { ...many.share, patients: [] } as unknown as WardenEvent['share'];
    const plain = revoked(uuidv7(), { detail: { why: '', ruleId: null }, actor: itself, source: noSource, share });
    await new PostgresEventLog(pool()).append([told, many, plain]);
    const { rows } = await admin.query<{ id: string; half: boolean; salt: number | null; further: object | null }>(
      'SELECT id, erasable IS NOT NULL AS half, octet_length(salt) AS salt, further FROM audit_pending',
    );
    const of = ({ id }: WardenEvent) => rows.find((row) => row.id === id);
    expect(of(told)).toMatchObject({ half: true, salt: 16, further: null });
    expect(of(many)?.further).toEqual({ studies: ['1.2.4'], patients: [] });
    expect(of(plain)).toMatchObject({ half: false, salt: null, further: { studies: ['1.2.4'] } });
  });

  it('keeps nothing when the transaction of the cause is rolled back, and all when it is kept', async () => {
    const replica = pool();
    const log = new PostgresEventLog(replica);
    const [id = ''] = await shares(1, { expires_at: 'NULL' });
    const cause = (after: () => void) =>
      replica.run(async () => {
        await replica.query(`UPDATE share SET revoke_reason = 'x' WHERE id = $1`, [id]);
        await log.append([revoked(id)]);
        after();
      });
    const fail = () => {
      throw new Error('afterwards');
    };
    await expect(cause(fail)).rejects.toThrow('afterwards');
    expect(await stored()).toEqual([]);
    await cause(() => undefined);
    expect(await stored()).toHaveLength(1);
  });

  it('refuses an event twice, and takes no events for nothing', async () => {
    const log = new PostgresEventLog(pool());
    const event = revoked(uuidv7());
    await log.append([event]);
    await expect(log.append([revoked(uuidv7()), event])).rejects.toThrow(/audit_pending_pk/);
    await log.append([]);
    expect((await stored()).map(({ id }) => id)).toEqual([event.id]);
  });

  it('lets the application role neither change nor remove an event', async () => {
    const replica = pool();
    await new PostgresEventLog(replica).append([revoked(uuidv7())]);
    for (const statement of [
      `UPDATE audit_pending SET record = '{}'`,
      `UPDATE audit_pending SET at = now()`,
      'DELETE FROM audit_pending',
      'TRUNCATE audit_pending',
    ])
      await expect(replica.query(statement)).rejects.toThrow(/permission denied/);
    expect(await stored()).toHaveLength(1);
  });

  it('leaves out what a later release recorded, and pages on behind it', async () => {
    const replica = pool();
    const shareId = uuidv7();
    const events = Array.from({ length: 3 }, () => revoked(shareId));
    await new PostgresEventLog(replica).append(events);
    const [first, second, third] = events.map(({ id }) => id).sort();
    await admin.query(
      `UPDATE audit_pending SET record = json_build_object('name', 'share.lost', 'version', 2) WHERE id = $1`,
      [second],
    );
    const store = new PostgresShareEventsStore(replica);
    const page = await store.page(shareId, 2, null);
    expect([page.events.map(({ id }) => id), page.next]).toEqual([[third], second]);
    const last = await store.page(shareId, 2, page.next);
    expect([last.events.map(({ id }) => id), last.next]).toEqual([[first], null]);
  });
});

describe('the expiry of a share', () => {
  const idsOf = ({ expired }: TakenShares) => expired.map(({ share }) => share.id);

  it('is recorded once, however many replicas look at once', async () => {
    const expired = await shares(1_700, { expires_at: `now() - n * interval '1 minute'` });
    const { rows: ends } = await admin.query<{ id: string; at: Date }>('SELECT id, expires_at AS at FROM share');
    await shares(3, { expires_at: `now() + interval '1 hour'` });
    await shares(3, { expires_at: 'NULL' });
    await shares(3, { expires_at: `now() - interval '1 hour'`, revoked_at: `now() - interval '2 hours'` });

    const replicas = [sweepOf(pool()), sweepOf(pool()), sweepOf(pool())];
    await Promise.all(replicas.map(({ sweep }) => sweep.execute()));
    await Promise.all(replicas.map(({ sweep }) => sweep.execute()));

    const rows = await stored();
    expect(rows.map(({ shareId }) => shareId).sort()).toEqual(expired);
    const endOf = new Map(ends.map(({ id, at }) => [id, at.getTime()]));
    for (const row of rows) {
      const { event } = row;
      expect(event).toMatchObject({
        name: 'share.expired',
        at: endOf.get(row.shareId ?? ''),
        detail: {},
        source: noSource,
      });
      expect(event?.actor).toEqual(itself);
    }
    expect(replicas.flatMap(({ lines }) => lines)).toEqual([]);
    // Those that were revoked before were passed over for good.
    expect(await new PostgresExpiredSharesStore(pool()).anyDue(Date.now())).toBe(false);
  });

  it('is recorded behind a thousand shares that were revoked before', async () => {
    await shares(1_000, { expires_at: `now() - interval '2 hours'`, revoked_at: `now() - interval '3 hours'` });
    const [expired] = await shares(1, { expires_at: `now() - interval '1 hour'` });
    await sweepOf(pool()).sweep.execute();
    expect((await stored()).map(({ shareId }) => shareId)).toEqual([expired]);
  });

  it('is taken by one replica while another one has it in hand', async () => {
    const expired = await shares(6, { expires_at: `now() - n * interval '1 minute'` });
    const [one, other] = [pool(), pool()];
    const taken: string[][] = [];
    await one.run(async () => {
      taken.push(idsOf(await new PostgresExpiredSharesStore(one).take(Date.now(), 4)));
      // Does not wait for the first, which is still under way.
      taken.push(idsOf(await new PostgresExpiredSharesStore(other).take(Date.now(), 4)));
    });
    expect(taken.map((ids) => ids.length)).toEqual([4, 2]);
    expect(taken.flat().sort()).toEqual(expired);
  });

  it('is recorded later when it could not be recorded', async () => {
    const [id] = await shares(1, { expires_at: `now() - interval '1 minute'` });
    const { sweep, lines } = sweepOf(pool());
    await admin.query('REVOKE INSERT ON audit_pending FROM warden_app');
    await sweep.execute();
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['expiry-record-postponed']);
    await admin.query('GRANT INSERT ON audit_pending TO warden_app');
    await sweep.execute();
    expect((await stored()).map(({ shareId }) => shareId)).toEqual([id]);
  });

  it('tells what was shared: as the archive told, and else as the share says', async () => {
    const [id] = await shares(1, { expires_at: `now() - interval '1 minute'` });
    await admin.query(
      `INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id) VALUES
         ($1, 1, 'study', '1.2.3', 'o-3'), ($1, 2, 'study', NULL, 'o-4'), ($1, 3, 'study', '', 'o-5'),
         ($1, 4, 'patient', 'P-1', NULL), ($1, 5, 'series', '1.2.6.1', 'o-6')`,
      [id],
    );
    await admin.query(
      `INSERT INTO share_study (share_id, study_orthanc_id, study_dicom_uid, patient_id) VALUES
         ($1, 'o-4', '1.2.4', 'P-2'), ($1, 'o-9', '1.2.9', 'P-1')`,
      [id],
    );
    await sweepOf(pool()).sweep.execute();
    expect((await stored())[0]?.event?.share).toMatchObject({
      id,
      type: 'stone-viewer-publication',
      studies: ['1.2.3', '1.2.4', '1.2.9', 'o-5'],
      patients: ['P-1', 'P-2'],
    });
  });

  it('is recorded of no share that had expired before the service knew of events', async () => {
    const there = async () =>
      (await admin.query(`SELECT to_regclass('audit_pending') IS NOT NULL AS yes`)).rows[0].yes as boolean;
    const source = await createDataSource(new Secret(database.ownerUrl), 1).initialize();
    while (await there()) await source.undoLastMigration();
    await source.destroy();
    await shares(2, { expires_at: `now() - interval '1 minute'` });
    const [open = ''] = await shares(1, { expires_at: `now() + interval '1 hour'` });
    await shares(1, { expires_at: 'NULL' });
    await migrate(new Secret(database.ownerUrl), new Secret(database.applicationUrl));

    const replica = pool();
    await sweepOf(replica).sweep.execute();
    expect(await stored()).toEqual([]);
    const later = await replica.run(() => new PostgresExpiredSharesStore(replica).take(Date.now() + 2 * hour, 10));
    expect(idsOf(later)).toEqual([open]);
  });

  it('is recorded when the service starts', async () => {
    const [id] = await shares(1, { expires_at: `now() - interval '1 minute'` });
    const service = await startTestService({ database });
    try {
      const deadline = Date.now() + 5_000;
      while ((await ofShares()).length === 0 && Date.now() < deadline)
        await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await ofShares()).map(({ shareId, name }) => [shareId, name])).toEqual([[id, 'share.expired']]);
    } finally {
      await service.close();
    }
  });
});

describe('the history of a share', () => {
  let service: TestService;
  let log: EventLog;
  beforeEach(async () => {
    service = await startTestService({ database });
    log = service.app.get(EventLog, { strict: false });
  });
  afterEach(() => service.close());

  const sharer = { authorization: basic('sharer', 'sharer-pwd') };
  const everyone = { authorization: adminCredentials };
  const history = (id: string, headers: Record<string, string>, query = '') =>
    service.call('GET', `/api/v1/shares/${id}/history${query}`, undefined, headers);
  async function mint(label: string, headers: Record<string, string>): Promise<string> {
    const resources = [{ level: 'study', 'dicom-uid': '1.2.3' }];
    await service.call('PUT', '/tokens/stone-viewer-publication', { id: label, resources }, headers);
    const { rows } = await admin.query<{ id: string }>('SELECT id FROM share WHERE label = $1', [label]);
    return rows[0]?.id ?? '';
  }

  it('is shown to who shared and to administrators, and is of no share to anyone else', async () => {
    const mine = await mint('mine', sharer);
    const others = await mint('others', everyone);
    await log.append([revoked(mine), revoked(others)]);
    const [item] = (await history(mine, sharer)).json.items;
    expect(item).toEqual({
      at: new Date(start).toISOString(),
      event: 'share.revoked',
      actor: { kind: 'user', id: 'keycloak:1', name: 'Dr. Ada' },
      address: '203.0.113.7',
      userAgent: 'Firefox',
      outcome: 'success',
      reason: null,
      detail: { why: 'wrong address', ruleId: null },
    });
    expect((await history(mine, everyone)).json).toEqual((await history(mine, sharer)).json);
    expect((await history(others, everyone)).json.items[0].event).toBe('share.revoked');
    for (const id of [others, uuidv7(), 'nothing'])
      expect([(await history(id, sharer)).status, (await history(id, sharer)).json.code]).toEqual([
        404,
        'share-not-found',
      ]);
    expect((await history(mine, { authorization: basic('landing', 'landing-pwd') })).status).toBe(403);
  });

  it('holds the events of this share alone, newest first, in pages without a gap', async () => {
    const id = await mint('paged', sharer);
    const other = await mint('other', sharer);
    const whys = Array.from({ length: 7 }, (_, index) => `event ${index}`);
    const base = Date.now() + hour;
    for (const [index, why] of whys.entries())
      await log.append([
        // Recorded in this order, though each happened before the one before.
        revoked(id, { id: uuidv7({ msecs: base + index }), at: start - index, detail: { why, ruleId: null } }),
        revoked(other),
      ]);
    const found: string[] = [];
    let sizes: number[] = [];
    let next: string | null = null;
    do {
      const query: string = next === null ? '?limit=3' : `?limit=3&cursor=${next}`;
      const { json } = await history(id, sharer, query);
      sizes = [...sizes, json.items.length];
      found.push(
        ...json.items
          .filter(({ event }: { event: string }) => event === 'share.revoked')
          .map(({ detail }: { detail: { why: string } }) => detail.why),
      );
      next = json.next;
      // What comes in meanwhile moves nothing.
      if (sizes.length === 1) await log.append([revoked(id, { id: uuidv7({ msecs: base + hour }) })]);
    } while (next !== null && sizes.length < 10);
    expect(found).toEqual([...whys].reverse());
    expect(sizes[0]).toBe(3);
    expect((await history(id, sharer, '?limit=0')).status).toBe(400);
    expect((await history(id, sharer, '?cursor=x')).status).toBe(400);
  });

  it('tells moments of a creation as dates', async () => {
    const id = await mint('dated', sharer);
    const detail = {
      way: 'api',
      expiresAt: start + hour,
      notBefore: null,
      gate: 'pin',
      maxOpens: 3,
      recipient: 'Dr. Bo',
      purposeOfUse: 'TREAT',
      why: 'second opinion',
      replaces: null,
    };
    await log.append([revoked(id, { id: uuidv7({ msecs: start + hour }), name: 'share.created', detail } as never)]);
    expect((await history(id, sharer)).json.items[0].detail).toEqual({
      ...detail,
      expiresAt: new Date(start + hour).toISOString(),
    });
  });
});
