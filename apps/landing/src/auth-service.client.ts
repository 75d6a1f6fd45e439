import {
  AuthService,
  type AuthServiceFault,
  type ExchangeResult,
  type InspectResult,
  type SendCodeResult,
} from './auth-service.js';
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
  private readonly authorization: string;
  private readonly timeoutMs: number;
  private readonly exchangeTimeoutMs: number;
  private readonly maxAnswerBytes: number;

  constructor(private readonly options: AuthServiceClientOptions) {
    super();
    const credential = Buffer.from(`${options.username}:${options.password}`, 'utf8').toString('base64');
    this.authorization = `Basic ${credential}`;
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.exchangeTimeoutMs = options.exchangeTimeoutMs ?? defaultExchangeTimeoutMs;
    this.maxAnswerBytes = options.maxAnswerBytes ?? defaultMaxAnswerBytes;
  }

  override async inspect(link: string): Promise<InspectResult> {
    const answer = await this.post('inspect', { link } satisfies InspectBody, this.timeoutMs);
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
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${this.options.url}/api/v1/links/${route}`, {
        method: 'POST',
        headers: {
          authorization: this.authorization,
          'content-type': 'application/json',
          accept: 'application/json, application/problem+json',
        },
        body: JSON.stringify(body),
        // A redirect would carry the link and our credential to an address that nobody configured.
        redirect: 'error',
        signal: deadline,
      });
      const text = await readBounded(response, this.maxAnswerBytes);
      if (text === undefined) return { ok: false, fault: 'too-large' };
      const retryAfter = parseRetryAfter(response.headers.get('retry-after'));
      return { ok: true, status: response.status, text, retryAfter };
    } catch {
      return { ok: false, fault: deadline.aborted ? 'timeout' : 'unreachable' };
    }
  }
}

function faultOf(status: number): AuthServiceFault {
  return status === 401 || status === 403 ? 'refused' : 'failed';
}

/** Undefined when there is more than `limit` bytes; the rest is then not read. */
async function readBounded(response: Response, limit: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop early cancels the body.
  for await (const chunk of response.body ?? []) {
    const bytes = chunk as Uint8Array;
    size += bytes.byteLength;
    if (size > limit) return undefined;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
