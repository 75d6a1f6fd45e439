import { Injectable } from '@nestjs/common';
import { type RolesDocument, toWire } from '@warden/permissions';
import { advisoryLocks } from '../../platform/database/advisory-locks.js';
import { Database } from '../../platform/database/database.js';
import { ChangeWriter } from '../../platform/feed/change-writer.js';
import { rolesChanged } from '../roles.errors.js';
import { type RolesChange, type RolesPage, RolesStore, type RolesVersion } from '../roles.store.js';
import { rolesTopic } from './roles.feed.js';
import { type RolesRow, rolesColumns, versionOf } from './roles-row.js';

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
      await this.lock();
      const there = await this.database.query('SELECT 1 FROM role_version LIMIT 1');
      if (there.length > 0) return false;
      await this.insert(document, { madeBy, madeAt, reason: null });
      return true;
    });
  }

  async append(change: RolesChange, next: (before: RolesDocument) => RolesDocument): Promise<RolesVersion> {
    return this.database.run(async () => {
      await this.lock();
      // A statement of its own: its snapshot is younger than the lock, so no writer is missed.
      const [inForce] = await this.page({ limit: 1, before: null });
      if (change.expected !== null && change.expected !== inForce?.version)
        throw rolesChanged(inForce?.version ?? null);
      return this.insert(next(inForce?.document ?? { roles: {}, availableLabels: [] }), change);
    });
  }

  async find(version: number): Promise<RolesVersion | null> {
    const [row] = await this.database.query<RolesRow>(`SELECT ${rolesColumns} FROM role_version WHERE version = $1`, [
      version,
    ]);
    return row === undefined ? null : versionOf(row);
  }

  async page({ limit, before }: RolesPage): Promise<RolesVersion[]> {
    const rows = await this.database.query<RolesRow>(
      `SELECT ${rolesColumns} FROM role_version WHERE $2::bigint IS NULL OR version < $2 ORDER BY version DESC LIMIT $1`,
      [limit, before],
    );
    return rows.map(versionOf);
  }

  private async lock(): Promise<void> {
    await this.database.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.roles]);
  }

  private async insert(
    document: RolesDocument,
    { madeBy, madeAt, reason }: Pick<RolesChange, 'madeBy' | 'madeAt' | 'reason'>,
  ): Promise<RolesVersion> {
    const rows = await this.database.query<{ version: string }>(
      'INSERT INTO role_version (document, made_at, made_by, reason) VALUES ($1, $2, $3, $4) RETURNING version',
      [JSON.stringify(toWire(document)), new Date(madeAt), madeBy, reason],
    );
    const version = Number(rows[0]?.version);
    await this.changes.append(rolesTopic, { version });
    return { version, document, madeAt, madeBy, reason };
  }
}
