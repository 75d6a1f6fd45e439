/** What is told of together, and waits for it. Times in milliseconds since the epoch. */
export abstract class Gathered {
  count = 1;
  until: number;

  constructor(readonly at: number) {
    this.until = at;
  }

  again(at: number): void {
    this.count++;
    if (at > this.until) this.until = at;
  }

  /** It is about to be told: nothing more is gathered in it. */
  abstract close(): void;
}

/** Whether `at` is in the window that began at `from`. A clock that was set back is in none, and holds no window open. */
export function within(from: number, at: number, windowMs: number): boolean {
  return at >= from && at - from < windowMs;
}

export type LaneName = 'disclosure' | 'access' | 'denial';

export type LossReason = 'buffer-full' | 'database-unavailable';

/** What was to be told of and is not: each question once, however many would have been told of together. */
export interface Loss {
  readonly reason: LossReason;
  count: number;
  readonly first: number;
  last: number;
}

/** What goes to the database together. */
export interface Batch<Entry extends Gathered> {
  readonly losses: readonly Readonly<Loss>[];
  /** In the order in which they were opened. */
  readonly entries: readonly Entry[];
}

/** Losses are gathered for this long, so that a flood does not become one of events about itself. */
const lossWindowMs = 1_000;

/** Of the bound: when more than this waits, windows are closed before their time, the oldest first. */
const pressure = 0.75;

/**
 * A bounded buffer of its own: what fills it neither delays nor evicts anything of another. Of what is full the newcomers
 * are lost and counted. An entry counts until it is written.
 */
export class Lane<Entry extends Gathered> {
  /** Entries that are open, wait or are being written. */
  held = 0;
  /** Questions lost since the start. */
  lost = 0;
  /** Told by whoever writes: the database does not take what is here. */
  unavailable = false;
  private readonly windows: Windows<Entry>[] = [];
  private readonly losses = new Map<LossReason, Loss>();
  private batch: Batch<Entry> | null = null;

  constructor(
    readonly name: LaneName,
    private readonly bound: number,
  ) {}

  /** Entries of one kind, each open for `windowMs` from its first question; 0: written at once. */
  addWindows(windowMs: number): Windows<Entry> {
    const windows = new Windows<Entry>(this, windowMs);
    this.windows.push(windows);
    return windows;
  }

  get full(): boolean {
    return this.held >= this.bound;
  }

  lose(at: number): void {
    this.lost++;
    const reason = this.unavailable ? 'database-unavailable' : 'buffer-full';
    const loss = this.losses.get(reason);
    if (loss === undefined) this.losses.set(reason, { reason, count: 1, first: at, last: at });
    else {
      loss.count++;
      if (at > loss.last) loss.last = at;
    }
  }

  /** Since when the oldest entry of those that are written at once waits; null: none does. */
  get waitingSince(): number | null {
    if (this.held === 0) return null;
    return this.batch?.entries[0]?.at ?? this.windows[0]?.first?.at ?? null;
  }

  /** Questions of which nothing is recorded yet, lost ones too. */
  get questions(): number {
    const entries = [...(this.batch?.entries ?? []), ...this.windows.flatMap((windows) => windows.waiting)];
    const losses = [...(this.batch?.losses ?? []), ...this.losses.values()];
    return [...entries, ...losses].reduce((sum, { count }) => sum + count, 0);
  }

  get empty(): boolean {
    return this.held === 0 && this.losses.size === 0 && this.batch === null;
  }

  /**
   * The next batch of at most `most` entries; null when nothing is due. The same one until `written` is called.
   * @param all windows that are open too
   */
  next(now: number, most: number, all: boolean): Batch<Entry> | null {
    if (this.batch !== null) return this.batch;
    if (this.empty) return null;
    const entries: Entry[] = [];
    const early = all ? Infinity : this.held - Math.floor(this.bound * pressure);
    for (const windows of this.windows) windows.take(now, most, early - entries.length, entries);
    const losses = [...this.losses.values()].filter(({ first }) => all || !within(first, now, lossWindowMs));
    if (entries.length === 0 && losses.length === 0) return null;
    for (const { reason } of losses) this.losses.delete(reason);
    this.batch = { losses, entries };
    return this.batch;
  }

  written(): void {
    this.held -= this.batch?.entries.length ?? 0;
    this.batch = null;
  }
}

/** Entries of one kind in the order in which they were opened. */
export class Windows<Entry extends Gathered> {
  private entries: Entry[] = [];
  private taken = 0;

  constructor(
    readonly lane: Lane<Entry>,
    readonly ms: number,
  ) {}

  get first(): Entry | undefined {
    return this.entries[this.taken];
  }

  get waiting(): readonly Entry[] {
    return this.entries.slice(this.taken);
  }

  /** The caller has seen that there is room. */
  open(entry: Entry): void {
    this.lane.held++;
    this.entries.push(entry);
  }

  /** Moves what is due to `into`, and `early` ones that are not, until there are `most`. */
  take(now: number, most: number, early: number, into: Entry[]): void {
    let left = early;
    while (into.length < most) {
      const entry = this.first;
      if (entry === undefined || (left <= 0 && within(entry.at, now, this.ms))) break;
      left--;
      entry.close();
      into.push(entry);
      this.taken++;
    }
    // What was taken is let go of in pieces that are worth the copying.
    if (this.taken === this.entries.length || this.taken > 4_096) {
      this.entries = this.entries.slice(this.taken);
      this.taken = 0;
    }
  }
}
