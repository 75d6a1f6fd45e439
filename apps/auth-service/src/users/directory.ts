/** A user as the directory (Keycloak's admin REST) knows one. */
export interface DirectoryUser {
  readonly id: string;
  readonly username: string;
  readonly enabled: boolean;
  /** Milliseconds since the epoch before which the user is not valid; null: none. */
  readonly notBefore: number | null;
}

/** The directory does not answer, refuses our client, or answers what cannot be read. `message` says which, for the log. */
export class DirectoryUnavailable extends Error {}

/** Keycloak's admin REST, as far as this service needs it. Every call has a time limit; all throw `DirectoryUnavailable`. */
export abstract class Directory {
  /** False: KEYCLOAK_CLIENT_SECRET is not set, so nothing can be asked. */
  abstract readonly configured: boolean;
  /** Users whose attribute `api-key` is exactly this, compared in constant time here: the directory folds case. */
  abstract usersByApiKey(key: string): Promise<readonly DirectoryUser[]>;
  /** Names of the user's effective realm roles: not composite, without `offline_access` and `uma_authorization`. */
  abstract rolesOf(userId: string): Promise<readonly string[]>;
  abstract userById(userId: string): Promise<DirectoryUser | null>;
  /** Every realm role, composite or not, in the directory's order. */
  abstract realmRoles(): Promise<readonly { readonly name: string; readonly composite: boolean }[]>;
}
