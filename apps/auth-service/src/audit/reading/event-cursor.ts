import { ValidateBy } from 'class-validator';
import type { EventKey } from './audit-events.store.js';

const cursorForm = /^[A-Za-z0-9_-]{32}$/;
/** Microseconds since the epoch that a number holds exactly: to the year 2255. */
const last = BigInt(Number.MAX_SAFE_INTEGER);

/** A cursor is the key of the last entry of a page: 8 bytes of time, 16 of the id. */
export function eventCursorOf({ filedAt, id }: EventKey): string {
  const bytes = Buffer.alloc(24);
  bytes.writeBigInt64BE(BigInt(filedAt));
  bytes.write(id.replaceAll('-', ''), 8, 'hex');
  return bytes.toString('base64url');
}

/** Null: it is none of ours. */
export function keyOfEventCursor(cursor: string): EventKey | null {
  if (!cursorForm.test(cursor)) return null;
  const bytes = Buffer.from(cursor, 'base64url');
  const filedAt = bytes.readBigInt64BE();
  if (filedAt < 0n || filedAt > last) return null;
  const id = bytes.toString('hex', 8).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { filedAt: Number(filedAt), id };
}

export function IsEventCursor(): PropertyDecorator {
  const validator = {
    validate: (value: unknown) => typeof value === 'string' && keyOfEventCursor(value) !== null,
    defaultMessage: () => 'is not one of ours',
  };
  const remedy = 'pass the next of the page before, unchanged';
  return ValidateBy({ name: 'eventCursor', validator }, { context: { remedy } });
}
