import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { createDataSource } from '../../apps/auth-service/src/platform/database/data-source.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { migrate } from '../../apps/auth-service/src/platform/database/migrator.js';
import { DomainError } from '../../apps/auth-service/src/platform/errors/domain-error.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import type { ApiKey, KeyWithSecrets } from '../../apps/auth-service/src/users/api-keys/api-key.js';
import type { ApiKeysPage, ApiKeysStore } from '../../apps/auth-service/src/users/api-keys/api-keys.store.js';
import { PostgresApiKeysStore } from '../../apps/auth-service/src/users/api-keys/infra/postgres-api-keys.store.js';
import { newKeyText } from '../../apps/auth-service/src/users/api-keys/key-text.js';
import { InMemoryApiKeysStore } from '../support/in-memory-api-keys.store.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

/** A store, and what every replica was told, in order. */
interface Subject {
  readonly store: ApiKeysStore;
  told(): Promise<unknown[]>;
  close(): Promise<void>;
}

function inMemory(): Promise<Subject> {
  const store = new InMemoryApiKeysStore();
  return Promise.resolve({ store, told: () => Promise.resolve(store.told), close: () => Promise.resolve() });
}

async function onPostgres(): Promise<Subject & { database: TestDatabase; admin: pg.Client; pool: Database }> {
  const database = await createTestDatabase();
  const pool = new Database(new Secret(database.applicationUrl));
  const admin = await connectAdmin(database);
  return {
    database,
    admin,
    pool,
    store: new PostgresApiKeysStore(pool, new ChangeWriter(pool)),
    async told() {
      const { rows } = await admin.query<{ payload: { id: string } }>(
        `SELECT payload FROM change WHERE topic = 'api-key-changed' ORDER BY seq`,
      );
      return rows.map(({ payload }) => payload.id);
    },
    async close() {
      await pool.close();
      await admin.end();
      await database.drop();
    },
  };
}

/** In the present, because the database forgets by its own clock what ended long ago. */
let clock = Date.now();
function key(more: Partial<ApiKey> = {}): ApiKey {
  clock += 1_000;
  return {
    id: uuidv7({ msecs: clock }),
    publicPart: newKeyText().publicPart,
    name: 'nightly export',
    owner: { kind: 'service', name: 'exporter' },
    permissions: ['view'],
    labels: ['*'],
    createdAt: clock,
    createdBy: 'basic:alice',
    expiresAt: null,
    rotation: null,
    revocation: null,
    lastUsedAt: null,
    version: 1,
    ...more,
  };
}
const digest = (): string => newKeyText().digest;
const everyone: ApiKeysPage = { owner: null, state: null, now: clock, limit: 100, before: null };
const byDigest = (one: KeyWithSecrets | null) =>
  Object.fromEntries(one?.secrets.map((s) => [s.digest, s.endsAt]) ?? []);

describe.each<[string, () => Promise<Subject>]>([
  ['in memory', inMemory],
  ['on PostgreSQL', onPostgres],
])('the API keys %s', (_name, make) => {
  let subject: Subject;
  let store: ApiKeysStore;
  beforeEach(async () => {
    subject = await make();
    store = subject.store;
  });
  afterEach(() => subject?.close());
  const ids = async (page: Partial<ApiKeysPage> = {}) =>
    (await store.list({ ...everyone, ...page })).map(({ id }) => id);

  it('are given back as they were added, member by member', async () => {
    const keys = [
      key(),
      key({ owner: { kind: 'user', id: '6f1c', name: null }, permissions: [], labels: [] }),
      key({
        name: `Frau Müller's "key" \\ 患者 \u{1f600} %s $1 {a,b}`,
        owner: { kind: 'user', id: '{}', name: 'NULL' },
        permissions: ['view', 'NULL', '', '{x}', 'a,b', '"', '\\'],
        labels: ['患者', 'a b'],
        expiresAt: 253_402_300_799_999,
      }),
    ];
    for (const one of keys) {
      const first = digest();
      expect(await store.add(one, first)).toEqual({ key: one, secrets: [{ digest: first, endsAt: null }] });
      expect(await store.find(one.id)).toEqual(one);
    }
    expect(await store.list(everyone)).toEqual([...keys].reverse());
    expect(await subject.told()).toEqual(keys.map(({ id }) => id));
    expect(await store.find(uuidv7())).toBeNull();
  });

  it('are listed newest first, in pages without a gap', async () => {
    const keys = Array.from({ length: 5 }, () => key());
    for (const one of keys) await store.add(one, digest());
    const newest = keys.map(({ id }) => id).reverse();
    expect(await ids({ limit: 2 })).toEqual(newest.slice(0, 2));
    expect(await ids({ limit: 2, before: newest[1] ?? '' })).toEqual(newest.slice(2, 4));
    expect(await ids({ limit: 2, before: newest[4] ?? '' })).toEqual([]);
  });

  it('are filtered by owner and state, together and with a page', async () => {
    const now = clock + 3_600_000;
    const user = (id: string) => ({ kind: 'user' as const, id, name: 'exporter' });
    const live = key({ owner: user('u1') });
    const expired = key({ owner: user('u1'), expiresAt: now });
    const short = key({ expiresAt: now + 1 });
    const revoked = key({ owner: user('u2'), expiresAt: now });
    for (const one of [live, expired, short, revoked]) await store.add(one, digest());
    await store.revoke(revoked.id, { at: now, by: 'x', reason: 'y' });
    expect(await ids({ now, state: 'live' })).toEqual([short.id, live.id]);
    expect(await ids({ now, state: 'expired' })).toEqual([expired.id]);
    expect(await ids({ now, state: 'revoked' })).toEqual([revoked.id]);
    expect(await ids({ owner: { kind: 'user', value: 'u1' } })).toEqual([expired.id, live.id]);
    expect(await ids({ owner: { kind: 'service', value: 'exporter' } })).toEqual([short.id]);
    expect(await ids({ owner: { kind: 'user', value: 'exporter' } })).toEqual([]);
    expect(await ids({ now, owner: { kind: 'user', value: 'u1' }, state: 'live', before: expired.id })).toEqual([
      live.id,
    ]);
    expect(await ids({ now, owner: { kind: 'user', value: 'u1' }, state: 'live', before: live.id })).toEqual([]);
  });

  it('have two working secrets at most, however often they are rotated', async () => {
    const one = key();
    const [first, second, third] = [digest(), digest(), digest()];
    await store.add(one, first);
    const at = clock + 1;
    const rotation = { at, by: 'basic:bob', previousUntil: at + 500 };
    const once = await store.rotate(one.id, rotation, second);
    expect(once?.key).toEqual({ ...one, rotation, version: 2 });
    expect(byDigest(once)).toEqual({ [first]: at + 500, [second]: null });
    const again = { at: at + 100, by: 'basic:bob', previousUntil: at + 1_000 };
    const twice = await store.rotate(one.id, again, third);
    expect(twice?.key).toEqual({ ...one, rotation: again, version: 3 });
    expect(byDigest(twice)).toEqual({ [first]: at + 100, [second]: at + 1_000, [third]: null });
    expect(await store.find(one.id)).toEqual(twice?.key);
    expect(await subject.told()).toEqual([one.id, one.id, one.id]);
  });

  it('keep one current secret through rotations that race', async () => {
    const one = key();
    await store.add(one, digest());
    const digests = Array.from({ length: 8 }, digest);
    await Promise.all(
      digests.map((next) => store.rotate(one.id, { at: clock + 1, by: 'x', previousUntil: clock + 9 }, next)),
    );
    const last = await store.rotate(one.id, { at: clock + 2, by: 'x', previousUntil: clock + 9 }, digest());
    expect(last?.key.version).toBe(10);
    const ends = last?.secrets.map(({ endsAt }) => endsAt) ?? [];
    expect(ends.filter((end) => end === null)).toHaveLength(1);
    expect(ends.filter((end) => end !== null && end > clock + 2)).toHaveLength(1);
  });

  it('are neither rotated nor told of once they have ended, or when they are not there', async () => {
    const [revoked, expired] = [key(), key({ expiresAt: clock + 5_000 })];
    for (const one of [revoked, expired]) await store.add(one, digest());
    await store.revoke(revoked.id, { at: clock, by: 'x', reason: 'y' });
    const at = expired.expiresAt ?? 0;
    for (const id of [revoked.id, expired.id, uuidv7()]) {
      expect(await store.rotate(id, { at, by: 'x', previousUntil: at }, digest())).toBeNull();
    }
    expect(await subject.told()).toEqual([revoked.id, expired.id, revoked.id]);
  });

  it('are revoked once, and told of once', async () => {
    const one = key();
    const first = digest();
    await store.add(one, first);
    const revocation = { at: clock, by: 'basic:bob', reason: 'lost' };
    expect(await store.revoke(one.id, revocation)).toEqual({
      key: { ...one, revocation, version: 2 },
      secrets: [{ digest: first, endsAt: null }],
    });
    expect(await store.revoke(one.id, { at: clock + 1, by: 'x', reason: 'again' })).toBeNull();
    expect((await store.find(one.id))?.revocation).toEqual(revocation);
    expect(await store.revoke(uuidv7(), revocation)).toBeNull();
    expect(await subject.told()).toEqual([one.id, one.id]);
  });

  it('keep the latest use, tell nobody of it, and do not mind one of a key that is not there', async () => {
    const [one, other, unused] = [key(), key(), key()];
    for (const each of [one, other, unused]) await store.add(each, digest());
    await store.recordUses(
      new Map([
        [one.id, clock],
        [other.id, clock + 5],
        [uuidv7(), clock],
      ]),
    );
    await store.recordUses(
      new Map([
        [one.id, clock - 1],
        [other.id, clock + 6],
      ]),
    );
    await store.recordUses(new Map());
    const used = await Promise.all([one, other, unused].map(async ({ id }) => (await store.find(id))?.lastUsedAt));
    expect(used).toEqual([clock, clock + 6, null]);
    expect((await store.find(one.id))?.version).toBe(1);
    expect(await subject.told()).toHaveLength(3);
  });
});

describe('the API keys on PostgreSQL alone', () => {
  let subject: Awaited<ReturnType<typeof onPostgres>>;
  beforeEach(async () => (subject = await onPostgres()));
  afterEach(() => subject?.close());

  it('change nothing that replicas cannot be told of', async () => {
    const one = key();
    await subject.store.add(one, digest());
    await subject.admin.query('REVOKE INSERT ON change FROM warden_app');
    const other = key();
    for (const work of [
      () => subject.store.add(other, digest()),
      () => subject.store.rotate(one.id, { at: clock, by: 'x', previousUntil: clock }, digest()),
      () => subject.store.revoke(one.id, { at: clock, by: 'x', reason: 'y' }),
    ]) {
      await expect(work()).rejects.toThrow();
    }
    expect(await subject.store.find(other.id)).toBeNull();
    expect(await subject.store.find(one.id)).toEqual(one);
    expect((await subject.admin.query('SELECT 1 FROM api_key_secret')).rows).toHaveLength(1);
  });

  it('can be neither widened nor removed by the application role', async () => {
    const one = key();
    await subject.store.add(one, digest());
    for (const statement of [
      `UPDATE api_key SET permissions = '{all}'`,
      `UPDATE api_key SET labels = '{*}'`,
      'UPDATE api_key SET expires_at = NULL',
      `UPDATE api_key SET owner_id = 'x'`,
      `UPDATE api_key_secret SET digest = sha256('x')`,
      'DELETE FROM api_key_secret',
      'DELETE FROM api_key',
      'TRUNCATE api_key_secret',
    ]) {
      await expect(subject.pool.query(statement)).rejects.toThrow(/permission denied/);
    }
  });

  it('have a schema that refuses what no key is', async () => {
    const one = key();
    await subject.store.add(one, digest());
    const insert = (column: string, value: string) =>
      subject.admin.query(
        `INSERT INTO api_key SELECT (jsonb_populate_record(api_key, jsonb_build_object('id', gen_random_uuid(), 'public_part', 'owk_${'b'.repeat(12)}', '${column}', ${value}))).* FROM api_key`,
      );
    await expect(insert('owner_kind', `'robot'::text`)).rejects.toThrow(/api_key_owner_known/);
    await expect(insert('owner_kind', `'user'::text`)).rejects.toThrow(/api_key_owner_known/);
    await expect(insert('owner_name', 'NULL::text')).rejects.toThrow(/api_key_owner_known/);
    await expect(insert('public_part', `'${one.publicPart}'::text`)).rejects.toThrow(/api_key_public_part_unique/);
    await expect(insert('public_part', `'secret'::text`)).rejects.toThrow(/api_key_public_part_form/);
    await expect(insert('revoked_by', `'x'::text`)).rejects.toThrow(/api_key_revocation_whole/);
    await expect(insert('rotated_by', `'x'::text`)).rejects.toThrow(/api_key_rotation_whole/);
    const secret = (bytes: string) =>
      subject.admin.query(
        `INSERT INTO api_key_secret (digest, key_id, made_at) SELECT ${bytes}, id, now() FROM api_key`,
      );
    await expect(secret(`'short'`)).rejects.toThrow(/api_key_secret_digest_length/);
    await expect(secret(`sha256('x')`)).rejects.toThrow(/api_key_secret_current_unique/);
  });

  it('survive two replicas that write the uses of the same keys in opposite order', async () => {
    const keys = Array.from({ length: 50 }, () => key());
    for (const one of keys) await subject.store.add(one, digest());
    // Among many others, so that the database looks each of them up, in the order given, and does not read through all.
    await subject.admin.query(
      `INSERT INTO api_key (id, public_part, name, owner_kind, owner_name, permissions, labels, created_at, created_by, version)
       SELECT gen_random_uuid(), 'owk_' || lpad(one::text, 12, '0'), 'x', 'service', 'x', '{}', '{}', now(), 'x', 1
       FROM generate_series(1, 20000) AS one`,
    );
    await subject.admin.query('ANALYZE api_key');
    const other = new Database(new Secret(subject.database.applicationUrl));
    const second = new PostgresApiKeysStore(other, new ChangeWriter(other));
    try {
      const uses = keys.map(({ id }): [string, number] => [id, clock + 1]);
      // Both begin, and meet in the middle, where a third holds them up until each has locked what comes first for it.
      await subject.admin.query('BEGIN');
      await subject.admin.query('SELECT 1 FROM api_key WHERE id = $1 FOR UPDATE', [keys[25]?.id]);
      const both = Promise.all([
        subject.store.recordUses(new Map(uses)),
        second.recordUses(new Map(uses.map(([id, at]): [string, number] => [id, at + 1]).reverse())),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      await subject.admin.query('COMMIT');
      await both;
      for (const { id } of keys) expect((await subject.store.find(id))?.lastUsedAt).toBe(clock + 2);
    } finally {
      await other.close();
    }
  });

  it('answer each call with database-unavailable when the database is gone', async () => {
    const one = key();
    await subject.store.add(one, digest());
    await subject.admin.end();
    await subject.database.drop();
    const calls: [string, () => Promise<unknown>][] = [
      ['add', () => subject.store.add(key(), digest())],
      ['find', () => subject.store.find(one.id)],
      ['list', () => subject.store.list(everyone)],
      ['rotate', () => subject.store.rotate(one.id, { at: 1, by: 'x', previousUntil: 1 }, digest())],
      ['revoke', () => subject.store.revoke(one.id, { at: 1, by: 'x', reason: 'y' })],
      ['recordUses', () => subject.store.recordUses(new Map([[one.id, 1]]))],
    ];
    for (const [name, call] of calls) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect([name, error instanceof DomainError ? error.code : error]).toEqual([name, 'database-unavailable']);
    }
  });

  it('go away with their migration, and come back with it', async () => {
    await subject.pool.close();
    const tables = async () =>
      (
        await subject.admin.query<{ name: string }>(
          `SELECT tablename AS name FROM pg_tables WHERE tablename LIKE 'api_key%' ORDER BY 1`,
        )
      ).rows.map(({ name }) => name);
    expect(await tables()).toEqual(['api_key', 'api_key_secret']);
    const source = await createDataSource(new Secret(subject.database.ownerUrl), 1).initialize();
    try {
      while ((await tables()).length > 0) await source.undoLastMigration();
    } finally {
      await source.destroy();
    }
    expect(await migrate(new Secret(subject.database.ownerUrl), new Secret(subject.database.applicationUrl))).toContain(
      'KeepApiKeys1795100000000',
    );
    expect(await tables()).toEqual(['api_key', 'api_key_secret']);
    const one = key();
    await subject.store.add(one, digest());
    expect(await subject.store.find(one.id)).toEqual(one);
  });
});
