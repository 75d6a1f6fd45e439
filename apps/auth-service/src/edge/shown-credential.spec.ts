import type { IncomingHttpHeaders } from 'node:http';
import { readAddress } from '@warden/orthanc';
import { cookieOf, shownCredential } from './shown-credential.js';

function shown(headers: IncomingHttpHeaders, text = ''): unknown {
  const address = readAddress(`/a?${text}`);
  if (typeof address === 'string') throw new Error(address);
  return shownCredential(headers, address.query);
}

describe('the credential of a request', () => {
  it.each<[string, IncomingHttpHeaders, string, unknown]>([
    ['Authorization', { authorization: 'Bearer t' }, '', { as: 'bearer', text: 't' }],
    ['Authorization in any letters', { authorization: 'bEARER   t' }, '', { as: 'bearer', text: 't' }],
    ['Authorization without Bearer', { authorization: 't' }, '', { as: 'bearer', text: 't' }],
    ['api-key', { 'api-key': 'k' }, '', { as: 'api-key', text: 'k' }],
    ['the header token', { token: 't' }, '', { as: 'token', text: 't' }],
    ['the argument token', {}, 'token=t', { as: 'token', text: 't' }],
    ['the argument token, encoded', {}, '%74%6f%6b%65%6e=%74', { as: 'token', text: 't' }],
    ['the argument token with Bearer', {}, 'token=Bearer+t', { as: 'token', text: 't' }],
    ['the cookie', { cookie: 'a=b; warden-token=t; c=d' }, '', { as: 'cookie', text: 't' }],
    [
      'the same in each place',
      { authorization: 'Bearer t', 'api-key': 't', token: 't' },
      'token=t',
      { as: 'bearer', text: 't' },
    ],
    ['none', {}, '', null],
    ['none, of what is empty', { authorization: '', 'api-key': '', token: '', cookie: '' }, 'token=', null],
    ['none, of another cookie', { cookie: 'token=t; warden-token2=t; xwarden-token=t; warden-token' }, '', null],
    ['none, of other arguments', {}, 'Token=t&TOKEN=t&tokens=t&token%00=t&api-key=t&authorization=t', null],
    ['the argument, whatever the cookie', { cookie: 'warden-token=u' }, 'token=t', { as: 'token', text: 't' }],
    ['the header, whatever the cookie', { 'api-key': 'k', cookie: 'warden-token=u' }, '', { as: 'api-key', text: 'k' }],
  ])('is in %s', (_, headers, text, credential) => {
    expect(shown(headers, text)).toEqual(credential);
  });

  it.each<[string, IncomingHttpHeaders, string]>([
    ['two headers', { authorization: 'Bearer t', 'api-key': 'u' }, ''],
    ['two headers of which one is meant for us', { authorization: 'Basic eDp5', token: 't' }, ''],
    ['a header and an argument', { token: 't' }, 'token=u'],
    ['two arguments', {}, 'token=t&token=u'],
    ['two arguments that agree: one of them would go on', {}, 'token=t&token=t'],
    ['two arguments of which one is empty', {}, 'token=&token=t'],
    ['two spellings of the argument', {}, 'token=t&%74oken=u'],
    ['texts that differ by a blank', { token: 't' }, 'token=t+'],
    ['a list of headers', { 'api-key': ['t', 't'] }, ''],
  ])('is refused where %s differ', (_, headers, text) => {
    expect(shown(headers, text)).toBe('several-credentials');
  });
});

describe('a cookie', () => {
  it.each<[string | undefined, string | undefined]>([
    [undefined, undefined],
    ['', undefined],
    ['n=v', 'v'],
    [' n = v ', 'v'],
    ['n=a=b', 'a=b'],
    ['n=', ''],
    ['n', undefined],
    ['=v', undefined],
    ['N=v', undefined],
    ['a=b;;;n=v;n=w', 'v'],
    ['m="n=v"; n=w', 'w'],
    ['__proto__=v', undefined],
  ])('of %j is %j', (cookies, value) => {
    expect(cookieOf(cookies, 'n')).toBe(value);
  });
});
