/** Work that is done by one run at a time, until it is told to end. */
export class OneRun {
  private running: Promise<void> | null = null;
  private ended = false;

  /** Nothing more is to be begun: a run that is under way looks at this between two steps. */
  get stopped(): boolean {
    return this.ended;
  }

  /** Begins a run, or joins the one that is under way. Once stopped it begins nothing. */
  start(work: () => Promise<void>): Promise<void> {
    if (this.ended) return Promise.resolve();
    this.running ??= work().finally(() => (this.running = null));
    return this.running;
  }

  /** Resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.ended = true;
    await this.running;
  }
}
