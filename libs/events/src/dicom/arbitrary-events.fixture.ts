import fc from 'fast-check';
import {
  type EventDetail,
  type EventName,
  type WardenEvent,
  eventActorKinds,
  eventClasses,
  eventNames,
  eventOutcomes,
  sharingWays,
} from '../events.js';

/** Texts that break out of markup, are no Unicode, or that XML 1.0 cannot hold. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 40 }),
  fc.string({ unit: fc.constantFrom('<', '>', '&', '"', "'", '\t', '\n', '\r', ' ', ';', '#', 'a'), maxLength: 12 }),
  fc.string({ unit: 'binary', minLength: 200, maxLength: 600 }),
  fc.constantFrom(
    '',
    ' ',
    '\0',
    '\u0001\u0008\u000b\u001f\u007f\u0085',
    '\ud800',
    '\udfff\ud800',
    '\ufffe\uffff\ufdd0',
    '\u{10ffff}😀',
    ']]>',
    '<!--',
    '<?xml?>',
    '"/><AuditMessage>',
    '&lt;&#0;&#xD800;&evil;',
    '<!DOCTYPE a [<!ENTITY evil SYSTEM "file:///etc/passwd">]>',
    '__proto__',
    '{"a":1}',
    '203.0.113.7',
    '2001:db8::7',
    '1.2.840.113619.2.55',
  ),
);

/** Texts as they come. */
export const plainText: fc.Arbitrary<string> = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((text) => text.replaceAll('\0', ''));

/** All that a Date can hold. */
const moment = fc.integer({ min: -8.64e15, max: 8.64e15 });

const nullOr = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

function details(text: fc.Arbitrary<string>): { [Name in EventName]: fc.Arbitrary<EventDetail<Name>> } {
  const questions = { count: fc.nat(), until: moment };
  const few = fc.array(text, { maxLength: 4 });
  const access = fc.record({
    ...questions,
    level: nullOr(fc.oneof(fc.constantFrom('patient', 'study', 'series', 'instance', 'system'), text)),
    method: nullOr(fc.oneof(fc.constantFrom('get', 'post', 'put', 'delete'), text)),
    study: nullOr(text),
    serverId: nullOr(text),
  });
  const versioned = fc.record({ version: fc.nat(), before: nullOr(fc.nat()), difference: few, why: nullOr(text) });
  const auditReading = fc.record({ format: text, filter: text });
  return {
    'share.created': fc.record({
      way: fc.constantFrom(...sharingWays),
      expiresAt: nullOr(moment),
      notBefore: nullOr(moment),
      gate: nullOr(text),
      maxOpens: nullOr(fc.nat()),
      recipient: nullOr(text),
      purposeOfUse: nullOr(text),
      why: nullOr(text),
      replaces: nullOr(fc.uuid()),
    }),
    'share.sent': fc.record({ what: fc.constantFrom('link', 'code'), to: text }),
    'share.opened': fc.record({ viewer: text, session: text, counted: fc.boolean(), opens: fc.nat() }),
    'share.refused': fc.constant({}),
    'share.locked': fc.record({ attempts: fc.nat() }),
    'share.changed': fc.record({
      changes: fc.array(fc.record({ member: text, from: nullOr(text), to: nullOr(text) }), { maxLength: 4 }),
    }),
    'share.revoked': fc.record({ why: text, ruleId: nullOr(fc.uuid()) }),
    'share.expired': fc.constant({}),
    'revocation-rule.added': fc.record({
      ruleId: fc.uuid(),
      study: nullOr(text),
      patient: nullOr(text),
      label: nullOr(text),
      keyId: nullOr(text),
      mintedBefore: moment,
      why: text,
    }),
    'access.disclosed': access,
    'access.granted': access,
    'access.denied': access,
    'profile.resolved': fc.record({ ...questions, via: text, roles: few }),
    'api-key.used': fc.record({ ...questions, keyId: fc.uuid() }),
    'api-key.created': fc.record({
      keyId: fc.uuid(),
      owner: text,
      permissions: few,
      labels: few,
      expiresAt: nullOr(moment),
    }),
    'api-key.rotated': fc.record({ keyId: fc.uuid() }),
    'api-key.revoked': fc.record({ keyId: fc.uuid(), why: text }),
    'roles.changed': versioned,
    'share-policy.changed': versioned,
    'settings.loaded': fc.record({ given: few, weaknesses: few }),
    'service.started': fc.record({ version: text, node: text }),
    'service.stopped': fc.constant({}),
    'audit.read': auditReading,
    'audit.exported': auditReading,
    'audit.checkpoint': fc.record({ size: fc.nat(), keyId: text }),
    'audit.lost': fc.record({ lane: text, count: fc.nat(), until: moment }),
    'audit.erased': fc.record({ count: fc.nat(), why: text }),
    'audit.expired': fc.record({ class: fc.constantFrom(...eventClasses), month: text, count: fc.nat() }),
  };
}

/** Events of these names, each as likely as the others, with such texts; all of them unless told. */
export function arbitraryEvents(
  text: fc.Arbitrary<string>,
  names: readonly EventName[] = eventNames,
): fc.Arbitrary<WardenEvent> {
  const detailOf = details(text);
  const common = {
    id: fc.uuid({ version: 7 }),
    at: moment,
    actor: fc.record({ kind: fc.constantFrom(...eventActorKinds), id: text, name: text }),
    source: fc.record({ address: nullOr(text), userAgent: nullOr(text), requestId: nullOr(text) }),
    share: nullOr(
      fc.record({
        id: fc.uuid(),
        identity: text,
        type: text,
        studies: fc.array(text, { maxLength: 4 }),
        patients: fc.array(text, { maxLength: 4 }),
      }),
    ),
    outcome: fc.constantFrom(...eventOutcomes),
    reason: nullOr(text),
  };
  return fc.oneof(
    ...names.map((name) => fc.record({ ...common, name: fc.constant(name), detail: detailOf[name] })),
  ) as fc.Arbitrary<WardenEvent>;
}
