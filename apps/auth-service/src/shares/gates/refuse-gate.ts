import { Injectable } from '@nestjs/common';
import type { EventSource } from '@warden/events';
import { EventLog } from '../../audit/index.js';
import { UnitOfWork } from '../../platform/database/database.js';
import { Clock } from '../../platform/time/clock.js';
import type { Share } from '../share.js';
import { shareLocked, shareRefused } from '../share-events.js';
import { SharesStore } from '../shares.store.js';

/** Records a wrong attempt, and locks the share after the last one: viewers that run go on. */
@Injectable()
export class RefuseGate {
  constructor(
    private readonly work: UnitOfWork,
    private readonly store: SharesStore,
    private readonly events: EventLog,
    private readonly clock: Clock,
  ) {}

  /** `attempts`: this was the last one of so many; null: there are more. */
  async execute(share: Share, source: EventSource, attempts: number | null): Promise<void> {
    const at = this.clock.now();
    await this.work.run(async () => {
      await this.events.append([shareRefused(share, source, at)]);
      if (attempts === null) return;
      await this.store.change(share.id, null, (before) =>
        before.lockedAt === null
          ? { after: { ...before, lockedAt: at }, told: shareLocked(before, source, at, attempts) }
          : { after: before, told: null },
      );
    });
  }
}
