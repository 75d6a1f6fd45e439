import { Injectable } from '@nestjs/common';
import { type Change, type FeedConsumer, type FeedQuery, inBatches } from '../../../platform/feed/change-feed.js';
import { Clock } from '../../../platform/time/clock.js';
import type { KeyWithSecrets } from '../api-key.js';
import { ApiKeysInForce } from '../api-keys-in-force.js';
import {
  type ApiKeyChanged,
  type ApiKeyRowWithSecrets,
  apiKeysTopic,
  isRemembered,
  keyWithSecretsOf,
  selectKeyWithSecrets,
} from './api-key-rows.js';

/** Milliseconds. */
const tidyEvery = 3_600_000;

/** Keeps the keys in memory up to date with the database. */
@Injectable()
export class ApiKeysFeed implements FeedConsumer {
  readonly topics = [apiKeysTopic];
  private tidied = 0;

  constructor(
    private readonly inForce: ApiKeysInForce,
    private readonly clock: Clock,
  ) {}

  async load(query: FeedQuery): Promise<void> {
    const loaded: KeyWithSecrets[] = [];
    const keys = `${selectKeyWithSecrets} WHERE ${isRemembered}`;
    for await (const rows of inBatches<ApiKeyRowWithSecrets>(query, keys)) loaded.push(...rows.map(keyWithSecretsOf));
    this.inForce.replace(loaded);
  }

  async apply(change: Change, query: FeedQuery): Promise<void> {
    const { id } = change.payload as ApiKeyChanged;
    const rows = await query<ApiKeyRowWithSecrets>(`${selectKeyWithSecrets} WHERE id = $1`, [id]);
    for (const row of rows) this.inForce.take(keyWithSecretsOf(row));
    this.tidy();
  }

  /** Looks through all keys, so not at every change. */
  private tidy(): void {
    const now = this.clock.monotonic();
    if (now - this.tidied < tidyEvery) return;
    this.tidied = now;
    this.inForce.prune(this.clock.now());
  }
}
