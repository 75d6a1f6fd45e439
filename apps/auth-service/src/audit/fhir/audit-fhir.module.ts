import { Module } from '@nestjs/common';
import { AuditEventsStore } from '../reading/audit-events.store.js';
import { AuditReadingModule } from '../reading/audit-reading.module.js';
import { PostgresAuditEventsStore } from '../reading/infra/postgres-audit-events.store.js';
import { ReadingLog } from '../reading/reading-event.js';
import { FhirRefusalFilter } from './fhir-refusal.filter.js';
import { FhirController } from './fhir.controller.js';
import { SearchFhirEvents } from './search-fhir-events.usecase.js';

/** The record, for systems that gather audit events as FHIR R4. */
@Module({
  imports: [AuditReadingModule],
  controllers: [FhirController],
  providers: [
    { provide: AuditEventsStore, useClass: PostgresAuditEventsStore },
    ReadingLog,
    FhirRefusalFilter,
    SearchFhirEvents,
  ],
})
export class AuditFhirModule {}
