import { KeyObject, generateKeyPairSync } from 'node:crypto';
import {
  type RealmDouble,
  type RealmOptions,
  type TokenOptions,
  startRealm,
} from '../../../../../test/support/realm-double.js';
import type { IssuerConfig } from '../../platform/config/config.js';
import { Log } from '../../platform/observability/log.js';
import { Secret } from '../../platform/observability/secret.js';
import { Clock } from '../../platform/time/clock.js';
import type { IdentityVerdict } from '../identity.js';
import { HttpIssuerKeys } from '../infra/http-issuer-keys.js';
import { BearerStrategy, TokenRefused } from './bearer-strategy.js';
import { BearerTokens } from './bearer-tokens.js';
import type { Claims } from './claims.js';
import { Introspection } from './introspection.js';

class SetClock extends Clock {
  at = 0;
  private readonly begun = Date.now();
  now = (): number => this.begun + this.at;
  monotonic = (): number => this.at;
}
class SilentLog extends Log {
  info = () => undefined;
  warn = () => undefined;
  error = () => undefined;
  line = () => undefined;
  flush = () => undefined;
}
class SetIntrospection extends Introspection {
  asked = 0;
  answer: () => Promise<Claims | null> = () => Promise.resolve(null);
  ask(): Promise<Claims | null> {
    this.asked++;
    return this.answer();
  }
}

const MINUTE = 60_000;
const realms: RealmDouble[] = [];
let clock: SetClock;
let introspection: SetIntrospection;
let verified: jest.SpyInstance;

beforeEach(() => {
  clock = new SetClock();
  introspection = new SetIntrospection();
  verified = jest.spyOn(BearerStrategy.prototype, 'verified');
});
afterEach(async () => {
  verified.mockRestore();
  await Promise.all(realms.splice(0).map((realm) => realm.stop()));
});

async function realmOf(options: RealmOptions = {}): Promise<RealmDouble> {
  const realm = await startRealm(options);
  realms.push(realm);
  return realm;
}
const configOf = (realm: RealmDouble, config: Partial<IssuerConfig> = {}): IssuerConfig => ({
  name: 'keycloak',
  kind: 'keycloak',
  url: `${realm.url}/`,
  issuers: [],
  audiences: ['account'],
  algorithms: ['RS256'],
  introspection: null,
  claims: { name: [['preferred_username']], userId: [['sub']], groups: [], roles: [['realm_access', 'roles']] },
  roleRules: [],
  labelTemplates: [],
  ...config,
});
const tokensOf = (...configs: IssuerConfig[]): BearerTokens =>
  new BearerTokens(
    configs.map((config) => ({ config, keys: new HttpIssuerKeys(config, 60 * MINUTE, clock, new SilentLog()) })),
    introspection,
    clock,
  );
async function one(config: Partial<IssuerConfig> = {}) {
  const realm = await realmOf();
  return { realm, tokens: tokensOf(configOf(realm, config)) };
}
const reasonOf = (verdict: IdentityVerdict): string => (verdict.ok ? `ok ${verdict.identity.id}` : verdict.reason);
const known = expect.stringMatching(/^ok keycloak:/);

describe('a token that was verified', () => {
  it('is not verified again while the keys stay the same', async () => {
    const { realm, tokens } = await one();
    const token = realm.token();
    for (let times = 0; times < 5; times++) expect(reasonOf(await tokens.verify(token))).toEqual(known);
    expect(verified).toHaveBeenCalledTimes(1);
  });

  it('is verified again when the keys change, and refused when its own is gone', async () => {
    const { realm, tokens } = await one();
    const [token, kid] = [realm.token({ exp: 9_999_999_999 }), realm.activeKey.kid];
    await tokens.verify(token);
    realm.rotate();
    clock.at += 5 * MINUTE;
    expect(reasonOf(await tokens.verify(token))).toEqual(known);
    expect(verified).toHaveBeenCalledTimes(2);
    realm.withdraw(kid);
    clock.at += 5 * MINUTE;
    expect(reasonOf(await tokens.verify(token))).toBe('unknown-key');
    expect(reasonOf(await tokens.verify(token))).toBe('unknown-key');
  });

  it('does not outlive a key that is withdrawn between its verification and its remembering', async () => {
    const { realm, tokens } = await one();
    const [token, kid] = [realm.token({ exp: 9_999_999_999 }), realm.activeKey.kid];
    verified.mockRestore();
    const original = BearerStrategy.prototype.verified;
    verified = jest.spyOn(BearerStrategy.prototype, 'verified').mockImplementationOnce(async function (
      this: BearerStrategy,
      text,
    ) {
      const claims = await original.call(this, text);
      realm.rotate();
      realm.withdraw(kid);
      clock.at += 5 * MINUTE;
      return claims;
    });
    await tokens.verify(token);
    expect(reasonOf(await tokens.verify(token))).toBe('unknown-key');
  });

  it('has its times looked at on each call, with five seconds of tolerance', async () => {
    const { realm, tokens } = await one();
    const now = Math.floor(clock.now() / 1000);
    const token = realm.token({ nbf: now + 60, exp: now + 120 });
    const at = async (seconds: number) => {
      clock.at = (now + seconds) * 1000 - (clock.now() - clock.at);
      return reasonOf(await tokens.verify(token));
    };
    expect([await at(0), await at(54), await at(55), await at(124), await at(125), await at(60)]).toEqual([
      'not-yet-valid',
      'not-yet-valid',
      known,
      known,
      'expired',
      known,
    ]);
    expect(verified).toHaveBeenCalledTimes(1);
  });

  it('has no other spelling: what follows a signature is not ignored', async () => {
    const { realm, tokens } = await one();
    const token = realm.token();
    await tokens.verify(token);
    for (const other of [
      `${token} x`,
      `${token}\n`,
      ` ${token}`,
      `${token}=`,
      `${token}.`,
      `${token}.x`,
      `Bearer ${token}`,
    ])
      expect(reasonOf(await tokens.verify(other))).toBe('malformed');
  });

  it('does not push others out without end: the memory is bounded, and the oldest is verified anew', async () => {
    const { realm, tokens } = await one();
    const first = realm.token();
    await tokens.verify(first);
    for (let index = 0; index < 1_100; index++) await tokens.verify(realm.token({ index }));
    const { known: memory } = tokens as unknown as { known: { size: number } };
    expect(memory.size).toBeLessThanOrEqual(1_024);
    expect(reasonOf(await tokens.verify(first))).toEqual(known);
    expect(verified).toHaveBeenCalledTimes(1_102);
  });

  it('is not remembered when it is longer than 8 kB, and taken all the same', async () => {
    const { realm, tokens } = await one();
    const token = realm.token({ padding: 'x'.repeat(9_000) });
    for (let times = 0; times < 2; times++) expect(reasonOf(await tokens.verify(token))).toEqual(known);
    expect(verified).toHaveBeenCalledTimes(2);
  });
});

describe('a token that was refused', () => {
  it('leaves nothing in the memory', async () => {
    const { realm, tokens } = await one();
    for (let index = 0; index < 50; index++) {
      await tokens.verify(realm.token({ aud: `x${index}` }));
      await tokens.verify(realm.token({}, { kid: `k${index}` }));
    }
    const { known: memory } = tokens as unknown as { known: { size: number } };
    expect(memory.size).toBe(0);
  });
});

describe('two issuers', () => {
  const both = async () => {
    const [a, b] = [await realmOf(), await realmOf({ issuerPath: '/b' })];
    const other: Partial<IssuerConfig> = {
      name: 'other',
      kind: 'oidc',
      issuers: [b.issuer],
      algorithms: ['RS256', 'ES256'],
    };
    return { a, b, tokens: tokensOf(configOf(a), configOf(b, other)) };
  };

  it('are told apart by iss', async () => {
    const { a, b, tokens } = await both();
    expect(reasonOf(await tokens.verify(a.token()))).toEqual(known);
    expect(reasonOf(await tokens.verify(b.token()))).toMatch(/^ok other:/);
  });

  it('do not sign for each other, whatever the kid says', async () => {
    const { a, b, tokens } = await both();
    const forged = (kid: string) => a.token({}, { key: b.activeKey.privateKey, kid });
    expect(reasonOf(await tokens.verify(forged(b.activeKey.kid)))).toBe('unknown-key');
    expect(reasonOf(await tokens.verify(forged(a.activeKey.kid)))).toBe('bad-signature');
  });

  it('may have the same kid for different keys', async () => {
    const { a, b, tokens } = await both();
    const jwk = (realm: RealmDouble) => ({ ...realm.activeKey.publicKey.export({ format: 'jwk' }), kid: 'same' });
    a.fail({ answer: { keys: [jwk(a)] } }, 'certs');
    b.fail({ answer: { keys: [jwk(b)] } }, 'certs');
    expect(reasonOf(await tokens.verify(a.token({}, { kid: 'same' })))).toEqual(known);
    expect(reasonOf(await tokens.verify(b.token({}, { kid: 'same' })))).toMatch(/^ok other:/);
    const forged = a.token({}, { kid: 'same', key: b.activeKey.privateKey });
    expect(reasonOf(await tokens.verify(forged))).toBe('bad-signature');
  });

  it('do not lend each other their algorithms', async () => {
    const { a, tokens } = await both();
    const ec = a.addEc();
    expect(reasonOf(await tokens.verify(a.token({}, { signWith: ec })))).toBe('unknown-key');
    const { privateKey } = a.key(ec);
    expect(reasonOf(await tokens.verify(a.token({}, { key: privateKey, alg: 'ES256' })))).toBe('unsupported-algorithm');
  });

  it('do not wait for each other', async () => {
    const { a, b, tokens } = await both();
    a.fail('hang');
    const begun = performance.now();
    expect(reasonOf(await tokens.verify(b.token()))).toMatch(/^ok other:/);
    expect(performance.now() - begun).toBeLessThan(1_500);
  });
});

describe('a header', () => {
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

  it.each<[string, TokenOptions['header']]>([
    ['jwk', { jwk: stranger.publicKey.export({ format: 'jwk' }) }],
    ['jku', { jku: 'http://127.0.0.1:1/keys' }],
    ['x5u', { x5u: 'http://127.0.0.1:1/cert' }],
    ['x5c', { x5c: ['MIIB'] }],
  ])('brings no key of its own: %s is ignored', async (_, header = {}) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({}, { header })))).toEqual(known);
    const forged = realm.token({}, { header, key: stranger.privateKey });
    expect(reasonOf(await tokens.verify(forged))).toBe('bad-signature');
    expect(reasonOf(await tokens.verify(realm.token({}, { header, key: stranger.privateKey, kid: 'x' })))).toBe(
      'unknown-key',
    );
    expect(realm.counts.other).toBe(0);
  });

  it.each([[['b64']], [[]], 'b64', null])('that demands an extension is refused: crit %j', async (crit) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({}, { header: { crit, b64: true } })))).toBe('malformed');
  });

  it.each(['logout+jwt', 'dpop+jwt', 'secevent+jwt', 'JWE', ''])('of typ %j is no access token', async (typ) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({}, { typ })))).toBe('wrong-token-type');
  });

  it.each(['JWT', 'jwt', 'at+jwt', 'application/at+jwt', null])('of typ %j may be one', async (typ) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({}, { typ })))).toEqual(known);
  });

  it.each(['ключ', '\u0000', '../../keys', '\u202e', '"', 'a'.repeat(5_000)])('may hold any kid: %#', async (kid) => {
    const { realm, tokens } = await one();
    const verdict = await tokens.verify(realm.token({}, { kid }));
    expect(verdict).toMatchObject({ ok: false, reason: 'unknown-key' });
    expect((verdict as { detail: string }).detail.length).toBeLessThan(250);
  });

  it('may hold a unicode kid that the issuer has', async () => {
    const { realm, tokens } = await one();
    realm.fail(
      { answer: { keys: [{ ...realm.activeKey.publicKey.export({ format: 'jwk' }), kid: 'ключ-🔑' }] } },
      'certs',
    );
    expect(reasonOf(await tokens.verify(realm.token({}, { kid: 'ключ-🔑' })))).toEqual(known);
  });

  it.each<[string, unknown]>([
    ['a list', ['RS256']],
    ['nested without end', JSON.parse('['.repeat(11_000) + ']'.repeat(11_000))],
    ['a number', 7],
    ['null', null],
    ['lower case', 'rs256'],
    ['with a line break', 'RS256\n'],
  ])('with an alg that is %s is refused', async (_, alg) => {
    const { realm, tokens } = await one();
    const [, payload, signature] = realm.token().split('.');
    // Put together as text: JSON.stringify itself gives up on the deepest.
    const text =
      Array.isArray(alg) && alg.length === 1 && Array.isArray(alg[0])
        ? '['.repeat(11_000) + ']'.repeat(11_000)
        : JSON.stringify(alg);
    const header = Buffer.from(`{"alg":${text},"kid":"${realm.activeKey.kid}"}`).toString('base64url');
    expect(reasonOf(await tokens.verify(`${header}.${payload}.${signature}`))).toBe('unsupported-algorithm');
  });

  it('with a member twice has the last one count, for us as for the verifier', async () => {
    const { realm, tokens } = await one();
    const [, payload, signature] = realm.token().split('.');
    const header = (text: string) => `${Buffer.from(text).toString('base64url')}.${payload}.${signature}`;
    const { kid } = realm.activeKey;
    expect(reasonOf(await tokens.verify(header(`{"alg":"RS256","alg":"none","kid":"${kid}"}`)))).toBe(
      'unsupported-algorithm',
    );
    expect(reasonOf(await tokens.verify(header(`{"alg":"none","alg":"RS256","kid":"${kid}"}`)))).toBe('bad-signature');
    expect(reasonOf(await tokens.verify(header(`{"alg":"RS256","kid":"${kid}","kid":"x"}`)))).toBe('unknown-key');
  });

  it.each(['null', '[]', '"x"', '7', '{', '\ufeff{}', '{"alg":"RS256"'])('that is %j is no header', async (text) => {
    const { realm, tokens } = await one();
    const [, payload, signature] = realm.token().split('.');
    expect(reasonOf(await tokens.verify(`${Buffer.from(text).toString('base64url')}.${payload}.${signature}`))).toBe(
      'malformed',
    );
  });
});

describe('the claims', () => {
  it.each<[string, Claims, string]>([
    ['aud as an object', { aud: { account: true } }, 'wrong-audience'],
    ['aud as a number', { aud: 7 }, 'wrong-audience'],
    ['aud in a list of lists', { aud: [['account']] }, 'wrong-audience'],
    ['aud with other case', { aud: 'Account' }, 'wrong-audience'],
    ['aud that only holds the text', { aud: 'account,foo' }, 'wrong-audience'],
    ['azp as a list', { aud: 'x', azp: ['account'] }, 'wrong-audience'],
    ['exp 1e300', { exp: 1e300 }, 'missing-claim'],
    ['exp 1e12, which is milliseconds', { exp: 1e12 }, 'missing-claim'],
    ['exp -1', { exp: -1 }, 'expired'],
    ['exp 0', { exp: 0 }, 'expired'],
    ['exp null', { exp: null }, 'missing-claim'],
    ['exp true', { exp: true }, 'missing-claim'],
    ['exp as a list', { exp: [9_999_999_999] }, 'missing-claim'],
    ['nbf as a text', { nbf: '0' }, 'missing-claim'],
    ['nbf null', { nbf: null }, 'missing-claim'],
    ['nbf 1e300', { nbf: 1e300 }, 'missing-claim'],
    ['iat 1e300', { iat: 1e300 }, 'missing-claim'],
    ['iss as a list', { iss: ['x'] }, 'missing-claim'],
    ['iss empty', { iss: '' }, 'unknown-issuer'],
    ['an ID token', { typ: 'ID' }, 'wrong-token-type'],
    ['typ as a list', { typ: ['Bearer'] }, 'wrong-token-type'],
    ['typ absent', { typ: undefined }, 'wrong-token-type'],
    ['a hash of an access token', { at_hash: 'x' }, 'wrong-token-type'],
  ])('%s: refused', async (_, claims, reason) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token(claims)))).toBe(reason);
  });

  it.each<[string, Claims]>([
    ['one audience among others', { aud: ['x', 'account'] }],
    ['the client that got the token', { aud: 'x', azp: 'account' }],
    ['an end that is no whole second', { exp: 9_999_999_999.5 }],
  ])('%s: accepted', async (_, claims) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token(claims)))).toEqual(known);
  });

  it.each(['/', '/.', '#', '?x', '%20', ' ', 'X'])('an issuer that differs by %j is another', async (more) => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({ iss: realm.issuer + more })))).toBe('unknown-issuer');
  });

  it('are judged after the signature: a forged token is not told what its claims lack', async () => {
    const { realm, tokens } = await one();
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(reasonOf(await tokens.verify(realm.token({ exp: 1, aud: 'x', typ: 'ID' }, { key: privateKey })))).toBe(
      'bad-signature',
    );
  });

  it('are shown shortly and on one line', async () => {
    const { realm, tokens } = await one();
    const hostile = ['a\r\n{"level":"info"}', 'x'.repeat(5_000), { deep: [[]] }, [['y']]];
    const verdict = await tokens.verify(realm.token({ aud: hostile, azp: { x: 1 } }));
    expect(verdict).toMatchObject({ reason: 'wrong-audience' });
    const { detail } = verdict as { detail: string };
    expect(detail).not.toMatch(/[\r\n]/);
    expect(detail.length).toBeLessThan(500);
  });
});

describe('an issuer that is not Keycloak', () => {
  const oidc = async () => {
    const realm = await realmOf({ issuerPath: '/oidc' });
    return {
      realm,
      tokens: tokensOf(
        configOf(realm, {
          kind: 'oidc',
          issuers: [realm.issuer],
          roleRules: [],
          claims: { name: [['name']], userId: [['sub']], groups: [], roles: [['roles']] },
        }),
      ),
    };
  };
  const bare = { bare: true } as const;

  it.each(['scope', 'scp', 'client_id', 'cid', 'appid', 'azp'])('has access tokens that name %s', async (name) => {
    const { realm, tokens } = await oidc();
    const token = realm.token({ aud: 'account', roles: [], [name]: 'x' }, bare);
    expect(reasonOf(await tokens.verify(token))).toEqual(known);
  });

  it.each<[string, Claims]>([
    ['nothing of a client or scope', {}],
    ['a nonce and azp', { nonce: 'n', azp: 'account' }],
    ['at_hash', { scope: 'openid', at_hash: 'x' }],
    ['token_use id', { client_id: 'x', token_use: 'id' }],
    ['typ ID', { scope: 'openid', typ: 'ID' }],
  ])('has ID tokens, which are refused: %s', async (_, claims) => {
    const { realm, tokens } = await oidc();
    const token = realm.token({ aud: 'account', roles: [], ...claims }, bare);
    expect(reasonOf(await tokens.verify(token))).toBe('wrong-token-type');
  });

  it('may say in the header that it is an access token (RFC 9068)', async () => {
    const { realm, tokens } = await oidc();
    const token = realm.token({ aud: 'account', roles: [] }, { ...bare, typ: 'at+jwt' });
    expect(reasonOf(await tokens.verify(token))).toEqual(known);
  });
});

describe('a token without roles', () => {
  const light = { omit: ['realm_access', 'preferred_username'] };
  const withClient = { introspection: { clientId: 'admin-cli', clientSecret: new Secret('TEST-ONLY') } };
  const active =
    (more: Claims = {}) =>
    () =>
      Promise.resolve({ active: true, sub: 'u', preferred_username: 'doc', realm_access: { roles: ['r'] }, ...more });

  it('is asked about, and the answer stands for 60 seconds', async () => {
    const { realm, tokens } = await one(withClient);
    introspection.answer = active();
    const token = realm.token({}, light);
    expect(await tokens.verify(token)).toMatchObject({
      ok: true,
      identity: { id: 'keycloak:6f1c2a3e-0000-4000-8000-000000000001', name: 'doc', roles: ['r'] },
    });
    clock.at += 59_999;
    await tokens.verify(token);
    expect(introspection.asked).toBe(1);
    clock.at += 1;
    introspection.answer = () => Promise.resolve(null);
    expect(reasonOf(await tokens.verify(token))).toBe('inactive');
    expect(introspection.asked).toBe(2);
  });

  it('is asked about once, however many send it at once', async () => {
    const { realm, tokens } = await one(withClient);
    introspection.answer = active();
    const token = realm.token({}, light);
    await Promise.all(Array.from({ length: 100 }, () => tokens.verify(token)));
    expect(introspection.asked).toBe(1);
    introspection.answer = () => Promise.reject(new Error('it answers 500'));
    const other = realm.token({ other: true }, light);
    const verdicts = await Promise.all(Array.from({ length: 100 }, () => tokens.verify(other)));
    expect(new Set(verdicts.map(reasonOf))).toEqual(new Set(['unavailable']));
    expect(introspection.asked).toBe(2);
    introspection.answer = active();
    expect(reasonOf(await tokens.verify(other))).toEqual(known);
  });

  it('is not asked about when it is over, or not yet begun', async () => {
    const { realm, tokens } = await one(withClient);
    const now = Math.floor(clock.now() / 1000);
    expect(reasonOf(await tokens.verify(realm.token({ exp: now - 60 }, light)))).toBe('expired');
    expect(reasonOf(await tokens.verify(realm.token({ nbf: now + 60 }, light)))).toBe('not-yet-valid');
    expect(introspection.asked).toBe(0);
  });

  it('is not asked about before its signature is good', async () => {
    const { realm, tokens } = await one(withClient);
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    expect(reasonOf(await tokens.verify(realm.token({}, { ...light, key: privateKey })))).toBe('bad-signature');
    expect(introspection.asked).toBe(0);
  });

  it('ends when its own exp says so, whatever the answer says', async () => {
    const { realm, tokens } = await one(withClient);
    introspection.answer = active({ exp: 9_999_999_999 });
    const exp = Math.floor(clock.now() / 1000) + 30;
    const token = realm.token({ exp }, light);
    expect(await tokens.verify(token)).toMatchObject({ identity: { expiresAt: exp * 1000 } });
    clock.at += 40_000;
    expect(reasonOf(await tokens.verify(token))).toBe('expired');
  });

  it('keeps what it says itself where the answer is silent', async () => {
    const { realm, tokens } = await one(withClient);
    introspection.answer = () => Promise.resolve({ active: true, realm_access: { roles: ['r'] } });
    const token = realm.token({ sub: 'mine', preferred_username: 'me' }, { omit: ['realm_access'] });
    expect(await tokens.verify(token)).toMatchObject({ identity: { id: 'keycloak:mine', name: 'me', roles: ['r'] } });
  });

  it('is refused where nobody can be asked, or the answer names no roles either', async () => {
    const { realm, tokens } = await one();
    expect(reasonOf(await tokens.verify(realm.token({}, light)))).toBe('no-roles-in-token');
    const asking = tokensOf(configOf(realm, withClient));
    introspection.answer = () => Promise.resolve({ active: true });
    expect(reasonOf(await asking.verify(realm.token({}, light)))).toBe('no-roles-in-token');
  });
});

it('says "cannot tell" of every token while there are no keys, and not of one that no issuer could have made', async () => {
  const { realm, tokens } = await one();
  realm.fail('reset');
  expect(reasonOf(await tokens.verify(realm.token()))).toBe('unavailable');
  expect(reasonOf(await tokens.verify(realm.token({}, { alg: 'none' })))).toBe('unsupported-algorithm');
  expect(reasonOf(await tokens.verify('x'.repeat(40_000)))).toBe('malformed');
});

it('says that nothing is configured, where nothing is', async () => {
  expect(reasonOf(await tokensOf().verify('x'))).toBe('not-configured');
});

it('has what the package throws by itself end as a refusal, and not as a rejection that nobody hears', async () => {
  const realm = await realmOf();
  const config = configOf(realm);
  const keys = new HttpIssuerKeys(config, MINUTE, clock, new SilentLog());
  const strategy = new BearerStrategy(config, keys);
  const key = Object.defineProperty(Object.create(KeyObject.prototype) as KeyObject, 'type', {
    get: () => {
      throw new Error('odd');
    },
  });
  jest.spyOn(keys, 'find').mockResolvedValue({ kid: 'x', algorithm: null, key });
  await expect(strategy.verified(realm.token())).rejects.toThrow(TokenRefused);
});
