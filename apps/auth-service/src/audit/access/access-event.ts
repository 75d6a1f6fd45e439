import { type EventActor, type EventShare, type WardenEvent, itself, noSource } from '@warden/events';
import type { LaneName, Loss } from './access-lane.js';
import { GatheredAccess, type GatheredEntry, type GatheredUse } from './gathered-access.js';
import type { ShareOfToken } from './shares-of-tokens.js';

/** As many refusals in one window are no slip any more. */
const burst = 100;

/** Minted elsewhere, or unknown to the registry yet: who shared it cannot be told. */
const sharerUnknown = 'sharer-unknown';

/** @param id UUIDv7 */
export function eventOf(gathered: GatheredEntry, shares: ReadonlyMap<string, ShareOfToken>, id: string): WardenEvent {
  if (gathered instanceof GatheredAccess) return accessOf(gathered, shares.get(gathered.share) ?? null, id);
  return useOf(gathered, id);
}

export function lossOf(lane: LaneName, { reason, count, first, last }: Readonly<Loss>, id: string): WardenEvent {
  return {
    id,
    at: first,
    name: 'audit.lost',
    actor: itself,
    source: noSource,
    share: null,
    outcome: 'serious-failure',
    reason,
    detail: { lane, count, until: last },
  };
}

function accessOf(entry: GatheredAccess, share: ShareOfToken | null, id: string): WardenEvent {
  const { at, count, until, name, level, method, study, serverId, route, origin } = entry;
  const denied = name === 'access.denied';
  const failure = count >= burst ? 'serious-failure' : 'minor-failure';
  const unknown = share === null || share.origin === 'adopted' ? sharerUnknown : null;
  const known = resolvedIn(share, study);
  return {
    id,
    at,
    name,
    actor: actorOf(entry),
    source: origin === null ? noSource : { address: origin.address, userAgent: origin.userAgent, requestId: null },
    share: share === null ? null : sharedIn(share, study),
    outcome: denied ? failure : 'success',
    reason: denied ? entry.reason : unknown,
    detail: {
      count,
      until,
      level,
      method,
      study: known?.study ?? study,
      serverId,
      ...(route === null ? {} : { route }),
    },
  };
}

function actorOf({ share, asker, origin }: GatheredAccess): EventActor {
  if (share !== '') return { kind: 'recipient', id: share, name: '' };
  // With no token of ours nothing is known of somebody but the address.
  return origin === null ? { kind: 'plugin', id: asker, name: '' } : { kind: 'recipient', id: 'unknown', name: '' };
}

/** The share, of which no more is told than what was asked for: other studies may be of other patients. */
function sharedIn(share: ShareOfToken, study: string | null): EventShare {
  const { id, identity, type, studies, patients, sharedPatients } = share;
  const known = resolvedIn(share, study);
  if (known !== undefined)
    return { id, identity, type, studies: [known.study], patients: known.patient === null ? [] : [known.patient] };
  if (study !== null && studies.includes(study))
    return { id, identity, type, studies: [study], patients: sharedPatients };
  return { id, identity, type, studies, patients };
}

function resolvedIn(share: ShareOfToken | null, study: string | null) {
  return study === null ? undefined : share?.resolved.find((one) => one.study === study || one.orthancId === study);
}

function useOf({ at, count, until, actor, use }: GatheredUse, id: string): WardenEvent {
  const common = { id, at, actor, source: noSource, share: null, outcome: 'success', reason: null } as const;
  if (use.name === 'api-key.used') return { ...common, name: use.name, detail: { count, until, keyId: use.keyId } };
  return { ...common, name: use.name, detail: { count, until, via: use.via, roles: use.roles } };
}
