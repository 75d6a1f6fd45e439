import { Module } from '@nestjs/common';
import { PostgresRolesStore } from './infra/postgres-roles.store.js';
import { RolesFeed } from './infra/roles.feed.js';
import { ReadRoles } from './read-roles.usecase.js';
import { ReplaceRoles } from './replace-roles.usecase.js';
import { RolesInForce } from './roles-in-force.js';
import { RolesStore } from './roles.store.js';

@Module({
  providers: [RolesInForce, RolesFeed, ReadRoles, ReplaceRoles, { provide: RolesStore, useClass: PostgresRolesStore }],
  exports: [RolesFeed, RolesStore, ReadRoles, ReplaceRoles],
})
export class RolesModule {}
