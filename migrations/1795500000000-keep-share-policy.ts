import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/** The share policy, versioned. The application role adds versions; it can neither change nor remove one. */
export class KeepSharePolicy1795500000000 implements MigrationInterface {
  readonly name = 'KeepSharePolicy1795500000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, ['GRANT SELECT, INSERT ON share_policy_version']);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE share_policy_version');
  }
}

const statements = [
  `CREATE TABLE share_policy_version (
    version bigint GENERATED ALWAYS AS IDENTITY,
    document json NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    reason text,
    CONSTRAINT share_policy_version_pk PRIMARY KEY (version)
  )`,
  `COMMENT ON TABLE share_policy_version IS 'the newest is in force; while there is none, the policy without rules is'`,
  `COMMENT ON COLUMN share_policy_version.document IS 'json, not jsonb: the order of rules is shown to people'`,
];
