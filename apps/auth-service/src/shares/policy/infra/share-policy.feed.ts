import { Injectable } from '@nestjs/common';
import type { FeedConsumer, FeedQuery } from '../../../platform/feed/change-feed.js';
import { SharePolicyInForce, builtInVersion } from '../share-policy-in-force.js';
import { type SharePolicyRow, sharePolicyColumns, versionOf } from './share-policy-row.js';

export const sharePolicyTopic = 'share-policy-changed';

/** Keeps the policy in memory up to date with the database. */
@Injectable()
export class SharePolicyFeed implements FeedConsumer {
  readonly topics = [sharePolicyTopic];

  constructor(private readonly inForce: SharePolicyInForce) {}

  async load(query: FeedQuery): Promise<void> {
    const [row] = await query<SharePolicyRow>(
      `SELECT ${sharePolicyColumns} FROM share_policy_version ORDER BY version DESC LIMIT 1`,
    );
    this.inForce.take(row === undefined ? builtInVersion : versionOf(row));
  }

  async apply(_change: unknown, query: FeedQuery): Promise<void> {
    await this.load(query);
  }
}
