import { eventCursorOf, keyOfEventCursor } from './event-cursor.js';

const id = '019a8cca-1371-7000-b9bc-1de2d5b62427';

it.each([0, 1, 1_795_800_000_000_123, 9_007_199_254_740_991])(
  'a cursor keeps the microsecond %d and the id',
  (filedAt) => {
    const cursor = eventCursorOf({ filedAt, id });
    expect(cursor).toMatch(/^[\w-]{32}$/);
    expect(keyOfEventCursor(cursor)).toEqual({ filedAt, id });
  },
);

it.each(['', 'AAAA', '_'.repeat(32), `f${'_'.repeat(31)}`, '='.repeat(32), `${eventCursorOf({ filedAt: 1, id })}A`])(
  'what is no cursor is none: %s',
  (text) => {
    expect(keyOfEventCursor(text)).toBeNull();
  },
);
