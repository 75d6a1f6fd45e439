import { Injectable } from '@nestjs/common';
import { type RolesDocument, hasAdministrator } from '@warden/permissions';
import { Acts } from '../audit/index.js';
import { Clock } from '../platform/time/clock.js';
import { type RolesAuthor, changeBy, rolesChangedBy } from './roles-author.js';
import { lastAdministrator } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore } from './roles.store.js';
import { type DescribedVersion, described } from './role-history.js';

/** Puts a whole document in force, for callers who see all of it: what it leaves out is gone from the new version. */
@Injectable()
export class WriteRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly inForce: RolesInForce,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(document: RolesDocument, author: RolesAuthor): Promise<DescribedVersion> {
    if (!hasAdministrator(document)) throw lastAdministrator();
    let before: RolesDocument | null = null;
    const made = await this.acts.do(
      () =>
        this.store.append(changeBy(author, this.clock.now()), (stored) => {
          before = stored;
          return document;
        }),
      (version) => rolesChangedBy(author, version, before),
    );
    this.inForce.take(made);
    return described(made, before);
  }
}
