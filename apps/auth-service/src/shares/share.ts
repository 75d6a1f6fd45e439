import type { ShareResource } from '@warden/tokens';

/** What the recipient has to know beside the link. */
export const gateKinds = ['pin', 'birth-date', 'email-code'] as const;

export type GateKind = (typeof gateKinds)[number];

export interface Gate {
  readonly kind: GateKind;
  /** PHC text over a keyed digest; null for an e-mailed code, which is made anew each time. */
  readonly hash: string | null;
}

/** Somebody outside, as the sharer names them. */
export interface Recipient {
  readonly name: string | null;
  readonly email: string | null;
}

/** Why and for whom a share was made, and how it opens. Times in milliseconds since the epoch. */
export interface ShareTerms {
  /** Of the sharer, for people; null: not known. */
  readonly mintedByName: string | null;
  readonly recipient: Recipient | null;
  /** In the sharer's words. */
  readonly reason: string | null;
  /** Code of HL7 v3 PurposeOfUse. */
  readonly purposeOfUse: string | null;
  /** Of the recipient: one of the landing page's. */
  readonly language: string | null;
  readonly notBefore: number | null;
  /** How many recipients may open it; the same one is counted once. */
  readonly maxOpens: number | null;
  readonly opens: number;
  readonly gate: Gate | null;
  /** The token is no key: it carries no resources and is exchanged for a viewer's. */
  readonly gated: boolean;
  /** Types that the recipient may choose among; null: the share's own alone. */
  readonly viewers: readonly string[] | null;
  readonly offersDownload: boolean;
  /** The images may be looked at and not taken away, which the guard keeps. */
  readonly noArchive: boolean;
  /** SHA-256 of the short link, base64url; null: the link is the token. */
  readonly handleHash: string | null;
  readonly lockedAt: number | null;
  /** Brought forward: `at` is what the token says, null for never. */
  readonly tokenEnd: { readonly at: number | null } | null;
  /** Id of the share that this one was made from. */
  readonly replaces: string | null;
  /** Grows with each change. */
  readonly revision: number;
}

/** Of a share that is a plain link. */
export const plainTerms: ShareTerms = {
  mintedByName: null,
  recipient: null,
  reason: null,
  purposeOfUse: null,
  language: null,
  notBefore: null,
  maxOpens: null,
  opens: 0,
  gate: null,
  gated: false,
  viewers: null,
  offersDownload: false,
  noArchive: false,
  handleHash: null,
  lockedAt: null,
  tokenEnd: null,
  replaces: null,
  revision: 1,
};

/** What the registry keeps of a share. Times in milliseconds since the epoch. Never the token. */
export interface Share extends ShareTerms {
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

/** In the order in which a share goes through them. `closed`: nobody new comes in, viewers that run go on. */
export const shareStates = ['scheduled', 'live', 'closed', 'expired', 'revoked'] as const;

export type ShareState = (typeof shareStates)[number];

export function stateOf(share: Share, now: number): ShareState {
  if (share.revocation !== null) return 'revoked';
  if (share.expiresAt !== null && share.expiresAt <= now) return 'expired';
  if (closureOf(share) !== null) return 'closed';
  return share.notBefore !== null && now < share.notBefore ? 'scheduled' : 'live';
}

/** As `stateOf`, with the cause in place of `closed`. */
export function standingOf(share: Share, now: number): Exclude<ShareState, 'closed'> | 'locked' | 'used-up' {
  const state = stateOf(share, now);
  return state === 'closed' ? (closureOf(share) ?? 'live') : state;
}

/** Why nobody new comes in. */
export function closureOf({ lockedAt, maxOpens, opens }: ShareTerms): 'locked' | 'used-up' | null {
  if (lockedAt !== null) return 'locked';
  return maxOpens !== null && opens >= maxOpens ? 'used-up' : null;
}

/** Until when the token itself would be good, in milliseconds since the epoch; null: for ever. */
export function endOfToken({ expiresAt, tokenEnd }: Pick<Share, 'expiresAt' | 'tokenEnd'>): number | null {
  return tokenEnd === null ? expiresAt : tokenEnd.at;
}
