import { Global, Module } from '@nestjs/common';
import { TokenSightings } from '../tokens/index.js';
import { AdoptShares } from './registry/adopt-shares.js';
import { PostgresSharesStore } from './infra/postgres-shares.store.js';
import { SharesStore } from './shares.store.js';

/**
 * The registry's storage and the adoption of foreign links. Global, because the verdict of `tokens` reports sightings
 * through a port of its own and may not import this feature.
 */
@Global()
@Module({
  providers: [
    { provide: SharesStore, useClass: PostgresSharesStore },
    AdoptShares,
    { provide: TokenSightings, useExisting: AdoptShares },
  ],
  exports: [SharesStore, AdoptShares, TokenSightings],
})
export class SharesStorageModule {}
