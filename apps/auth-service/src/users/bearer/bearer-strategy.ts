import { PassportStrategy } from '@nestjs/passport';
import KeycloakBearerStrategy from 'passport-keycloak-bearer';
import type { IssuerConfig } from '../../platform/config/config.js';
import type { Claims } from './claims.js';
import { type IssuerKeys, KeysUnavailable } from './issuer-keys.js';

/** What the strategy says of a token that it does not take. `reason` is closed; `detail` is for the installer. */
export class TokenRefused extends Error {
  constructor(
    readonly reason: 'malformed' | 'unsupported-algorithm' | 'unknown-key' | 'bad-signature',
    readonly detail: string,
  ) {
    super(detail);
  }
}

/** The strategy's private member that takes the place of its own keys, which it fetches once and keeps for ever. */
type KeyProvider = (request: unknown, token: string, done: (error: unknown, key?: unknown) => void) => void;

const silent = { error: () => {}, warn: () => {}, info: () => {}, debug: () => {} };

/**
 * One issuer's `passport-keycloak-bearer`: signature and algorithm of a bearer token. Its own key provider knows no rotation,
 * no issuer and no time limit, so ours stands in its place. Times and claims are judged by `BearerTokens`, which
 * also looks at tokens that were verified before.
 */
export class BearerStrategy extends PassportStrategy(KeycloakBearerStrategy, 'bearer') {
  constructor(
    issuer: Pick<IssuerConfig, 'name' | 'algorithms'>,
    private readonly keys: IssuerKeys,
  ) {
    super({
      // Where the package would look for keys by itself: an address that no client can ask.
      url: 'unused:',
      realm: 'unused',
      name: issuer.name,
      algorithms: [...issuer.algorithms],
      ignoreExpiration: true,
      jsonWebTokenOptions: { ignoreNotBefore: true },
      customLogger: silent,
    });
    const provide: KeyProvider = (_request, token, done) => {
      // Also what the package throws by itself ends here, not in a rejection that nobody hears.
      this.keyFor(token)
        .then((key) => done(null, key))
        .catch(done);
    };
    (this as unknown as { _secretOrKeyProvider: KeyProvider })._secretOrKeyProvider = provide;
  }

  /** The claims of a token whose signature is good. Throws `TokenRefused` or `KeysUnavailable`. */
  verified(token: string): Promise<Claims> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) =>
        reject(error instanceof TokenRefused || error instanceof KeysUnavailable ? error : refusalOf(error));
      // As passport runs a strategy: an object of its own for each attempt, with the three ways to end it.
      const attempt = Object.assign(Object.create(this) as BearerStrategy & { authenticate(request: unknown): void }, {
        success: (claims: Claims) => resolve(claims),
        fail,
        error: fail,
      });
      attempt.authenticate({ headers: { authorization: `Bearer ${token}` } });
    });
  }

  /** Called by the strategy once the signature is good. */
  validate(claims: Claims): Claims {
    return claims;
  }

  private async keyFor(token: string): Promise<unknown> {
    const header = headerOf(token);
    if (header === null) throw new TokenRefused('malformed', 'the token has no readable header');
    if (typeof header.kid !== 'string')
      throw new TokenRefused('unknown-key', 'the token names no key (header kid), as every issuer does');
    const found = await this.keys.find(header.kid);
    if (found === null)
      throw new TokenRefused('unknown-key', `the issuer has no signing key ${nameOf(header.kid)}; it may be withdrawn`);
    if (found.algorithm !== null && found.algorithm !== header.alg)
      throw new TokenRefused('unsupported-algorithm', `the key is for ${found.algorithm}, the token says otherwise`);
    return found.key;
  }
}

/** Header of a compact JWS (RFC 7515 section 3.1), before anything is verified. */
export function headerOf(token: string): Claims | null {
  return jsonPart(token.slice(0, Math.max(0, token.indexOf('.'))));
}

/** Claims of a token before anything is verified: good for choosing an issuer and for nothing else. */
export function unverifiedClaimsOf(token: string): Claims | null {
  const [, payload, signature, ...rest] = token.split('.', 5);
  if (payload === undefined || signature === undefined || rest.length > 0) return null;
  // What stands behind a signature is signed by nobody.
  return /^[A-Za-z0-9_-]*$/.test(signature) ? jsonPart(payload) : null;
}

function jsonPart(text: string): Claims | null {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Claims) : null;
  } catch {
    return null;
  }
}

/** A stranger's text in a sentence: quoted, escaped, short. Lists and objects are not opened: they may be nested without end. */
export function nameOf(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return (JSON.stringify(typeof value === 'string' ? value.slice(0, 120) : value) ?? 'nothing').slice(0, 120);
}

function refusalOf(error: unknown): TokenRefused {
  const message = error instanceof Error ? error.message : '';
  if (message === 'invalid algorithm')
    return new TokenRefused('unsupported-algorithm', 'the token is signed with an algorithm that is not allowed');
  if (message === 'invalid signature')
    return new TokenRefused('bad-signature', "the token is not signed by the issuer's key of that name");
  return new TokenRefused('malformed', 'the token cannot be read as a JWT');
}
