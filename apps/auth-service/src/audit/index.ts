export { AccessRecorder, auditUnavailable } from './access/access-recorder.js';
export { Acts, type EventOrigin, actOf, byItself, differenceOf, originOf } from './acts.js';
export { actorOf } from './actor-of.js';
export { AuditModule } from './audit.module.js';
export { eventId } from './event-id.js';
export { EventLog } from './event-log.js';
export { auditErrors } from './reading/reading.errors.js';
export { KeepRecord } from './keep-record.js';
export { type EventsPage, ShareEventsStore } from './share-events.store.js';
