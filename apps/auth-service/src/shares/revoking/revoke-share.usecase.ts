import { Injectable } from '@nestjs/common';
import { originOf } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { RevocationList } from '../../tokens/index.js';
import { BrowseShares } from '../registry/browse-shares.usecase.js';
import type { Share } from '../share.js';
import { endShare } from './end-share.js';
import { linksReplacedBy } from './links-replaced-by.js';
import { SharesStore } from '../shares.store.js';

/** Ends a share. Refused by this replica at once, by every other within a second. */
@Injectable()
export class RevokeShare {
  constructor(
    private readonly browse: BrowseShares,
    private readonly store: SharesStore,
    private readonly revocations: RevocationList,
    private readonly clock: Clock,
  ) {}

  /**
   * The links that it took the place of end with it. Revoking twice is no error: the first revocation and its reason
   * stay.
   */
  async execute(caller: Caller, id: string, reason: string): Promise<Share> {
    const share = await this.browse.find(caller, id);
    if (share.revocation !== null) return share;
    const origin = originOf(caller);
    const revocation = { at: this.clock.now(), by: caller.id, reason };
    // Itself last: after a failure the same request ends what is left.
    let first = false;
    for (const one of [...(await linksReplacedBy(share, this.store)), share])
      first = await endShare({ store: this.store, revocations: this.revocations }, one, origin, revocation, null);
    return first ? { ...share, revocation } : this.browse.find(caller, id);
  }
}
