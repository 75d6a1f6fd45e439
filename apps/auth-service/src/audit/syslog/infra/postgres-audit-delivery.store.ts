import { Injectable } from '@nestjs/common';
import type { WardenEvent } from '@warden/events';
import { advisoryLockSpaces } from '../../../platform/database/advisory-locks.js';
import { Database } from '../../../platform/database/database.js';
import { type EventRow, eventOf } from '../../infra/event-row.js';
import { AuditDeliveryStore, type EventToDeliver } from '../audit-delivery.store.js';

/** Seconds for which a target is left to whoever delivered to it last. */
const tenure = 5;

/** A sealed event, and when it was filed. */
interface Mark {
  readonly position: number;
  readonly filedAt: Date;
}

/** What this replica remembers of a target. */
interface Memory {
  /** Where it put the cursor last. */
  own: number | null;
  /** An event not after the cursor, and the last one that was read: what to begin the search with. */
  before: Mark | null;
  read: Mark | null;
}

@Injectable()
export class PostgresAuditDeliveryStore extends AuditDeliveryStore {
  private readonly memories = new Map<string, Memory>();

  constructor(private readonly database: Database) {
    super();
  }

  async backlog(target: string): Promise<number> {
    // Positions have no gaps over all chains, and the sizes of chains stay.
    const [row] = await this.database.query<{ backlog: string }>(
      `SELECT (coalesce(sum(size), 0) - coalesce((SELECT position FROM audit_delivery WHERE target = $1), 0))::text AS backlog
       FROM audit_chain`,
      [target],
    );
    return Math.max(0, Number(row?.backlog));
  }

  async next(target: string, limit: number): Promise<EventToDeliver[]> {
    const cursor = await this.cursor(target);
    // The erasable half one by one, each from one partition: a join of both tables would look into all of them.
    const rows = await this.database.query<EventRow & { position: string; filed_at: Date }>(
      `SELECT position::text AS position, filed_at, record,
              (SELECT erasable FROM audit_personal AS personal
               WHERE personal.filed_at = event.filed_at AND personal.id = event.id AND personal.class = event.class)
       FROM audit_event AS event WHERE position > $1 AND filed_at >= $2 ORDER BY event.position LIMIT $3`,
      [cursor, await this.filedFrom(target, cursor), limit],
    );
    const last = rows.at(-1);
    if (last !== undefined) this.memory(target).read = { position: Number(last.position), filedAt: last.filed_at };
    return rows.map((row) => ({ position: Number(row.position), event: readable(row) }));
  }

  async delivered(target: string, position: number): Promise<void> {
    const [row] = await this.database.query<{ position: string }>(
      `INSERT INTO audit_delivery (target, position, delivered_at, failures) VALUES ($1, $2, clock_timestamp(), 0)
       ON CONFLICT (target) DO UPDATE SET position = greatest(audit_delivery.position, EXCLUDED.position),
         delivered_at = EXCLUDED.delivered_at, failures = 0
       RETURNING position::text AS position`,
      [target, position],
    );
    this.memory(target).own = Number(row?.position);
  }

  async failed(target: string): Promise<void> {
    await this.database.query(
      `INSERT INTO audit_delivery (target, position, failures) VALUES ($1, 0, 1)
       ON CONFLICT (target) DO UPDATE SET failures = coalesce(audit_delivery.failures, 0) + 1`,
      [target],
    );
  }

  async rewind(target: string, position: number): Promise<void> {
    await this.database.run(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [
        advisoryLockSpaces.auditDelivery,
        target,
      ]);
      const [row] = await this.database.query<{ position: string }>(
        `UPDATE audit_delivery SET position = least(position, $2) WHERE target = $1 RETURNING position::text AS position`,
        [target, position],
      );
      if (row !== undefined) this.memory(target).own = Number(row.position);
    });
  }

  /** The lock ends with the transaction: one of the session would stay with a pooled connection after its owner. */
  claim<T>(target: string, work: () => Promise<T>): Promise<T | null> {
    return this.database.run(async () => {
      const [lock] = await this.database.query<{ mine: boolean }>(
        'SELECT pg_try_advisory_xact_lock($1, hashtext($2)) AS mine',
        [advisoryLockSpaces.auditDelivery, target],
      );
      if (lock?.mine !== true) return null;
      // In a statement of its own: that of the lock sees the cursor as it was before the lock was had.
      const [cursor] = await this.database.query<{ position: string; taken: boolean | null }>(
        `SELECT position::text AS position, delivered_at > clock_timestamp() - make_interval(secs => $2) AS taken
         FROM audit_delivery WHERE target = $1`,
        [target, tenure],
      );
      if (cursor?.taken === true && Number(cursor.position) !== this.memory(target).own) return null;
      return work();
    });
  }

  private async cursor(target: string): Promise<number> {
    const [row] = await this.database.query<{ position: string }>(
      'SELECT position::text AS position FROM audit_delivery WHERE target = $1',
      [target],
    );
    return row === undefined ? 0 : Number(row.position);
  }

  /**
   * No event after the cursor was filed earlier, so the months before are left alone: sealing never goes back to a
   * month before the one of an event that it sealed, whatever the clock does.
   */
  private async filedFrom(target: string, cursor: number): Promise<Date | string> {
    const memory = this.memory(target);
    if (memory.read !== null && memory.read.position <= cursor) memory.before = memory.read;
    if (memory.before === null || memory.before.position > cursor) memory.before = await this.markAt(cursor);
    const filedAt = memory.before?.filedAt;
    return filedAt === undefined ? '-infinity' : new Date(Date.UTC(filedAt.getUTCFullYear(), filedAt.getUTCMonth()));
  }

  private async markAt(position: number): Promise<Mark | null> {
    const [row] = await this.database.query<{ filed_at: Date }>(
      'SELECT filed_at FROM audit_event WHERE position = $1 LIMIT 1',
      [position],
    );
    return row === undefined ? null : { position, filedAt: row.filed_at };
  }

  private memory(target: string): Memory {
    const known = this.memories.get(target) ?? { own: null, before: null, read: null };
    this.memories.set(target, known);
    return known;
  }
}

/** Null too where the stored text is not even JSON: somebody wrote to the tables by hand. */
function readable(row: EventRow): WardenEvent | null {
  try {
    return eventOf(row);
  } catch {
    return null;
  }
}
