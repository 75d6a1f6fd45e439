import assert from 'node:assert/strict';
import { URLSearchParams } from 'node:url';

/** Somebody with the link, a network address and a browser that keeps cookies, and sends the form of the page as it stands. */
export function startVisit({ link, address, userAgent }) {
  const cookies = new Map();
  const headers = { 'x-forwarded-for': address, 'user-agent': userAgent };
  let form = null;

  async function ask(more) {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const response = await fetch(link, {
      redirect: 'manual',
      signal: AbortSignal.timeout(20_000),
      ...more,
      headers: { ...headers, ...more.headers, ...(cookie === '' ? {} : { cookie }) },
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set);
      cookies.set(name, value);
    }
    const html = await response.text();
    form = formOf(html) ?? form;
    const [, url] = /<meta http-equiv="refresh" content="0;url=([^"]*)">/.exec(html) ?? [];
    return { status: response.status, leadsTo: url?.replaceAll('&amp;', '&'), html };
  }

  return {
    open: () => ask({ method: 'GET' }),
    /** With what the form hides, and this entry. */
    enter: (secret) => {
      assert.ok(form !== null, 'no page with a form was seen');
      return ask({
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ ...form, action: 'open', secret }).toString(),
      });
    },
  };
}

/** The hidden fields of the form that has an entry; null: the page has none. */
function formOf(html) {
  const whole = [...html.matchAll(/<form\b[^>]*>([\s\S]*?)<\/form>/g)].find(([, inside]) => /id="secret"/.test(inside));
  if (whole === undefined) return null;
  const hidden = [...whole[1].matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)];
  return Object.fromEntries(hidden.map(([, name, value]) => [name, value]));
}
