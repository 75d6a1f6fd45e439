import type { AuditSource } from '../audit-source.js';
import { privacyDisclosureSource } from './fhir-codes.js';
import { fhirInstant, fhirText } from './fhir-text.js';

interface SearchParameter {
  readonly name: string;
  readonly definition?: string;
  readonly type: 'date' | 'number' | 'reference' | 'token';
  readonly documentation: string;
}

const ofAuditEvent = (name: string, type: SearchParameter['type'], documentation: string): SearchParameter => ({
  name,
  definition: `http://hl7.org/fhir/SearchParameter/AuditEvent-${name}`,
  type,
  documentation,
});

/** What `GET /fhir/AuditEvent` can be asked. */
export const searchParameters: readonly SearchParameter[] = [
  {
    name: '_id',
    definition: 'http://hl7.org/fhir/SearchParameter/Resource-id',
    type: 'token',
    documentation: 'Id of one event.',
  },
  { name: '_count', type: 'number', documentation: 'Events on a page, at most.' },
  ofAuditEvent('date', 'date', 'When it happened; twice for a span: date=ge2026-01-01&date=lt2026-02-01.'),
  ofAuditEvent('agent', 'reference', 'By identifier: who did it, as agent.who.identifier has it.'),
  ofAuditEvent('patient', 'reference', 'By identifier: PatientID, without a system.'),
  ofAuditEvent('entity', 'reference', 'By identifier: a study (urn:oid and its UID) or a share (urn:uuid).'),
  ofAuditEvent('outcome', 'token', '0, 4, 8 or 12.'),
  ofAuditEvent('subtype', 'token', 'Name of the event, of the system urn:orthanc-warden:event.'),
];

/**
 * What the FHIR API can do, for `GET /fhir/metadata`.
 * @param date when this release came to answer so, milliseconds since the epoch.
 * @param base root of the FHIR API, without a slash at its end; null: by which name it is reached is not known.
 */
export function fhirCapabilityStatement({ version }: AuditSource, date: number, base: string | null) {
  const release = fhirText(version);
  return {
    resourceType: 'CapabilityStatement' as const,
    status: 'active' as const,
    date: fhirInstant(date),
    kind: 'instance' as const,
    software: { name: 'orthanc-warden', ...(release === null ? {} : { version: release }) },
    implementation: {
      description:
        'The audit record of orthanc-warden: who shared images, who opened and saw them, and what was refused',
      ...(base === null ? {} : { url: base }),
    },
    fhirVersion: '4.0.1' as const,
    format: ['application/fhir+json', 'json'],
    rest: [
      {
        mode: 'server' as const,
        security: { description: 'HTTP Basic, bearer token or API key of somebody with the permission audit-logs.' },
        resource: [
          {
            type: 'AuditEvent' as const,
            supportedProfile: [privacyDisclosureSource],
            documentation: 'Append-only: events are read and searched, never created, changed or deleted here.',
            interaction: [{ code: 'read' as const }, { code: 'search-type' as const }],
            versioning: 'no-version' as const,
            searchParam: searchParameters,
          },
        ],
      },
    ],
  };
}
