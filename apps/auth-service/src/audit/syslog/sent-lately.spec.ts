import { SentLately } from './sent-lately.js';

const lately = (ms = 30_000, events = 5_000) => new SentLately({ ms, events });

describe('what was sent lately', () => {
  it('begins with the first that is not too long ago, and is told once', () => {
    const sent = lately();
    sent.add(1, 10, 0);
    sent.add(11, 20, 20_000);
    sent.add(21, 30, 40_000);
    expect([sent.takeFirst(50_000), sent.takeFirst(50_000)]).toEqual([11, null]);
  });

  it('is nothing when nothing was sent, or all long ago', () => {
    expect(lately().takeFirst(0)).toBeNull();
    const sent = lately();
    sent.add(1, 10, 0);
    expect(sent.takeFirst(30_001)).toBeNull();
  });

  it('holds no more events than the bound, the last call whole', () => {
    const sent = lately(30_000, 100);
    for (let first = 1; first <= 991; first += 10) sent.add(first, first + 9, 0);
    expect(sent.takeFirst(0)).toBe(901);
    sent.add(1, 1_000, 0);
    expect(sent.takeFirst(0)).toBe(1);
  });
});
