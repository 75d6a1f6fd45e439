import type { EventKey, FiledEvent, FiledEventsPage } from '../reading/audit-events.store.js';

/**
 * One page of what several searches found, newest first, each event once. It ends where the first of them has to be
 * asked again, so that nothing is passed over.
 */
export function mergedPages(pages: readonly FiledEventsPage[], limit: number): FiledEventsPage {
  const [end = null] = pages.flatMap(({ next }) => next ?? []).sort(newestFirst);
  const events = new Map<string, FiledEvent>();
  for (const one of pages.flatMap((page) => page.events)) events.set(one.event.id, one);
  const certain = [...events.values()]
    .filter(({ key }) => end === null || newestFirst(key, end) <= 0)
    .sort((one, other) => newestFirst(one.key, other.key));
  const page = certain.slice(0, limit);
  return { events: page, next: certain.length > limit ? (page.at(-1)?.key ?? null) : end };
}

function newestFirst(one: EventKey, other: EventKey): number {
  if (one.filedAt !== other.filedAt) return other.filedAt - one.filedAt;
  return one.id === other.id ? 0 : one.id < other.id ? 1 : -1;
}
