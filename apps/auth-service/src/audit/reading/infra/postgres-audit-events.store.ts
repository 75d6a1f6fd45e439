import { Injectable } from '@nestjs/common';
import { type EventClass, type WardenEvent, classOf, eventClasses } from '@warden/events';
import { Database, type Row } from '../../../platform/database/database.js';
import { DomainError } from '../../../platform/errors/domain-error.js';
import { type EventRow, eventOf } from '../../infra/event-row.js';
import {
  AuditEventsStore,
  type AuditFilter,
  type Counting,
  type EventCounts,
  type EventKey,
  type EventOrder,
  type EventsWanted,
  type FiledEvent,
  type FiledEventsPage,
  type KnownOfPatient,
  type ShareOrigin,
} from '../audit-events.store.js';
import { auditSearchTooWide } from '../reading.errors.js';
import { EventSearch, type Sought, momentText } from './event-search.js';
import { untoldPage } from './untold-disclosures.js';
import { type FiledMonth, type Stretch, boundsOf, filedMonths, microseconds, monthsOf, stretchesOf } from './months.js';

/** Events in one statement, where there are many. */
const batch = 1_000;
/** Studies of one patient. */
const mostStudies = 1_000;
/** Events that one page looks at for a text. */
const mostLookedAt = 20_000;

const day = 86_400_000;

@Injectable()
export class PostgresAuditEventsStore extends AuditEventsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async page(filter: AuditFilter, wanted: EventsWanted): Promise<FiledEventsPage> {
    return filter.text === undefined ? this.plainPage(filter, wanted) : this.pageWithText(filter, filter.text, wanted);
  }

  async *stream(filter: AuditFilter, order: EventOrder): AsyncGenerator<readonly FiledEvent[], void, undefined> {
    let after: EventKey | null = null;
    do {
      const { events, next }: FiledEventsPage = await this.page(filter, { order, limit: batch, after });
      if (events.length > 0) yield events;
      after = next;
    } while (after !== null);
  }

  async find(id: string): Promise<FiledEvent | null> {
    const first = { order: 'newest-first', limit: 1, after: null } as const;
    const at = timeOf(id);
    if (at !== null) {
      const near = await this.plainPage({ id, from: at - day, to: at + day }, first);
      if (near.events[0] !== undefined) return near.events[0];
    }
    return (await this.plainPage({ id }, first)).events[0] ?? null;
  }

  async counts(filter: AuditFilter, by: Counting, most: number): Promise<EventCounts> {
    const stretches = await this.stretches(filter, 'newest-first', null);
    const [newest, oldest] = [stretches[0], stretches.at(-1)];
    if (newest === undefined || oldest === undefined) return { total: 0, counts: [] };
    const classes = eventClasses.filter((name) => stretches.some((one) => one.classes.includes(name)));
    const search = new EventSearch(filter, { classes, from: oldest.from, to: newest.to });
    const rows = await this.query<{ key: string; count: string; total: string }>(
      `SELECT * FROM (
         SELECT ${countedBy[by]} AS key, count(*) AS count, sum(count(*)) OVER () AS total
         FROM ${search.all()} GROUP BY 1 ORDER BY ${by === 'day' ? 'key DESC' : 'count DESC, key'} LIMIT $${search.values.length + 1}
       ) AS counted ORDER BY ${by === 'day' ? 'key' : 'count DESC, key'}`,
      [...search.values, most],
    );
    return {
      total: Number(rows[0]?.total ?? 0),
      counts: rows.map(({ key, count }) => ({ key, count: Number(count) })),
    };
  }

  async knownOf(patient: string): Promise<KnownOfPatient> {
    const rows = await this.query<KnownRow>(
      `SELECT share_study.study_dicom_uid, share_study.study_orthanc_id, share_study.share_id,
         (extract(epoch FROM share_study.resolved_at) * 1000)::bigint AS since
       FROM share_study JOIN (
         SELECT study_dicom_uid, max(resolved_at) AS last FROM share_study WHERE patient_id = $1
         GROUP BY study_dicom_uid ORDER BY last DESC, study_dicom_uid LIMIT ${mostStudies}
       ) AS known USING (study_dicom_uid)
       WHERE share_study.patient_id = $1
       ORDER BY since DESC`,
      [patient],
    );
    const studies = new Map<string, number>();
    const shares = new Map<string, number>();
    // The earliest comes last, and stays.
    for (const row of rows) {
      for (const study of [row.study_dicom_uid, row.study_orthanc_id]) studies.set(study, Number(row.since));
      shares.set(row.share_id, Number(row.since));
    }
    return { studies, shares };
  }

  async *untold(
    patient: string,
    ofPatient: KnownOfPatient,
    period: { readonly from: number; readonly to: number },
  ): AsyncGenerator<readonly FiledEvent[], void, undefined> {
    if (ofPatient.studies.size === 0) return;
    const order = 'oldest-first';
    for (const stretch of await this.stretches({ class: 'disclosure', ...period }, order, null)) {
      let after: EventKey | null = null;
      for (let last = false; !last;) {
        const { statement, values } = untoldPage(patient, ofPatient, stretch, after, batch);
        const keys: StoredKey[] = await this.query<StoredKey>(
          `SELECT class, id, (extract(epoch FROM filed_at) * 1000000)::bigint AS filed_at FROM (${statement}) AS key
           ORDER BY filed_at, id`,
          values,
        );
        const events = known(await this.read(keys, order));
        if (events.length > 0) yield events;
        after = keyOf(keys.at(-1)) ?? after;
        last = keys.length < batch;
      }
    }
  }

  async origins(shareIds: readonly string[]): Promise<ReadonlyMap<string, ShareOrigin>> {
    if (shareIds.length === 0) return new Map();
    // A share is older than what happened to it, and its id tells its age.
    const begins = shareIds.map(timeOf);
    const earliest = begins.includes(null) ? 0 : Math.min(...(begins as number[]));
    const since = momentText(Math.max(0, earliest - day) * microseconds);
    const created = await this.query<EventRow & { share_id: string }>(
      `SELECT event.share_id, event.record, half.erasable
       FROM audit_event AS event LEFT JOIN audit_personal AS half
         ON half.class = event.class AND half.filed_at = event.filed_at AND half.id = event.id
           AND half.class = 'management' AND half.filed_at >= $2::timestamptz
       WHERE event.class = 'management' AND event.name = 'share.created'
         AND event.share_id = ANY ($1::uuid[]) AND event.filed_at >= $2::timestamptz`,
      [shareIds, since],
    );
    const opened = await this.query<{ share_id: string }>(
      `SELECT DISTINCT share_id FROM audit_event
       WHERE class = 'disclosure' AND name = 'share.opened' AND share_id = ANY ($1::uuid[]) AND filed_at >= $2::timestamptz`,
      [shareIds, since],
    );
    const creations = new Map(created.map((row) => [row.share_id, createdOf(eventOf(row))]));
    const openings = new Set(opened.map((row) => row.share_id));
    return new Map(
      shareIds.map((id) => [id, { created: creations.get(id) ?? null, opened: openings.has(id) }] as const),
    );
  }

  private async plainPage(sought: Sought, { order, limit, after }: EventsWanted): Promise<FiledEventsPage> {
    const keys: StoredKey[] = [];
    for (const stretch of await this.stretches(sought, order, after)) {
      keys.push(...(await this.keys(sought, stretch, { order, limit: limit + 1 - keys.length, after })));
      if (keys.length > limit) break;
    }
    const page = keys.slice(0, limit);
    return { events: known(await this.read(page, order)), next: keys.length > limit ? keyOf(page.at(-1)) : null };
  }

  /** No index knows texts: so many events are read, and no more, in the order of the others. */
  private async pageWithText(filter: AuditFilter, text: string, wanted: EventsWanted): Promise<FiledEventsPage> {
    const { order, limit } = wanted;
    const rows: StoredEvent[] = [];
    let looked = 0;
    for (const stretch of await this.stretches(filter, order, wanted.after)) {
      let { after } = wanted;
      for (let last = false; !last;) {
        const keys = await this.keys(filter, stretch, { order, limit: batch, after });
        rows.push(...(await this.read(keys, order, text)));
        if (rows.length > limit) return { events: known(rows.slice(0, limit)), next: keyOf(rows[limit - 1]) };
        after = keyOf(keys.at(-1)) ?? after;
        looked += keys.length;
        if (looked >= mostLookedAt) return { events: known(rows), next: after };
        last = keys.length < batch;
      }
    }
    return { events: known(rows), next: null };
  }

  /** The time that may hold some of what is sought, in the order in which to look. */
  private async stretches(sought: Sought, order: EventOrder, after: EventKey | null): Promise<Stretch[]> {
    const classes = classesOf(sought);
    const filed = await this.query<FiledMonth & Row>(filedMonths, [classes]);
    const bounds = boundsOf(sought);
    if (after !== null && order === 'newest-first') bounds.to = Math.min(bounds.to, after.filedAt + 1);
    if (after !== null && order === 'oldest-first') bounds.from = Math.max(bounds.from, after.filedAt);
    return bounds.from < bounds.to ? stretchesOf(filed, bounds, order) : [];
  }

  private async keys(sought: Sought, stretch: Stretch, { order, limit, after }: EventsWanted): Promise<StoredKey[]> {
    const search = new EventSearch(sought, stretch);
    const statement = search.page(order, limit, after);
    return this.query<StoredKey>(
      `SELECT class, id, (extract(epoch FROM filed_at) * 1000000)::bigint AS filed_at FROM (${statement}) AS key`,
      search.values,
    );
  }

  private async read(keys: readonly StoredKey[], order: EventOrder, text?: string): Promise<StoredEvent[]> {
    if (keys.length === 0) return [];
    const direction = order === 'newest-first' ? 'DESC' : 'ASC';
    const values: unknown[] = [
      keys.map((key) => key.class),
      keys.map((key) => momentText(Number(key.filed_at))),
      keys.map((key) => key.id),
      [...new Set(keys.map((key) => key.class))],
    ];
    const add = (value: unknown) => `$${values.push(value)}`;
    const months = monthsOf(keys.map((key) => Number(key.filed_at))).map(
      ([from, to]) => [add(momentText(from)), add(momentText(to))] as const,
    );
    const pattern = text === undefined ? null : add(patternOf(text));
    // The months are said so that the others are left out while the statement is planned.
    const same = (table: string) =>
      `${table}.class = key.class AND ${table}.filed_at = key.filed_at AND ${table}.id = key.id
         AND ${table}.class = ANY ($4::text[]) AND (${months
           .map(([from, to]) => `${table}.filed_at >= ${from}::timestamptz AND ${table}.filed_at < ${to}::timestamptz`)
           .join(' OR ')})`;
    return this.query<StoredEvent>(
      `SELECT key.class, key.id, (extract(epoch FROM key.filed_at) * 1000000)::bigint AS filed_at, event.record,
         half.erasable, half.erased_by IS NOT NULL AS erased
       FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) AS key(class, filed_at, id)
       JOIN audit_event AS event ON ${same('event')}
       LEFT JOIN audit_personal AS half ON ${same('half')}
       ${pattern === null ? '' : `WHERE event.record ILIKE ${pattern} OR half.erasable ILIKE ${pattern}`}
       ORDER BY key.filed_at ${direction}, key.id ${direction}`,
      values,
    );
  }

  private async query<T extends Row>(sql: string, values: readonly unknown[]): Promise<T[]> {
    try {
      return await this.database.query<T>(sql, values);
    } catch (error) {
      // PostgreSQL appendix A: 57014, the time of a statement is over.
      const cause = error instanceof DomainError ? error.options.cause : undefined;
      if ((cause as { code?: unknown } | undefined)?.code === '57014') throw auditSearchTooWide(cause);
      throw error;
    }
  }
}

interface KnownRow extends Row {
  study_dicom_uid: string;
  study_orthanc_id: string;
  share_id: string;
  /** Milliseconds since the epoch. */
  since: string;
}

interface StoredKey extends Row {
  class: EventClass;
  id: string;
  /** Microseconds since the epoch. */
  filed_at: string;
}

type StoredEvent = StoredKey & EventRow & { erased: boolean };

const countedBy: Readonly<Record<Counting, string>> = {
  day: `to_char(event.filed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD')`,
  event: 'event.name',
  actor: 'event.actor_id',
};

function keyOf(row: StoredKey): EventKey;
function keyOf(row: StoredKey | undefined): EventKey | null;
function keyOf(row: StoredKey | undefined): EventKey | null {
  return row === undefined ? null : { filedAt: Number(row.filed_at), id: row.id };
}

/** Without those that only a later release knows. */
function known(rows: readonly StoredEvent[]): FiledEvent[] {
  return rows.flatMap((row) => {
    const event = eventOf(row);
    return event === null ? [] : [{ key: keyOf(row), class: row.class, event, erased: row.erased }];
  });
}

/** Of an event that is sought by its name no other class is looked into. */
function classesOf({ class: asked, events }: Sought): readonly EventClass[] {
  return eventClasses.filter(
    (name) => (asked ?? name) === name && (events?.some((event) => classOf(event) === name) ?? true),
  );
}

/** Milliseconds since the epoch that a UUIDv7 begins with (RFC 9562 section 5.7). */
function timeOf(id: string): number | null {
  return id[14] === '7' ? parseInt(id.slice(0, 8) + id.slice(9, 13), 16) : null;
}

/** A text as it stands in JSON, between whatever there is. */
function patternOf(text: string): string {
  return `%${JSON.stringify(text)
    .slice(1, -1)
    .replace(/[\\%_]/g, '\\$&')}%`;
}

function createdOf(event: WardenEvent | null): ShareOrigin['created'] {
  return event?.name === 'share.created' ? event : null;
}
