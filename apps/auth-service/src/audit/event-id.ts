import { v7 as uuidv7 } from 'uuid';

let lastAt = 0;
let sequence = 0;

/** In the order of the calls, within a millisecond too (RFC 9562 section 6.2, method 1). */
export function eventId(at: number): string {
  sequence = at === lastAt ? sequence + 1 : 0;
  lastAt = at;
  return uuidv7({ msecs: at, seq: sequence });
}
