import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Shares of which the images may be looked at and not taken away. The previous release writes none. */
export class GuardShares1795900000000 implements MigrationInterface {
  readonly name = 'GuardShares1795900000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE share DROP COLUMN no_archive');
  }
}

const statements = [
  `ALTER TABLE share
    ADD COLUMN no_archive boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT share_download_meant CHECK (NOT (no_archive AND offers_download))`,
  `COMMENT ON COLUMN share.no_archive IS 'kept by the guard in front of the archive: the token opens nothing without it'`,
];
