import type { IncomingHttpHeaders } from 'node:http';
import type { Argument } from '@warden/orthanc';
import { stripBearer } from '@warden/tokens';

/** The one credential that a request shows. */
export interface ShownCredential {
  /** Without `Bearer `; of HTTP Basic the whole header. */
  readonly text: string;
  /** Where a user's credential may stand: a share's may stand anywhere. */
  readonly as: 'bearer' | 'basic' | 'api-key' | 'token' | 'cookie';
}

/** Where the landing page leaves a viewer's token, for what a page asks without a header: videos. */
export const tokenCookie = 'warden-token';

/**
 * What a request is judged by. The plugin would try one credential after another until one is granted, so that a request
 * with several could be judged by one and let in by another: they are refused. A cookie goes along with every request of a
 * browser, so it counts only where nothing else is shown.
 */
export function shownCredential(
  headers: IncomingHttpHeaders,
  query: readonly Argument[],
): ShownCredential | null | 'several-credentials' {
  let shown: ShownCredential | null = null;
  let several = false;
  const add = (as: ShownCredential['as'], text: string | string[] | undefined) => {
    if (text === undefined || text === '') return;
    if (typeof text !== 'string') several = true;
    else if (shown === null) shown = { as, text: stripBearer(text) };
    else if (shown.text !== stripBearer(text)) several = true;
  };
  add(/^basic /i.test(headers.authorization ?? '') ? 'basic' : 'bearer', headers.authorization);
  add('api-key', headers['api-key']);
  add('token', headers.token);
  let asked = 0;
  for (const { name, value } of query) {
    if (name !== 'token') continue;
    asked++;
    add('token', value);
  }
  if (several || asked > 1) return 'several-credentials';
  if (shown === null) add('cookie', cookieOf(headers.cookie, tokenCookie));
  return shown;
}

/** The value of a cookie; the first, should there be several. */
export function cookieOf(cookies: string | undefined, name: string): string | undefined {
  for (const pair of cookies?.split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}
