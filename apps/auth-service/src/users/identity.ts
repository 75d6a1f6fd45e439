/** Who a credential stands for, before roles are turned into permissions. */
export interface Identity {
  /** Stable text for the record, `<source>:<id>`: `keycloak:6f1c…`, `entra:a1b2…`, `key:0192…`. */
  readonly id: string;
  /** Name of the issuer in the settings; `keycloak-api-key` or `api-key` for keys. */
  readonly source: string;
  /** For people; may be empty. */
  readonly name: string;
  /** The issuer's id of the user (`sub`); null for a service. */
  readonly userId: string | null;
  /** Null: the issuer does not say. */
  readonly groups: readonly string[] | null;
  /** Names of roles, configured or not, in the issuer's order. */
  readonly roles: readonly string[];
  /** What the credential carries by itself, whatever the roles say: scopes of an API key, label templates of an issuer. */
  readonly own: OwnRights;
  /** Milliseconds since the epoch; null: no end. */
  readonly expiresAt: number | null;
}

export interface OwnRights {
  readonly permissions: readonly string[];
  readonly labels: readonly string[];
}

export const nothingOfItsOwn: OwnRights = { permissions: [], labels: [] };

/** Why a credential stands for nobody. Closed: the log, the metrics and explain name it. */
export type IdentityFault =
  | 'malformed'
  | 'unknown-issuer'
  | 'unsupported-algorithm'
  | 'unknown-key'
  | 'bad-signature'
  | 'wrong-audience'
  | 'wrong-token-type'
  | 'expired'
  | 'not-yet-valid'
  | 'missing-claim'
  | 'no-roles-in-token'
  | 'inactive'
  | 'malformed-key'
  | 'unknown-api-key'
  | 'revoked-api-key'
  | 'ambiguous-api-key'
  | 'user-disabled'
  | 'not-configured'
  /** It cannot be told now: the issuer or the directory does not answer. Never the fault of the caller. */
  | 'unavailable';

/** `detail` is a sentence for the installer: what was found, what was expected, what to change. Never a token or a key. */
export type IdentityVerdict =
  | { readonly ok: true; readonly identity: Identity }
  | { readonly ok: false; readonly reason: IdentityFault; readonly detail: string };

export function refused(reason: IdentityFault, detail: string): IdentityVerdict {
  return { ok: false, reason, detail };
}
