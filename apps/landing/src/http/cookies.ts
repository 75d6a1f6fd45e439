import type { FastifyReply, FastifyRequest } from 'fastify';

/** Which cookies there are. Both end with the browser's session. */
export type CookieName = 'warden-session' | 'warden-language';

/** The value that came under this name; the first, should there be several. */
export function cookieOf(request: FastifyRequest, name: CookieName): string | undefined {
  for (const pair of request.headers.cookie?.slice(0, 8192).split(';') ?? []) {
    const at = pair.indexOf('=');
    if (at > 0 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
  }
  return undefined;
}

/** `value` is of letters, digits, - and _ alone. Lax and not Strict: a recipient comes from a mail or a message, which is another site. */
export function setCookie(request: FastifyRequest, reply: FastifyReply, name: CookieName, value: string): void {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  void reply.header('Set-Cookie', `${name}=${value}; Path=/; HttpOnly; SameSite=Lax${secure}`);
}
