import fc from 'fast-check';
import { digestOfAddress } from './address-digest.js';

const same = (one: string, other: string): boolean => digestOfAddress(one).equals(digestOfAddress(other));

describe('attempts are counted', () => {
  it.each([
    ['2001:db8::1', '2001:db8::2'],
    ['2001:db8::1', '2001:DB8:0:0:ffff:ffff:ffff:ffff'],
    ['2001:db8::1', '2001:0db8:0000:0000:0000:0000:0000:0001'],
    ['2001:db8::', '2001:db8:0:0::1'],
    ['1:2:3:4::', '1:2:3:4:5:6:7:8'],
    ['1::3:4:5:6:7:8', '1:0:3:4:5:6:7:8'],
    ['1:2::4:5:6:7:8', '1:2:0:4::'],
    ['::1', '0:0:0:0::7'],
    ['fe80::1%eth0', 'fe80::2'],
    ['fe80::1%a::b', 'fe80::'],
    ['1:2::3:4:5:192.0.2.1', '1:2:0:3::'],
    ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'],
  ])('by the first 64 bits of IPv6, however they are written: %s and %s', (one, other) =>
    expect(same(one, other)).toBe(true),
  );

  it.each([
    ['2001:db8::1', '2001:db8:0:1::1'],
    ['2001:db8::1', '2001:db9::1'],
    ['1::3:4:5:6:7:8', '1:3::'],
    ['::1', '::ffff:0.0.0.1'],
    ['203.0.113.7', '203.0.113.8'],
    ['203.0.113.7', '203.0.113.70'],
  ])('apart: %s and %s', (one, other) => expect(same(one, other)).toBe(false));

  it.each([
    '::ffff:203.0.113.7',
    '::FFFF:203.0.113.7',
    '0:0:0:0:0:ffff:203.0.113.7',
    '::ffff:cb00:7107',
    '::ffff:203.0.113.7%2',
  ])('by the IPv4 address that %s stands for', (mapped) => {
    expect(same(mapped, '203.0.113.7')).toBe(true);
    expect(same(mapped, '203.0.113.8')).toBe(false);
  });

  it.each([
    '',
    ' ',
    ':',
    '::%',
    ':::',
    '1:2:3',
    '%',
    '1.2.3',
    '999.1.1.1',
    'localhost',
    '\ud800',
    '\0',
    'a'.repeat(100_000),
  ])('by the text where it is no address: %j', (text) => {
    expect(digestOfAddress(text)).toHaveLength(32);
    expect(same(text, `${text}x`)).toBe(false);
  });

  it('by the first four groups of every spelling', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 }),
        fc.array(fc.record({ upper: fc.boolean(), padded: fc.boolean() }), { minLength: 8, maxLength: 8 }),
        fc.nat(7),
        fc.boolean(),
        fc.constantFrom('', '%eth0', '%1'),
        (groups, spelling, from, dotted, zone) => {
          fc.pre(!(groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff));
          const spelled = `${spell(groups, spelling, from, dotted)}${zone}`;
          const network = groups.slice(0, 4).map((group) => group.toString(16));
          expect([spelled, same(spelled, `${network.join(':')}::`)]).toEqual([spelled, true]);
          const changed = groups.slice(0, 4).map((group, at) => (at === from % 4 ? group ^ 1 : group).toString(16));
          expect([spelled, same(spelled, `${changed.join(':')}::`)]).toEqual([spelled, false]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** The same address in another way: upper case, leading zeros, a run of zeros from `from` on left out, the end as IPv4. */
function spell(
  groups: readonly number[],
  spelling: readonly { upper: boolean; padded: boolean }[],
  from: number,
  dotted: boolean,
): string {
  const texts = groups.map((group, index) => {
    const text = group.toString(16).padStart(spelling[index]?.padded === true ? 4 : 1, '0');
    return spelling[index]?.upper === true ? text.toUpperCase() : text;
  });
  const bytes = groups.slice(6).flatMap((group) => [group >> 8, group & 255]);
  const parts = dotted ? [...texts.slice(0, 6), bytes.join('.')] : texts;
  const isZero = (index: number): boolean => groups[index] === 0 && index < (dotted ? 6 : 8);
  let end = from;
  while (end < parts.length && isZero(end)) end += 1;
  if (end === from) return parts.join(':');
  return `${parts.slice(0, from).join(':')}::${parts.slice(end).join(':')}`;
}
