import { Module } from '@nestjs/common';
import { JwtModule } from '@nestjs/jwt';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TokensModule } from '../tokens/index.js';
import { EmailsModule } from '../emails/index.js';
import { BrowseRevocationRules } from './revoking/browse-revocation-rules.usecase.js';
import { BrowseSharedStudies } from './images/browse-shared-studies.usecase.js';
import { BrowseShares } from './registry/browse-shares.usecase.js';
import { ChangeShare } from './minting/change-share.usecase.js';
import { CheckSharer, SharerRules } from './minting/check-sharer.js';
import { CreateShare } from './minting/create-share.usecase.js';
import { DecodeShare } from './links/decode-share.usecase.js';
import { ExpiredSharesStore } from './registry/expired-shares.store.js';
import { ArchiveSearch } from './images/archive-search.js';
import { Images } from './images/images.js';
import { HttpMeddreamTokens } from './infra/http-meddream-tokens.js';
import { PostgresExpiredSharesStore } from './infra/postgres-expired-shares.store.js';
import { PostgresRevocationRulesStore } from './infra/postgres-revocation-rules.store.js';
import { PostgresSharedImagesStore } from './infra/postgres-shared-images.store.js';
import { OrthancImages } from './infra/orthanc-images.js';
import { OrthancRest } from './infra/orthanc-rest.js';
import { OrthancSearch } from './infra/orthanc-search.js';
import { linkParts } from './links/link-parts.js';
import { LinksController } from './links/links.controller.js';
import { TidyLinks } from './links/tidy-links.js';
import { MeddreamTokens } from './links/meddream-tokens.js';
import { MintShare, ShareBounds } from './minting/mint-share.usecase.js';
import { NotifyRecipient } from './minting/notify-recipient.usecase.js';
import { SharePolicyModule } from './policy/index.js';
import { ReadShareLink } from './links/read-share-link.usecase.js';
import { RecordExpiredShares } from './registry/record-expired-shares.usecase.js';
import { RegisterShare } from './minting/register-share.js';
import { ResolveSharedImages } from './images/resolve-shared-images.usecase.js';
import { RevocationRulesController } from './revoking/revocation-rules.controller.js';
import { RevocationRulesStore } from './revoking/revocation-rules.store.js';
import { RevokeShare } from './revoking/revoke-share.usecase.js';
import { RevokeShares } from './revoking/revoke-shares.usecase.js';
import { ShareHistoryController } from './registry/share-history.controller.js';
import { ShareHistory } from './registry/share-history.usecase.js';
import { ShareLinks } from './links/share-links.js';
import { SharedImagesStore } from './images/shared-images.store.js';
import { SharedStudiesController } from './images/shared-studies.controller.js';
import { SharesController } from './registry/shares.controller.js';
import { TokenSigner } from './links/token-signer.js';
import { UnlockShare } from './registry/unlock-share.usecase.js';
import { ViewerLinks } from './links/viewer-links.js';

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
    {
      provide: ShareBounds,
      inject: [CONFIG],
      useFactory: ({ shares, edge }: Config): ShareBounds => ({ ...shares, guarded: edge.guarded }),
    },
    { provide: SharerRules, inject: [CONFIG], useFactory: ({ shares }: Config): SharerRules => shares },
    { provide: OrthancRest, inject: [CONFIG], useFactory: ({ orthanc }: Config) => new OrthancRest(orthanc) },
    { provide: Images, inject: [OrthancRest], useFactory: (rest: OrthancRest) => new OrthancImages(rest) },
    { provide: ArchiveSearch, inject: [OrthancRest], useFactory: (rest: OrthancRest) => new OrthancSearch(rest) },
    {
      provide: MeddreamTokens,
      inject: [CONFIG],
      useFactory: ({ links }: Config) => new HttpMeddreamTokens(links.meddreamTokenService),
    },
  ],
  exports: [
    SharePolicyModule,
    ArchiveSearch,
    DecodeShare,
    Images,
    MintShare,
    RecordExpiredShares,
    ResolveSharedImages,
    TidyLinks,
    TokenSigner,
  ],
})
export class SharesModule {}
