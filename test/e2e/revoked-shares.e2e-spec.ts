import { type EventShare, itself, noSource } from '@warden/events';
import type pg from 'pg';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { createDataSource } from '../../apps/auth-service/src/platform/database/data-source.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { migrate } from '../../apps/auth-service/src/platform/database/migrator.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { Parameters } from '../../apps/auth-service/src/shares/infra/share-conditions.js';
import { pageStatement } from '../../apps/auth-service/src/shares/infra/share-page.js';
import { shareRevoked } from '../../apps/auth-service/src/shares/share-events.js';
import { PostgresSharesStore } from '../../apps/auth-service/src/shares/infra/postgres-shares.store.js';
import type { ShareFilter, ShareOrder } from '../../apps/auth-service/src/shares/shares.store.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

let database: TestDatabase;
let admin: pg.Client;
let pool: Database;
let store: PostgresSharesStore;

beforeEach(async () => {
  database = await createTestDatabase();
  admin = await connectAdmin(database);
  pool = new Database(new Secret(database.applicationUrl));
  store = new PostgresSharesStore(pool, new ChangeWriter(pool), new PostgresEventLog(pool));
});
afterEach(async () => {
  await pool.close();
  await admin.end();
  await database.drop();
});

/** Shares by SQL, as any release may have left them, one a minute; ids in the order of minting. */
async function shares(count: number): Promise<string[]> {
  const { rows } = await admin.query<{ id: string }>(
    `INSERT INTO share (id, token_id, key_id, origin, type, minted_at)
     SELECT gen_random_uuid(), sha256(gen_random_uuid()::text::bytea), 'k', 'minted', 'stone-viewer-publication',
       '2026-11-21T08:00:00Z'::timestamptz + n * interval '1 minute'
     FROM generate_series(1, ${count}) AS n RETURNING id`,
  );
  return rows.map(({ id }) => id);
}

/** As the previous release does it. */
const revokeBySql = (ids: readonly string[]) =>
  pool.query(
    `UPDATE share SET revoked_at = now(), revoked_by = 'basic:admin', revoke_reason = 'lost' WHERE id = ANY ($1::uuid[])`,
    [ids],
  );

async function revoked(
  filter: ShareFilter = {},
  { limit = 2, order = 'newest-first', from = null }: { limit?: number; order?: ShareOrder; from?: string | null } = {},
): Promise<string[]> {
  const found: string[] = [];
  for (let after = from; ;) {
    const asked = { ...filter, state: { is: 'revoked', now: Date.now() } } as const;
    const page = await store.list({ filter: asked, order, limit, after });
    found.push(...page.map(({ id }) => id));
    if (page.length < limit) return found;
    after = page.at(-1)?.id ?? null;
  }
}

describe('the list of revoked shares', () => {
  it('has those that were revoked before there was one, and those that the previous release revokes', async () => {
    const source = await createDataSource(new Secret(database.ownerUrl), 1).initialize();
    const there = async () =>
      (await admin.query<{ yes: boolean }>(`SELECT to_regclass('revoked_share') IS NOT NULL AS yes`)).rows[0]?.yes;
    while (await there()) await source.undoLastMigration();
    const ids = await shares(7);
    await revokeBySql([ids[0]!, ids[3]!]);
    await migrate(new Secret(database.ownerUrl), new Secret(database.applicationUrl));
    await revokeBySql([ids[5]!, ids[1]!]);
    expect(await revoked()).toEqual([ids[5], ids[3], ids[1], ids[0]]);
    // And back again.
    while (await there()) await source.undoLastMigration();
    await revokeBySql([ids[6]!]);
    await source.destroy();
    expect((await admin.query('SELECT FROM share WHERE revoked_at IS NOT NULL')).rowCount).toBe(5);
  });

  it('has a share once, however often it is written', async () => {
    const ids = await shares(3);
    await revokeBySql(ids.slice(0, 2));
    await revokeBySql(ids.slice(0, 2));
    expect(await revoked()).toEqual([ids[1], ids[0]]);
  });

  it.each([
    ['minted after', (at: number) => ({ mintedAfter: at }), [4, 3]],
    ['minted before', (at: number) => ({ mintedBefore: at }), [2, 1]],
    ['type', () => ({ type: 'stone-viewer-publication' }), [4, 3, 2, 1]],
    ['key', () => ({ keyId: 'another' }), []],
    ['end', (at: number) => ({ expiresAfter: at }), [4, 3, 2, 1]],
  ])('is narrowed by %s, page by page', async (_, filter, expected) => {
    const ids = await shares(6);
    await revokeBySql(ids.slice(1, 5));
    const third = Date.parse('2026-11-21T08:04:00Z');
    const found = expected.map((index) => ids[index]);
    expect(await revoked(filter(third), { limit: 1 })).toEqual(found);
    expect(await revoked(filter(third), { limit: 1, order: 'oldest-first' })).toEqual(found.reverse());
  });

  it('goes on behind any share, also of the same moment, and behind one that is not revoked', async () => {
    const ids = await shares(6);
    await admin.query('UPDATE share SET minted_at = (SELECT min(minted_at) FROM share) WHERE id = ANY ($1::uuid[])', [
      ids.slice(1, 5),
    ]);
    await revokeBySql(ids.slice(1));
    const [same, last] = [ids.slice(1, 5).sort(), ids[5]!];
    expect(await revoked({}, { order: 'oldest-first' })).toEqual([...same, last]);
    expect(await revoked()).toEqual([last, ...same.reverse()]);
    const behind = await revoked({}, { order: 'oldest-first', from: ids[0]! });
    expect(behind).toEqual([...same.filter((id) => id > ids[0]!).reverse(), last]);
  });

  it('looks at few, where many have just been revoked, and where the bounds are far in the past', async () => {
    await shares(5_000);
    await admin.query('VACUUM ANALYZE share');
    // What the database knows of the shares is that none is revoked.
    await admin.query(`UPDATE share SET revoked_at = now(), revoked_by = 'a', revoke_reason = 'b'`);
    const state = { is: 'revoked', now: Date.now() } as const;
    const mintedBefore = Date.parse('2026-11-21T08:30:00Z');
    for (const filter of [{ state }, { state, mintedBefore }, { state, keyId: 'k' }]) {
      const parameters = new Parameters();
      const page = pageStatement({ filter, order: 'newest-first', limit: 25, after: null }, parameters);
      const { rows } = await admin.query<{ 'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number } }] }>(
        `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${page}`,
        parameters.values,
      );
      expect(rows[0]?.['QUERY PLAN'][0].Plan['Shared Hit Blocks']).toBeLessThan(300);
    }
  });

  it('is made while shares are written, and nobody is turned away', async () => {
    const source = await createDataSource(new Secret(database.ownerUrl), 1).initialize();
    while ((await admin.query(`SELECT FROM pg_tables WHERE tablename = 'revoked_share'`)).rowCount! > 0)
      await source.undoLastMigration();
    await source.destroy();
    const ids = await shares(2);
    const migrating: Promise<unknown>[] = [];
    await pool.run(async () => {
      await pool.query('SELECT FROM share WHERE id = $1 FOR UPDATE', [ids[0]]);
      migrating.push(migrate(new Secret(database.ownerUrl), new Secret(database.applicationUrl)));
      await waiting();
      await revokeBySql(ids.slice(0, 1));
    });
    await Promise.all(migrating);
    expect(await revoked()).toEqual(ids.slice(0, 1));
  });
});

/** Until somebody waits for a lock of somebody else. */
async function waiting(): Promise<void> {
  for (const end = Date.now() + 5_000; Date.now() < end;) {
    const { rowCount } = await admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    if (rowCount !== 0) return;
    await new Promise((again) => setTimeout(again, 20));
  }
  throw new Error('nobody waits');
}

describe('ending many shares', () => {
  const revocation = { at: Date.now(), by: 'basic:admin', reason: 'lost' };
  const batches = async (size: number): Promise<(readonly string[])[]> => {
    const found: (readonly string[])[] = [];
    for await (const ids of store.idsToEnd({ filter: {}, undatedToo: true }, Date.now(), size)) found.push(ids);
    return found;
  };

  it('takes those together that lie far apart', async () => {
    const ids = (await shares(7)).sort();
    expect(await batches(3)).toEqual([
      [ids[0], ids[3], ids[6]],
      [ids[1], ids[4]],
      [ids[2], ids[5]],
    ]);
    await revokeBySql(ids);
    expect(await batches(3)).toEqual([]);
  });

  it('tells of each what it shared', async () => {
    const [one = '', none = '', many = ''] = (await shares(3)).sort();
    await admin.query(
      `INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id) VALUES
         ($1, 1, 'study', '1.2.1', NULL), ($2, 3, 'study', NULL, 'o-5'), ($2, 1, 'study', '1.2.3', 'o-3'), ($2, 2, 'patient', 'P-1', NULL)`,
      [one, many],
    );
    const told = new Map<string, EventShare>();
    const ended = await store.revokeThese([many, one, none], revocation, (share) => {
      told.set(share.id, share);
      return shareRevoked(share, { actor: itself, source: noSource }, revocation, null);
    });
    expect(ended).toHaveLength(3);
    expect(told.get(one)).toMatchObject({ studies: ['1.2.1'], patients: [] });
    expect(told.get(none)).toMatchObject({ studies: [], patients: [] });
    expect(told.get(many)).toMatchObject({ studies: ['1.2.3', 'o-5'], patients: ['P-1'] });
  });
});

describe('ending a share', () => {
  it('writes no index: the share stays on its page', async () => {
    const ids = await shares(20);
    await admin.query('VACUUM share');
    await admin.query('BEGIN');
    await admin.query(
      `UPDATE share SET revoked_at = now(), revoked_by = 'basic:admin', revoke_reason = 'lost' WHERE id = $1`,
      [ids[7]],
    );
    const { rows } = await admin.query<{ updated: string; in_place: string }>(
      `SELECT n_tup_upd AS updated, n_tup_hot_upd AS in_place FROM pg_stat_xact_user_tables WHERE relname = 'share'`,
    );
    await admin.query('COMMIT');
    expect(rows).toEqual([{ updated: '1', in_place: '1' }]);
  });
});
