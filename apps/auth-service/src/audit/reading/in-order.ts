import type { EventKey, FiledEvent } from './audit-events.store.js';

type Events = AsyncGenerator<readonly FiledEvent[], void, undefined>;

/** Some events of one source. */
export interface Run {
  readonly of: Events;
  readonly events: readonly FiledEvent[];
}

/** Two sources that tell the oldest events first, as one that does; each has to be read one batch ahead. */
export async function* inOrder(one: Events, other: Events): AsyncGenerator<Run, void, undefined> {
  try {
    let [first, second] = [await begin(one), await begin(other)];
    while (first.events.length > 0 || second.events.length > 0) {
      if (isAfter(first.events[0], second.events[0])) [first, second] = [second, first];
      const [next] = second.events;
      const end = next === undefined ? -1 : first.events.findIndex((event) => isAfter(event, next));
      const count = end < 0 ? first.events.length : end;
      yield { of: first.of, events: first.events.slice(0, count) };
      first = count < first.events.length ? { ...first, events: first.events.slice(count) } : await begin(first.of);
    }
  } finally {
    await one.return();
    await other.return();
  }
}

/** What comes next of it; nothing at its end. */
async function begin(of: Events): Promise<Run> {
  for (;;) {
    const { done, value } = await of.next();
    if (done === true) return { of, events: [] };
    if (value.length > 0) return { of, events: value };
  }
}

/** What is not there comes last. */
function isAfter(one: FiledEvent | undefined, other: FiledEvent | undefined): boolean {
  if (one === undefined || other === undefined) return one === undefined;
  return order(one.key, other.key) > 0;
}

/** As the database orders UUIDs: by their digits. */
function order(one: EventKey, other: EventKey): number {
  if (one.filedAt !== other.filedAt) return one.filedAt - other.filedAt;
  if (one.id === other.id) return 0;
  return one.id < other.id ? -1 : 1;
}
