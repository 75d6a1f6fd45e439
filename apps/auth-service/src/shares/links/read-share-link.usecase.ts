import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { BrowseShares } from '../registry/browse-shares.usecase.js';
import { stateOf } from '../share.js';
import { type ShareLink, ShareLinks } from './share-links.js';
import { shareMintedElsewhere, shareOver } from '../shares.errors.js';

/** Shows the link of a share again. */
@Injectable()
export class ReadShareLink {
  constructor(
    private readonly browse: BrowseShares,
    private readonly links: ShareLinks,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, id: string): Promise<ShareLink> {
    const share = await this.browse.find(caller, id);
    // Its text is not known here: what we would sign would be another token.
    if (share.origin === 'adopted') throw shareMintedElsewhere();
    if (['revoked', 'expired'].includes(stateOf(share, this.clock.now()))) throw shareOver();
    return this.links.of(share);
  }
}
