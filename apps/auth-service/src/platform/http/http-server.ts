import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastLane } from './fast-lane.js';
import { maxBodyBytes } from './json-body.js';
import { nextRequestId } from './request-id.js';

/** Bytes. The plugin repeats the token in a header of its own, and a token of many studies is long. */
const longestHeaders = 128 * 1024;

/** Milliseconds. A slow client must not hold a connection for ever; the plugin itself gives up after 10 s. */
const limits = { headers: 10_000, request: 15_000, keepAlive: 65_000 };

/** Fastify on a node server on which the lane looks first. `lane` is filled once the application is put together. */
export function createHttpAdapter(lane: { current: FastLane | null }): FastifyAdapter {
  return new FastifyAdapter({
    logger: false,
    bodyLimit: maxBodyBytes,
    exposeHeadRoutes: false,
    genReqId: nextRequestId,
    return503OnClosing: true,
    forceCloseConnections: 'idle',
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
    serverFactory: (handler: (request: IncomingMessage, response: ServerResponse) => void): Server => {
      const server = createServer(
        {
          maxHeaderSize: longestHeaders,
          keepAliveTimeout: limits.keepAlive,
          headersTimeout: limits.headers,
          requestTimeout: limits.request,
        },
        (request, response) => {
          if (lane.current === null || !lane.current.take(request, response)) handler(request, response);
        },
      );
      return server;
    },
  });
}
