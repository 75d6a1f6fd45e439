import { Injectable } from '@nestjs/common';

/** The only source of time. Expiry is judged by `now`, staleness by `monotonic`, which no clock change can move. */
export abstract class Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  abstract now(): number;
  /** Milliseconds since an arbitrary start; never goes back. */
  abstract monotonic(): number;
}

@Injectable()
export class SystemClock extends Clock {
  now(): number {
    return Date.now();
  }

  monotonic(): number {
    return performance.now();
  }
}
