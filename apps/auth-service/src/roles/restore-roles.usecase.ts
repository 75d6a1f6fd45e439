import { Injectable } from '@nestjs/common';
import { noSuchRolesVersion } from './roles.errors.js';
import { RolesStore } from './roles.store.js';
import type { DescribedVersion } from './role-history.js';
import type { RolesAuthor } from './roles-author.js';
import { WriteRoles } from './write-roles.usecase.js';

/** Puts an old document in force again, as a further version: the history only grows. */
@Injectable()
export class RestoreRoles {
  constructor(
    private readonly store: RolesStore,
    private readonly write: WriteRoles,
  ) {}

  async execute(version: number, author: RolesAuthor): Promise<DescribedVersion> {
    const old = await this.store.find(version);
    if (old === null) throw noSuchRolesVersion();
    const told = author.reason === null ? '' : `: ${author.reason}`;
    return this.write.execute(old.document, { ...author, reason: `restored version ${version}${told}` });
  }
}
