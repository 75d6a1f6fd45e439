import { type WardenEvent, readEvent, writeEvent } from '@warden/events';
import type pg from 'pg';

export interface RecordedEvent {
  readonly id: string;
  readonly name: string;
  readonly shareId: string | null;
  /** All that is stored of it. */
  readonly text: string;
  readonly event: WardenEvent | null;
}

/** Every event that was recorded, sealed or not, by id. */
export async function recordedEvents(client: pg.Client): Promise<RecordedEvent[]> {
  const { rows } = await client.query<{
    id: string;
    name: string;
    share_id: string | null;
    record: string;
    erasable: string | null;
  }>(
    `SELECT id, name, share_id, record::text, erasable::text FROM audit_pending
     UNION ALL
     SELECT id, name, share_id, record, erasable FROM audit_event LEFT JOIN audit_personal USING (class, filed_at, id)
     ORDER BY id`,
  );
  return rows.map(({ share_id: shareId, record, erasable, ...row }) => ({
    ...row,
    shareId,
    text: `${record} ${erasable ?? ''}`,
    event: readEvent(JSON.parse(record), erasable === null ? null : JSON.parse(erasable)),
  }));
}

/** An event as it comes back from where it was stored. */
export function throughStorage(event: WardenEvent): WardenEvent | null {
  const { record, erasable } = writeEvent(event, () => Buffer.alloc(16));
  return readEvent(JSON.parse(record), erasable === null ? null : JSON.parse(erasable.text));
}
