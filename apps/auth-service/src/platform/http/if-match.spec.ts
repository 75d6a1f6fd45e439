import { DomainError } from '../errors/domain-error.js';
import { checkedVersion, etagOf, expectedVersion } from './if-match.js';

const code = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error instanceof DomainError ? error.code : error;
  }
};

it.each<[string | undefined, unknown]>([
  [undefined, null],
  ['*', null],
  ['"42"', 42],
  [' "42" ', 42],
  ['42', 'invalid-input'],
  ['W/"42"', 'invalid-input'],
  ['"42", "43"', 'invalid-input'],
  ['"0"', 'invalid-input'],
  ['"-1"', 'invalid-input'],
  ['"1e3"', 'invalid-input'],
  ['"99999999999999999999"', 'invalid-input'],
  ['', 'invalid-input'],
])('reads If-Match %j as %j', (header, expected) => {
  expect(code(() => expectedVersion(header))).toBe(expected);
});

it.each(['0', '-1', '1e30', 'abc', '', '01', '1.0', ' 1', '١', '9999999999999999', '1\0'])(
  'knows no version %j',
  (text) => {
    const missing = () => new DomainError('no-such-version', 'none');
    expect(code(() => checkedVersion(text, missing))).toBe('no-such-version');
  },
);

it('takes version 0 where versions are counted from it, in its one spelling', () => {
  expect(expectedVersion('"0"', 0)).toBe(0);
  expect(expectedVersion('"42"', 0)).toBe(42);
  expect(code(() => expectedVersion('"00"', 0))).toBe('invalid-input');
});

it('writes the ETag that If-Match takes back', () => {
  expect(expectedVersion(etagOf(42))).toBe(42);
});
