import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { type ShareLimits, mergeLimits, policyRolesOf } from './share-limits.js';
import { SharePolicyInForce } from './share-policy-in-force.js';

/** Says what a caller may share, and how. From memory: no database is asked. */
@Injectable()
export class SharePolicies {
  constructor(private readonly inForce: SharePolicyInForce) {}

  /** Throws `share-policy-not-loaded` until the first load. */
  limitsFor(caller: Caller, type: string): ShareLimits {
    return mergeLimits(this.inForce.require().document, policyRolesOf(caller), type);
  }
}
