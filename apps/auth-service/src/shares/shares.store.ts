import type { EventShare, WardenEvent } from '@warden/events';
import type { RevokedShare } from '../tokens/index.js';
import type { Revocation, Share, ShareState } from './share.js';

/** Ties a request to the share that it made, for 24 hours. */
export interface IdempotentRequest {
  readonly caller: string;
  readonly key: string;
  /** SHA-256 of what was asked. */
  readonly hash: Buffer;
}

export type Added =
  | { readonly outcome: 'added' }
  /** The key was used before; `sameRequest` tells whether for the same thing. Nothing was stored now. */
  | { readonly outcome: 'replayed'; readonly share: Share; readonly sameRequest: boolean };

/** Which shares are meant: every member that is given must match, exactly. Times in milliseconds since the epoch. */
export interface ShareFilter {
  readonly mintedBy?: string;
  readonly label?: string;
  readonly type?: string;
  /** `kid` of the key that signed. */
  readonly keyId?: string;
  /** E-mail address where it holds an `@`, in any case; else a name. */
  readonly recipient?: string;
  /** Shares that hold this study as one of their resources. */
  readonly studyDicomUid?: string;
  readonly studyOrthancId?: string;
  /** PatientID of a shared resource of level patient, or of a study that the archive told for the share. */
  readonly patientId?: string;
  /** `unresolved`: the archive is still to be asked what is shared, or did not have all of it. */
  readonly images?: ImagesState;
  /** As of the moment `now`. */
  readonly state?: { readonly is: ShareState; readonly now: number };
  /** `After` begins with its moment, `Before` ends short of it. A share that never expires expires after every moment. */
  readonly mintedAfter?: number;
  readonly mintedBefore?: number;
  readonly expiresAfter?: number;
  readonly expiresBefore?: number;
}

export const imagesStates = ['resolved', 'unresolved'] as const;

export type ImagesState = (typeof imagesStates)[number];

export type ShareOrder = 'newest-first' | 'oldest-first';

export interface SharesPage {
  readonly filter: ShareFilter;
  /** By the moment of minting, then by id. */
  readonly order: ShareOrder;
  readonly limit: number;
  /** Shares that come after the one with this id, which must be in the registry; null begins at the beginning. */
  readonly after: string | null;
}

/** Shares to be ended together, of those that are neither revoked nor expired. */
export interface SharesToEnd {
  readonly filter: Omit<ShareFilter, 'state'>;
  /**
   * True: `mintedBefore` also takes links that did not say when they were minted, as rules do. The registry knows such
   * a link by the moment at which it was adopted.
   */
  readonly undatedToo: boolean;
}

export interface ShareAfterwards {
  /** The share itself, and nothing told: it stays as it is. */
  readonly after: Share;
  /** Null: nothing to tell. */
  readonly told: WardenEvent | null;
}

export interface ChangedShare {
  readonly before: Share;
  readonly after: Share;
}

/** The registry. Every method fails with `database-unavailable` when the database is gone, and has then changed nothing. */
export abstract class SharesStore {
  /** Durable when it returns, with the event. Two racing calls with one key store one share. */
  abstract add(share: Share, idempotent: IdempotentRequest | null, told: WardenEvent): Promise<Added>;
  /** The share that a key of the last 24 hours stands for, and what was asked; null: none. */
  abstract findRequest(caller: string, key: string): Promise<{ readonly share: Share; readonly hash: Buffer } | null>;
  /** Stores a share that was minted elsewhere, unless its identity is known already. */
  abstract adopt(share: Share): Promise<void>;
  abstract find(id: string): Promise<Share | null>;
  abstract findByIdentity(identity: string): Promise<Share | null>;
  /** By the SHA-256 of its short link, base64url. */
  abstract findByHandle(handleHash: string): Promise<Share | null>;
  /**
   * Stores what `change` makes of the terms and the expiry of a share, which nobody can change meanwhile, and tells every
   * replica of an end that came closer, moved or went; with the event, in one transaction. Null: it is not there. What `change` throws leaves all as it was.
   *
   * @throws `share-changed` when another revision than the expected one is there.
   */
  abstract change(
    id: string,
    expected: number | null,
    change: (before: Share) => ShareAfterwards,
  ): Promise<ChangedShare | null>;
  /** At most `limit`. */
  abstract list(page: SharesPage): Promise<Share[]>;
  /** Marks the share, tells every replica and records the event, in one transaction. False when it was revoked before or is not there. */
  abstract revoke(share: Share, revocation: Revocation, told: WardenEvent): Promise<boolean>;
  /** How many of them there are, at the moment `now`. */
  abstract countLive(shares: SharesToEnd, now: number): Promise<number>;
  /** Ids of all of them, each once, so many at a time, those of a time ascending. What comes in meanwhile may be left out. */
  abstract idsToEnd(shares: SharesToEnd, now: number, batch: number): AsyncIterable<readonly string[]>;
  /**
   * Marks those of these shares, and of those that they took the place of, that are neither revoked nor expired, tells every replica and records an event of each, in
   * one transaction. Returns those that it marked.
   */
  abstract revokeThese(
    ids: readonly string[],
    revocation: Revocation,
    tell: (share: EventShare) => WardenEvent,
  ): Promise<readonly RevokedShare[]>;
  /** Drops idempotency keys older than 24 hours. */
  abstract forgetOldKeys(): Promise<void>;
}
