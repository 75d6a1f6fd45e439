import { createHash } from 'node:crypto';
import { Keyring, type ShareToken } from '@warden/tokens';
import type { TokenKeys } from '../tokens/index.js';
import { ViewerVisits } from './viewer-visits.js';

const keysOf = (signing: string): TokenKeys => ({ keyring: Keyring.create({ signing, previous: [] }) });
const visits = new ViewerVisits(keysOf('TEST-ONLY-secret-key-not-for-production-0123456789'));
const now = Date.UTC(2030, 0, 1);
const hour = 3_600_000;
const minute = 60_000;
const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url');

const viewer = (more: { identity?: string; browser?: string; until?: number } = {}): ShareToken => {
  const { identity = 'AAAAAAAAAAAAAAAAAAAAAA', browser = 'browser', until = now + 8 * hour } = more;
  return { identity, session: { digest: digestOf(browser), until } } as ShareToken;
};
const unbound = { identity: 'AAAAAAAAAAAAAAAAAAAAAA', session: null } as ShareToken;

/** What a browser sends back of a stamp. */
const stamped = (of: ShareToken, at = now): string => (visits.stampFor(of, {}, at) ?? '').split(';')[0] ?? '';
const longer = (of: ShareToken, cookie: string | undefined, by = visits): number | null =>
  by.goesOnUntil(of, cookie === undefined ? {} : { cookie });

describe("a viewer's token", () => {
  it.each<[string | undefined, boolean]>([
    ['warden-session=browser', true],
    ['a=b; warden-session=browser', true],
    [undefined, false],
    ['', false],
    ['warden-session=', false],
    ['warden-session=another', false],
    [`warden-session=${digestOf('browser')}`, false],
    ['warden-session=BROWSER', false],
    ['warden-sessions=browser', false],
    ['warden-session=another; warden-session=browser', false],
  ])('is at home in the browser that says %j: %s', (cookie, own) => {
    expect(visits.isOwn(viewer(), cookie === undefined ? {} : { cookie })).toBe(own);
  });

  it('of no browser is at home in any', () => {
    expect([visits.isOwn(unbound, {}), visits.goesOnUntil(unbound, {}), visits.stampFor(unbound, {}, now)]).toEqual([
      true,
      null,
      null,
    ]);
  });
});

describe('a visit', () => {
  it('goes on for an hour from when it was stamped, and never past its end', () => {
    expect(longer(viewer(), stamped(viewer()))).toBe(now + hour);
    const short = viewer({ until: now + 10 * minute });
    expect(longer(short, stamped(short))).toBe(now + 10 * minute);
  });

  it.each<[string, (stamp: string) => string | undefined]>([
    ['no stamp', () => undefined],
    ['an empty one', (stamp) => `${stamp.split('=')[0]}=`],
    ['a later moment', (stamp) => stamp.replace(/=\d+/, `=${now / 1000 + 1}`)],
    ['an earlier moment', (stamp) => stamp.replace(/=\d+/, `=${now / 1000 - 1}`)],
    ['a moment that is none', (stamp) => stamp.replace(/=\d+/, '=1e9')],
    ['a moment below nothing', (stamp) => stamp.replace(/=\d+/, '=-1')],
    ['another mark', (stamp) => stamp.replace(/.{43}$/, 'A'.repeat(43))],
    ['a shorter mark', (stamp) => stamp.slice(0, -1)],
    ['a longer mark', (stamp) => `${stamp}A`],
    ['another name', (stamp) => stamp.replace('warden-seen', 'warden-sean')],
  ])('does not go on with %s', (_, forge) => {
    expect(longer(viewer(), forge(stamped(viewer())))).toBeNull();
  });

  it.each<[string, ShareToken]>([
    ['another viewer', viewer({ identity: 'BBBBBBBBBBBBBBBBBBBBBA' })],
    ['another browser', viewer({ browser: 'another' })],
  ])('does not go on with the stamp of %s', (_, other) => {
    const mine = stamped(viewer());
    const theirs = mine.replace(viewer().identity, other.identity);
    expect([longer(other, mine), longer(other, theirs)]).toEqual([null, null]);
  });

  it('does not go on with the stamp of another service', () => {
    const another = new ViewerVisits(keysOf('TEST-ONLY-another-secret-key-0123456789abcdef0123'));
    expect(longer(viewer(), stamped(viewer()), another)).toBeNull();
  });

  it('is stamped at first, and anew when five minutes have gone by', () => {
    const cookie = stamped(viewer());
    const again = [0, 5 * minute - 1, 5 * minute, hour].map((after) =>
      visits.stampFor(viewer(), { cookie }, now + after),
    );
    expect(again.map((stamp) => stamp !== null)).toEqual([false, false, true, true]);
    expect(visits.stampFor(viewer(), {}, now + 1)).not.toBeNull();
  });

  it('is not stamped when it is over', () => {
    expect(visits.stampFor(viewer({ until: now }), {}, now)).toBeNull();
    expect(visits.stampFor(viewer({ until: now + 1 }), {}, now)).not.toBeNull();
  });

  it('is stamped in a cookie that no script reads, and that goes over HTTPS alone unless there is none', () => {
    const stamp = visits.stampFor(viewer(), { 'x-forwarded-proto': 'https' }, now) ?? '';
    expect(stamp).toMatch(/^warden-seen-A{22}=\d+\.[\w-]{43}; Path=\/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure$/);
    expect(visits.stampFor(viewer(), {}, now)).toMatch(/; Secure$/);
    expect(visits.stampFor(viewer(), { 'x-forwarded-proto': 'http' }, now)).not.toContain('Secure');
  });
});
