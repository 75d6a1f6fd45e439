import type { LimitsOfType } from './browse-share-policy.usecase.js';
import type { SharePolicyDocument } from './share-policy-document.js';
import type {
  ShareLimitsDto,
  SharePolicyDto,
  SharePolicyHistoryEntryDto,
  SharePolicyVersionDto,
} from './share-policy.dto.js';
import type { SharePolicyVersion } from './share-policy.store.js';

/** The only way out for versions of the share policy. */
export function presentVersion(version: SharePolicyVersion): SharePolicyVersionDto {
  return { ...presentEntry(version), policy: presentPolicy(version.document) };
}

export function presentEntry({ version, madeAt, madeBy, reason }: SharePolicyVersion): SharePolicyHistoryEntryDto {
  return { version, madeAt: madeAt === null ? null : new Date(madeAt).toISOString(), madeBy, reason };
}

export function presentLimits({ type, limits }: LimitsOfType): ShareLimitsDto {
  const { mint, maxLife, defaultLife, withoutExpiry, gates, viewers, reasonRequired } = limits;
  return { type, mint, maxLife, defaultLife, withoutExpiry, gates, viewers, reasonRequired };
}

/** The parsed document holds what it may hold and no more. */
function presentPolicy({ overLimit, rules }: SharePolicyDocument): SharePolicyDto {
  return { overLimit, rules: rules.map((rule) => ({ ...rule })) };
}
