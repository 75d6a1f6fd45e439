export {
  ApiKeyUses,
  ApiKeysFeed,
  ApiKeysInForce,
  ApiKeysModule,
  apiKeysErrors,
  usesWrittenEvery,
} from './api-keys/index.js';
export { Callers } from './callers.js';
export { CallerProfile } from './caller-profile.usecase.js';
export { Directory } from './directory.js';
export { DirectoryModule } from './directory.module.js';
export { IdentityTally } from './identity-tally.js';
export { type ProfileQuestion, ResolveProfile } from './resolve-profile.usecase.js';
export { TrustedIssuers } from './trusted-issuers.js';
export { usersErrors } from './users.errors.js';
export { UsersModule } from './users.module.js';
