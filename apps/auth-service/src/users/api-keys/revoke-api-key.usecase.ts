import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import type { ApiKey } from './api-key.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { ApiKeysStore } from './api-keys.store.js';
import { BrowseApiKeys } from './browse-api-keys.usecase.js';

/** Ends a key with all its secrets. Refused by this replica at once, by every other within a second. */
@Injectable()
export class RevokeApiKey {
  constructor(
    private readonly browse: BrowseApiKeys,
    private readonly store: ApiKeysStore,
    private readonly inForce: ApiKeysInForce,
    private readonly clock: Clock,
  ) {}

  /** Revoking twice is no error: the first revocation and its reason stay. */
  async execute(caller: Caller, id: string, reason: string): Promise<ApiKey> {
    const revoked = await this.store.revoke(id, { at: this.clock.now(), by: caller.id, reason });
    if (revoked === null) return this.browse.find(id);
    this.inForce.take(revoked);
    return revoked.key;
  }
}
