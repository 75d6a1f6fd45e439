import { Module } from '@nestjs/common';
import { ChangeFeed } from '../../platform/feed/change-feed.js';
import { ApiKeyUses } from './api-key-uses.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { ApiKeysStore } from './api-keys.store.js';
import { BrowseApiKeys } from './browse-api-keys.usecase.js';
import { CreateApiKey } from './create-api-key.usecase.js';
import { ApiKeysFeed } from './infra/api-keys.feed.js';
import { PostgresApiKeysStore } from './infra/postgres-api-keys.store.js';
import { RevokeApiKey } from './revoke-api-key.usecase.js';
import { RotateApiKey } from './rotate-api-key.usecase.js';

@Module({
  controllers: [ApiKeysController],
  providers: [
    ApiKeyUses,
    ApiKeysFeed,
    BrowseApiKeys,
    CreateApiKey,
    RevokeApiKey,
    RotateApiKey,
    { provide: ApiKeysStore, useClass: PostgresApiKeysStore },
    {
      provide: ApiKeysInForce,
      inject: [ApiKeyUses, ChangeFeed],
      useFactory: (uses: ApiKeyUses, feed: ChangeFeed) => new ApiKeysInForce(uses, () => feed.state()),
    },
  ],
  exports: [ApiKeysInForce, ApiKeysFeed, ApiKeyUses],
})
export class ApiKeysModule {}
