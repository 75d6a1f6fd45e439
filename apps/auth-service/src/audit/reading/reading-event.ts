import { Injectable } from '@nestjs/common';
import type { WardenEvent } from '@warden/events';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Clock } from '../../platform/time/clock.js';
import { actOf, originOf } from '../acts.js';
import { EventLog } from '../event-log.js';
import type { AuditFilter } from './audit-events.store.js';
import { auditNotRecorded } from './reading.errors.js';

export type ReadingFormat = 'json' | 'html' | 'fhir' | 'csv' | 'ndjson';

/** What was asked for: `name=value` joined by `&`, with `%`, `&` and `=` in a value written as in an address. */
export function filterText(asked: AuditFilter & { readonly id?: string; readonly by?: string }): string {
  const said: string[] = [];
  for (const [name, value] of Object.entries(asked) as [string, string | number | readonly string[] | undefined][]) {
    const values = typeof value === 'number' ? [new Date(value).toISOString()] : [value ?? []].flat();
    said.push(...values.map((one) => `${name}=${filterValue(one)}`));
  }
  return said.join('&');
}

/** As it stands in such a text. */
export function filterValue(value: string): string {
  return value.replaceAll(/[%&=]/g, encodeURIComponent);
}

/** Tells of each reading of the record, before anything is shown. */
@Injectable()
export class ReadingLog {
  constructor(
    private readonly events: EventLog,
    private readonly clock: Clock,
  ) {}

  /** Throws a `DomainError` of status 503 when it cannot be recorded: then nothing may be shown. */
  async tell(caller: Caller, format: ReadingFormat, filter: string): Promise<void> {
    const name = format === 'csv' || format === 'ndjson' ? 'audit.exported' : 'audit.read';
    const event: WardenEvent = actOf(name, originOf(caller), this.clock.now(), { format, filter });
    try {
      await this.events.append([event]);
    } catch (error) {
      throw error instanceof DomainError ? error : auditNotRecorded(error);
    }
  }
}
