import type { ShareResource } from '@warden/tokens';

/** What the registry keeps of a share. Times in milliseconds since the epoch. Never the token. */
export interface Share {
  /** UUIDv7, made here. */
  readonly id: string;
  /** What the token is known by: its jti, or its fingerprint. */
  readonly identity: string;
  /** `kid` of the key that signed. */
  readonly keyId: string;
  /** `adopted`: minted elsewhere with a key of ours, and seen here. */
  readonly origin: 'minted' | 'adopted';
  readonly type: string;
  /** The `id` that the plugin sends: a label, not unique. */
  readonly label: string | null;
  readonly serverId: string | null;
  readonly resources: readonly ShareResource[];
  readonly mintedAt: number;
  /** Null: not known, for an adopted share. */
  readonly mintedBy: string | null;
  readonly expiresAt: number | null;
  /** The expiry as it stands in the token. */
  readonly expiresText: string | null;
  /** Seconds, as asked for. */
  readonly validityDuration: number | null;
  readonly revocation: Revocation | null;
}

export interface Revocation {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

export const shareStates = ['live', 'expired', 'revoked'] as const;

export type ShareState = (typeof shareStates)[number];

export function stateOf(share: Share, now: number): ShareState {
  if (share.revocation !== null) return 'revoked';
  return share.expiresAt !== null && share.expiresAt <= now ? 'expired' : 'live';
}
