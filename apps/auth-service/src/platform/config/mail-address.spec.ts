import { isMailAddress, parseMailbox } from './mail-address.js';

describe('an address of e-mail', () => {
  it.each([
    'jane@example.org',
    'jane.doe+scans@sub.example.org',
    "o'brien_42@example.org",
    'a@b',
    'x@xn--mller-kva.example',
    `${'a'.repeat(64)}@example.org`,
  ])('is %s', (text) => expect(isMailAddress(text)).toBe(true));

  it.each([
    '',
    '@',
    'jane',
    'jane@',
    '@example.org',
    'jane@@example.org',
    'jane@example.org@evil.example',
    ' jane@example.org',
    'jane@example.org ',
    'jane@example.org\n',
    'ja ne@example.org',
    'jane@exam ple.org',
    'jane@example.org\r\nBcc: evil@example.net',
    'jane@example.org\0',
    'jane@example.org,evil@example.net',
    'jane@example.org;evil@example.net',
    '<jane@example.org>',
    'Jane <jane@example.org>',
    '"jane"@example.org',
    'jane(x)@example.org',
    'group:jane@example.org',
    'jane\\@example.org',
    'jane@[127.0.0.1]',
    '.jane@example.org',
    'jane.@example.org',
    'ja..ne@example.org',
    'jane@.example.org',
    'jane@example.org.',
    'jane@example..org',
    'jane@-example.org',
    'jäne@example.org',
    'jane@exämple.org',
    'jane＠example.org',
    'mailto:jane@example.org',
    `${'a'.repeat(65)}@example.org`,
    `a@${'b'.repeat(64)}.org`,
    `a@${`${'b'.repeat(60)}.`.repeat(5)}org`,
  ])('is not %j', (text) => expect(isMailAddress(text)).toBe(false));

  it('may come with a name', () => {
    expect(parseMailbox('jane@example.org')).toEqual({ name: null, address: 'jane@example.org' });
    expect(parseMailbox('  <jane@example.org> ')).toEqual({ name: null, address: 'jane@example.org' });
    expect(parseMailbox('"Doe, Jane" <jane@example.org>')).toEqual({ name: 'Doe, Jane', address: 'jane@example.org' });
    expect(parseMailbox('Épinal <a@b.fr>')).toEqual({ name: 'Épinal', address: 'a@b.fr' });
    for (const text of ['Jane', 'Jane <jane>', 'a@b.c, d@e.f', 'A <a@b.c>, B <d@e.f>', 'J"x <a@b.c>', 'J\nX <a@b.c>'])
      expect([text, parseMailbox(text)]).toEqual([text, null]);
  });
});
