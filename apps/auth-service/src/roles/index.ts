export { RolesFeed } from './infra/roles.feed.js';
export { ReadRoles } from './read-roles.usecase.js';
export { ReplaceRoles } from './replace-roles.usecase.js';
export { rolesErrors } from './roles.errors.js';
export { RolesModule } from './roles.module.js';
export { RolesStore } from './roles.store.js';
