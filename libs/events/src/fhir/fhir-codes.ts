import type { Code } from '../dicom/dicom-codes.js';
import type { FhirCoding } from './fhir-resources.js';

/**
 * System of our own subtypes; its codes are the names of our events, `share.opened`. It belongs to the same family as the
 * types of our problems, is the same for every installation and every release, and is never looked up.
 */
export const eventSystem = 'urn:orthanc-warden:event';

const terminology = 'http://terminology.hl7.org/CodeSystem';
const balp = 'https://profiles.ihe.net/ITI/BALP';

const coding =
  (system: string) =>
  (code: string, display: string): FhirCoding => ({ system, code, display });

const entityType = coding(`${terminology}/audit-entity-type`);
const objectRole = coding(`${terminology}/object-role`);
const lifecycle = coding(`${terminology}/dicom-audit-lifecycle`);

export function dcm({ meaning, value }: Code): FhirCoding {
  return { system: 'http://dicom.nema.org/resources/ontology/DCM', code: value, display: meaning };
}

export const entityTypes = {
  person: entityType('1', 'Person'),
  systemObject: entityType('2', 'System Object'),
  /** BALP 3:5.7.3. */
  requestId: { system: `${balp}/CodeSystem/BasicAuditEntityType`, code: 'XrequestId' },
};

export const entityRoles = {
  patient: objectRole('1', 'Patient'),
  report: objectRole('3', 'Report'),
  securityResource: objectRole('13', 'Security Resource'),
};

export const lifecycles = {
  access: lifecycle('6', 'Access / Use'),
  disclosure: lifecycle('11', 'Disclosure'),
  erasure: lifecycle('15', 'Permanent erasure / Physical destruction'),
};

export const agentTypes = {
  /** BALP 3:5.7.6: whose request was decided on. */
  informationRecipient: coding(`${terminology}/v3-ParticipationType`)('IRCP', 'information recipient'),
  /** BALP 3:5.7.6: who decided. */
  authorizer: coding(`${terminology}/extra-security-role-type`)('authserver', 'authorization server'),
};

export const sourceTypes = {
  applicationServer: coding(`${terminology}/security-source-type`)('4', 'Application Server'),
};

/** BALP 3:5.7.7. */
export const disclose = coding(`${terminology}/iso-21089-lifecycle`)('disclose', 'Disclose Record Lifecycle Event');

export const privacyDisclosureSource = `${balp}/StructureDefinition/IHE.BasicAudit.PrivacyDisclosure.Source`;

/** HL7 v3 PurposeOfUse is a part of it. */
export const actReasonSystem = `${terminology}/v3-ActReason`;
