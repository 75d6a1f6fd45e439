import fc from 'fast-check';
import type { EventKey, FiledEvent, FiledEventsPage } from '../reading/audit-events.store.js';
import { mergedPages } from './merged-pages.js';

const filed = (filedAt: number, name: string): FiledEvent =>
  ({ key: { filedAt, id: name }, event: { id: name } }) as unknown as FiledEvent;

const isAfter = (one: EventKey, other: EventKey) =>
  one.filedAt < other.filedAt || (one.filedAt === other.filedAt && one.id < other.id);

/** As a store answers: what comes after the key, as many as there is room for. */
function pageOf(events: readonly FiledEvent[], after: EventKey | null, limit: number): FiledEventsPage {
  const rest = events
    .filter(({ key }) => after === null || isAfter(key, after))
    .sort((one, other) => (isAfter(one.key, other.key) ? 1 : -1));
  return { events: rest.slice(0, limit), next: rest.length > limit ? (rest[limit - 1]?.key ?? null) : null };
}

describe('one page of several searches', () => {
  it('leads through all that any of them finds, once, newest first', () => {
    const event = fc.tuple(
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 0, max: 9 }),
      fc.integer({ min: 1, max: 7 }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 40 }), fc.integer({ min: 1, max: 6 }), (made, limit) => {
        const all = new Map(made.map(([at, name, of]) => [`${at}${name}`, { event: filed(at, `${at}${name}`), of }]));
        const searches = [1, 2, 4].map((bit) =>
          [...all.values()].filter(({ of }) => (of & bit) > 0).map((one) => one.event),
        );
        const seen: string[] = [];
        let after: EventKey | null = null;
        do {
          const pages = searches.map((events) => pageOf(events, after, limit));
          const page: FiledEventsPage = mergedPages(pages, limit);
          expect(page.events.length).toBeLessThanOrEqual(limit);
          seen.push(...page.events.map((one) => one.event.id));
          after = page.next;
        } while (after !== null);
        expect(seen).toEqual([...all.keys()].sort().reverse());
      }),
    );
  });

  it('goes on where a page is empty, though more follows', () => {
    const next = { filedAt: 5, id: 'a' };
    expect(
      mergedPages(
        [
          { events: [], next },
          { events: [filed(3, 'b')], next: null },
        ],
        5,
      ),
    ).toEqual({ events: [], next });
  });

  it('of no search is empty', () => {
    expect(mergedPages([], 5)).toEqual({ events: [], next: null });
  });
});
