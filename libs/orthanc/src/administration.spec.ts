import fc from 'fast-check';
import { mayReachAdministration } from './administration.js';
import { administratorsOnly } from './routes.js';

const encode = (text: string): string =>
  [...text].map((letter) => `%${letter.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const timesEncoded = (text: string, times: number): string => {
  let encoded = encode(text);
  for (let round = 1; round < times; round++) encoded = encoded.replaceAll('%', '%25');
  return encoded;
};

describe('what is for administrators alone', () => {
  it.each(['/tools/execute-script', '/tools/reset', '/tools/shutdown'])('is %s', (path) => {
    expect(administratorsOnly).toContain(path);
    expect([path, `${path}/`].map(mayReachAdministration)).toEqual([true, true]);
  });

  it.each<[string, (path: string) => string]>([
    ['a doubled slash', (path) => path.replaceAll('/', '//')],
    ['a step up', (path) => `/studies/..${path}`],
    ['a step that stays', (path) => path.replace('/tools/', '/tools/./')],
    ['an encoded slash', (path) => path.replace('/tools/', '/tools%2f')],
    ['a backslash', (path) => path.replaceAll('/', '\\')],
    ['a parameter', (path) => `${path};x=y`],
    ['a parameter of the step before', (path) => path.replace('/tools', '/tools;x')],
    ['a null character', (path) => `${path}%00`],
    ['capitals beside a doubled slash', (path) => `/${path.toUpperCase()}`],
    ['a slash at the end, twice', (path) => `${path}//`],
    ['a letter that cannot be decoded', (path) => `${path}%ff`],
    ['a percent sign that stands for nothing', (path) => `${path}%`],
    ['all its letters encoded once', (path) => `/${timesEncoded(path, 1)}`],
    ['all its letters encoded twice', (path) => `/${timesEncoded(path, 2)}`],
    ['all its letters encoded three times', (path) => `/${timesEncoded(path, 3)}`],
    ['all its letters encoded nine times', (path) => `/${timesEncoded(path, 9)}`],
  ])('is seen behind %s', (_, disguise) => {
    expect(administratorsOnly.map((path) => [disguise(path), mayReachAdministration(disguise(path))])).toEqual(
      administratorsOnly.map((path) => [disguise(path), true]),
    );
  });

  it.each([
    '/tools/lookup',
    '/tools/find',
    '/studies',
    '/tools',
    '/',
    '/modalities/reset-room',
    '/studies/a%20b',
    '/a//b',
  ])('is not %s', (path) => {
    expect(mayReachAdministration(path)).toBe(false);
  });

  it('is never missed where a server decodes any of its letters, any number of times', () => {
    const disguised = fc
      .tuple(fc.constantFrom(...administratorsOnly), fc.infiniteStream(fc.nat(5)))
      .map(([path, times]) =>
        [...path]
          .map((letter) => {
            const rounds = letter === '/' ? 0 : (times.next().value as number);
            return rounds === 0 ? letter : timesEncoded(letter, rounds);
          })
          .join(''),
      );
    fc.assert(fc.property(disguised, (path) => expect([path, mayReachAdministration(path)]).toEqual([path, true])));
  });

  it('is told of any text, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => expect(typeof mayReachAdministration(text)).toBe('boolean')),
    );
  });
});
