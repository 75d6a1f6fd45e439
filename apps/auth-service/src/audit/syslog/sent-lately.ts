interface Sent {
  readonly first: number;
  readonly last: number;
  readonly at: number;
}

/**
 * The positions that went out on one connection in the last moments: what may lie in buffers yet, and is gone with them
 * when the connection breaks. Times are monotonic milliseconds.
 */
export class SentLately {
  private sent: Sent[] = [];

  /** @param bounds `ms`: how long ago; `events`: how many, whole calls of `add` at a time. */
  constructor(private readonly bounds: { readonly ms: number; readonly events: number }) {}

  add(first: number, last: number, at: number): void {
    this.sent.push({ first, last, at });
    const { ms, events } = this.bounds;
    const kept = this.sent.findIndex((one) => at - one.at <= ms && last - one.first < events);
    if (kept > 0) this.sent.splice(0, kept);
  }

  /** The first position that may be lost, null when none may; forgets all. */
  takeFirst(now: number): number | null {
    const first = this.sent.find((one) => now - one.at <= this.bounds.ms)?.first ?? null;
    this.sent = [];
    return first;
  }
}
