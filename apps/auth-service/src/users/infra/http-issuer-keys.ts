import { createPublicKey } from 'node:crypto';
import type { IssuerConfig } from '../../platform/config/config.js';
import { fetchJson } from '../../platform/http/fetch-json.js';
import { type Log, messageOf } from '../../platform/observability/log.js';
import type { Clock } from '../../platform/time/clock.js';
import { type IssuerKey, IssuerKeys, type KeySet, KeysUnavailable } from '../bearer/issuer-keys.js';

/** Milliseconds. */
const freshFor = 5 * 60_000;
/** An unknown `kid` asks the issuer at most this often, whoever sends it. */
const coolDown = 10_000;
/** The same while there are no keys at all: somebody waits to log in. */
const retryWithoutKeys = 1_000;
const fetchLimit = 2_000;
const maxKeys = 100;

/**
 * Keys by discovery (OpenID Connect Discovery 1.0 section 4) and JWKS (RFC 7517). One flight at a time; while the issuer
 * does not answer, the last good set is used until it is too old, and the issuer is asked again in the background.
 */
export class HttpIssuerKeys extends IssuerKeys {
  private set: KeySet | null = null;
  /** Monotonic times. */
  private fetchedAt = -Infinity;
  private triedAt = -Infinity;
  private flight: Promise<void> | null = null;
  private fault: string | null = null;
  private fetches = 0;

  constructor(
    private readonly issuer: Pick<IssuerConfig, 'name' | 'kind' | 'url' | 'issuers' | 'algorithms'>,
    private readonly maxAgeMs: number,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    super();
  }

  atHand(): KeySet | null {
    return this.age() < freshFor ? this.set : null;
  }

  async current(): Promise<KeySet> {
    const fresh = this.atHand();
    if (fresh !== null) return fresh;
    const usable = this.usable();
    // An issuer that did not answer the last time is not waited for again while the last good keys serve.
    if (usable !== null && this.fault !== null) {
      if (this.mayTry(coolDown)) void this.refresh();
      return usable;
    }
    if (this.flight !== null || this.mayTry(usable === null ? retryWithoutKeys : 0)) await this.refresh();
    const now = this.usable();
    if (now === null) throw new KeysUnavailable(`the keys of ${this.issuer.name} cannot be had: ${this.fault ?? ''}`);
    return now;
  }

  async find(kid: string): Promise<IssuerKey | null> {
    const known = (await this.current()).keys.get(kid);
    if (known !== undefined) return known;
    if (this.flight !== null || this.mayTry(coolDown)) await this.refresh();
    const found = (await this.current()).keys.get(kid);
    if (found !== undefined) return found;
    // Keys of before an outage may lack the newest one: that is no verdict on who signs with it.
    if (this.fault !== null) throw new KeysUnavailable(`the keys of ${this.issuer.name} may be old: ${this.fault}`);
    return null;
  }

  state(): { ageSeconds: number | null; fetches: number; fault: string | null } {
    return { ageSeconds: this.set === null ? null : this.age() / 1000, fetches: this.fetches, fault: this.fault };
  }

  private age(): number {
    return this.clock.monotonic() - this.fetchedAt;
  }

  private usable(): KeySet | null {
    return this.age() < this.maxAgeMs ? this.set : null;
  }

  private mayTry(pause: number): boolean {
    return this.clock.monotonic() - this.triedAt >= pause;
  }

  /** Never rejects: what went wrong is in `fault`. */
  private refresh(): Promise<void> {
    this.flight ??= this.fetchSet().finally(() => (this.flight = null));
    return this.flight;
  }

  private async fetchSet(): Promise<void> {
    this.triedAt = this.clock.monotonic();
    this.fetches++;
    try {
      const found = await this.ask();
      const changed = this.set === null || !isSame(this.set, found);
      this.set = changed ? { ...found, generation: (this.set?.generation ?? 0) + 1 } : this.set;
      this.fetchedAt = this.clock.monotonic();
      if (this.fault !== null) this.log.info('issuer-recovered', { issuer: this.issuer.name });
      this.fault = null;
      if (changed) this.log.info('issuer-keys', { issuer: this.issuer.name, keys: found.keys.size });
    } catch (error) {
      const fault = messageOf(error);
      if (this.fault !== fault) this.log.warn('issuer-unavailable', { issuer: this.issuer.name, detail: fault });
      this.fault = fault;
    }
  }

  private async ask(): Promise<Omit<KeySet, 'generation'>> {
    const signal = AbortSignal.timeout(fetchLimit);
    const discovery = await this.get('discovery', `${this.issuer.url}.well-known/openid-configuration`, signal);
    const { issuer, jwks_uri: jwksUri, introspection_endpoint: introspection } = discovery;
    if (typeof issuer !== 'string' || !this.isAddress(jwksUri))
      throw new Error('its discovery document names no issuer, or no jwks_uri as safe as its own address');
    if (this.issuer.kind === 'oidc' && !this.issuer.issuers.includes(issuer))
      throw new Error(`its discovery document is of the issuer ${JSON.stringify(issuer).slice(0, 200)}`);
    const { keys } = await this.get('keys', this.reachable(jwksUri, 'protocol/openid-connect/certs'), signal);
    if (!Array.isArray(keys)) throw new Error('its JWKS holds no list of keys');
    const usable = (keys as unknown[]).slice(0, maxKeys).flatMap((jwk) => this.signingKey(jwk));
    if (usable.length === 0) throw new Error('its JWKS holds no signing key of an allowed algorithm');
    return {
      issuer,
      introspectionUrl: this.isAddress(introspection)
        ? this.reachable(introspection, 'protocol/openid-connect/token/introspect')
        : null,
      keys: new Map(usable.map((key) => [key.kid, key])),
    };
  }

  /** An address that may be asked: never a file or data, and not in the clear where the issuer itself is asked by https. */
  private isAddress(stated: unknown): stated is string {
    if (typeof stated !== 'string' || !URL.canParse(stated)) return false;
    const { protocol } = new URL(stated);
    // Keycloak's own paths are used in place of whatever it states for another name.
    const isOurs = this.issuer.kind === 'keycloak' || new URL(this.issuer.url).protocol === 'http:';
    return protocol === 'https:' || (protocol === 'http:' && isOurs);
  }

  /** A Keycloak with a fixed public name states that name, which often cannot be reached from inside; its paths are known. */
  private reachable(stated: string, path: string): string {
    const ours = new URL(this.issuer.url);
    return this.issuer.kind === 'keycloak' && new URL(stated).origin !== ours.origin
      ? new URL(path, ours).href
      : stated;
  }

  private async get(what: string, url: string, signal: AbortSignal): Promise<Record<string, unknown>> {
    try {
      const { status, json } = await fetchJson(url, { headers: { accept: 'application/json' }, signal });
      if (status !== 200) throw new Error(`it answers ${status}`);
      if (typeof json !== 'object' || json === null) throw new Error('its answer is not a JSON object');
      return json as Record<string, unknown>;
    } catch (error) {
      throw new Error(`${what}: ${messageOf(error)}`, { cause: error });
    }
  }

  /** RSA from 2048 bits and EC, meant for signing (RFC 7517 section 4.2), of an allowed algorithm; anything else is left out. */
  private signingKey(jwk: unknown): IssuerKey[] {
    if (typeof jwk !== 'object' || jwk === null) return [];
    const { kid, kty, use, alg, key_ops: operations } = jwk as Record<string, unknown>;
    if (typeof kid !== 'string' || kid === '' || kid.length > 256) return [];
    if ((kty !== 'RSA' && kty !== 'EC') || (use !== undefined && use !== 'sig')) return [];
    if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return [];
    if (alg !== undefined && !(typeof alg === 'string' && this.issuer.algorithms.includes(alg))) return [];
    if (!this.issuer.algorithms.some((one) => one.startsWith('ES') === (kty === 'EC'))) return [];
    try {
      const key = createPublicKey({ format: 'jwk', key: jwk as Record<string, unknown> });
      if (kty === 'RSA' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) return [];
      return [{ kid, algorithm: alg ?? null, key }];
    } catch {
      return [];
    }
  }
}

function isSame(a: Omit<KeySet, 'generation'>, b: Omit<KeySet, 'generation'>): boolean {
  return (
    a.issuer === b.issuer &&
    a.introspectionUrl === b.introspectionUrl &&
    a.keys.size === b.keys.size &&
    [...a.keys.values()].every((one) => {
      const other = b.keys.get(one.kid);
      return other !== undefined && other.algorithm === one.algorithm && other.key.equals(one.key);
    })
  );
}
