import {
  AuthService,
  type AuthServiceFault,
  type ExchangeResult,
  type InspectResult,
  type SendCodeResult,
} from './auth-service.js';
import { JsonPoster } from './http/json-poster.js';
import { parseExchanged, parseInspection, parseProblem, parseRetryAfter } from './link-answers.js';
import type { ExchangeBody, InspectBody, SendCodeBody } from './link-wire.js';

export interface AuthServiceClientOptions {
  /** Without a trailing slash. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** For a whole call, the answer's body included. */
  readonly timeoutMs?: number;
  /** For an exchange: the secret's hash is slow on purpose and may have to queue. */
  readonly exchangeTimeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

// An address of 64 kB for each of several viewers.
const defaultMaxAnswerBytes = 1024 * 1024;
const defaultTimeoutMs = 3000;
const defaultExchangeTimeoutMs = 8000;

interface Answer {
  readonly ok: true;
  readonly status: number;
  readonly text: string;
  readonly retryAfter: number | undefined;
}

/** AuthService over HTTP: POST {url}/api/v1/links/… and GET {url}/health/live. */
export class HttpAuthService extends AuthService {
  private readonly poster: JsonPoster;
  private readonly timeoutMs: number;
  private readonly exchangeTimeoutMs: number;
  private readonly maxAnswerBytes: number;

  constructor(private readonly options: AuthServiceClientOptions) {
    super();
    const credential = Buffer.from(`${options.username}:${options.password}`, 'utf8').toString('base64');
    const headers = { authorization: `Basic ${credential}`, accept: 'application/json, application/problem+json' };
    this.poster = new JsonPoster(headers, options.url);
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.exchangeTimeoutMs = options.exchangeTimeoutMs ?? defaultExchangeTimeoutMs;
    this.maxAnswerBytes = options.maxAnswerBytes ?? defaultMaxAnswerBytes;
  }

  override async inspect(link: string, session?: string): Promise<InspectResult> {
    const body: InspectBody = session === undefined ? { link } : { link, session };
    const answer = await this.post('inspect', body, this.timeoutMs);
    if (!answer.ok) return answer;
    if (answer.status !== 200) return { ok: false, fault: faultOf(answer.status) };
    const inspected = parseInspection(answer.text);
    return inspected === undefined ? { ok: false, fault: 'malformed' } : { ok: true, inspected };
  }

  override async sendCode(request: SendCodeBody): Promise<SendCodeResult> {
    const answer = await this.post('send-code', request, this.timeoutMs);
    if (!answer.ok) return answer;
    if (answer.status === 202) return { ok: true, sent: true };
    if (answer.status === 429) return { ok: true, sent: false, retryAfter: answer.retryAfter };
    return { ok: false, fault: faultOf(answer.status) };
  }

  override async exchange(request: ExchangeBody): Promise<ExchangeResult> {
    const answer = await this.post('exchange', request, this.exchangeTimeoutMs);
    if (!answer.ok) return answer;
    if (answer.status === 200) {
      const url = parseExchanged(answer.text);
      return url === undefined ? { ok: false, fault: 'malformed' } : { ok: true, url };
    }
    const problem = answer.status >= 400 ? parseProblem(answer.text) : undefined;
    if (problem === undefined) return { ok: false, fault: faultOf(answer.status) };
    return { ok: true, url: undefined, problem, retryAfter: answer.retryAfter };
  }

  override async isAlive(): Promise<boolean> {
    try {
      const response = await fetch(`${this.options.url}/health/live`, {
        redirect: 'error',
        signal: AbortSignal.timeout(this.timeoutMs),
      });
      await response.body?.cancel();
      return response.status === 200;
    } catch {
      return false;
    }
  }

  private async post(
    route: 'inspect' | 'send-code' | 'exchange',
    body: InspectBody | SendCodeBody | ExchangeBody,
    timeoutMs: number,
  ): Promise<Answer | { readonly ok: false; readonly fault: AuthServiceFault }> {
    const url = `${this.options.url}/api/v1/links/${route}`;
    const posted = await this.poster.post(url, body, { timeoutMs, maxBytes: this.maxAnswerBytes });
    if (!posted.ok) return posted;
    return { ...posted, retryAfter: parseRetryAfter(posted.retryAfter) };
  }
}

function faultOf(status: number): AuthServiceFault {
  return status === 401 || status === 403 ? 'refused' : 'failed';
}
