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

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
