import type { IncomingHttpHeaders } from 'node:http';
import { stripBearer } from '@warden/tokens';
import { type Caller, CallerResolver } from '../platform/http/caller.js';
import type { RolesInForce } from '../roles/index.js';
import { type BasicCallers, anyone } from './basic-callers.js';
import type { HashedCallers } from './hashed-callers.js';
import type { Credential, Identify } from './identify.usecase.js';
import type { Identity } from './identity.js';
import { type Rights, rightsOf } from './rights.js';
import { identityUnavailable } from './users.errors.js';

/** A caller of whom more is known than the platform needs: where the rights come from. */
export interface IdentifiedCaller extends Caller {
  readonly identity: Identity;
  readonly rights: Rights;
}

export function isIdentified(caller: Caller): caller is IdentifiedCaller {
  return 'identity' in caller;
}

/** Who calls our own API: HTTP Basic of USERS, a bearer token of a trusted issuer, or the header `api-key`. */
export class Callers extends CallerResolver {
  constructor(
    private readonly basic: BasicCallers,
    private readonly hashed: HashedCallers,
    private readonly identify: Identify,
    private readonly roles: RolesInForce,
    private readonly allowUnauthenticated: boolean,
  ) {
    super();
  }

  atOnce(headers: IncomingHttpHeaders): Caller | null {
    const known = this.basic.resolve(headers) ?? this.hashed.atOnce(headers);
    if (known !== null || !this.allowUnauthenticated) return known;
    return headers.authorization === undefined && headers['api-key'] === undefined ? anyone : null;
  }

  async resolve(headers: IncomingHttpHeaders): Promise<Caller | null> {
    const known = this.atOnce(headers) ?? (await this.hashed.resolve(headers));
    if (known !== null) return known;
    const credential = credentialOf(headers);
    const identified = credential === null ? null : await this.identified(credential);
    return identified ?? (this.allowUnauthenticated ? anyone : null);
  }

  private async identified(credential: Credential): Promise<IdentifiedCaller | null> {
    const verdict = await this.identify.execute(credential);
    if (!verdict.ok) {
      if (verdict.reason === 'unavailable') throw identityUnavailable();
      return null;
    }
    const { document } = this.roles.require();
    const { identity } = verdict;
    const rights = rightsOf(identity, document);
    const { permissions, labels } = rights;
    return {
      id: identity.id,
      name: identity.name,
      via: credential.kind,
      // The plugin repeats the token of its user in a header: whoever is recognised may not do less than anyone.
      scopes: this.allowUnauthenticated ? anyone.scopes : [],
      permissions,
      labels,
      roles: identity.roles,
      identity,
      rights,
    };
  }
}

/** A request carries one kind of credentials; with both, the header that is for nothing else wins. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | null {
  const key = headers['api-key'];
  if (typeof key === 'string' && key !== '') return { kind: 'api-key', text: key };
  const { authorization } = headers;
  if (authorization === undefined || !/^bearer /i.test(authorization)) return null;
  return { kind: 'bearer', text: stripBearer(authorization) };
}
