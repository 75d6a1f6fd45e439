import {
  type ApiKey,
  type KeySecret,
  type KeyWithSecrets,
  type Revocation,
  type Rotation,
  stateOf,
} from '../../apps/auth-service/src/users/api-keys/api-key.js';
import { type ApiKeysPage, ApiKeysStore } from '../../apps/auth-service/src/users/api-keys/api-keys.store.js';

/** API keys without a database, for tests of what uses them. Keeps the promises of the port; the contract suite proves it. */
export class InMemoryApiKeysStore extends ApiKeysStore {
  /** Ids of what every replica was told, in order. */
  readonly told: string[] = [];
  private readonly keys = new Map<string, KeyWithSecrets>();

  // Nothing is awaited within a method, so none can be interrupted: that is this store's transaction.

  add(key: ApiKey, digest: string): Promise<KeyWithSecrets> {
    return Promise.resolve(this.changed({ key, secrets: [{ digest, endsAt: null }] }));
  }

  find(id: string): Promise<ApiKey | null> {
    return Promise.resolve(this.keys.get(id)?.key ?? null);
  }

  list({ owner, state, now, limit, before }: ApiKeysPage): Promise<ApiKey[]> {
    const found = [...this.keys.values()]
      .map(({ key }) => key)
      .filter((key) => before === null || key.id < before)
      .filter((key) => state === null || stateOf(key, now) === state)
      .filter(
        (key) =>
          owner === null ||
          (key.owner.kind === owner.kind &&
            (key.owner.kind === 'user' ? key.owner.id : key.owner.name) === owner.value),
      )
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    return Promise.resolve(found.slice(0, limit));
  }

  rotate(id: string, rotation: Rotation, digest: string): Promise<KeyWithSecrets | null> {
    const known = this.keys.get(id);
    if (known === undefined || stateOf(known.key, rotation.at) !== 'live') return Promise.resolve(null);
    const secrets = known.secrets.map((one): KeySecret => {
      if (one.endsAt === null) return { ...one, endsAt: rotation.previousUntil };
      return { ...one, endsAt: Math.min(one.endsAt, rotation.at) };
    });
    const key = { ...known.key, rotation, version: known.key.version + 1 };
    return Promise.resolve(this.changed({ key, secrets: [...secrets, { digest, endsAt: null }] }));
  }

  revoke(id: string, revocation: Revocation): Promise<KeyWithSecrets | null> {
    const known = this.keys.get(id);
    if (known === undefined || known.key.revocation !== null) return Promise.resolve(null);
    return Promise.resolve(
      this.changed({ ...known, key: { ...known.key, revocation, version: known.key.version + 1 } }),
    );
  }

  recordUses(uses: ReadonlyMap<string, number>): Promise<void> {
    for (const [id, at] of uses) {
      const known = this.keys.get(id);
      if (known === undefined || (known.key.lastUsedAt ?? 0) >= at) continue;
      this.keys.set(id, { ...known, key: { ...known.key, lastUsedAt: at } });
    }
    return Promise.resolve();
  }

  private changed(one: KeyWithSecrets): KeyWithSecrets {
    this.keys.set(one.key.id, structuredClone(one));
    this.told.push(one.key.id);
    return one;
  }
}
