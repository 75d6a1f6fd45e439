import { Log } from '../../platform/observability/log.js';
import { StreamOfEvents } from './stream-of-events.js';

class Lines extends Log {
  readonly warnings: string[] = [];
  info(): void {}
  warn(event: string): void {
    this.warnings.push(event);
  }
  error(): void {}
  line(): void {}
  flush(): void {}
}

async function gathered<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of stream) all.push(one);
  return all;
}

async function* numbers(failing?: number): AsyncGenerator<number, void, undefined> {
  for (let number = 0; number < 3; number++) {
    await Promise.resolve();
    if (number === failing) throw new Error('database gone');
    yield number;
  }
}

it('goes on from its first part', async () => {
  expect(await gathered(await new StreamOfEvents(new Lines()).begun(numbers()))).toEqual([0, 1, 2]);
});

it('is refused as a whole when the first part cannot be had, and logged when a later one cannot', async () => {
  const log = new Lines();
  const streams = new StreamOfEvents(log);
  await expect(streams.begun(numbers(0))).rejects.toThrow('database gone');
  expect(log.warnings).toEqual([]);
  await expect(gathered(await streams.begun(numbers(1)))).rejects.toThrow('database gone');
  expect(log.warnings).toEqual(['audit-stream-cut']);
});

it('ends its source when its reader goes', async () => {
  let ended = false;
  async function* endless(): AsyncGenerator<number, void, undefined> {
    try {
      for (;;) yield await Promise.resolve(1);
    } finally {
      ended = true;
    }
  }
  for await (const one of await new StreamOfEvents(new Lines()).begun(endless())) if (one === 1) break;
  expect(ended).toBe(true);
});
