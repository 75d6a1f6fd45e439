import type { WardenEvent } from '@warden/events';
import { EventLog } from '../../apps/auth-service/src/audit/event-log.js';
import { throughStorage } from './recorded-events.js';

/** Keeps events as readers get them back, for tests of what records them. Knows no transaction: nothing is taken back. */
export class InMemoryEventLog extends EventLog {
  readonly events: WardenEvent[] = [];

  append(events: readonly WardenEvent[]): Promise<void> {
    for (const event of events) {
      const kept = throughStorage(event);
      if (kept === null) return Promise.reject(new Error(`no reader would know this event: ${JSON.stringify(event)}`));
      if (this.events.some(({ id }) => id === kept.id)) return Promise.reject(new Error(`recorded twice: ${kept.id}`));
      this.events.push(kept);
    }
    return Promise.resolve();
  }
}
