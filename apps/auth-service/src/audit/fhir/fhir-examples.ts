import { type WardenEvent, fhirCapabilityStatement, operationOutcome, toFhirAuditEvent } from '@warden/events';
import { readFhirQuery } from './fhir-query.js';
import { presentFhirPage } from './fhir.presenter.js';

const source = { id: 'orthanc-warden', site: 'Example Hospital', host: 'warden', version: '0.1.0', root: null };

const opened: WardenEvent = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
  at: Date.UTC(2026, 10, 21, 8),
  name: 'share.opened',
  actor: { kind: 'recipient', id: 'pPZ1VVnlD1pKFBz5bbyL5w', name: '' },
  source: { address: '203.0.113.7', userAgent: null, requestId: '4f0c-1a' },
  share: {
    id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
    identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
    type: 'stone-viewer-publication',
    studies: ['1.2.276.0.7230010.3.1.2.1'],
    patients: ['PAT-4711'],
  },
  outcome: 'success',
  reason: null,
  detail: { viewer: 'stone', session: 'f3a1', counted: true, opens: 1 },
};

/** When the FHIR API came to answer as it does: changes with the CapabilityStatement. */
export const answersSince = Date.UTC(2026, 10, 21);

const auditEvent = toFhirAuditEvent(opened, source);
const filed = {
  key: { filedAt: opened.at * 1_000, id: opened.id },
  class: 'disclosure',
  event: opened,
  erased: false,
} as const;
const page = presentFhirPage(
  { events: [filed], next: filed.key },
  readFhirQuery({ patient: 'PAT-4711', _count: '1' }, false),
  source,
);
const refusal = operationOutcome('value', 'outcome is no outcome; send 0, 4, 8 or 12', 'http.outcome');

/** Resources as the document of the API describes them: HL7 says what is in them, an example what we write. */
export const fhirContents = {
  auditEvent: contentOf('AuditEvent', auditEvent),
  page: contentOf('Bundle', page),
  capabilities: contentOf('CapabilityStatement', fhirCapabilityStatement(source, answersSince, null)),
  refusal: contentOf('OperationOutcome', refusal),
};

/** A refusal of the route, or of whoever judges credentials before it. */
export const fhirOrProblem = {
  ...fhirContents.refusal,
  'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemDocument' } },
};

function contentOf(resourceType: string, example: object) {
  return {
    'application/fhir+json': {
      schema: {
        type: 'object' as const,
        description: `${resourceType} of FHIR R4 (4.0.1): http://hl7.org/fhir/R4/${resourceType.toLowerCase()}.html`,
        required: ['resourceType'],
        properties: { resourceType: { type: 'string' as const, enum: [resourceType], example: resourceType } },
        additionalProperties: true,
        example,
      },
    },
  };
}
