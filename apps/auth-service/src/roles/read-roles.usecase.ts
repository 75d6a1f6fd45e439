import { Injectable } from '@nestjs/common';
import type { RolesDocument } from '@warden/permissions';
import { KnownRealmRoles } from './known-realm-roles.js';
import { RolesInForce } from './roles-in-force.js';
import { visibleRoles } from './visible-roles.js';

/**
 * The roles as the user interface shows them: what the directory has, configured or not. While the directory is down,
 * and without one, the stored roles. Rights are read from `RolesInForce`, not from here.
 */
@Injectable()
export class ReadRoles {
  constructor(
    private readonly inForce: RolesInForce,
    private readonly realm: KnownRealmRoles,
  ) {}

  async execute(): Promise<RolesDocument> {
    this.inForce.require();
    const realm = await this.realm.now();
    const { document } = this.inForce.require();
    if (realm === null) return document;
    const stored = Object.keys(document.roles).map((name) => ({ name, composite: false }));
    return visibleRoles(document, this.realm.hides ? realm : [...realm, ...stored]);
  }
}
