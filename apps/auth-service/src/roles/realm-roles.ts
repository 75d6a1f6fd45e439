/** A role of the realm, as the directory lists it. */
export interface RealmRole {
  readonly name: string;
  readonly composite: boolean;
}

/** Which roles can be given to people: Keycloak's, when there is one. Bound by the composition root. */
export abstract class RealmRoles {
  /** False: there is no directory to ask; what is stored is all there is. */
  abstract readonly configured: boolean;
  /** False: people get roles from elsewhere too (OIDC_ISSUERS), so a role that the directory lacks may still be held. */
  abstract readonly exhaustive: boolean;
  /** Every role in the directory's order. May throw, and may be slow, when the directory is down. */
  abstract names(): Promise<readonly RealmRole[]>;
}

/** An installation without a directory. */
export class NoRealmRoles extends RealmRoles {
  readonly configured = false;
  readonly exhaustive = false;

  names(): Promise<readonly RealmRole[]> {
    return Promise.resolve([]);
  }
}
