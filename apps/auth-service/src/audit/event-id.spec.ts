import { eventId } from './event-id.js';

const now = Date.UTC(2026, 10, 21);
/** Behind the moment, the number within it and the bits that RFC 9562 fixes: 42 random bits and more. */
const randomPart = (id: string): string => id.slice(-12);

describe('the id of an event', () => {
  it('is greater than the one before, within a millisecond too', () => {
    const ids = Array.from({ length: 600 }, (_, index) => eventId(now + Math.floor(index / 100)));
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(600);
    expect(ids.map((id) => parseInt(id.slice(0, 8) + id.slice(9, 13), 16))).toEqual(
      ids.map((_, index) => now + Math.floor(index / 100)),
    );
  });

  it('is nobody else’s, though both count from the same moment', () => {
    const parts = Array.from({ length: 600 }, (_, index) => randomPart(eventId(now + 1_000 + index)));
    expect(new Set(parts).size).toBe(600);
    expect(new Set(parts.map((part) => part.slice(2, 6))).size).toBeGreaterThan(500);
  });
});
