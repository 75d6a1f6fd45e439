import type { Secret } from '../../platform/observability/secret.js';

/** What the proof of the record is made with. */
export abstract class ProofSettings {
  /** PKCS#8 PEM of an Ed25519 key; null: the key is derived from `secret`. */
  abstract readonly signingKey: Secret | null;
  /** The key that signs links. */
  abstract readonly secret: Secret;
  /** Those before it: checkpoints may be signed with what was derived from them. */
  abstract readonly previousSecrets: readonly Secret[];
  abstract readonly everyMs: number;
  /** Null: checkpoints go to no file. */
  abstract readonly file: string | null;
  /** What this record is called in checkpoints. */
  abstract readonly origin: string;
}
