import { parseInstant } from '@warden/tokens';
import { WrongUsage } from './failures.js';

const secondsOf = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;
type Unit = keyof typeof secondsOf;

/** Seconds of `90s`, `30m`, `12h`, `7d`, `2w`. */
export function readDuration(text: string, option: string): number {
  const [, count, unit] = /^(\d{1,9})([smhdw])$/.exec(text) ?? [];
  if (count === undefined || Number(count) === 0)
    throw new WrongUsage(`--${option} must be a number with s, m, h, d or w, such as 12h or 7d.`);
  return Number(count) * secondsOf[unit as Unit];
}

/** A moment in the future, as it was written. */
export function readFuture(text: string, option: string, now: number): string {
  const instant = parseInstant(text);
  if (instant === null)
    throw new WrongUsage(`--${option} must be a date and time with its zone, such as 2030-12-31T18:00:00Z.`);
  if (instant.epochMs <= now) throw new WrongUsage(`--${option} must be in the future.`);
  return text;
}

export function readCount(text: string | undefined, option: string, fallback: number): number {
  if (text === undefined) return fallback;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new WrongUsage(`--${option} must be a whole number from 1 on.`);
  return Number(text);
}

/** The header that a change is refused by when another version is in force; none without the option. */
export function readIfMatch(text: string | undefined, option: string): Record<string, string> {
  if (text === undefined) return {};
  if (!/^(0|[1-9]\d{0,8})$/.test(text)) throw new WrongUsage(`--${option} must be a whole number.`);
  return { 'if-match': `"${text}"` };
}

export function readChoice<T extends string>(
  text: string | undefined,
  option: string,
  choices: readonly T[],
): T | undefined {
  if (text === undefined) return undefined;
  const chosen = choices.find((choice) => choice === text);
  if (chosen === undefined) throw new WrongUsage(`--${option} must be one of ${choices.join(', ')}.`);
  return chosen;
}

/** `--limit N` or `--all`. */
export function readLimit({ limit, all }: { readonly limit: string | undefined; readonly all: boolean }): number {
  if (all && limit !== undefined) throw new WrongUsage('Give --limit or --all, not both.');
  return all ? Infinity : readCount(limit, 'limit', 50);
}

export const listOptions = {
  limit: { type: 'string', value: 'N', help: 'how many to show; 50 unless told' },
  all: { type: 'boolean', help: 'show every one' },
} as const;
