import { Injectable } from '@nestjs/common';
import { OneRun } from '../../platform/concurrency/one-run.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { ChainsStore } from './chains.store.js';

/** Events in one transaction: what comes meanwhile waits for it. */
const batch = 2_000;

/** Seals what was recorded, within a second when the database answers. Every replica calls it, and one of them does it. */
@Injectable()
export class SealEvents {
  private readonly run = new OneRun();
  private failing = false;

  constructor(
    private readonly chains: ChainsStore,
    private readonly log: Log,
  ) {}

  /** Seals all that waits. Never rejects; a call while one runs joins it. */
  execute(): Promise<void> {
    return this.run.start(() => this.work());
  }

  /** Resolves when nothing is under way; nothing more is begun. */
  stop(): Promise<void> {
    return this.run.stop();
  }

  private async work(): Promise<void> {
    try {
      while (!this.run.stopped && (await this.chains.seal(batch)) === batch);
      this.failing = false;
    } catch (error) {
      // Once an outage: this is tried several times a second.
      if (!this.failing) this.log.warn('sealing-postponed', { cause: messageOf(error) });
      this.failing = true;
    }
  }
}
