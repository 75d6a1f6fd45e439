import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { noteForLog, requestIdOf, watchServer } from './http/access-log.js';
import { Answers } from './http/answer.js';
import { answerClientError } from './http/client-error.js';
import { PageFilter } from './http/page.filter.js';
import { LandingModule } from './landing.module.js';
import { createLog, type Log } from './log.js';
import { longestToken } from './open-link.usecase.js';
import type { Settings } from './settings.js';

export interface LandingOptions {
  readonly log?: Log;
  /** How long auth-service may take to answer; 3 seconds when not given. */
  readonly decodeTimeoutMs?: number;
}

/** The whole application, configured and not yet listening: main and the tests start the same one. */
export async function createLanding(settings: Settings, options: LandingOptions = {}): Promise<NestFastifyApplication> {
  const log = options.log ?? createLog();
  const identity = { institution: settings.name, contact: settings.contact };
  const answers = new Answers(identity);

  const adapter = new FastifyAdapter({
    // Fastify's own lines hold the address, and the address holds the token.
    logger: false,
    genReqId: requestIdOf,
    routerOptions: { ignoreTrailingSlash: true },
    // Nobody has a reason to send us a body.
    bodyLimit: 1024,
    requestTimeout: 10_000,
    // A request that comes in while we stop is still answered properly.
    return503OnClosing: false,
    // Room for a token of the longest size and a browser's other headers, so that the longer ones get a page too.
    http: { maxHeaderSize: 2 * longestToken, headersTimeout: 10_000 },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, identity, log),
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      noteForLog(request.raw, { outcome: 'bad-request' });
      answers.page(request, reply, 400, 'not-found');
    },
  });

  const app = await NestFactory.create<NestFastifyApplication>(
    LandingModule.with(settings, options.decodeTimeoutMs),
    adapter,
    { logger: false, abortOnError: false, bodyParser: false },
  );
  app.useGlobalFilters(new PageFilter(answers, log));

  watchServer(app.getHttpServer(), log);
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    noteForLog(request.raw, { route: request.routeOptions.url ?? '(none)' });
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    // Before the body is read. The connection ends with it: what is left of the body is not worth reading.
    noteForLog(request.raw, { outcome: 'method-not-allowed' });
    void reply.header('Connection', 'close');
    answers.page(request, reply, 405, 'not-found');
  });
  return app;
}
