import { askedRequest } from './asked-request.js';

const nginx = { 'x-original-method': 'GET', 'x-original-uri': '/a?b' };
const traefik = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/a?b' };

describe('what a proxy holds', () => {
  it.each<[string, string, string, Record<string, string>]>([
    ['nginx', 'GET', '/forward-auth', nginx],
    ['Traefik, Caddy and Apache', 'POST', '/forward-auth', traefik],
    ['Envoy', 'GET', '/forward-auth/a?b', {}],
  ])('is told by %s', (_, method, url, headers) => {
    expect(askedRequest(method, url, headers)).toEqual({ method: 'GET', uri: '/a?b' });
  });

  it('is the method of the request itself with Envoy alone', () => {
    expect(askedRequest('DELETE', '/forward-auth/a', {})).toEqual({ method: 'DELETE', uri: '/a' });
    expect(askedRequest('DELETE', '/forward-auth', nginx)).toEqual({ method: 'GET', uri: '/a?b' });
  });

  it.each<[string, string, Record<string, string | string[]>]>([
    ['nothing', '/forward-auth', {}],
    ['other headers', '/forward-auth', { 'x-original-url': '/a', 'x-rewrite-url': '/a', 'x-forwarded-host': 'x' }],
  ])('is not told by %s', (_, url, headers) => {
    expect(askedRequest('GET', url, headers)).toBe('no-request');
  });

  it.each<[string, string, Record<string, string | string[]>]>([
    ['two forms', '/forward-auth', { ...nginx, ...traefik }],
    ['two forms that agree with the address', '/forward-auth/a?b', { ...nginx }],
    ['all three', '/forward-auth/a?b', { ...nginx, ...traefik }],
    ['a method without an address', '/forward-auth', { 'x-original-method': 'GET' }],
    ['an address without a method', '/forward-auth', { 'x-original-uri': '/a' }],
    ['half of one and half of another', '/forward-auth', { 'x-original-method': 'GET', 'x-forwarded-uri': '/a' }],
    ['one form and half of another', '/forward-auth', { ...nginx, 'x-forwarded-uri': '/a' }],
    ['one form and half of another, which is empty', '/forward-auth', { ...traefik, 'x-original-method': '' }],
    ['an address behind the path and half of a form', '/forward-auth/a', { 'x-forwarded-method': 'GET' }],
    ['a header that came twice', '/forward-auth', { ...nginx, 'x-original-uri': ['/a', '/b'] }],
  ])('is not told by %s', (_, url, headers) => {
    expect(askedRequest('GET', url, headers)).toBe('ambiguous-request');
  });
});
