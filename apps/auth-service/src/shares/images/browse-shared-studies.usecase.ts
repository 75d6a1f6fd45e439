import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { BrowseShares } from '../registry/browse-shares.usecase.js';
import { Images } from './images.js';
import { type SharedImages, SharedImagesStore } from './shared-images.store.js';
import { shareNotFound } from '../shares.errors.js';

/** What a share opens by name, for whoever may see the share. */
@Injectable()
export class BrowseSharedStudies {
  constructor(
    private readonly shares: BrowseShares,
    private readonly store: SharedImagesStore,
    private readonly images: Images,
  ) {}

  /** `asked` is false when there is no archive to ask. */
  async execute(caller: Caller, id: string): Promise<{ found: SharedImages; asked: boolean }> {
    const share = await this.shares.find(caller, id);
    const found = await this.store.find(share.id);
    if (found === null) throw shareNotFound();
    return { found, asked: this.images.configured };
  }
}
