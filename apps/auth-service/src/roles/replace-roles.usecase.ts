import { Injectable } from '@nestjs/common';
import { type RolesDocument, hasAdministrator } from '@warden/permissions';
import { Clock } from '../platform/time/clock.js';
import { lastAdministrator } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore } from './roles.store.js';

/** Puts a further version of the whole document in force; the earlier ones are kept. */
@Injectable()
export class ReplaceRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly inForce: RolesInForce,
    private readonly clock: Clock,
  ) {}

  async execute(document: RolesDocument, madeBy: string): Promise<void> {
    if (!hasAdministrator(document)) throw lastAdministrator();
    this.inForce.take(await this.store.append(document, madeBy, this.clock.now()));
  }
}
