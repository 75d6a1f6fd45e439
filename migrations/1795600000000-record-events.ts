import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/**
 * Events wait here, each written in the transaction of its cause, and shares remember whether their expiry was told.
 * The application role adds events and reads them, and can neither change nor remove one.
 */
export class RecordEvents1795600000000 implements MigrationInterface {
  readonly name = 'RecordEvents1795600000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit_pending');
    await runner.query('ALTER TABLE share DROP COLUMN expiry_recorded');
  }
}

const statements = [
  `CREATE TABLE audit_pending (
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    name text NOT NULL,
    share_id uuid,
    record json NOT NULL,
    CONSTRAINT audit_pending_pk PRIMARY KEY (id)
  )`,
  `COMMENT ON TABLE audit_pending IS 'events in the order in which they are to be sealed; a UUIDv7 tells when one was recorded'`,
  `COMMENT ON COLUMN audit_pending.at IS 'when it happened, which may be before it was recorded'`,
  `COMMENT ON COLUMN audit_pending.share_id IS 'no reference: an event outlives its share, and thousands of shares end in one transaction'`,
  `COMMENT ON COLUMN audit_pending.record IS 'json, not jsonb: the text stays as it was written'`,
  `CREATE INDEX audit_pending_share_index ON audit_pending (share_id, id)`,
  `ALTER TABLE share ADD COLUMN expiry_recorded boolean NOT NULL DEFAULT false`,
  `COMMENT ON COLUMN share.expiry_recorded IS 'true too of shares that had expired before events were recorded'`,
  `UPDATE share SET expiry_recorded = true WHERE expires_at <= now()`,
  `CREATE INDEX share_expiry_due_index ON share (expires_at)
    WHERE NOT expiry_recorded AND revoked_at IS NULL AND expires_at IS NOT NULL`,
];

const grants = ['GRANT SELECT, INSERT ON audit_pending', 'GRANT UPDATE (expiry_recorded) ON share'];
