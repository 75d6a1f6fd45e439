import { Injectable } from '@nestjs/common';
import { holds } from '@warden/permissions';
import type { Caller } from '../../platform/http/caller.js';
import type { Share } from '../share.js';
import { shareNotFound } from '../shares.errors.js';
import { type SharesPage, SharesStore } from '../shares.store.js';

/** Whose shares a caller may see and end: everyone's with `admin-permissions`, else their own. */
export function maySee(caller: Caller, share: Share): boolean {
  return holds(caller.permissions, 'admin-permissions') || share.mintedBy === caller.id;
}

/** Reads the registry within what the caller may see. */
@Injectable()
export class BrowseShares {
  constructor(private readonly store: SharesStore) {}

  /** One page of what the caller may see; `next` is the id to pass as `after` for the page after it, null on the last one. */
  async list(caller: Caller, page: SharesPage): Promise<{ shares: Share[]; next: string | null }> {
    const asked = page.filter.mintedBy;
    const mintedBy = holds(caller.permissions, 'admin-permissions') ? asked : caller.id;
    if (asked !== undefined && asked !== mintedBy) return { shares: [], next: null };
    const found = await this.store.list({ ...page, filter: { ...page.filter, mintedBy }, limit: page.limit + 1 });
    const shares = found.slice(0, page.limit);
    return { shares, next: found.length > page.limit ? (shares.at(-1)?.id ?? null) : null };
  }

  /** A share of somebody else is answered like one that does not exist. */
  async find(caller: Caller, id: string): Promise<Share> {
    const share = await this.store.find(id);
    if (share === null || !maySee(caller, share)) throw shareNotFound();
    return share;
  }
}
