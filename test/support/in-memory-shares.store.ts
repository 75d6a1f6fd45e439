import { type EventShare, type WardenEvent } from '@warden/events';
import { type Revocation, type Share, endOfToken, stateOf } from '../../apps/auth-service/src/shares/share.js';
import {
  type Added,
  type ChangedShare,
  type IdempotentRequest,
  type ShareAfterwards,
  type ShareFilter,
  type SharesPage,
  SharesStore,
  type SharesToEnd,
} from '../../apps/auth-service/src/shares/shares.store.js';
import { eventShareOf } from '../../apps/auth-service/src/shares/share-events.js';
import { shareChanged } from '../../apps/auth-service/src/shares/shares.errors.js';
import type { RevokedShare } from '../../apps/auth-service/src/tokens/revocation-list.js';

const dayMs = 24 * 3_600_000;

/** The registry without a database, for tests of what uses it. Keeps the promises of the port; the contract suite proves it. */
export class InMemorySharesStore extends SharesStore {
  /** What was recorded, in order. */
  readonly events: WardenEvent[] = [];
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

  add(share: Share, idempotent: IdempotentRequest | null, told: WardenEvent): Promise<Added> {
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
    this.events.push(told);
    return Promise.resolve({ outcome: 'added' });
  }

  findRequest(caller: string, key: string): Promise<{ readonly share: Share; readonly hash: Buffer } | null> {
    const earlier = this.keys.get(JSON.stringify([caller, key]));
    const share = earlier !== undefined && this.isFresh(earlier) ? this.shares.get(earlier.shareId) : undefined;
    return Promise.resolve(earlier === undefined || share === undefined ? null : { share, hash: earlier.hash });
  }

  adopt(share: Share): Promise<void> {
    const known = [...this.shares.values()].some(({ identity }) => identity === share.identity);
    if (!known) this.shares.set(share.id, structuredClone(share));
    return Promise.resolve();
  }

  find(id: string): Promise<Share | null> {
    return Promise.resolve(this.shares.get(id) ?? null);
  }

  findByIdentity(identity: string): Promise<Share | null> {
    return Promise.resolve([...this.shares.values()].find((share) => share.identity === identity) ?? null);
  }

  findByHandle(handleHash: string): Promise<Share | null> {
    return Promise.resolve([...this.shares.values()].find((share) => share.handleHash === handleHash) ?? null);
  }

  change(
    id: string,
    expected: number | null,
    change: (before: Share) => ShareAfterwards,
  ): Promise<ChangedShare | null> {
    const before = this.shares.get(id);
    if (before === undefined) return Promise.resolve(null);
    if (expected !== null && before.revision !== expected) return Promise.reject(shareChanged(before.revision));
    try {
      const { after: made, told } = change(before);
      if (made === before && told === null) return Promise.resolve({ before, after: before });
      const after = { ...structuredClone(made), revision: before.revision + 1 };
      if (told !== null) this.events.push(told);
      this.shares.set(id, after);
      const { identity, expiresAt, tokenEnd } = after;
      if (tokenEnd !== null && expiresAt !== before.expiresAt)
        this.told.push({ identity, expiresAt: tokenEnd.at, endsAt: expiresAt });
      return Promise.resolve({ before, after });
    } catch (error) {
      return Promise.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }

  list({ filter, order, limit, after }: SharesPage): Promise<Share[]> {
    const first = order === 'newest-first' ? 1 : -1;
    const sorted = [...this.shares.values()].sort((a, b) => (isBefore(a, b) ? first : -first));
    const start = after === null ? 0 : sorted.findIndex(({ id }) => id === after) + 1;
    return Promise.resolve(
      sorted
        .slice(start)
        .filter((share) => matches(share, filter))
        .slice(0, limit),
    );
  }

  revoke({ id }: Share, revocation: Revocation, told: WardenEvent): Promise<boolean> {
    const share = this.shares.get(id);
    if (share === undefined || share.revocation !== null) return Promise.resolve(false);
    this.shares.set(id, { ...share, revocation: { ...revocation } });
    this.told.push({ identity: share.identity, expiresAt: endOfToken(share) });
    this.events.push(told);
    return Promise.resolve(true);
  }

  countLive(shares: SharesToEnd, now: number): Promise<number> {
    return Promise.resolve(this.toEnd(shares, now).length);
  }

  async *idsToEnd(shares: SharesToEnd, now: number, batch: number): AsyncGenerator<string[]> {
    await Promise.resolve();
    const ids = this.toEnd(shares, now).map(({ id }) => id);
    for (let from = 0; from < ids.length; from += batch) yield ids.slice(from, from + batch);
  }

  revokeThese(
    ids: readonly string[],
    revocation: Revocation,
    tell: (share: EventShare) => WardenEvent,
  ): Promise<readonly RevokedShare[]> {
    const meant = new Set(ids);
    for (const id of meant) {
      const { replaces = null } = this.shares.get(id) ?? {};
      if (replaces !== null) meant.add(replaces);
    }
    const picked = this.toEnd({ filter: {}, undatedToo: true }, revocation.at).filter(({ id }) => meant.has(id));
    for (const share of picked) void this.revoke(share, revocation, tell(eventShareOf(share)));
    return Promise.resolve(picked.map((share) => ({ identity: share.identity, expiresAt: endOfToken(share) })));
  }

  private toEnd({ filter: { mintedBefore, ...filter }, undatedToo }: SharesToEnd, now: number): Share[] {
    const inTime = (share: Share): boolean =>
      mintedBefore === undefined || share.mintedAt < mintedBefore || (undatedToo && isUndated(share));
    return [...this.shares.values()]
      .filter(
        (share) => matches(share, filter) && !['revoked', 'expired'].includes(stateOf(share, now)) && inTime(share),
      )
      .sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  forgetOldKeys(): Promise<void> {
    for (const [place, key] of this.keys) if (!this.isFresh(key)) this.keys.delete(place);
    return Promise.resolve();
  }

  private isFresh({ madeAt }: { madeAt: number }): boolean {
    return this.now() - madeAt <= dayMs;
  }
}

function isBefore(a: Share, b: Share): boolean {
  return a.mintedAt === b.mintedAt ? a.id < b.id : a.mintedAt < b.mintedAt;
}

function isUndated({ origin, mintedAt, id }: Share): boolean {
  return origin === 'adopted' && mintedAt === parseInt(id.replaceAll('-', '').slice(0, 12), 16);
}

function matches(share: Share, filter: ShareFilter): boolean {
  const { studyDicomUid, studyOrthancId, patientId, state } = filter;
  const holds = (level: string, id: 'dicomUid' | 'orthancId', value: string | undefined): boolean =>
    value === undefined || share.resources.some((one) => one.level === level && one[id] === value);
  const end = share.expiresAt ?? Infinity;
  return (
    (['mintedBy', 'label', 'type', 'keyId'] as const).every(
      (member) => filter[member] === undefined || share[member] === filter[member],
    ) &&
    holds('study', 'dicomUid', studyDicomUid) &&
    holds('study', 'orthancId', studyOrthancId) &&
    holds('patient', 'dicomUid', patientId) &&
    filter.images !== 'resolved' && // no archive is asked here
    (filter.recipient === undefined ||
      (filter.recipient.includes('@')
        ? share.recipient?.email?.toLowerCase() === filter.recipient.toLowerCase()
        : share.recipient?.name === filter.recipient)) &&
    (state === undefined || stateOf(share, state.now) === state.is) &&
    share.mintedAt >= (filter.mintedAfter ?? -Infinity) &&
    share.mintedAt < (filter.mintedBefore ?? Infinity) &&
    end >= (filter.expiresAfter ?? -Infinity) &&
    (filter.expiresBefore === undefined || end < filter.expiresBefore)
  );
}
