export { ApiKeyUses, usesWrittenEvery } from './api-key-uses.js';
export { ApiKeysInForce } from './api-keys-in-force.js';
export { apiKeysErrors } from './api-keys.errors.js';
export { ApiKeysModule } from './api-keys.module.js';
export { ApiKeysFeed } from './infra/api-keys.feed.js';
export { isApiKey } from './key-text.js';
