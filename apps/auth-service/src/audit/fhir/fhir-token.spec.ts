import { alternativesOf, tokenOf } from './fhir-token.js';

describe('a value of a search', () => {
  it.each([
    ['a', ['a']],
    ['a,b', ['a', 'b']],
    [',', ['', '']],
    ['a\\,b,c', ['a\\,b', 'c']],
    ['a\\\\,b', ['a\\\\', 'b']],
    ['a\\', ['a\\']],
    ['a\n,\u{1f600}', ['a\n', '\u{1f600}']],
  ])('%j is any of %j', (text, values) => {
    expect(alternativesOf(text)).toEqual(values);
  });

  it.each([
    ['a', undefined, 'a'],
    ['|a', '', 'a'],
    ['s|a', 's', 'a'],
    ['s\\|t|a\\,\\$\\\\\\|\\x', 's|t', 'a,$\\|\\x'],
  ])('%j has a system and a value', (text, system, value) => {
    expect(tokenOf(text)).toEqual({ system, value });
  });

  it.each(['', '|', 's|', 'a|b|c'])('%j names nothing', (text) => {
    expect(tokenOf(text)).toBeNull();
  });
});
