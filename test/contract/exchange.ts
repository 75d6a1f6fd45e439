import { type IncomingHttpHeaders, request as httpRequest } from 'node:http';

export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Sent as they are, besides `Host` and what frames the body. */
  readonly headers: Readonly<Record<string, string>>;
  /** A text is sent chunked, as the plugin sends its JSON; bytes are sent with their length. */
  readonly body: string | Buffer | null;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** Milliseconds since 1970, before and after. */
  readonly before: number;
  readonly after: number;
}

/** One request on a connection of its own. node:http, since `fetch` adds headers and follows redirects. */
export function exchange(origin: string, { method, path, headers, body }: WireRequest): Promise<WireAnswer> {
  const before = Date.now();
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text: Buffer.concat(chunks).toString(),
          before,
          after: Date.now(),
        }),
      );
    });
    outgoing.on('error', reject);
    if (Buffer.isBuffer(body)) outgoing.setHeader('Content-Length', body.length);
    if (typeof body === 'string') outgoing.write(body);
    outgoing.end(Buffer.isBuffer(body) ? body : undefined);
  });
}
