import { Injectable } from '@nestjs/common';
import { type RolesDocument, hasAdministrator } from '@warden/permissions';
import { Clock } from '../platform/time/clock.js';
import { lastAdministrator } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore } from './roles.store.js';
import { type DescribedVersion, described } from './role-history.js';

export interface RolesAuthor {
  readonly madeBy: string;
  readonly reason: string | null;
  /** The version that the author has seen; null: whichever is in force. */
  readonly expected: number | null;
}

/** Puts a whole document in force, for callers who see all of it: what it leaves out is gone from the new version. */
@Injectable()
export class WriteRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly inForce: RolesInForce,
    private readonly clock: Clock,
  ) {}

  async execute(document: RolesDocument, author: RolesAuthor): Promise<DescribedVersion> {
    if (!hasAdministrator(document)) throw lastAdministrator();
    let before: RolesDocument | null = null;
    const made = await this.store.append({ ...author, madeAt: this.clock.now() }, (stored) => {
      before = stored;
      return document;
    });
    this.inForce.take(made);
    return described(made, before);
  }
}
