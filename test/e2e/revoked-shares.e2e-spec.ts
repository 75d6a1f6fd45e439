import pg from 'pg';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { createDataSource } from '../../apps/auth-service/src/platform/database/data-source.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { migrate } from '../../apps/auth-service/src/platform/database/migrator.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresSharesStore } from '../../apps/auth-service/src/shares/infra/postgres-shares.store.js';
import type { ShareFilter } from '../../apps/auth-service/src/shares/shares.store.js';
import { type TestDatabase, createTestDatabase } from '../support/test-cluster.js';

let database: TestDatabase;
let admin: pg.Client;
let pool: Database;
let store: PostgresSharesStore;

beforeEach(async () => {
  database = await createTestDatabase();
  admin = new pg.Client(database.adminUrl);
  admin.on('error', () => undefined); // dropped with the database
  await admin.connect();
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

async function revoked(filter: ShareFilter = {}, limit = 2): Promise<string[]> {
  const found: string[] = [];
  for (let after: string | null = null; ;) {
    const asked = { ...filter, state: { is: 'revoked', now: Date.now() } } as const;
    const page = await store.list({ filter: asked, order: 'newest-first', limit, after });
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

  it('has a share once, however often it is written, and none that is not revoked', async () => {
    const ids = await shares(3);
    await revokeBySql(ids.slice(0, 2));
    await revokeBySql(ids.slice(0, 2));
    await admin.query('UPDATE share SET revoked_at = NULL, revoked_by = NULL, revoke_reason = NULL WHERE id = $1', [
      ids[0],
    ]);
    expect(await revoked()).toEqual([ids[1]]);
    await revokeBySql(ids.slice(0, 1));
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
    expect(await revoked(filter(third), 1)).toEqual(expected.map((index) => ids[index]));
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
