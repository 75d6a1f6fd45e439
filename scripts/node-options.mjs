/**
 * How this project starts node for its apps: a gigabyte is far more than they ever hold, and told of it, the collector lets
 * less garbage lie about than for a heap without a stated end. See docs/adr/0003.
 */
export const nodeOptions = ['--max-old-space-size=1024'];
