import type { IncomingHttpHeaders } from 'node:http';
import { DomainError } from '../errors/domain-error.js';

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Whether a browser may have sent this. The plugin and scripts send neither header. */
export function namesItsOrigin(headers: IncomingHttpHeaders): boolean {
  return headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
}

/**
 * Why a browser's request may not change anything: a page of another origin made it, with credentials that the browser
 * adds by itself. Undefined where it may. Reasons: docs/adr/0008.
 */
export function crossSiteRefusal(method: string, headers: IncomingHttpHeaders): DomainError | undefined {
  if (safeMethods.has(method) || !namesItsOrigin(headers)) return undefined;
  if (isExplicit(headers) || isSameOrigin(headers)) return undefined;
  return new DomainError(
    'cross-site',
    'A page of another origin asked for this. Send a bearer token or the header api-key in place of HTTP Basic, or ask from a page of this origin; a proxy in between must pass on Host as the browser sent it. Scripts leave out Origin and Sec-Fetch-Site.',
  );
}

/**
 * Credentials that no browser adds by itself. A page of another origin cannot set these headers either, unless the
 * service agrees beforehand (CORS), which it never does. Basic counts whatever comes beside it, since it is looked at first.
 */
function isExplicit({ authorization, 'api-key': key }: IncomingHttpHeaders): boolean {
  return authorization === undefined ? key !== undefined : /^bearer /i.test(authorization);
}

function isSameOrigin(headers: IncomingHttpHeaders): boolean {
  // The browser has compared the addresses that it sees itself, so no proxy in between matters.
  const site = headers['sec-fetch-site'];
  if (site === 'same-origin') return true;
  // `none` is a user who typed an address. That never posts, so it proves nothing here, and `Origin` decides.
  if (site !== undefined && site !== 'none') return false;
  return headers.origin !== undefined && isOwnOrigin(headers.origin, headers.host ?? '');
}

/** Host and port alone: a proxy that ends TLS changes the scheme. The scheme of `Origin` says which port goes unsaid. */
function isOwnOrigin(origin: string, host: string): boolean {
  if (!URL.canParse(origin) || !/^[^\s/@?#\\]+$/.test(host)) return false;
  const { protocol, host: expected, origin: written } = new URL(origin);
  // `null`, what is not http or https, and what no browser writes.
  if (written !== origin || !/^https?:$/.test(protocol)) return false;
  const own = `${protocol}//${host}`;
  return URL.canParse(own) && new URL(own).host === expected;
}
