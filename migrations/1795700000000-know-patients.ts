import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/**
 * Which studies of which patients a share opens, as the archive told, and when it is asked. A row that the previous
 * release writes, or that was there before, is due at once by the default, which costs no rewrite of the table.
 */
export class KnowPatients1795700000000 implements MigrationInterface {
  readonly name = 'KnowPatients1795700000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE share_study');
    await runner.query(
      'ALTER TABLE share DROP COLUMN images_due_at, DROP COLUMN images_attempts, DROP COLUMN images_problem',
    );
  }
}

const statements = [
  `ALTER TABLE share
    ADD COLUMN images_due_at timestamptz DEFAULT now(),
    ADD COLUMN images_attempts integer NOT NULL DEFAULT 0,
    ADD COLUMN images_problem text,
    ADD CONSTRAINT share_images_problem_known CHECK (images_problem IN ('not-found', 'orthanc-unavailable'))`,
  `COMMENT ON COLUMN share.images_due_at IS 'when the archive is asked what is shared; null: never again'`,
  `COMMENT ON COLUMN share.images_attempts IS 'attempts in a row that ended with images_problem'`,
  `CREATE INDEX share_images_due_index ON share (images_due_at) WHERE images_due_at IS NOT NULL`,
  `CREATE INDEX share_images_unresolved_index ON share (minted_at DESC, id DESC)
    WHERE images_due_at IS NOT NULL OR images_problem IS NOT NULL`,
  `CREATE TABLE share_study (
    share_id uuid NOT NULL,
    study_orthanc_id text NOT NULL,
    study_dicom_uid text NOT NULL,
    patient_id text,
    patient_id_issuer text,
    study_date text,
    description text,
    labels text[],
    resolved_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT share_study_pk PRIMARY KEY (share_id, study_orthanc_id),
    CONSTRAINT share_study_share_fk FOREIGN KEY (share_id) REFERENCES share (id),
    CONSTRAINT share_study_date_form CHECK (study_date ~ '^[0-9]{8}$')
  )`,
  `COMMENT ON TABLE share_study IS 'studies that a share opens, as the archive told at resolved_at; never changed afterwards'`,
  `COMMENT ON COLUMN share_study.study_date IS 'YYYYMMDD'`,
  `COMMENT ON COLUMN share_study.labels IS 'null: the archive was too old to have labels'`,
  `CREATE INDEX share_study_patient_index ON share_study (patient_id)`,
  `CREATE INDEX share_study_dicom_uid_index ON share_study (study_dicom_uid)`,
];

const grants = [
  'GRANT UPDATE (images_due_at, images_attempts, images_problem) ON share',
  'GRANT SELECT, INSERT ON share_study',
];
