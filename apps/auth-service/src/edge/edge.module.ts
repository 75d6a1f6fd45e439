import { Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TrustedProxies } from '../platform/http/trusted-proxies.js';
import { SharesModule } from '../shares/index.js';
import { TokensModule } from '../tokens/index.js';
import { UsersModule } from '../users/index.js';
import { AnswerViewer } from './answer-viewer.usecase.js';
import { ForwardAuth } from './forward-auth.js';
import { InternalTokens } from './internal-tokens.js';
import { GuardRules, JudgeRequest } from './judge-request.usecase.js';
import { LetUserIn } from './let-user-in.js';
import { RecordRequest } from './record-request.js';
import { ViewerQuestionsController } from './viewer-questions.controller.js';
import { ViewerVisits } from './viewer-visits.js';
import { Whereabouts } from './whereabouts.js';

/** The guard in front of Orthanc, asked by the proxy before each request. */
@Module({
  imports: [TokensModule, SharesModule, UsersModule],
  controllers: [ViewerQuestionsController],
  providers: [
    AnswerViewer,
    ForwardAuth,
    InternalTokens,
    JudgeRequest,
    LetUserIn,
    RecordRequest,
    ViewerVisits,
    Whereabouts,
    { provide: GuardRules, inject: [CONFIG], useFactory: ({ edge }: Config): GuardRules => edge },
    {
      provide: TrustedProxies,
      inject: [CONFIG],
      useFactory: ({ http }: Config) => new TrustedProxies(http.trustedProxies),
    },
  ],
  exports: [ForwardAuth],
})
export class EdgeModule {}
