import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../log.js';
import { noteForLog } from './access-log.js';
import type { Answers } from './answer.js';

/** Every error becomes a page. Its own text is neither shown nor logged: the framework's "Cannot GET …" holds the whole address. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(
    private readonly answers: Answers,
    private readonly log: Log,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const status = statusOf(error);
    if (status === 404) {
      noteForLog(request.raw, { route: '(none)', outcome: 'no-such-page' });
      return this.answers.page(request, reply, 404, 'not-found');
    }
    if (status < 500) {
      noteForLog(request.raw, { outcome: 'bad-request' });
      return this.answers.page(request, reply, status, 'incomplete');
    }
    noteForLog(request.raw, { outcome: 'fault' });
    this.log.error({ requestId: request.id, fault: describe(error) }, 'unexpected fault');
    this.answers.page(request, reply, 500, 'unavailable');
  }
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/** The kind of error and where it arose; its message may quote the input. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'not an Error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.map((line) => line.trim())].join(' | ');
}
