import type { SharePayload } from './share-payload.js';

/** A share token whose signature was verified: what it says, and who vouches for it. */
export interface ShareToken extends SharePayload {
  /**
   * What revocation and the registry know the token by: its `jti` when that is the canonical base64url of 16 bytes (22
   * characters), else the base64url SHA-256 of its `header.payload` text (43 characters). Not of the whole token: a
   * signature may be followed by a `=`, and revoking one spelling must revoke the other.
   */
  readonly identity: string;
  /** Minted by this project with the key that signs now: canonical `jti`, and a `kid` that names the key. */
  readonly ours: boolean;
  /** The key that verified it, whatever its header says. */
  readonly kid: string;
  /** That key vouches only for tokens that the registry knows; the caller must ask it. */
  readonly keyRegisteredOnly: boolean;
}
