import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why a version of the roles was made. The grants of the table cover the column; the previous release leaves it null. */
export class ExplainRoleVersions1795200000000 implements MigrationInterface {
  readonly name = 'ExplainRoleVersions1795200000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE role_version ADD COLUMN reason text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE role_version DROP COLUMN reason');
  }
}
