import type { EventKey, KnownOfPatient } from '../audit-events.store.js';
import { momentText, same } from './event-search.js';
import type { Stretch } from './months.js';

/** Keys of a page of disclosures that name no patient, of studies that are known to be of this one; oldest first. */
export function untoldPage(
  patient: string,
  known: KnownOfPatient,
  stretch: Stretch,
  after: EventKey | null,
  limit: number,
): { statement: string; values: unknown[] } {
  const values: unknown[] = [
    momentText(stretch.from),
    momentText(stretch.to),
    patient,
    [...known.studies.keys()],
    [...known.shares.keys()],
    limit,
  ];
  // The bounds are said of each table: only so the database leaves out the other months while it plans.
  const within = (alias: string) =>
    `${alias}.class = 'disclosure' AND ${alias}.filed_at >= $1::timestamptz AND ${alias}.filed_at < $2::timestamptz`;
  const named = `EXISTS (SELECT FROM audit_personal AS half WHERE ${same('half', 'one')} AND ${within('half')}
    AND (half.patient IS NOT NULL OR half.erased_by IS NOT NULL))`;
  // What the share itself was told counts more: a study may come to another patient, and a UID may be of two.
  const notOfAnother = (share: string) => `coalesce((SELECT bool_or(told.patient_id = $3) FROM share_study AS told
    WHERE told.share_id = ${share} AND one.study IN (told.study_dicom_uid, told.study_orthanc_id)), true)`;
  const beyond = after === null ? '' : ' AND (one.filed_at, one.id) > ($7::timestamptz, $8::uuid)';
  if (after !== null) values.push(momentText(after.filedAt), after.id);
  const page = (table: string, conditions: string) =>
    `(SELECT one.class, one.filed_at, one.id FROM ${table} AS one WHERE ${within('one')} AND ${conditions}
      AND NOT ${named}${beyond} ORDER BY filed_at, id LIMIT $6)`;
  const event = `SELECT event.share_id FROM audit_event AS event WHERE ${same('event', 'one')} AND ${within('event')}`;
  const parts = [
    page('audit_event', `one.study = ANY ($4::text[]) AND ${notOfAnother('one.share_id')}`),
    page('audit_subject', `one.study = ANY ($4::text[]) AND ${notOfAnother(`(${event})`)}`),
    // Of a series, or of an instance: the share alone knows the study.
    page('audit_event', `one.study IS NULL AND one.share_id = ANY ($5::uuid[])`),
  ];
  return { statement: `${parts.join(' UNION ')} ORDER BY filed_at, id LIMIT $6`, values };
}
