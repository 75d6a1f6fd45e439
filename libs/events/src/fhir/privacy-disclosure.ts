import { eventIds, roles } from '../dicom/dicom-codes.js';
import { dcm, disclose, entityRoles, entityTypes } from './fhir-codes.js';
import type { FhirAgent, FhirAuditEvent, FhirCoding, FhirReference } from './fhir-resources.js';

const exporting = dcm(eventIds.export);
const source = dcm(roles.source);
const destination = dcm(roles.destination);

/** Whether every rule of the profile PrivacyDisclosure.Source holds (BALP 3:5.7.7). It is claimed then and only then. */
export function isPrivacyDisclosureAtSource({ action, agent, entity = [], ...event }: FhirAuditEvent): boolean {
  const sources = agent.filter((one) => hasType(one, source));
  const recipients = agent.filter((one) => hasType(one, destination));
  const patients = entity.filter(({ type }) => isSame(type, entityTypes.person));
  return (
    // type = DCM#110106, action = R
    isSame(event.type, exporting) &&
    action === 'R' &&
    // subtype at least iso-21089-lifecycle#disclose
    event.subtype.some((one) => isSame(one, disclose)) &&
    // agent source 1..1 and recipient 1..1, each with who 1..1 and network 1..1
    sources.length === 1 &&
    recipients.length === 1 &&
    [...sources, ...recipients].every(({ network, who }) => network !== undefined && who !== undefined) &&
    // val-audit-source: the audit source is this agent too
    sources.every(({ who }) => isSameReference(who, event.source.observer)) &&
    // entity 2..*, and some data among them; patient 1..1: role patient, what a patient
    entity.some(({ what }) => what?.type === 'ImagingStudy') &&
    patients.length === 1 &&
    patients.every(({ role, what }) => isSame(role, entityRoles.patient) && what?.type === 'Patient')
  );
}

function hasType({ type }: FhirAgent, coding: FhirCoding): boolean {
  return type?.coding?.some((one) => isSame(one, coding)) ?? false;
}

function isSame(one: FhirCoding | undefined, other: FhirCoding): boolean {
  return one?.system === other.system && one?.code === other.code;
}

function isSameReference(one: FhirReference | undefined, other: FhirReference): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
