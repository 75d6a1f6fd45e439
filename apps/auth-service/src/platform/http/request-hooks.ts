import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import type { AccessLog } from './access-log.js';
import { type Access, type Caller, type CallerResolver, mayUse } from './caller.js';
import { parseJsonBody } from './json-body.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
    /** Closed word for the access log. */
    outcome: string;
  }
  interface FastifyContextConfig {
    access?: Access;
  }
}

/**
 * Judges who may use a route before a byte of the body is read, so that nobody without credentials can make the
 * service hold half a megabyte. A route without a rule is refused.
 */
export function guardRoutes(server: FastifyInstance, callers: CallerResolver): void {
  server.decorateRequest('caller', null);
  server.decorateRequest('outcome', 'ok');
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done();
    const access = request.routeOptions.config.access;
    if (access !== undefined && 'public' in access) return done();
    request.caller = callers.resolve(request.headers);
    done(refusal(access, request.caller));
  });
}

function refusal(
  access: Exclude<Access, { public: string }> | undefined,
  caller: Caller | null,
): DomainError | undefined {
  if (access === undefined) return new DomainError('not-allowed', 'This route has no access rule.');
  if (caller === null) return new DomainError('not-signed-in', 'Send the credentials of a user named in USERS.');
  return mayUse(access, caller)
    ? undefined
    : new DomainError('not-allowed', 'These credentials may not use this route.');
}

/** JSON only, read by the same function as on the lane; a body without a content type is taken for JSON. */
export function readJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = (_request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    try {
      done(null, parseJsonBody(body));
    } catch (error) {
      done(error as Error);
    }
  };
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, parse);
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.headers['content-type'] === undefined) parse(request, body, done);
    else done(new DomainError('unsupported-media-type', 'Send content-type application/json.'));
  });
}

export function logAnswers(server: FastifyInstance, accessLog: AccessLog): void {
  server.addHook('onResponse', (request, reply, done) => {
    accessLog.answered({
      id: request.id,
      method: request.method,
      route: request.is404 ? 'none' : (request.routeOptions.url ?? 'none'),
      status: reply.statusCode,
      milliseconds: reply.elapsedTime,
      caller: request.caller?.id ?? null,
      outcome: request.outcome,
    });
    done();
  });
}

/** The caller of a guarded route. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new DomainError('not-signed-in', 'Send the credentials of a user named in USERS.');
  return request.caller;
}
