import { Global, Module } from '@nestjs/common';
import { Acts } from './acts.js';
import { EventLog } from './event-log.js';
import { PostgresChainsStore } from './infra/postgres-chains.store.js';
import { PostgresEventLog } from './infra/postgres-event-log.js';
import { PostgresShareEventsStore } from './infra/postgres-share-events.store.js';
import { ChainsStore } from './sealing/chains.store.js';
import { ServiceLife } from './service-life.js';
import { SealEvents } from './sealing/seal-events.usecase.js';
import { TidyRecord } from './sealing/tidy-record.usecase.js';
import { ShareEventsStore } from './share-events.store.js';

/** Global, because every feature records what it does, and this one imports none of them. */
@Global()
@Module({
  providers: [
    { provide: EventLog, useClass: PostgresEventLog },
    { provide: ShareEventsStore, useClass: PostgresShareEventsStore },
    { provide: ChainsStore, useClass: PostgresChainsStore },
    Acts,
    SealEvents,
    ServiceLife,
    TidyRecord,
  ],
  exports: [Acts, EventLog, ShareEventsStore, SealEvents, ServiceLife, TidyRecord],
})
export class AuditModule {}
