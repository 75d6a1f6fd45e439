import type { ShareResource } from '@warden/tokens';
import type { GateKind, Share, ShareTerms } from '../share.js';

export interface ShareRow extends Record<string, unknown> {
  id: string;
  token_id: Buffer;
  key_id: string;
  origin: 'minted' | 'adopted';
  type: string;
  label: string | null;
  server_id: string | null;
  minted_at: Date;
  minted_by: string | null;
  minted_by_name: string | null;
  expires_at: Date | null;
  expires_text: string | null;
  validity_duration: string | null;
  revoked_at: Date | null;
  revoked_by: string | null;
  revoke_reason: string | null;
  recipient_name: string | null;
  recipient_email: string | null;
  reason: string | null;
  purpose_of_use: string | null;
  language: string | null;
  not_before: Date | null;
  max_opens: number | null;
  opens: number;
  gate: GateKind | null;
  gate_hash: string | null;
  gated: boolean;
  viewers: string[] | null;
  offers_download: boolean;
  no_archive: boolean;
  handle_hash: Buffer | null;
  locked_at: Date | null;
  ends_early: boolean;
  token_expires_at: Date | null;
  replaces: string | null;
  revision: number;
  resources: ShareResource[] | null;
}

/** What a row named `share` shares; null: nothing. */
const sharedResources = `(
    SELECT json_agg(json_build_object('level', level, 'dicomUid', dicom_uid, 'orthancId', orthanc_id, 'url', url) ORDER BY ordinal)
    FROM share_resource WHERE share_id = share.id
  )`;

/** Of rows named `share`, with what they share. */
export const shareColumns = `share.*, ${sharedResources} AS resources`;

export function shareOf(row: ShareRow): Share {
  return {
    id: row.id,
    identity: row.token_id.toString('base64url'),
    keyId: row.key_id,
    origin: row.origin,
    type: row.type,
    label: row.label,
    serverId: row.server_id,
    resources: row.resources ?? [],
    mintedAt: row.minted_at.getTime(),
    mintedBy: row.minted_by,
    expiresAt: row.expires_at?.getTime() ?? null,
    expiresText: row.expires_text,
    validityDuration: row.validity_duration === null ? null : Number(row.validity_duration),
    revocation:
      row.revoked_at === null
        ? null
        : { at: row.revoked_at.getTime(), by: row.revoked_by ?? '', reason: row.revoke_reason ?? '' },
    ...termsOf(row),
  };
}

function termsOf(row: ShareRow): ShareTerms {
  const { recipient_name: name, recipient_email: email } = row;
  return {
    mintedByName: row.minted_by_name,
    recipient: name === null && email === null ? null : { name, email },
    reason: row.reason,
    purposeOfUse: row.purpose_of_use,
    language: row.language,
    notBefore: row.not_before?.getTime() ?? null,
    maxOpens: row.max_opens,
    opens: row.opens,
    gate: row.gate === null ? null : { kind: row.gate, hash: row.gate_hash },
    gated: row.gated,
    viewers: row.viewers,
    offersDownload: row.offers_download,
    noArchive: row.no_archive,
    handleHash: row.handle_hash?.toString('base64url') ?? null,
    lockedAt: row.locked_at?.getTime() ?? null,
    tokenEnd: row.ends_early ? { at: row.token_expires_at?.getTime() ?? null } : null,
    replaces: row.replaces,
    revision: row.revision,
  };
}

/** What may be changed later, in the order of `termValues`. */
const changeable: readonly (readonly [column: string, value: (share: Share) => unknown])[] = [
  ['recipient_name', (share) => share.recipient?.name ?? null],
  ['recipient_email', (share) => share.recipient?.email ?? null],
  ['reason', (share) => share.reason],
  ['purpose_of_use', (share) => share.purposeOfUse],
  ['language', (share) => share.language],
  ['not_before', (share) => moment(share.notBefore)],
  ['max_opens', (share) => share.maxOpens],
  ['gate', (share) => share.gate?.kind ?? null],
  ['gate_hash', (share) => share.gate?.hash ?? null],
  ['viewers', (share) => share.viewers],
  ['offers_download', (share) => share.offersDownload],
  ['locked_at', (share) => moment(share.lockedAt)],
  ['ends_early', (share) => share.tokenEnd !== null],
  ['token_expires_at', (share) => moment(share.tokenEnd?.at ?? null)],
];

const fixed: typeof changeable = [
  ['minted_by_name', (share) => share.mintedByName],
  ['gated', (share) => share.gated],
  ['no_archive', (share) => share.noArchive],
  ['handle_hash', (share) => (share.handleHash === null ? null : Buffer.from(share.handleHash, 'base64url'))],
  ['replaces', (share) => share.replaces],
];

const terms = [...changeable, ...fixed];

/** Columns of the terms in an INSERT; those left out have their defaults. */
export const termColumns = terms.map(([column]) => column);

export function termValues(share: Share): unknown[] {
  return terms.map(([, value]) => value(share));
}

/** Columns that a change writes, its revision apart. */
export const changeColumns = [...changeable.map(([column]) => column), 'expires_at', 'expires_text'];

export function changeValues(share: Share): unknown[] {
  return [...changeable.map(([, value]) => value(share)), moment(share.expiresAt), share.expiresText];
}

export function moment(epochMs: number | null): Date | null {
  return epochMs === null ? null : new Date(epochMs);
}
