import type { IncomingMessage, ServerResponse } from 'node:http';
import { DomainError, type ErrorTable, platformErrors } from '../errors/domain-error.js';
import type { Log } from '../observability/log.js';
import type { AccessLog } from './access-log.js';
import { type Access, type Caller, type CallerResolver, mayUse } from './caller.js';
import { namesItsOrigin } from './cross-site.js';
import { maxBodyBytes, parseJsonBody } from './json-body.js';
import { problemMediaType, renderProblem } from './problem.js';
import { nextRequestId } from './request-id.js';

/** A route that is answered on node's own server, for the one question that is asked for every image. */
export interface LaneRoute {
  readonly method: string;
  readonly path: string;
  readonly access: Exclude<Access, { public: string }>;
  /** Answers synchronously from memory: JSON text and the outcome word for the log. May throw a `DomainError`. */
  answer(body: unknown, request: IncomingMessage, caller: Caller): { json: string; outcome: string };
}

/** What a proxy is told about a request of its client; there is no body. */
export interface GuardAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly caller: string | null;
  readonly outcome: string;
}

/** A route that proxies ask before each request of theirs: with any method, at its path and beneath it. */
export interface LaneGuard {
  readonly path: string;
  answer(request: IncomingMessage): GuardAnswer | Promise<GuardAnswer>;
}

/** What the lane needs of the rest of the platform. */
export interface LaneServices {
  readonly callers: CallerResolver;
  readonly accessLog: AccessLog;
  readonly log: Log;
  readonly errors: ErrorTable;
}

/**
 * The lane keeps every promise of the ordinary way: credentials before the body, body limit, chunked bodies, problem
 * documents, metrics, one access line. Time limits are those of the server that both share. See docs/adr/0003.
 */
export class FastLane {
  /** By path: one method each. */
  private readonly routes = new Map<string, LaneRoute>();

  constructor(
    private readonly services: LaneServices,
    private readonly guard: LaneGuard,
  ) {}

  add(route: LaneRoute): void {
    this.routes.set(route.path, route);
  }

  /** True when the request was taken; false leaves it to the ordinary way. */
  take(request: IncomingMessage, response: ServerResponse): boolean {
    const url = request.url ?? '';
    if (isAt(url, this.guard.path)) {
      this.ask(request, response);
      return true;
    }
    const route = this.routes.get(url);
    if (route === undefined || route.method !== request.method) return false;
    // No browser asks this in earnest: whether it may is judged on the ordinary way.
    if (namesItsOrigin(request.headers)) return false;
    // Whoever is not known at once is for the ordinary way, which can wait, and refuses.
    const caller = this.services.callers.atOnce(request.headers);
    if (caller === null) return false;
    this.serve(route, caller, request, response);
    return true;
  }

  private ask(request: IncomingMessage, response: ServerResponse): void {
    const asked = new GuardExchange(this.guard.path, request, response, this.services);
    try {
      const answer = this.guard.answer(request);
      if (answer instanceof Promise) answer.then(asked.send).catch(asked.fail);
      else asked.send(answer);
    } catch (error) {
      asked.fail(error);
    }
  }

  private serve(route: LaneRoute, caller: Caller, request: IncomingMessage, response: ServerResponse): void {
    const exchange = new Exchange(route, caller, request, response, this.services);
    if (!mayUse(route.access, caller)) {
      exchange.refuse(new DomainError('not-allowed', 'These credentials may not use this route.'));
      return;
    }
    if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) {
      exchange.refuse(tooLarge());
      return;
    }
    exchange.read();
  }
}

/** A question of a proxy. What fails is answered with 500, which no proxy takes for a yes. */
class GuardExchange {
  private readonly start = performance.now();

  constructor(
    private readonly route: string,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly services: LaneServices,
  ) {}

  readonly send = ({ status, headers, caller, outcome }: GuardAnswer): void => {
    const { request, response, route } = this;
    response.writeHead(status, headers).end();
    request.resume();
    const milliseconds = performance.now() - this.start;
    const method = request.method ?? '';
    this.services.accessLog.answered({ id: nextRequestId(), method, route, status, milliseconds, caller, outcome });
  };

  readonly fail = (error: unknown): void => {
    const cause = error instanceof Error ? error.stack : String(error);
    this.services.log.error('guard-failed', { cause });
    if (this.response.headersSent) return void this.response.destroy();
    const headers = { 'cache-control': 'no-store', 'x-warden-reason': 'internal' };
    this.send({ status: 500, headers, caller: null, outcome: 'internal' });
  };
}

/** At the path itself or beneath it. */
function isAt(url: string, path: string): boolean {
  return url.startsWith(path) && (url.length === path.length || url[path.length] === '/');
}

class Exchange {
  private readonly id = nextRequestId();
  private readonly start = performance.now();

  constructor(
    private readonly route: LaneRoute,
    private readonly caller: Caller,
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    private readonly services: LaneServices,
  ) {}

  read(): void {
    const { request } = this;
    let first: Buffer | null = null;
    let rest: Buffer[] | null = null;
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBodyBytes) {
        request.removeAllListeners('data').removeAllListeners('end');
        this.refuse(tooLarge());
      } else if (first === null) first = chunk;
      else (rest ??= [first]).push(chunk);
    });
    request.on('end', () => this.finish(rest === null ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest)));
  }

  private finish(body: Buffer): void {
    let answer: { json: string; outcome: string };
    try {
      this.checkMediaType();
      answer = this.route.answer(parseJsonBody(body), this.request, this.caller);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.send(200, 'application/json; charset=utf-8', answer.json, answer.outcome);
  }

  private checkMediaType(): void {
    const type = this.request.headers['content-type'];
    if (type !== undefined && type !== 'application/json' && !/^application\/json\s*(;|$)/i.test(type)) {
      throw new DomainError('unsupported-media-type', 'Send content-type application/json.');
    }
  }

  /** Answers without having read the body; the connection is closed, since the rest of the body is not wanted. */
  refuse(error: DomainError): void {
    this.response.setHeader('connection', 'close');
    this.fail(error);
    this.request.resume();
    this.response.once('finish', () => this.request.destroy());
  }

  private fail(error: unknown): void {
    const problem = renderProblem(error, this.services.errors, this.id);
    if (problem.meaning === platformErrors.internal) {
      this.services.log.error('request-failed', {
        id: this.id,
        cause: error instanceof Error ? error.stack : String(error),
      });
    }
    for (const [name, value] of Object.entries(problem.headers)) this.response.setHeader(name, value);
    this.send(problem.meaning.status, problemMediaType, problem.body, problem.code);
  }

  private send(status: number, type: string, body: string, outcome: string): void {
    const { response, route } = this;
    // No cache keeps an answer to POST unless it is told to (RFC 9110 section 9.3.3), so a verdict needs no header for that.
    const headers = { 'content-type': type, 'content-length': Buffer.byteLength(body) };
    response.writeHead(status, status === 200 ? headers : { ...headers, 'cache-control': 'no-store' });
    response.end(body);
    this.services.accessLog.answered({
      id: this.id,
      method: route.method,
      route: route.path,
      status,
      milliseconds: performance.now() - this.start,
      caller: this.caller.id,
      outcome,
    });
  }
}

function tooLarge(): DomainError {
  return new DomainError('body-too-large', `Send at most ${maxBodyBytes} bytes.`);
}
