import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { GateCodesStore } from '../gates/gate-codes.store.js';

@Injectable()
export class PostgresGateCodesStore extends GateCodesStore {
  constructor(private readonly database: Database) {
    super();
  }

  async put(shareId: string, hash: string, expiresAt: number): Promise<void> {
    await this.database.query(
      `INSERT INTO gate_code (share_id, hash, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (share_id) DO UPDATE SET hash = excluded.hash, expires_at = excluded.expires_at`,
      [shareId, hash, new Date(expiresAt)],
    );
  }

  async hashOf(shareId: string, now: number): Promise<string | null> {
    const [row] = await this.database.query<{ hash: string }>(
      'SELECT hash FROM gate_code WHERE share_id = $1 AND expires_at > $2',
      [shareId, new Date(now)],
    );
    return row?.hash ?? null;
  }

  async use(shareId: string, hash: string): Promise<boolean> {
    const used = await this.database.query(
      'DELETE FROM gate_code WHERE share_id = $1 AND hash = $2 RETURNING share_id',
      [shareId, hash],
    );
    return used.length > 0;
  }

  async forgetOld(now: number): Promise<void> {
    await this.database.query('DELETE FROM gate_code WHERE expires_at < $1', [new Date(now)]);
  }
}
