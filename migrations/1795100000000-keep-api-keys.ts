import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Native API keys and the digests of their secrets. The application role may end a key, but neither widen nor remove one. */
export class KeepApiKeys1795100000000 implements MigrationInterface {
  readonly name = 'KeepApiKeys1795100000000';

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
    await runner.query('DROP TABLE api_key_secret, api_key');
  }
}

const statements = [
  `CREATE TABLE api_key (
    id uuid NOT NULL,
    public_part text NOT NULL,
    name text NOT NULL,
    owner_kind text NOT NULL,
    owner_id text,
    owner_name text,
    permissions text[] NOT NULL,
    labels text[] NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    rotated_at timestamptz,
    rotated_by text,
    revoked_at timestamptz,
    revoked_by text,
    revoke_reason text,
    last_used_at timestamptz,
    version integer NOT NULL,
    CONSTRAINT api_key_pk PRIMARY KEY (id),
    CONSTRAINT api_key_public_part_unique UNIQUE (public_part),
    CONSTRAINT api_key_public_part_form CHECK (public_part ~ '^owk_[a-z0-9]{12}$'),
    CONSTRAINT api_key_owner_known CHECK (
      (owner_kind = 'user' AND owner_id IS NOT NULL) OR
      (owner_kind = 'service' AND owner_id IS NULL AND owner_name IS NOT NULL)
    ),
    CONSTRAINT api_key_rotation_whole CHECK (num_nonnulls(rotated_at, rotated_by) IN (0, 2)),
    CONSTRAINT api_key_revocation_whole CHECK (num_nonnulls(revoked_at, revoked_by, revoke_reason) IN (0, 3))
  )`,
  `COMMENT ON COLUMN api_key.public_part IS 'beginning of the text of the key, for people to recognise it; the same through all rotations'`,
  `COMMENT ON COLUMN api_key.last_used_at IS 'written at most once a minute by each replica'`,
  `COMMENT ON COLUMN api_key.version IS 'grows with every rotation and with the revocation'`,
  `CREATE INDEX api_key_owner_id_index ON api_key (owner_id, id DESC) WHERE owner_kind = 'user'`,
  `CREATE INDEX api_key_owner_name_index ON api_key (owner_name, id DESC) WHERE owner_kind = 'service'`,
  `CREATE TABLE api_key_secret (
    digest bytea NOT NULL,
    key_id uuid NOT NULL,
    made_at timestamptz NOT NULL,
    ends_at timestamptz,
    CONSTRAINT api_key_secret_pk PRIMARY KEY (digest),
    CONSTRAINT api_key_secret_key_fk FOREIGN KEY (key_id) REFERENCES api_key (id),
    CONSTRAINT api_key_secret_digest_length CHECK (octet_length(digest) = 32)
  )`,
  `COMMENT ON COLUMN api_key_secret.digest IS 'SHA-256 of the whole text of the key; the text itself is nowhere'`,
  `COMMENT ON COLUMN api_key_secret.ends_at IS 'null: the current secret; else when a rotation ends it'`,
  `CREATE INDEX api_key_secret_key_id_index ON api_key_secret (key_id)`,
  `CREATE UNIQUE INDEX api_key_secret_current_unique ON api_key_secret (key_id) WHERE ends_at IS NULL`,
];

const grants = [
  'GRANT SELECT, INSERT ON api_key, api_key_secret',
  'GRANT UPDATE (rotated_at, rotated_by, revoked_at, revoked_by, revoke_reason, last_used_at, version) ON api_key',
  'GRANT UPDATE (ends_at) ON api_key_secret',
];
