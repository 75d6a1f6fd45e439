import { Injectable } from '@nestjs/common';
import type { ShareResource } from '@warden/tokens';
import { Database } from '../../platform/database/database.js';
import type { ImageStudy } from '../images/images.js';
import {
  type EndingRule,
  type ImagesProblem,
  type ImagesProgress,
  type LeasedShare,
  type SharedImages,
  SharedImagesStore,
  type UnresolvedCounts,
} from '../images/shared-images.store.js';
import { Parameters, conditionsToEnd, unresolvedImages } from './share-conditions.js';

/** Single statements throughout: they run each second, and a transaction of ours costs every decision beside it. */
@Injectable()
export class PostgresSharedImagesStore extends SharedImagesStore {
  constructor(private readonly database: Database) {
    super();
  }

  async lease(limit: number, seconds: number): Promise<LeasedShare[]> {
    const rows = await this.database.query<LeasedRow>(
      `WITH due AS (
         SELECT id FROM share WHERE images_due_at <= now()
         ORDER BY images_due_at DESC LIMIT $1 FOR NO KEY UPDATE SKIP LOCKED
       )
       UPDATE share SET images_due_at = now() + make_interval(secs => $2) FROM due WHERE share.id = due.id
       RETURNING share.id, share.images_attempts, share.images_problem, ${lease} AS lease, (
         SELECT json_agg(json_build_object('level', level, 'dicomUid', dicom_uid, 'orthancId', orthanc_id, 'url', url) ORDER BY ordinal)
         FROM share_resource WHERE share_id = share.id
       ) AS resources`,
      [limit, seconds],
    );
    return rows.map((row) => ({
      id: row.id,
      resources: row.resources ?? [],
      progress: { attempts: row.images_attempts, problem: row.images_problem },
      lease: row.lease,
    }));
  }

  async keep(shareId: string, studies: readonly ImageStudy[]): Promise<void> {
    const kept = studies.map((one) => ({
      orthanc_id: one.orthancId,
      dicom_uid: storable(one.dicomUid, longestId),
      patient_id: storable(one.patientId, longestId),
      issuer: storable(one.patientIdIssuer, longestText),
      study_date: one.studyDate,
      description: storable(one.description, longestText),
      labels: one.labels?.map((label) => storable(label, longestText)) ?? null,
    }));
    await this.database.query(
      `INSERT INTO share_study
         (share_id, study_orthanc_id, study_dicom_uid, patient_id, patient_id_issuer, study_date, description, labels)
       SELECT $1, orthanc_id, dicom_uid, patient_id, issuer, study_date, description, labels
       FROM json_to_recordset($2) AS kept (orthanc_id text, dicom_uid text, patient_id text, issuer text,
         study_date text, description text, labels text[])
       ON CONFLICT DO NOTHING`,
      [shareId, JSON.stringify(kept)],
    );
  }

  async endingRule(shareId: string, studies: readonly ImageStudy[], now: number): Promise<EndingRule | null> {
    const patients = new Set(studies.flatMap(({ patientId }) => storable(patientId, longestId) ?? []));
    if (patients.size === 0) return null;
    // Of a label in the archive each question tells; such a rule is not in the registry.
    const rules = await this.database.query<RuleRow>(
      `SELECT id, patient_id, study_dicom_uid, study_orthanc_id, key_id, minted_before, made_at, made_by, reason
       FROM revocation_rule WHERE patient_id = ANY ($1) AND label IS NULL ORDER BY made_at, id`,
      [[...patients]],
    );
    for (const rule of rules) {
      const parameters = new Parameters();
      const filter = {
        patientId: rule.patient_id,
        studyDicomUid: rule.study_dicom_uid ?? undefined,
        studyOrthancId: rule.study_orthanc_id ?? undefined,
        keyId: rule.key_id ?? undefined,
        mintedBefore: boundOf(rule),
      };
      const conditions = conditionsToEnd({ filter, undatedToo: true }, now, parameters);
      conditions.push(`share.id = ${parameters.add(shareId)}`);
      const ended = await this.database.query(`SELECT FROM share WHERE ${conditions.join(' AND ')}`, parameters.values);
      if (ended.length > 0) return { ruleId: rule.id, by: rule.made_by, reason: rule.reason };
    }
    return null;
  }

  async settle({ id, lease: held }: LeasedShare, progress: ImagesProgress, seconds: number | null): Promise<void> {
    await this.database.query(
      `UPDATE share SET images_due_at = now() + make_interval(secs => $3), images_attempts = $4, images_problem = $5
       WHERE id = $1 AND ${lease} = $2`,
      [id, held, seconds, progress.attempts, progress.problem],
    );
  }

  async find(shareId: string): Promise<SharedImages | null> {
    const rows = await this.database.query<FoundRow>(
      `SELECT share.images_problem, share.images_due_at, study.*
       FROM share LEFT JOIN share_study study ON study.share_id = share.id
       WHERE share.id = $1 ORDER BY study.study_date DESC NULLS LAST, study.study_orthanc_id`,
      [shareId],
    );
    const [first] = rows;
    if (first === undefined) return null;
    return {
      problem: first.images_problem,
      dueAt: first.images_due_at?.getTime() ?? null,
      studies: rows.flatMap((row) =>
        row.share_id === null
          ? []
          : [
              {
                orthancId: row.study_orthanc_id,
                dicomUid: row.study_dicom_uid,
                patientId: row.patient_id,
                patientIdIssuer: row.patient_id_issuer,
                studyDate: row.study_date,
                description: row.description,
                labels: row.labels,
                resolvedAt: row.resolved_at.getTime(),
              },
            ],
      ),
    };
  }

  async countUnresolved(): Promise<UnresolvedCounts> {
    const rows = await this.database.query<{ problem: keyof UnresolvedCounts; count: string }>(
      `SELECT coalesce(images_problem, 'waiting') AS problem, count(*) FROM share WHERE ${unresolvedImages} GROUP BY 1`,
    );
    const counts: Record<keyof UnresolvedCounts, number> = { waiting: 0, 'not-found': 0, 'orthanc-unavailable': 0 };
    for (const { problem, count } of rows) counts[problem] = Number(count);
    return counts;
  }
}

/** A rule that ends all there was ends with the second before: links of its own second are marked. So they are here. */
function boundOf({ minted_before: before, made_at: made }: RuleRow): number | undefined {
  const all = before?.getTime() === Math.floor(made.getTime() / 1000) * 1000;
  return (all ? made : before)?.getTime();
}

/** Names the lease to the microsecond: who lost it finds another moment there. */
const lease = `extract(epoch FROM share.images_due_at)::text`;

/** Characters; an id must fit an index. */
const longestId = 256;
const longestText = 1_024;

/** What came from files of others is kept as far as the database can hold it. */
function storable(text: string, longest: number): string;
function storable(text: string | null, longest: number): string | null;
function storable(text: string | null, longest: number): string | null {
  return text === null ? null : text.replaceAll('\0', '').slice(0, longest).toWellFormed();
}

interface LeasedRow extends Record<string, unknown> {
  id: string;
  images_attempts: number;
  images_problem: ImagesProblem | null;
  lease: string;
  resources: ShareResource[] | null;
}

interface RuleRow extends Record<string, unknown> {
  id: string;
  patient_id: string;
  study_dicom_uid: string | null;
  study_orthanc_id: string | null;
  key_id: string | null;
  minted_before: Date | null;
  made_at: Date;
  made_by: string;
  reason: string;
}

/** Without a study its members are null. */
interface FoundRow extends Record<string, unknown> {
  images_problem: ImagesProblem | null;
  images_due_at: Date | null;
  share_id: string | null;
  study_orthanc_id: string;
  study_dicom_uid: string;
  patient_id: string | null;
  patient_id_issuer: string | null;
  study_date: string | null;
  description: string | null;
  labels: string[] | null;
  resolved_at: Date;
}
