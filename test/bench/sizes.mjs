/** Ways of calling. `weight`: share of the requests of a slice, so that slices take about as long as each other. */
export const ways = [
  { name: 'one', label: '1 kept', callers: 1, newConnection: false, weight: 0.4 },
  { name: 'sixteen', label: '16 kept', callers: 16, newConnection: false, weight: 1 },
  { name: 'many', label: '64 kept', callers: 64, newConnection: false, weight: 1 },
  { name: 'each', label: 'one per call, 16 callers', callers: 16, newConnection: true, weight: 0.4 },
];

/** Interleaved pairs in each generation, by way of calling. */
const rounds = (one, sixteen, many, each) => ({ one, sixteen, many, each });

/** Under eight minutes. The two ways with a stated goal get nine pairs (three in each of three generations) and slices of a second or more. */
export const full = {
  limitMinutes: 12,
  generations: 3,
  questions: 256,
  warmUp: 20_000,
  comparisons: [
    { kind: 'validate', label: 'validate', requests: 20_000, rounds: rounds(2, 3, 2, 3) },
    { kind: 'sized', label: 'validate, content-length', requests: 20_000, rounds: { sixteen: 2 } },
    { kind: 'unseen', label: 'validate, links not seen lately', requests: 20_000, rounds: { sixteen: 3, each: 2 } },
    { kind: 'decode', label: 'decode', requests: 10_000, rounds: rounds(1, 2, 1, 2) },
    { kind: 'mint', label: 'mint', requests: 3_000, rounds: rounds(1, 1, 1, 1) },
    { kind: 'profile', label: 'get-profile', requests: 12_000, rounds: rounds(1, 3, 1, 2) },
    { kind: 'newcomer', label: 'get-profile, tokens not seen lately', requests: 8_000, rounds: { sixteen: 3 } },
    { kind: 'guard', label: 'forward-auth', requests: 20_000, rounds: { one: 1, sixteen: 3 } },
  ],
  registered: [
    { name: 'registered_none', shares: 0, revoked: 0 },
    { name: 'registered_ten_thousand', shares: 10_000, revoked: 0 },
    { name: 'registered_million', shares: 1_000_000, revoked: 100_000 },
  ],
  sizedRequests: 20_000,
  sizedRounds: 9,
  starts: 5,
};

/** Does everything once, to see that it works; its figures say little. */
export const quick = {
  limitMinutes: 2,
  generations: 1,
  questions: 32,
  warmUp: 1_000,
  comparisons: [
    { kind: 'validate', label: 'validate', requests: 2_000, rounds: rounds(1, 3, 1, 3) },
    { kind: 'sized', label: 'validate, content-length', requests: 2_000, rounds: { sixteen: 1 } },
    { kind: 'unseen', label: 'validate, links not seen lately', requests: 2_000, rounds: { sixteen: 1, each: 1 } },
    { kind: 'decode', label: 'decode', requests: 1_000, rounds: rounds(1, 1, 1, 1) },
    { kind: 'mint', label: 'mint', requests: 200, rounds: rounds(1, 1, 1, 1) },
    { kind: 'profile', label: 'get-profile', requests: 1_000, rounds: rounds(1, 1, 1, 1) },
    { kind: 'newcomer', label: 'get-profile, tokens not seen lately', requests: 1_000, rounds: { sixteen: 1 } },
    { kind: 'guard', label: 'forward-auth', requests: 2_000, rounds: { sixteen: 3 } },
  ],
  registered: [
    { name: 'registered_none', shares: 0, revoked: 0 },
    { name: 'registered_some', shares: 10_000, revoked: 1_000 },
  ],
  sizedRequests: 2_000,
  sizedRounds: 3,
  starts: 1,
};
