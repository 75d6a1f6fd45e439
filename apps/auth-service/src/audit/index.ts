export { actorOf } from './actor-of.js';
export { AuditModule } from './audit.module.js';
export { EventLog } from './event-log.js';
export { SealEvents } from './sealing/seal-events.usecase.js';
export { type EventsPage, ShareEventsStore } from './share-events.store.js';
