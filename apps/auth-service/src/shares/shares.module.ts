import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TokensModule } from '../tokens/index.js';
import { EmailsModule } from '../emails/index.js';
import { BrowseRevocationRules } from './browse-revocation-rules.usecase.js';
import { BrowseSharedStudies } from './browse-shared-studies.usecase.js';
import { BrowseShares } from './browse-shares.usecase.js';
import { ChangeShare } from './change-share.usecase.js';
import { CheckSharer, SharerRules } from './check-sharer.js';
import { CreateShare } from './create-share.usecase.js';
import { DecodeShare } from './decode-share.usecase.js';
import { ExpiredSharesStore } from './expired-shares.store.js';
import { Images } from './images.js';
import { HttpMeddreamTokens } from './infra/http-meddream-tokens.js';
import { PostgresExpiredSharesStore } from './infra/postgres-expired-shares.store.js';
import { PostgresRevocationRulesStore } from './infra/postgres-revocation-rules.store.js';
import { PostgresSharedImagesStore } from './infra/postgres-shared-images.store.js';
import { OrthancImages } from './infra/orthanc-images.js';
import { linkParts } from './links/link-parts.js';
import { LinksController } from './links/links.controller.js';
import { TidyLinks } from './links/tidy-links.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { MintShare, ShareBounds } from './mint-share.usecase.js';
import { NotifyRecipient } from './notify-recipient.usecase.js';
import { SharePolicyModule } from './policy/index.js';
import { ReadShareLink } from './read-share-link.usecase.js';
import { RecordExpiredShares } from './record-expired-shares.usecase.js';
import { RegisterShare } from './register-share.js';
import { ResolveSharedImages } from './resolve-shared-images.usecase.js';
import { RevocationRulesController } from './revocation-rules.controller.js';
import { RevocationRulesStore } from './revocation-rules.store.js';
import { RevokeShare } from './revoke-share.usecase.js';
import { RevokeShares } from './revoke-shares.usecase.js';
import { ShareHistoryController } from './share-history.controller.js';
import { ShareHistory } from './share-history.usecase.js';
import { ShareLinks } from './share-links.js';
import { SharedImagesStore } from './shared-images.store.js';
import { SharedStudiesController } from './shared-studies.controller.js';
import { SharesController } from './shares.controller.js';
import { TokenSigner } from './token-signer.js';
import { UnlockShare } from './unlock-share.usecase.js';
import { ViewerLinks } from './viewer-links.js';

@Module({
  imports: [TokensModule, SharePolicyModule, EmailsModule, JwtModule.register({})],
  controllers: [
    LinksController,
    SharesController,
    SharedStudiesController,
    ShareHistoryController,
    RevocationRulesController,
  ],
  providers: [
    BrowseRevocationRules,
    BrowseSharedStudies,
    BrowseShares,
    ChangeShare,
    CheckSharer,
    CreateShare,
    DecodeShare,
    MintShare,
    NotifyRecipient,
    ReadShareLink,
    RecordExpiredShares,
    RegisterShare,
    ResolveSharedImages,
    RevokeShare,
    RevokeShares,
    ShareHistory,
    ShareLinks,
    UnlockShare,
    ...linkParts,
    { provide: ExpiredSharesStore, useClass: PostgresExpiredSharesStore },
    { provide: RevocationRulesStore, useClass: PostgresRevocationRulesStore },
    { provide: SharedImagesStore, useClass: PostgresSharedImagesStore },
    TokenSigner,
    { provide: ViewerLinks, inject: [CONFIG], useFactory: ({ links }: Config) => new ViewerLinks(links) },
    { provide: ShareBounds, inject: [CONFIG], useFactory: ({ shares }: Config): ShareBounds => shares },
    { provide: SharerRules, inject: [CONFIG], useFactory: ({ shares }: Config): SharerRules => shares },
    { provide: Images, inject: [CONFIG], useFactory: ({ orthanc }: Config) => new OrthancImages(orthanc) },
    {
      provide: MeddreamTokens,
      inject: [CONFIG],
      useFactory: ({ links }: Config) => new HttpMeddreamTokens(links.meddreamTokenService),
    },
  ],
  exports: [SharePolicyModule, DecodeShare, MintShare, RecordExpiredShares, ResolveSharedImages, TidyLinks],
})
export class SharesModule {}
