import { clean, isClean } from './clean.js';
import { type EventName, type WardenEvent, eventActorKinds, eventNames, eventOutcomes, sharingWays } from './events.js';

/** An event as it is stored: JSON all through, of bounded size, its members always in the same order. */
export type EventRecord = Readonly<Record<string, unknown>> & { readonly version: 1; readonly name: EventName };

/** A shape writes what is known to be of it, cleaned, and tells of anything whether it is of it, clean already. */
interface Shape {
  write(value: unknown): unknown;
  holds(value: unknown): boolean;
}

/** Characters. */
function text(longest: number): Shape {
  return {
    write: (value) => clean(value as string, longest),
    holds: (value) => isClean(value, longest),
  };
}

function oneOf(words: readonly unknown[]): Shape {
  return { write: (value) => value, holds: (value) => words.includes(value) };
}

function nullOr(shape: Shape): Shape {
  return {
    write: (value) => (value === null ? null : shape.write(value)),
    holds: (value) => value === null || shape.holds(value),
  };
}

function listOf(shape: Shape, longest: number): Shape {
  return {
    write: (value) => (value as readonly unknown[]).slice(0, longest).map((one) => shape.write(one)),
    holds: (value) => Array.isArray(value) && value.length <= longest && value.every((one) => shape.holds(one)),
  };
}

/** These members, in this order, and no other: what is not named here is never stored. */
function members(shapes: Readonly<Record<string, Shape>>): Shape {
  const entries = Object.entries(shapes);
  return {
    write: (value) => {
      const written: Record<string, unknown> = {};
      for (const [name, shape] of entries) written[name] = shape.write((value as Record<string, unknown>)[name]);
      return written;
    },
    holds: (value) =>
      isObject(value) &&
      Object.keys(value).length === entries.length &&
      entries.every(([name, shape]) => Object.hasOwn(value, name) && shape.holds(value[name])),
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a Date can hold. */
const lastMoment = 8.64e15;
const moment: Shape = {
  // A token may say its times in fractions of a millisecond.
  write: (value) => Math.trunc(value as number),
  holds: (value) => Number.isSafeInteger(value) && Math.abs(value as number) <= lastMoment,
};
const count: Shape = {
  write: (value) => value,
  holds: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
};
const uuid: Shape = {
  write: (value) => value,
  holds: (value) => typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(value),
};
const word = text(64);
const id = text(256);
const words = text(1_024);
/** More than a token can name. */
const ids = listOf(id, 2_000);

const source = members({ address: nullOr(text(64)), userAgent: nullOr(text(512)), requestId: nullOr(text(128)) });
const actor = members({ kind: oneOf(eventActorKinds), id, name: id });
const share = members({ id: uuid, identity: id, type: id, studies: ids, patients: ids });

const details: Readonly<Record<EventName, Shape>> = {
  'share.created': members({
    way: oneOf(sharingWays),
    expiresAt: nullOr(moment),
    notBefore: nullOr(moment),
    gate: nullOr(word),
    maxOpens: nullOr(count),
    recipient: nullOr(words),
    purposeOfUse: nullOr(word),
    why: nullOr(words),
    replaces: nullOr(uuid),
  }),
  'share.opened': members({ viewer: id, session: id, counted: oneOf([true, false]), opens: count }),
  'share.refused': members({}),
  'share.locked': members({ attempts: count }),
  'share.changed': members({
    changes: listOf(members({ member: word, from: nullOr(words), to: nullOr(words) }), 64),
  }),
  'share.revoked': members({ why: words, ruleId: nullOr(uuid) }),
  'share.expired': members({}),
};

function recordOf(name: EventName): Shape {
  return members({
    version: oneOf([1]),
    id: uuid,
    name: oneOf([name]),
    at: moment,
    actor,
    source,
    share,
    outcome: oneOf(eventOutcomes),
    reason: nullOr(word),
    detail: details[name],
  });
}

const records = new Map<unknown, Shape>(eventNames.map((name) => [name, recordOf(name)]));

/** Texts are cleaned and cut to their bounds; `parseEvent` reads the result, whatever they were. */
export function toRecord(event: WardenEvent): EventRecord {
  return records.get(event.name)?.write({ ...event, version: 1 }) as EventRecord;
}

/** Strict: null for anything that this release would not have written. */
export function parseEvent(json: unknown): WardenEvent | null {
  if (!isObject(json) || records.get(json['name'])?.holds(json) !== true) return null;
  const { version: _version, ...event } = json;
  return event as unknown as WardenEvent;
}
