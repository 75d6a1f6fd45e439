import type { Schemas } from '@warden/auth-service-api';
import { AuthService, type DecodedLink, type DecodeResult } from './auth-service.js';

type DecodeBody = Schemas['DecodeBody'];
type DecodeAnswer = Schemas['DecodeAnswer'];

export interface AuthServiceClientOptions {
  /** Without a trailing slash. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** For the whole exchange, the answer's body included. */
  readonly timeoutMs?: number;
  readonly maxAnswerBytes?: number;
}

// A link to several hundred studies decodes to about 100 kB.
const defaultMaxAnswerBytes = 1024 * 1024;
const defaultTimeoutMs = 3000;

/** AuthService over HTTP: POST {url}/tokens/decode and GET {url}/health/live. */
export class HttpAuthService extends AuthService {
  private readonly authorization: string;
  private readonly timeoutMs: number;
  private readonly maxAnswerBytes: number;

  constructor(private readonly options: AuthServiceClientOptions) {
    super();
    const credential = Buffer.from(`${options.username}:${options.password}`, 'utf8').toString('base64');
    this.authorization = `Basic ${credential}`;
    this.timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
    this.maxAnswerBytes = options.maxAnswerBytes ?? defaultMaxAnswerBytes;
  }

  override async decode(token: string): Promise<DecodeResult> {
    const deadline = AbortSignal.timeout(this.timeoutMs);
    try {
      const response = await fetch(`${this.options.url}/tokens/decode`, {
        method: 'POST',
        headers: {
          authorization: this.authorization,
          'content-type': 'application/json',
          accept: 'application/json',
        },
        body: JSON.stringify({ 'token-key': 'token', 'token-value': token } satisfies DecodeBody),
        // A redirect would carry the token and our credential to an address that nobody configured.
        redirect: 'error',
        signal: deadline,
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        return { ok: false, fault: response.status === 401 || response.status === 403 ? 'refused' : 'failed' };
      }
      const text = await readBounded(response, this.maxAnswerBytes);
      if (text === undefined) return { ok: false, fault: 'too-large' };
      const link = parseDecodedLink(text);
      return link === undefined ? { ok: false, fault: 'malformed' } : { ok: true, link };
    } catch {
      return { ok: false, fault: deadline.aborted ? 'timeout' : 'unreachable' };
    }
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

/**
 * Reads an answer of /tokens/decode; undefined when it isn't one. Checked by hand because what follows is a redirect: anything not understood
 * must end as "can't tell", never as an open.
 */
export function parseDecodedLink(text: string): DecodedLink | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return undefined;
  const {
    'error-code': errorCode,
    'redirect-url': redirectUrl = null,
    reason,
  } = answer as Record<keyof DecodeAnswer, unknown>;
  if (errorCode !== null && errorCode !== 'expired' && errorCode !== 'invalid' && errorCode !== 'unknown')
    return undefined;
  if (redirectUrl !== null && typeof redirectUrl !== 'string') return undefined;
  return { errorCode, redirectUrl, reason: typeof reason === 'string' ? reason : undefined };
}
