export { clean } from './clean.js';
export {
  type EventActor,
  type EventActorKind,
  type EventName,
  type EventOutcome,
  type EventShare,
  type EventSource,
  type ShareChange,
  type SharingWay,
  type WardenEvent,
  eventActorKinds,
  eventNames,
  eventOutcomes,
  noSource,
  sharingWays,
} from './events.js';
export { type EventRecord, parseEvent, toRecord } from './record.js';
