import { Module } from '@nestjs/common';
import { BrowseRoles } from './browse-roles.usecase.js';
import { PostgresRolesStore } from './infra/postgres-roles.store.js';
import { RolesFeed } from './infra/roles.feed.js';
import { KnownRealmRoles } from './known-realm-roles.js';
import { ReadRoles } from './read-roles.usecase.js';
import { ReplaceRoles } from './replace-roles.usecase.js';
import { RestoreRoles } from './restore-roles.usecase.js';
import { RolesController } from './roles.controller.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore } from './roles.store.js';
import { WriteRoles } from './write-roles.usecase.js';

/** Needs `RealmRolesModule` beside it, which says who answers for the directory. */
@Module({
  controllers: [RolesController],
  providers: [
    RolesInForce,
    RolesFeed,
    KnownRealmRoles,
    BrowseRoles,
    ReadRoles,
    ReplaceRoles,
    RestoreRoles,
    WriteRoles,
    { provide: RolesStore, useClass: PostgresRolesStore },
  ],
  exports: [RolesFeed, RolesInForce, RolesStore, ReadRoles, ReplaceRoles],
})
export class RolesModule {}
