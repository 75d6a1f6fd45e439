import type { IncomingHttpHeaders } from 'node:http';
import { crossSiteRefusal, namesItsOrigin } from './cross-site.js';

const own = 'warden.hospital:8000';
const basic = 'Basic YWxpY2U6eA==';
const refused = (headers: IncomingHttpHeaders, method = 'POST') =>
  crossSiteRefusal(method, { host: own, authorization: basic, ...headers })?.code === 'cross-site';

it.each(['GET', 'HEAD', 'OPTIONS'])('lets %s pass from anywhere', (method) => {
  expect(refused({ origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }, method)).toBe(false);
});

it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND', 'get'])('judges %s', (method) => {
  expect(refused({ origin: 'https://evil.example' }, method)).toBe(true);
  expect(refused({ 'sec-fetch-site': 'cross-site' }, method)).toBe(true);
});

it('lets pass what names neither an origin nor a site: scripts, the plugin', () => {
  expect(refused({})).toBe(false);
  expect(refused({ referer: 'https://evil.example/', 'sec-fetch-mode': 'cors' })).toBe(false);
  expect(namesItsOrigin({ 'sec-fetch-mode': 'cors', host: own })).toBe(false);
  expect(namesItsOrigin({ origin: 'null' })).toBe(true);
  expect(namesItsOrigin({ 'sec-fetch-site': '' })).toBe(true);
});

describe('Sec-Fetch-Site', () => {
  it('same-origin is enough: behind a proxy, Host need not be what the browser sees', () => {
    expect(refused({ 'sec-fetch-site': 'same-origin' })).toBe(false);
    expect(refused({ 'sec-fetch-site': 'same-origin', origin: 'https://orthanc.hospital' })).toBe(false);
  });

  it.each(['same-site', 'cross-site', 'Same-Origin', '', 'same-origin, cross-site', 'something-new'])(
    '%j is refused, whatever Origin says',
    (site) => {
      expect(refused({ 'sec-fetch-site': site, origin: `http://${own}` })).toBe(true);
      expect(refused({ 'sec-fetch-site': site })).toBe(true);
    },
  );

  it('none proves nothing for what no address bar sends: Origin decides', () => {
    expect(refused({ 'sec-fetch-site': 'none' })).toBe(true);
    expect(refused({ 'sec-fetch-site': 'none', origin: 'null' })).toBe(true);
    expect(refused({ 'sec-fetch-site': 'none', origin: 'https://evil.example' })).toBe(true);
    expect(refused({ 'sec-fetch-site': 'none', origin: `http://${own}` })).toBe(false);
  });
});

describe('Origin', () => {
  it.each([
    ['http://warden.hospital:8000', own],
    ['https://warden.hospital:8000', own],
    ['https://warden.hospital', 'warden.hospital'],
    ['http://warden.hospital', 'warden.hospital'],
    ['https://warden.hospital', 'warden.hospital:443'],
    ['http://warden.hospital', 'warden.hospital:80'],
    ['http://warden.hospital', 'WARDEN.hospital'],
    ['http://127.0.0.1:8000', '127.0.0.1:8000'],
    ['http://[::1]:8000', '[::1]:8000'],
  ])('%s is the own one of Host %s', (origin, host) => expect(refused({ origin, host })).toBe(false));

  it.each([
    ['https://evil.example', own],
    ['http://warden.hospital:8001', own],
    ['http://warden.hospital', own],
    ['https://warden.hospital', 'warden.hospital:80'],
    ['http://warden.hospital:8000.evil.example', own],
    ['http://evil-warden.hospital:8000', own],
    ['http://hospital:8000', own],
    ['null', own],
    ['', own],
    ['warden.hospital:8000', own],
    ['//warden.hospital:8000', own],
    [`http://${own}/`, own],
    [`http://${own}/path`, own],
    [`http://x@${own}`, own],
    [`http://${own}, http://${own}`, own],
    [`HTTP://${own}`, own],
    [`ftp://${own}`, own],
    [`chrome-extension://${own}`, own],
    [`file://`, own],
    ['http://localhost:8000', '127.0.0.1:8000'],
    ['https://evil.example', ''],
    ['https://evil.example', 'warden.hospital@evil.example'],
    ['https://evil.example', 'evil.example/'],
    ['https://evil.example', 'evil.example#x'],
    ['https://evil.example', 'evil.example?x'],
    ['https://evil.example', 'evil.example\\x'],
  ])('%s is not that of Host %s', (origin, host) => expect(refused({ origin, host })).toBe(true));

  it('is not compared with what a proxy says of Host', () => {
    expect(refused({ origin: 'https://a.example', 'x-forwarded-host': 'a.example', forwarded: 'host=a.example' })).toBe(
      true,
    );
  });

  it('is needed when there is no Host', () => {
    expect(crossSiteRefusal('POST', { origin: 'http://x', authorization: basic })?.code).toBe('cross-site');
  });
});

describe('credentials that a browser never adds by itself pass', () => {
  const from = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', host: own };
  const passes = (headers: IncomingHttpHeaders) => crossSiteRefusal('POST', { ...from, ...headers }) === undefined;

  it('a bearer token, or the header api-key', () => {
    expect(passes({ authorization: 'Bearer abc' })).toBe(true);
    expect(passes({ authorization: 'bearer abc', cookie: 'x=y' })).toBe(true);
    expect(passes({ 'api-key': 'owk_x' })).toBe(true);
  });

  it('but not Basic, whatever comes beside it, a cookie, nor nothing: a place in the network is a credential too', () => {
    expect(passes({ authorization: basic })).toBe(false);
    expect(passes({ authorization: basic, 'api-key': 'owk_x' })).toBe(false);
    expect(passes({ authorization: '' })).toBe(false);
    expect(passes({ authorization: 'Negotiate abc' })).toBe(false);
    expect(passes({ cookie: 'session=x' })).toBe(false);
    expect(passes({})).toBe(false);
  });
});
