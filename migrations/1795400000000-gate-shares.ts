import type { MigrationInterface, QueryRunner } from 'typeorm';
import { grantToApplication } from './grant-to-application.js';

/** What a share was made for and how it is opened: gates, opens, sessions of recipients, and the attempts that failed. */
export class GateShares1795400000000 implements MigrationInterface {
  readonly name = 'GateShares1795400000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    await grantToApplication(runner, grants);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE share_session, gate_attempt, gate_code');
    await runner.query('CREATE INDEX share_minted_by_index ON share (minted_by, id DESC)');
    await runner.query('CREATE INDEX share_revoked_index ON share (revoked_at) WHERE revoked_at IS NOT NULL');
    await runner.query(`ALTER TABLE share ${columns.map(([name]) => `DROP COLUMN ${name}`).join(', ')}`);
  }
}

const columns: readonly (readonly [name: string, type: string])[] = [
  ['minted_by_name', 'text'],
  ['recipient_name', 'text'],
  ['recipient_email', 'text'],
  ['reason', 'text'],
  ['purpose_of_use', 'text'],
  ['language', 'text'],
  ['not_before', 'timestamptz'],
  ['max_opens', 'integer'],
  ['opens', 'integer NOT NULL DEFAULT 0'],
  ['gate', 'text'],
  ['gate_hash', 'text'],
  ['gated', 'boolean NOT NULL DEFAULT false'],
  ['viewers', 'text[]'],
  ['offers_download', 'boolean NOT NULL DEFAULT false'],
  ['handle_hash', 'bytea'],
  ['locked_at', 'timestamptz'],
  ['ends_early', 'boolean NOT NULL DEFAULT false'],
  ['token_expires_at', 'timestamptz'],
  ['replaces', 'uuid'],
  ['revision', 'integer NOT NULL DEFAULT 1'],
];

/** Others do their work: each is written again with every share that ends. */
const superseded = ['share_minted_by_index', 'share_revoked_index'];

/** Closed to those who have not opened it yet. */
const closed = 'locked_at IS NOT NULL OR opens >= max_opens';

const statements = [
  `DROP INDEX ${superseded.join(', ')}`,
  `ALTER TABLE share ${columns.map(([name, type]) => `ADD COLUMN ${name} ${type}`).join(', ')},
    ADD CONSTRAINT share_gate_known CHECK (gate IN ('pin', 'birth-date', 'email-code')),
    ADD CONSTRAINT share_gate_whole CHECK (gate IS NOT NULL OR gate_hash IS NULL),
    ADD CONSTRAINT share_gate_is_gated CHECK (gated OR num_nonnulls(gate, max_opens, not_before, handle_hash) = 0),
    ADD CONSTRAINT share_opens_counted CHECK (max_opens > 0 AND opens <= max_opens),
    ADD CONSTRAINT share_handle_hash_length CHECK (octet_length(handle_hash) = 32)`,
  `COMMENT ON COLUMN share.gated IS 'the token is no key: it carries no resources and is exchanged for a viewer''s'`,
  `COMMENT ON COLUMN share.gate_hash IS 'scrypt over a keyed digest of PIN or birth date'`,
  `COMMENT ON COLUMN share.token_expires_at IS 'where ends_early: the expiry that the token says, later than expires_at; null: none'`,
  `COMMENT ON COLUMN share.replaces IS 'the share that this one was made from, with another life or gate'`,
  `CREATE UNIQUE INDEX share_handle_hash_index ON share (handle_hash) WHERE handle_hash IS NOT NULL`,
  `CREATE INDEX share_ends_early_index ON share (expires_at) WHERE ends_early`,
  `CREATE INDEX share_recipient_email_index ON share (lower(recipient_email), minted_at DESC, id DESC) WHERE recipient_email IS NOT NULL`,
  `CREATE INDEX share_recipient_name_index ON share (recipient_name, minted_at DESC, id DESC) WHERE recipient_name IS NOT NULL`,
  `CREATE INDEX share_closed_index ON share (minted_at DESC, id DESC) WHERE ${closed}`,
  `CREATE INDEX share_not_before_index ON share (not_before) WHERE not_before IS NOT NULL`,
  `CREATE TABLE share_session (
    share_id uuid NOT NULL,
    session bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    CONSTRAINT share_session_pk PRIMARY KEY (share_id, session),
    CONSTRAINT share_session_share_fk FOREIGN KEY (share_id) REFERENCES share (id),
    CONSTRAINT share_session_length CHECK (octet_length(session) = 32)
  )`,
  `COMMENT ON TABLE share_session IS 'recipients who have opened a share: the same one is counted once'`,
  `COMMENT ON COLUMN share_session.session IS 'SHA-256 of what the recipient''s browser keeps'`,
  `CREATE TABLE gate_attempt (
    subject bytea NOT NULL,
    known boolean NOT NULL,
    failures integer NOT NULL,
    blocked_until timestamptz,
    changed_at timestamptz NOT NULL,
    CONSTRAINT gate_attempt_pk PRIMARY KEY (subject),
    CONSTRAINT gate_attempt_length CHECK (octet_length(subject) = 32)
  )`,
  `COMMENT ON TABLE gate_attempt IS 'attempts at gates, debited before they are judged; links that nobody minted are counted too'`,
  `COMMENT ON COLUMN gate_attempt.subject IS 'SHA-256 of a link or of a network address'`,
  `CREATE INDEX gate_attempt_changed_at_index ON gate_attempt (changed_at)`,
  `CREATE TABLE gate_code (
    share_id uuid NOT NULL,
    hash text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT gate_code_pk PRIMARY KEY (share_id),
    CONSTRAINT gate_code_share_fk FOREIGN KEY (share_id) REFERENCES share (id)
  )`,
  `COMMENT ON TABLE gate_code IS 'the e-mailed code of a share that is good now'`,
];

const grants = [
  `GRANT UPDATE (recipient_name, recipient_email, reason, purpose_of_use, language, not_before, max_opens, opens, gate,
     gate_hash, viewers, offers_download, locked_at, expires_at, expires_text, ends_early, token_expires_at, revision)
     ON share`,
  'GRANT SELECT, INSERT, UPDATE, DELETE ON share_session, gate_attempt, gate_code',
];
