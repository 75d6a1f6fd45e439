import type { Revocation, Share } from '../../apps/auth-service/src/shares/share.js';
import {
  type Added,
  type IdempotentRequest,
  type SharesPage,
  SharesStore,
} from '../../apps/auth-service/src/shares/shares.store.js';
import type { RevokedShare } from '../../apps/auth-service/src/tokens/revocation-list.js';

const dayMs = 24 * 3_600_000;

/** The registry without a database, for tests of what uses it. Keeps the promises of the port; the contract suite proves it. */
export class InMemorySharesStore extends SharesStore {
  /** What every replica was told, in order. */
  readonly told: RevokedShare[] = [];
  private readonly shares = new Map<string, Share>();
  private readonly keys = new Map<string, { hash: Buffer; shareId: string; madeAt: number }>();

  constructor(private readonly now: () => number = () => Date.now()) {
    super();
  }

  /** Keys remembered, old ones too. */
  get keyCount(): number {
    return this.keys.size;
  }

  // Nothing is awaited within a method, so none can be interrupted: that is this store's transaction.

  add(share: Share, idempotent: IdempotentRequest | null): Promise<Added> {
    if (idempotent !== null) {
      const place = JSON.stringify([idempotent.caller, idempotent.key]);
      const earlier = this.keys.get(place);
      const first = earlier !== undefined && this.isFresh(earlier) ? this.shares.get(earlier.shareId) : undefined;
      if (earlier !== undefined && first !== undefined) {
        return Promise.resolve({
          outcome: 'replayed',
          share: first,
          sameRequest: earlier.hash.equals(idempotent.hash),
        });
      }
      this.keys.set(place, { hash: idempotent.hash, shareId: share.id, madeAt: this.now() });
    }
    this.shares.set(share.id, structuredClone(share));
    return Promise.resolve({ outcome: 'added' });
  }

  adopt(share: Share): Promise<void> {
    const known = [...this.shares.values()].some(({ identity }) => identity === share.identity);
    if (!known) this.shares.set(share.id, structuredClone(share));
    return Promise.resolve();
  }

  find(id: string): Promise<Share | null> {
    return Promise.resolve(this.shares.get(id) ?? null);
  }

  list({ mintedBy, limit, before }: SharesPage): Promise<Share[]> {
    const found = [...this.shares.values()]
      .filter((share) => (mintedBy === null || share.mintedBy === mintedBy) && (before === null || share.id < before))
      .sort((a, b) => (a.id < b.id ? 1 : -1));
    return Promise.resolve(found.slice(0, limit));
  }

  revoke({ id, identity, expiresAt }: Share, revocation: Revocation): Promise<boolean> {
    const share = this.shares.get(id);
    if (share === undefined || share.revocation !== null) return Promise.resolve(false);
    this.shares.set(id, { ...share, revocation: { ...revocation } });
    this.told.push({ identity, expiresAt });
    return Promise.resolve(true);
  }

  forgetOldKeys(): Promise<void> {
    for (const [place, key] of this.keys) if (!this.isFresh(key)) this.keys.delete(place);
    return Promise.resolve();
  }

  private isFresh({ madeAt }: { madeAt: number }): boolean {
    return this.now() - madeAt <= dayMs;
  }
}
