import type { WardenEvent } from '@warden/events';
import { v7 as uuidv7 } from 'uuid';
import { EventLog } from '../../apps/auth-service/src/audit/index.js';
import { SealEvents } from '../../apps/auth-service/src/audit/sealing/seal-events.usecase.js';
import type { TestService } from './test-service.js';

/** Any member may be said, and a test may say what no release would write. */
export type EventDifferences = { [Member in keyof WardenEvent]?: unknown };

export const shareTold = (more: object = {}) => ({
  id: uuidv7(),
  identity: 'i',
  type: 't',
  studies: ['1.2.3'],
  patients: ['P1'],
  ...more,
});

/** The month that is open now began then: what happened before is filed at its begin, all of it at one moment. */
function beginOfMonth(): number {
  const now = new Date();
  return Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
}

let moment = Date.now() - 3_600_000;
const later = (by: number): number => (moment = Math.max(moment, beginOfMonth()) + by);
/** A moment of an hour ago where the month is as old, later than that of every event told so far. */
export const nextMoment = (): number => later(10);

/** An event of an hour ago where the month is as old, each a moment after the one before it. */
export function eventTold(more: EventDifferences = {}): WardenEvent {
  const at = later(1);
  return {
    id: uuidv7({ msecs: at }),
    at,
    name: 'share.revoked',
    actor: { kind: 'user', id: 'keycloak:1', name: 'Dr. Ada' },
    source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'abc-1' },
    share: shareTold(),
    outcome: 'success',
    reason: null,
    detail: { why: 'wrong address', ruleId: null },
    ...more,
  } as WardenEvent;
}

export async function sealAll({ app }: TestService): Promise<void> {
  // A call joins one that runs already and may have begun before the last event.
  await app.get(SealEvents).execute();
  await app.get(SealEvents).execute();
}

export async function recordAll(service: TestService, events: readonly WardenEvent[]): Promise<void> {
  await service.app.get(EventLog).append(events);
  await sealAll(service);
}
