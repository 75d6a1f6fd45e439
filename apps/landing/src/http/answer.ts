import type { FastifyReply, FastifyRequest } from 'fastify';
import { chooseLanguage, knownLanguage, type Language } from '../languages/languages.js';
import type { PageName } from '../languages/messages.js';
import type { Opening } from '../opening.js';
import type { PageDetail, Pages } from '../pages/pages.js';
import { noteForLog, requestIdOf } from './access-log.js';
import { cookieOf, setCookie } from './cookies.js';

// Long enough not to be hammered by a browser or proxy that takes it at its word, short enough for a restart.
const retryAfterSeconds = 30;

/** Where a link is opened: the addresses of tokens, of which `/share-landing/` is that of links the 2022 service handed out, and of handles. */
export const tokenPaths = ['/', 'share-landing'];
export const handlePath = 's/:handle';
const linkRoutes: ReadonlySet<string> = new Set(['/', '/share-landing', '/s/:handle']);

export function isLinkRoute(request: FastifyRequest): boolean {
  return linkRoutes.has(request.routeOptions?.url ?? '');
}

const refusals = {
  expired: 410,
  'viewer-expired': 410,
  'used-up': 410,
  revoked: 410,
  locked: 423,
  invalid: 404,
} as const;

const noLinks = {
  'no-token': 400,
  'several-tokens': 400,
  'not-a-handle': 400,
  'form-not-understood': 400,
  'cross-site': 403,
  'token-too-long': 414,
} as const;

export interface Wishes {
  /** The language of the form that was posted. */
  readonly posted?: string | undefined;
  /** What the sharer chose. */
  readonly chosen?: string | null | undefined;
}

/** How the landing answers: the one place that turns an outcome into a status, headers and a page. */
export class Answers {
  constructor(
    private readonly pages: Pages,
    private readonly language: Language,
  ) {}

  opening(request: FastifyRequest, reply: FastifyReply, opening: Opening, posted?: string): void {
    const wishes = { posted, chosen: opening.language };
    const page = (status: number, name: PageName, detail?: PageDetail): void =>
      this.page(request, reply, status, name, detail, wishes);
    noteForLog(request.raw, {
      outcome: opening.code,
      ...(opening.kind === 'unavailable' ? { cause: opening.cause } : {}),
    });
    switch (opening.kind) {
      case 'open': {
        const { url } = opening;
        // Not reply.redirect(): the address has to arrive letter by letter.
        if (request.method === 'GET') return void reply.code(302).header('Location', url).send();
        // A redirect after a form may not leave this site (form-action), so a page leads on.
        return page(200, opening.code === 'downloaded' ? 'downloading' : 'opening', { url });
      }
      case 'show':
        return page(statusOfEntry(opening), 'link', { link: opening });
      case 'no-link':
        return page(noLinks[opening.code], 'incomplete');
      case 'refused':
        return page(refusals[opening.code], opening.code);
      case 'scheduled':
        return page(409, 'scheduled', { opensAt: opening.opensAt });
      case 'wait':
        void reply.header('Retry-After', opening.seconds);
        return page(429, 'too-many-attempts', { waitSeconds: opening.seconds });
      case 'not-for-here':
        return page(422, 'not-for-here');
      case 'unavailable':
        void reply.header('Retry-After', opening.retryAfter ?? retryAfterSeconds);
        return page(503, 'unavailable');
    }
  }

  page(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    name: PageName,
    detail: PageDetail = {},
    { posted, chosen }: Wishes = {},
  ): void {
    const onLink = isLinkRoute(request);
    const named = queryValues(request, 'lang')[0];
    const remembered = cookieOf(request, 'warden-language');
    // A page without a link has no form to post: there the address alone says which language was picked.
    const wishes = onLink ? [posted, remembered, named, chosen] : [named, remembered];
    const language = chooseLanguage(wishes, request.headers['accept-language'], this.language);
    if (status === 503 && !reply.hasHeader('Retry-After')) void reply.header('Retry-After', retryAfterSeconds);
    if (status === 405) void reply.header('Allow', 'GET, HEAD');
    void reply
      .code(status)
      .header('Content-Type', 'text/html; charset=utf-8')
      .header('Content-Language', language)
      .send(
        this.pages.render(name, language, onLink ? 'post' : 'get', { ...detail, reference: requestIdOf(request.raw) }),
      );
  }

  /** Keeps a language that was picked, for the pages that follow. */
  remember(request: FastifyRequest, reply: FastifyReply, picked: string | undefined): void {
    const language = knownLanguage(picked ?? '');
    if (language !== undefined) setCookie(request, reply, 'warden-language', language);
  }
}

function statusOfEntry({ problem }: Extract<Opening, { kind: 'show' }>): number {
  if (problem === undefined) return 200;
  return problem === 'refused' ? 403 : 400;
}

/** All values of an argument, in order; an argument may come once, several times or not at all. */
export function queryValues(request: FastifyRequest, name: string): readonly string[] {
  const value = (request.query as Readonly<Record<string, unknown>> | undefined)?.[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.filter((one): one is string => typeof one === 'string');
}
