import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Log } from '../log.js';

interface AccessRecord {
  readonly id: string;
  route: string;
  outcome: string;
  cause?: string;
}

const records = new WeakMap<IncomingMessage, AccessRecord>();

/** The id under which the log tells of this request. */
export function requestIdOf(request: IncomingMessage): string {
  return records.get(request)?.id ?? 'unknown';
}

/** Adds to the request's log line. Only words of ours: a route's template, never a path; an outcome's code, never a text that came in. */
export function noteForLog(
  request: IncomingMessage,
  note: { readonly route?: string; readonly outcome?: string; readonly cause?: string },
): void {
  const record = records.get(request);
  if (record !== undefined) Object.assign(record, note);
}

/**
 * Stands in front of the framework: every answer gets the headers and every request its one line, also those that never reach a route, and
 * those whose client hangs up.
 */
export function watchServer(server: Server, log: Log, headers: Readonly<Record<string, string>>): void {
  const always = Object.entries(headers);
  server.prependListener('request', (request, response) => {
    const began = performance.now();
    const record: AccessRecord = { id: randomUUID(), route: '(none)', outcome: 'none' };
    records.set(request, record);
    for (const [name, value] of always) response.setHeader(name, value);
    response.setHeader('X-Request-Id', record.id);
    response.once('close', () => {
      // While we stop: a connection that a proxy keeps open for later would hold us up.
      if (!server.listening) setImmediate(() => server.closeIdleConnections());
      const line = {
        requestId: record.id,
        route: record.route,
        method: request.method,
        status: response.statusCode,
        ms: Math.round((performance.now() - began) * 10) / 10,
        outcome: response.writableFinished ? record.outcome : 'hung-up',
        ...(record.cause === undefined ? {} : { cause: record.cause }),
      };
      if (response.statusCode >= 500) log.warn(line, 'request');
      else log.info(line, 'request');
    });
  });
}
