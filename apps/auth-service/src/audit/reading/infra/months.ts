import type { EventClass } from '@warden/events';
import type { EventOrder } from '../audit-events.store.js';

/** A chain that holds events. */
export interface FiledMonth {
  readonly class: EventClass;
  /** `2026-11`, UTC. */
  readonly month: string;
}

/** A stretch of time, in microseconds since the epoch, and the classes that have events in it. */
export interface Stretch {
  readonly classes: readonly EventClass[];
  /** From this moment on. */
  readonly from: number;
  /** Before this moment. */
  readonly to: number;
}

export const microseconds = 1_000;

function begin(month: string, later = 0): number {
  const [year = 0, number = 0] = month.split('-').map(Number);
  return Date.UTC(year, number - 1 + later) * microseconds;
}

/** Statement that finds the months of the classes that are its parameter. */
export const filedMonths = `SELECT class, to_char(month, 'YYYY-MM') AS month FROM audit_chain
  WHERE size > 0 AND dropped_at IS NULL AND class = ANY ($1)`;

/** Of a time in milliseconds since the epoch, open where it is not said. */
export function boundsOf({ from, to }: { readonly from?: number | undefined; readonly to?: number | undefined }) {
  return { from: (from ?? -Infinity) * microseconds, to: (to ?? Infinity) * microseconds };
}

/**
 * The time between `from` and `to`, cut into stretches of one month, two, four and so on. The database plans each
 * month of each class by itself, which takes longer than to look into it: what is frequent is found in the first
 * stretch, and what is rare in few statements.
 */
export function stretchesOf(
  filed: readonly FiledMonth[],
  { from, to }: { readonly from: number; readonly to: number },
  order: EventOrder,
): Stretch[] {
  const months = [...new Set(filed.map(({ month }) => month))]
    .filter((month) => begin(month) < to && begin(month, 1) > from)
    .sort();
  if (order === 'newest-first') months.reverse();
  const stretches: Stretch[] = [];
  for (let taken = 0, length = 1; taken < months.length; [taken, length] = [taken + length, length * 2]) {
    const within = months.slice(taken, taken + length).sort();
    const classes = filed.filter(({ month }) => within.includes(month)).map((one) => one.class);
    stretches.push({
      classes: [...new Set(classes)],
      from: Math.max(from, begin(within[0] ?? '')),
      to: Math.min(to, begin(within.at(-1) ?? '', 1)),
    });
  }
  return stretches;
}

/** The months that hold these moments: begin, and end. */
export function monthsOf(moments: readonly number[]): (readonly [number, number])[] {
  const months = new Set(moments.map((moment) => new Date(moment / microseconds).toISOString().slice(0, 7)));
  return [...months].sort().map((month) => [begin(month), begin(month, 1)] as const);
}
