import { Module } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { viewerTypes } from '../../tokens/index.js';
import { BrowseSharePolicy } from './browse-share-policy.usecase.js';
import { PostgresSharePolicyStore } from './infra/postgres-share-policy.store.js';
import { SharePolicyFeed } from './infra/share-policy.feed.js';
import { RestoreSharePolicy } from './restore-share-policy.usecase.js';
import { SharePolicies } from './share-policies.js';
import { SharePolicyController } from './share-policy.controller.js';
import { SharePolicyInForce } from './share-policy-in-force.js';
import { SharePolicyStore } from './share-policy.store.js';
import { ShareTypes } from './share-types.js';
import { WriteSharePolicy } from './write-share-policy.usecase.js';

@Module({
  controllers: [SharePolicyController],
  providers: [
    BrowseSharePolicy,
    RestoreSharePolicy,
    WriteSharePolicy,
    SharePolicies,
    SharePolicyFeed,
    SharePolicyInForce,
    { provide: SharePolicyStore, useClass: PostgresSharePolicyStore },
    {
      provide: ShareTypes,
      inject: [CONFIG],
      useFactory: ({ links }: Config): ShareTypes => ({ names: [...viewerTypes, ...links.extraTypes.keys()] }),
    },
  ],
  exports: [SharePolicies, SharePolicyFeed],
})
export class SharePolicyModule {}
