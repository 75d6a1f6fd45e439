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

/** The start of a time up to its second, which many lines share: `toISOString` costs as much as the rest of the line. */
let second = -1;
let secondText = '';

function isoTime(): string {
  const now = Date.now();
  const current = Math.floor(now / 1000);
  if (current !== second) {
    second = current;
    secondText = new Date(now).toISOString().slice(0, 20);
  }
  const millis = now - current * 1000;
  return `${secondText}${millis < 10 ? '00' : millis < 100 ? '0' : ''}${millis}Z`;
}

/** One line and one count for every request that was answered. */
export class AccessLog {
  constructor(
    private readonly log: Log,
    readonly tally: HttpTally,
  ) {}

  /** Everything but the caller is a closed word or a number, so the line is put together by hand. */
  answered(request: AnsweredRequest): void {
    this.tally.of(request.method, request.route, request.status).add(request.milliseconds);
    this.log.line(
      `{"level":"info","time":"${isoTime()}","id":"${request.id}","method":"${request.method}","route":"${request.route}",` +
        `"status":${request.status},"ms":${request.milliseconds.toFixed(3)},"caller":${JSON.stringify(request.caller)},"outcome":"${request.outcome}","event":"request"}\n`,
    );
  }
}
