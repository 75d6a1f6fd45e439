import { hostname } from 'node:os';
import { Global, Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { productVersion } from '../platform/version.js';
import { AuditIdentity } from './audit-identity.js';

@Global()
@Module({
  providers: [
    {
      provide: AuditIdentity,
      inject: [CONFIG],
      useFactory: ({ audit, links }: Config): AuditIdentity => ({
        ...audit.source,
        host: hostname(),
        version: productVersion(),
        root: links.shareRoot,
      }),
    },
  ],
  exports: [AuditIdentity],
})
export class AuditIdentityModule {}
