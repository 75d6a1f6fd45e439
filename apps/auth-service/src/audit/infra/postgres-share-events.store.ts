import { Injectable } from '@nestjs/common';
import { parseEvent } from '@warden/events';
import { Database } from '../../platform/database/database.js';
import { type EventsPage, ShareEventsStore } from '../share-events.store.js';

@Injectable()
export class PostgresShareEventsStore extends ShareEventsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async page(shareId: string, limit: number, before: string | null): Promise<EventsPage> {
    const found = await this.database.query<{ id: string; record: unknown }>(
      `SELECT id, record FROM audit_pending WHERE share_id = $1 ${before === null ? '' : 'AND id < $3'}
       ORDER BY id DESC LIMIT $2`,
      before === null ? [shareId, limit + 1] : [shareId, limit + 1, before],
    );
    const rows = found.slice(0, limit);
    return {
      events: rows.map(({ record }) => parseEvent(record)).filter((event) => event !== null),
      next: found.length > limit ? (rows.at(-1)?.id ?? null) : null,
    };
  }
}
