import { createHash } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** What attempts from a network address are counted by. Of IPv6 the first 64 bits: a subscriber has all that follow. */
export function digestOfAddress(address: string): Buffer {
  const subject = isIPv6(address) ? networkOf(address) : address;
  return createHash('sha256')
    .update(JSON.stringify(['address', subject]))
    .digest();
}

/** The first four groups (RFC 4291 section 2.2); of an IPv4 address in IPv6 form, that address. */
function networkOf(address: string): string {
  const plain = address.toLowerCase().replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1];
  if (mapped !== undefined) return mapped;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const whole =
    tail === undefined
      ? groups
      : [...groups, ...Array<string>(Math.max(0, 8 - groups.length - last.length)).fill('0'), ...last];
  return whole
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
