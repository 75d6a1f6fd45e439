import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { type EventsPage, ShareEventsStore } from '../share-events.store.js';
import { type EventRow, eventOf } from './event-row.js';

@Injectable()
export class PostgresShareEventsStore extends ShareEventsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async page(shareId: string, limit: number, before: string | null): Promise<EventsPage> {
    // One statement, so that an event on its way from the one table to the other is there, and once.
    const found = await this.database.query<EventRow & { id: string }>(
      `SELECT * FROM (
         SELECT id, record::text, erasable::text FROM audit_pending
         WHERE share_id = $1 AND class IS DISTINCT FROM 'access'
         UNION ALL
         SELECT event.id, event.record, half.erasable
         FROM audit_event AS event LEFT JOIN audit_personal AS half USING (class, filed_at, id)
         WHERE event.share_id = $1 AND event.class IN ('management', 'disclosure', 'denial')
       ) AS event
       WHERE $3::uuid IS NULL OR id < $3 ORDER BY id DESC LIMIT $2`,
      [shareId, limit + 1, before],
    );
    const rows = found.slice(0, limit);
    return {
      events: rows.map(eventOf).filter((event) => event !== null),
      next: found.length > limit ? (rows.at(-1)?.id ?? null) : null,
    };
  }
}
