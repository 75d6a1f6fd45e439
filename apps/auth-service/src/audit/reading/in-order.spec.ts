import type { FiledEvent } from './audit-events.store.js';
import { inOrder } from './in-order.js';

const event = (filedAt: number, id: string) => ({ key: { filedAt, id } }) as unknown as FiledEvent;

async function* source(...batches: [number, string][][]): AsyncGenerator<readonly FiledEvent[], void, undefined> {
  for (const batch of batches) yield await Promise.resolve(batch.map(([filedAt, id]) => event(filedAt, id)));
}

type Source = ReturnType<typeof source>;
async function told(one: Source, other: Source): Promise<string[]> {
  const seen: string[] = [];
  for await (const { of, events } of inOrder(one, other))
    seen.push(...events.map(({ key }) => `${of === one ? 1 : 2}:${key.filedAt}${key.id}`));
  return seen;
}

it.each<[string, () => [Source, Source], string[]]>([
  ['nothing', () => [source(), source()], []],
  ['one alone', () => [source([[1, 'a']], [[2, 'a']]), source()], ['1:1a', '1:2a']],
  ['the other alone', () => [source(), source([[1, 'a']])], ['2:1a']],
  [
    'both, over the ends of batches, empty ones too',
    () => [
      source(
        [],
        [
          [1, 'a'],
          [4, 'a'],
        ],
        [[5, 'a']],
      ),
      source(
        [
          [2, 'a'],
          [3, 'a'],
        ],
        [],
        [[6, 'a']],
      ),
    ],
    ['1:1a', '2:2a', '2:3a', '1:4a', '1:5a', '2:6a'],
  ],
  [
    'those of one moment by their ids',
    () => [
      source([
        [1, 'b'],
        [1, 'd'],
      ]),
      source([
        [1, 'a'],
        [1, 'c'],
      ]),
    ],
    ['2:1a', '1:1b', '2:1c', '1:1d'],
  ],
  ['one that both have from each', () => [source([[1, 'a']]), source([[1, 'a']])], ['1:1a', '2:1a']],
])('tells %s, oldest first', async (_title, sources, expected) => {
  expect(await told(...sources())).toEqual(expected);
});

it('ends both sources when the reader goes', async () => {
  const [one, other] = [source([[1, 'a']], [[2, 'a']]), source([[3, 'a']], [[4, 'a']])];
  for await (const { events } of inOrder(one, other)) if (events.length > 0) break;
  expect([(await one.next()).done, (await other.next()).done]).toEqual([true, true]);
});
