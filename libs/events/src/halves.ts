import { type Blank, type Erasable, isObject } from './shapes.js';

/** A value in two: what stays, and what can be erased. Null: nothing can, or all that could is blank. */
export interface Halves {
  readonly lasting: Record<string, unknown>;
  readonly erasable: Record<string, unknown> | null;
}

/** The order of the members stays. */
export function split(whole: Record<string, unknown>, plan: Erasable | undefined): Halves {
  const lasting: Record<string, unknown> = {};
  let erasable: Record<string, unknown> | null = null;
  for (const name in whole) {
    const value = whole[name];
    const part = plan instanceof Map ? (plan as ReadonlyMap<string, Erasable>).get(name) : undefined;
    if (part === undefined) lasting[name] = value;
    else if ('blank' in part) {
      if (!isBlank(value, part.blank)) (erasable ??= {})[name] = value;
    } else if (isObject(value)) {
      const halves = split(value, part);
      lasting[name] = halves.lasting;
      if (halves.erasable !== null) (erasable ??= {})[name] = halves.erasable;
    } else lasting[name] = value;
  }
  return { lasting, erasable };
}

function isBlank(value: unknown, blank: Blank): boolean {
  return value === blank || (Array.isArray(value) && value.length === 0);
}

/** The whole again: what was blank is blank, and so is all that was erased. Undefined: these are no halves of one. */
export function join(lasting: unknown, erasable: unknown, plan: Erasable | undefined): unknown {
  if (plan === undefined) return erasable === undefined ? lasting : undefined;
  if ('blank' in plan) {
    if (lasting !== undefined) return undefined;
    return erasable === undefined ? plan.blank : erasable;
  }
  if (!isObject(lasting)) return lasting;
  const parts = erasable === undefined ? {} : erasable;
  if (!isObject(parts) || !Object.keys(parts).every((name) => plan.has(name))) return undefined;
  const whole: Record<string, unknown> = { ...lasting };
  for (const [name, part] of plan) {
    const own = Object.hasOwn(lasting, name) ? lasting[name] : undefined;
    whole[name] = join(own, Object.hasOwn(parts, name) ? parts[name] : undefined, part);
  }
  return whole;
}
