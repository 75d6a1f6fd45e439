import { Module } from '@nestjs/common';
import { Keyring } from '@warden/tokens';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { ChangeFeed } from '../platform/feed/change-feed.js';
import { DecisionTally } from './decision-tally.js';
import { RevocationsFeed } from './infra/revocations.feed.js';
import { RegisteredTokens, RevocationList } from './revocation-list.js';
import { JudgeSettings, TokenJudge } from './token-judge.js';
import { TokenKeys } from './token-keys.js';
import { viewerTypes } from './token-types.js';
import { DecisionRules, ValidateToken } from './validate-token.usecase.js';

@Module({
  providers: [
    RevocationList,
    RegisteredTokens,
    TokenJudge,
    ValidateToken,
    DecisionTally,
    RevocationsFeed,
    {
      provide: TokenKeys,
      inject: [CONFIG],
      useFactory: ({ keys }: Config) =>
        new TokenKeys(
          Keyring.create({
            signing: keys.signing.reveal(),
            previous: keys.previous.map((one) => ({ ...one, key: one.key.reveal() })),
          }),
        ),
    },
    {
      provide: JudgeSettings,
      inject: [CONFIG, TokenKeys, ChangeFeed],
      useFactory: (config: Config, { keyring }: TokenKeys, feed: ChangeFeed): JudgeSettings => ({
        rules: {
          keyring,
          acceptUnregistered: config.decisions.acceptUnregistered,
          asksRegistry: !config.decisions.acceptUnregistered || config.keys.previous.some((one) => one.registeredOnly),
          knownTypes: new Set([...viewerTypes, ...config.links.extraTypes.keys()]),
          anonymizedServerId: config.decisions.anonymizedServerId,
          feed: () => feed.state(),
        },
      }),
    },
    {
      provide: DecisionRules,
      inject: [CONFIG],
      useFactory: ({ decisions }: Config): DecisionRules => decisions,
    },
  ],
  exports: [DecisionTally, RevocationList, RevocationsFeed, TokenJudge, TokenKeys, ValidateToken],
})
export class TokensModule {}
