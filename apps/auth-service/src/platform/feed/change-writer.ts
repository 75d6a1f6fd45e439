import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';

/** Tells every replica of a change, in the transaction of its cause: called inside `UnitOfWork.run`. */
@Injectable()
export class ChangeWriter {
  constructor(private readonly database: Database) {}

  async append(topic: string, payload: unknown): Promise<void> {
    await this.database.query('INSERT INTO change (topic, payload) VALUES ($1, $2)', [topic, JSON.stringify(payload)]);
  }

  /** Forgets changes that every replica has long seen; one that was away longer loads everything anew. */
  async forgetOld(): Promise<void> {
    await this.database.query(`DELETE FROM change WHERE made_at < now() - interval '1 day'`);
  }
}
