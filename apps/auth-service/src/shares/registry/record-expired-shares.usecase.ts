import { Injectable } from '@nestjs/common';
import { type WardenEvent, itself, noSource } from '@warden/events';
import { v7 as uuidv7 } from 'uuid';
import { EventLog } from '../../audit/index.js';
import { OneRun } from '../../platform/concurrency/one-run.js';
import { UnitOfWork } from '../../platform/database/database.js';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type ExpiredShare, ExpiredSharesStore } from './expired-shares.store.js';

/** Shares in one transaction. */
const batch = 500;

/** Records that shares expired: nobody does anything at that moment. Several replicas share the work. */
@Injectable()
export class RecordExpiredShares {
  private readonly run = new OneRun();

  constructor(
    private readonly store: ExpiredSharesStore,
    private readonly events: EventLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Records all that expired until now. Never rejects; a call while one runs joins it. */
  execute(): Promise<void> {
    return this.run.start(() =>
      this.work().catch((error: unknown) => this.log.warn('expiry-record-postponed', { cause: messageOf(error) })),
    );
  }

  /** Resolves when nothing is under way; nothing more is begun. */
  stop(): Promise<void> {
    return this.run.stop();
  }

  private async work(): Promise<void> {
    // Looked at first: a transaction costs every decision beside it.
    while (!this.run.stopped && (await this.store.anyDue(this.clock.now()))) {
      // What is due and cannot be had is in the hands of another replica, or of who revokes it.
      if ((await this.recordSome()) === 0) return;
    }
  }

  private recordSome(): Promise<number> {
    return this.unitOfWork.run(async () => {
      const now = this.clock.now();
      const { marked, expired } = await this.store.take(now, batch);
      await this.events.append(expired.map((one) => expiryOf(one, now)));
      return marked;
    });
  }
}

function expiryOf({ share, expiresAt }: ExpiredShare, now: number): WardenEvent {
  return {
    id: uuidv7({ msecs: now }),
    at: expiresAt,
    name: 'share.expired',
    actor: itself,
    source: noSource,
    share,
    outcome: 'success',
    reason: null,
    detail: {},
  };
}
