import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { AuditEventsStore, type FiledEvent } from './audit-events.store.js';
import { ReadingLog, filterText } from './reading-event.js';
import { auditEventNotFound } from './reading.errors.js';

/** One event. */
@Injectable()
export class ReadAuditEvent {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
  ) {}

  async execute(caller: Caller, id: string, format: 'json' | 'fhir' = 'json'): Promise<FiledEvent> {
    await this.readings.tell(caller, format, filterText({ id }));
    const found = await this.store.find(id);
    if (found === null) throw auditEventNotFound();
    return found;
  }
}
