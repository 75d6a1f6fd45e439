import type { ShareToken } from '@warden/tokens';
import type { TokenSigner } from '../shares/index.js';
import { InternalTokens } from './internal-tokens.js';

const start = Date.UTC(2030, 0, 1);
const token = (identity: string): ShareToken => ({ identity }) as ShareToken;

interface Signed {
  readonly of: string;
  readonly identity: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
}
let signed: Signed[];
let tokens: InternalTokens;
beforeEach(() => {
  signed = [];
  const signInternal = (of: ShareToken, claims: Omit<Signed, 'of'>): string => {
    signed.push({ of: of.identity, ...claims });
    return `token ${signed.length}`;
  };
  tokens = new InternalTokens({ signInternal } as unknown as TokenSigner);
});

describe('an internal token', () => {
  it('lives for a minute and a half, and is used for half a minute', () => {
    const texts = [0, 1, 29_999, 30_000, 59_999, 60_000].map((after) =>
      tokens.for(token('a'), Infinity, start + after),
    );
    expect(texts).toEqual(['token 1', 'token 1', 'token 1', 'token 2', 'token 2', 'token 3']);
    expect(signed.map(({ issuedAt, expiresAt }) => expiresAt - issuedAt)).toEqual([90_000, 90_000, 90_000]);
  });

  it('never outlives the token that it stands for', () => {
    tokens.for(token('a'), start + 10_000, start);
    expect(signed[0]?.expiresAt).toBe(start + 10_000);
  });

  it('is made anew when the token that it stands for now ends before', () => {
    expect(tokens.for(token('a'), Infinity, start)).toBe('token 1');
    expect(tokens.for(token('a'), start + 5_000, start + 1)).toBe('token 2');
    expect(signed[1]?.expiresAt).toBe(start + 5_000);
    expect(tokens.for(token('a'), Infinity, start + 2)).toBe('token 2');
  });

  it('is of one token alone', () => {
    expect(['a', 'b', '__proto__', 'a'].map((identity) => tokens.for(token(identity), Infinity, start))).toEqual([
      'token 1',
      'token 2',
      'token 3',
      'token 1',
    ]);
    expect(signed.map(({ of }) => of)).toEqual(['a', 'b', '__proto__']);
  });

  it('has a name that nobody can guess', () => {
    for (const identity of ['a', 'b']) tokens.for(token(identity), Infinity, start);
    expect(signed.every(({ identity }) => /^[A-Za-z0-9_-]{22}$/.test(identity))).toBe(true);
    expect(signed[0]?.identity).not.toBe(signed[1]?.identity);
  });

  it('of before is not used by a clock that was set back', () => {
    tokens.for(token('a'), Infinity, start);
    expect(tokens.for(token('a'), Infinity, start - 1)).toBe('token 2');
  });
});
