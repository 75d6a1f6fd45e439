import { randomFillSync } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';

const idBytes = 16;
/** Drawn for many ids at a time: one by one, they take longer than all the rest of an event. */
const random = Buffer.alloc(idBytes * 256);
let drawn = random.length;
let lastAt = 0;
let sequence = 0;

/** In the order of the calls, within a millisecond too (RFC 9562 section 6.2, method 1). */
export function eventId(at: number): string {
  sequence = at === lastAt ? sequence + 1 : 0;
  lastAt = at;
  if (drawn === random.length) {
    randomFillSync(random);
    drawn = 0;
  }
  return uuidv7({ msecs: at, seq: sequence, random: random.subarray(drawn, (drawn += idBytes)) });
}
