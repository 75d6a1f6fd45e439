import pg from 'pg';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { DomainError } from '../../apps/auth-service/src/platform/errors/domain-error.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresSharePolicyStore } from '../../apps/auth-service/src/shares/policy/infra/postgres-share-policy.store.js';
import type { SharePolicyDocument } from '../../apps/auth-service/src/shares/policy/share-policy-document.js';
import type {
  SharePolicyChange,
  SharePolicyStore,
} from '../../apps/auth-service/src/shares/policy/share-policy.store.js';
import { InMemorySharePolicyStore } from '../support/in-memory-share-policy.store.js';
import { createTestDatabase } from '../support/test-cluster.js';

interface Subject {
  readonly store: SharePolicyStore;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Subject & { pool: Database; url: string }> {
  const database = await createTestDatabase();
  const pool = new Database(new Secret(database.applicationUrl));
  return {
    pool,
    url: database.adminUrl,
    store: new PostgresSharePolicyStore(pool, new ChangeWriter(pool)),
    async close() {
      await pool.close();
      await database.drop();
    },
  };
}

const one: SharePolicyDocument = { overLimit: 'clamp', rules: [] };
const madeAt = 1_790_000_000_123;
const by = (madeBy: string, more: Partial<SharePolicyChange> = {}): SharePolicyChange => ({
  madeBy,
  madeAt,
  reason: null,
  expected: null,
  ...more,
});
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe.each<[string, () => Promise<Subject>]>([
  ['in memory', () => Promise.resolve({ store: new InMemorySharePolicyStore(), close: () => Promise.resolve() })],
  ['on PostgreSQL', onPostgres],
])('a store of share policies %s', (_name, open) => {
  let subject: Subject;
  let store: SharePolicyStore;
  beforeEach(async () => {
    subject = await open();
    ({ store } = subject);
  });
  afterEach(() => subject?.close());

  it('keeps who, when, why and the rules as they were, in their order', async () => {
    const document: SharePolicyDocument = {
      overLimit: 'refuse',
      rules: [
        { types: ['z'], roles: ['é', 'a'], maxLife: 60, viewers: null },
        { types: ['*'], roles: ['__proto__'], gates: ['pin'], reasonRequired: true },
      ],
    };
    const made = await store.append(document, by('basic:admin', { reason: 'because “é”' }));
    const expected = { version: made.version, document, madeBy: 'basic:admin', madeAt, reason: 'because “é”' };
    expect(made).toEqual(expected);
    expect(await store.find(made.version)).toEqual(expected);
    expect(await store.page({ limit: 5, before: null })).toEqual([expected]);
  });

  it('counts the one that is built in as version 0', async () => {
    expect(await codeOf(store.append(one, by('x', { expected: 1 })))).toBe('share-policy-changed');
    const { version } = await store.append(one, by('x', { expected: 0 }));
    expect(version).toBeGreaterThan(0);
    expect(await codeOf(store.append(one, by('x', { expected: 0 })))).toBe('share-policy-changed');
    expect(await store.page({ limit: 5, before: null })).toHaveLength(1);
  });

  it('lets one of several authors in who have seen the same version, and all who did not look', async () => {
    const { version } = await store.append(one, by('x'));
    const careful = await Promise.all(
      [1, 2, 3, 4].map((n) => codeOf(store.append(one, by(`w${n}`, { expected: version })))),
    );
    expect(careful.sort()).toEqual(['no error', ...Array.from({ length: 3 }, () => 'share-policy-changed')]);
    await Promise.all([1, 2, 3, 4].map((n) => store.append(one, by(`w${n}`))));
    expect(await store.page({ limit: 10, before: null })).toHaveLength(6);
  });

  it('pages from the newest on, without a gap', async () => {
    for (let n = 0; n < 5; n++) await store.append(one, by(`w${n}`));
    const first = await store.page({ limit: 2, before: null });
    const rest = await store.page({ limit: 10, before: first[1]?.version ?? 0 });
    expect([...first, ...rest].map(({ madeBy }) => madeBy)).toEqual(['w4', 'w3', 'w2', 'w1', 'w0']);
  });

  it('finds nothing under a number that no version has', async () => {
    for (const version of [0, -1, 1, Number.MAX_SAFE_INTEGER]) expect(await store.find(version)).toBeNull();
    expect(await store.page({ limit: 5, before: 1 })).toEqual([]);
  });
});

it('on PostgreSQL tells every replica in the transaction of the version, and of nothing that was refused', async () => {
  const subject = await onPostgres();
  try {
    const { version } = await subject.store.append(one, by('x'));
    await codeOf(subject.store.append(one, by('x', { expected: version + 1 })));
    const client = new pg.Client(subject.url);
    await client.connect();
    const { rows } = await client.query(`SELECT payload FROM change WHERE topic = 'share-policy-changed' ORDER BY seq`);
    await client.end();
    expect(rows).toEqual([{ payload: { version } }]);
  } finally {
    await subject.close();
  }
});

it('on PostgreSQL the application role can neither change nor take away a version', async () => {
  const subject = await onPostgres();
  try {
    await subject.store.append(one, by('x'));
    for (const sql of [`UPDATE share_policy_version SET made_by = 'x'`, 'DELETE FROM share_policy_version'])
      await expect(subject.pool.query(sql)).rejects.toThrow('permission denied');
  } finally {
    await subject.close();
  }
});
