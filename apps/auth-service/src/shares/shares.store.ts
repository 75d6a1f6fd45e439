import type { Revocation, Share } from './share.js';

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

export interface SharesPage {
  /** Null: everyone's. */
  readonly mintedBy: string | null;
  readonly limit: number;
  /** Shares made before the one with this id; null begins with the newest. */
  readonly before: string | null;
}

/** The registry. Every method fails with `database-unavailable` when the database is gone, and has then changed nothing. */
export abstract class SharesStore {
  /** Durable when it returns. Two racing calls with one key store one share. */
  abstract add(share: Share, idempotent: IdempotentRequest | null): Promise<Added>;
  /** Stores a share that was minted elsewhere, unless its identity is known already. */
  abstract adopt(share: Share): Promise<void>;
  abstract find(id: string): Promise<Share | null>;
  /** Newest first; at most `limit`. */
  abstract list(page: SharesPage): Promise<Share[]>;
  /** Marks the share and tells every replica, in one transaction. False when it was revoked before or is not there. */
  abstract revoke(share: Share, revocation: Revocation): Promise<boolean>;
  /** Drops idempotency keys older than 24 hours. */
  abstract forgetOldKeys(): Promise<void>;
}
