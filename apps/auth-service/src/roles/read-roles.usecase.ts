import { Injectable } from '@nestjs/common';
import type { RolesDocument } from '@warden/permissions';
import { rolesNotLoaded } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';

/** The roles document in force, from memory. */
@Injectable()
export class ReadRoles {
  constructor(private readonly inForce: RolesInForce) {}

  execute(): RolesDocument {
    const current = this.inForce.get();
    if (current === null) throw rolesNotLoaded();
    return current.document;
  }
}
