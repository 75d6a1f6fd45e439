import fc from 'fast-check';
import { TrustedProxies } from './trusted-proxies.js';

const proxies = new TrustedProxies(['127.0.0.1', '10.0.0.0/8', 'fd00::/8', '2001:db8::7']);

describe('who is trusted', () => {
  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '10.255.255.255',
    'fd00::1',
    '2001:db8::7',
    '::ffff:127.0.0.1',
    '::ffff:10.1.2.3',
    '::ffff:7f00:1',
  ])('is %s', (address) => {
    expect(proxies.trusts(address)).toBe(true);
  });

  it.each([
    '127.0.0.2',
    '11.0.0.1',
    '9.255.255.255',
    '2001:db8::8',
    '::1',
    '::127.0.0.1',
    '::ffff:11.0.0.1',
    '',
    'localhost',
  ])('is not %j', (address) => {
    expect(proxies.trusts(address)).toBe(false);
  });

  it.each(['127.0.0.1 ', '127.1', '0177.0.0.1', '2130706433', '127.0.0.1:80', '[fd00::1]', '10.0.0.1,', '__proto__'])(
    'is none of another spelling: %j',
    (address) => {
      expect(proxies.trusts(address)).toBe(false);
    },
  );

  it('is nobody when nobody is named', () => {
    const nobody = new TrustedProxies([]);
    expect(['127.0.0.1', '::1', ''].map((address) => nobody.trusts(address))).toEqual([false, false, false]);
  });

  it('is asked of each address by itself', () => {
    expect(['127.0.0.1', '9.9.9.9', '127.0.0.1', '9.9.9.9'].map((address) => proxies.trusts(address))).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

describe('where a client is', () => {
  it.each<[string, string, string | string[] | undefined, string]>([
    ['its own address, when nothing is said', '127.0.0.1', undefined, '127.0.0.1'],
    ['its own address, whatever it says, when nobody trusts it', '9.9.9.9', '1.1.1.1', '9.9.9.9'],
    ['what the proxy says', '127.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['the nearest that is no proxy of ours', '127.0.0.1', '6.6.6.6, 1.1.1.1, 10.0.0.2', '1.1.1.1'],
    ['not what the client says of itself', '127.0.0.1', '127.0.0.1, 10.0.0.1, 1.1.1.1', '1.1.1.1'],
    ['the farthest, when all are proxies of ours', '127.0.0.1', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['that of several headers read as one', '127.0.0.1', ['6.6.6.6', '1.1.1.1', '10.0.0.2'], '1.1.1.1'],
    ['an IPv6 address', '::ffff:127.0.0.1', '2001:db8::1, fd00::5', '2001:db8::1'],
    ['that before garbage', '127.0.0.1', '1.1.1.1, unknown, 10.0.0.2', '10.0.0.2'],
    ['that of the proxy, before garbage alone', '127.0.0.1', 'unknown', '127.0.0.1'],
    ['that of the proxy, when it is empty', '127.0.0.1', '', '127.0.0.1'],
    ['that before an empty hop', '127.0.0.1', '1.1.1.1,, 10.0.0.2', '10.0.0.2'],
    ['no address with a port, which could be anything', '127.0.0.1', '1.1.1.1:80', '127.0.0.1'],
    ['no address in brackets', '127.0.0.1', '[2001:db8::1]', '127.0.0.1'],
    ['read without the blanks around it', '127.0.0.1', '  1.1.1.1 \t, 10.0.0.2 ', '1.1.1.1'],
  ])('is %s', (_, peer, forwardedFor, client) => {
    expect(proxies.clientOf(peer, forwardedFor)).toBe(client);
  });

  it('is an address or what the connection says, whatever the header holds', () => {
    const hop = fc.oneof(
      fc.constantFrom(
        '127.0.0.1',
        '10.0.0.1',
        '1.1.1.1',
        '::1',
        'fd00::1',
        'fe80::1%eth0',
        '::ffff:10.0.0.1',
        '',
        'x',
        '__proto__',
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    fc.assert(
      fc.property(fc.array(hop), fc.constantFrom('127.0.0.1', '9.9.9.9', ''), (hops, peer) => {
        const client = proxies.clientOf(peer, hops.join(','));
        expect([
          peer,
          ...hops
            .join(',')
            .split(',')
            .map((one) => one.trim()),
        ]).toContain(client);
      }),
    );
  });
});
