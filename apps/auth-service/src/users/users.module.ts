import { Module } from '@nestjs/common';
import { AccessRecorder } from '../audit/index.js';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { Log } from '../platform/observability/log.js';
import { Clock } from '../platform/time/clock.js';
import { RolesModule, RolesInForce } from '../roles/index.js';
import { TokensModule } from '../tokens/index.js';
import { ApiKeysInForce, ApiKeysModule } from './api-keys/index.js';
import { BasicCallers } from './basic-callers.js';
import { BearerTokens } from './bearer/bearer-tokens.js';
import { Callers } from './callers.js';
import { Directory } from './directory.js';
import { DirectoryModule } from './directory.module.js';
import { HashedCallers } from './hashed-callers.js';
import { Identify } from './identify.usecase.js';
import { IdentityTally } from './identity-tally.js';
import { Explain } from './explain.usecase.js';
import { HttpIntrospection } from './infra/http-introspection.js';
import { HttpIssuerKeys } from './infra/http-issuer-keys.js';
import { KeycloakApiKeys } from './keycloak-api-keys.js';
import { CallerProfile } from './caller-profile.usecase.js';
import { ProfileSettings, ResolveProfile } from './resolve-profile.usecase.js';
import { TrustedIssuers } from './trusted-issuers.js';
import { UsersController } from './users.controller.js';

@Module({
  controllers: [UsersController],
  imports: [TokensModule, RolesModule, ApiKeysModule, DirectoryModule],
  providers: [
    CallerProfile,
    ResolveProfile,
    Explain,
    IdentityTally,
    {
      provide: TrustedIssuers,
      inject: [CONFIG, Clock, Log],
      useFactory: ({ identity }: Config, clock: Clock, log: Log) =>
        new TrustedIssuers(
          identity.issuers.map((config) => ({
            config,
            keys: new HttpIssuerKeys(config, identity.jwksMaxAgeMs, clock, log),
          })),
        ),
    },
    {
      provide: BearerTokens,
      inject: [TrustedIssuers, Clock],
      useFactory: (issuers: TrustedIssuers, clock: Clock) =>
        new BearerTokens(issuers.list, new HttpIntrospection(), clock),
    },
    {
      provide: Identify,
      inject: [CONFIG, BearerTokens, ApiKeysInForce, Directory, IdentityTally, AccessRecorder, Clock, Log],
      useFactory: (
        { identity }: Config,
        bearerTokens: BearerTokens,
        apiKeys: ApiKeysInForce,
        directory: Directory,
        tally: IdentityTally,
        recorder: AccessRecorder,
        clock: Clock,
        log: Log,
      ) => {
        const keycloakApiKeys = identity.keycloakApiKeys ? new KeycloakApiKeys(directory, clock) : null;
        return new Identify(bearerTokens, apiKeys, keycloakApiKeys, tally, recorder, clock, log);
      },
    },
    {
      provide: Callers,
      inject: [CONFIG, Identify, RolesInForce],
      useFactory: ({ callers }: Config, identify: Identify, roles: RolesInForce) =>
        new Callers(
          new BasicCallers(callers),
          new HashedCallers(callers),
          identify,
          roles,
          callers.allowUnauthenticated,
        ),
    },
    {
      provide: ProfileSettings,
      inject: [CONFIG],
      useFactory: ({ anonymousProfile, links, decisions }: Config): ProfileSettings => ({
        anonymous: anonymousProfile,
        extraTypes: links.extraTypes,
        validity: decisions.grantValidity,
      }),
    },
  ],
  exports: [CallerProfile, ResolveProfile, Callers, TrustedIssuers, IdentityTally, ApiKeysModule],
})
export class UsersModule {}
