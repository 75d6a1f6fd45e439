import type { SharePolicyDocument } from './share-policy-document.js';

export interface SharePolicyVersion {
  /** Grows with every change; numbers may be left out. 0: built in, nobody wrote one yet. */
  readonly version: number;
  readonly document: SharePolicyDocument;
  /** Milliseconds since the epoch; null for the one that is built in. */
  readonly madeAt: number | null;
  readonly madeBy: string;
  /** Null: not told. */
  readonly reason: string | null;
}

/** Who puts a further version in force, when and why. */
export interface SharePolicyChange {
  readonly madeBy: string;
  readonly madeAt: number;
  readonly reason: string | null;
  /** The version that the author has seen, 0 for the one that is built in; null: whichever is in force. */
  readonly expected: number | null;
}

export interface SharePolicyPage {
  readonly limit: number;
  /** Only versions before this one; null: from the newest on. */
  readonly before: number | null;
}

/** The versions of the share policy that somebody wrote; the newest is in force. None is ever changed or taken away. */
export abstract class SharePolicyStore {
  /**
   * Stores a further version and tells every replica, in one transaction.
   *
   * @throws `share-policy-changed` when another version than the expected one is in force.
   */
  abstract append(document: SharePolicyDocument, change: SharePolicyChange): Promise<SharePolicyVersion>;
  /** Null: there is no such version. */
  abstract find(version: number): Promise<SharePolicyVersion | null>;
  /** Newest first. */
  abstract page(page: SharePolicyPage): Promise<SharePolicyVersion[]>;
}
