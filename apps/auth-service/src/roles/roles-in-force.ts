import { Injectable } from '@nestjs/common';
import type { RolesVersion } from './roles.store.js';
import { rolesNotLoaded } from './roles.errors.js';

/** The roles document in memory: OE2 asks for it on every page load. */
@Injectable()
export class RolesInForce {
  private current: RolesVersion | null = null;

  /** Null until the first load. */
  get(): RolesVersion | null {
    return this.current;
  }

  /** The version in force, whole: rights are read from it. Throws `roles-not-loaded` until the first load. */
  require(): RolesVersion {
    if (this.current === null) throw rolesNotLoaded();
    return this.current;
  }

  /** An older version than the one in force is ignored: the feed may bring it late. */
  take(version: RolesVersion): void {
    if (this.current === null || version.version >= this.current.version) this.current = version;
  }
}
