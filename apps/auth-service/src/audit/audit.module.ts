import { Global, Module } from '@nestjs/common';
import { EventLog } from './event-log.js';
import { PostgresEventLog } from './infra/postgres-event-log.js';
import { PostgresShareEventsStore } from './infra/postgres-share-events.store.js';
import { ShareEventsStore } from './share-events.store.js';

/** Global, because every feature records what it does, and this one imports none of them. */
@Global()
@Module({
  providers: [
    { provide: EventLog, useClass: PostgresEventLog },
    { provide: ShareEventsStore, useClass: PostgresShareEventsStore },
  ],
  exports: [EventLog, ShareEventsStore],
})
export class AuditModule {}
