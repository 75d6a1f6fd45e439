import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TokensModule } from '../tokens/index.js';
import { BrowseRevocationRules } from './browse-revocation-rules.usecase.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { CheckSharer, SharerRules } from './check-sharer.js';
import { DecodeShare } from './decode-share.usecase.js';
import { Images } from './images.js';
import { HttpMeddreamTokens } from './infra/http-meddream-tokens.js';
import { PostgresRevocationRulesStore } from './infra/postgres-revocation-rules.store.js';
import { OrthancImages } from './infra/orthanc-images.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { MintShare, SharePolicy } from './mint-share.usecase.js';
import { RevocationRulesController } from './revocation-rules.controller.js';
import { RevocationRulesStore } from './revocation-rules.store.js';
import { RevokeShare } from './revoke-share.usecase.js';
import { RevokeShares } from './revoke-shares.usecase.js';
import { SharesController } from './shares.controller.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';

@Module({
  imports: [TokensModule, JwtModule.register({})],
  controllers: [SharesController, RevocationRulesController],
  providers: [
    BrowseRevocationRules,
    BrowseShares,
    CheckSharer,
    DecodeShare,
    MintShare,
    RevokeShare,
    RevokeShares,
    { provide: RevocationRulesStore, useClass: PostgresRevocationRulesStore },
    TokenSigner,
    { provide: ViewerLinks, inject: [CONFIG], useFactory: ({ links }: Config) => new ViewerLinks(links) },
    { provide: SharePolicy, inject: [CONFIG], useFactory: ({ shares }: Config): SharePolicy => shares },
    { provide: SharerRules, inject: [CONFIG], useFactory: ({ shares }: Config): SharerRules => shares },
    { provide: Images, inject: [CONFIG], useFactory: ({ orthanc }: Config) => new OrthancImages(orthanc) },
    {
      provide: MeddreamTokens,
      inject: [CONFIG],
      useFactory: ({ links }: Config) => new HttpMeddreamTokens(links.meddreamTokenService),
    },
  ],
  exports: [DecodeShare, MintShare],
})
export class SharesModule {}
