import type { IncomingHttpHeaders } from 'node:http';

/** Where proxies ask. */
export const guardPath = '/forward-auth';

/** The request that a proxy asks about. */
export interface AskedRequest {
  readonly method: string;
  /** As it stood in the request line. */
  readonly uri: string;
}

/** The headers that tell of it: nginx; Traefik, Caddy and Apache. */
const forms = [
  ['x-original-method', 'x-original-uri'],
  ['x-forwarded-method', 'x-forwarded-uri'],
] as const;

/**
 * What a proxy tells of the request that it holds. Several forms at once are refused: one of them was then written by the
 * client, and nobody can tell which. See docs/adr/0012.
 */
export function askedRequest(
  method: string,
  url: string,
  headers: IncomingHttpHeaders,
): AskedRequest | 'no-request' | 'ambiguous-request' {
  const told: AskedRequest[] = [];
  // Envoy puts what it holds behind the address that it asks.
  if (url.length > guardPath.length) told.push({ method, uri: url.slice(guardPath.length) });
  for (const [methodName, uriName] of forms) {
    const asked = headers[methodName];
    const uri = headers[uriName];
    if (asked === undefined && uri === undefined) continue;
    if (typeof asked !== 'string' || typeof uri !== 'string') return 'ambiguous-request';
    told.push({ method: asked, uri });
  }
  const [only] = told;
  if (only === undefined) return 'no-request';
  return told.length > 1 ? 'ambiguous-request' : only;
}
