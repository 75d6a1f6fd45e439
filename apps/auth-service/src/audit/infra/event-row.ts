import { type WardenEvent, readEvent } from '@warden/events';

/** An event as the tables of the record have it: texts, because a JSON column would be read twice. */
export interface EventRow extends Record<string, unknown> {
  readonly record: string;
  /** Null: there was nothing to erase, or it was erased. */
  readonly erasable: string | null;
}

/** Null: a later release recorded it, and this one does not know it. */
export function eventOf({ record, erasable }: EventRow): WardenEvent | null {
  return readEvent(JSON.parse(record), erasable === null ? null : JSON.parse(erasable));
}
