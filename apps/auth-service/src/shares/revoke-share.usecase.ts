import { Injectable } from '@nestjs/common';
import { actorOf } from '../audit/index.js';
import type { Caller } from '../platform/http/caller.js';
import { Clock } from '../platform/time/clock.js';
import { RevocationList } from '../tokens/index.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { type Share, endOfToken } from './share.js';
import { eventShareOf, shareRevoked } from './share-events.js';
import { SharesStore } from './shares.store.js';

/** Ends a share. Refused by this replica at once, by every other within a second. */
@Injectable()
export class RevokeShare {
  constructor(
    private readonly browse: BrowseShares,
    private readonly store: SharesStore,
    private readonly revocations: RevocationList,
    private readonly clock: Clock,
  ) {}

  /** Revoking twice is no error: the first revocation and its reason stay. */
  async execute(caller: Caller, id: string, reason: string): Promise<Share> {
    const share = await this.browse.find(caller, id);
    if (share.revocation !== null) return share;
    const revocation = { at: this.clock.now(), by: caller.id, reason };
    const first = await this.store.revoke(
      share,
      revocation,
      shareRevoked(eventShareOf(share), actorOf(caller), revocation, null),
    );
    this.revocations.revoke({ identity: share.identity, expiresAt: endOfToken(share) });
    return first ? { ...share, revocation } : this.browse.find(caller, id);
  }
}
