import { createHash } from 'node:crypto';
import { type EventClass, type WardenEvent, classOf, eventClasses, itself, noSource } from '@warden/events';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PostgresChainsStore } from '../../apps/auth-service/src/audit/infra/postgres-chains.store.js';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

let database: TestDatabase;
let admin: pg.Client;
let pool: Database;
let log: PostgresEventLog;
let chains: PostgresChainsStore;
beforeEach(async () => {
  database = await createTestDatabase();
  admin = await connectAdmin(database);
  pool = new Database(new Secret(database.applicationUrl));
  log = new PostgresEventLog(pool);
  chains = new PostgresChainsStore(pool);
});
afterEach(async () => {
  await pool.close();
  await admin.end();
  await database.drop();
});

function event(more: Partial<WardenEvent> = {}): WardenEvent {
  return {
    id: uuidv7(),
    at: Date.now(),
    name: 'share.revoked',
    actor: { kind: 'user', id: 'keycloak:1', name: 'Dr. Ada' },
    source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'abc-1' },
    share: { id: uuidv7(), identity: 'i', type: 't', studies: ['1.2.3', '1.2.4'], patients: ['P1', 'P2', 'P3'] },
    outcome: 'success',
    reason: null,
    detail: { why: 'wrong address', ruleId: null },
    ...more,
  } as WardenEvent;
}
const refused = (): WardenEvent => event({ name: 'share.refused', outcome: 'minor-failure', detail: {} });
const started = (): WardenEvent =>
  event({
    name: 'service.started',
    actor: itself,
    source: noSource,
    share: null,
    detail: { version: '0.1.0', node: 'v20' },
  });
const granted = (study: string): WardenEvent =>
  event({
    name: 'access.granted',
    detail: { count: 3, until: Date.now(), level: 'study', method: 'get', study, serverId: null },
  });

interface Sealed {
  class: EventClass;
  filed_at: Date;
  id: string;
  position: string;
  number: string;
  study: string | null;
  record: string;
  hash: Buffer;
}
const sealed = async (): Promise<Sealed[]> =>
  (await admin.query<Sealed>('SELECT * FROM audit_event ORDER BY position')).rows;
const waiting = async (): Promise<number> => (await admin.query('SELECT FROM audit_pending')).rowCount ?? 0;

/** As the documentation has it, in other words than the database's. */
function link(before: Buffer, number: number, record: string): Buffer {
  const count = Buffer.alloc(8);
  count.writeBigInt64BE(BigInt(number));
  return createHash('sha256')
    .update(Buffer.from([0]))
    .update(before)
    .update(count)
    .update(record)
    .digest();
}
const genesis = (name: string, month: string, previous: Buffer | null): Buffer =>
  createHash('sha256')
    .update(['orthanc-warden audit chain', name, month, previous?.toString('hex') ?? ''].join('\n'))
    .digest();

describe('sealing', () => {
  it('moves what waits into one chain for each class, in the order of recording', async () => {
    const events = [event(), refused(), started(), granted('1.2.4'), event(), refused()];
    await log.append(events.slice(0, 4));
    await log.append(events.slice(4));
    expect(await chains.seal(100)).toBe(6);
    expect(await waiting()).toBe(0);
    const rows = await sealed();
    expect(rows.map(({ id, class: name, position }) => [id, name, Number(position)])).toEqual(
      events.map(({ id, name }, index) => [id, classOf(name), index + 1]),
    );
    const month = new Date().toISOString().slice(0, 7);
    const ends = new Map((await chains.ends()).map((end) => [end.class, end]));
    for (const name of eventClasses) {
      let hash = genesis(name, month, null);
      const chain = rows.filter((row) => row.class === name);
      for (const [index, row] of chain.entries()) {
        expect(Number(row.number)).toBe(index + 1);
        hash = link(hash, index + 1, row.record);
        expect(row.hash.toString('hex')).toBe(hash.toString('hex'));
      }
      expect(ends.get(name)).toEqual({ class: name, month, size: chain.length, head: hash.toString('hex') });
    }
  });

  it('goes on where it ended, a bounded number at once', async () => {
    await log.append(Array.from({ length: 25 }, () => event()));
    expect([await chains.seal(10), await chains.seal(10), await chains.seal(10), await chains.seal(10)]).toEqual([
      10, 10, 5, 0,
    ]);
    const rows = await sealed();
    expect(rows.map(({ number }) => Number(number))).toEqual(Array.from({ length: 25 }, (_, index) => index + 1));
    const [first, second] = rows;
    expect(link(first?.hash ?? Buffer.alloc(0), 2, second?.record ?? '')).toEqual(second?.hash);
  });

  it('is done by one replica at a time, and every event is sealed once', async () => {
    await log.append(Array.from({ length: 400 }, () => event()));
    const others = [1, 2, 3].map(() => new Database(new Secret(database.applicationUrl)));
    try {
      const counts = await Promise.all(
        others.flatMap((other) => [1, 2, 3].map(() => new PostgresChainsStore(other).seal(50))),
      );
      expect(counts.filter((count) => count !== null && count > 50)).toEqual([]);
      while ((await chains.seal(50)) !== 0);
      expect((await sealed()).map(({ position }) => Number(position))).toEqual(
        Array.from({ length: 400 }, (_, index) => index + 1),
      );
    } finally {
      await Promise.all(others.map((other) => other.close()));
    }
  });

  it('files every study and patient of an event, and of an access the study that was asked for', async () => {
    const shared = event();
    const access = granted('1.2.4');
    await log.append([shared, access, started()]);
    await chains.seal(10);
    expect((await sealed()).map(({ study }) => study)).toEqual(['1.2.3', '1.2.4', null]);
    const halves = await admin.query('SELECT id, patient, address FROM audit_personal ORDER BY id');
    expect(halves.rows).toEqual(
      [shared, access]
        .map(({ id }) => ({ id, patient: 'P1', address: '203.0.113.7' }))
        .sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    const subjects = await admin.query('SELECT study, patient FROM audit_subject WHERE id = $1 ORDER BY 1, 2', [
      shared.id,
    ]);
    expect(subjects.rows).toEqual([
      { study: '1.2.4', patient: null },
      { study: null, patient: 'P2' },
      { study: null, patient: 'P3' },
    ]);
    const further = await admin.query('SELECT study FROM audit_subject WHERE id = $1 AND study IS NOT NULL', [
      access.id,
    ]);
    expect(further.rows).toEqual([]);
  });

  it('files an event when it happened, and none before the open month or more than a day ago, nor ahead of the clock', async () => {
    const now = Date.now();
    const events = [now - 60_000, now - 100 * 86_400_000, now + 3_600_000].map((at) => event({ at }));
    await log.append(events);
    await chains.seal(10);
    const month = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth());
    const [lately = 0, longAgo = 0, ahead = 0] = (await sealed()).map(({ filed_at }) => filed_at.getTime());
    expect(lately).toBe(Math.max(now - 60_000, month));
    expect(longAgo).toBeGreaterThanOrEqual(Math.max(now - 86_400_000, month));
    expect(longAgo).toBeLessThan(now - 80_000_000 > month ? now - 80_000_000 : now);
    expect(ahead).toBeLessThanOrEqual(Date.now());
    expect(ahead).toBeGreaterThanOrEqual(now - 1);
  });

  it('begins the chain of a new month from the end of the one before it', async () => {
    await log.append([event(), event()]);
    await chains.seal(10);
    // The month before this one, as if it were the one before.
    await admin.query(`UPDATE audit_chain SET month = month - interval '1 month'`);
    await log.append([event()]);
    await chains.seal(10);
    const { rows } = await admin.query<{ head: Buffer; previous: Buffer | null; size: string; month: string }>(
      `SELECT head, previous, size, to_char(month, 'YYYY-MM') AS month FROM audit_chain
       WHERE class = 'management' ORDER BY audit_chain.month`,
    );
    const [older, newer] = rows;
    expect([older?.size, newer?.size]).toEqual(['2', '1']);
    expect(newer?.previous).toEqual(older?.head);
    const last = (await sealed()).at(-1);
    expect([last?.number, last?.position]).toEqual(['1', '3']);
    const first = genesis('management', newer?.month ?? '', older?.head ?? null);
    expect(last?.hash).toEqual(link(first, 1, last?.record ?? ''));
  });

  it('is not stopped by what was sealed before and recorded again', async () => {
    const [first, second] = [event(), event()];
    await log.append([first]);
    await chains.seal(10);
    await log.append([second, first]);
    await chains.seal(10);
    await chains.seal(10);
    expect((await sealed()).map(({ id, number }) => [id, number])).toEqual([
      [first.id, '1'],
      [second.id, '2'],
    ]);
    expect(await waiting()).toBe(0);
  });

  it('seals nothing when nothing waits, and what the release before recorded as it is', async () => {
    expect(await chains.seal(10)).toBe(0);
    await admin.query(
      `INSERT INTO audit_pending (id, at, name, share_id, record)
       VALUES (gen_random_uuid(), now(), 'share.refused', gen_random_uuid(), $1)`,
      [
        '{"version":1, "name":"share.refused","actor":{"id":"a"},"outcome":"minor-failure","share":{"studies":["1.2"]}}',
      ],
    );
    expect(await chains.seal(10)).toBe(1);
    const [row] = await sealed();
    expect([row?.class, row?.study, row?.record.startsWith('{"version":1, "name"')]).toEqual(['denial', '1.2', true]);
  });
});

describe('the record', () => {
  it('lets the application role neither change, remove nor slip in anything, and the owner only after a trigger is gone', async () => {
    await log.append([event()]);
    await chains.seal(10);
    const owner = new pg.Client(database.ownerUrl);
    await owner.connect();
    try {
      for (const statement of [
        `UPDATE audit_event SET record = '{}'`,
        'DELETE FROM audit_event',
        'TRUNCATE audit_event',
        'TRUNCATE audit_event_management',
        `DELETE FROM audit_event_management_${new Date().toISOString().slice(0, 7).replace('-', '_')}`,
      ]) {
        await expect(pool.query(statement)).rejects.toThrow(/permission denied|must be owner/);
        await expect(owner.query(statement)).rejects.toThrow(/only added to/);
      }
      for (const statement of [
        `INSERT INTO audit_event SELECT * FROM audit_event`,
        'DELETE FROM audit_personal',
        'UPDATE audit_personal SET patient = NULL',
        'DELETE FROM audit_subject',
        'UPDATE audit_chain SET size = 0',
        'DELETE FROM audit_checkpoint',
        'UPDATE audit_retention SET days = 1',
        'DELETE FROM audit_pending',
        "CREATE TABLE audit_event_access_1999_01 PARTITION OF audit_event_access FOR VALUES FROM ('1999-01-01') TO ('1999-02-01')",
      ])
        await expect(pool.query(statement)).rejects.toThrow(/permission denied|must be owner/);
    } finally {
      await owner.end();
    }
    expect(await sealed()).toHaveLength(1);
  });

  it('has room made ahead for two months, once', async () => {
    const leaves = async (): Promise<string[]> =>
      (
        await admin.query<{ name: string }>(
          `SELECT relname AS name FROM pg_class WHERE relname ~ '^audit_(event|personal|subject)_[a-z]+_[0-9_]+$' AND relkind = 'r'`,
        )
      ).rows.map(({ name }) => name);
    // The migration made some, perhaps in the month before.
    for (const leaf of await leaves()) await admin.query(`DROP TABLE ${leaf}`);
    await chains.makeRoom();
    await chains.makeRoom();
    const now = new Date();
    const months = [0, 1, 2].map((more) =>
      new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + more)).toISOString().slice(0, 7).replace('-', '_'),
    );
    const wanted = ['event', 'personal', 'subject'].flatMap((table) =>
      eventClasses.flatMap((name) => months.map((month) => `audit_${table}_${name}_${month}`)),
    );
    expect((await leaves()).sort()).toEqual(wanted.sort());
  });

  it('loses the events of a class that were kept for as long as they are to be, and keeps where their chain ended', async () => {
    await log.append([event(), granted('1.2.3')]);
    await chains.seal(10);
    expect(await chains.dropExpired()).toEqual([]);
    // Three years ago, as far as the calendar of the record knows.
    await admin.query(`UPDATE audit_chain SET month = month - interval '3 years'`);
    const dropped = await chains.dropExpired();
    expect(dropped.map(({ class: name, size }) => [name, size]).sort()).toEqual([
      ['access', 1],
      ['denial', 0],
    ]);
    expect((await chains.ends()).map(({ class: name }) => name)).toEqual(['disclosure', 'management']);
    const kept = await admin.query('SELECT class, size FROM audit_chain WHERE dropped_at IS NOT NULL ORDER BY 1');
    expect(kept.rows).toEqual([
      { class: 'access', size: '1' },
      { class: 'denial', size: '0' },
    ]);
  });

  it('has the half of an event erased that can be, and its record stay', async () => {
    await log.append([event(), event()]);
    await chains.seal(10);
    const [first, second] = await sealed();
    const by = uuidv7();
    const [row] = await pool.query<{ erased: number }>('SELECT audit_erase($1, $2, $3) AS erased', [
      [first?.filed_at],
      [first?.id],
      by,
    ]);
    expect(row?.erased).toBe(1);
    const { rows } = await admin.query('SELECT * FROM audit_personal ORDER BY erased_by NULLS LAST');
    expect(rows[0]).toMatchObject({
      id: first?.id,
      patient: null,
      address: null,
      salt: null,
      erasable: null,
      erased_by: by,
    });
    expect(rows[1]).toMatchObject({ id: second?.id, patient: 'P1', erased_by: null });
    const subjects = await admin.query('SELECT id FROM audit_subject WHERE patient IS NOT NULL');
    expect(new Set(subjects.rows.map(({ id }: { id: string }) => id))).toEqual(new Set([second?.id]));
    expect((await sealed())[0]?.hash).toEqual(first?.hash);
  });
});
