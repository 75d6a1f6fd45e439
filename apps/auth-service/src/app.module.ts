import { type DynamicModule, Module } from '@nestjs/common';
import { AuditModule } from './audit/index.js';
import { DocsModule } from './docs/docs.module.js';
import { EdgeModule } from './edge/index.js';
import { CallerResolver } from './platform/http/caller.js';
import { PlatformModule, type PlatformParts } from './platform/platform.module.js';
import { PluginModule } from './plugin/index.js';
import { type RealmRoles, RealmRolesModule, RolesModule } from './roles/index.js';
import { SharesModule, SharesStorageModule } from './shares/index.js';
import { StartUp } from './start-up.js';
import { TokensModule } from './tokens/index.js';
import { Callers, Directory, DirectoryModule, UsersModule } from './users/index.js';

/** The composition root: binds the platform's ports to features. */
@Module({})
export class AppModule {
  static with(parts: PlatformParts): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(parts),
        AuditModule,
        SharesStorageModule,
        TokensModule,
        SharesModule,
        RealmRolesModule.with({
          imports: [DirectoryModule],
          inject: [Directory],
          useFactory: (directory: Directory): RealmRoles => ({
            configured: directory.configured,
            exhaustive: parts.config.identity.issuers.every(({ kind }) => kind === 'keycloak'),
            names: () => directory.realmRoles(),
          }),
        }),
        RolesModule,
        UsersModule,
        PluginModule,
        EdgeModule,
        DocsModule,
      ],
      providers: [StartUp, { provide: CallerResolver, useExisting: Callers }],
    };
  }
}
