import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseLanguage } from '../languages/languages.js';
import type { PageName } from '../languages/messages.js';
import type { Opening } from '../open-link.usecase.js';
import { renderPage } from '../pages/layout.js';
import { noteForLog, requestIdOf } from './access-log.js';

/** What every page shows besides its own texts. */
export interface PageIdentity {
  readonly institution: string | undefined;
  readonly contact: string | undefined;
}

// Long enough not to be hammered by a browser or proxy that takes it at its word, short enough for a restart.
const retryAfterSeconds = 30;

/** How the landing answers: the one place that turns an outcome into a status, headers and a page. */
export class Answers {
  constructor(private readonly identity: PageIdentity) {}

  opening(request: FastifyRequest, reply: FastifyReply, opening: Opening): void {
    const cause = opening.kind === 'unavailable' ? { cause: opening.cause } : {};
    noteForLog(request.raw, { outcome: opening.code, ...cause });
    switch (opening.kind) {
      case 'open':
        // Not reply.redirect(): the address has to arrive letter by letter.
        void reply.code(302).header('Location', opening.url).send();
        return;
      case 'no-link':
        return this.page(request, reply, opening.code === 'token-too-long' ? 414 : 400, 'incomplete');
      case 'refused':
        return this.page(request, reply, opening.code === 'invalid' ? 404 : 410, opening.code);
      case 'not-for-here':
        return this.page(request, reply, 422, 'not-for-here');
      case 'unavailable':
        return this.page(request, reply, 503, 'unavailable');
    }
  }

  page(request: FastifyRequest, reply: FastifyReply, status: number, page: PageName): void {
    const language = chooseLanguage(askedLanguage(request), request.headers['accept-language']);
    if (status === 503) void reply.header('Retry-After', retryAfterSeconds);
    if (status === 405) void reply.header('Allow', 'GET, HEAD');
    void reply
      .code(status)
      .header('Content-Type', 'text/html; charset=utf-8')
      .header('Content-Language', language)
      .send(renderPage(page, { language, ...this.identity, reference: requestIdOf(request.raw) }));
  }
}

/** All values of an argument, in order; an argument may come once, several times or not at all. */
export function queryValues(request: FastifyRequest, name: string): readonly string[] {
  const value = (request.query as Readonly<Record<string, unknown>> | undefined)?.[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one): one is string => typeof one === 'string');
}

function askedLanguage(request: FastifyRequest): string | undefined {
  return queryValues(request, 'lang')[0];
}
