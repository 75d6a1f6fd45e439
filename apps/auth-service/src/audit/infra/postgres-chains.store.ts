import { Injectable } from '@nestjs/common';
import { Database, type Row } from '../../platform/database/database.js';
import { type ChainEnd, ChainsStore } from '../sealing/chains.store.js';

@Injectable()
export class PostgresChainsStore extends ChainsStore {
  constructor(private readonly database: Database) {
    super();
  }

  async seal(most: number): Promise<number | null> {
    const [row] = await this.database.query<{ sealed: number }>('SELECT audit_seal($1) AS sealed', [most]);
    return row === undefined || row.sealed < 0 ? null : row.sealed;
  }

  async makeRoom(): Promise<void> {
    await this.database.query(
      `SELECT audit_make_partitions(now() + months * interval '1 month') FROM generate_series(0, 2) AS months`,
    );
  }

  async dropExpired(): Promise<ChainEnd[]> {
    return this.query(
      `SELECT ${columns} FROM audit_drop_expired() AS dropped JOIN audit_chain AS chain USING (class, month)`,
    );
  }

  async ends(): Promise<ChainEnd[]> {
    return this.query(`SELECT ${columns} FROM audit_chain AS chain WHERE dropped_at IS NULL ORDER BY 1, 2`);
  }

  private async query(sql: string): Promise<ChainEnd[]> {
    const rows = await this.database.query<ChainRow>(sql);
    return rows.map(({ size, ...row }) => ({ ...row, size: Number(size) }));
  }
}

const columns = `chain.class, to_char(chain.month, 'YYYY-MM') AS month, chain.size, encode(chain.head, 'hex') AS head`;

interface ChainRow extends Row {
  class: ChainEnd['class'];
  month: string;
  size: string;
  head: string;
}
