/** Milliseconds. `stable`: whoever goes on failing after this long without a failure begins anew. */
export interface RetryBounds {
  readonly first: number;
  readonly longest: number;
  readonly stable: number;
}

/** Twice as long after each failure, and never the same for two: receivers that come back are not stormed. */
export class RetryDelay {
  private delay = 0;
  private lastFailure = -Infinity;

  constructor(
    private readonly bounds: RetryBounds,
    private readonly random: () => number,
  ) {}

  /** How long to wait after a failure at that monotonic moment: from half of the delay to all of it. */
  after(now: number): number {
    const { first, longest, stable } = this.bounds;
    // A connection that breaks again and again right after it was made has not recovered.
    const again = now - this.lastFailure <= this.delay + stable;
    this.delay = again ? Math.min(this.delay * 2, longest) : first;
    this.lastFailure = now;
    return this.delay * (0.5 + this.random() / 2);
  }
}
