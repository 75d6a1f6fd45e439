import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/time/clock.js';
import type { ApiKey, ApiKeyState } from './api-key.js';
import { apiKeyNotFound } from './api-keys.errors.js';
import { ApiKeysStore, type OwnerFilter } from './api-keys.store.js';

export interface ApiKeysQuestion {
  readonly owner: OwnerFilter | null;
  readonly state: ApiKeyState | null;
  readonly limit: number;
  readonly before: string | null;
}

/** Reads the keys; never a text or a digest. */
@Injectable()
export class BrowseApiKeys {
  constructor(
    private readonly store: ApiKeysStore,
    private readonly clock: Clock,
  ) {}

  /** One page, newest first; `next` is the id to pass as `before` for the page after it, null on the last one. */
  async list(question: ApiKeysQuestion): Promise<{ keys: ApiKey[]; next: string | null }> {
    const { limit } = question;
    const found = await this.store.list({ ...question, limit: limit + 1, now: this.clock.now() });
    const keys = found.slice(0, limit);
    return { keys, next: found.length > limit ? (keys.at(-1)?.id ?? null) : null };
  }

  async find(id: string): Promise<ApiKey> {
    const key = await this.store.find(id);
    if (key === null) throw apiKeyNotFound();
    return key;
  }
}
