import type { WardenEvent } from '@warden/events';
import type { ShareEventDto } from './share-history.dto.js';

/** The only way of an event to the outside. */
export function presentEvent(event: WardenEvent): ShareEventDto {
  const { actor, source } = event;
  return {
    at: new Date(event.at).toISOString(),
    event: event.name,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    address: source.address,
    userAgent: source.userAgent,
    outcome: event.outcome,
    reason: event.reason,
    detail: detailOf(event),
  };
}

function detailOf(event: WardenEvent): Readonly<Record<string, unknown>> {
  if (event.name !== 'share.created') return { ...event.detail };
  const { expiresAt, notBefore, ...others } = event.detail;
  return { ...others, expiresAt: iso(expiresAt), notBefore: iso(notBefore) };
}

function iso(epochMs: number | null): string | null {
  return epochMs === null ? null : new Date(epochMs).toISOString();
}
