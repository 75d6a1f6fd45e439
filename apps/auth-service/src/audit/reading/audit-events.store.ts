import type { EventClass, EventName, EventOutcome, WardenEvent } from '@warden/events';

/** Which events: all that is given must match. */
export interface AuditFilter {
  /** Filed at this moment or later, milliseconds since the epoch. */
  readonly from?: number | undefined;
  /** Filed before this moment. */
  readonly to?: number | undefined;
  /** Id of who caused it. */
  readonly actor?: string | undefined;
  /** PatientID of any of the patients it is about. */
  readonly patient?: string | undefined;
  /** Study Instance UID (or Orthanc's id, where the event has that) of any of its studies. */
  readonly study?: string | undefined;
  /** Id in the registry. */
  readonly share?: string | undefined;
  /** One of these. Undefined: any. */
  readonly events?: readonly EventName[] | undefined;
  readonly class?: EventClass | undefined;
  readonly outcome?: EventOutcome | undefined;
  /** Network address as it was recorded. */
  readonly address?: string | undefined;
  /** Stands somewhere in the stored text of the event, in any case. */
  readonly text?: string | undefined;
}

/** Where an event stands among all: they are ordered by it. */
export interface EventKey {
  /** Microseconds since the epoch: when it happened, but no earlier than a day before it was recorded. */
  readonly filedAt: number;
  readonly id: string;
}

export interface FiledEvent {
  readonly key: EventKey;
  readonly class: EventClass;
  readonly event: WardenEvent;
  /** What said who somebody is was erased, and is blank in `event`. */
  readonly erased: boolean;
}

export type EventOrder = 'newest-first' | 'oldest-first';

export interface EventsWanted {
  readonly order: EventOrder;
  readonly limit: number;
  /** The `next` of the page before; null: the first page. */
  readonly after: EventKey | null;
}

export interface FiledEventsPage {
  readonly events: readonly FiledEvent[];
  /** Null on the last page. */
  readonly next: EventKey | null;
}

export const countings = ['day', 'event', 'actor'] as const;

export type Counting = (typeof countings)[number];

export interface EventCounts {
  /** All that match. */
  readonly total: number;
  /** Days in their order, else the largest first. `key`: `2026-11-21` (UTC), the name of an event, the id of an actor. */
  readonly counts: readonly { readonly key: string; readonly count: number }[];
}

/** How a share began, as far as the record tells. */
export interface ShareOrigin {
  /** Null: it is not recorded here who shared it. */
  readonly created: Extract<WardenEvent, { name: 'share.created' }> | null;
  /** Whether anyone ever came in by our landing page. */
  readonly opened: boolean;
}

/** What the archive told to be of a patient, and since when that is known, in milliseconds since the epoch. */
export interface KnownOfPatient {
  /** Each study by its UID, and by Orthanc's id. */
  readonly studies: ReadonlyMap<string, number>;
  /** By their ids in the registry. */
  readonly shares: ReadonlyMap<string, number>;
}

/**
 * The record, for who reads it: what was sealed, which takes a second at most. Events that a later release recorded and
 * this one does not know are left out, so that a page may hold fewer than its limit.
 */
export abstract class AuditEventsStore {
  /**
   * Pages hold every event that was there when the first one was read, once, whatever comes meanwhile. With `text`, one
   * page looks at a bounded number of events and may be short, or empty, though `next` leads on.
   */
  abstract page(filter: AuditFilter, wanted: EventsWanted): Promise<FiledEventsPage>;
  /** All of them, in batches; each is a statement of its own, so that nothing is held while a reader is slow. */
  abstract stream(filter: AuditFilter, order: EventOrder): AsyncGenerator<readonly FiledEvent[], void, undefined>;
  abstract find(id: string): Promise<FiledEvent | null>;
  /** `filter.text` is not looked at. */
  abstract counts(filter: AuditFilter, by: Counting, most: number): Promise<EventCounts>;
  /** Of the 1,000 studies that were told of last. */
  abstract knownOf(patient: string): Promise<KnownOfPatient>;
  /**
   * Disclosures of what is known to be of the patient that name no patient: they were recorded before the archive told.
   * Not those of a share that was told the study to be another patient's, and not those that were erased. Oldest
   * first, in batches.
   */
  abstract untold(
    patient: string,
    known: KnownOfPatient,
    period: { readonly from: number; readonly to: number },
  ): AsyncGenerator<readonly FiledEvent[], void, undefined>;
  /** Of each share that is asked for. */
  abstract origins(shareIds: readonly string[]): Promise<ReadonlyMap<string, ShareOrigin>>;
}
