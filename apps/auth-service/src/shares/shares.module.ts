import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TokensModule } from '../tokens/index.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { DecodeShare } from './decode-share.usecase.js';
import { HttpMeddreamTokens } from './infra/http-meddream-tokens.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { MintShare, SharePolicy } from './mint-share.usecase.js';
import { RevokeShare } from './revoke-share.usecase.js';
import { SharesController } from './shares.controller.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';

@Module({
  imports: [TokensModule, JwtModule.register({})],
  controllers: [SharesController],
  providers: [
    BrowseShares,
    DecodeShare,
    MintShare,
    RevokeShare,
    TokenSigner,
    { provide: ViewerLinks, inject: [CONFIG], useFactory: ({ links }: Config) => new ViewerLinks(links) },
    { provide: SharePolicy, inject: [CONFIG], useFactory: ({ shares }: Config): SharePolicy => shares },
    {
      provide: MeddreamTokens,
      inject: [CONFIG],
      useFactory: ({ links }: Config) => new HttpMeddreamTokens(links.meddreamTokenService),
    },
  ],
  exports: [DecodeShare, MintShare],
})
export class SharesModule {}
