import { Injectable } from '@nestjs/common';
import { Acts, actOf, originOf } from '../../audit/index.js';
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
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  /** Revoking twice is no error: the first revocation and its reason stay. */
  async execute(caller: Caller, id: string, reason: string): Promise<ApiKey> {
    const at = this.clock.now();
    const revoked = await this.acts.do(
      () => this.store.revoke(id, { at, by: caller.id, reason }),
      (done) => (done === null ? null : actOf('api-key.revoked', originOf(caller), at, { keyId: id, why: reason })),
    );
    if (revoked === null) return this.browse.find(id);
    this.inForce.take(revoked);
    return revoked.key;
  }
}
