import type { ShareState } from '../share.js';
import type { ShareFilter, SharesToEnd } from '../shares.store.js';

/** Values of a statement, each named where it is used. */
export class Parameters {
  readonly values: unknown[] = [];

  /** The `$n` that stands for the value. */
  add(value: unknown): string {
    return `$${this.values.push(value)}`;
  }

  moment(epochMs: number): string {
    return `${this.add(new Date(epochMs))}::timestamptz`;
  }
}

/** As the index of the weeks has it. */
export const endOfShare = `coalesce(share.expires_at, 'infinity'::timestamptz)`;

/** Conditions on `share`, to be joined with AND. */
export function conditionsOf(filter: ShareFilter, parameters: Parameters): string[] {
  return [
    ...whatIsShared(filter, parameters),
    ...whatIsKnown(filter, parameters),
    ...whatIsResolved(filter),
    ...times(filter, parameters),
  ];
}

/** Shares that are neither revoked nor expired: those stay as they are. */
export function conditionsToEnd({ filter, undatedToo }: SharesToEnd, now: number, parameters: Parameters): string[] {
  const { mintedBefore, ...others } = filter;
  const conditions = [...conditionsOf(others, parameters), ...alive(now, parameters)];
  if (mintedBefore !== undefined) {
    const before = `share.minted_at < ${parameters.moment(mintedBefore)}`;
    conditions.push(undatedToo ? `(${before} OR ${undated})` : before);
  }
  return conditions;
}

/** An adopted share whose token did not say when it was minted carries the moment of its own id (a UUIDv7). */
const undated = `(share.origin = 'adopted'
  AND share.minted_at = to_timestamp(('x' || left(replace(share.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0))`;

function whatIsShared({ studyDicomUid, studyOrthancId, patientId }: ShareFilter, parameters: Parameters): string[] {
  const ofPatient = (id: string): string =>
    `share.id IN (SELECT share_id FROM share_resource WHERE level = 'patient' AND dicom_uid = ${id}
      UNION ALL SELECT share_id FROM share_study WHERE patient_id = ${id})`;
  const holding = (level: string, column: string, value: string | undefined): string[] =>
    value === undefined
      ? []
      : [
          `share.id IN (SELECT share_id FROM share_resource WHERE level = '${level}' AND ${column} = ${parameters.add(value)})`,
        ];
  return [
    ...holding('study', 'dicom_uid', studyDicomUid),
    ...holding('study', 'orthanc_id', studyOrthancId),
    ...(patientId === undefined ? [] : [ofPatient(parameters.add(patientId))]),
  ];
}

/** As the index of them has it. */
export const unresolvedImages = '(share.images_due_at IS NOT NULL OR share.images_problem IS NOT NULL)';

function whatIsResolved({ images }: ShareFilter): string[] {
  return images === undefined ? [] : [images === 'unresolved' ? unresolvedImages : `NOT ${unresolvedImages}`];
}

function whatIsKnown({ mintedBy, label, type, keyId, recipient }: ShareFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  if (mintedBy !== undefined) conditions.push(`share.minted_by = ${parameters.add(mintedBy)}`);
  if (label !== undefined) {
    const text = `${parameters.add(label)}::text`;
    conditions.push(`hashtextextended(share.label, 0) = hashtextextended(${text}, 0)`, `share.label = ${text}`);
  }
  if (type !== undefined) conditions.push(`share.type = ${parameters.add(type)}`);
  if (keyId !== undefined) conditions.push(`share.key_id = ${parameters.add(keyId)}`);
  if (recipient !== undefined) conditions.push(forRecipient(recipient, parameters));
  return conditions;
}

/** An address in any case, or a name as it was written. */
function forRecipient(recipient: string, parameters: Parameters): string {
  const value = parameters.add(recipient);
  return recipient.includes('@')
    ? `(share.recipient_email IS NOT NULL AND lower(share.recipient_email) = lower(${value}))`
    : `share.recipient_name = ${value}`;
}

function alive(now: number, parameters: Parameters): string[] {
  return ['share.revoked_at IS NULL', `${endOfShare} > ${parameters.moment(now)}`];
}

/** As the index of closed shares has it. */
const closed = '(share.locked_at IS NOT NULL OR share.opens >= share.max_opens)';
const open = '(share.locked_at IS NULL AND (share.max_opens IS NULL OR share.opens < share.max_opens))';

/** The same as `stateOf`, in SQL. */
function inState(state: ShareState, now: number, parameters: Parameters): string[] {
  switch (state) {
    case 'revoked':
      return ['share.revoked_at IS NOT NULL'];
    case 'expired':
      return ['share.revoked_at IS NULL', `${endOfShare} <= ${parameters.moment(now)}`];
    case 'closed':
      return [...alive(now, parameters), closed];
    case 'scheduled':
      return [...alive(now, parameters), open, `share.not_before > ${parameters.moment(now)}`];
    case 'live': {
      const begun = `(share.not_before IS NULL OR share.not_before <= ${parameters.moment(now)})`;
      return [...alive(now, parameters), open, begun];
    }
  }
}

function times(filter: ShareFilter, parameters: Parameters): string[] {
  const { state, mintedAfter, mintedBefore, expiresAfter, expiresBefore } = filter;
  const conditions: string[] = [];
  if (state !== undefined) conditions.push(...inState(state.is, state.now, parameters));
  if (mintedAfter !== undefined) conditions.push(`share.minted_at >= ${parameters.moment(mintedAfter)}`);
  if (mintedBefore !== undefined) conditions.push(`share.minted_at < ${parameters.moment(mintedBefore)}`);
  if (expiresAfter !== undefined) conditions.push(`${endOfShare} >= ${parameters.moment(expiresAfter)}`);
  if (expiresBefore !== undefined) conditions.push(`${endOfShare} < ${parameters.moment(expiresBefore)}`);
  return conditions;
}
