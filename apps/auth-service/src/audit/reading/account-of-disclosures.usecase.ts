import { Injectable } from '@nestjs/common';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { AuditEventsStore, type FiledEvent, type ShareOrigin } from './audit-events.store.js';
import { type Disclosure, disclosureOf } from './disclosure.js';
import { inOrder } from './in-order.js';
import { ReadingLog, filterText } from './reading-event.js';
import { StreamOfEvents } from './stream-of-events.js';

/** 45 CFR 164.528(a)(1): the six years before the date on which the accounting is asked for. */
const years = 6;

export interface Period {
  readonly from: number;
  readonly to: number;
}

export interface AccountOfPatient {
  readonly period: Period;
  /** Oldest first. */
  readonly disclosures: AsyncIterable<readonly Disclosure[]>;
}

/** To whom images of one patient went (45 CFR 164.528). */
@Injectable()
export class AccountOfDisclosures {
  constructor(
    private readonly store: AuditEventsStore,
    private readonly readings: ReadingLog,
    private readonly streams: StreamOfEvents,
    private readonly clock: Clock,
  ) {}

  async execute(
    caller: Caller,
    patient: string,
    asked: Partial<Period>,
    format: 'html' | 'csv',
  ): Promise<AccountOfPatient> {
    await this.readings.tell(caller, format, filterText({ patient, class: 'disclosure', ...asked }));
    const to = asked.to ?? this.clock.now();
    const period = { from: asked.from ?? yearsBefore(to), to };
    return { period, disclosures: await this.streams.begun(this.told(patient, period)) };
  }

  private async *told(patient: string, period: Period): AsyncGenerator<readonly Disclosure[], void, undefined> {
    const origins = new Map<string, ShareOrigin>();
    const known = await this.store.knownOf(patient);
    const filter = { patient, class: 'disclosure', ...period } as const;
    const named = this.store.stream(filter, 'oldest-first');
    const untold = this.store.untold(patient, known, period);
    for await (const batch of inOrder(named, untold)) {
      const unknown = sharesOf(batch.events).filter((id) => !origins.has(id));
      for (const [id, origin] of await this.store.origins(unknown)) origins.set(id, origin);
      const from = batch.of === untold ? known : null;
      yield batch.events.flatMap((one) => disclosureOf(one, origins.get(one.event.share?.id ?? '') ?? null, from));
    }
  }
}

function sharesOf(filed: readonly FiledEvent[]): string[] {
  return [...new Set(filed.flatMap(({ event }) => (event.share === null ? [] : [event.share.id])))];
}

function yearsBefore(epochMs: number): number {
  const date = new Date(epochMs);
  return date.setUTCFullYear(date.getUTCFullYear() - years);
}
