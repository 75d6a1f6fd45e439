import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, type ErrorTable, platformErrors } from '../errors/domain-error.js';
import type { Log } from '../observability/log.js';
import type { KnownRoutes } from './known-routes.js';
import { maxBodyBytes } from './json-body.js';
import { problemMediaType, renderProblem } from './problem.js';

/** Milliseconds. */
const longestRest = 2_000;

/** The one place where an error becomes an answer: public face to the caller, private cause to the log. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly errors: ErrorTable,
    private readonly log: Log,
    private readonly routes: KnownRoutes,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    this.answerTo(thrown, request, reply);
  }

  /** The same for what Fastify finds before there is a route. */
  answerTo(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    this.answer(this.translate(thrown, request), request, reply);
  }

  private answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = renderProblem(error, this.errors, request.id);
    if (problem.meaning.level !== 'info') {
      const cause = error instanceof DomainError ? error.options.cause : error;
      this.log[problem.meaning.level]('request-failed', {
        id: request.id,
        code: problem.code,
        cause: problem.meaning === platformErrors.internal && cause instanceof Error ? cause.stack : describe(cause),
      });
    }
    request.outcome = problem.code;
    if (problem.code === 'body-too-large') takeTheRest(request, reply);
    void reply
      .status(problem.meaning.status)
      .headers({ ...problem.headers, 'content-type': problemMediaType, 'cache-control': 'no-store' })
      .send(problem.body);
  }

  /** What NestJS and Fastify throw by themselves, in our own codes. Their messages may echo the address: not kept. */
  private translate(thrown: unknown, request: FastifyRequest): unknown {
    if (thrown instanceof DomainError) return thrown;
    const status = statusOf(thrown);
    if (status === 404) {
      const allowed = this.routes.methodsOf(request.url);
      if (allowed.length === 0) return new DomainError('no-such-route', 'See /openapi.json for the routes.');
      return new DomainError('method-not-allowed', `Use ${allowed.join(' or ')}.`, {
        headers: { allow: allowed.join(', ') },
      });
    }
    if (status === 408) return new DomainError('request-timeout', 'Send the whole request sooner.');
    if (status === 413) return new DomainError('body-too-large', `Send at most ${maxBodyBytes} bytes.`);
    if (status === 414) return new DomainError('uri-too-long', 'Shorten the address.');
    if (status === 415) return new DomainError('unsupported-media-type', 'Send content-type application/json.');
    if (status !== null && status >= 400 && status < 500) {
      return new DomainError('unreadable-body', 'The request cannot be read; send well-formed HTTP with a JSON body.');
    }
    return thrown;
  }
}

/**
 * Of a body that is too long: what still comes is thrown away. Fastify would close the connection with the answer, and what a
 * proxy is still sending would then be met by a reset: it tells of a failure, and the answer is lost (RFC 9112 section 9.6).
 */
function takeTheRest({ raw: request }: FastifyRequest, reply: FastifyReply): void {
  reply.removeHeader('connection');
  const end = setTimeout(() => request.destroy(), longestRest).unref();
  request.once('close', () => clearTimeout(end)).resume();
}

function statusOf(thrown: unknown): number | null {
  if (thrown instanceof HttpException) return thrown.getStatus();
  const status = (thrown as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : null;
}

function describe(cause: unknown): string | undefined {
  if (cause === undefined) return undefined;
  return cause instanceof Error ? cause.message.slice(0, 300) : 'unknown';
}
