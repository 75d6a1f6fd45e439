import { Module } from '@nestjs/common';
import { AccountOfDisclosures } from './account-of-disclosures.usecase.js';
import { AnswerStreams } from './answer-streams.js';
import { AuditEventsController } from './audit-events.controller.js';
import { AuditEventsStore } from './audit-events.store.js';
import { AuditStatistics } from './audit-statistics.usecase.js';
import { DisclosuresController } from './disclosures.controller.js';
import { ExportAuditEvents } from './export-audit-events.usecase.js';
import { PostgresAuditEventsStore } from './infra/postgres-audit-events.store.js';
import { ReadAuditEvent } from './read-audit-event.usecase.js';
import { ReadingLog } from './reading-event.js';
import { SearchAuditEvents } from './search-audit-events.usecase.js';
import { StreamOfEvents } from './stream-of-events.js';

/** The record, for auditors. */
@Module({
  controllers: [AuditEventsController, DisclosuresController],
  providers: [
    { provide: AuditEventsStore, useClass: PostgresAuditEventsStore },
    ReadingLog,
    StreamOfEvents,
    AnswerStreams,
    SearchAuditEvents,
    ReadAuditEvent,
    ExportAuditEvents,
    AccountOfDisclosures,
    AuditStatistics,
  ],
  exports: [AnswerStreams, SearchAuditEvents, ReadAuditEvent],
})
export class AuditReadingModule {}
