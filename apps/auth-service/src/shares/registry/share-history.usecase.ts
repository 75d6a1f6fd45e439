import { Injectable } from '@nestjs/common';
import { type EventsPage, ShareEventsStore } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import { BrowseShares } from './browse-shares.usecase.js';

/** What happened to a share, for whoever may see the share. */
@Injectable()
export class ShareHistory {
  constructor(
    private readonly shares: BrowseShares,
    private readonly events: ShareEventsStore,
  ) {}

  /** One page, newest first; `before` is the `next` of the page before it. */
  async execute(caller: Caller, id: string, limit: number, before: string | null): Promise<EventsPage> {
    const share = await this.shares.find(caller, id);
    return this.events.page(share.id, limit, before);
  }
}
