import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/**
 * A share that ends is written again on its own page, and no index with it (a heap-only update): none of them may look at
 * `revoked_at`, and a page has room. Which shares were revoked stands in a table of its own, in the order of the list; a
 * trigger keeps it, so that what the previous release revokes is in it too.
 */
export class EndSharesInPlace1796000000000 implements MigrationInterface {
  readonly name = 'EndSharesInPlace1796000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX share_replaces_index, share_expiry_due_index');
    await runner.query('DROP TRIGGER revoked_shares ON share');
    await runner.query('DROP FUNCTION list_revoked_share');
    await runner.query('DROP TABLE revoked_share');
    await runner.query(`CREATE INDEX share_expiry_due_index ON share (expires_at)
      WHERE NOT expiry_recorded AND revoked_at IS NULL AND expires_at IS NOT NULL`);
    await runner.query(
      'CREATE INDEX share_revoked_list_index ON share (minted_at DESC, id DESC) WHERE revoked_at IS NOT NULL',
    );
    await runner.query('ALTER TABLE share RESET (fillfactor)');
  }
}

const statements = [
  // First, since it takes the strongest lock: to ask for it later, behind a weaker one, would be a deadlock with whoever writes.
  `DROP INDEX share_revoked_list_index, share_expiry_due_index`,
  `ALTER TABLE share SET (fillfactor = 80)`,
  `CREATE TABLE revoked_share (
    minted_at timestamptz NOT NULL,
    share_id uuid NOT NULL,
    CONSTRAINT revoked_share_pk PRIMARY KEY (minted_at, share_id)
  )`,
  `COMMENT ON TABLE revoked_share IS 'the shares of which revoked_at is set, which is for good; no reference, since a trigger writes it and nothing removes a share'`,
  `CREATE FUNCTION list_revoked_share() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
   BEGIN
     INSERT INTO revoked_share (minted_at, share_id) VALUES (NEW.minted_at, NEW.id) ON CONFLICT DO NOTHING;
     RETURN NULL;
   END $$`,
  `CREATE TRIGGER revoked_shares AFTER INSERT OR UPDATE OF revoked_at ON share FOR EACH ROW
     WHEN (NEW.revoked_at IS NOT NULL) EXECUTE FUNCTION list_revoked_share()`,
  `INSERT INTO revoked_share (minted_at, share_id) SELECT minted_at, id FROM share WHERE revoked_at IS NOT NULL`,
  `CREATE INDEX share_expiry_due_index ON share (expires_at) WHERE NOT expiry_recorded AND expires_at IS NOT NULL`,
  `CREATE INDEX share_replaces_index ON share (id) INCLUDE (replaces) WHERE replaces IS NOT NULL`,
];

const grants = ['GRANT SELECT, INSERT ON revoked_share'];
