import formbody from '@fastify/formbody';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { noteForLog, requestIdOf, watchServer } from './http/access-log.js';
import { Answers, isLinkRoute } from './http/answer.js';
import { answerClientError } from './http/client-error.js';
import { PageFilter } from './http/page.filter.js';
import { securityHeaders } from './http/security-headers.js';
import { LandingModule, type ServiceTimeouts } from './landing.module.js';
import { createLog, type Log } from './log.js';
import { Pages } from './pages/pages.js';
import { longestToken } from './read-link.js';
import type { Settings } from './settings.js';

export interface LandingOptions extends ServiceTimeouts {
  readonly log?: Log;
}

// Nine short fields.
const largestForm = 4096;

/** The whole application, configured and not yet listening: main and the tests start the same one. */
export async function createLanding(settings: Settings, options: LandingOptions = {}): Promise<NestFastifyApplication> {
  const log = options.log ?? createLog();
  const { language } = settings;
  const pages = new Pages(settings.branding, settings.timeZone);
  const answers = new Answers(pages, language);

  const adapter = new FastifyAdapter({
    // Fastify's own lines hold the address, and the address holds the token.
    logger: false,
    genReqId: requestIdOf,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: longestToken },
    bodyLimit: largestForm,
    requestTimeout: 10_000,
    trustProxy: settings.trustedProxies.length > 0 ? [...settings.trustedProxies] : false,
    // A request that comes in while we stop is still answered properly.
    return503OnClosing: false,
    // Room for a token of the longest size and a browser's other headers, so that the longer ones get a page too.
    http: { maxHeaderSize: 2 * longestToken, headersTimeout: 10_000 },
    clientErrorHandler: (error, socket) => answerClientError(error, socket, { pages, language, log }),
    frameworkErrors: (_error: unknown, request: FastifyRequest, reply: FastifyReply) => {
      noteForLog(request.raw, { outcome: 'bad-request' });
      answers.page(request, reply, 400, 'not-found');
    },
  });

  const app = await NestFactory.create<NestFastifyApplication>(
    LandingModule.with(settings, answers, options),
    adapter,
    { logger: false, abortOnError: false, bodyParser: false },
  );
  app.useGlobalFilters(new PageFilter(answers, log));
  // Forms alone are read; a body of any other type is refused.
  adapter.getInstance().removeAllContentTypeParsers();
  await adapter.getInstance().register(formbody, { bodyLimit: largestForm });

  watchServer(app.getHttpServer(), log, securityHeaders(pages.styleHashes));
  adapter.getInstance().addHook('onRequest', (request, reply, done) => {
    noteForLog(request.raw, { route: request.routeOptions.url ?? '(none)' });
    if (request.method === 'GET' || request.method === 'HEAD') return done();
    const posted = request.method === 'POST' && isLinkRoute(request);
    if (posted && request.headers['sec-fetch-site'] !== 'cross-site') return done();
    // Before the body is read. The connection ends with it: what is left of the body is not worth reading.
    void reply.header('Connection', 'close');
    if (posted) return answers.opening(request, reply, { kind: 'no-link', code: 'cross-site' });
    noteForLog(request.raw, { outcome: 'method-not-allowed' });
    answers.page(request, reply, 405, 'not-found');
  });
  return app;
}
