import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { AuditEventsStore, type AuditFilter, type FiledEvent } from './audit-events.store.js';
import { ReadingLog, filterText } from './reading-event.js';
import { StreamOfEvents } from './stream-of-events.js';

/** All events that match, newest first, for other programs. */
@Injectable()
export class ExportAuditEvents {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
    private readonly streams: StreamOfEvents,
  ) {}

  /** The first batch is there when this resolves: what comes to nothing is refused, and not cut off. */
  async execute(
    caller: Caller,
    filter: AuditFilter,
    format: 'csv' | 'ndjson',
  ): Promise<AsyncIterable<readonly FiledEvent[]>> {
    await this.readings.tell(caller, format, filterText(filter));
    return this.streams.begun(this.store.stream(filter, 'newest-first'));
  }
}
