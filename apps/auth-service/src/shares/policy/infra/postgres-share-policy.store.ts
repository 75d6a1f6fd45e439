import { Injectable } from '@nestjs/common';
import { advisoryLocks } from '../../../platform/database/advisory-locks.js';
import { Database } from '../../../platform/database/database.js';
import { ChangeWriter } from '../../../platform/feed/change-writer.js';
import type { SharePolicyDocument } from '../share-policy-document.js';
import { sharePolicyChanged } from '../share-policy.errors.js';
import {
  type SharePolicyChange,
  type SharePolicyPage,
  SharePolicyStore,
  type SharePolicyVersion,
} from '../share-policy.store.js';
import { sharePolicyTopic } from './share-policy.feed.js';
import { type SharePolicyRow, sharePolicyColumns, versionOf } from './share-policy-row.js';

@Injectable()
export class PostgresSharePolicyStore extends SharePolicyStore {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeWriter,
  ) {
    super();
  }

  async append(
    document: SharePolicyDocument,
    { madeBy, madeAt, reason, expected }: SharePolicyChange,
  ): Promise<SharePolicyVersion> {
    return this.database.run(async () => {
      await this.database.query('SELECT pg_advisory_xact_lock($1)', [advisoryLocks.sharePolicy]);
      // A statement of its own: its snapshot is younger than the lock, so no writer is missed.
      const [newest] = await this.database.query<{ version: string | null }>(
        'SELECT max(version) AS version FROM share_policy_version',
      );
      const inForce = Number(newest?.version ?? 0);
      if (expected !== null && expected !== inForce) throw sharePolicyChanged(inForce);
      const rows = await this.database.query<{ version: string }>(
        'INSERT INTO share_policy_version (document, made_at, made_by, reason) VALUES ($1, $2, $3, $4) RETURNING version',
        [JSON.stringify(document), new Date(madeAt), madeBy, reason],
      );
      const version = Number(rows[0]?.version);
      await this.changes.append(sharePolicyTopic, { version });
      return { version, document, madeAt, madeBy, reason };
    });
  }

  async find(version: number): Promise<SharePolicyVersion | null> {
    const [row] = await this.database.query<SharePolicyRow>(
      `SELECT ${sharePolicyColumns} FROM share_policy_version WHERE version = $1`,
      [version],
    );
    return row === undefined ? null : versionOf(row);
  }

  async page({ limit, before }: SharePolicyPage): Promise<SharePolicyVersion[]> {
    const rows = await this.database.query<SharePolicyRow>(
      `SELECT ${sharePolicyColumns} FROM share_policy_version WHERE $2::bigint IS NULL OR version < $2 ORDER BY version DESC LIMIT $1`,
      [limit, before],
    );
    return rows.map(versionOf);
  }
}
