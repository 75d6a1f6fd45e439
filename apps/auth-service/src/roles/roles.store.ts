import type { RolesDocument } from '@warden/permissions';

export interface RolesVersion {
  /** Grows with every change; numbers may be left out. */
  readonly version: number;
  readonly document: RolesDocument;
  /** Milliseconds since the epoch. */
  readonly madeAt: number;
  readonly madeBy: string;
  /** Null: not told. */
  readonly reason: string | null;
}

/** Who puts a further version in force, when and why. */
export interface RolesChange {
  readonly madeBy: string;
  readonly madeAt: number;
  readonly reason: string | null;
  /** The version that the author has seen; null: whichever is in force. */
  readonly expected: number | null;
}

export interface RolesPage {
  readonly limit: number;
  /** Only versions before this one; null: from the newest on. */
  readonly before: number | null;
}

/** The versions of the roles document; the newest is in force. None is ever changed or taken away. */
export abstract class RolesStore {
  /** Stores the first version, unless there is one. True when it was stored. Safe for replicas that start together. */
  abstract seed(document: RolesDocument, madeBy: string, madeAt: number): Promise<boolean>;
  /**
   * Stores a further version and tells every replica, in one transaction. `next` makes it from the one in force, which
   * nobody can replace meanwhile; what `next` throws leaves everything as it was. Before the first version it is given
   * an empty document.
   *
   * @throws `roles-changed` when another version than the expected one is in force.
   */
  abstract append(change: RolesChange, next: (before: RolesDocument) => RolesDocument): Promise<RolesVersion>;
  /** Null: there is no such version. */
  abstract find(version: number): Promise<RolesVersion | null>;
  /** Newest first. */
  abstract page(page: RolesPage): Promise<RolesVersion[]>;
}
