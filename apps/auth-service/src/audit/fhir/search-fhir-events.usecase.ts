import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { AuditEventsStore, type EventKey, type FiledEventsPage } from '../reading/audit-events.store.js';
import { ReadingLog } from '../reading/reading-event.js';
import type { Alternative, FhirQuery } from './fhir-query.js';
import { mergedPages } from './merged-pages.js';

const none: FiledEventsPage = { events: [], next: null };

/** What happened, newest first, as other systems search for it. */
@Injectable()
export class SearchFhirEvents {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
  ) {}

  /** One page. */
  async execute(caller: Caller, { alternatives, limit, after, asked }: FhirQuery): Promise<FiledEventsPage> {
    await this.readings.tell(caller, 'fhir', asked);
    const pages: FiledEventsPage[] = [];
    for (const { id, ...filter } of alternatives)
      pages.push(
        id === undefined
          ? await this.store.page(filter, { order: 'newest-first', limit, after })
          : await this.one(id, filter, after),
      );
    return mergedPages(pages, limit);
  }

  /** The event, if all the rest matches too: it is looked for where it stands, and nowhere else. */
  private async one(id: string, filter: Alternative, after: EventKey | null): Promise<FiledEventsPage> {
    const found = await this.store.find(id);
    if (found === null) return none;
    const { filedAt } = found.key;
    if (after !== null && (filedAt > after.filedAt || (filedAt === after.filedAt && id >= after.id))) return none;
    const moment = Math.floor(filedAt / 1_000);
    const { events } = await this.store.page(
      {
        ...filter,
        from: Math.max(filter.from ?? -Infinity, moment),
        to: Math.min(filter.to ?? Infinity, moment + 1),
      },
      { order: 'newest-first', limit: 1, after: { filedAt, id: idAfter(id) } },
    );
    return { events: events.filter(({ event }) => event.id === id), next: null };
  }
}

/** No other id is between the two. */
function idAfter(id: string): string {
  const number = BigInt(`0x${id.replaceAll('-', '')}`) + 1n;
  return number
    .toString(16)
    .padStart(32, '0')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
