import { RetryDelay } from './retry-delay.js';

const bounds = { first: 1_000, longest: 300_000, stable: 30_000 };

describe('the wait after a failure', () => {
  it('doubles from a second to five minutes', () => {
    const retry = new RetryDelay(bounds, () => 1);
    let now = 0;
    const waits = Array.from({ length: 11 }, () => {
      const wait = retry.after(now);
      now += wait + 10_000;
      return wait / 1_000;
    });
    expect(waits).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]);
  });

  it('is between half of it and all of it, by chance', () => {
    expect([0, 0.5, 1].map((random) => new RetryDelay(bounds, () => random).after(0))).toEqual([500, 750, 1_000]);
  });

  it('begins anew once it has gone well for a while, and not before', () => {
    const retry = new RetryDelay(bounds, () => 1);
    expect([retry.after(0), retry.after(31_000), retry.after(63_001), retry.after(64_000)]).toEqual([
      1_000, 2_000, 1_000, 2_000,
    ]);
  });
});
