import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { BasicUser, CallersConfig } from '../platform/config/config.js';
import { type Caller, CallerResolver } from '../platform/http/caller.js';

/** Who comes without credentials where ALLOW_UNAUTHENTICATED says so: the plugin's routes and nothing else. */
const anyone: Caller = { id: 'anyone', scopes: ['plugin'], permissions: [] };

/**
 * HTTP Basic (RFC 7617) against the users of the settings. Credentials are hashed once and compared with every user's
 * in constant time, so that neither a name nor the length of a password can be found by measuring.
 */
export class BasicCallers extends CallerResolver {
  private readonly known: readonly { digest: Buffer; caller: Caller }[];
  private readonly allowUnauthenticated: boolean;

  constructor(config: CallersConfig) {
    super();
    this.allowUnauthenticated = config.allowUnauthenticated;
    this.known = config.users.map((user) => ({
      digest: Buffer.from(hexDigestOf(`${user.name}:${user.password.reveal()}`), 'latin1'),
      caller: callerOf(user),
    }));
  }

  resolve(headers: IncomingHttpHeaders): Caller | null {
    const credentials = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.authorization ?? '');
    if (credentials === null) return this.allowUnauthenticated ? anyone : null;
    attempt.write(hexDigestOf(Buffer.from(credentials[1] ?? '', 'base64')), 'latin1');
    let found: Caller | null = null;
    for (const { digest: known, caller } of this.known) if (timingSafeEqual(attempt, known)) found = caller;
    return found ?? (this.allowUnauthenticated ? anyone : null);
  }
}

/** In one call and as text: a Hash object with a Buffer of its own costs five times as much, and this is asked each time. */
function hexDigestOf(credentials: string | Buffer): string {
  return hash('sha256', credentials, 'hex');
}

/** Digest of the credentials being looked at, 64 hexadecimal digits; `resolve` never waits in between. */
const attempt = Buffer.alloc(64);

function callerOf(user: BasicUser): Caller {
  return { id: `basic:${user.name}`, scopes: user.scopes, permissions: user.permissions };
}
