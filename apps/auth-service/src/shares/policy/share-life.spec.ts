import { lifeWithin } from './share-life.js';

const now = 1_790_000_000_000;
const longest = 1_000;
const at = (seconds: number) => ({ epochMs: now + seconds * 1000 });
const free = { maxLife: null, defaultLife: null, withoutExpiry: true };
const bounded = { maxLife: 60, defaultLife: null, withoutExpiry: false };

it.each<[string, object, typeof free | object, number | null, boolean]>([
  ['nothing stays without an end where that is allowed', {}, free, null, false],
  ['nothing gets the default', {}, { ...free, defaultLife: 30 }, 30, false],
  ['nothing gets the longest life where there has to be an end', {}, bounded, 60, true],
  ['and that of the installation where the policy has none', {}, { ...free, withoutExpiry: false }, 1000, true],
  ['a default goes no further than the installation', {}, { ...free, defaultLife: 2000 }, 1000, false],
  ['seconds within stay', { seconds: 60 }, bounded, 60, false],
  ['seconds beyond are cut', { seconds: 61 }, bounded, 60, true],
  [
    '0 seconds end at once, and no default takes their place',
    { seconds: 0 },
    { ...bounded, defaultLife: 30 },
    0,
    false,
  ],
  [
    'a policy beyond the installation does not widen it',
    { expiration: at(1001) },
    { ...bounded, maxLife: 2000 },
    1000,
    true,
  ],
  ['an instant beyond is cut', { expiration: at(60.001) }, bounded, 60, true],
])('%s', (_name, asked, limits, seconds, cut) => {
  const life = lifeWithin({ expiration: null, seconds: null, ...asked }, { ...free, ...limits }, longest, now);
  expect(life).toEqual({ expiration: null, seconds, cut });
});

it.each([
  ['an instant within stays, and seconds beside it say no more than is allowed', at(60), 90, bounded, 60],
  ['an instant in the past stays', at(-5), null, bounded, null],
  ['an instant stays where the policy has no maximum, however far', at(1e6), null, free, null],
])('%s', (_name, expiration, asked, limits, seconds) => {
  expect(lifeWithin({ expiration, seconds: asked }, limits, longest, now)).toEqual({ expiration, seconds, cut: false });
});
