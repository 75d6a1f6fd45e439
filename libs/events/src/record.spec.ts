import fc from 'fast-check';
import {
  type EventName,
  type WardenEvent,
  eventActorKinds,
  eventNames,
  eventOutcomes,
  noSource,
  sharingWays,
} from './events.js';
import { parseEvent, toRecord } from './record.js';

/** Any UTF-16 at all: NUL and lone surrogates too. */
const anyText = fc.oneof(
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)), maxLength: 40 }),
  fc.string({ unit: 'binary', minLength: 500, maxLength: 3_000 }),
  fc.constantFrom('__proto__', '\0', '\ud800', '"\\\u2028', ''),
);
const plainText = fc.string({ unit: 'grapheme', maxLength: 20 }).map((text) => text.replaceAll('\0', ''));
const nullOr = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const moment = fc.integer({ min: 0, max: 8.64e15 });

/** Events of every name, with texts of the given kind. */
function events(text: fc.Arbitrary<string>): fc.Arbitrary<WardenEvent> {
  const details: Record<EventName, fc.Arbitrary<unknown>> = {
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
    'share.opened': fc.record({ viewer: text, session: text, counted: fc.boolean(), opens: fc.nat() }),
    'share.refused': fc.constant({}),
    'share.locked': fc.record({ attempts: fc.nat() }),
    'share.changed': fc.record({
      changes: fc.array(fc.record({ member: text, from: nullOr(text), to: nullOr(text) })),
    }),
    'share.revoked': fc.record({ why: text, ruleId: nullOr(fc.uuid()) }),
    'share.expired': fc.constant({}),
  };
  const common = {
    id: fc.uuid({ version: 7 }),
    at: moment,
    actor: fc.record({ kind: fc.constantFrom(...eventActorKinds), id: text, name: text }),
    source: fc.record({ address: nullOr(text), userAgent: nullOr(text), requestId: nullOr(text) }),
    share: fc.record({
      id: fc.uuid(),
      identity: text,
      type: text,
      studies: fc.array(text),
      patients: fc.array(text),
    }),
    outcome: fc.constantFrom(...eventOutcomes),
    reason: nullOr(text),
  };
  return fc.oneof(
    ...eventNames.map((name) => fc.record({ ...common, name: fc.constant(name), detail: details[name] })),
  ) as fc.Arbitrary<WardenEvent>;
}

const expired: WardenEvent = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
  at: 1_795_600_000_000,
  name: 'share.expired',
  actor: { kind: 'system', id: 'system:warden', name: 'orthanc-warden' },
  source: noSource,
  share: {
    id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
    identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
    type: 'stone-viewer-publication',
    studies: ['1.2.3'],
    patients: [],
  },
  outcome: 'success',
  reason: null,
  detail: {},
};
const throughJson = (event: WardenEvent): unknown => JSON.parse(JSON.stringify(toRecord(event)));
const revoked = (why: string): WardenEvent => ({ ...expired, name: 'share.revoked', detail: { why, ruleId: null } });

describe('the record of an event', () => {
  it('is read back as the event that it was', () => {
    fc.assert(fc.property(events(plainText), (event) => expect(parseEvent(throughJson(event))).toEqual(event)));
  });

  it('is readable, storable and bounded whatever the texts are', () => {
    fc.assert(
      fc.property(events(anyText), (event) => {
        const record = throughJson(event);
        const read = parseEvent(record);
        expect(read).not.toBeNull();
        expect(throughJson(read as WardenEvent)).toEqual(record);
        const text = JSON.stringify(record);
        expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i);
        expect(text.isWellFormed()).toBe(true);
      }),
    );
  });

  it('loses NUL, and has lone surrogates replaced', () => {
    expect(parseEvent(throughJson(revoked('a\0b\ud800c')))).toEqual(revoked('ab\ufffdc'));
    expect(parseEvent(throughJson(revoked('x😀')))).toEqual(revoked('x😀'));
  });

  it('holds 512 characters of a user agent, and never half of one', () => {
    const userAgent = `${'x'.repeat(511)}😀 and more`;
    const read = parseEvent(throughJson({ ...expired, source: { ...noSource, userAgent } }));
    expect(read?.source.userAgent).toBe(`${'x'.repeat(511)}\ufffd`);
  });

  it('has bounds', () => {
    const studies = Array.from({ length: 10_000 }, (_, index) => `1.2.${index}.${'9'.repeat(1_000)}`);
    const read = parseEvent(throughJson({ ...expired, share: { ...expired.share, studies } }));
    expect([read?.share.studies.length, read?.share.studies[0]?.length]).toEqual([2_000, 256]);
  });

  it('holds no member that is not named here', () => {
    const careless = {
      ...expired,
      token: 'eyJ…',
      share: { ...expired.share, pin: '482913' },
      detail: { pin: '482913' },
    };
    const text = JSON.stringify(toRecord(careless as unknown as WardenEvent));
    expect(text).not.toMatch(/eyJ|482913/);
    expect(parseEvent(JSON.parse(text))).toEqual(expired);
  });

  it('names its members in one order', () => {
    const turned = Object.fromEntries(Object.entries(expired).reverse()) as unknown as WardenEvent;
    expect(JSON.stringify(toRecord(turned))).toBe(JSON.stringify(toRecord(expired)));
  });
});

describe('parseEvent', () => {
  const record = throughJson(expired) as Record<string, unknown>;
  const { at: _at, ...withoutMoment } = record;

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'share.expired'],
    ['a list', [record]],
    ['a name that is not on the list', { ...record, name: 'share.lost' }],
    ['a name that every object has', { ...record, name: 'constructor' }],
    ['the detail of another name', { ...record, detail: { attempts: 3 } }],
    ['a form of a later release', { ...record, version: 2 }],
    ['a member too many', { ...record, more: 1 }],
    ['a member too few', withoutMoment],
    ['a moment in words', { ...record, at: '2026-11-21T08:00:00Z' }],
    ['a moment that no calendar has', { ...record, at: 8.65e15 }],
    ['an unknown outcome', { ...record, outcome: 'fine' }],
    ['an unknown kind of actor', { ...record, actor: { ...expired.actor, kind: 'robot' } }],
    ['an id that is no UUID', { ...record, id: '1' }],
    ['a NUL', { ...record, actor: { ...expired.actor, name: 'a\0' } }],
    ['half a character', { ...record, actor: { ...expired.actor, name: '\udc00' } }],
    ['a text beyond its bound', { ...record, source: { ...noSource, userAgent: 'x'.repeat(513) } }],
    ['a study that is no text', { ...record, share: { ...expired.share, studies: [1] } }],
  ])('refuses %s', (_title, json) => {
    expect(parseEvent(record)).toEqual(expired);
    expect(parseEvent(json)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.jsonValue(), (json) => expect(parseEvent(json)).toBeNull()));
  });
});

it('the list of events is closed', () => {
  expect(eventNames).toEqual([
    'share.created',
    'share.opened',
    'share.refused',
    'share.locked',
    'share.changed',
    'share.revoked',
    'share.expired',
  ]);
});
