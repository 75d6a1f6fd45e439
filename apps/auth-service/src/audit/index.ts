export { Acts, type EventOrigin, actOf, byItself, differenceOf, originOf } from './acts.js';
export { actorOf } from './actor-of.js';
export { AuditModule } from './audit.module.js';
export { eventId } from './event-id.js';
export { EventLog } from './event-log.js';
export { ServiceLife } from './service-life.js';
export { TidyRecord } from './sealing/tidy-record.usecase.js';
export { SealEvents } from './sealing/seal-events.usecase.js';
export { type EventsPage, ShareEventsStore } from './share-events.store.js';
