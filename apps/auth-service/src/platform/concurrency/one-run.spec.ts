import { OneRun } from './one-run.js';

/** A run that lasts until it is let go. */
function held() {
  let go: () => void = () => undefined;
  let begun = 0;
  const gone = () => new Promise<void>((resolve) => (go = resolve));
  return { work: () => (begun++, gone()), letGo: () => go(), begun: () => begun };
}

it('is joined while it is under way, and begun anew afterwards', async () => {
  const [run, one] = [new OneRun(), held()];
  const first = run.start(one.work);
  expect(run.start(one.work)).toBe(first);
  expect(one.begun()).toBe(1);
  one.letGo();
  await first;
  void run.start(one.work);
  expect(one.begun()).toBe(2);
});

it('is begun anew after a run that failed', async () => {
  const run = new OneRun();
  await expect(run.start(() => Promise.reject(new Error('once')))).rejects.toThrow('once');
  await expect(run.start(() => Promise.resolve())).resolves.toBeUndefined();
});

it('is waited for by who stops it, sees that, and is not begun again', async () => {
  const [run, one] = [new OneRun(), held()];
  void run.start(one.work);
  let over = false;
  const stopped = run.stop().then(() => (over = true));
  expect(run.stopped).toBe(true);
  await Promise.resolve();
  expect(over).toBe(false);
  one.letGo();
  await stopped;
  await run.start(one.work);
  expect(one.begun()).toBe(1);
});
