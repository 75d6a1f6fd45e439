import { Injectable } from '@nestjs/common';
import { builtInPolicy } from './share-policy-document.js';
import { sharePolicyNotLoaded } from './share-policy.errors.js';
import type { SharePolicyVersion } from './share-policy.store.js';

export const builtInVersion: SharePolicyVersion = {
  version: 0,
  document: builtInPolicy,
  madeAt: null,
  madeBy: 'built-in',
  reason: null,
};

/** The policy in memory: minting asks no database for it. */
@Injectable()
export class SharePolicyInForce {
  private current: SharePolicyVersion | null = null;

  /** Throws `share-policy-not-loaded` until the first load: what is not known allows nothing. */
  require(): SharePolicyVersion {
    if (this.current === null) throw sharePolicyNotLoaded();
    return this.current;
  }

  /** An older version than the one in force is ignored: the feed may bring it late. */
  take(version: SharePolicyVersion): void {
    if (this.current === null || version.version >= this.current.version) this.current = version;
  }
}
