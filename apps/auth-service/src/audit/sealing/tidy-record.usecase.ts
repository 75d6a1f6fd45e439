import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../platform/database/database.js';
import { Clock } from '../../platform/time/clock.js';
import { actOf, byItself } from '../acts.js';
import { EventLog } from '../event-log.js';
import { ChainsStore } from './chains.store.js';

/** Makes room for the months to come, and takes away what was kept for as long as it is to be. Of every replica. */
@Injectable()
export class TidyRecord {
  constructor(
    private readonly chains: ChainsStore,
    private readonly events: EventLog,
    private readonly unitOfWork: UnitOfWork,
    private readonly clock: Clock,
  ) {}

  async execute(): Promise<void> {
    await this.chains.makeRoom();
    await this.unitOfWork.run(async () => {
      const gone = await this.chains.dropExpired();
      const now = this.clock.now();
      await this.events.append(
        gone.map(({ class: name, month, size }) =>
          actOf('audit.expired', byItself, now, { class: name, month, count: size }),
        ),
      );
    });
  }
}
