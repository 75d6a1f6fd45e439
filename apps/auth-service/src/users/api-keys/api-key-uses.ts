import { Injectable } from '@nestjs/common';
import { Log, messageOf } from '../../platform/observability/log.js';
import { ApiKeysStore } from './api-keys.store.js';

/** Milliseconds between two writes of the last use of one key. */
export const usesWrittenEvery = 60_000;

/** Remembers when each key was last used, and writes it now and then: a request must not wait for that. */
@Injectable()
export class ApiKeyUses {
  private pending = new Map<string, number>();
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: ApiKeysStore,
    private readonly log: Log,
  ) {}

  used(id: string, at: number): void {
    this.pending.set(id, at);
  }

  /** Writes what waits, after any write under way. Never rejects: what could not be written waits for the next time. */
  flush(): Promise<void> {
    this.writing = this.writing.then(() => this.write());
    return this.writing;
  }

  private async write(): Promise<void> {
    if (this.pending.size === 0) return;
    const uses = this.pending;
    this.pending = new Map();
    try {
      await this.store.recordUses(uses);
    } catch (error) {
      // A use that came meanwhile is the later one.
      this.pending = new Map([...uses, ...this.pending]);
      this.log.warn('api-key-uses-postponed', { keys: this.pending.size, cause: messageOf(error) });
    }
  }
}
