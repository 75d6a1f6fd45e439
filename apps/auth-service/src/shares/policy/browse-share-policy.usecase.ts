import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { unknownTokenType } from '../shares.errors.js';
import type { ShareLimits } from './share-limits.js';
import { SharePolicies } from './share-policies.js';
import { noSuchSharePolicyVersion } from './share-policy.errors.js';
import { SharePolicyInForce } from './share-policy-in-force.js';
import { SharePolicyStore, type SharePolicyVersion } from './share-policy.store.js';
import { ShareTypes } from './share-types.js';

export interface LimitsOfType {
  readonly type: string;
  readonly limits: ShareLimits;
}

/** Reads the policy in force, what of it applies to a caller, and its history. */
@Injectable()
export class BrowseSharePolicy {
  constructor(
    private readonly store: SharePolicyStore,
    private readonly inForce: SharePolicyInForce,
    private readonly policies: SharePolicies,
    private readonly types: ShareTypes,
  ) {}

  inForceNow(): SharePolicyVersion {
    return this.inForce.require();
  }

  /** Of one type, or of every one that the installation has. Throws `unknown-token-type`. */
  applyingTo(caller: Caller, type: string | null): LimitsOfType[] {
    const { names } = this.types;
    if (type !== null && !names.includes(type)) throw unknownTokenType(names);
    return (type === null ? names : [type]).map((one) => ({ type: one, limits: this.policies.limitsFor(caller, one) }));
  }

  /** One page, newest first; `next` is the version to pass as `before` for the page after it, null on the last one. */
  async history(limit: number, before: number | null): Promise<{ items: SharePolicyVersion[]; next: number | null }> {
    const found = await this.store.page({ limit: limit + 1, before });
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? (items.at(-1)?.version ?? null) : null };
  }

  async version(number: number): Promise<SharePolicyVersion> {
    const found = await this.store.find(number);
    if (found === null) throw noSuchSharePolicyVersion();
    return found;
  }
}
