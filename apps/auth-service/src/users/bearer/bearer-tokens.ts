import { RecentTexts } from '@warden/tokens';
import type { IssuerConfig } from '../../platform/config/config.js';
import { messageOf } from '../../platform/observability/log.js';
import type { Clock } from '../../platform/time/clock.js';
import { type Identity, type IdentityVerdict, refused } from '../identity.js';
import { BearerStrategy, TokenRefused, headerOf, nameOf, unverifiedClaimsOf } from './bearer-strategy.js';
import { type Claims, identityOf } from './claims.js';
import type { Introspection } from './introspection.js';
import { type IssuerKeys, type KeySet, KeysUnavailable } from './issuer-keys.js';

/** Characters: some hundred groups fit. */
const maxTokenLength = 32 * 1024;
/** Milliseconds by which the issuer's clock may differ from ours. */
const skew = 5_000;
/** Milliseconds for which an answer of introspection stands. */
const introspectedFor = 60_000;
/** Texts of one half of the memory, and the longest of them. */
const half = 512;
const longestKept = 8 * 1024;

export interface TrustedIssuer {
  readonly config: IssuerConfig;
  readonly keys: IssuerKeys;
}

/** A token whose signature and fixed claims are good; time has not had its say. */
interface Verified {
  readonly issuer: Issuer;
  readonly generation: number;
  readonly identity: Identity;
  readonly begins: number;
  readonly ends: number;
  /** Monotonic time at which introspection must be asked again. */
  readonly until: number;
}

interface Issuer extends TrustedIssuer {
  readonly strategy: BearerStrategy;
}

/**
 * Access tokens of the trusted issuers (RFC 7519, RFC 9068). Checked: signature, algorithm, `iss`, `aud` or `azp`, kind of
 * token, `exp`, `nbf`, `iat`. A token that was verified is remembered as long as its issuer's keys stay the same, since
 * the plugin sends the same one for every page of a user; times are looked at on each call.
 */
export class BearerTokens {
  private readonly issuers: readonly Issuer[];
  private readonly known = new RecentTexts<Verified>(half, longestKept);
  /** Questions under way, by token. */
  private readonly asked = new Map<string, Promise<Claims | null>>();

  constructor(
    issuers: readonly TrustedIssuer[],
    private readonly introspection: Introspection,
    private readonly clock: Clock,
  ) {
    this.issuers = issuers.map((one) => ({ ...one, strategy: new BearerStrategy(one.config, one.keys) }));
  }

  get configured(): boolean {
    return this.issuers.length > 0;
  }

  async verify(token: string): Promise<IdentityVerdict> {
    if (!this.configured) return refused('not-configured', 'no issuer of tokens is set: ENABLE_KEYCLOAK, OIDC_ISSUERS');
    if (token.length > maxTokenLength)
      return refused('malformed', `the token has ${token.length} characters; at most ${maxTokenLength} are read`);
    try {
      const known = this.known.get(token);
      if (known !== undefined) {
        const set = known.issuer.keys.atHand() ?? (await known.issuer.keys.current());
        if (set.generation === known.generation && this.clock.monotonic() < known.until) return this.inTime(known);
      }
      const verified = await this.verifyAnew(token);
      if ('ok' in verified) return verified;
      this.known.keep(token, verified);
      return this.inTime(verified);
    } catch (error) {
      if (error instanceof TokenRefused) return refused(error.reason, error.detail);
      if (error instanceof KeysUnavailable) return refused('unavailable', error.message);
      throw error;
    }
  }

  private async verifyAnew(token: string): Promise<Verified | IdentityVerdict> {
    const [header, unverified] = [headerOf(token), unverifiedClaimsOf(token)];
    if (header === null || unverified === null) return refused('malformed', 'the token is not a JWT');
    const { alg } = header;
    if (typeof alg !== 'string' || !this.issuers.some(({ config }) => config.algorithms.includes(alg)))
      return refused('unsupported-algorithm', `the algorithm is ${nameOf(alg)}, which no issuer of the settings uses`);
    // RFC 7515 section 4.1.11: an extension that must be understood, and is not.
    if (Object.hasOwn(header, 'crit')) return refused('malformed', 'the header demands an extension (crit)');
    const issuer = await this.issuerOf(unverified);
    if ('ok' in issuer) return issuer;
    // Taken before the signature is judged: a key that is withdrawn meanwhile must not count as one of the newer set.
    const set = await issuer.keys.current();
    const claims = await issuer.strategy.verified(token);
    const fault = faultOf(issuer.config, header, claims);
    if (fault !== null) return fault;
    const { roles, ...person } = identityOf(issuer.config, claims);
    const times = { begins: beginOf(claims), ends: (claims['exp'] as number) * 1000 };
    const base = { issuer, generation: set.generation, ...times };
    // A lightweight token names no audience: introspection does. One that names another is refused without a question.
    const light = roles === null && claims['aud'] === undefined;
    const stranger = light ? null : audienceFaultOf(issuer.config, claims);
    if (stranger !== null) return stranger;
    if (roles !== null) return { ...base, identity: { ...person, roles }, until: Infinity };
    // A token that is over is not worth a question, however often it is sent.
    return timeFaultOf(base, this.clock.now()) ?? this.introspected(issuer, set, token, base, claims);
  }

  /** Lightweight access tokens of Keycloak carry no roles; the issuer tells them to a client that has a secret. */
  private async introspected(
    issuer: Issuer,
    set: KeySet,
    token: string,
    base: Omit<Verified, 'identity' | 'until'>,
    signed: Claims,
  ): Promise<Verified | IdentityVerdict> {
    const { config } = issuer;
    const { introspection, name } = config;
    if (introspection === null || set.introspectionUrl === null)
      return refused(
        'no-roles-in-token',
        `the token of ${name} carries no roles; switch off lightweight access tokens of its client, or set a client secret so that the issuer can be asked`,
      );
    let claims: Claims | null;
    try {
      claims = await this.answerOf(config, set.introspectionUrl, token);
    } catch (error) {
      return refused('unavailable', `introspection at ${name}: ${messageOf(error)}`);
    }
    if (claims === null)
      return refused(
        'inactive',
        `${name} says that the token is not active: the session has ended, or the client ${introspection.clientId} is not in the audience of the token`,
      );
    // What was signed counts; introspection adds what a lightweight token lacks, the audience too.
    const whole = { ...claims, ...signed };
    const fault = audienceFaultOf(config, whole);
    if (fault !== null) return fault;
    const { roles, ...person } = identityOf(config, whole);
    if (roles === null)
      return refused('no-roles-in-token', `neither the token of ${name} nor its introspection names roles`);
    // The end is the token's own, which was signed.
    const identity: Identity = { ...person, roles, expiresAt: base.ends };
    return { ...base, identity, until: this.clock.monotonic() + introspectedFor };
  }

  /** One question for a token at a time: a page of a viewer sends the same one many times at once. */
  private answerOf(config: IssuerConfig, url: string, token: string): Promise<Claims | null> {
    const underWay = this.asked.get(token);
    if (underWay !== undefined) return underWay;
    const answer = this.introspection.ask(config, url, token).finally(() => this.asked.delete(token));
    this.asked.set(token, answer);
    return answer;
  }

  /** By `iss`, which decides whose keys are asked and nothing else. */
  private async issuerOf(unverified: Claims): Promise<Issuer | IdentityVerdict> {
    const { iss } = unverified;
    if (typeof iss !== 'string') return refused('missing-claim', 'the token names no issuer (iss)');
    const named = this.issuers.find(({ config }) => config.issuers.includes(iss));
    if (named !== undefined) return named;
    const trusted = this.issuers.flatMap(({ config }) => config.issuers);
    let silent: KeysUnavailable | null = null;
    for (const issuer of this.issuers.filter(({ config }) => config.issuers.length === 0)) {
      try {
        const { issuer: discovered } = await issuer.keys.current();
        if (discovered === iss) return issuer;
        trusted.push(discovered);
      } catch (error) {
        if (!(error instanceof KeysUnavailable)) throw error;
        silent = error;
      }
    }
    if (silent !== null) throw silent;
    return refused(
      'unknown-issuer',
      `issuer is ${nameOf(iss)}, expected ${trusted.map(nameOf).join(' or ')}; where browsers reach Keycloak by another name, set KEYCLOAK_ISSUER`,
    );
  }

  private inTime(verified: Verified): IdentityVerdict {
    return timeFaultOf(verified, this.clock.now()) ?? { ok: true, identity: verified.identity };
  }
}

function timeFaultOf(
  { begins, ends, issuer }: Pick<Verified, 'begins' | 'ends' | 'issuer'>,
  now: number,
): IdentityVerdict | null {
  const { name } = issuer.config;
  if (!(now < ends + skew)) return refused('expired', `the token of ${name} expired at ${isoOf(ends)}`);
  if (!(now >= begins - skew))
    return refused('not-yet-valid', `the token of ${name} begins at ${isoOf(begins)}; are the clocks synchronised?`);
  return null;
}

/** What is wrong with the claims of a token whose signature is good, times and audience aside. */
function faultOf(issuer: IssuerConfig, header: Claims, claims: Claims): IdentityVerdict | null {
  const { exp, nbf, iat, typ } = claims;
  if (typeof exp !== 'number' || !Number.isFinite(exp) || Math.abs(exp) > 1e11)
    return refused('missing-claim', 'the token has no usable exp');
  for (const [name, value] of Object.entries({ nbf, iat }))
    if (value !== undefined && !(typeof value === 'number' && Math.abs(value) <= 1e11))
      return refused('missing-claim', `the token has no usable ${name}`);
  const kind = typeof header['typ'] === 'string' ? header['typ'].toLowerCase().replace(/^application\//, '') : 'jwt';
  if (kind !== 'jwt' && kind !== 'at+jwt') return refused('wrong-token-type', `the header says typ ${nameOf(kind)}`);
  // Keycloak says what a token is for; ID tokens of all issuers carry hashes that access tokens never do (OpenID Connect Core 3.1.3.6).
  if (issuer.kind === 'keycloak' ? typ !== 'Bearer' : typ !== undefined && typ !== 'Bearer')
    return refused('wrong-token-type', `typ is ${nameOf(typ)}, expected "Bearer": send the access token`);
  if (isIdToken(claims) || (issuer.kind === 'oidc' && kind === 'jwt' && !isForClient(claims)))
    return refused('wrong-token-type', 'this is an ID token: send the access token');
  return null;
}

function audienceFaultOf(issuer: IssuerConfig, { aud, azp }: Claims): IdentityVerdict | null {
  const audiences = typeof aud === 'string' ? [aud] : Array.isArray(aud) ? (aud as unknown[]) : [];
  if (!issuer.audiences.some((one) => audiences.includes(one) || azp === one)) {
    const found = audiences.length === 0 ? 'missing' : audiences.slice(0, 5).map(nameOf).join(' and ');
    const setting = issuer.kind === 'keycloak' ? 'KEYCLOAK_AUDIENCE' : 'OIDC_ISSUERS';
    return refused(
      'wrong-audience',
      `audience is ${found}, expected ${issuer.audiences.map(nameOf).join(' or ')} (azp is ${nameOf(azp)}); see ${setting}`,
    );
  }
  return null;
}

function isIdToken(claims: Claims): boolean {
  return claims['token_use'] === 'id' || ['at_hash', 'c_hash', 's_hash'].some((name) => Object.hasOwn(claims, name));
}

/**
 * An access token says which client got it, or for which scope (RFC 9068 section 2.2); an ID token need not carry a hash, so
 * that its silence must give it away. `azp` is in some ID tokens too, with the nonce of the log in.
 */
function isForClient(claims: Claims): boolean {
  const marks = ['scope', 'scp', 'client_id', 'cid', 'appid', ...(Object.hasOwn(claims, 'nonce') ? [] : ['azp'])];
  return claims['typ'] === 'Bearer' || marks.some((name) => Object.hasOwn(claims, name));
}

/** `iat` too: a token from the future was made by a clock that cannot be trusted about its end either. */
function beginOf({ nbf, iat }: Claims): number {
  return Math.max(...[nbf, iat].map((one) => (typeof one === 'number' ? one * 1000 : -Infinity)));
}

function isoOf(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
