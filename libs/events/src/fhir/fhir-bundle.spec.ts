import { fhirBundle } from './fhir-bundle.js';
import { fhirCapabilityStatement, searchParameters } from './fhir-capability.js';
import type { FhirAuditEvent } from './fhir-resources.js';
import { issueCodes, operationOutcome } from './operation-outcome.js';
import { faultsAmong } from './valid-r4.fixture.js';

const faultsOf = faultsAmong('Bundle', 'CapabilityStatement', 'OperationOutcome');
const base = 'https://share.example.org/fhir';
const self = `${base}/AuditEvent?date=ge2026-11-01`;
const source = { id: 'warden', site: null, host: 'share.example.org', version: '0.1.0', root: null };
const event: FhirAuditEvent = {
  resourceType: 'AuditEvent',
  id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
  type: { system: 'http://dicom.nema.org/resources/ontology/DCM', code: '110101' },
  subtype: [{ system: 'urn:orthanc-warden:event', code: 'audit.read' }],
  action: 'R',
  recorded: '2026-11-21T10:20:30.123Z',
  outcome: '0',
  agent: [{ requestor: true }],
  source: { observer: { identifier: { value: 'warden' } }, type: [{ code: '4' }] },
};

describe('a page of a search', () => {
  it('is a searchset with what was asked for, and where it goes on', () => {
    const page = fhirBundle([event], { base, self, next: `${self}&cursor=abc` });
    expect(faultsOf(page)).toEqual([]);
    expect(page).toMatchObject({
      type: 'searchset',
      link: [
        { relation: 'self', url: self },
        { relation: 'next', url: `${self}&cursor=abc` },
      ],
      entry: [{ fullUrl: `${base}/AuditEvent/${event.id}`, resource: event, search: { mode: 'match' } }],
    });
  });

  it('without a find has no entries at all, and the last one goes on nowhere', () => {
    const page = fhirBundle([], { base, self, next: null });
    expect(faultsOf(page)).toEqual([]);
    expect(page).toEqual({ resourceType: 'Bundle', type: 'searchset', link: [{ relation: 'self', url: self }] });
  });
});

describe('an OperationOutcome', () => {
  it.each(issueCodes)('of code %s is valid R4', (code) => {
    expect(faultsOf(operationOutcome(code, 'date: this is no date', 'http.date'))).toEqual([]);
  });

  it('leaves out what is blank', () => {
    expect(operationOutcome('exception', ' ')).toEqual({
      resourceType: 'OperationOutcome',
      issue: [{ severity: 'error', code: 'exception' }],
    });
  });
});

describe('the CapabilityStatement', () => {
  it.each([base, null])('is valid R4, reached at %s', (root) => {
    const statement = fhirCapabilityStatement(source, Date.parse('2026-11-21T00:00:00Z'), root);
    expect(statement.fhirVersion).toBe('4.0.1');
    // The list of versions in the schema ends before the technical correction.
    expect(faultsOf({ ...statement, fhirVersion: '4.0.0' })).toEqual([]);
  });

  it('promises read and search of AuditEvents, by these parameters', () => {
    const [rest] = fhirCapabilityStatement(source, 0, base).rest;
    expect(rest?.resource).toMatchObject([
      { type: 'AuditEvent', interaction: [{ code: 'read' }, { code: 'search-type' }], searchParam: searchParameters },
    ]);
    expect(searchParameters.map(({ name }) => name)).toEqual([
      '_id',
      '_count',
      'date',
      'agent',
      'patient',
      'entity',
      'outcome',
      'subtype',
    ]);
  });
});
