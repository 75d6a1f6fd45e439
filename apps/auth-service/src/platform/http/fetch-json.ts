/** Milliseconds for a whole exchange with another service. */
const limitMs = 2_000;
/** Bytes of an answer. */
const limitBytes = 1024 * 1024;

/**
 * Asks another service for JSON. Bounded in time and size, and follows no redirect: an address is one that an installer
 * gave, never one that an answer gives.
 *
 * @throws Error whose message is fit for a log: what went wrong, without address or content
 */
export async function fetchJson(
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string; signal?: AbortSignal } = {},
): Promise<{ status: number; json: unknown }> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { ...init, redirect: 'manual', signal: init.signal ?? AbortSignal.timeout(limitMs) });
    text = await boundedText(response);
  } catch (error) {
    throw new Error(causeOf(error), { cause: error });
  }
  if (response.status >= 300 && response.status < 400) throw new Error(`it redirects (${response.status})`);
  try {
    return { status: response.status, json: text === '' ? null : (JSON.parse(text) as unknown) };
  } catch {
    if (response.ok) throw new Error('its answer is not JSON');
    return { status: response.status, json: null };
  }
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limitBytes) throw new Error('its answer is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** By shape, not by class: fetch hides what the network said in `cause`. */
function causeOf(error: unknown): string {
  const { name, message, cause } = error as { name?: unknown; message?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError') return `no answer within ${limitMs / 1000} s`;
  if (typeof cause?.code === 'string') return `it cannot be reached (${cause.code})`;
  return cause === undefined && typeof message === 'string' ? message : 'it cannot be reached';
}
