import { type ApiKey, type KeyWithSecrets, endedKeysRememberedMs } from '../api-key.js';

/** Topic of the feed: a key was made, rotated or revoked. */
export const apiKeysTopic = 'api-key-changed';

/** Payload of `api-key-changed`. */
export interface ApiKeyChanged {
  readonly id: string;
}

export interface ApiKeyRow extends Record<string, unknown> {
  id: string;
  public_part: string;
  name: string;
  owner_kind: 'user' | 'service';
  owner_id: string | null;
  owner_name: string | null;
  permissions: string[];
  labels: string[];
  created_at: Date;
  created_by: string;
  expires_at: Date | null;
  rotated_at: Date | null;
  rotated_by: string | null;
  previous_until: Date | null;
  revoked_at: Date | null;
  revoked_by: string | null;
  revoke_reason: string | null;
  last_used_at: Date | null;
  version: number;
}

export interface ApiKeyRowWithSecrets extends ApiKeyRow {
  secrets: { digest: string; endsAt: number | null }[] | null;
}

const remembered = `now() - interval '${endedKeysRememberedMs / 1000} seconds'`;

const columns = `api_key.*, (SELECT max(ends_at) FROM api_key_secret WHERE key_id = api_key.id) AS previous_until`;

export const selectKey = `SELECT ${columns} FROM api_key`;

/** Secrets that ended long ago are left out: a key may be rotated for years. */
export const selectKeyWithSecrets = `SELECT ${columns}, (
    SELECT json_agg(json_build_object('digest', encode(digest, 'hex'), 'endsAt', (extract(epoch FROM ends_at) * 1000)::float8))
    FROM api_key_secret WHERE key_id = api_key.id AND (ends_at IS NULL OR ends_at > ${remembered})
  ) AS secrets
  FROM api_key`;

/** Keys that must be in memory: those that work, and those whose end is recent enough to be named. */
export const isRemembered = `(revoked_at IS NULL OR revoked_at > ${remembered}) AND (expires_at IS NULL OR expires_at > ${remembered})`;

export function keyOf(row: ApiKeyRow): ApiKey {
  return {
    id: row.id,
    publicPart: row.public_part,
    name: row.name,
    owner:
      row.owner_kind === 'user'
        ? { kind: 'user', id: row.owner_id ?? '', name: row.owner_name }
        : { kind: 'service', name: row.owner_name ?? '' },
    permissions: row.permissions,
    labels: row.labels,
    createdAt: row.created_at.getTime(),
    createdBy: row.created_by,
    expiresAt: row.expires_at?.getTime() ?? null,
    rotation:
      row.rotated_at === null
        ? null
        : {
            at: row.rotated_at.getTime(),
            by: row.rotated_by ?? '',
            previousUntil: (row.previous_until ?? row.rotated_at).getTime(),
          },
    revocation:
      row.revoked_at === null
        ? null
        : { at: row.revoked_at.getTime(), by: row.revoked_by ?? '', reason: row.revoke_reason ?? '' },
    lastUsedAt: row.last_used_at?.getTime() ?? null,
    version: row.version,
  };
}

export function keyWithSecretsOf(row: ApiKeyRowWithSecrets): KeyWithSecrets {
  return { key: keyOf(row), secrets: row.secrets ?? [] };
}
