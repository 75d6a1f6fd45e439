import type { WardenEvent } from '@warden/events';
import type { FiledEvent, KnownOfPatient, ShareOrigin } from './audit-events.store.js';

/** One entry of an accounting: the content that 45 CFR 164.528(b)(2) asks for, and by whom it was shared. */
export interface Disclosure {
  /** (i) Milliseconds since the epoch. */
  readonly at: number;
  /** (ii) Who received it, as far as it is known. */
  readonly recipient: string;
  /** Where it was received: a network address, or the e-mail address that was written to. */
  readonly address: string | null;
  /** (iii) */
  readonly description: string;
  readonly studies: readonly string[];
  /** (iv) Null: not told. */
  readonly purpose: string | null;
  /** Null: shared elsewhere, or before it was recorded. */
  readonly sharedBy: string | null;
  readonly shareId: string | null;
  /** No exchange was seen: a link that is its own key was used, by whoever had it. */
  readonly inferred: boolean;
  /** Milliseconds since the epoch: the record does not name the patient, whose study the archive told it to be then. */
  readonly patientKnownSince: number | null;
  readonly eventId: string;
}

export const sharerUnknown = 'sharer unknown';

/**
 * None: the event tells of no disclosure.
 * @param known null: the event itself names the patient.
 */
export function disclosureOf(
  { event }: FiledEvent,
  origin: ShareOrigin | null,
  known: KnownOfPatient | null = null,
): Disclosure[] {
  if (event.name !== 'share.opened' && event.name !== 'access.disclosed' && event.name !== 'share.sent') return [];
  const created = origin?.created ?? null;
  const { at, id: eventId, share } = event;
  return [
    {
      at,
      recipient: recipientOf(event, created?.detail.recipient ?? null),
      address: event.name === 'share.sent' ? event.detail.to || null : event.source.address,
      description: descriptionOf(event),
      studies: studiesOf(event),
      purpose: purposeOf(created),
      sharedBy: created === null ? null : created.actor.name || created.actor.id,
      shareId: share?.id ?? null,
      inferred: event.name === 'access.disclosed' && share !== null && origin?.opened !== true,
      patientKnownSince: known === null ? null : knownSince(event, known),
      eventId,
    },
  ];
}

function knownSince(event: DisclosureEvent, { studies, shares }: KnownOfPatient): number | null {
  const moments = [...studiesOf(event).map((study) => studies.get(study)), shares.get(event.share?.id ?? '')];
  const told = moments.filter((moment) => moment !== undefined);
  return told.length === 0 ? null : Math.min(...told);
}

type DisclosureEvent = Extract<WardenEvent, { name: 'share.opened' | 'access.disclosed' | 'share.sent' }>;

function recipientOf(event: DisclosureEvent, told: string | null): string {
  if (event.name === 'share.sent') return told ?? (event.detail.to || 'recipient not known');
  if (event.actor.kind !== 'recipient') return event.actor.name || event.actor.id;
  return event.actor.name || (told ?? 'whoever held the link');
}

function descriptionOf(event: DisclosureEvent): string {
  switch (event.name) {
    case 'share.sent':
      return event.detail.what === 'link' ? 'The link to the images was sent' : 'The code that opens the link was sent';
    case 'share.opened':
      return 'The link was opened: images could be seen';
    case 'access.disclosed': {
      const { count, until } = event.detail;
      if (count < 2) return 'Images were asked for';
      return `Images were asked for ${count} times, until ${new Date(until).toISOString()}`;
    }
  }
}

function studiesOf(event: DisclosureEvent): readonly string[] {
  if (event.name === 'access.disclosed' && event.detail.study !== null) return [event.detail.study];
  return event.share?.studies ?? [];
}

function purposeOf(created: ShareOrigin['created']): string | null {
  if (created === null) return null;
  const { purposeOfUse, why } = created.detail;
  return [purposeOfUse, why].filter((one) => one !== null && one !== '').join(': ') || null;
}
