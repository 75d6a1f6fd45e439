import type { OrthancConfig } from '../../platform/config/config.js';
import { fetchJson } from '../../platform/http/fetch-json.js';

export type Json = Readonly<Record<string, unknown>>;

/** Milliseconds for one exchange. */
const timeLimit = 2_000;

/** Orthanc's REST API, asked with credentials of our own. */
export class OrthancRest {
  readonly configured: boolean;
  private readonly headers: Record<string, string>;

  constructor(private readonly orthanc: OrthancConfig | null) {
    this.configured = orthanc !== null;
    const credentials = orthanc?.credentials ?? null;
    this.headers =
      credentials === null
        ? {}
        : {
            authorization: `Basic ${Buffer.from(`${credentials.username}:${credentials.password.reveal()}`).toString('base64')}`,
          };
  }

  /** Null: 404. A body makes it a POST: of plain text, or of JSON. Throws for any other answer. */
  async ask(path: string, signal: AbortSignal, body?: string | Json): Promise<unknown> {
    if (this.orthanc === null) throw new Error('ORTHANC_URL is not set');
    const { status, json } = await fetchJson(`${this.orthanc.url}${path}`, {
      headers: { ...this.headers, accept: 'application/json', ...typeOf(body) },
      ...(body === undefined ? {} : { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]),
    });
    if (status === 404) return null;
    if (status === 401 || status === 403)
      throw new Error(`it refuses us (${status}); check ORTHANC_USERNAME and ORTHANC_PASSWORD`);
    if (status !== 200) throw new Error(`it answers ${status}`);
    if (json === null) throw new Error('its answer is empty');
    return json;
  }
}

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function typeOf(body: string | Json | undefined): Record<string, string> {
  if (body === undefined) return {};
  return { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' };
}
