import { type DynamicModule, Global, Module } from '@nestjs/common';
import type { Config } from './config/config.js';
import { CONFIG } from './config/config.token.js';
import { Database, UnitOfWork } from './database/database.js';
import { ChangeFeed } from './feed/change-feed.js';
import { ChangeWriter } from './feed/change-writer.js';
import { AccessLog } from './http/access-log.js';
import { HttpTally } from './http/http-tally.js';
import { KnownRoutes } from './http/known-routes.js';
import { HealthController } from './observability/health.controller.js';
import { Log } from './observability/log.js';
import { Metrics } from './observability/metrics.js';
import { Readiness } from './observability/readiness.js';
import { Secret } from './observability/secret.js';
import { Clock } from './time/clock.js';

/** What the platform is given by whoever starts it. */
export interface PlatformParts {
  readonly config: Config;
  /** Application role's URL: the given database, or the embedded one that was started for it. */
  readonly databaseUrl: Secret;
  readonly log: Log;
  readonly clock: Clock;
}

/** Mechanisms that know no business word, for every feature. */
@Global()
@Module({})
export class PlatformModule {
  static with({ config, databaseUrl, log, clock }: PlatformParts): DynamicModule {
    const database = new Database(databaseUrl);
    const feed = new ChangeFeed({ url: databaseUrl, ...config.feed }, clock, log);
    const tally = new HttpTally();
    const values: [unknown, unknown][] = [
      [CONFIG, config],
      [Log, log],
      [Clock, clock],
      [Database, database],
      [UnitOfWork, database],
      [ChangeFeed, feed],
      [HttpTally, tally],
      [AccessLog, new AccessLog(log, tally)],
    ];
    const provided = values.map(([provide, useValue]) => ({ provide: provide as symbol, useValue }));
    const classes = [ChangeWriter, KnownRoutes, Metrics, Readiness];
    return {
      module: PlatformModule,
      controllers: [HealthController],
      providers: [...provided, ...classes],
      exports: [...provided.map((one) => one.provide), ...classes],
    };
  }
}
