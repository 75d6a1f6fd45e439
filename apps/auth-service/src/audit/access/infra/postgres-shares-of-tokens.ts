import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { type ResolvedStudy, type ShareOfToken, SharesOfTokens } from '../shares-of-tokens.js';

@Injectable()
export class PostgresSharesOfTokens extends SharesOfTokens {
  constructor(private readonly database: Database) {
    super();
  }

  async byIdentity(identities: readonly string[]): Promise<ReadonlyMap<string, ShareOfToken>> {
    const found = new Map<string, ShareOfToken>();
    const asked = identities.filter((identity) => form.test(identity));
    if (asked.length === 0) return found;
    const rows = await this.database.query<ShareRow>(
      `SELECT id, token_id, type, origin, ${resolved} AS resolved, ${studies} AS studies, ${patients} AS patients
       FROM share WHERE token_id = ANY($1::bytea[])`,
      [asked.map((identity) => Buffer.from(identity, 'base64url'))],
    );
    const shares = new Map(rows.map((row) => [row.token_id.toString('base64url'), shareOf(row)]));
    for (const identity of asked) {
      const share = shares.get(Buffer.from(identity, 'base64url').toString('base64url'));
      if (share !== undefined) found.set(identity, share);
    }
    return found;
  }
}

/** base64url of 16 bytes or of 32: the registry has no other. */
const form = /^(?:[A-Za-z0-9_-]{22}|[A-Za-z0-9_-]{43})$/;

const resolved = `ARRAY(
    SELECT json_build_object('study', study_dicom_uid, 'orthancId', study_orthanc_id, 'patient', patient_id)
    FROM share_study WHERE share_id = share.id ORDER BY study_dicom_uid
  )`;
/** Of what the archive did not tell, as the share says. */
const studies = `ARRAY(
    SELECT DISTINCT coalesce(nullif(dicom_uid, ''), orthanc_id) FROM share_resource
    WHERE share_id = share.id AND level = 'study' AND coalesce(nullif(dicom_uid, ''), nullif(orthanc_id, '')) IS NOT NULL
      AND NOT EXISTS (
        SELECT FROM share_study
        WHERE share_study.share_id = share.id AND share_study.study_orthanc_id = share_resource.orthanc_id
      )
  )`;
const patients = `ARRAY(
    SELECT DISTINCT dicom_uid FROM share_resource WHERE share_id = share.id AND level = 'patient' AND dicom_uid <> ''
  )`;

interface ShareRow extends Record<string, unknown> {
  readonly id: string;
  readonly token_id: Buffer;
  readonly type: string;
  readonly origin: ShareOfToken['origin'];
  readonly resolved: ResolvedStudy[];
  readonly studies: string[];
  readonly patients: string[];
}

function shareOf({
  id,
  token_id: identity,
  type,
  origin,
  resolved: told,
  studies: said,
  patients: named,
}: ShareRow): ShareOfToken {
  const patientsTold = told.map(({ patient }) => patient).filter((patient) => patient !== null);
  return {
    id,
    identity: identity.toString('base64url'),
    type,
    origin,
    studies: union(
      told.map(({ study }) => study),
      said,
    ),
    patients: union(patientsTold, named),
    resolved: told,
    sharedPatients: named,
  };
}

function union(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
