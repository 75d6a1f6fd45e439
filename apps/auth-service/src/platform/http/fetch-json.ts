/** Milliseconds for a whole exchange with another service, a second attempt included. */
const usualLimit = 2_000;
/** Bytes of an answer. */
const longestAnswer = 1024 * 1024;

export interface Exchange {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: URLSearchParams | string;
  /** Milliseconds; the usual limit when absent. */
  readonly timeLimit?: number;
  /** In place of `timeLimit`, for several exchanges that must be done together. */
  readonly signal?: AbortSignal;
}

/** Why another service gave no answer. The message is fit for a log: neither address nor content is in it. */
export class NoAnswer extends Error {
  constructor(
    readonly kind: 'timeout' | 'too-long' | 'redirect' | 'unreachable' | 'not-json',
    message: string,
  ) {
    super(message);
  }
}

/**
 * Asks another service. Bounded in time and size, and follows no redirect: an address is one that an installer gave, never
 * one that an answer gives. A connection that was cut is tried once more, since a service may close an idle one at the
 * moment of its use (RFC 9112 section 9.5): for calls that change nothing.
 *
 * @throws NoAnswer
 */
export async function fetchText(
  url: string,
  { timeLimit = usualLimit, ...exchange }: Exchange = {},
): Promise<{ status: number; text: string }> {
  const signal = exchange.signal ?? AbortSignal.timeout(timeLimit);
  const once = async () => {
    const response = await fetch(url, { ...exchange, redirect: 'manual', signal });
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      throw new NoAnswer('redirect', 'it answers with a redirect, which is not followed');
    }
    return { status: response.status, text: await boundedText(response) };
  };
  try {
    return await once().catch((error: unknown) => {
      if (isCutConnection(error)) return once();
      throw error;
    });
  } catch (error) {
    throw error instanceof NoAnswer ? error : noAnswer(error, timeLimit);
  }
}

/** As `fetchText`; `json` is null for an empty body, and for a refusal that is not JSON. */
export async function fetchJson(url: string, exchange: Exchange = {}): Promise<{ status: number; json: unknown }> {
  const { status, text } = await fetchText(url, exchange);
  try {
    return { status, json: text === '' ? null : (JSON.parse(text) as unknown) };
  } catch {
    if (status >= 200 && status < 300) throw new NoAnswer('not-json', 'its answer is not JSON');
    return { status, json: null };
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop by the throw cancels the stream, and so closes the connection.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.byteLength;
    if (size > longestAnswer) throw new NoAnswer('too-long', `the answer is longer than ${longestAnswer} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** By shape, not by class: fetch hides what the network said in `cause`. Its own words may quote the address. */
function noAnswer(error: unknown, timeLimit: number): NoAnswer {
  if ((error as { name?: unknown }).name === 'TimeoutError')
    return new NoAnswer('timeout', `no whole answer within ${timeLimit} ms`);
  const code = codeOf(error);
  return new NoAnswer('unreachable', `it cannot be reached${code === null ? '' : ` (${code})`}`);
}

function isCutConnection(error: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(error) ?? '');
}

function codeOf(error: unknown): string | null {
  const { code } = (error as { cause?: { code?: unknown } }).cause ?? {};
  return typeof code === 'string' ? code : null;
}
