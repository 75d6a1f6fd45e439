import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { AuditEventsStore, type AuditFilter, type Counting, type EventCounts } from './audit-events.store.js';
import { ReadingLog, filterText } from './reading-event.js';

/** Days that are counted when the caller says no beginning. */
const days = 30;
/** Counts in one answer: ten years of days. */
const most = 3_660;

export interface AuditCounts extends EventCounts {
  readonly from: number;
  readonly to: number;
}

/** How much happened, for charts. */
@Injectable()
export class AuditStatistics {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
    private readonly clock: Clock,
  ) {}

  async execute(caller: Caller, asked: AuditFilter, by: Counting): Promise<AuditCounts> {
    await this.readings.tell(caller, 'json', filterText({ by, ...asked }));
    const to = asked.to ?? this.clock.now();
    const from = asked.from ?? to - days * 86_400_000;
    return { ...(await this.store.counts({ ...asked, from, to }, by, most)), from, to };
  }
}
