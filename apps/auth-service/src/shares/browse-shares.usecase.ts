import { Injectable } from '@nestjs/common';
import { holds } from '@warden/permissions';
import type { Caller } from '../platform/http/caller.js';
import type { Share } from './share.js';
import { shareNotFound } from './shares.errors.js';
import { SharesStore } from './shares.store.js';

/** Whose shares a caller may see and end: everyone's with `admin-permissions`, else their own. */
export function maySee(caller: Caller, share: Share): boolean {
  return holds(caller.permissions, 'admin-permissions') || share.mintedBy === caller.id;
}

/** Reads the registry within what the caller may see. */
@Injectable()
export class BrowseShares {
  constructor(private readonly store: SharesStore) {}

  /** One page, newest first; `next` is the id to pass as `before` for the page after it, null on the last one. */
  async list(caller: Caller, limit: number, before: string | null): Promise<{ shares: Share[]; next: string | null }> {
    const mintedBy = holds(caller.permissions, 'admin-permissions') ? null : caller.id;
    const found = await this.store.list({ mintedBy, limit: limit + 1, before });
    const shares = found.slice(0, limit);
    return { shares, next: found.length > limit ? (shares.at(-1)?.id ?? null) : null };
  }

  /** A share of somebody else is answered like one that does not exist. */
  async find(caller: Caller, id: string): Promise<Share> {
    const share = await this.store.find(id);
    if (share === null || !maySee(caller, share)) throw shareNotFound();
    return share;
  }
}
