import { findTokens } from './find-tokens.js';

const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = (label: string) => `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ id: label })}.c2lnbmF0dXJl-_`;
const [a, b] = [token('a'), token('b')];

describe('tokens are found', () => {
  it.each([
    ['alone on a line', a, [a]],
    ['in an address, among other parameters', `https://x.example/?token=${a}&study=1.2#top`, [a]],
    ['after an escaped equals sign', `GET /share?next=%3Ftoken%3D${a} HTTP/1.1`, [a]],
    ['in a log of Python', `2024-01-01 INFO token-value='${a}' token-key='token'`, [a]],
    ['in JSON that is quoted twice', `"{\\"token-value\\":\\"${a}\\"}"`, [a]],
    ['after an escaped line end', `one\\n${a}\\ntwo`, [a]],
    ['twice on a line', `${a} ${b}`, [a, b]],
    ['without the = that may follow', `${a}=`, [a]],
    ['at the end of a sentence', `Bearer ${a}.`, [a]],
    ['nowhere', 'study 1.2.276.0.7230010.3.1.2.1 opened by eyJ', []],
    ['not without a signature', a.slice(0, a.lastIndexOf('.')), []],
  ])('%s', (_where, text, found) => {
    expect(findTokens(text)).toEqual(found);
  });

  it('nowhere in a line of a megabyte that is one long beginning', () => {
    expect(findTokens('eyJ'.repeat(350_000))).toEqual([]);
  });
});
