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
export { toFhirAuditEvent } from './fhir/fhir-audit-event.js';
export { type FhirBundle, type FhirPage, fhirBundle } from './fhir/fhir-bundle.js';
export { fhirCapabilityStatement, searchParameters } from './fhir/fhir-capability.js';
export { eventSystem } from './fhir/fhir-codes.js';
export type { FhirAuditEvent } from './fhir/fhir-resources.js';
export { type FhirOperationOutcome, type IssueCode, issueCodes, operationOutcome } from './fhir/operation-outcome.js';
export type { Filing } from './filing.js';
export { type WrittenEvent, commitmentTo, readEvent, writeEvent } from './record.js';
