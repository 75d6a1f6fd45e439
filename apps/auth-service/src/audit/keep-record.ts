import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { Log, messageOf } from '../platform/observability/log.js';
import { Metrics } from '../platform/observability/metrics.js';
import { productVersion } from '../platform/version.js';
import { AccessRecorder } from './access/access-recorder.js';
import { FlushAccessEvents } from './access/flush-access-events.usecase.js';
import { MakeCheckpoint } from './proof/make-checkpoint.usecase.js';
import { SealEvents } from './sealing/seal-events.usecase.js';
import { TidyRecord } from './sealing/tidy-record.usecase.js';
import { ServiceLife } from './service-life.js';
import { DeliverAuditMessages } from './syslog/deliver-audit-messages.usecase.js';

/** What was recorded is sealed this long after, or a little later. Milliseconds. */
const sealEvery = 250;
const retryAfter = 1_000;

/** Keeps the record going while the service runs, however the database is. */
@Injectable()
export class KeepRecord {
  private timers: NodeJS.Timeout[] = [];
  private stopped = false;
  /** The start is in the record. */
  private begun = false;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    private readonly life: ServiceLife,
    private readonly seal: SealEvents,
    private readonly tidyRecord: TidyRecord,
    private readonly checkpoints: MakeCheckpoint,
    private readonly accesses: AccessRecorder,
    private readonly flush: FlushAccessEvents,
    @Inject(DeliverAuditMessages) private readonly syslog: DeliverAuditMessages | null,
    private readonly log: Log,
  ) {}

  /** Returns at once. To be called when there is a schema. */
  begin(): void {
    this.timers.push(setInterval(() => void this.seal.execute(), sealEvery).unref());
    this.timers.push(setInterval(() => void this.checkpoints.execute(), this.config.audit.checkpoints.everyMs).unref());
    this.flush.start();
    this.syslog?.start();
    void this.tellOfStart();
  }

  /** Of every replica, now and then. */
  tidy(): Promise<void> {
    return this.tidyRecord.execute();
  }

  /** Writes what is in memory. What is sealed later is sealed by another replica, or by the next start. Never rejects. */
  async end(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.flush.stop();
    try {
      if (this.begun) await this.life.stopped();
      await this.seal.execute();
    } catch (error) {
      this.log.warn('stop-not-recorded', { cause: messageOf(error) });
    }
    await Promise.all([this.seal.stop(), this.checkpoints.stop(), this.syslog?.stop()]);
  }

  publish(metrics: Metrics): void {
    metrics.counts('audit_events_lost_total', 'Access events that were not recorded, by lane.', 'lane', () =>
      this.accesses.lanes.map(({ name, lost }): [string, number] => [name, lost]),
    );
    metrics.gauges('audit_events_waiting', 'Access events in memory, by lane.', 'lane', () =>
      this.accesses.lanes.map(({ name, held }): [string, number] => [name, held]),
    );
    metrics.gauge('audit_syslog_backlog', 'Sealed events that the syslog receiver was not told of yet.', () =>
      this.syslog === null ? null : this.syslog.state().backlog,
    );
  }

  private async tellOfStart(): Promise<void> {
    const { given, weaknesses } = this.config.told;
    for (let told = ''; !this.stopped;) {
      try {
        await this.tidyRecord.execute();
        await this.life.started({ version: productVersion(), node: process.version, given, weaknesses });
        this.begun = true;
        return;
      } catch (error) {
        const cause = messageOf(error);
        if (cause !== told) this.log.warn('start-not-recorded-yet', { cause });
        told = cause;
        await new Promise((resolve) => setTimeout(resolve, retryAfter).unref());
      }
    }
  }
}
