import { type RolesDocument, parseRolesDocument, toWire } from '@warden/permissions';
import pg from 'pg';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { DomainError } from '../../apps/auth-service/src/platform/errors/domain-error.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresRolesStore } from '../../apps/auth-service/src/roles/infra/postgres-roles.store.js';
import type { RolesChange, RolesStore } from '../../apps/auth-service/src/roles/roles.store.js';
import { InMemoryRolesStore } from '../support/in-memory-roles.store.js';
import { createTestDatabase } from '../support/test-cluster.js';

interface Subject {
  readonly store: RolesStore;
  close(): Promise<void>;
}

async function onPostgres(): Promise<Subject & { pool: Database; url: string }> {
  const database = await createTestDatabase();
  const pool = new Database(new Secret(database.applicationUrl));
  return {
    pool,
    url: database.adminUrl,
    store: new PostgresRolesStore(pool, new ChangeWriter(pool)),
    async close() {
      await pool.close();
      await database.drop();
    },
  };
}

function roles(json: unknown): RolesDocument {
  const parsed = parseRolesDocument(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.document;
}
const one = roles({ roles: { admin: ['all'] } });
const madeAt = 1_790_000_000_123;
const by = (madeBy: string, more: Partial<RolesChange> = {}): RolesChange => ({
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
  ['in memory', () => Promise.resolve({ store: new InMemoryRolesStore(), close: () => Promise.resolve() })],
  ['on PostgreSQL', onPostgres],
])('a store of roles %s', (_name, open) => {
  let subject: Subject;
  let store: RolesStore;
  beforeEach(async () => {
    subject = await open();
    ({ store } = subject);
  });
  afterEach(() => subject?.close());

  it('seeds once, whoever comes first', async () => {
    const seeded = await Promise.all([1, 2, 3].map((n) => store.seed(one, `seed:${n}`, madeAt)));
    expect(seeded.filter(Boolean)).toHaveLength(1);
    expect(await store.page({ limit: 10, before: null })).toHaveLength(1);
  });

  it('keeps who, when, why and the document as it was, order and odd names too', async () => {
    const odd = roles(
      JSON.parse('{"roles": {"z": ["all"], "__proto__": ["view"], "a.b[0]": []}, "available-labels": ["b", "a", "a"]}'),
    );
    const made = await store.append(by('basic:admin', { reason: 'because “é”' }), () => odd);
    const found = await store.find(made.version);
    expect(found).toMatchObject({ version: made.version, madeBy: 'basic:admin', madeAt, reason: 'because “é”' });
    expect(JSON.stringify(toWire(found?.document ?? one))).toBe(JSON.stringify(toWire(odd)));
  });

  it('gives the author what is in force, and before the first version an empty document', async () => {
    const seen: string[][] = [];
    for (const name of ['a', 'b']) {
      await store.append(by('x'), (before) => {
        seen.push(Object.keys(before.roles));
        return roles({ roles: { [name]: ['all'] } });
      });
    }
    expect(seen).toEqual([[], ['a']]);
  });

  it('loses none of many writers at once: each sees what the one before it made', async () => {
    const writers = Array.from({ length: 8 }, (_, n) =>
      store.append(by(`w${n}`), (before) =>
        roles({ roles: { ...toWire(before).roles, [`role-${n}`]: { permissions: ['view'] } } }),
      ),
    );
    await Promise.all(writers);
    const [newest] = await store.page({ limit: 1, before: null });
    expect(Object.keys(newest?.document.roles ?? {})).toHaveLength(8);
  });

  it('refuses an author who has seen another version, and lets one of several in', async () => {
    expect(await codeOf(store.append(by('x', { expected: 1 }), () => one))).toBe('roles-changed');
    const { version } = await store.append(by('x'), () => one);
    const outcomes = await Promise.all(
      [1, 2, 3, 4].map((n) => codeOf(store.append(by(`w${n}`, { expected: version }), () => one))),
    );
    expect(outcomes.sort()).toEqual(['no error', 'roles-changed', 'roles-changed', 'roles-changed']);
    expect(await store.page({ limit: 10, before: null })).toHaveLength(2);
  });

  it('stores nothing when the author gives up', async () => {
    const given = store.append(by('x'), () => {
      throw new DomainError('last-administrator', 'no');
    });
    expect(await codeOf(given)).toBe('last-administrator');
    expect(await store.page({ limit: 10, before: null })).toEqual([]);
    await store.append(by('x'), () => one);
  });

  it('pages from the newest on, without a gap', async () => {
    for (let n = 0; n < 5; n++) await store.append(by(`w${n}`), () => one);
    const found: string[] = [];
    for (let before: number | null = null; ;) {
      const page = await store.page({ limit: 2, before });
      found.push(...page.map((each) => each.madeBy));
      if (page.length < 2) break;
      before = page.at(-1)?.version ?? null;
    }
    expect(found).toEqual(['w4', 'w3', 'w2', 'w1', 'w0']);
  });

  it('finds nothing under a number that no version has', async () => {
    for (const version of [0, -1, 1, Number.MAX_SAFE_INTEGER]) expect(await store.find(version)).toBeNull();
    expect(await store.page({ limit: 5, before: 1 })).toEqual([]);
  });
});

it('on PostgreSQL tells every replica in the transaction of the version, and of nothing that was refused', async () => {
  const subject = await onPostgres();
  try {
    const { version } = await subject.store.append(by('x'), () => one);
    await codeOf(subject.store.append(by('x', { expected: version + 1 }), () => one));
    const client = new pg.Client(subject.url);
    await client.connect();
    const { rows } = await client.query(`SELECT payload FROM change WHERE topic = 'roles-changed' ORDER BY seq`);
    await client.end();
    expect(rows).toEqual([{ payload: { version } }]);
  } finally {
    await subject.close();
  }
});

it('on PostgreSQL the application role can neither change nor take away a version', async () => {
  const subject = await onPostgres();
  try {
    await subject.store.seed(one, 'seed', madeAt);
    for (const sql of [
      `UPDATE role_version SET made_by = 'x'`,
      `UPDATE role_version SET reason = 'x'`,
      'DELETE FROM role_version',
    ])
      await expect(subject.pool.query(sql)).rejects.toThrow('permission denied');
  } finally {
    await subject.close();
  }
});
