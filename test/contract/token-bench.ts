import { constants, createHmac, generateKeyPairSync, sign } from 'node:crypto';
import type { Claims, GoldenToken, SigningAlgorithm } from './golden.js';

const hashes = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' } as const;

/** The tokens of the recorded cases: what our service minted, and for the rest what this makes from their claims. */
export class TokenBench {
  private readonly texts = new Map<string, string>();
  private readonly foreignKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;

  constructor(
    private readonly tokens: Readonly<Record<string, GoldenToken>>,
    private readonly secretKey: string,
    /** Signs with the key of the realm double, once there is one. */
    private readonly signByRealm: (algorithm: 'RS256' | 'PS256', claims: Claims) => string,
  ) {}

  /** From now on, this is the text of every token that the case is said to mint. */
  minted(caseName: string, text: string): void {
    for (const [name, token] of Object.entries(this.tokens)) {
      if ('mintedBy' in token && token.mintedBy === caseName) this.texts.set(name, text);
    }
  }

  /** A token that our service refused to mint is made here: links of its kind are out in the world. */
  text(name: string): string {
    const known = this.texts.get(name);
    if (known !== undefined) return known;
    const token = this.tokens[name];
    if (token === undefined) throw new Error(`golden.jsonl has no token ${name}`);
    const made = this.make(token);
    // A tampered or prefixed token follows its original, which may be minted later on.
    if ('claims' in token) this.texts.set(name, made);
    return made;
  }

  claims(name: string): Claims {
    const token = this.tokens[name];
    if (token === undefined || !('claims' in token)) throw new Error(`golden.jsonl has no claims of a token ${name}`);
    return token.claims;
  }

  isSignedWithSecretKey(text: string): boolean {
    const dot = text.lastIndexOf('.');
    return text.slice(dot + 1) === this.signature('HS256', text.slice(0, dot));
  }

  private make(token: GoldenToken): string {
    if ('tampered' in token) {
      const original = this.text(token.tampered);
      return original.slice(0, -2) + (original.endsWith('AA') ? 'BA' : 'AA');
    }
    if ('bearer' in token) return `Bearer ${this.text(token.bearer)}`;
    if ('realm' in token) return this.signByRealm(token.realm, moments(token.claims, Date.now()));
    const [algorithm, extra] = 'signed' in token ? [token.signed, token.header] : (['HS256', {}] as const);
    const claims = moments(token.claims, Date.now());
    const signed = `${encode({ alg: algorithm, typ: 'JWT', ...extra })}.${encode(claims)}`;
    return `${signed}.${this.signature(algorithm, signed)}`;
  }

  private signature(algorithm: SigningAlgorithm, signed: string): string {
    switch (algorithm) {
      case 'none':
        return '';
      case 'RS256':
        return sign('sha256', Buffer.from(signed), {
          key: this.foreignKey,
          padding: constants.RSA_PKCS1_PADDING,
        }).toString('base64url');
      case 'HS256':
      case 'HS384':
      case 'HS512':
        return createHmac(hashes[algorithm], this.secretKey).update(signed).digest('base64url');
    }
  }
}

/** The header and the claims of a JWT, unverified. */
export function decodeJwt(text: string): { header: Claims; claims: Claims } {
  const part = (index: number) =>
    JSON.parse(Buffer.from(text.split('.')[index] ?? '', 'base64url').toString()) as Claims;
  return { header: part(0), claims: part(1) };
}

function encode(json: Claims): string {
  return Buffer.from(JSON.stringify(json)).toString('base64url');
}

function moments(claims: Claims, now: number): Claims {
  return Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, moment(value, now)]));
}

function moment(value: unknown, now: number): unknown {
  const match = typeof value === 'string' ? /^<(time|epoch):now([+-]\d+)s>$/.exec(value) : null;
  if (match === null) return value;
  const at = now + Number(match[2]) * 1000;
  return match[1] === 'epoch'
    ? Math.floor(at / 1000)
    : new Date(at).toISOString().replace(/\.(\d{3})Z$/, '.$1000+00:00');
}
