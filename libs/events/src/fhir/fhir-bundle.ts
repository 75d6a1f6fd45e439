import type { FhirAuditEvent } from './fhir-resources.js';

export interface FhirBundle {
  readonly resourceType: 'Bundle';
  readonly type: 'searchset';
  readonly link: readonly { readonly relation: 'self' | 'next'; readonly url: string }[];
  readonly entry?: readonly {
    readonly fullUrl: string;
    readonly resource: FhirAuditEvent;
    readonly search: { readonly mode: 'match' };
  }[];
}

export interface FhirPage {
  /** Root of the FHIR API, as its caller reaches it, without a slash at its end. */
  readonly base: string;
  /** URL of what was asked for. */
  readonly self: string;
  /** URL of the page after it; null: this is the last one. */
  readonly next: string | null;
}

/** One page of a search. How many there are in all is not counted, so `total` is not told. */
export function fhirBundle(resources: readonly FhirAuditEvent[], { base, next, self }: FhirPage): FhirBundle {
  const entry = resources.map((resource) => ({
    fullUrl: `${base}/AuditEvent/${resource.id}`,
    resource,
    search: { mode: 'match' as const },
  }));
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    link: [{ relation: 'self', url: self }, ...(next === null ? [] : [{ relation: 'next' as const, url: next }])],
    ...(entry.length === 0 ? {} : { entry }),
  };
}
