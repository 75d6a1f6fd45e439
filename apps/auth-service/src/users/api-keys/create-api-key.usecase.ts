import { Injectable } from '@nestjs/common';
import { v7 as uuidv7 } from 'uuid';
import { Acts, actOf, originOf } from '../../audit/index.js';
import type { Caller } from '../../platform/http/caller.js';
import type { Secret } from '../../platform/observability/secret.js';
import { Clock } from '../../platform/time/clock.js';
import type { ApiKey, ApiKeyOwner } from './api-key.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { expiryNotInFuture } from './api-keys.errors.js';
import { ApiKeysStore } from './api-keys.store.js';
import { refuseMoreThanCaller } from './key-scope.js';
import { newKeyText } from './key-text.js';

export interface ApiKeyRequest {
  readonly name: string;
  readonly owner: ApiKeyOwner;
  readonly permissions: readonly string[];
  readonly labels: readonly string[];
  /** Milliseconds since the epoch; null: never. */
  readonly expiresAt: number | null;
}

/** A key and its text, which exists here and with whoever asked, and nowhere else. */
export interface ShownApiKey {
  readonly key: ApiKey;
  readonly text: Secret;
}

/** Makes a key. What was acknowledged is durable, and is accepted by this replica at once, by every other within a second. */
@Injectable()
export class CreateApiKey {
  constructor(
    private readonly store: ApiKeysStore,
    private readonly inForce: ApiKeysInForce,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, request: ApiKeyRequest): Promise<ShownApiKey> {
    const now = this.clock.now();
    if (request.expiresAt !== null && request.expiresAt <= now) throw expiryNotInFuture();
    refuseMoreThanCaller(caller, request);
    const { text, publicPart, digest } = newKeyText();
    const key: ApiKey = {
      id: uuidv7({ msecs: now }),
      publicPart,
      name: request.name,
      owner: request.owner,
      permissions: [...new Set(request.permissions)],
      labels: [...new Set(request.labels)],
      createdAt: now,
      createdBy: caller.id,
      expiresAt: request.expiresAt,
      rotation: null,
      revocation: null,
      lastUsedAt: null,
      version: 1,
    };
    const { id: keyId, owner, permissions, labels, expiresAt } = key;
    const added = await this.acts.do(
      () => this.store.add(key, digest),
      () =>
        actOf('api-key.created', originOf(caller), now, {
          keyId,
          owner: owner.kind === 'user' ? owner.id : owner.name,
          permissions,
          labels,
          expiresAt,
        }),
    );
    this.inForce.take(added);
    return { key: added.key, text };
  }
}
