import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { ChangeWriter } from '../../platform/feed/change-writer.js';
import { type RevocationRuleMade, type RevocationRuleRow, revocationTopics, ruleOf } from '../../tokens/index.js';
import { type RecordedRule, RevocationRulesStore } from '../revoking/revocation-rules.store.js';

@Injectable()
export class PostgresRevocationRulesStore extends RevocationRulesStore {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeWriter,
  ) {
    super();
  }

  async add({ rule, made }: RecordedRule): Promise<string> {
    const members = [
      rule.studyDicomUid,
      rule.studyOrthancId,
      rule.patientId,
      rule.label,
      rule.keyId,
      rule.mintedBefore === null ? null : new Date(rule.mintedBefore),
    ];
    return this.database.run(async () => {
      const [same] = await this.database.query<{ id: string }>(
        `SELECT id FROM revocation_rule
         WHERE study_dicom_uid IS NOT DISTINCT FROM $1 AND study_orthanc_id IS NOT DISTINCT FROM $2
           AND patient_id IS NOT DISTINCT FROM $3 AND label IS NOT DISTINCT FROM $4
           AND key_id IS NOT DISTINCT FROM $5 AND minted_before IS NOT DISTINCT FROM $6::timestamptz LIMIT 1`,
        members,
      );
      if (same !== undefined) return same.id;
      await this.database.query(
        `INSERT INTO revocation_rule (study_dicom_uid, study_orthanc_id, patient_id, label, key_id, minted_before, id, reason, made_at, made_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
        [...members, rule.id, made.reason, new Date(made.at), made.by],
      );
      await this.changes.append(revocationTopics.rule, { id: rule.id } satisfies RevocationRuleMade);
      return rule.id;
    });
  }

  async list(limit: number, before: string | null): Promise<RecordedRule[]> {
    const rows = await this.database.query<RecordedRow>(
      `SELECT * FROM revocation_rule ${before === null ? '' : 'WHERE id < $2'} ORDER BY id DESC LIMIT $1`,
      before === null ? [limit] : [limit, before],
    );
    return rows.map(recordedOf);
  }
}

interface RecordedRow extends RevocationRuleRow {
  reason: string;
  made_at: Date;
  made_by: string;
}

function recordedOf(row: RecordedRow): RecordedRule {
  return { rule: ruleOf(row), made: { at: row.made_at.getTime(), by: row.made_by, reason: row.reason } };
}
