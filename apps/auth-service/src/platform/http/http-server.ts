import { type IncomingMessage, STATUS_CODES, type Server, type ServerResponse, createServer } from 'node:http';
import type { Socket } from 'node:net';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, platformErrors } from '../errors/domain-error.js';
import type { FastLane } from './fast-lane.js';
import { maxBodyBytes } from './json-body.js';
import { problemMediaType, renderProblem } from './problem.js';
import { nextRequestId } from './request-id.js';

/** Bytes. The plugin repeats the token in a header of its own, and a token of many studies is long. */
const longestHeaders = 128 * 1024;

/** Milliseconds. A slow client must not hold a connection for ever; the plugin itself gives up after 10 s. */
const limits = { headers: 10_000, request: 15_000, keepAlive: 65_000 };

/** What the application fills in once it is put together. */
export interface ServerParts {
  lane: FastLane | null;
  /** Answers an error that Fastify itself found, before any route. */
  frameworkError: (error: unknown, request: FastifyRequest, reply: FastifyReply) => void;
}

/** Fastify on a node server on which the lane looks first. */
export function createHttpAdapter(parts: ServerParts, trustedProxies: readonly string[]): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    genReqId: nextRequestId,
    trustProxy: trustedProxies.length === 0 ? false : [...trustedProxies],
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    frameworkErrors: (error: unknown, request: FastifyRequest, reply: FastifyReply) =>
      parts.frameworkError(error, request, reply),
    clientErrorHandler: refuseUnreadable,
    serverFactory: (handler: (request: IncomingMessage, response: ServerResponse) => void): Server => {
      const serve = (request: IncomingMessage, response: ServerResponse) => {
        if (parts.lane === null || !parts.lane.take(request, response)) handler(request, response);
      };
      const server = createServer(
        {
          maxHeaderSize: longestHeaders,
          keepAliveTimeout: limits.keepAlive,
          headersTimeout: limits.headers,
          requestTimeout: limits.request,
        },
        serve,
      );
      // The plugin sends an empty Expect header so that its client library sends none; node would answer 417.
      server.on('checkExpectation', serve);
      return server;
    },
  });
}

/** What is not HTTP never becomes a request: the answer is written on the bare connection. */
function refuseUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const { code, detail } = unreadableRequests[error.code ?? ''] ?? {
    code: 'unreadable-body' as const,
    detail: 'The request cannot be read; send well-formed HTTP.',
  };
  const problem = renderProblem(new DomainError(code, detail), platformErrors, nextRequestId());
  socket.end(
    `HTTP/1.1 ${problem.meaning.status} ${STATUS_CODES[problem.meaning.status] ?? 'Error'}\r\n` +
      `content-type: ${problemMediaType}\r\ncontent-length: ${Buffer.byteLength(problem.body)}\r\n` +
      `cache-control: no-store\r\nconnection: close\r\n\r\n${problem.body}`,
  );
}

const unreadableRequests: Readonly<Record<string, { code: keyof typeof platformErrors; detail: string }>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { code: 'request-timeout', detail: 'Send the whole request sooner.' },
  HPE_HEADER_OVERFLOW: { code: 'uri-too-long', detail: 'Shorten the address or the headers.' },
};
