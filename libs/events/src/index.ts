export { type AuditSource, shareUri } from './audit-source.js';
export { clean } from './clean.js';
export { toDicomAuditMessages } from './dicom/dicom-audit-message.js';
export {
  type EventActor,
  type EventActorKind,
  type EventClass,
  type EventDetail,
  type EventName,
  type EventOutcome,
  type EventShare,
  type EventSource,
  type MemberChange,
  type SharingWay,
  type WardenEvent,
  classOf,
  eventActorKinds,
  eventClasses,
  eventNames,
  eventOutcomes,
  itself,
  noSource,
  sharingWays,
} from './events.js';
export { type WrittenEvent, commitmentTo, readEvent, writeEvent } from './record.js';
