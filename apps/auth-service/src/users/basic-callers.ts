import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { CallersConfig, UserRights } from '../platform/config/config.js';
import type { Caller } from '../platform/http/caller.js';

/** Who comes without credentials where ALLOW_UNAUTHENTICATED says so: the plugin's routes and nothing else. */
export const anyone: Caller = {
  id: 'anyone',
  name: 'anyone',
  via: 'nothing',
  scopes: ['plugin'],
  permissions: [],
  labels: [],
  roles: [],
};

/**
 * HTTP Basic (RFC 7617) against the users of the settings. Credentials are hashed once and compared with every user's
 * in constant time, so that neither a name nor the length of a password can be found by measuring.
 */
export class BasicCallers {
  private readonly known: readonly { digest: Buffer; caller: Caller }[];

  constructor(config: Pick<CallersConfig, 'users'>) {
    this.known = config.users.map((user) => ({
      digest: Buffer.from(hexDigestOf(`${user.name}:${user.password.reveal()}`), 'latin1'),
      caller: callerOf(user),
    }));
  }

  resolve(headers: IncomingHttpHeaders): Caller | null {
    const credentials = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(headers.authorization ?? '');
    if (credentials === null) return null;
    attempt.write(hexDigestOf(Buffer.from(credentials[1] ?? '', 'base64')), 'latin1');
    let found: Caller | null = null;
    for (const { digest: known, caller } of this.known) if (timingSafeEqual(attempt, known)) found = caller;
    return found;
  }
}

/** In one call and as text: a Hash object with a Buffer of its own costs five times as much, and this is asked each time. */
function hexDigestOf(credentials: string | Buffer): string {
  return hash('sha256', credentials, 'hex');
}

/** Digest of the credentials being looked at, 64 hexadecimal digits; `resolve` never waits in between. */
const attempt = Buffer.alloc(64);

export function callerOf({ name, scopes, permissions }: UserRights): Caller {
  // The settings name no labels: whoever is given permissions there may see every study.
  const labels = permissions.length > 0 ? ['*'] : [];
  return { id: `basic:${name}`, name, via: 'basic', scopes, permissions, labels, roles: [] };
}
