/** Lets some of the work be done at once and some wait for its turn; what is more is refused at once. */
export class Turns {
  private readonly waiting: (() => void)[] = [];
  private running = 0;

  constructor(
    private readonly limits: { readonly atOnce: number; readonly waiting: number },
    private readonly busy: () => Error,
  ) {}

  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.running < this.limits.atOnce) this.running++;
    else if (this.waiting.length >= this.limits.waiting) throw this.busy();
    // The place is handed over, so that nobody who comes in between takes it.
    else await new Promise<void>((go) => this.waiting.push(go));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next === undefined) this.running--;
      else next();
    }
  }
}
