import { Injectable } from '@nestjs/common';
import { Database } from '../../../platform/database/database.js';
import { ChangeWriter } from '../../../platform/feed/change-writer.js';
import type { ApiKey, ApiKeyState, KeyWithSecrets, Revocation, Rotation } from '../api-key.js';
import { type ApiKeysPage, ApiKeysStore } from '../api-keys.store.js';
import {
  type ApiKeyChanged,
  type ApiKeyRow,
  type ApiKeyRowWithSecrets,
  apiKeysTopic,
  keyOf,
  keyWithSecretsOf,
  selectKey,
  selectKeyWithSecrets,
} from './api-key-rows.js';

@Injectable()
export class PostgresApiKeysStore extends ApiKeysStore {
  constructor(
    private readonly database: Database,
    private readonly changes: ChangeWriter,
  ) {
    super();
  }

  async add(key: ApiKey, digest: string): Promise<KeyWithSecrets> {
    const { owner } = key;
    return this.database.run(async () => {
      await this.database.query(
        `INSERT INTO api_key (id, public_part, name, owner_kind, owner_id, owner_name, permissions, labels, created_at, created_by, expires_at, version)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
        [
          key.id,
          key.publicPart,
          key.name,
          owner.kind,
          owner.kind === 'user' ? owner.id : null,
          owner.name,
          key.permissions,
          key.labels,
          new Date(key.createdAt),
          key.createdBy,
          key.expiresAt === null ? null : new Date(key.expiresAt),
          key.version,
        ],
      );
      await this.insertSecret(key.id, digest, key.createdAt);
      return this.told(key.id);
    });
  }

  async find(id: string): Promise<ApiKey | null> {
    const rows = await this.database.query<ApiKeyRow>(`${selectKey} WHERE id = $1`, [id]);
    return rows[0] === undefined ? null : keyOf(rows[0]);
  }

  async list({ owner, state, now, limit, before }: ApiKeysPage): Promise<ApiKey[]> {
    const parameters: unknown[] = [limit];
    const given = (value: unknown) => `$${parameters.push(value)}`;
    const conditions: string[] = [];
    if (owner?.kind === 'user') conditions.push(`owner_kind = 'user' AND owner_id = ${given(owner.value)}`);
    if (owner?.kind === 'service') conditions.push(`owner_kind = 'service' AND owner_name = ${given(owner.value)}`);
    if (state === 'revoked') conditions.push(states.revoked);
    else if (state !== null) conditions.push(states[state].replace('$now', given(new Date(now))));
    if (before !== null) conditions.push(`id < ${given(before)}`);
    const where = conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`;
    const rows = await this.database.query<ApiKeyRow>(`${selectKey} ${where} ORDER BY id DESC LIMIT $1`, parameters);
    return rows.map(keyOf);
  }

  async rotate(id: string, rotation: Rotation, digest: string): Promise<KeyWithSecrets | null> {
    return this.database.run(async () => {
      const at = new Date(rotation.at);
      // Locks the key: a racing rotation waits here and then finds the secrets that this one left.
      const marked = await this.database.query(
        `UPDATE api_key SET rotated_at = $2, rotated_by = $3, version = version + 1
         WHERE id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) RETURNING id`,
        [id, at, rotation.by],
      );
      if (marked.length === 0) return null;
      await this.database.query(
        `UPDATE api_key_secret SET ends_at = CASE WHEN ends_at IS NULL THEN $3::timestamptz ELSE $2::timestamptz END
         WHERE key_id = $1 AND (ends_at IS NULL OR ends_at > $2::timestamptz)`,
        [id, at, new Date(rotation.previousUntil)],
      );
      await this.insertSecret(id, digest, rotation.at);
      return this.told(id);
    });
  }

  async revoke(id: string, revocation: Revocation): Promise<KeyWithSecrets | null> {
    return this.database.run(async () => {
      const marked = await this.database.query(
        `UPDATE api_key SET revoked_at = $2, revoked_by = $3, revoke_reason = $4, version = version + 1
         WHERE id = $1 AND revoked_at IS NULL RETURNING id`,
        [id, new Date(revocation.at), revocation.by, revocation.reason],
      );
      return marked.length === 0 ? null : this.told(id);
    });
  }

  async recordUses(uses: ReadonlyMap<string, number>): Promise<void> {
    // In one order everywhere: two replicas that write the same keys would otherwise wait for each other for ever.
    await this.database.query(
      `WITH used AS (SELECT * FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at)),
       locked AS (SELECT id FROM api_key WHERE id IN (SELECT id FROM used) ORDER BY id FOR NO KEY UPDATE)
       UPDATE api_key SET last_used_at = used.at FROM used, locked
       WHERE api_key.id = used.id AND locked.id = used.id AND (api_key.last_used_at IS NULL OR api_key.last_used_at < used.at)`,
      [[...uses.keys()], [...uses.values()].map((at) => new Date(at))],
    );
  }

  private async insertSecret(keyId: string, digest: string, madeAt: number): Promise<void> {
    await this.database.query('INSERT INTO api_key_secret (digest, key_id, made_at) VALUES ($1, $2, $3)', [
      Buffer.from(digest, 'hex'),
      keyId,
      new Date(madeAt),
    ]);
  }

  /** Within the transaction of a change: tells every replica of it, and reads what is stored now. */
  private async told(id: string): Promise<KeyWithSecrets> {
    const payload: ApiKeyChanged = { id };
    await this.changes.append(apiKeysTopic, payload);
    const [row] = await this.database.query<ApiKeyRowWithSecrets>(`${selectKeyWithSecrets} WHERE id = $1`, [id]);
    if (row === undefined) throw new Error('a key that was just written is not there');
    return keyWithSecretsOf(row);
  }
}

/** Conditions of the states, as `stateOf` has them. */
const states: Readonly<Record<ApiKeyState, string>> = {
  live: 'revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $now)',
  expired: 'revoked_at IS NULL AND expires_at <= $now',
  revoked: 'revoked_at IS NOT NULL',
};
