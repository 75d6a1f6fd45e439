import { posix } from 'node:path';
import fc from 'fast-check';
import { type Address, addressText, isPlainPath, readAddress } from './address.js';

/** Pieces of which addresses are made that two servers read in two ways, among pieces that all read in one. */
const piece = fc.constantFrom(
  ...[
    'a',
    'Z',
    '7',
    '-',
    '.',
    '_',
    '~',
    ',',
    '/',
    '/',
    '//',
    '/.',
    '/..',
    './',
    '../',
    '%',
    '%2f',
    '%2F',
    '%2e',
    '%252e',
  ],
  ...[
    '%00',
    '%c0%ae',
    '%ff',
    '\\',
    '%5c',
    ';',
    ';a=b',
    '?',
    '#',
    '&',
    '=',
    '+',
    ' ',
    '\t',
    '\n',
    '\0',
    'é',
    '\ud800',
    ':',
    '@',
  ],
  ...['token', '__proto__', 'constructor', '*', '{study}', '**', 'studies', 'http:', "'", '"', '<', '|', '^', '[', '!'],
);
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const runs = { numRuns: 2_000 };

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return `not ${text}`;
  }
};
const read = (uri: string): Address => {
  const address = readAddress(uri);
  if (typeof address === 'string') throw new Error(address);
  return address;
};
const plain = fc
  .array(fc.stringMatching(/^[A-Za-z0-9_~,-][A-Za-z0-9._~,-]{0,6}$/), { maxLength: 6 })
  .chain((steps) => fc.constantFrom('', '/').map((end) => `/${steps.join('/')}${steps.length > 0 ? end : ''}`));

describe('a plain path', () => {
  it('is the same whoever decodes, merges, resolves or normalizes it', () => {
    fc.assert(
      fc.property(fc.oneof(hostile, plain), (text) => {
        const path = `/${text}`.replace(/^\/\//, '/');
        if (!isPlainPath(path)) return;
        expect(decoded(path)).toBe(path);
        expect(path.replace(/\/{2,}/g, '/')).toBe(path);
        expect(path.split('/').filter((step) => step.startsWith('.'))).toEqual([]);
        expect(posix.normalize(path)).toBe(path);
        const url = new URL(path, 'http://orthanc.example');
        expect([url.host, url.pathname, url.search, url.hash]).toEqual(['orthanc.example', path, '', '']);
        expect(new URL(`http://orthanc.example${path}`).pathname).toBe(path);
      }),
      runs,
    );
  });

  it('is what letters, digits and dots within steps make', () => {
    fc.assert(fc.property(plain, (path) => expect([path, isPlainPath(path)]).toEqual([path, true])));
  });

  it.each([
    '//',
    '/a//b',
    '/a//',
    '/.',
    '/..',
    '/./a',
    '/a/../b',
    '/.hidden',
    '/...',
    '/a/.',
    '/%61',
    '/a%2fb',
    '/a%',
    '/%252e',
    '/a;b',
    '/a\\b',
    '/a b',
    '/a+b',
    '/a:b',
    '/a@b',
    '/a*',
    '/é',
    '/a\n',
    '/a\0',
    'a',
    'a/b',
    'http://x/a',
  ])('is not %j', (path) => {
    expect(isPlainPath(path)).toBe(false);
  });

  it('is found in time that grows with its length alone', () => {
    const start = performance.now();
    for (const text of [
      '/a'.repeat(30_000),
      '/'.repeat(60_000),
      `/${'a.'.repeat(30_000)}%`,
      '/a,'.repeat(20_000) + '\\',
    ])
      isPlainPath(text);
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe('an address', () => {
  it('is read or refused, whatever the text, and nothing is thrown', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        for (const uri of [text, `/${text}`, `/a?${text}`]) {
          const address = readAddress(uri);
          if (typeof address === 'string') continue;
          expect(address.path.startsWith('/')).toBe(true);
          // It goes into a header of the answer: nothing that ends a line, and no blank.
          expect(addressText(address.path, address.query)).toMatch(/^[!-~]+$/);
        }
      }),
      runs,
    );
  });

  it.each([
    ['', 'not-an-address'],
    ['*', 'not-an-address'],
    ['?a=1', 'not-an-address'],
    ['studies', 'not-an-address'],
    ['http://x/studies', 'not-an-address'],
    ['/a#b', 'not-an-address'],
    ['/a b', 'not-an-address'],
    ['/a\r\nx: y', 'not-an-address'],
    ['/é', 'not-an-address'],
    ['/a?b c', 'unreadable-arguments'],
    ['/a?b#c', 'unreadable-arguments'],
    ['/a?é', 'unreadable-arguments'],
    ['/a?b=%', 'unreadable-arguments'],
    ['/a?b=%zz', 'unreadable-arguments'],
    ['/a?%ff=b', 'unreadable-arguments'],
    ['/a?b=%c0%ae', 'unreadable-arguments'],
    ['/a?b=1&c=%e0%80%af', 'unreadable-arguments'],
    ['/a?b=%ed%a0%80', 'unreadable-arguments'],
    ['/a?x=1, /b', 'unreadable-arguments'],
  ])('%j is refused as %s', (uri, fault) => {
    expect(readAddress(uri)).toBe(fault);
  });

  it('has the arguments that URLSearchParams reads, or is refused', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const address = readAddress(`/a?${text}`);
        if (typeof address === 'string') return;
        expect(address.query.map(({ name, value }) => [name, value])).toEqual([...new URLSearchParams(`?${text}`)]);
      }),
      runs,
    );
  });

  it('keeps each argument as it was written, in the order in which it came', () => {
    expect(read('/a?b=%41&&c&=d&b=x+y&e=f=g?h').query).toEqual([
      { name: 'b', value: 'A', text: 'b=%41' },
      { name: 'c', value: '', text: 'c' },
      { name: '', value: 'd', text: '=d' },
      { name: 'b', value: 'x y', text: 'b=x+y' },
      { name: 'e', value: 'f=g?h', text: 'e=f=g?h' },
    ]);
  });

  it('takes names that every object has for what they are', () => {
    expect(read('/a?__proto__=1&constructor=2').query.map(({ name }) => name)).toEqual(['__proto__', 'constructor']);
  });
});

describe('the address without some arguments', () => {
  it('is what came, letter by letter, but for those and for empty ones', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        const address = readAddress(`/a?${text}`);
        if (typeof address === 'string') return;
        const others = address.query.filter(({ name }) => name !== 'token');
        const kept = text.split('&').filter((one) => one !== '' && !new URLSearchParams(`?${one}`).has('token'));
        expect(addressText('/a', others)).toBe(kept.length === 0 ? '/a' : `/a?${kept.join('&')}`);
      }),
      runs,
    );
  });

  it.each([
    ['/a?token=x', '/a'],
    ['/a?%74oken=x', '/a'],
    ['/a?b=1&token=x&c=%32', '/a?b=1&c=%32'],
    ['/a?tokens=x', '/a?tokens=x'],
    ['/a?', '/a'],
  ])('%s without its token is %s', (uri, rest) => {
    const { path, query } = read(uri);
    expect(
      addressText(
        path,
        query.filter(({ name }) => name !== 'token'),
      ),
    ).toBe(rest);
  });
});
