import { createHash } from 'node:crypto';
import {
  type EventName,
  type WardenEvent,
  eventActorKinds,
  eventClasses,
  eventNames,
  eventOutcomes,
  sharingWays,
} from './events.js';
import { type Filing, filingOf } from './filing.js';
import { join, split } from './halves.js';
import {
  type Shape,
  count,
  isObject,
  listOf,
  members,
  moment,
  nullOr,
  oneOf,
  optional,
  personal,
  text,
  uuid,
} from './shapes.js';

/**
 * An event as it is stored. The record is canonical (RFC 8785) and of bounded size; it stays as long as the chain. The
 * erasable half holds what says who somebody is; the record holds its commitment, SHA-256 over the salt and its text.
 */
export interface WrittenEvent {
  readonly record: string;
  /** Null: there is nothing to erase. */
  readonly erasable: { readonly salt: Buffer; readonly text: string } | null;
  readonly filing: Filing;
}

const word = text(64);
const id = text(256);
const words = text(1_024);
/** More than a token can name. */
const ids = listOf(id, 2_000);
const wordList = listOf(id, 256);

const source = members({
  address: personal(nullOr(text(64)), null),
  userAgent: personal(nullOr(text(512)), null),
  requestId: nullOr(text(128)),
});
const actor = members({ kind: oneOf(eventActorKinds), id, name: personal(id, '') });
const share = members({ id: uuid, identity: id, type: id, studies: ids, patients: personal(ids, []) });

const nothing = members({});
const questions = { count, until: moment };
const access = members({
  ...questions,
  level: nullOr(word),
  method: nullOr(word),
  study: nullOr(id),
  serverId: nullOr(id),
  route: optional(id),
});
const why = personal(words, '');
const whyIfTold = personal(nullOr(words), null);
const versioned = members({
  version: count,
  before: nullOr(count),
  difference: listOf(words, 256),
  why: whyIfTold,
});
const auditReading = members({ format: word, filter: personal(words, '') });

const details: Readonly<Record<EventName, Shape>> = {
  'share.created': members({
    way: oneOf(sharingWays),
    expiresAt: nullOr(moment),
    notBefore: nullOr(moment),
    gate: nullOr(word),
    maxOpens: nullOr(count),
    recipient: whyIfTold,
    purposeOfUse: nullOr(word),
    why: whyIfTold,
    replaces: nullOr(uuid),
  }),
  'share.sent': members({ what: oneOf(['link', 'code']), to: why }),
  'share.opened': members({ viewer: id, session: id, counted: oneOf([true, false]), opens: count }),
  'share.refused': nothing,
  'share.locked': members({ attempts: count }),
  'share.changed': members({
    changes: personal(listOf(members({ member: word, from: nullOr(words), to: nullOr(words) }), 64), []),
  }),
  'share.revoked': members({ why, ruleId: nullOr(uuid) }),
  'share.expired': nothing,
  'revocation-rule.added': members({
    ruleId: uuid,
    study: nullOr(id),
    patient: personal(nullOr(id), null),
    label: nullOr(words),
    keyId: nullOr(id),
    mintedBefore: moment,
    why,
  }),
  'access.disclosed': access,
  'access.granted': access,
  'access.denied': access,
  'profile.resolved': members({ ...questions, via: word, roles: wordList }),
  'api-key.used': members({ ...questions, keyId: uuid }),
  'api-key.created': members({
    keyId: uuid,
    owner: why,
    permissions: wordList,
    labels: wordList,
    expiresAt: nullOr(moment),
  }),
  'api-key.rotated': members({ keyId: uuid }),
  'api-key.revoked': members({ keyId: uuid, why }),
  'roles.changed': versioned,
  'share-policy.changed': versioned,
  'settings.loaded': members({ given: wordList, weaknesses: wordList }),
  'service.started': members({ version: word, node: word }),
  'service.stopped': nothing,
  'audit.read': auditReading,
  'audit.exported': auditReading,
  'audit.checkpoint': members({ size: count, keyId: id }),
  'audit.lost': members({ lane: word, count, until: moment }),
  'audit.erased': members({ count, why: words }),
  'audit.expired': members({ class: oneOf(eventClasses), month: word, count }),
};

function shapeOf(name: EventName): Shape {
  return members({
    id: uuid,
    name: oneOf([name]),
    at: moment,
    actor,
    source,
    share: nullOr(share),
    outcome: oneOf(eventOutcomes),
    reason: nullOr(word),
    detail: details[name],
  });
}

const shapes = new Map<unknown, Shape>(eventNames.map((name) => [name, shapeOf(name)]));

/** Base64url. */
export function commitmentTo(salt: Buffer, erasable: string): string {
  return createHash('sha256').update(salt).update(erasable).digest('base64url');
}

/**
 * Texts are cleaned and cut to their bounds; `readEvent` reads the result, whatever they were.
 * @param salt 16 random bytes for each call: without them a commitment could be tried out.
 */
export function writeEvent(event: WardenEvent, salt: () => Buffer): WrittenEvent {
  const shape = shapes.get(event.name) as Shape;
  const whole = shape.write(event);
  const { lasting, erasable } = split(whole as Record<string, unknown>, shape.erasable);
  const half = erasable === null ? null : { salt: salt(), text: JSON.stringify(erasable) };
  const { actor, at, detail, id, name, outcome, reason, share, source } = lasting;
  const commitment = half === null ? null : commitmentTo(half.salt, half.text);
  // In the order of RFC 8785; of the shapes the members are in it already.
  const record = { actor, at, detail, erasable: commitment, id, name, outcome, reason, share, source, version: 2 };
  return { record: JSON.stringify(record), erasable: half, filing: filingOf(whole as WardenEvent) };
}

/**
 * Strict: null for anything that this release would not have written.
 * @param erasable null: there was none, or it was erased; what it held is blank then.
 */
export function readEvent(record: unknown, erasable: unknown): WardenEvent | null {
  if (!isObject(record)) return null;
  const shape = shapes.get(record['name']);
  if (shape === undefined) return null;
  const { version, erasable: commitment, ...lasting } = record;
  // Version 1, before there was a chain, was whole.
  if (version === 1)
    return commitment === undefined && shape.holds(lasting) ? (lasting as unknown as WardenEvent) : null;
  if (version !== 2 || !isCommitment(commitment)) return null;
  const whole = join(lasting, erasable ?? undefined, shape.erasable);
  return shape.holds(whole) ? (whole as WardenEvent) : null;
}

function isCommitment(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^[\w-]{43}$/.test(value));
}
