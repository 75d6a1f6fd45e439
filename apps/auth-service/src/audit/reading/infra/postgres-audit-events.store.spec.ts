import type { Database } from '../../../platform/database/database.js';
import { databaseUnavailable } from '../../../platform/errors/domain-error.js';
import { PostgresAuditEventsStore } from './postgres-audit-events.store.js';

const first = { order: 'newest-first', limit: 50, after: null } as const;
const months = Array.from({ length: 72 }, (_, index) => new Date(Date.UTC(2021, index)).toISOString().slice(0, 7));
const isOfKeys = (sql: string): boolean => sql.includes(') AS key') && !sql.includes('unnest');

/** A database with six years of events; `keys` says what a statement finds. */
function storeOn(keys: (limit: number) => unknown[]): { store: PostgresAuditEventsStore; statements: string[] } {
  const statements: string[] = [];
  const query = (sql: string, values: readonly unknown[]): Promise<unknown[]> => {
    statements.push(sql);
    if (sql.includes('FROM audit_chain')) {
      const asked = (values[0] as string[]).includes('access') ? months : [];
      return Promise.resolve(asked.map((month) => ({ class: 'access', month })));
    }
    return Promise.resolve(isOfKeys(sql) ? keys(values.find((value) => typeof value === 'number') as number) : []);
  };
  return { store: new PostgresAuditEventsStore({ query } as unknown as Database), statements };
}

it('looks at a bounded number of events for a text, and leads on from the last of them', async () => {
  let number = 0;
  const id = '019a8cca-1371-7000-b9bc-1de2d5b62427';
  const { store, statements } = storeOn((limit) =>
    Array.from({ length: limit }, () => ({ class: 'access', id, filed_at: String(1_790_000_000_000_000 - ++number) })),
  );
  expect(await store.page({ text: 'nowhere' }, first)).toEqual({
    events: [],
    next: { filedAt: 1_790_000_000_000_000 - 20_000, id },
  });
  expect(statements.filter(isOfKeys)).toHaveLength(20);
});

it('asks seven times for what is in none of 72 months, and never for all of them at once', async () => {
  const { store, statements } = storeOn(() => []);
  expect(await store.page({ patient: 'nobody' }, first)).toEqual({ events: [], next: null });
  expect(statements.filter(isOfKeys)).toHaveLength(7);
});

it('asks nothing of a time without events, nor for an event of another class', async () => {
  const { store, statements } = storeOn(() => []);
  await store.page({ from: Date.UTC(2030, 0) }, first);
  await store.page({ to: Date.UTC(2020, 0) }, first);
  await store.page({ class: 'denial', events: ['access.granted'] }, first);
  expect(statements.filter(isOfKeys)).toEqual([]);
});

it('says what to do when a statement takes too long, and an outage stays one', async () => {
  for (const [state, code] of [
    ['57014', 'audit-search-too-wide'],
    ['57P01', 'database-unavailable'],
  ]) {
    const cause = Object.assign(new Error('canceled'), { code: state });
    const query = () => Promise.reject(databaseUnavailable(cause));
    const store = new PostgresAuditEventsStore({ query } as unknown as Database);
    await expect(store.page({}, first)).rejects.toMatchObject({ code });
    await expect(store.counts({}, 'day', 1)).rejects.toMatchObject({ code });
  }
});
