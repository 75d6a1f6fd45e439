import { Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { Clock } from '../platform/time/clock.js';
import { Directory } from './directory.js';
import { KeycloakDirectory } from './infra/keycloak-directory.js';

/** The directory by itself: roles are listed from it, and `roles` must not depend on all of `users`. */
@Module({
  providers: [
    {
      provide: Directory,
      inject: [CONFIG, Clock],
      useFactory: ({ identity }: Config, clock: Clock) => new KeycloakDirectory(identity.directory, clock),
    },
  ],
  exports: [Directory],
})
export class DirectoryModule {}
