import { Injectable } from '@nestjs/common';
import { type RolesDifference, diffRoles } from '@warden/permissions';
import { KnownRealmRoles } from './known-realm-roles.js';
import { type DescribedVersion, described } from './role-history.js';
import { noSuchRolesVersion } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore, type RolesVersion } from './roles.store.js';

/** Reads the whole document, hidden roles too, and its history. */
@Injectable()
export class BrowseRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly inForce: RolesInForce,
    private readonly realm: KnownRealmRoles,
  ) {}

  inForceNow(): RolesVersion {
    return this.inForce.require();
  }

  /** The version in force, and the names that the directory has; null: there is none, or it is down. */
  async whole(): Promise<{ version: RolesVersion; realm: ReadonlySet<string> | null }> {
    const realm = await this.realm.now();
    return {
      version: this.inForce.require(),
      realm: realm === null ? null : new Set(realm.map(({ name }) => name)),
    };
  }

  /** One page, newest first; `next` is the version to pass as `before` for the page after it, null on the last one. */
  async history(limit: number, before: number | null): Promise<{ items: DescribedVersion[]; next: number | null }> {
    // The one behind the page tells both whether there is more and what the last of the page changed.
    const found = await this.store.page({ limit: limit + 1, before });
    const items = found.slice(0, limit).map((one, index) => described(one, found[index + 1]?.document ?? null));
    return { items, next: found.length > limit ? (items.at(-1)?.version.version ?? null) : null };
  }

  async version(number: number): Promise<RolesVersion> {
    const found = await this.store.find(number);
    if (found === null) throw noSuchRolesVersion();
    return found;
  }

  async difference(from: number, to: number): Promise<RolesDifference> {
    const [older, newer] = await Promise.all([this.version(from), this.version(to)]);
    return diffRoles(older.document, newer.document);
  }
}
