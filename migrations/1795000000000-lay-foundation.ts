import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Shares and what they share, revocation rules, roles, idempotency, and the feed that tells every replica of a change.
 * The application role may do what the service does and no more; it is named by the setting `warden.app_role`.
 */
export class LayFoundation1795000000000 implements MigrationInterface {
  readonly name = 'LayFoundation1795000000000';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of statements) await runner.query(statement);
    const [row] = (await runner.query(
      `SELECT current_setting('warden.app_role', true) AS app, current_user AS owner`,
    )) as [{ app: string | null; owner: string }];
    if (row.app === null || row.app === '' || row.app === row.owner) return;
    const role = `"${row.app.replaceAll('"', '""')}"`;
    for (const grant of grants) await runner.query(`${grant} TO ${role}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotency_key, share_resource, share, revocation_rule, role_version, change');
    await runner.query('DROP FUNCTION notify_change');
  }
}

const statements = [
  `CREATE TABLE share (
    id uuid NOT NULL,
    token_id bytea NOT NULL,
    key_id text NOT NULL,
    origin text NOT NULL,
    type text NOT NULL,
    label text,
    server_id text,
    minted_at timestamptz NOT NULL,
    minted_by text,
    expires_at timestamptz,
    expires_text text,
    validity_duration bigint,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,
    CONSTRAINT share_pk PRIMARY KEY (id),
    CONSTRAINT share_token_id_unique UNIQUE (token_id),
    CONSTRAINT share_token_id_length CHECK (octet_length(token_id) IN (16, 32)),
    CONSTRAINT share_origin_known CHECK (origin IN ('minted', 'adopted'))
  )`,
  `COMMENT ON COLUMN share.token_id IS 'jti (16 bytes), or SHA-256 of header.payload (32 bytes) where the token carries none of ours'`,
  `COMMENT ON COLUMN share.label IS 'the id that the plugin sends: a label, not unique'`,
  `CREATE INDEX share_minted_by_index ON share (minted_by, id DESC)`,
  `CREATE INDEX share_revoked_index ON share (revoked_at) WHERE revoked_at IS NOT NULL`,
  `CREATE INDEX share_adopted_index ON share (key_id) WHERE origin = 'adopted'`,
  `CREATE TABLE share_resource (
    share_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level text NOT NULL,
    dicom_uid text,
    orthanc_id text,
    url text,
    CONSTRAINT share_resource_pk PRIMARY KEY (share_id, ordinal),
    CONSTRAINT share_resource_share_fk FOREIGN KEY (share_id) REFERENCES share (id),
    CONSTRAINT share_resource_level_known CHECK (level IN ('patient', 'study', 'series', 'instance', 'system'))
  )`,
  `CREATE INDEX share_resource_dicom_uid_index ON share_resource (dicom_uid)`,
  `CREATE INDEX share_resource_orthanc_id_index ON share_resource (orthanc_id)`,
  `CREATE TABLE revocation_rule (
    id uuid NOT NULL,
    study_dicom_uid text,
    study_orthanc_id text,
    patient_id text,
    label text,
    key_id text,
    minted_before timestamptz,
    reason text NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    CONSTRAINT revocation_rule_pk PRIMARY KEY (id),
    CONSTRAINT revocation_rule_not_empty
      CHECK (num_nonnulls(study_dicom_uid, study_orthanc_id, patient_id, label, key_id, minted_before) > 0)
  )`,
  `COMMENT ON TABLE revocation_rule IS 'every member that is given must match; a token that does not say when it was minted counts as minted before'`,
  `CREATE TABLE role_version (
    version bigint GENERATED ALWAYS AS IDENTITY,
    document json NOT NULL,
    made_at timestamptz NOT NULL,
    made_by text NOT NULL,
    CONSTRAINT role_version_pk PRIMARY KEY (version)
  )`,
  `COMMENT ON COLUMN role_version.document IS 'json, not jsonb: the order of roles is shown to people'`,
  `CREATE TABLE idempotency_key (
    caller text NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    share_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    CONSTRAINT idempotency_key_pk PRIMARY KEY (caller, key),
    CONSTRAINT idempotency_key_share_fk FOREIGN KEY (share_id) REFERENCES share (id)
  )`,
  `CREATE INDEX idempotency_key_made_at_index ON idempotency_key (made_at)`,
  `CREATE TABLE change (
    seq bigint GENERATED ALWAYS AS IDENTITY,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    topic text NOT NULL,
    payload jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT change_pk PRIMARY KEY (seq)
  )`,
  `CREATE INDEX change_xid_index ON change (xid)`,
  `CREATE FUNCTION notify_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_notify('warden_change', ''); RETURN NULL; END $$`,
  `CREATE TRIGGER change_notify AFTER INSERT ON change FOR EACH STATEMENT EXECUTE FUNCTION notify_change()`,
];

const grants = [
  'GRANT SELECT, INSERT ON share, share_resource, revocation_rule, role_version, change, idempotency_key',
  'GRANT UPDATE (revoked_at, revoked_by, revoke_reason) ON share',
  'GRANT DELETE ON change, idempotency_key',
  'GRANT SELECT ON schema_migration',
];
