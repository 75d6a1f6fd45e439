import { createHash, timingSafeEqual } from 'node:crypto';
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
      digest: digestOf(`${user.name}:${user.password.reveal()}`),
      caller: callerOf(user),
    }));
  }

  resolve(headers: IncomingHttpHeaders): Caller | null {
    const credentials = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.authorization ?? '');
    if (credentials === null) return this.allowUnauthenticated ? anyone : null;
    const digest = digestOf(Buffer.from(credentials[1] ?? '', 'base64'));
    let found: Caller | null = null;
    for (const { digest: known, caller } of this.known) if (timingSafeEqual(digest, known)) found = caller;
    return found ?? (this.allowUnauthenticated ? anyone : null);
  }
}

function digestOf(credentials: string | Buffer): Buffer {
  return createHash('sha256').update(credentials).digest();
}

function callerOf(user: BasicUser): Caller {
  return { id: `basic:${user.name}`, scopes: user.scopes, permissions: user.permissions };
}
