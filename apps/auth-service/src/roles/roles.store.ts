import type { RolesDocument } from '@warden/permissions';

export interface RolesVersion {
  /** Grows with every change. */
  readonly version: number;
  readonly document: RolesDocument;
}

/** The versions of the roles document; the newest is in force. */
export abstract class RolesStore {
  /** Stores the first version, unless there is one. True when it was stored. Safe for replicas that start together. */
  abstract seed(document: RolesDocument, madeBy: string, madeAt: number): Promise<boolean>;
  /** Stores a further version and tells every replica, in one transaction. */
  abstract append(document: RolesDocument, madeBy: string, madeAt: number): Promise<RolesVersion>;
}
