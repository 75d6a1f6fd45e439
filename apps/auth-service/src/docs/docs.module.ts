import { Module } from '@nestjs/common';
import type { Config } from '../platform/config/config.js';
import { CONFIG } from '../platform/config/config.token.js';
import { ApiDescription } from './api-description.js';
import { DocsController } from './docs.controller.js';

@Module({
  controllers: [DocsController],
  providers: [
    { provide: ApiDescription, inject: [CONFIG], useFactory: ({ http }: Config) => new ApiDescription(http.swaggerUi) },
  ],
})
export class DocsModule {}
