export { BasicCallers } from './basic-callers.js';
export { type ProfileQuestion, ResolveProfile } from './resolve-profile.usecase.js';
export { UsersModule } from './users.module.js';
