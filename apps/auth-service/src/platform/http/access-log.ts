import type { Log } from '../observability/log.js';
import type { HttpTally } from './http-tally.js';

export interface AnsweredRequest {
  id: string;
  method: string;
  /** Template, never the address, which may hold a token. */
  route: string;
  status: number;
  milliseconds: number;
  caller: string | null;
  /** Closed code: `granted`, `expired`, `invalid-input`, … */
  outcome: string;
}

/** One line and one count for every request that was answered. */
export class AccessLog {
  constructor(
    private readonly log: Log,
    readonly tally: HttpTally,
  ) {}

  answered(request: AnsweredRequest): void {
    this.tally.of(request.method, request.route, request.status).add(request.milliseconds);
    this.write(request, request.caller === null ? 'null' : JSON.stringify(request.caller));
  }

  /** `caller` is JSON text. Everything else is a closed word or a number, so the line is put together by hand. */
  write(request: Omit<AnsweredRequest, 'caller'>, caller: string): void {
    this.log.line(
      `{"level":"info","time":"${new Date().toISOString()}","id":"${request.id}","method":"${request.method}","route":"${request.route}",` +
        `"status":${request.status},"ms":${request.milliseconds.toFixed(3)},"caller":${caller},"outcome":"${request.outcome}","event":"request"}\n`,
    );
  }
}
