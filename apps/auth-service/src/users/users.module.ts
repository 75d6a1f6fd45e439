import { Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { TokensModule } from '../tokens/index.js';
import { ProfileSettings, ResolveProfile } from './resolve-profile.usecase.js';

@Module({
  imports: [TokensModule],
  providers: [
    ResolveProfile,
    {
      provide: ProfileSettings,
      inject: [CONFIG],
      useFactory: ({ anonymousProfile, links }: Config): ProfileSettings => ({
        anonymous: anonymousProfile,
        extraTypes: links.extraTypes,
      }),
    },
  ],
  exports: [ResolveProfile],
})
export class UsersModule {}
