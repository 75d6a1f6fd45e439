import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { SharingWay } from '@warden/events';
import type { Caller } from '../../platform/http/caller.js';
import type { Share } from '../share.js';
import { shareCreated } from '../share-events.js';
import { idempotencyKeyReused } from '../shares.errors.js';
import { SharesStore } from '../shares.store.js';

/** What a repeated request is known by: what was asked, without what must not be kept. */
export interface RepeatableRequest {
  /** Null: a repeated request makes another share. */
  readonly idempotencyKey: string | null;
  readonly asked: unknown;
}

/** Enters a new share into the registry, or finds the one that the same request made before. */
@Injectable()
export class RegisterShare {
  constructor(private readonly store: SharesStore) {}

  /** The share that the same request made before; null: it was not made. Throws as `execute` does. */
  async before({ idempotencyKey, asked }: RepeatableRequest, caller: Caller): Promise<Share | null> {
    const earlier = idempotencyKey === null ? null : await this.store.findRequest(caller.id, idempotencyKey);
    if (earlier !== null && !earlier.hash.equals(hashOf(asked))) throw idempotencyKeyReused();
    return earlier?.share ?? null;
  }

  /** Throws `idempotency-key-reused` when the key stands for another request. */
  async execute(share: Share, request: RepeatableRequest, caller: Caller, way: SharingWay): Promise<Share> {
    const { idempotencyKey: key, asked } = request;
    const idempotent = key === null ? null : { caller: caller.id, key, hash: hashOf(asked) };
    const added = await this.store.add(share, idempotent, shareCreated(share, caller, way));
    if (added.outcome === 'added') return share;
    if (!added.sameRequest) throw idempotencyKeyReused();
    return added.share;
  }
}

function hashOf(asked: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(asked)).digest();
}
