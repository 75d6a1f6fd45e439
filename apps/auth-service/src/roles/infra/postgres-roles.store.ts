import { Injectable } from '@nestjs/common';
import { type RolesDocument, toWire } from '@warden/permissions';
import { Database } from '../../platform/database/database.js';
import { ChangeWriter } from '../../platform/feed/change-writer.js';
import { RolesStore, type RolesVersion } from '../roles.store.js';
import { rolesTopic } from './roles.feed.js';

/** Serialises the writers of roles, so that versions follow one another. */
const rolesLock = 7_241_906;

@Injectable()
export class PostgresRolesStore extends RolesStore {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeWriter,
  ) {
    super();
  }

  async seed(document: RolesDocument, madeBy: string, madeAt: number): Promise<boolean> {
    return this.database.run(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock($1)', [rolesLock]);
      const there = await this.database.query('SELECT 1 FROM role_version LIMIT 1');
      if (there.length > 0) return false;
      await this.insert(document, madeBy, madeAt);
      return true;
    });
  }

  async append(document: RolesDocument, madeBy: string, madeAt: number): Promise<RolesVersion> {
    return this.database.run(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock($1)', [rolesLock]);
      return { version: await this.insert(document, madeBy, madeAt), document };
    });
  }

  private async insert(document: RolesDocument, madeBy: string, madeAt: number): Promise<number> {
    const rows = await this.database.query<{ version: string }>(
      'INSERT INTO role_version (document, made_at, made_by) VALUES ($1, $2, $3) RETURNING version',
      [JSON.stringify(toWire(document)), new Date(madeAt), madeBy],
    );
    const version = Number(rows[0]?.version);
    await this.changes.append(rolesTopic, { version });
    return version;
  }
}
