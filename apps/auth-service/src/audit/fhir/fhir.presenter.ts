import { type AuditSource, type FhirBundle, fhirBundle, toFhirAuditEvent } from '@warden/events';
import type { FiledEventsPage } from '../reading/audit-events.store.js';
import type { FhirQuery } from './fhir-query.js';

/** Under which URL an event is read is not known here, and the full URL of an entry is never a relative one (R4 Bundle, fullUrl). */
export function presentFhirPage({ events, next }: FiledEventsPage, query: FhirQuery, source: AuditSource): FhirBundle {
  const { entry, ...bundle } = fhirBundle(
    events.map(({ event }) => toFhirAuditEvent(event, source)),
    { base: '', self: query.linkTo(query.after), next: next === null ? null : query.linkTo(next) },
  );
  if (entry === undefined) return bundle;
  return { ...bundle, entry: entry.map((one) => ({ ...one, fullUrl: `urn:uuid:${one.resource.id}` })) };
}
