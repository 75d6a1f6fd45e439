import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../errors/domain-error.js';
import type { AccessLog } from './access-log.js';
import { type Access, type Caller, type CallerResolver, type RequestSource, mayUse } from './caller.js';
import { crossSiteRefusal } from './cross-site.js';
import { maxBodyBytes, parseJsonBody, readTextBody } from './json-body.js';

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller | null;
    /** Closed word for the access log. */
    outcome: string;
  }
  interface FastifyContextConfig {
    access?: Access;
    /** The route reads the text of its body itself; see `TextBody`. */
    textBody?: boolean;
    /** And does not look at its type: callers of another product say what they like. */
    anyTypeOfBody?: boolean;
  }
}

const signInAdvice = 'Send HTTP Basic credentials of USERS, a bearer token of a trusted issuer, or the header api-key.';

/**
 * Judges who may use a route before a byte of the body is read, so that nobody without credentials can make the
 * service hold half a megabyte. A route without a rule is refused. What a page of another origin asks for is refused
 * before the credentials are looked at: no password is checked for it, and no browser asks its user for one.
 */
export function guardRoutes(server: FastifyInstance, callers: CallerResolver): void {
  server.decorateRequest('caller', null);
  server.decorateRequest('outcome', 'ok');
  server.addHook('onRequest', (request, _reply, done) => {
    if (request.is404) return done();
    const refuse = (error: DomainError | undefined) => done(error && withoutItsBody(error, request.headers));
    const crossSite = crossSiteRefusal(request.method, request.headers);
    if (crossSite !== undefined) return refuse(crossSite);
    const access = request.routeOptions.config.access;
    if (access !== undefined && 'public' in access) return done();
    const judge = (caller: Caller | null) => {
      request.caller = caller === null ? null : { ...caller, source: sourceOf(request) };
      refuse(refusal(access, caller));
    };
    const known = callers.atOnce(request.headers);
    if (known !== null) judge(known);
    else
      callers.resolve(request.headers).then(judge, (error: unknown) => {
        if (error instanceof DomainError) refuse(error);
        else done(error as Error);
      });
  });
}

function sourceOf({ ip: address, headers, id: requestId }: FastifyRequest): RequestSource {
  return { address, userAgent: headers['user-agent'] ?? null, requestId };
}

/** Of a body that may be longer than any that is accepted, nothing is waited for: the connection ends with the answer. */
function withoutItsBody(error: DomainError, headers: IncomingHttpHeaders): DomainError {
  const { 'transfer-encoding': encoding, 'content-length': length = 0 } = headers;
  if (encoding === undefined && Number(length) <= maxBodyBytes) return error;
  const { code, detail, options } = error;
  return new DomainError(code, detail, { ...options, headers: { ...options.headers, connection: 'close' } });
}

function refusal(
  access: Exclude<Access, { public: string }> | undefined,
  caller: Caller | null,
): DomainError | undefined {
  if (access === undefined) return new DomainError('not-allowed', 'This route has no access rule.');
  if (caller === null) return new DomainError('not-signed-in', signInAdvice);
  return mayUse(access, caller)
    ? undefined
    : new DomainError('not-allowed', 'These credentials may not use this route.');
}

/** JSON only (but see `TextBody`), read by the same function as on the lane; a body without a content type is taken for JSON. */
export function readJsonBodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  const parse = (request: FastifyRequest, body: Buffer, done: (error: Error | null, value?: unknown) => void) => {
    // Whatever is in it, there is no such route: that is the answer.
    if (request.is404) return done(null, undefined);
    try {
      done(null, request.routeOptions.config.textBody === true ? readTextBody(body) : parseJsonBody(body));
    } catch (error) {
      done(error as Error);
    }
  };
  server.addContentTypeParser('application/json', { parseAs: 'buffer' }, parse);
  server.addContentTypeParser('text/plain', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    if (request.is404 || request.routeOptions.config.textBody === true) parse(request, body, done);
    else done(new DomainError('unsupported-media-type', 'Send content-type application/json.'));
  });
  server.addContentTypeParser('*', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const { anyTypeOfBody = false } = request.routeOptions.config;
    if (request.is404 || anyTypeOfBody || request.headers['content-type'] === undefined) parse(request, body, done);
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
  if (request.caller === null) throw new DomainError('not-signed-in', signInAdvice);
  return request.caller;
}
