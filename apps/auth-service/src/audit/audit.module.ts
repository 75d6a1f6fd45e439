import { Global, Module } from '@nestjs/common';
import { AccessModule } from './access/access.module.js';
import { AuditIdentityModule } from './audit-identity.module.js';
import { Acts } from './acts.js';
import { EraseEvents } from './erasing/erase-events.usecase.js';
import { ErasuresController } from './erasing/erasures.controller.js';
import { ErasuresStore } from './erasing/erasures.store.js';
import { PostgresErasuresStore } from './erasing/infra/postgres-erasures.store.js';
import { EventLog } from './event-log.js';
import { AuditFhirModule } from './fhir/audit-fhir.module.js';
import { PostgresChainsStore } from './infra/postgres-chains.store.js';
import { PostgresEventLog } from './infra/postgres-event-log.js';
import { PostgresShareEventsStore } from './infra/postgres-share-events.store.js';
import { KeepRecord } from './keep-record.js';
import { ChainsStore } from './sealing/chains.store.js';
import { AuditReadingModule } from './reading/audit-reading.module.js';
import { ServiceLife } from './service-life.js';
import { ProofModule } from './proof/proof.module.js';
import { SealEvents } from './sealing/seal-events.usecase.js';
import { SyslogModule } from './syslog/syslog.module.js';
import { TidyRecord } from './sealing/tidy-record.usecase.js';
import { ShareEventsStore } from './share-events.store.js';

/** Global, because every feature records what it does, and this one imports none of them. */
@Global()
@Module({
  imports: [AccessModule, AuditIdentityModule, AuditReadingModule, AuditFhirModule, SyslogModule, ProofModule],
  controllers: [ErasuresController],
  providers: [
    { provide: EventLog, useClass: PostgresEventLog },
    { provide: ShareEventsStore, useClass: PostgresShareEventsStore },
    { provide: ChainsStore, useClass: PostgresChainsStore },
    { provide: ErasuresStore, useClass: PostgresErasuresStore },
    Acts,
    EraseEvents,
    SealEvents,
    KeepRecord,
    ServiceLife,
    TidyRecord,
  ],
  exports: [AccessModule, Acts, ChainsStore, EventLog, KeepRecord, ShareEventsStore],
})
export class AuditModule {}
