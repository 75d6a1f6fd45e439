import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import { TokenKeys } from '../tokens/index.js';
import { cookieOf } from './shown-credential.js';

/** What the landing page leaves in a browser. */
const sessionCookie = 'warden-session';

/** Milliseconds. A viewer that was not used for an hour is over. */
const pause = 3_600_000;
/** Milliseconds after which a stamp is worth a new one. */
const stampedEvery = 300_000;

/**
 * Visits of recipients: a viewer's token is good in the browser that it was given to, and there for longer than it says
 * itself while it is used. What is known of a visit is in the browser, as a signed moment, so that replicas need not agree.
 */
@Injectable()
export class ViewerVisits {
  constructor(private readonly keys: TokenKeys) {}

  /** False: the token was given to another browser. */
  isOwn({ session }: ShareToken, headers: IncomingHttpHeaders): boolean {
    if (session === null) return true;
    const shown = cookieOf(headers.cookie, sessionCookie);
    return shown !== undefined && createHash('sha256').update(shown).digest('base64url') === session.digest;
  }

  /** Until when a token that is over is good all the same, in milliseconds since the epoch; null: it is over. */
  goesOnUntil(token: ShareToken, headers: IncomingHttpHeaders): number | null {
    if (token.session === null) return null;
    const seenAt = this.stampIn(token, headers);
    return seenAt === null ? null : Math.min(token.session.until, seenAt + pause);
  }

  /** A cookie for the browser, when it is time for one. */
  stampFor(token: ShareToken, headers: IncomingHttpHeaders, now: number): string | null {
    if (token.session === null || token.session.until <= now) return null;
    const seenAt = this.stampIn(token, headers);
    if (seenAt !== null && now - seenAt < stampedEvery) return null;
    const seconds = Math.floor(now / 1000);
    const value = `${seconds}.${this.macOf(token, seconds)}`;
    const secure = headers['x-forwarded-proto'] === 'http' ? '' : '; Secure';
    return `${nameOf(token)}=${value}; Path=/; Max-Age=${pause / 1000}; HttpOnly; SameSite=Lax${secure}`;
  }

  /** When the viewer was used last, as far as it was stamped. */
  private stampIn(token: ShareToken, { cookie }: IncomingHttpHeaders): number | null {
    const [, seconds = '', mac = ''] = /^(\d{1,12})\.([\w-]{43})$/.exec(cookieOf(cookie, nameOf(token)) ?? '') ?? [];
    if (seconds === '') return null;
    const expected = Buffer.from(this.macOf(token, Number(seconds)));
    return timingSafeEqual(expected, Buffer.from(mac)) ? Number(seconds) * 1000 : null;
  }

  private macOf({ identity, session }: ShareToken, seconds: number): string {
    return createHmac('sha256', this.keys.keyring.signing.key)
      .update(`warden-seen ${identity} ${session?.digest ?? ''} ${seconds}`)
      .digest('base64url');
  }
}

/** One for each viewer: several may be open. */
function nameOf({ identity }: ShareToken): string {
  return `warden-seen-${identity}`;
}
