export { SharePolicyFeed } from './infra/share-policy.feed.js';
export { type AskedLife, lifeWithin } from './share-life.js';
export { type ShareLimits, type ShareWish, checkAgainst } from './share-limits.js';
export { SharePolicies } from './share-policies.js';
export { refusedByPolicy, sharePolicyErrors, shareTooLongForPolicy } from './share-policy.errors.js';
export { SharePolicyModule } from './share-policy.module.js';
