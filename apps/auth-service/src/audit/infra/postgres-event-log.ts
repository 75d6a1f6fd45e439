import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type WardenEvent, classOf, writeEvent } from '@warden/events';
import { Database } from '../../platform/database/database.js';
import { EventLog } from '../event-log.js';

const saltBytes = 16;

@Injectable()
export class PostgresEventLog extends EventLog {
  constructor(private readonly database: Database) {
    super();
  }

  async append(events: readonly WardenEvent[]): Promise<void> {
    if (events.length === 0) return;
    // The records as one text and not as an array: the driver would escape each of them once more, which costs more than
    // all the rest. A member of a json value keeps its text.
    await this.database.query(
      `INSERT INTO audit_pending (id, at, class, name, share_id, record, salt, erasable)
       SELECT id, at, class, name, share_id, written->'r', decode(written->>'s', 'base64'), written->'e'
       FROM ROWS FROM (
         unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[]), json_array_elements($6::json)
       ) AS event(id, at, class, name, share_id, written)`,
      [
        events.map(({ id }) => id),
        events.map(({ at }) => new Date(at)),
        events.map(({ name }) => classOf(name)),
        events.map(({ name }) => name),
        events.map(({ share }) => share?.id ?? null),
        writtenAll(events),
      ],
    );
  }
}

/** A JSON list of `{r: record, e?: erasable half, s?: its salt}`. */
function writtenAll(events: readonly WardenEvent[]): string {
  const salts = randomBytes(events.length * saltBytes);
  let taken = 0;
  const written = events.map((event) => {
    const { record, erasable } = writeEvent(event, () => salts.subarray(taken, (taken += saltBytes)));
    if (erasable === null) return `{"r":${record}}`;
    return `{"r":${record},"e":${erasable.text},"s":"${erasable.salt.toString('base64')}"}`;
  });
  return `[${written.join(',')}]`;
}
