import { type ApiKey, stateOf } from './api-key.js';
import type { ApiKeyDto, ShownApiKeyDto } from './api-keys.dto.js';
import type { ShownApiKey } from './create-api-key.usecase.js';

/** The only way of a key to the outside: never a digest, and its text only where it was just made. */
export function presentApiKey(key: ApiKey, now: number): ApiKeyDto {
  const { owner, rotation, revocation } = key;
  const overlap = rotation === null || rotation.previousUntil <= now ? null : rotation.previousUntil;
  return {
    id: key.id,
    publicPart: key.publicPart,
    state: stateOf(key, now),
    name: key.name,
    owner: { kind: owner.kind, id: owner.kind === 'user' ? owner.id : null, name: owner.name },
    permissions: [...key.permissions],
    labels: [...key.labels],
    createdAt: iso(key.createdAt),
    createdBy: key.createdBy,
    expiresAt: isoOrNull(key.expiresAt),
    lastUsedAt: isoOrNull(key.lastUsedAt),
    rotatedAt: isoOrNull(rotation?.at),
    rotatedBy: rotation?.by ?? null,
    overlapEndsAt: isoOrNull(overlap),
    revokedAt: isoOrNull(revocation?.at),
    revokedBy: revocation?.by ?? null,
    revokeReason: revocation?.reason ?? null,
  };
}

export function presentShownApiKey({ key, text }: ShownApiKey, now: number): ShownApiKeyDto {
  return { ...presentApiKey(key, now), key: text.reveal() };
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

function isoOrNull(epochMs: number | null | undefined): string | null {
  return epochMs === null || epochMs === undefined ? null : iso(epochMs);
}
