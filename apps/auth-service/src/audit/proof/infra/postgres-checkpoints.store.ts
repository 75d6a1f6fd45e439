import { Injectable } from '@nestjs/common';
import { advisoryLocks } from '../../../platform/database/advisory-locks.js';
import { Database, type Row } from '../../../platform/database/database.js';
import { CheckpointsStore, type StoredCheckpoint } from '../checkpoints.store.js';

@Injectable()
export class PostgresCheckpointsStore extends CheckpointsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async takeTurn(): Promise<boolean> {
    const [row] = await this.database.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [
      advisoryLocks.checkpoint,
    ]);
    return row?.taken === true;
  }

  async newest(): Promise<StoredCheckpoint | null> {
    const [row] = await this.database.query<CheckpointRow>(
      `SELECT id, made_at, text, signature, key_id FROM audit_checkpoint ORDER BY id DESC LIMIT 1`,
    );
    return row === undefined ? null : checkpointOf(row);
  }

  async add({ id, at, text, signature, keyId }: StoredCheckpoint): Promise<void> {
    await this.database.query(
      `INSERT INTO audit_checkpoint (id, made_at, text, signature, key_id) VALUES ($1, $2, $3, $4, $5)`,
      [id, new Date(at), text, Buffer.from(signature, 'base64url'), keyId],
    );
  }

  async recordSize(): Promise<number> {
    const [row] = await this.database.query<{ size: string }>('SELECT coalesce(sum(size), 0) AS size FROM audit_chain');
    return Number(row?.size ?? 0);
  }

  async ownEvents(month: string, number: number, since: number): Promise<number> {
    const [row] = await this.database.query<{ count: string }>(
      `SELECT count(*) FROM audit_event
       WHERE class = 'management' AND name = 'audit.checkpoint' AND number > $2
         AND filed_at >= greatest(($1 || '-01')::timestamp AT TIME ZONE 'UTC', $3::timestamptz - interval '1 day')
         AND filed_at < (($1 || '-01')::timestamp + interval '1 month') AT TIME ZONE 'UTC'`,
      [month, number, new Date(since)],
    );
    return Number(row?.count ?? 0);
  }
}

export interface CheckpointRow extends Row {
  id: string;
  made_at: Date;
  text: string;
  signature: Buffer;
  key_id: string;
}

export function checkpointOf({ id, made_at, text, signature, key_id }: CheckpointRow): StoredCheckpoint {
  return { id, at: made_at.getTime(), text, signature: signature.toString('base64url'), keyId: key_id };
}
