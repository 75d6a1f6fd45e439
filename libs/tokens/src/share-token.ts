import type { ShareResource } from './share-payload.js';

/** A share token whose signature was verified. Times in milliseconds since 1970. */
export interface ShareToken {
  /**
   * What revocation and the registry know the token by: its `jti` when that is the canonical base64url of 16 bytes (22
   * characters), else the base64url SHA-256 of its `header.payload` text (43 characters). Not of the whole token: a
   * signature may be followed by a `=`, and revoking one spelling must revoke the other.
   */
  readonly identity: string;
  readonly jti: string | null;
  /** Minted by this project with the key that signs now: canonical `jti`, and a `kid` that names the key. */
  readonly ours: boolean;
  /** The key that verified it, whatever its header says. */
  readonly kid: string;
  /** That key vouches only for tokens that the registry knows; the caller must ask it. */
  readonly keyRegisteredOnly: boolean;
  readonly generation: 1 | 2 | 3;
  /** The `id` of the payload: a text for people, not unique. */
  readonly label: string | null;
  readonly type: string | null;
  readonly resources: readonly ShareResource[];
  readonly anonymized: boolean;
  /** Refused from this moment on; null = never. */
  readonly expiresAt: number | null;
  readonly notBefore: number | null;
  readonly issuedAt: number | null;
  /** Seconds. */
  readonly validityDuration: number | null;
}
