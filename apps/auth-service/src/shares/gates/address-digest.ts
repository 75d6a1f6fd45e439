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
  const groups = groupsOf(address);
  const [high = 0, low = 0] = groups.slice(6);
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0))
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

/** All eight, however they are written: with a zone, a run of zeros left out, the end as IPv4. */
function groupsOf(address: string): number[] {
  const [plain = ''] = address.split('%');
  const hex = plain.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (...bytes: string[]) => {
    const [first = 0, second = 0, third = 0, fourth = 0] = bytes.slice(1, 5).map(Number);
    return [(first << 8) | second, (third << 8) | fourth].map((group) => group.toString(16)).join(':');
  });
  const [head = [], tail = []] = hex.split('::').map((part) => (part === '' ? [] : part.split(':')));
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill('0');
  return [...head, ...zeros, ...tail].map((group) => parseInt(group, 16));
}
