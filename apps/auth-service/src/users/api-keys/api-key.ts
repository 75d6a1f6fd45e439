/** Whom a key belongs to. A service has no account anywhere, so its name is all there is. */
export type ApiKeyOwner =
  | { readonly kind: 'user'; readonly id: string; readonly name: string | null }
  | { readonly kind: 'service'; readonly name: string };

/** What is kept of a key. Times in milliseconds since the epoch. Never its text. */
export interface ApiKey {
  /** UUIDv7, made here. */
  readonly id: string;
  /** `owk_` and twelve characters: the beginning of the text, the same through all rotations. */
  readonly publicPart: string;
  readonly name: string;
  readonly owner: ApiKeyOwner;
  readonly permissions: readonly string[];
  readonly labels: readonly string[];
  readonly createdAt: number;
  readonly createdBy: string;
  /** Null: never. */
  readonly expiresAt: number | null;
  readonly rotation: Rotation | null;
  readonly revocation: Revocation | null;
  /** As last written, so up to a minute behind. */
  readonly lastUsedAt: number | null;
  /** Grows with every rotation and with the revocation: which of two copies is the newer one. */
  readonly version: number;
}

/** The latest one. */
export interface Rotation {
  readonly at: number;
  readonly by: string;
  /** Until when the secret before this rotation works; not later than `at` when it ended at once. */
  readonly previousUntil: number;
}

export interface Revocation {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

/** One of the secrets of a key, by what is kept of it. */
export interface KeySecret {
  /** SHA-256 of the whole text, 64 hexadecimal digits. */
  readonly digest: string;
  /** Null: the current one. */
  readonly endsAt: number | null;
}

/** A key with the secrets that open it, or did so until lately. */
export interface KeyWithSecrets {
  readonly key: ApiKey;
  readonly secrets: readonly KeySecret[];
}

export const apiKeyStates = ['live', 'expired', 'revoked'] as const;
export type ApiKeyState = (typeof apiKeyStates)[number];

export function stateOf(key: ApiKey, now: number): ApiKeyState {
  if (key.revocation !== null) return 'revoked';
  return key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'live';
}

/** Milliseconds for which an ended key or secret is told from an unknown one. */
export const endedKeysRememberedMs = 30 * 86_400_000;
