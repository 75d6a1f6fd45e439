import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from './app.module.js';
import { ForwardAuth } from './edge/index.js';
import { errorTable } from './error-table.js';
import { type FieldFault, invalidInput } from './platform/errors/domain-error.js';
import { AccessLog } from './platform/http/access-log.js';
import { CallerResolver } from './platform/http/caller.js';
import { FastLane } from './platform/http/fast-lane.js';
import { type ServerParts, createHttpAdapter } from './platform/http/http-server.js';
import { KnownRoutes } from './platform/http/known-routes.js';
import { ProblemFilter } from './platform/http/problem.filter.js';
import { guardRoutes, logAnswers, readJsonBodies } from './platform/http/request-hooks.js';
import { Log, PinoLog } from './platform/observability/log.js';
import type { PlatformParts } from './platform/platform.module.js';
import { ValidateRoute } from './plugin/index.js';

/** Puts the application together: the same for the service, the tests and the emitter of the OpenAPI document. */
export async function createApp(
  parts: PlatformParts,
  options: { preview?: boolean } = {},
): Promise<NestFastifyApplication> {
  const serverParts: ServerParts = { lane: null, frameworkError: () => undefined };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.with(parts),
    createHttpAdapter(serverParts, parts.config.http.trustedProxies),
    {
      logger: parts.log instanceof PinoLog ? parts.log : false,
      bodyParser: false,
      abortOnError: false,
      preview: options.preview ?? false,
    },
  );
  if (options.preview === true) return app;

  const server = app.getHttpAdapter().getInstance();
  const routes = app.get(KnownRoutes);
  const callers = app.get(CallerResolver);
  const accessLog = app.get(AccessLog);
  const filter = new ProblemFilter(errorTable, app.get(Log), routes);
  server.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat()) routes.add(one, url, config?.access);
  });
  guardRoutes(server, callers);
  readJsonBodies(server);
  logAnswers(server, accessLog);
  serverParts.frameworkError = (error, request, reply) => filter.answerTo(error, request, reply);
  app.useGlobalFilters(filter);
  app.useGlobalPipes(
    new ValidationPipe({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      stopAtFirstError: true,
      exceptionFactory: (errors) => invalidInput(faultsOf(errors)),
    }),
  );
  const route = app.get(ValidateRoute);
  const lane = new FastLane({ callers, accessLog, log: app.get(Log), errors: errorTable }, app.get(ForwardAuth));
  lane.add(route);
  serverParts.lane = lane;
  await app.init();
  await server.ready();
  return app;
}

/** All faults of a body or query, in the product's own form; values are never repeated. */
function faultsOf(errors: readonly ValidationError[], path = ''): FieldFault[] {
  return errors.flatMap((error) => {
    const field = path === '' ? error.property : `${path}.${error.property}`;
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => {
      if (constraint === 'whitelistValidation') return { field, problem: 'is not known here', remedy: 'leave it out' };
      const remedy = (error.contexts?.[constraint] as { remedy?: string } | undefined)?.remedy ?? 'correct it';
      return { field, problem: message.replace(new RegExp(`^${error.property} `), ''), remedy };
    });
    return [...own, ...faultsOf(error.children ?? [], field)];
  });
}
