import { Injectable } from '@nestjs/common';
import { type WardenEvent, toRecord } from '@warden/events';
import { Database } from '../../platform/database/database.js';
import { EventLog } from '../event-log.js';

@Injectable()
export class PostgresEventLog extends EventLog {
  constructor(private readonly database: Database) {
    super();
  }

  async append(events: readonly WardenEvent[]): Promise<void> {
    if (events.length === 0) return;
    // The records as one text and not as an array: the driver would escape each of them once more, which costs more than
    // all the rest. Elements of a json value keep their text.
    await this.database.query(
      `INSERT INTO audit_pending (id, at, name, share_id, record)
       SELECT * FROM ROWS FROM (
         unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::uuid[]), json_array_elements($5::json)
       )`,
      [
        events.map(({ id }) => id),
        events.map(({ at }) => new Date(at)),
        events.map(({ name }) => name),
        events.map(({ share }) => share.id),
        JSON.stringify(events.map(toRecord)),
      ],
    );
  }
}
