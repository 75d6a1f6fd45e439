import type { RevocationRule } from '../revocation-list.js';

export interface RevocationRuleRow extends Record<string, unknown> {
  id: string;
  study_dicom_uid: string | null;
  study_orthanc_id: string | null;
  patient_id: string | null;
  label: string | null;
  key_id: string | null;
  minted_before: Date | null;
}

export const ruleColumns = 'id, study_dicom_uid, study_orthanc_id, patient_id, label, key_id, minted_before';

export function ruleOf(row: RevocationRuleRow): RevocationRule {
  return {
    id: row.id,
    studyDicomUid: row.study_dicom_uid,
    studyOrthancId: row.study_orthanc_id,
    patientId: row.patient_id,
    label: row.label,
    keyId: row.key_id,
    mintedBefore: row.minted_before?.getTime() ?? null,
  };
}
