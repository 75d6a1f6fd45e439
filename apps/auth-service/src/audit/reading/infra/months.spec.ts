import type { EventClass } from '@warden/events';
import { monthsOf, stretchesOf } from './months.js';

const micro = (text: string): number => Date.parse(text) * 1_000;
const filed = (months: readonly string[], name: EventClass = 'management') =>
  months.map((month) => ({ class: name, month }));
const always = { from: -Infinity, to: Infinity };
const year = Array.from({ length: 12 }, (_, index) => `2026-${String(index + 1).padStart(2, '0')}`);
const told = (...asked: Parameters<typeof stretchesOf>) =>
  stretchesOf(...asked).map(({ from, to }) =>
    [from, to].map((moment) => new Date(moment / 1_000).toISOString().slice(0, 10)),
  );

it('looks into the newest month first, then into two, four and so on', () => {
  expect(told(filed(year), always, 'newest-first')).toEqual([
    ['2026-12-01', '2027-01-01'],
    ['2026-10-01', '2026-12-01'],
    ['2026-06-01', '2026-10-01'],
    ['2026-01-01', '2026-06-01'],
  ]);
});

it('looks into the oldest month first when the oldest events are to come first', () => {
  expect(told(filed(year), always, 'oldest-first').slice(0, 2)).toEqual([
    ['2026-01-01', '2026-02-01'],
    ['2026-02-01', '2026-04-01'],
  ]);
});

it('leaves no time between the stretches that has events, and tells none twice', () => {
  for (const order of ['newest-first', 'oldest-first'] as const) {
    const stretches = [...stretchesOf(filed(year), always, order)].sort((a, b) => a.from - b.from);
    stretches.slice(1).forEach((one, index) => expect(one.from).toBe(stretches[index]?.to));
  }
});

it('stays within what was asked for, to the microsecond', () => {
  const bounds = { from: micro('2026-03-15T00:00:00Z') + 1, to: micro('2026-04-01T00:00:00Z') };
  expect(stretchesOf(filed(year), bounds, 'newest-first')).toEqual([{ classes: ['management'], ...bounds }]);
});

it('tells only the classes that have events in a stretch, and no stretch for a time without any', () => {
  const both = [...filed(['2026-01', '2026-03']), ...filed(['2026-03'], 'denial')];
  expect(stretchesOf(both, always, 'newest-first').map(({ classes }) => classes)).toEqual([
    ['management', 'denial'],
    ['management'],
  ]);
  expect(
    stretchesOf(both, { from: micro('2026-02-01T00:00:00Z'), to: micro('2026-03-01T00:00:00Z') }, 'newest-first'),
  ).toEqual([]);
  expect(stretchesOf([], always, 'newest-first')).toEqual([]);
});

it('tells the months of moments, over the end of a year', () => {
  expect(monthsOf([micro('2027-01-01T00:00:00Z'), micro('2026-12-31T23:59:59.999Z') + 999])).toEqual([
    [micro('2026-12-01T00:00:00Z'), micro('2027-01-01T00:00:00Z')],
    [micro('2027-01-01T00:00:00Z'), micro('2027-02-01T00:00:00Z')],
  ]);
});
