import type { RecordedRule } from './revocation-rules.store.js';
import type { RevocationRuleDto } from './revoke-shares.dto.js';
import { type Share, stateOf } from './share.js';
import type { ShareDto } from './shares.dto.js';

/** The only way of a share to the outside. */
export function presentShare(share: Share, now: number): ShareDto {
  const { revocation } = share;
  return {
    id: share.id,
    state: stateOf(share, now),
    type: share.type,
    label: share.label,
    origin: share.origin,
    fingerprint: share.identity,
    serverId: share.serverId,
    resources: share.resources.map(({ level, dicomUid, orthancId, url }) => ({ level, dicomUid, orthancId, url })),
    mintedAt: iso(share.mintedAt),
    mintedBy: share.mintedBy,
    expiresAt: share.expiresAt === null ? null : iso(share.expiresAt),
    revokedAt: revocation === null ? null : iso(revocation.at),
    revokedBy: revocation?.by ?? null,
    revokeReason: revocation?.reason ?? null,
  };
}

export function presentRule({ rule, made }: RecordedRule): RevocationRuleDto {
  return {
    id: rule.id,
    studyDicomUid: rule.studyDicomUid,
    studyOrthancId: rule.studyOrthancId,
    patient: rule.patientId,
    studyLabel: rule.label,
    keyId: rule.keyId,
    mintedBefore: rule.mintedBefore === null ? null : iso(rule.mintedBefore),
    reason: made.reason,
    madeAt: iso(made.at),
    madeBy: made.by,
  };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
