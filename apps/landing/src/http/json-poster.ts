import { Agent as HttpAgent, type IncomingMessage, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';

export type Posted =
  | { readonly ok: true; readonly status: number; readonly text: string; readonly retryAfter: string | null }
  | { readonly ok: false; readonly fault: 'timeout' | 'unreachable' | 'too-large' };

export interface Limits {
  /** Milliseconds for the whole call, the answer's body included. */
  readonly timeoutMs: number;
  /** Bytes of the answer's body. */
  readonly maxBytes: number;
}

/** Milliseconds after which an idle connection is closed: before the service does it while we are asking. */
const idleMs = 15_000;

/**
 * Posts JSON over connections that are kept. A page of a link is one such call and little else, and `fetch` would cost it
 * more than all the rest. Never follows a redirect, which would carry the link and our credential elsewhere.
 */
export class JsonPoster {
  private readonly send: typeof httpRequest;
  private readonly agent: HttpAgent | HttpsAgent;

  constructor(
    private readonly headers: Readonly<Record<string, string>>,
    baseUrl: string,
  ) {
    const secure = baseUrl.startsWith('https:');
    this.send = secure ? httpsRequest : httpRequest;
    this.agent = new (secure ? HttpsAgent : HttpAgent)({ keepAlive: true, timeout: idleMs, scheduling: 'lifo' });
  }

  /** Never rejects, and never asks twice: a wrong code that was counted must not be counted again. */
  post(url: string, body: unknown, { timeoutMs, maxBytes }: Limits): Promise<Posted> {
    return new Promise((resolve) => {
      const bytes = Buffer.from(JSON.stringify(body), 'utf8');
      const headers = { ...this.headers, 'content-type': 'application/json', 'content-length': bytes.length };
      const request = this.send(url, { method: 'POST', agent: this.agent, headers });
      const timer = setTimeout(() => settle({ ok: false, fault: 'timeout' }), timeoutMs);
      // What comes after the first settlement changes nothing.
      const settle = (posted: Posted) => {
        clearTimeout(timer);
        resolve(posted);
        if (!posted.ok) request.destroy();
      };
      request.on('response', (response) => read(response, maxBytes, settle));
      request.on('error', () => settle({ ok: false, fault: 'unreachable' }));
      request.end(bytes);
    });
  }
}

function read(response: IncomingMessage, maxBytes: number, settle: (posted: Posted) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  response.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > maxBytes) settle({ ok: false, fault: 'too-large' });
    else chunks.push(chunk);
  });
  response.on('error', () => settle({ ok: false, fault: 'unreachable' }));
  response.on('end', () => {
    if (size > maxBytes) return;
    const retryAfter = response.headers['retry-after'] ?? null;
    const text = Buffer.concat(chunks).toString('utf8');
    settle({ ok: true, status: response.statusCode ?? 0, text, retryAfter });
  });
  response.on('close', () => {
    if (!response.complete) settle({ ok: false, fault: 'unreachable' });
  });
}
