import { type WardenEvent, itself, noSource } from '@warden/events';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type TestDatabase, createTestDatabase } from '../../../../../../test/support/test-cluster.js';
import { Database } from '../../../platform/database/database.js';
import { Secret } from '../../../platform/observability/secret.js';
import { PostgresEventLog } from '../../infra/postgres-event-log.js';
import { PostgresAuditDeliveryStore } from './postgres-audit-delivery.store.js';

const target = 'syslog';
let database: TestDatabase;
let admin: pg.Client;
const pools: Database[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.adminUrl);
  admin.on('error', () => undefined); // dropped with the database
  await admin.connect();
});
afterEach(async () => {
  for (const pool of pools.splice(0)) await pool.close();
  await admin.end();
  await database.drop();
});

function replica(): { pool: Database; store: PostgresAuditDeliveryStore } {
  const pool = new Database(new Secret(database.applicationUrl));
  pools.push(pool);
  return { pool, store: new PostgresAuditDeliveryStore(pool) };
}

async function seal(pool: Database, count: number): Promise<WardenEvent[]> {
  const events = Array.from({ length: count }, (_, index): WardenEvent => {
    const common = { id: uuidv7(), at: Date.now(), outcome: 'success', reason: null } as const;
    return index % 2 === 0
      ? {
          ...common,
          name: 'share.sent',
          actor: { kind: 'user', id: 'basic:ada', name: 'Ada' },
          source: { address: '203.0.113.7', userAgent: null, requestId: null },
          share: { id: uuidv7(), identity: 'i', type: 't', studies: ['1.2.3'], patients: ['P1'] },
          detail: { what: 'link', to: 'jane@example.org' },
        }
      : { ...common, name: 'service.stopped', actor: itself, source: noSource, share: null, detail: {} };
  });
  await new PostgresEventLog(pool).append(events);
  await pool.query('SELECT audit_seal(10000)');
  return events;
}
const positions = (found: readonly { position: number }[]) => found.map(({ position }) => position);
const cursor = async () => (await admin.query('SELECT position::int, failures FROM audit_delivery')).rows[0];
/** As if the seconds had passed for which a target is left to whoever delivered last. */
const later = () => admin.query(`UPDATE audit_delivery SET delivered_at = delivered_at - interval '6 seconds'`);

describe('the cursor of a target', () => {
  it('begins with the oldest event, and what comes after it is read in order and in full', async () => {
    const { pool, store } = replica();
    expect([await store.backlog(target), await store.next(target, 10)]).toEqual([0, []]);
    const events = await seal(pool, 5);
    expect(await store.backlog(target)).toBe(5);
    expect(await store.next(target, 10)).toEqual(events.map((event, index) => ({ position: index + 1, event })));
    await store.delivered(target, 3);
    expect(await store.backlog(target)).toBe(2);
    expect(positions(await store.next(target, 1))).toEqual([4]);
    expect([await store.backlog('another'), positions(await store.next('another', 2))]).toEqual([5, [1, 2]]);
  });

  it('goes on by delivery and back by rewinding, and never the other way', async () => {
    const { pool, store } = replica();
    await seal(pool, 6);
    for (const [move, to, expected] of [
      ['rewind', 3, undefined],
      ['delivered', 4, 4],
      ['delivered', 2, 4],
      ['rewind', 5, 4],
      ['rewind', 1, 1],
    ] as const) {
      await store[move](target, to);
      expect([move, to, (await cursor())?.position]).toEqual([move, to, expected]);
    }
    expect(positions(await store.next(target, 10))).toEqual([2, 3, 4, 5, 6]);
  });

  it('counts attempts in vain until something is delivered', async () => {
    const { pool, store } = replica();
    await seal(pool, 1);
    await store.failed(target);
    await store.failed(target);
    expect(await cursor()).toEqual({ position: 0, failures: 2 });
    await store.delivered(target, 1);
    expect(await cursor()).toEqual({ position: 1, failures: 0 });
  });

  it('passes what was erased with blanks, and what cannot be read as null', async () => {
    const { pool, store } = replica();
    await seal(pool, 2);
    await admin.query('UPDATE audit_personal SET erasable = NULL, salt = NULL');
    await admin.query(
      `ALTER TABLE audit_event DISABLE TRIGGER USER;
       DO $$ DECLARE leaf regclass; BEGIN
         FOR leaf IN SELECT relid FROM pg_partition_tree('audit_event') LOOP
           EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', leaf);
         END LOOP;
       END $$;
       UPDATE audit_event SET record = 'not JSON' WHERE position = 2`,
    );
    const [first, second] = await store.next(target, 10);
    expect(first?.event).toMatchObject({ actor: { id: 'basic:ada', name: '' }, detail: { what: 'link', to: '' } });
    expect(second).toEqual({ position: 2, event: null });
  });

  it('finds what is sealed in the next month, and looks into no month before its own', async () => {
    const { pool, store } = replica();
    await seal(pool, 4);
    const [month] = (await admin.query<{ start: Date }>(`SELECT date_trunc('month', now(), 'UTC') AS start`)).rows;
    await admin.query(`SELECT audit_make_partitions(now() - interval '40 days')`);
    await admin.query(
      `INSERT INTO audit_event SELECT class, date_trunc('month', now(), 'UTC') + interval '32 days', gen_random_uuid(),
         position + 4, number + 4, name, actor_id, share_id, study, outcome, reason, record, hash FROM audit_event`,
    );
    expect(positions(await store.next(target, 3))).toEqual([1, 2, 3]);
    await store.delivered(target, 3);
    const asked: unknown[][] = [];
    const query = pool.query.bind(pool);
    pool.query = (sql: string, parameters: readonly unknown[] = []) => (
      asked.push([...parameters]),
      query(sql, parameters)
    );
    expect(positions(await store.next(target, 10))).toEqual([4, 5, 6, 7, 8]);
    expect(asked.at(-1)?.[1]).toEqual(month?.start);
    // Another replica knows none of it.
    expect(positions(await replica().store.next(target, 10))).toEqual([4, 5, 6, 7, 8]);
    await store.rewind(target, 1);
    expect(positions(await store.next(target, 2))).toEqual([2, 3]);
  });
});

describe('the claim to a target', () => {
  it('is had by one replica at a time, and ends with its work', async () => {
    const [a, b] = [replica(), replica()];
    await seal(a.pool, 2);
    const seen = await a.store.claim(target, async () => [
      await b.store.claim(target, () => Promise.resolve('b')),
      await b.store.claim('another', () => Promise.resolve('another')),
    ]);
    expect(seen).toEqual([null, 'another']);
    await expect(a.store.claim(target, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(await b.store.claim(target, () => Promise.resolve('b'))).toBe('b');
  });

  it('stays for seconds with the replica that delivered last', async () => {
    const [a, b] = [replica(), replica()];
    await seal(a.pool, 3);
    await a.store.claim(target, () => a.store.delivered(target, 1));
    expect(await b.store.claim(target, () => Promise.resolve('b'))).toBeNull();
    expect(await a.store.claim(target, () => Promise.resolve('a'))).toBe('a');
    await later();
    expect(await b.store.claim(target, () => b.store.delivered(target, 2).then(() => 'b'))).toBe('b');
    expect(await a.store.claim(target, () => Promise.resolve('a'))).toBeNull();
  });

  it('undoes the move of a cursor whose work fails', async () => {
    const { pool, store } = replica();
    await seal(pool, 2);
    const work = () => store.delivered(target, 2).then(() => Promise.reject(new Error('broken')));
    await expect(store.claim(target, work)).rejects.toThrow('broken');
    expect(await store.backlog(target)).toBe(2);
  });

  it('is waited for by who moves the cursor back, so that no delivery hides it', async () => {
    const [a, b] = [replica(), replica()];
    await seal(a.pool, 6);
    await a.store.claim(target, () => a.store.delivered(target, 3));
    await later();
    let rewinding = Promise.resolve();
    await b.store.claim(target, async () => {
      rewinding = a.store.rewind(target, 1);
      await new Promise((resolve) => setTimeout(resolve, 100));
      await b.store.delivered(target, 6);
    });
    await rewinding;
    expect((await cursor())?.position).toBe(1);
  });
});
