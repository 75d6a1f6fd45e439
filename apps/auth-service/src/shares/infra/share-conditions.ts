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
  return [...whatIsShared(filter, parameters), ...whatIsKnown(filter, parameters), ...times(filter, parameters)];
}

/** Live shares: what expired or was revoked before stays as it is. */
export function conditionsToEnd({ filter, undatedToo }: SharesToEnd, now: number, parameters: Parameters): string[] {
  const { mintedBefore, ...others } = filter;
  const conditions = conditionsOf({ ...others, state: { is: 'live', now } }, parameters);
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
  const holding = (level: string, column: string, value: string | undefined): string[] =>
    value === undefined
      ? []
      : [
          `share.id IN (SELECT share_id FROM share_resource WHERE level = '${level}' AND ${column} = ${parameters.add(value)})`,
        ];
  return [
    ...holding('study', 'dicom_uid', studyDicomUid),
    ...holding('study', 'orthanc_id', studyOrthancId),
    ...holding('patient', 'dicom_uid', patientId),
  ];
}

function whatIsKnown({ mintedBy, label, type, keyId }: ShareFilter, parameters: Parameters): string[] {
  const conditions: string[] = [];
  if (mintedBy !== undefined) conditions.push(`share.minted_by = ${parameters.add(mintedBy)}`);
  if (label !== undefined) {
    const text = `${parameters.add(label)}::text`;
    conditions.push(`hashtextextended(share.label, 0) = hashtextextended(${text}, 0)`, `share.label = ${text}`);
  }
  if (type !== undefined) conditions.push(`share.type = ${parameters.add(type)}`);
  if (keyId !== undefined) conditions.push(`share.key_id = ${parameters.add(keyId)}`);
  return conditions;
}

function times(filter: ShareFilter, parameters: Parameters): string[] {
  const { state, mintedAfter, mintedBefore, expiresAfter, expiresBefore } = filter;
  const conditions: string[] = [];
  if (state?.is === 'revoked') conditions.push('share.revoked_at IS NOT NULL');
  else if (state !== undefined) {
    const compared = state.is === 'live' ? '>' : '<=';
    conditions.push('share.revoked_at IS NULL', `${endOfShare} ${compared} ${parameters.moment(state.now)}`);
  }
  if (mintedAfter !== undefined) conditions.push(`share.minted_at >= ${parameters.moment(mintedAfter)}`);
  if (mintedBefore !== undefined) conditions.push(`share.minted_at < ${parameters.moment(mintedBefore)}`);
  if (expiresAfter !== undefined) conditions.push(`${endOfShare} >= ${parameters.moment(expiresAfter)}`);
  if (expiresBefore !== undefined) conditions.push(`${endOfShare} < ${parameters.moment(expiresBefore)}`);
  return conditions;
}
