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
  /** Shares that hold this study as one of their resources. */
  readonly studyDicomUid?: string;
  readonly studyOrthancId?: string;
  /** PatientID of a shared resource of level patient. */
  readonly patientId?: string;
  /** As of the moment `now`. */
  readonly state?: { readonly is: ShareState; readonly now: number };
  /** `After` begins with its moment, `Before` ends short of it. A share that never expires expires after every moment. */
  readonly mintedAfter?: number;
  readonly mintedBefore?: number;
  readonly expiresAfter?: number;
  readonly expiresBefore?: number;
}

export type ShareOrder = 'newest-first' | 'oldest-first';

export interface SharesPage {
  readonly filter: ShareFilter;
  /** By the moment of minting, then by id. */
  readonly order: ShareOrder;
  readonly limit: number;
  /** Shares that come after the one with this id, which must be in the registry; null begins at the beginning. */
  readonly after: string | null;
}

/** Live shares to be ended together. */
export interface SharesToEnd {
  readonly filter: Omit<ShareFilter, 'state'>;
  /**
   * True: `mintedBefore` also takes links that did not say when they were minted, as rules do. The registry knows such
   * a link by the moment at which it was adopted.
   */
  readonly undatedToo: boolean;
}

export interface EndedShares {
  readonly ended: readonly RevokedShare[];
  /** Where the next call goes on; null: nothing is left. */
  readonly next: string | null;
}

/** The registry. Every method fails with `database-unavailable` when the database is gone, and has then changed nothing. */
export abstract class SharesStore {
  /** Durable when it returns. Two racing calls with one key store one share. */
  abstract add(share: Share, idempotent: IdempotentRequest | null): Promise<Added>;
  /** Stores a share that was minted elsewhere, unless its identity is known already. */
  abstract adopt(share: Share): Promise<void>;
  abstract find(id: string): Promise<Share | null>;
  /** At most `limit`. */
  abstract list(page: SharesPage): Promise<Share[]>;
  /** Marks the share and tells every replica, in one transaction. False when it was revoked before or is not there. */
  abstract revoke(share: Share, revocation: Revocation): Promise<boolean>;
  /** How many live shares are meant, at the moment `now`. */
  abstract countLive(shares: SharesToEnd, now: number): Promise<number>;
  /** Marks at most `limit` of the live shares that are meant and tells every replica, in one transaction. */
  abstract revokeSome(
    shares: SharesToEnd,
    revocation: Revocation,
    limit: number,
    after: string | null,
  ): Promise<EndedShares>;
  /** Drops idempotency keys older than 24 hours. */
  abstract forgetOldKeys(): Promise<void>;
}
