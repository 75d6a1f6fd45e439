import { Module } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { Database } from '../../platform/database/database.js';
import { Clock } from '../../platform/time/clock.js';
import { AccessRecorder, recorderSettings } from './access-recorder.js';
import { FlushAccessEvents } from './flush-access-events.usecase.js';
import { PostgresSharesOfTokens } from './infra/postgres-shares-of-tokens.js';
import { RememberedShares } from './remembered-shares.js';
import { SharesOfTokens } from './shares-of-tokens.js';

/** What is asked many times a second. */
@Module({
  providers: [
    {
      provide: AccessRecorder,
      inject: [CONFIG],
      useFactory: ({ audit, decisions }: Config) =>
        new AccessRecorder(recorderSettings(decisions.grantValidity, audit)),
    },
    {
      provide: SharesOfTokens,
      inject: [Database, Clock],
      useFactory: (database: Database, clock: Clock) =>
        new RememberedShares(new PostgresSharesOfTokens(database), clock),
    },
    FlushAccessEvents,
  ],
  exports: [AccessRecorder, FlushAccessEvents],
})
export class AccessModule {}
