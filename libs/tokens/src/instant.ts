/** A moment named with its offset. */
export interface Instant {
  /** Milliseconds since 1970-01-01T00:00:00Z, finer digits cut off. */
  readonly epochMs: number;
  /** The text as it was given. */
  readonly text: string;
}

interface Fields {
  readonly epochMs: number;
  /** Digits after the point, as given. */
  readonly fraction: string;
  readonly offsetMinutes: number;
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|([+-])(\d\d):(\d\d))$/;

const MINUTE = 60_000;
const YEAR_1 = -62_135_596_800_000;
const YEAR_10000 = 253_402_300_800_000;

/**
 * Reads an ISO 8601 date-time that names its offset: `2099-01-01T00:00:00Z`, `…00.123456789+02:00`, a space for the `T`.
 *
 * @returns null for anything else. A date-time without an offset is a different moment on each server, so it is
 * refused and not guessed; so are days that no calendar has, hour 24, leap seconds, and the year 0000.
 */
export function parseInstant(text: string): Instant | null {
  const fields = readFields(text);
  return fields && { epochMs: fields.epochMs, text };
}

/**
 * The form of an expiry in a token's payload, as the incumbent writes it: `2099-01-01T00:00:00+00:00`, `.123000` only
 * if not zero. A text that {@link parseInstant} refuses comes back unchanged: a token that carries it is invalid.
 */
export function toTokenText(text: string): string {
  const fields = readFields(text);
  return fields ? localText(text, fields) + offsetText(fields.offsetMinutes) : text;
}

/**
 * The form of an expiry in the echo of a request, as the incumbent answers it: as {@link toTokenText}, but an offset
 * of zero is `Z`.
 */
export function toEchoText(text: string): string {
  const fields = readFields(text);
  if (!fields) return text;
  return localText(text, fields) + (fields.offsetMinutes === 0 ? 'Z' : offsetText(fields.offsetMinutes));
}

/**
 * Writes a moment as Python's `datetime.isoformat()` does: `2099-01-01T00:00:00+00:00`, `.123000` only if not zero.
 *
 * @param epochMs milliseconds since 1970; fractions of one are cut off
 * @param offsetMinutes offset of the text from UTC, -1439 to 1439
 * @throws RangeError outside the years 0001 to 9999, and for an offset of a day or more
 */
export function formatPython(epochMs: number, offsetMinutes = 0): string {
  const local = Math.floor(epochMs) + offsetMinutes * MINUTE;
  if (!(local >= YEAR_1 && local < YEAR_10000)) throw new RangeError('The moment is outside the years 0001 to 9999.');
  if (!Number.isInteger(offsetMinutes) || Math.abs(offsetMinutes) >= 24 * 60) {
    throw new RangeError('The offset must be whole minutes within 23:59.');
  }
  const iso = new Date(local).toISOString();
  const millis = iso.slice(20, 23);
  return iso.slice(0, 19) + (millis === '000' ? '' : `.${millis}000`) + offsetText(offsetMinutes);
}

function readFields(text: string): Fields | null {
  const match = DATE_TIME.exec(text);
  if (!match) return null;
  const [, years, months, days, hours, minutes, seconds, fraction = '', sign, offsetHours = '0', offsetRest = '0'] =
    match;
  const [year, month, day] = [Number(years), Number(months), Number(days)];
  const [hour, minute, second] = [Number(hours), Number(minutes), Number(seconds)];
  if (year === 0 || hour > 23 || minute > 59 || second > 59) return null;
  if (Number(offsetHours) > 23 || Number(offsetRest) > 59) return null;

  // Date.UTC would read the years 0 to 99 as 1900 to 1999; setUTCFullYear does not. Both roll 30 February over.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;

  const offset = Number(offsetHours) * 60 + Number(offsetRest);
  const offsetMinutes = sign === '-' ? -offset : offset;
  const millis = fraction === '' ? 0 : Number(fraction.slice(0, 3).padEnd(3, '0'));
  return {
    epochMs: date.getTime() + ((hour * 60 + minute - offsetMinutes) * 60 + second) * 1000 + millis,
    fraction,
    offsetMinutes,
  };
}

/** `2099-01-01T00:00:00`, then `.123000` cut to microseconds as Python does, or nothing when zero. */
function localText(text: string, { fraction }: Fields): string {
  const micros = fraction.slice(0, 6).padEnd(6, '0');
  return `${text.slice(0, 10)}T${text.slice(11, 19)}${micros === '000000' ? '' : `.${micros}`}`;
}

function offsetText(minutes: number): string {
  const size = Math.abs(minutes);
  const pad = (value: number) => String(value).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}
