/** Of FHIR R4 (4.0.1) what is written here, and nothing else of it. */
export interface FhirCoding {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
}

export interface FhirCodeableConcept {
  readonly coding?: readonly FhirCoding[];
  readonly text?: string;
}

export interface FhirIdentifier {
  readonly system?: string;
  readonly value: string;
}

/** Always a logical one: nothing that an event names is a resource of this server. */
export interface FhirReference {
  readonly type?: 'Device' | 'ImagingStudy' | 'Patient';
  readonly identifier: FhirIdentifier;
  readonly display?: string;
}

export interface FhirNetwork {
  readonly address: string;
  /** `1` name, `2` IP address, `4` e-mail address. */
  readonly type: '1' | '2' | '4';
}

export interface FhirAgent {
  readonly type?: FhirCodeableConcept;
  readonly who?: FhirReference;
  readonly name?: string;
  readonly requestor: boolean;
  readonly policy?: readonly string[];
  readonly media?: FhirCoding;
  readonly network?: FhirNetwork;
}

export interface FhirDetail {
  readonly type: string;
  readonly valueString: string;
}

export interface FhirEntity {
  readonly what?: FhirReference;
  readonly type: FhirCoding;
  readonly role?: FhirCoding;
  readonly lifecycle?: FhirCoding;
  readonly name?: string;
  readonly detail?: readonly FhirDetail[];
}

export interface FhirAuditEvent {
  readonly resourceType: 'AuditEvent';
  readonly id: string;
  readonly meta?: { readonly profile: readonly string[] };
  readonly type: FhirCoding;
  readonly subtype: readonly FhirCoding[];
  readonly action: 'R' | 'E';
  readonly period?: { readonly start: string; readonly end: string };
  readonly recorded: string;
  readonly outcome: '0' | '4' | '8' | '12';
  readonly outcomeDesc?: string;
  readonly purposeOfEvent?: readonly FhirCodeableConcept[];
  readonly agent: readonly FhirAgent[];
  readonly source: {
    readonly site?: string;
    readonly observer: FhirReference;
    readonly type: readonly FhirCoding[];
  };
  readonly entity?: readonly FhirEntity[];
}
