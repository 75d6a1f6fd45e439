import { EventSearch, type Sought, momentText } from './event-search.js';

const stretch = { classes: ['management'], from: 1_000_001, to: 2_000_002 } as const;
const after = { filedAt: 1_500_000, id: '019a8cca-1371-7000-b9bc-1de2d5b62427' };
const everything: Sought = {
  actor: 'secret-actor',
  patient: 'secret-patient',
  study: 'secret-study',
  share: 'secret-share',
  events: ['share.opened', 'share.sent'],
  outcome: 'success',
  address: 'secret-address',
  erasable: true,
  asked: 'secret-value',
};
const filters: readonly Sought[] = [
  {},
  everything,
  ...Object.keys(everything).map((name) => ({ ...everything, share: undefined, [name]: undefined })),
  ...Object.entries(everything).map(([name, value]) => ({ [name]: value as unknown })),
];

it.each(filters)('names no value in a statement, and each parameter that it has: %j', (filter) => {
  for (const order of ['newest-first', 'oldest-first'] as const) {
    for (const write of [(one: EventSearch) => one.page(order, 50, after), (one: EventSearch) => one.all()]) {
      const search = new EventSearch(filter, stretch);
      const statement = write(search);
      expect(statement).not.toMatch(/secret|share\./);
      const named = new Set([...statement.matchAll(/\$(\d+)/g)].map((match) => Number(match[1])));
      expect([...named].sort((a, b) => a - b)).toEqual(search.values.map((_value, index) => index + 1));
    }
  }
});

it.each(filters)('bounds each table that it looks into, so that the other months are not planned: %j', (filter) => {
  const statement = new EventSearch(filter, stretch).page('newest-first', 50, after);
  const tables = statement.match(/(FROM|JOIN) audit_\w+ AS/g) ?? [];
  expect(statement.match(/\w+\.filed_at >= \$2::timestamptz AND \w+\.filed_at < \$3::timestamptz/g)).toHaveLength(
    tables.length,
  );
  expect(statement.match(/\w+\.class = ANY \(\$1::text\[\]\)/g)).toHaveLength(tables.length);
});

it('tells a moment with its microseconds', () => {
  expect(momentText(1_795_800_000_000_007)).toBe('2026-11-27T17:20:00.000007Z');
  expect(momentText(999)).toBe('1970-01-01T00:00:00.000999Z');
});
