import { Turns } from './turns.js';

/** Work that ends when the test says so. */
class Held {
  readonly begun: number[] = [];
  private readonly ends = new Map<number, { end: () => void; fail: (error: Error) => void }>();

  readonly work = (name: number) => (): Promise<number> => {
    this.begun.push(name);
    return new Promise((resolve, reject) => this.ends.set(name, { end: () => resolve(name), fail: reject }));
  };
  end = (name: number): void => this.ends.get(name)?.end();
  fail = (name: number): void => this.ends.get(name)?.fail(new Error(`failed ${name}`));
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

let held: Held;
let turns: Turns;
beforeEach(() => {
  held = new Held();
  turns = new Turns({ atOnce: 2, waiting: 2 }, () => new Error('busy'));
});

it('lets as many work at once as may, and the others in the order of their coming', async () => {
  const all = [1, 2, 3, 4].map((name) => turns.take(held.work(name)));
  await settled();
  expect(held.begun).toEqual([1, 2]);
  held.end(2);
  await settled();
  expect(held.begun).toEqual([1, 2, 3]);
  held.end(1);
  await settled();
  expect(held.begun).toEqual([1, 2, 3, 4]);
  held.end(3);
  held.end(4);
  expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
});

it('refuses at once what finds the queue full, without beginning it', async () => {
  const all = [1, 2, 3, 4].map((name) => turns.take(held.work(name)));
  await expect(turns.take(held.work(5))).rejects.toThrow('busy');
  for (const name of [1, 2, 3, 4]) {
    held.end(name);
    await settled();
  }
  await Promise.all(all);
  expect(held.begun).toEqual([1, 2, 3, 4]);
});

it('hands the place of a failed one on, and tells its failure to its caller alone', async () => {
  const first = turns.take(held.work(1));
  const others = [2, 3].map((name) => turns.take(held.work(name)));
  await settled();
  held.fail(1);
  await expect(first).rejects.toThrow('failed 1');
  await settled();
  expect(held.begun).toEqual([1, 2, 3]);
  held.end(2);
  held.end(3);
  expect(await Promise.all(others)).toEqual([2, 3]);
});

it('survives work that throws before it begins to wait', async () => {
  for (let round = 0; round < 5; round++) {
    const thrown = turns.take(() => {
      throw new Error('at once');
    });
    await expect(thrown).rejects.toThrow('at once');
  }
  expect(await turns.take(() => Promise.resolve('free'))).toBe('free');
});

it('has as many places as before once all is done: none is lost, none is gained', async () => {
  const first = [1, 2, 3, 4].map((name) => turns.take(held.work(name)));
  for (const name of [1, 2, 3, 4]) {
    await settled();
    held.end(name);
  }
  await Promise.all(first);
  const second = [5, 6, 7].map((name) => turns.take(held.work(name)));
  await settled();
  expect(held.begun.slice(4)).toEqual([5, 6]);
  for (const name of [5, 6, 7]) {
    held.end(name);
    await settled();
  }
  await Promise.all(second);
});
