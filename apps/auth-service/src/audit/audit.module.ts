import { Global, Module } from '@nestjs/common';
import { EventLog } from './event-log.js';
import { PostgresChainsStore } from './infra/postgres-chains.store.js';
import { PostgresEventLog } from './infra/postgres-event-log.js';
import { PostgresShareEventsStore } from './infra/postgres-share-events.store.js';
import { ChainsStore } from './sealing/chains.store.js';
import { SealEvents } from './sealing/seal-events.usecase.js';
import { ShareEventsStore } from './share-events.store.js';

/** Global, because every feature records what it does, and this one imports none of them. */
@Global()
@Module({
  providers: [
    { provide: EventLog, useClass: PostgresEventLog },
    { provide: ShareEventsStore, useClass: PostgresShareEventsStore },
    { provide: ChainsStore, useClass: PostgresChainsStore },
    SealEvents,
  ],
  exports: [EventLog, ShareEventsStore, SealEvents],
})
export class AuditModule {}
