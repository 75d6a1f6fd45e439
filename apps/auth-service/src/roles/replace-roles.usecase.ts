import { Injectable } from '@nestjs/common';
import { MAX_ROLES, type RolesDocument, hasAdministrator } from '@warden/permissions';
import { Acts } from '../audit/index.js';
import type { Caller } from '../platform/http/caller.js';
import { Clock } from '../platform/time/clock.js';
import { KnownRealmRoles } from './known-realm-roles.js';
import { type RolesAuthor, changeBy, rolesChangedBy } from './roles-author.js';
import { lastAdministrator, tooManyRoles } from './roles.errors.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore, type RolesVersion } from './roles.store.js';
import { keepingHidden } from './visible-roles.js';

/**
 * Replaces what the caller could see (`ReadRoles`); stored roles that were hidden from them are kept. The roles that
 * they give must name an administrator: one that is hidden is a role that nobody holds.
 *
 * What is hidden is judged by the directory's answer now, or, while it is down, by the last one that it gave. Without
 * any, every stored role that is left out is kept, since the list may have come from another replica or an earlier
 * process that hid it. So an outage can keep a role that should go, and can never lose one.
 */
@Injectable()
export class ReplaceRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly inForce: RolesInForce,
    private readonly realm: KnownRealmRoles,
    private readonly acts: Acts,
    private readonly clock: Clock,
  ) {}

  async execute(given: RolesDocument, caller: Caller): Promise<RolesVersion> {
    if (!hasAdministrator(given)) throw lastAdministrator();
    // Asked before the lock: nobody else waits for the directory.
    const realm = await this.realm.lastKnown();
    const author: RolesAuthor = { caller, reason: null, expected: null };
    let before: RolesDocument | null = null;
    const made = await this.acts.do(
      () =>
        this.store.append(changeBy(author, this.clock.now()), (stored) => {
          before = stored;
          return this.kept(stored, given, realm);
        }),
      (version) => rolesChangedBy(author, version, before),
    );
    this.inForce.take(made);
    return made;
  }

  private kept(stored: RolesDocument, given: RolesDocument, realm: Parameters<typeof keepingHidden>[2]): RolesDocument {
    if (!this.realm.hides) return given;
    const kept = keepingHidden(stored, given, realm);
    const count = Object.keys(kept.roles).length;
    if (count > MAX_ROLES) throw tooManyRoles(count - Object.keys(given.roles).length);
    return kept;
  }
}
