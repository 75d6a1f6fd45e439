import { safeRedirect } from './safe-redirect.js';

describe('safeRedirect', () => {
  it.each([
    'https://images.example/viewer?StudyInstanceUIDs=1.2&token=t',
    'http://localhost:8042/volview/index.html?names=[archive.zip]&urls=../studies/a-b/archive,../studies/c-d/archive&token=a.b.c',
    'HTTPS://images.example/?a=%20b',
  ])('keeps %s to the letter', (url) => {
    expect(safeRedirect(url)).toBe(url);
  });

  it('percent-encodes what a header can not hold', () => {
    expect(safeRedirect('https://images.example/é?q=ü[1]')).toBe('https://images.example/%C3%A9?q=%C3%BC[1]');
  });

  it.each([
    'javascript:alert(1)',
    'data:text/html,x',
    'ftp://images.example/',
    '//images.example/',
    '/viewer',
    'viewer?token=t',
    '',
    ' https://images.example/',
    'https://images.example/\r\nSet-Cookie: a=b',
    'https://images.example/\u2028',
    'https://images.example/a b',
    'https:///images.example/',
    'https:\\\\images.example/',
    'http:images.example',
    'http://',
    'http://[::1',
  ])('refuses %j', (url) => {
    expect(safeRedirect(url)).toBeUndefined();
  });
});
