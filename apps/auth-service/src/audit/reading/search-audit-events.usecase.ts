import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { AuditEventsStore, type AuditFilter, type EventKey, type FiledEventsPage } from './audit-events.store.js';
import { ReadingLog, filterText } from './reading-event.js';

/** What happened, newest first. */
@Injectable()
export class SearchAuditEvents {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
  ) {}

  /** One page; `after` is the `next` of the page before it. */
  async execute(
    caller: Caller,
    filter: AuditFilter,
    { limit, after }: { readonly limit: number; readonly after: EventKey | null },
    format: 'json' | 'fhir' = 'json',
  ): Promise<FiledEventsPage> {
    await this.readings.tell(caller, format, filterText(filter));
    return this.store.page(filter, { order: 'newest-first', limit, after });
  }
}
