import type { RecordedRule } from '../revoking/revocation-rules.store.js';
import type { RevocationRuleDto } from '../revoking/revoke-shares.dto.js';
import type { ChangedTerms } from '../minting/change-share.usecase.js';
import type { CreatedShare } from '../minting/create-share.usecase.js';
import { type Share, closureOf, stateOf } from '../share.js';
import type { ChangedShareDto, CreatedShareDto } from '../minting/share-body.dto.js';
import type { ShareDto } from './shares.dto.js';

/** The only way of a share to the outside. */
export function presentShare(share: Share, now: number): ShareDto {
  const { revocation, recipient } = share;
  const state = stateOf(share, now);
  return {
    id: share.id,
    state,
    closedBy: state === 'closed' ? closureOf(share) : null,
    type: share.type,
    label: share.label,
    origin: share.origin,
    fingerprint: share.identity,
    serverId: share.serverId,
    resources: share.resources.map(({ level, dicomUid, orthancId, url }) => ({ level, dicomUid, orthancId, url })),
    mintedAt: iso(share.mintedAt),
    mintedBy: share.mintedBy,
    mintedByName: share.mintedByName,
    recipient: recipient === null ? null : { name: recipient.name, email: recipient.email },
    reason: share.reason,
    purposeOfUse: share.purposeOfUse,
    language: share.language,
    notBefore: share.notBefore === null ? null : iso(share.notBefore),
    maxOpens: share.maxOpens,
    opens: share.opens,
    gate: share.gate?.kind ?? null,
    link: share.handleHash !== null ? 'opaque' : share.gated ? 'gated-token' : 'token',
    viewers: [share.type, ...(share.viewers ?? [])],
    download: share.offersDownload,
    noArchive: share.noArchive,
    lockedAt: share.lockedAt === null ? null : iso(share.lockedAt),
    replaces: share.replaces,
    revision: share.revision,
    expiresAt: share.expiresAt === null ? null : iso(share.expiresAt),
    revokedAt: revocation === null ? null : iso(revocation.at),
    revokedBy: revocation?.by ?? null,
    revokeReason: revocation?.reason ?? null,
  };
}

export function presentCreated(
  { share, link, pin }: CreatedShare,
  notification: string | null,
  now: number,
): CreatedShareDto {
  return { share: presentShare(share, now), url: link.url, token: link.token, pin, notification };
}

export function presentChanged({ share, link, pin }: ChangedTerms, now: number): ChangedShareDto {
  return { share: presentShare(share, now), link: link === null ? null : { url: link.url, token: link.token }, pin };
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
