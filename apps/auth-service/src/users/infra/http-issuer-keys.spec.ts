import { generateKeyPairSync } from 'node:crypto';
import {
  type RealmDouble,
  type RealmFault,
  type RealmOptions,
  startRealm,
} from '../../../../../test/support/realm-double.js';
import type { IssuerConfig } from '../../platform/config/config.js';
import { Log } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { KeysUnavailable } from '../bearer/issuer-keys.js';
import { HttpIssuerKeys } from './http-issuer-keys.js';

class SetClock extends Clock {
  at = 0;
  now = (): number => Date.UTC(2030, 0, 1) + this.at;
  monotonic = (): number => this.at;
}
class ListLog extends Log {
  events: string[] = [];
  details: unknown[] = [];
  private add = (event: string, fields: Record<string, unknown> = {}) => {
    this.events.push(event);
    this.details.push(fields['detail']);
  };
  info = this.add;
  warn = this.add;
  error = this.add;
  line = () => undefined;
  flush = () => undefined;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const rsa = (bits = 2048) => generateKeyPairSync('rsa', { modulusLength: bits }).publicKey.export({ format: 'jwk' });
const ec = (namedCurve = 'P-256') => generateKeyPairSync('ec', { namedCurve }).publicKey.export({ format: 'jwk' });
const one = rsa();
const two = rsa();

let realm: RealmDouble;
let clock: SetClock;
let log: ListLog;
let keys: HttpIssuerKeys;

async function start(
  options: RealmOptions = {},
  config: Partial<IssuerConfig> = {},
  maxAge = HOUR,
): Promise<HttpIssuerKeys> {
  realm = await startRealm(options);
  clock = new SetClock();
  log = new ListLog();
  const issuer = {
    name: 'keycloak',
    kind: 'keycloak',
    url: `${realm.url}/`,
    issuers: [],
    algorithms: ['RS256'],
  } as const;
  keys = new HttpIssuerKeys({ ...issuer, ...config }, maxAge, clock, log);
  return keys;
}
/** The kids that are used of such a JWKS; null: it is not used at all. */
async function usedOf(jwks: unknown, algorithms = ['RS256']): Promise<string[] | null> {
  await start({}, { algorithms });
  realm.fail({ answer: jwks }, 'certs');
  return keys.current().then(
    (set) => [...set.keys.keys()],
    () => null,
  );
}
afterEach(() => realm.stop());

describe('the keys of an issuer', () => {
  it('are asked for once, however many want them at once', async () => {
    await start();
    const sets = await Promise.all(Array.from({ length: 200 }, () => keys.current()));
    expect(new Set(sets).size).toBe(1);
    expect([realm.counts.discovery, realm.counts.certs, keys.state().fetches]).toEqual([1, 1, 1]);
  });

  it('are fresh for five minutes, then asked for again', async () => {
    await start();
    const first = await keys.current();
    clock.at += 5 * MINUTE - 1;
    expect(keys.atHand()).toBe(first);
    clock.at += 1;
    expect(keys.atHand()).toBeNull();
    expect(await keys.current()).toBe(first);
    expect(realm.counts.certs).toBe(2);
  });

  it('keep their generation while they stay the same, and get another when one comes or goes', async () => {
    await start();
    const again = async () => {
      clock.at += 5 * MINUTE;
      return (await keys.current()).generation;
    };
    const old = realm.activeKey.kid;
    expect([(await keys.current()).generation, await again()]).toEqual([1, 1]);
    realm.rotate();
    expect([await again(), await again()]).toEqual([2, 2]);
    realm.withdraw(old);
    expect([await again(), await again()]).toEqual([3, 3]);
    realm.fail({ status: 500 });
    expect([await again(), await again()]).toEqual([3, 3]);
  });

  it('get another generation when a kid gets another key', async () => {
    await start();
    realm.fail({ answer: { keys: [{ ...one, kid: 'k' }] } }, 'certs');
    const before = await keys.find('k');
    realm.fail({ answer: { keys: [{ ...two, kid: 'k' }] } }, 'certs');
    clock.at += 5 * MINUTE;
    expect((await keys.current()).generation).toBe(2);
    expect((await keys.find('k'))?.key.equals(before!.key)).toBe(false);
  });
});

describe('an unknown kid', () => {
  it('asks at most once in ten seconds, whoever sends it', async () => {
    await start();
    await keys.current();
    clock.at += 10_000;
    const found = await Promise.all(Array.from({ length: 500 }, (_, index) => keys.find(`unknown-${index}`)));
    expect(new Set(found)).toEqual(new Set([null]));
    expect(realm.counts.certs).toBe(2);
    clock.at += 9_999;
    await keys.find('unknown');
    expect(realm.counts.certs).toBe(2);
    clock.at += 1;
    await keys.find('unknown');
    expect(realm.counts.certs).toBe(3);
  });

  it('is found at once after a rotation', async () => {
    await start();
    await keys.current();
    const kid = realm.rotate();
    clock.at += 10_000;
    expect(await keys.find(kid)).toMatchObject({ kid, algorithm: 'RS256' });
  });

  it.each(['', '__proto__', 'constructor', 'a\nb', 'ключ', 'x'.repeat(100_000)])('that is %#: none', async (kid) => {
    await start();
    expect(await keys.find(kid)).toBeNull();
  });

  it('is no verdict while the issuer does not answer: its key may be newer than ours', async () => {
    await start();
    const { kid } = realm.activeKey;
    await keys.current();
    const next = realm.rotate();
    realm.fail('reset');
    clock.at += 10_000;
    await expect(keys.find(next)).rejects.toThrow(KeysUnavailable);
    expect(await keys.find(kid)).not.toBeNull();
    realm.mend();
    clock.at += 10_000;
    expect(await keys.find(next)).not.toBeNull();
  });
});

describe('an issuer that does not answer', () => {
  const faults: [string, RealmFault, RegExp][] = [
    ['hangs', 'hang', /discovery: no whole answer/],
    ['stalls', 'stall', /discovery: no whole answer/],
    ['resets', 'reset', /discovery: /],
    ['answers HTML', 'garbage', /discovery: its answer is not JSON/],
    ['never ends', 'endless', /discovery: the answer is longer/],
    ['fails', { status: 500 }, /discovery: it answers 500/],
    ['redirects', { redirect: 'http://127.0.0.1:1/elsewhere' }, /discovery: it answers with a redirect/],
    ['answers null', { answer: null }, /discovery: its answer is not a JSON object/],
    ['answers a list', { answer: [] }, /names no issuer/],
  ];

  it.each(faults)('because it %s: no keys, and a reason', async (_, fault, reason) => {
    await start();
    realm.fail(fault);
    const begun = performance.now();
    await expect(keys.current()).rejects.toThrow(KeysUnavailable);
    await expect(keys.current()).rejects.toThrow(reason);
    expect(performance.now() - begun).toBeLessThan(4_000);
    expect(keys.state()).toMatchObject({ fetches: 1, ageSeconds: null });
  });

  it('follows no redirect of the keys either', async () => {
    await start();
    realm.fail({ redirect: `${realm.url}/other` }, 'certs');
    await expect(keys.current()).rejects.toThrow(/keys: it answers with a redirect/);
    expect(realm.counts.other).toBe(0);
  });

  it('spends its two seconds on discovery and keys together', async () => {
    await start();
    realm.fail({ slow: 1_400 }, 'discovery', 'certs');
    const begun = performance.now();
    await expect(keys.current()).rejects.toThrow(/no whole answer/);
    expect(performance.now() - begun).toBeLessThan(2_700);
  });

  it('is asked again after a second while there are no keys, and recovers by itself', async () => {
    await start();
    realm.fail('reset');
    await expect(keys.current()).rejects.toThrow();
    clock.at += 999;
    await expect(keys.current()).rejects.toThrow();
    expect(keys.state().fetches).toBe(1);
    realm.mend();
    clock.at += 1;
    expect((await keys.current()).keys.size).toBe(1);
    expect(keys.state()).toMatchObject({ fault: null, fetches: 2 });
    expect(log.events).toEqual(['issuer-unavailable', 'issuer-recovered', 'issuer-keys']);
  });

  it('has its last good keys used for JWKS_MAX_AGE and no longer', async () => {
    await start();
    const set = await keys.current();
    realm.fail('reset');
    clock.at = HOUR - 1;
    expect(await keys.current()).toBe(set);
    expect(await keys.current()).toBe(set);
    clock.at = HOUR;
    await expect(keys.current()).rejects.toThrow(KeysUnavailable);
  });

  it('is waited for once, then asked in the background at most once in ten seconds', async () => {
    await start();
    await keys.current();
    realm.fail('hang');
    clock.at = 5 * MINUTE;
    await keys.current();
    clock.at += 10_000;
    const begun = performance.now();
    for (let times = 0; times < 100; times++) await keys.current();
    expect(performance.now() - begun).toBeLessThan(1_000);
    expect(keys.state().fetches).toBe(3);
  });

  it('leaves one line for the same fault, however long it lasts', async () => {
    await start();
    realm.fail({ status: 503 });
    for (let times = 0; times < 20; times++) {
      clock.at += 1_000;
      await keys.current().catch(() => undefined);
    }
    expect([realm.counts.discovery, log.events]).toEqual([20, ['issuer-unavailable']]);
  });
});

describe('of a JWKS', () => {
  it.each<[string, unknown, string[] | null]>([
    ['an RSA key without use and alg is used', { keys: [{ ...one, kid: 'a' }] }, ['a']],
    [
      'a key for signatures is used',
      { keys: [{ ...one, kid: 'a', use: 'sig', alg: 'RS256', key_ops: ['verify'] }] },
      ['a'],
    ],
    ['an encryption key is not', { keys: [{ ...one, kid: 'a', use: 'enc' }] }, null],
    ['a key of another algorithm is not', { keys: [{ ...one, kid: 'a', alg: 'RSA-OAEP' }] }, null],
    ['a key of an algorithm that is not allowed is not', { keys: [{ ...one, kid: 'a', alg: 'PS256' }] }, null],
    ['a key for other operations is not', { keys: [{ ...one, kid: 'a', key_ops: ['encrypt'] }] }, null],
    ['a key with operations as a text is not', { keys: [{ ...one, kid: 'a', key_ops: 'verify' }] }, null],
    ['a symmetric key is not', { keys: [{ kty: 'oct', kid: 'a', k: 'c2VjcmV0', alg: 'HS256' }] }, null],
    [
      'a symmetric key that claims RS256 is not',
      { keys: [{ kty: 'oct', kid: 'a', k: 'c2VjcmV0', alg: 'RS256' }] },
      null,
    ],
    ['an RSA key of 1024 bits is not', { keys: [{ ...rsa(1024), kid: 'a' }] }, null],
    ['a key without kid is not', { keys: [{ ...one }, { ...two, kid: '' }, { ...two, kid: 7 }] }, null],
    ['a key with an endless kid is not', { keys: [{ ...one, kid: 'k'.repeat(257) }] }, null],
    ['an EC key is not where only RSA is allowed', { keys: [{ ...ec(), kid: 'a' }] }, null],
    [
      'a broken key is not, and spoils no other',
      {
        keys: [
          { kty: 'RSA', n: '!', e: [], kid: 'x' },
          { ...one, kid: 'a' },
        ],
      },
      ['a'],
    ],
    ['what is no object is not', { keys: [null, 7, 'x', [], { ...one, kid: 'a' }] }, ['a']],
    ['no list is nothing', { keys: { a: one } }, null],
    ['an empty list is nothing', { keys: [] }, null],
    [
      'the last of two with one kid counts',
      {
        keys: [
          { ...one, kid: 'a' },
          { ...two, kid: 'a' },
        ],
      },
      ['a'],
    ],
    ['a kid with __proto__ is a name like any other', { keys: [{ ...one, kid: '__proto__' }] }, ['__proto__']],
  ])('%s', async (_, jwks, expected) => expect(await usedOf(jwks)).toEqual(expected));

  it('EC keys are used where they are allowed, RSA keys then not', async () => {
    const jwks = {
      keys: [
        { ...ec(), kid: 'a' },
        { ...one, kid: 'b' },
        { ...ec('secp384r1'), kid: 'c', alg: 'ES384' },
      ],
    };
    expect(await usedOf(jwks, ['ES256'])).toEqual(['a']);
  });

  it('a duplicate for encryption does not take the place of the key for signatures', async () => {
    const jwks = {
      keys: [
        { ...one, kid: 'a' },
        { ...two, kid: 'a', use: 'enc' },
      ],
    };
    expect(await usedOf(jwks)).toEqual(['a']);
    expect((await keys.find('a'))?.key.export({ format: 'jwk' })).toEqual(one);
  });

  it('ten thousand keys are too many to be read, and some hundred are cut off', async () => {
    const many = (count: number) => ({
      keys: Array.from({ length: count }, (_, index) => ({ ...one, kid: `k${index}` })),
    });
    expect(await usedOf(many(10_000))).toBeNull();
    expect(keys.state().fault).toBe('keys: the answer is longer than 1048576 bytes');
    await realm.stop();
    expect(await usedOf(many(400))).toHaveLength(100);
  });

  it('the private half is of no use to us: only the public one is kept', async () => {
    const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
    await usedOf({ keys: [{ ...pair.privateKey.export({ format: 'jwk' }), kid: 'a' }] });
    expect((await keys.find('a'))?.key.type).toBe('public');
  });
});

describe('a discovery document', () => {
  const oidc = (discovery: RealmOptions['discovery'], url?: string) =>
    start({ issuerPath: '/oidc', ...(discovery === undefined ? {} : { discovery }) }).then(() => {
      keys = new HttpIssuerKeys(
        { name: 'x', kind: 'oidc', url: url ?? `${realm.url}/`, issuers: [realm.issuer], algorithms: ['RS256'] },
        HOUR,
        clock,
        log,
      );
    });

  it('of another issuer is refused', async () => {
    await oidc({ issuer: 'https://evil.example/"\n' });
    await expect(keys.current()).rejects.toThrow(/is of the issuer "https:\/\/evil.example\/\\"\\n"/);
    expect(realm.counts.certs).toBe(0);
  });

  it.each([undefined, null, 7, '', 'keys', 'file:///etc/passwd', 'data:application/json,{"keys":[]}', 'ftp://h/', []])(
    'with the jwks_uri %j is refused',
    async (jwksUri) => {
      await oidc({ jwks_uri: jwksUri });
      await expect(keys.current()).rejects.toThrow(/jwks_uri/);
      expect(realm.counts.certs).toBe(0);
    },
  );

  it('may keep its keys on another origin, as Google does', async () => {
    const other = await startRealm();
    await oidc({ jwks_uri: other.jwksUri });
    expect(await keys.find(other.activeKey.kid)).not.toBeNull();
    await other.stop();
  });

  it.each(['file:///etc/passwd', 'data:,x', 7, ''])('with the introspection_endpoint %j has none', async (endpoint) => {
    await oidc({ introspection_endpoint: endpoint });
    expect((await keys.current()).introspectionUrl).toBeNull();
  });

  it('of a Keycloak with another public name: its keys are asked for where we reach it', async () => {
    await start({
      discovery: {
        issuer: 'https://sso.hospital.example/realms/orthanc',
        jwks_uri: 'https://sso.hospital.example/realms/orthanc/protocol/openid-connect/certs',
        introspection_endpoint: 'file:///etc/passwd',
      },
    });
    const set = await keys.current();
    expect([set.issuer, realm.counts.certs]).toEqual(['https://sso.hospital.example/realms/orthanc', 1]);
    expect(set.introspectionUrl).toBeNull();
  });
});
