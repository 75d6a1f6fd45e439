import { clean, isClean } from './clean.js';

/**
 * A shape writes what is known to be of it, cleaned, and tells of anything whether it is of it, clean already. What it
 * writes has two halves: what stays for ever, and what can be erased.
 */
export interface Shape {
  write(value: unknown): unknown;
  holds(value: unknown): boolean;
  /** Undefined: all of it stays. */
  readonly erasable?: Erasable;
  /** A member of this shape may be missing: earlier releases did not write it. */
  readonly optional?: true;
}

/** What of a value can be erased: all of it, and what stands in its place then, or some of its members. */
export type Erasable = { readonly blank: Blank } | ReadonlyMap<string, Erasable>;

export type Blank = null | '' | readonly never[];

/** Characters. */
export function text(longest: number): Shape {
  return {
    write: (value) => clean(value as string, longest),
    holds: (value) => isClean(value, longest),
  };
}

export function oneOf(words: readonly unknown[]): Shape {
  return { write: (value) => value, holds: (value) => words.includes(value) };
}

export function nullOr(shape: Shape): Shape {
  return {
    write: (value) => (value === null ? null : shape.write(value)),
    holds: (value) => value === null || shape.holds(value),
    ...(shape.erasable === undefined ? {} : { erasable: shape.erasable }),
  };
}

export function optional(shape: Shape): Shape {
  return { ...shape, optional: true };
}

export function listOf(shape: Shape, longest: number): Shape {
  return {
    write: (value) => (value as readonly unknown[]).slice(0, longest).map((one) => shape.write(one)),
    holds: (value) => Array.isArray(value) && value.length <= longest && value.every((one) => shape.holds(one)),
  };
}

/** These members and no other: what is not named here is never stored. Written in the order of RFC 8785 section 3.2.3. */
export function members(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes).sort(([a], [b]) => (a < b ? -1 : 1));
  const erasable = new Map<string, Erasable>();
  for (const [name, shape] of entries) if (shape.erasable !== undefined) erasable.set(name, shape.erasable);
  return {
    write: (value) => {
      const written: Record<string, unknown> = {};
      for (const [name, shape] of entries) {
        const member = (value as Record<string, unknown>)[name];
        if (member !== undefined || shape.optional !== true) written[name] = shape.write(member);
      }
      return written;
    },
    holds: (value) =>
      isObject(value) &&
      Object.keys(value).every((name) => Object.hasOwn(shapes, name)) &&
      entries.every(([name, shape]) =>
        Object.hasOwn(value, name) ? shape.holds(value[name]) : shape.optional === true,
      ),
    ...(erasable.size === 0 ? {} : { erasable }),
  };
}

/** Of a person: goes into the half that can be erased, unless it is blank. */
export function personal(shape: Shape, blank: Blank): Shape {
  return { ...shape, erasable: { blank } };
}

/** What a Date can hold. */
const lastMoment = 8.64e15;

/** Milliseconds since the epoch. */
export const moment: Shape = {
  // A token may say its times in fractions of a millisecond.
  write: (value) => Math.trunc(value as number),
  holds: (value) => Number.isSafeInteger(value) && Math.abs(value as number) <= lastMoment,
};

export const count: Shape = {
  write: (value) => value,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};

export const uuid: Shape = {
  write: (value) => value,
  holds: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
};

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
