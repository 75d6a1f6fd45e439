import { Injectable } from '@nestjs/common';
import type { FeedConsumer, FeedQuery } from '../../platform/feed/change-feed.js';
import { RolesInForce } from '../roles-in-force.js';
import { type RolesRow, rolesColumns, versionOf } from './roles-row.js';

export const rolesTopic = 'roles-changed';

/** Keeps the roles in memory up to date with the database. */
@Injectable()
export class RolesFeed implements FeedConsumer {
  readonly topics = [rolesTopic];

  constructor(private readonly inForce: RolesInForce) {}

  async load(query: FeedQuery): Promise<void> {
    const rows = await query<RolesRow>(`SELECT ${rolesColumns} FROM role_version ORDER BY version DESC LIMIT 1`);
    if (rows[0] !== undefined) this.inForce.take(versionOf(rows[0]));
  }

  async apply(_change: unknown, query: FeedQuery): Promise<void> {
    await this.load(query);
  }
}
