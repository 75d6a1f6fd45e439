import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { arbitraryEvents, hostileText, plainText } from './dicom/arbitrary-events.fixture.js';
import { type WardenEvent, classOf, eventClasses, eventNames, itself, noSource } from './events.js';
import { type WrittenEvent, commitmentTo, readEvent, writeEvent } from './record.js';

const salt = Buffer.from('0123456789abcdef');
const write = (event: WardenEvent): WrittenEvent => writeEvent(event, () => salt);
const read = ({ record, erasable }: WrittenEvent): WardenEvent | null =>
  readEvent(JSON.parse(record), erasable === null ? null : JSON.parse(erasable.text));
const recordOf = (event: WardenEvent): Record<string, any> => JSON.parse(write(event).record) as Record<string, any>;

const revoked = {
  id: '019a8cca-1371-7000-b9bc-1de2d5b62426',
  at: 1_795_600_000_000,
  name: 'share.revoked',
  actor: { kind: 'user', id: 'keycloak:6f1c', name: 'Dr. Ada' },
  source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'abc-1' },
  share: {
    id: '019a8cca-1371-7000-b9bc-1de2d5b62427',
    identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
    type: 'stone-viewer-publication',
    studies: ['1.2.3'],
    patients: ['P1'],
  },
  outcome: 'success',
  reason: null,
  detail: { why: 'wrong address', ruleId: null },
} satisfies WardenEvent;
const expired: WardenEvent = {
  ...revoked,
  name: 'share.expired',
  actor: itself,
  source: noSource,
  share: { ...revoked.share, patients: [] },
  detail: {},
};

/** RFC 8785 section 3.2.3, said once more: sorted members, the text of each value as ECMAScript has it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join(',')}}`;
}

describe('a written event', () => {
  it('is read back as the event that it was', () => {
    const upToDate = (event: WardenEvent) => expect(read(write(event))).toEqual(event);
    fc.assert(fc.property(arbitraryEvents(plainText), upToDate));
  });

  it('is readable, storable, canonical and bounded whatever the texts are', () => {
    fc.assert(
      fc.property(arbitraryEvents(hostileText), (event) => {
        const written = write(event);
        const again = read(written);
        expect(again).not.toBeNull();
        expect(write(again as WardenEvent)).toEqual(written);
        for (const text of [written.record, written.erasable?.text ?? '{}']) {
          expect(text).toBe(canonical(JSON.parse(text)));
          expect(text).not.toMatch(/\\u0000|\\ud[89a-f]/i);
          expect(text.isWellFormed()).toBe(true);
        }
      }),
    );
  });

  it('names in its record nobody: neither names, addresses, patients nor words', () => {
    const { record, erasable } = write(revoked);
    expect(record).not.toMatch(/Ada|203\.0|Firefox|P1|wrong/);
    expect(JSON.parse(erasable?.text ?? '')).toEqual({
      actor: { name: 'Dr. Ada' },
      detail: { why: 'wrong address' },
      share: { patients: ['P1'] },
      source: { address: '203.0.113.7', userAgent: 'Firefox' },
    });
  });

  it('is committed to its erasable half by a salted hash', () => {
    const { record, erasable } = write(revoked);
    const expected = createHash('sha256')
      .update(`0123456789abcdef${erasable?.text ?? ''}`)
      .digest('base64url');
    expect((JSON.parse(record) as { erasable: string }).erasable).toBe(expected);
    expect(commitmentTo(salt, erasable?.text ?? '')).toBe(expected);
  });

  it('says under what it is found, as it says it itself', () => {
    expect(write(revoked).filing).toEqual({
      actorId: 'keycloak:6f1c',
      shareId: revoked.share.id,
      study: '1.2.3',
      furtherStudies: [],
      patient: 'P1',
      furtherPatients: [],
      address: '203.0.113.7',
      outcome: 'success',
      reason: null,
    });
    const share = { ...revoked.share, studies: ['1', '2', '3'], patients: ['A', 'B'] };
    const several = write({ ...revoked, share }).filing;
    expect([several.study, several.furtherStudies, several.furtherPatients]).toEqual(['1', ['2', '3'], ['B']]);
    const asked = (study: string | null): WardenEvent => ({
      ...revoked,
      share,
      name: 'access.granted',
      detail: { count: 1, until: 0, level: 'study', method: 'get', study, serverId: null },
    });
    expect(write(asked('2')).filing).toMatchObject({ study: '2', furtherStudies: [] });
    expect(write(asked(null)).filing).toMatchObject({ study: '1', furtherStudies: ['2', '3'] });
    const long = write({ ...revoked, actor: { ...revoked.actor, id: 'x'.repeat(300) } });
    expect(long.filing.actorId).toBe('x'.repeat(256));
  });

  it('takes a salt for each half, and none where there is nothing to erase', () => {
    let taken = 0;
    const next = (): Buffer => Buffer.alloc(16, ++taken);
    expect(writeEvent(expired, next).erasable).toBeNull();
    expect([writeEvent(revoked, next), writeEvent(revoked, next)].map(({ erasable }) => erasable?.salt[0])).toEqual([
      1, 2,
    ]);
    expect(recordOf(expired)['erasable']).toBeNull();
  });

  it('is blank where it was erased', () => {
    expect(readEvent(recordOf(revoked), null)).toEqual({
      ...revoked,
      actor: { ...revoked.actor, name: '' },
      source: { address: null, userAgent: null, requestId: 'abc-1' },
      share: { ...revoked.share, patients: [] },
      detail: { why: '', ruleId: null },
    });
  });

  it('loses NUL, and has lone surrogates replaced', () => {
    const because = (why: string): WardenEvent => ({ ...revoked, detail: { why, ruleId: null } });
    expect(read(write(because('a\0b\ud800c')))).toEqual(because('ab\ufffdc'));
    expect(read(write(because('x😀')))).toEqual(because('x😀'));
  });

  it('holds 512 characters of a user agent, and never half of one', () => {
    const userAgent = `${'x'.repeat(511)}😀 and more`;
    const back = read(write({ ...revoked, source: { ...noSource, userAgent } }));
    expect(back?.source.userAgent).toBe(`${'x'.repeat(511)}\ufffd`);
  });

  it('has bounds', () => {
    const studies = Array.from({ length: 10_000 }, (_, index) => `1.2.${index}.${'9'.repeat(1_000)}`);
    const back = read(write({ ...revoked, share: { ...revoked.share, studies } }));
    expect([back?.share?.studies.length, back?.share?.studies[0]?.length]).toEqual([2_000, 256]);
  });

  it('holds no member that is not named here', () => {
    const careless = {
      ...expired,
      token: 'eyJ…',
      share: { ...expired.share, pin: '482913' },
      detail: { pin: '482913' },
    };
    const written = write(careless as unknown as WardenEvent);
    expect(JSON.stringify(written)).not.toMatch(/eyJ|482913/);
    expect(read(written)).toEqual(expired);
  });

  it('is the same in whatever order its members come', () => {
    const turned = Object.fromEntries(Object.entries(revoked).reverse()) as unknown as WardenEvent;
    expect(write(turned)).toEqual(write(revoked));
  });
});

describe('readEvent', () => {
  const record = recordOf(expired);
  const { at: _at, ...withoutMoment } = record;

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'share.expired'],
    ['a list', [record]],
    ['a name that is not on the list', { ...record, name: 'share.lost' }],
    ['a name that every object has', { ...record, name: 'constructor' }],
    ['the detail of another name', { ...record, detail: { attempts: 3 } }],
    ['a form of a later release', { ...record, version: 3 }],
    ['a member too many', { ...record, more: 1 }],
    ['a member too few', withoutMoment],
    ['a moment in words', { ...record, at: '2026-11-21T08:00:00Z' }],
    ['a moment that no calendar has', { ...record, at: 8.65e15 }],
    ['an unknown outcome', { ...record, outcome: 'fine' }],
    ['an unknown kind of actor', { ...record, actor: { ...record['actor'], kind: 'robot' } }],
    ['an id that is no UUID', { ...record, id: '1' }],
    ['a NUL', { ...record, reason: 'a\0' }],
    ['half a character', { ...record, reason: '\udc00' }],
    ['a text beyond its bound', { ...record, reason: 'x'.repeat(65) }],
    ['a study that is no text', { ...record, share: { ...record['share'], studies: [1] } }],
    ['what can be erased where it cannot', { ...record, actor: { ...record['actor'], name: 'Ada' } }],
    ['a commitment that is no hash', { ...record, erasable: 'x' }],
    ['no commitment', { ...record, erasable: undefined }],
  ])('refuses %s', (_title, json) => {
    expect(readEvent(record, null)).toEqual(expired);
    expect(readEvent(json, null)).toBeNull();
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['a text', 'Ada'],
    ['a member that stays', { at: 1 }],
    ['a member that nobody knows', { more: 1 }],
    ['a member of the wrong kind', { actor: { name: 1 } }],
    ['a name beyond its bound', { actor: { name: 'x'.repeat(257) } }],
    ['a member deeper down that stays', { actor: { name: 'Ada', id: 'other' } }],
    ['a detail of another event', { detail: { to: 'a@example.org' } }],
  ])('refuses as the erasable half %s', (_title, half) => {
    expect(readEvent(recordOf(revoked), half)).toBeNull();
  });

  it('reads what was recorded before there was a chain', () => {
    const { at, id, name, actor, source, share, outcome, reason, detail } = revoked;
    const first = { version: 1, id, name, at, actor, source, share, outcome, reason, detail };
    expect(readEvent(first, null)).toEqual(revoked);
    expect(readEvent({ ...first, erasable: null }, null)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        expect(readEvent(one, other)).toBeNull();
        expect(() => readEvent(record, other)).not.toThrow();
      }),
    );
  });
});

it('every event is of a class', () => {
  expect(eventNames.filter((name) => !eventClasses.includes(classOf(name)))).toEqual([]);
});

it('the list of events is closed', () => {
  expect(eventNames).toEqual([
    'share.created',
    'share.sent',
    'share.opened',
    'share.refused',
    'share.locked',
    'share.changed',
    'share.revoked',
    'share.expired',
    'revocation-rule.added',
    'access.disclosed',
    'access.granted',
    'access.denied',
    'profile.resolved',
    'api-key.used',
    'api-key.created',
    'api-key.rotated',
    'api-key.revoked',
    'roles.changed',
    'share-policy.changed',
    'settings.loaded',
    'service.started',
    'service.stopped',
    'audit.read',
    'audit.exported',
    'audit.checkpoint',
    'audit.lost',
    'audit.erased',
    'audit.expired',
  ]);
});
