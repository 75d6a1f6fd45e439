import type { ApiKey, ApiKeyOwner, ApiKeyState, KeyWithSecrets, Revocation, Rotation } from './api-key.js';

/** Whose keys: a user by id, a service by name. */
export type OwnerFilter = { readonly kind: ApiKeyOwner['kind']; readonly value: string };

export interface ApiKeysPage {
  /** Null: everyone's. */
  readonly owner: OwnerFilter | null;
  /** Null: in any state. */
  readonly state: ApiKeyState | null;
  /** When the state is asked for, in milliseconds since the epoch. */
  readonly now: number;
  readonly limit: number;
  /** Keys made before the one with this id; null begins with the newest. */
  readonly before: string | null;
}

/** Native API keys. Every method fails with `database-unavailable` when the database is gone, and has then changed nothing. */
export abstract class ApiKeysStore {
  /** Stores the key with its first secret and tells every replica, in one transaction. Durable when it returns. */
  abstract add(key: ApiKey, digest: string): Promise<KeyWithSecrets>;
  abstract find(id: string): Promise<ApiKey | null>;
  /** Newest first; at most `limit`. */
  abstract list(page: ApiKeysPage): Promise<ApiKey[]>;
  /**
   * Makes `digest` the current secret, gives the one before until `rotation.previousUntil`, ends any older one, and
   * tells every replica, in one transaction. Racing calls come one after the other. Null when the key is revoked,
   * expired at `rotation.at`, or not there: nothing was changed.
   */
  abstract rotate(id: string, rotation: Rotation, digest: string): Promise<KeyWithSecrets | null>;
  /** Marks the key and tells every replica, in one transaction. Null when it was revoked before or is not there. */
  abstract revoke(id: string, revocation: Revocation): Promise<KeyWithSecrets | null>;
  /** Writes when each key was last used; an earlier time than the one known changes nothing. */
  abstract recordUses(uses: ReadonlyMap<string, number>): Promise<void>;
}
