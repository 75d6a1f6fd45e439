/**
 * Remembers something for each of the texts seen lately, and forgets those that were not asked for longest: when the recent
 * half is full it becomes the older one, which is forgotten, so that no entry has to be looked for.
 */
export class RecentTexts<T> {
  private recent = new Map<string, T>();
  private older = new Map<string, T>();

  /** `half`: texts of one half; `longest`: characters of a text that is worth keeping. */
  constructor(
    private readonly half: number,
    private readonly longest: number,
  ) {}

  /** Entries held; a text in both halves counts twice. */
  get size(): number {
    return this.recent.size + this.older.size;
  }

  get(text: string): T | undefined {
    const known = this.recent.get(text);
    if (known !== undefined) return known;
    const before = this.older.get(text);
    if (before !== undefined) this.keep(text, before);
    return before;
  }

  keep(text: string, value: T): void {
    if (text.length > this.longest) return;
    if (this.recent.size >= this.half) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(text, value);
  }
}
