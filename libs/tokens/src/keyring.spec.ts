import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';
import { Keyring } from './keyring.js';

const previous = (key: string, until: number | null = null, registeredOnly = false) => ({ key, until, registeredOnly });

describe('Keyring', () => {
  it('names a key by 11 characters of an HMAC under it', () => {
    const { signing } = Keyring.create({ signing: 'a long enough key', previous: [] });
    const mac = createHmac('sha256', 'a long enough key').update('orthanc-warden kid').digest('base64url');
    expect(signing.kid).toBe(mac.slice(0, 11));
  });

  it('takes a key as the UTF-8 bytes of its text', () => {
    const { signing } = Keyring.create({ signing: 'clé', previous: [] });
    expect(signing.key.export()).toEqual(Buffer.from([0x63, 0x6c, 0xc3, 0xa9]));
  });

  it('offers the signing key first, then the previous ones in their order', () => {
    const ring = Keyring.create({ signing: 'now', previous: [previous('b', 5, true), previous('a')] });
    const texts = ring.candidates(undefined).map(({ key }) => key.export().toString());
    expect(texts).toEqual(['now', 'b', 'a']);
    expect(ring.candidates(null)[0]).toBe(ring.signing);
    expect(ring.candidates(null)[1]).toMatchObject({ until: 5, registeredOnly: true });
  });

  it('offers one key only when the hint names it', () => {
    const ring = Keyring.create({ signing: 'now', previous: [previous('old')] });
    const old = ring.candidates(null)[1]!;
    expect(ring.candidates(old.kid)).toEqual([old]);
    expect(ring.candidates(ring.signing.kid)).toEqual([ring.signing]);
  });

  it.each([['abc'], [''], [17], [null], [undefined], [{}], ['__proto__'], ['constructor']])(
    'offers all keys when the hint is %p',
    (hint) => {
      expect(Keyring.create({ signing: 'now', previous: [previous('old')] }).candidates(hint)).toHaveLength(2);
    },
  );

  it('finds a key by its name, and nothing by another', () => {
    const ring = Keyring.create({ signing: 'now', previous: [previous('old')] });
    const old = ring.candidates(null)[1]!;
    expect(ring.find(old.kid)).toBe(old);
    expect(ring.find('abc')).toBeNull();
  });

  it('keeps the signing key without an end when it is also listed as a previous one', () => {
    const ring = Keyring.create({ signing: 'now', previous: [previous('now', 1, true)] });
    expect(ring.candidates(null)).toEqual([ring.signing]);
    expect(ring.signing).toMatchObject({ until: null, registeredOnly: false });
  });

  it('takes the stricter statement when a previous key is listed twice', () => {
    const both = [previous('old', 9), previous('old', null, true), previous('old', 7), previous('old', 8)];
    for (const list of [both, [...both].reverse()]) {
      const ring = Keyring.create({ signing: 'now', previous: list });
      expect(ring.candidates(null)).toHaveLength(2);
      expect(ring.candidates(null)[1]).toMatchObject({ until: 7, registeredOnly: true });
    }
  });

  it('refuses an empty key', () => {
    expect(() => Keyring.create({ signing: '', previous: [] })).toThrow(RangeError);
    expect(() => Keyring.create({ signing: 'now', previous: [previous('')] })).toThrow(RangeError);
  });

  it('does not print its keys', () => {
    const ring = Keyring.create({ signing: 'marked-secret', previous: [previous('marked-too')] });
    expect(inspect(ring, { depth: 9, showHidden: true }) + JSON.stringify(ring)).not.toContain('marked');
  });
});
