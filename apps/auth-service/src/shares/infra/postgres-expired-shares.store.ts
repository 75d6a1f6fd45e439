import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { type ExpiredShare, ExpiredSharesStore, type TakenShares } from '../registry/expired-shares.store.js';

@Injectable()
export class PostgresExpiredSharesStore extends ExpiredSharesStore {
  constructor(private readonly database: Database) {
    super();
  }

  async anyDue(now: number): Promise<boolean> {
    const rows = await this.database.query(`SELECT 1 AS one FROM share WHERE ${due} LIMIT 1`, [new Date(now)]);
    return rows.length > 0;
  }

  async take(now: number, limit: number): Promise<TakenShares> {
    const rows = await this.database.query<ExpiredRow>(
      `WITH due AS (
         SELECT id FROM share WHERE ${due} ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED
       ), marked AS (
         UPDATE share SET expiry_recorded = true FROM due WHERE share.id = due.id
         RETURNING share.id, share.token_id, share.type, share.expires_at, share.revoked_at
       )
       SELECT marked.*, CASE WHEN revoked_at IS NULL THEN ${studies} END AS studies,
         CASE WHEN revoked_at IS NULL THEN ${patients} END AS patients
       FROM marked ORDER BY expires_at, id`,
      [new Date(now), limit],
    );
    const expired = rows.filter(isTold);
    return { marked: rows.length, expired: expired.map(expiredOf) };
  }
}

function isTold(row: ExpiredRow): row is ToldRow {
  return row.revoked_at === null;
}

function expiredOf(row: ToldRow): ExpiredShare {
  return {
    share: {
      id: row.id,
      identity: row.token_id.toString('base64url'),
      type: row.type,
      studies: row.studies,
      patients: row.patients,
    },
    expiresAt: row.expires_at.getTime(),
  };
}

/** As the index of these has it. */
const due = `NOT expiry_recorded AND expires_at IS NOT NULL AND expires_at <= $1::timestamptz`;

/** As the archive told, and of what it did not tell, as the share says. */
const studies = `ARRAY(
    SELECT study_dicom_uid FROM share_study WHERE share_id = marked.id
    UNION
    SELECT coalesce(nullif(dicom_uid, ''), orthanc_id) FROM share_resource
    WHERE share_id = marked.id AND level = 'study' AND coalesce(nullif(dicom_uid, ''), nullif(orthanc_id, '')) IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM share_study
        WHERE share_study.share_id = marked.id AND share_study.study_orthanc_id = share_resource.orthanc_id
      )
    ORDER BY 1
  )`;
const patients = `ARRAY(
    SELECT patient_id FROM share_study WHERE share_id = marked.id AND patient_id IS NOT NULL
    UNION
    SELECT dicom_uid FROM share_resource WHERE share_id = marked.id AND level = 'patient' AND dicom_uid <> ''
    ORDER BY 1
  )`;

interface ExpiredRow extends Record<string, unknown> {
  id: string;
  token_id: Buffer;
  type: string;
  expires_at: Date;
  revoked_at: Date | null;
  studies: string[] | null;
  patients: string[] | null;
}

/** What was revoked before is not told, and so not looked up. */
type ToldRow = ExpiredRow & { studies: string[]; patients: string[] };
