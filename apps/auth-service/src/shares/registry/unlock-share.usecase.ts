import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { AttemptsStore } from '../gates/attempts.store.js';
import { digestOfShare } from '../links/find-link.js';
import type { Share } from '../share.js';
import { shareChangedBy } from '../share-events.js';
import { shareNotFound } from '../shares.errors.js';
import { SharesStore } from '../shares.store.js';

/** Lets recipients try again. */
@Injectable()
export class UnlockShare {
  constructor(
    private readonly browse: BrowseShares,
    private readonly store: SharesStore,
    private readonly attempts: AttemptsStore,
    private readonly clock: Clock,
  ) {}

  /** A share that is not locked has its wrong attempts forgotten. */
  async execute(caller: Caller, id: string): Promise<Share> {
    const share = await this.browse.find(caller, id);
    await this.attempts.credit(digestOfShare(share), 'all');
    if (share.lockedAt === null) return share;
    const changed = await this.store.change(id, null, (before) => {
      if (before.lockedAt === null) return { after: before, told: null };
      const changes = [{ member: 'locked', from: 'true', to: 'false' }];
      const told = before.lockedAt === null ? null : shareChangedBy(before, caller, this.clock.now(), changes);
      return { after: { ...before, lockedAt: null }, told };
    });
    if (changed === null) throw shareNotFound();
    return changed.after;
  }
}
