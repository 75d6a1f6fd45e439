import { Injectable } from '@nestjs/common';
import { parseRolesDocument } from '@warden/permissions';
import type { FeedConsumer, FeedQuery } from '../../platform/feed/change-feed.js';
import { RolesInForce } from '../roles-in-force.js';

export const rolesTopic = 'roles-changed';

/** Keeps the roles in memory up to date with the database. */
@Injectable()
export class RolesFeed implements FeedConsumer {
  readonly topics = [rolesTopic];

  constructor(private readonly inForce: RolesInForce) {}

  async load(query: FeedQuery): Promise<void> {
    const rows = await query<{ version: string; document: unknown }>(
      'SELECT version, document FROM role_version ORDER BY version DESC LIMIT 1',
    );
    const newest = rows[0];
    if (newest === undefined) return;
    const parsed = parseRolesDocument(newest.document);
    if (!parsed.ok) throw new Error(`role version ${newest.version} cannot be read`);
    this.inForce.take({ version: Number(newest.version), document: parsed.document });
  }

  async apply(_change: unknown, query: FeedQuery): Promise<void> {
    await this.load(query);
  }
}
