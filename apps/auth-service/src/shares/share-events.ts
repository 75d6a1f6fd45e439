import {
  type EventShare,
  type EventSource,
  type MemberChange,
  type SharingWay,
  type WardenEvent,
  noSource,
} from '@warden/events';
import type { ShareResource } from '@warden/tokens';
import { type EventOrigin, eventId, originOf } from '../audit/index.js';
import type { Caller } from '../platform/http/caller.js';
import type { Share } from './share.js';

type SharedResource = Pick<ShareResource, 'level' | 'dicomUid' | 'orthancId'>;

/** What an event has to know of a share. */
export interface SharedThing extends Pick<Share, 'id' | 'identity' | 'type'> {
  readonly resources: readonly SharedResource[];
}

/** What an event says of a share. */
export function eventShareOf({ id, identity, type, resources }: SharedThing): EventShare {
  return { id, identity, type, studies: idsOf(resources, 'study'), patients: idsOf(resources, 'patient') };
}

function idsOf(resources: readonly SharedResource[], level: SharedResource['level']): string[] {
  // A patient is named by the PatientID alone.
  const ids = resources
    .filter((one) => one.level === level)
    .map((one) => one.dicomUid ?? (level === 'patient' ? null : one.orthancId));
  return ids.filter((id) => id !== null);
}

const fine = { outcome: 'success', reason: null, source: noSource } as const;

export function shareCreated(share: Share, caller: Caller, way: SharingWay): WardenEvent {
  const { mintedAt: at, recipient } = share;
  return {
    ...fine,
    name: 'share.created',
    id: eventId(at),
    at,
    ...originOf(caller),
    share: eventShareOf(share),
    detail: {
      way,
      expiresAt: share.expiresAt,
      notBefore: share.notBefore,
      gate: share.gate?.kind ?? null,
      maxOpens: share.maxOpens,
      recipient: recipient === null ? null : recipientText(recipient),
      purposeOfUse: share.purposeOfUse,
      why: share.reason,
      replaces: share.replaces,
    },
  };
}

export function shareChangedBy(
  share: Share,
  caller: Caller,
  at: number,
  changes: readonly MemberChange[],
): WardenEvent {
  const told = { ...originOf(caller), share: eventShareOf(share), detail: { changes } };
  return { ...fine, ...told, name: 'share.changed', id: eventId(at), at };
}

export function shareRevoked(
  share: EventShare,
  origin: EventOrigin,
  revocation: { readonly at: number; readonly reason: string },
  ruleId: string | null,
): WardenEvent {
  const { at, reason: why } = revocation;
  const told = { ...origin, share, detail: { why, ruleId } };
  return { ...fine, ...told, name: 'share.revoked', id: eventId(at), at };
}

/** As mail has it (RFC 5322 section 3.4); who is only named or only addressed is that. */
function recipientText({ name, email }: NonNullable<Share['recipient']>): string | null {
  return name && email ? `${name} <${email}>` : name || email;
}

export const recipientOf = ({ identity, recipient }: Share) =>
  ({ kind: 'recipient', id: identity, name: recipient?.name ?? recipient?.email ?? '' }) as const;

export function shareOpened(
  share: Share,
  opening: { readonly at: number; readonly session: Buffer; readonly viewer: string; readonly source: EventSource },
  counted: boolean,
): WardenEvent {
  const { at, session, viewer, source } = opening;
  return {
    ...fine,
    source,
    name: 'share.opened',
    id: eventId(at),
    at,
    actor: recipientOf(share),
    share: eventShareOf(share),
    detail: { viewer, session: session.subarray(0, 9).toString('base64url'), counted, opens: share.opens },
  };
}

export function shareRefused(share: Share, source: EventSource, at: number): WardenEvent {
  return {
    name: 'share.refused',
    id: eventId(at),
    at,
    actor: recipientOf(share),
    source,
    share: eventShareOf(share),
    outcome: 'minor-failure',
    reason: 'wrong-secret',
    detail: {},
  };
}

export function shareLocked(share: Share, source: EventSource, at: number, attempts: number): WardenEvent {
  return {
    name: 'share.locked',
    id: eventId(at),
    at,
    actor: recipientOf(share),
    source,
    share: eventShareOf(share),
    outcome: 'serious-failure',
    reason: 'too-many-attempts',
    detail: { attempts },
  };
}

/** Of a message that carries the link, or what opens it. */
export function shareSent(
  share: Share,
  { actor, source }: EventOrigin,
  at: number,
  message: { readonly what: 'link' | 'code'; readonly to: string; readonly sent: boolean },
): WardenEvent {
  const { what, to, sent } = message;
  return {
    name: 'share.sent',
    id: eventId(at),
    at,
    actor,
    source,
    share: eventShareOf(share),
    outcome: sent ? 'success' : 'minor-failure',
    reason: sent ? null : 'not-sent',
    detail: { what, to },
  };
}
