import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Indexes under the filters of the list of shares. Nothing is granted: tables and columns stay as
 * they are, and the previous release reads and writes them as before.
 */
export class ListShares1795300000000 implements MigrationInterface {
  readonly name = 'ListShares1795300000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      `DROP INDEX share_minted_at_index, share_sharer_index, share_label_index, share_type_index,
        share_revoked_list_index, share_week_index`,
    );
  }
}

const statements = [
  `CREATE INDEX share_minted_at_index ON share (minted_at DESC, id DESC)`,
  `CREATE INDEX share_sharer_index ON share (minted_by, minted_at DESC, id DESC)`,
  `CREATE INDEX share_label_index ON share (hashtextextended(label, 0), minted_at DESC, id DESC) WHERE label IS NOT NULL`,
  `COMMENT ON INDEX share_label_index IS 'by hash: a label may be longer than an index entry'`,
  `CREATE INDEX share_type_index ON share (type, minted_at DESC, id DESC)`,
  `CREATE INDEX share_revoked_list_index ON share (minted_at DESC, id DESC) WHERE revoked_at IS NOT NULL`,
  `CREATE INDEX share_week_index
    ON share (date_trunc('week', minted_at AT TIME ZONE 'UTC'), coalesce(expires_at, 'infinity'::timestamptz))`,
  `COMMENT ON INDEX share_week_index IS 'a page by state or expiry, in the order of minting, is gathered week by week'`,
];
