import { DomainError } from '../platform/errors/domain-error.js';
import { checkedVersion, expectedVersion } from './if-match.js';

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
    expect(code(() => checkedVersion(text))).toBe('no-such-roles-version');
  },
);
