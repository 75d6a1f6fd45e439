import type { FiledEvent, FiledEventsPage } from './audit-events.store.js';
import type { AuditCounts } from './audit-statistics.usecase.js';
import type { AuditEventDto, AuditEventsPageDto, AuditStatisticsDto } from './audit-events.dto.js';
import { eventCursorOf } from './event-cursor.js';

/** Members of details that are moments, whatever the event. */
const moments = new Set(['expiresAt', 'notBefore', 'until', 'mintedBefore']);

/** Names its members one by one: what an event comes to hold is shown when this says so. */
export function presentFiledEvent({ key, class: kind, event, erased }: FiledEvent): AuditEventDto {
  const { actor, share, source } = event;
  return {
    id: event.id,
    at: iso(event.at),
    filedAt: iso(Math.floor(key.filedAt / 1_000)),
    class: kind,
    event: event.name,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    address: source.address,
    userAgent: source.userAgent,
    requestId: source.requestId,
    share:
      share === null
        ? null
        : {
            id: share.id,
            identity: share.identity,
            type: share.type,
            studies: share.studies,
            patients: share.patients,
          },
    outcome: event.outcome,
    reason: event.reason,
    detail: detailOf(event.detail),
    erased,
  };
}

export function presentEventsPage({ events, next }: FiledEventsPage): AuditEventsPageDto {
  return { items: events.map(presentFiledEvent), next: next === null ? null : eventCursorOf(next) };
}

export function presentStatistics({ from, to, total, counts }: AuditCounts, by: string): AuditStatisticsDto {
  return { by, from: iso(from), to: iso(to), total, items: [...counts] };
}

function detailOf(detail: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(detail).map(([name, value]: [string, unknown]) => [
      name,
      moments.has(name) && typeof value === 'number' ? iso(value) : value,
    ]),
  );
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
