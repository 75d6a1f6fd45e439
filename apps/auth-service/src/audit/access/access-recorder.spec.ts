import fc from 'fast-check';
import type { Lane } from './access-lane.js';
import { type AccessQuestion, AccessRecorder, type AskedToken, type RecorderSettings } from './access-recorder.js';
import { GatheredAccess, type GatheredEntry, GatheredUse } from './gathered-access.js';

const start = Date.UTC(2026, 10, 21);
const second = 1_000;
const minute = 60_000;
const hour = 3_600_000;

const question = (more: Partial<AccessQuestion> = {}): AccessQuestion => ({
  level: 'study',
  method: 'get',
  dicomUid: '1.2.3',
  orthancId: 'o-1',
  serverId: 'orthanc',
  ...more,
});
const token = (identity: string, more: Partial<AskedToken> = {}): AskedToken => ({
  identity,
  parent: null,
  resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: 'o-1', url: null }],
  ...more,
});

class Asking {
  now = start;
  readonly recorder: AccessRecorder;

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.recorder = new AccessRecorder(settings);
  }

  grants(of: AskedToken, more: Partial<AccessQuestion> = {}): boolean {
    return this.recorder.judged(question(more), { granted: true, reason: 'granted' }, of, 'basic:p', this.now);
  }

  denies(reason: string, of: AskedToken | null = null, more: Partial<AccessQuestion> = {}, asker = 'basic:p'): boolean {
    return this.recorder.judged(question(more), { granted: false, reason }, of, asker, this.now);
  }

  /** Writes what is due, or all of it. */
  written(lane: Lane<GatheredEntry>, all = true): GatheredAccess[] {
    const entries = lane.next(this.now, 100_000, all)?.entries ?? [];
    lane.written();
    return entries.map((entry) => entry as GatheredAccess);
  }
}

const told = ({ name, key, study, level, method, count, at, until }: GatheredAccess): unknown[] => [
  name,
  key,
  study ?? level,
  method,
  count,
  at - start,
  until - start,
];

describe('grants', () => {
  it('are a disclosure the first time, and then told of together, window by window', () => {
    const asking = new Asking();
    const { disclosures, accesses } = asking.recorder;
    asking.grants(token('a'));
    expect(asking.written(disclosures, false).map(told)).toEqual([['access.disclosed', 'a', '1.2.3', 'get', 1, 0, 0]]);
    for (const after of [1, 4, 9_999]) {
      asking.now = start + after;
      asking.grants(token('a'));
    }
    expect(asking.written(accesses, false)).toEqual([]);
    asking.now = start + 10_001;
    asking.grants(token('a'));
    expect(asking.written(accesses, false).map(told)).toEqual([['access.granted', 'a', '1.2.3', 'get', 3, 1, 9_999]]);
    expect(asking.written(accesses).map(told)).toEqual([['access.granted', 'a', '1.2.3', 'get', 1, 10_001, 10_001]]);
    expect(disclosures.held).toBe(0);
  });

  it('are a disclosure again after an hour, and not a moment before', () => {
    const asking = new Asking();
    const asks = () => {
      for (const dicomUid of ['1.2.3', '1.2.4', '1.2.5']) asking.grants(token('a'), { dicomUid });
      asking.recorder.tidy(asking.now);
    };
    asks();
    asking.now = start + hour - 1;
    asks();
    expect(asking.written(asking.recorder.disclosures)).toHaveLength(3);
    asking.now = start + hour;
    asks();
    asking.now += second;
    asks();
    expect(asking.written(asking.recorder.disclosures)).toHaveLength(3);
    expect(asking.written(asking.recorder.accesses)).toHaveLength(6);
  });

  it('are told of apart by token, study, level that is none of a study, and kind of method', () => {
    const asking = new Asking();
    const things: [AskedToken, Partial<AccessQuestion>][] = [
      [token('a'), {}],
      [token('b'), {}],
      [token('a'), { dicomUid: '1.2.4' }],
      [token('a'), { level: 'patient', dicomUid: '1.2.3' }],
      [token('a'), { level: 'series', dicomUid: '1.2.3' }],
      [token('a'), { level: 'series', dicomUid: '1.2.3.4' }],
    ];
    for (let times = 0; times < 3; times++) {
      for (const [of, more] of things) asking.grants(of, more);
      asking.grants(token('a'), { method: 'post' });
    }
    expect(asking.written(asking.recorder.disclosures).map(told)).toEqual([
      ['access.disclosed', 'a', '1.2.3', 'get', 1, 0, 0],
      ['access.disclosed', 'b', '1.2.3', 'get', 1, 0, 0],
      ['access.disclosed', 'a', '1.2.4', 'get', 1, 0, 0],
      ['access.disclosed', 'a', 'patient', 'get', 1, 0, 0],
      ['access.disclosed', 'a', 'series', 'get', 1, 0, 0],
    ]);
    expect(asking.written(asking.recorder.accesses).map(told)).toEqual([
      ['access.granted', 'a', 'series', 'get', 5, 0, 0],
      ['access.granted', 'a', '1.2.3', 'post', 3, 0, 0],
      ['access.granted', 'a', '1.2.3', 'get', 2, 0, 0],
      ['access.granted', 'b', '1.2.3', 'get', 2, 0, 0],
      ['access.granted', 'a', '1.2.4', 'get', 2, 0, 0],
      ['access.granted', 'a', 'patient', 'get', 2, 0, 0],
    ]);
  });

  it('of a viewer are told of apart by its own token, and as the share that it was given for', () => {
    const asking = new Asking();
    const parent = { identity: 'share', issuedAt: 0 };
    for (const session of ['first', 'second']) asking.grants(token(session, { parent }));
    expect(asking.written(asking.recorder.disclosures).map(({ key, share }) => [key, share])).toEqual([
      ['first', 'share'],
      ['second', 'share'],
    ]);
  });

  it('tell the UID of a study that was asked for by its Orthanc id alone, or without a level', () => {
    const asking = new Asking();
    asking.grants(token('a'), { dicomUid: null });
    asking.grants(token('a'), { dicomUid: '', level: null });
    asking.grants(token('a'), { level: null });
    asking.grants(token('a'), { dicomUid: null, orthancId: 'unknown' });
    expect(asking.written(asking.recorder.disclosures).map(({ study }) => study)).toEqual(['1.2.3', 'unknown']);
    expect(asking.written(asking.recorder.accesses).map(told)).toEqual([
      ['access.granted', 'a', '1.2.3', 'get', 2, 0, 0],
    ]);
  });

  it('never tell a PatientID as a study', () => {
    const asking = new Asking();
    const patient = { level: 'patient', dicomUid: 'Doe^Jane', orthancId: 'p-1', url: null } as const;
    asking.grants(token('a', { resources: [patient] }), { level: 'patient', dicomUid: 'Doe^Jane' });
    asking.grants(token('b', { resources: [patient] }), { level: null, dicomUid: 'Doe^Jane', orthancId: null });
    asking.denies('outside-grant', token('a'), { level: 'patient', dicomUid: 'Doe^Jane' });
    asking.denies('no-token', null, { level: null, dicomUid: 'Doe^Jane' });
    const { disclosures, denials } = asking.recorder;
    for (const entry of [...asking.written(disclosures), ...asking.written(denials)]) expect(entry.study).toBeNull();
  });

  it('hold ids of 256 characters at the most, and keep one entry for what then looks the same', () => {
    const asking = new Asking();
    const long = '1'.repeat(10_000);
    for (const end of ['a', 'b']) asking.grants(token('a'), { dicomUid: long + end, serverId: long });
    const [entry] = asking.written(asking.recorder.disclosures);
    expect([entry?.study?.length, entry?.serverId?.length]).toEqual([256, 256]);
    expect(asking.written(asking.recorder.accesses)).toHaveLength(1);
  });

  it('take names that every object has for what they are', () => {
    const asking = new Asking();
    const names = ['__proto__', 'constructor', 'toString', ''];
    for (let times = 0; times < 2; times++)
      for (const name of names) {
        asking.grants(token(name), { dicomUid: name || null, orthancId: null, serverId: name });
        asking.denies(name, token(name), { serverId: name }, name);
        asking.recorder.profileResolved({ kind: 'user', id: name, name: '' }, name, [], asking.now);
      }
    const { disclosures, denials, accesses } = asking.recorder;
    expect(asking.written(disclosures).map(({ key }) => key)).toEqual(names);
    expect(asking.written(denials).map(({ key, count }) => [key, count])).toEqual(names.map((name) => [name, 2]));
    expect(asking.written(accesses).map(({ count }) => count)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('are not held open by a clock that is set back', () => {
    const asking = new Asking();
    asking.grants(token('a'));
    asking.grants(token('a'));
    asking.now = start - 24 * hour;
    asking.grants(token('a'));
    expect(asking.written(asking.recorder.accesses, false)).toHaveLength(1);
    expect(asking.written(asking.recorder.disclosures, false)).toHaveLength(2);
  });

  it('of what was forgotten before its time are a disclosure anew', () => {
    const asking = new Asking({ remembered: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'd', 'b', 'a']) asking.grants(token(name));
    expect(asking.written(asking.recorder.disclosures).map(({ key }) => key)).toEqual(['a', 'b', 'c', 'd', 'a']);
    expect(asking.written(asking.recorder.accesses).map(({ key }) => key)).toEqual(['d', 'b']);
  });

  it('of a token for many things are remembered one by one', () => {
    const asking = new Asking({ remembered: 4 });
    const studies = ['1', '2', '3', '4'];
    for (const dicomUid of [...studies, ...studies, '5', ...studies.slice(1), '1'])
      asking.grants(token('a'), { dicomUid });
    expect(asking.written(asking.recorder.disclosures).map(({ study }) => study)).toEqual([...studies, '5', '1']);
  });
});

describe('denials', () => {
  it('are told of together by reason, token, server and caller for a minute', () => {
    const asking = new Asking();
    const expired = token('a');
    asking.denies('expired', expired);
    asking.denies('expired', expired);
    asking.denies('revoked', expired);
    asking.denies('expired', token('b'));
    asking.denies('expired', expired, { serverId: null });
    asking.denies('expired', expired, {}, 'key:1');
    asking.now += minute - 1;
    asking.denies('expired', expired);
    expect(asking.written(asking.recorder.denials, false)).toEqual([]);
    asking.now += 1;
    asking.denies('expired', expired);
    const counts = asking
      .written(asking.recorder.denials, false)
      .map(({ reason, key, serverId, asker, count }) => [reason, key, serverId, asker, count]);
    expect(counts).toEqual([
      ['expired', 'a', 'orthanc', 'basic:p', 3],
      ['revoked', 'a', 'orthanc', 'basic:p', 1],
      ['expired', 'b', 'orthanc', 'basic:p', 1],
      ['expired', 'a', null, 'basic:p', 1],
      ['expired', 'a', 'orthanc', 'key:1', 1],
    ]);
    asking.denies('expired', expired);
    expect(asking.recorder.denials.held).toBe(1);
  });

  it('of texts that no key of ours signed are one, however many there are', () => {
    const asking = new Asking();
    for (let times = 0; times < 100_000; times++) asking.denies('bad-signature', null, { dicomUid: `1.${times}` });
    const entries = asking.written(asking.recorder.denials);
    expect(entries.map(({ key, share, asker, count }) => [key, share, asker, count])).toEqual([
      ['', '', 'basic:p', 100_000],
    ]);
  });

  it('tell of what was asked only what all of them had in common', () => {
    const asking = new Asking();
    const common = ({ level, method, study }: GatheredAccess) => ({ level, method, study });
    asking.denies('outside-grant', token('a'));
    asking.denies('outside-grant', token('a'), { dicomUid: '1.2.4' });
    asking.denies('outside-grant', token('a'));
    asking.denies('outside-grant', token('b'));
    asking.denies('outside-grant', token('b'), { level: 'series', method: 'put' });
    expect(asking.written(asking.recorder.denials).map(common)).toEqual([
      { level: 'study', method: 'get', study: null },
      { level: null, method: null, study: null },
    ]);
  });
});

it('profiles and keys are told of together for five minutes', () => {
  const asking = new Asking();
  const { recorder } = asking;
  const ada = { kind: 'user', id: 'keycloak:1', name: 'Ada' } as const;
  for (const after of [0, 1, 5 * minute - 1, 5 * minute]) {
    recorder.profileResolved(ada, 'bearer', ['doctor'], start + after);
    recorder.profileResolved({ ...ada, id: 'keycloak:2' }, 'bearer', [], start + after);
    recorder.profileResolved(ada, 'api-key', ['doctor'], start + after);
    recorder.apiKeyUsed('01930000-0000-7000-8000-000000000001', { ...ada, kind: 'api-key' }, start + after);
  }
  asking.now = start + 5 * minute;
  const due = recorder.accesses.next(asking.now, 100, false)?.entries ?? [];
  expect(due.every((entry) => entry instanceof GatheredUse)).toBe(true);
  expect(due.map(({ count, until }) => [count, until - start])).toEqual(Array(4).fill([3, 5 * minute - 1]));
  recorder.accesses.written();
  expect(recorder.accesses.held).toBe(4);
});

describe('a lane', () => {
  const bounds = { disclosures: 10, grants: 20, denials: 5 };

  it('that is full loses newcomers, counts them, and goes on gathering in what is open', () => {
    const asking = new Asking({ ...bounds, grants: 2 });
    for (const name of ['a', 'b', 'c']) asking.grants(token(name));
    asking.written(asking.recorder.disclosures);
    asking.now += 7;
    for (const name of ['a', 'b', 'c', 'c', 'b']) asking.grants(token(name));
    const { accesses } = asking.recorder;
    expect(accesses.lost).toBe(2);
    const batch = accesses.next(asking.now, 100, true);
    expect(batch?.losses).toEqual([{ reason: 'buffer-full', count: 2, first: asking.now, last: asking.now }]);
    expect(batch?.entries.map(({ count }) => count)).toEqual([1, 2]);
    accesses.written();
    asking.grants(token('c'));
    expect(accesses.held).toBe(1);
  });

  it('is flooded without delaying or evicting anything of another', () => {
    const asking = new Asking(bounds);
    const { disclosures, accesses, denials } = asking.recorder;
    for (let index = 0; index < 100; index++) asking.denies('expired', token(`${index}`));
    expect([denials.held, denials.lost]).toEqual([5, 95]);
    for (let index = 0; index < 30; index++)
      asking.recorder.profileResolved({ kind: 'user', id: `${index}`, name: '' }, 'bearer', [], asking.now);
    expect([accesses.held, accesses.lost]).toEqual([20, 10]);
    asking.grants(token('a'));
    expect([disclosures.held, disclosures.lost]).toEqual([1, 0]);
    expect(asking.written(disclosures, false)).toHaveLength(1);
    for (let index = 0; index < 30; index++) asking.grants(token(`${index}`));
    expect([disclosures.held, disclosures.lost, denials.held]).toEqual([10, 20, 5]);
  });

  it('closes windows before their time when it is three quarters full, the oldest first', () => {
    const asking = new Asking(bounds);
    for (let index = 0; index < 19; index++) {
      asking.grants(token(`${index}`));
      asking.written(asking.recorder.disclosures);
      asking.grants(token(`${index}`));
    }
    expect(asking.written(asking.recorder.accesses, false).map(({ key }) => key)).toEqual(['0', '1', '2', '3']);
    expect(asking.recorder.accesses.held).toBe(15);
    expect(asking.written(asking.recorder.accesses, false)).toEqual([]);
  });

  it('gives the same batch until that is written, and counts it as held', () => {
    const asking = new Asking();
    for (const name of ['a', 'b', 'c']) asking.grants(token(name));
    const { disclosures } = asking.recorder;
    const first = disclosures.next(asking.now, 2, false);
    expect(first?.entries).toHaveLength(2);
    expect(disclosures.next(asking.now, 2, false)).toBe(first);
    expect([disclosures.held, disclosures.waitingSince]).toEqual([3, start]);
    disclosures.written();
    expect(asking.written(disclosures).map(({ key }) => key)).toEqual(['c']);
    expect([disclosures.held, disclosures.waitingSince]).toEqual([0, null]);
  });

  it('tells a loss after a second, and why', () => {
    const asking = new Asking({ ...bounds, denials: 0 });
    const { denials } = asking.recorder;
    asking.denies('expired');
    denials.unavailable = true;
    asking.now += 999;
    asking.denies('expired');
    expect(denials.next(asking.now, 10, false)).toBeNull();
    asking.now += 1;
    expect(denials.next(asking.now, 10, false)?.losses).toEqual([
      { reason: 'buffer-full', count: 1, first: start, last: start },
    ]);
    denials.written();
    asking.now += 999;
    expect(denials.next(asking.now, 10, false)?.losses.map(({ reason }) => reason)).toEqual(['database-unavailable']);
  });
});

describe('strict', () => {
  it('refuses what cannot be recorded, and records the refusal', () => {
    const asking = new Asking({ strict: true, disclosures: 1 });
    const { recorder } = asking;
    expect([asking.grants(token('a')), recorder.mayGrant(asking.now)]).toEqual([true, false]);
    expect([asking.grants(token('b')), asking.grants(token('a'))]).toEqual([false, false]);
    expect(recorder.disclosures.lost + recorder.accesses.lost).toBe(0);
    asking.written(recorder.disclosures);
    expect([asking.grants(token('b')), recorder.mayGrant(asking.now)]).toEqual([true, false]);
    expect(asking.written(recorder.denials).map(({ reason, key, count }) => [reason, key, count])).toEqual([
      ['audit-unavailable', 'b', 1],
      ['audit-unavailable', 'a', 1],
    ]);
  });

  it('refuses when a disclosure has waited for more than half a minute', () => {
    const asking = new Asking({ strict: true });
    const { recorder } = asking;
    asking.grants(token('a'));
    recorder.disclosures.next(asking.now, 10, false);
    asking.now += 30_000;
    expect(asking.grants(token('a'))).toBe(true);
    asking.now += 1;
    expect([recorder.mayGrant(asking.now), asking.grants(token('a')), asking.denies('expired')]).toEqual([
      false,
      false,
      true,
    ]);
    recorder.disclosures.written();
    expect([recorder.mayGrant(asking.now), asking.grants(token('a'))]).toEqual([true, true]);
  });

  it('refuses a further use that cannot be recorded', () => {
    const asking = new Asking({ strict: true, grants: 0 });
    expect([asking.grants(token('a')), asking.grants(token('a'))]).toEqual([true, false]);
    expect(asking.recorder.accesses.lost).toBe(0);
  });

  it('is not the usual', () => {
    const asking = new Asking({ disclosures: 0, grants: 0, denials: 0 });
    expect([asking.grants(token('a')), asking.denies('expired')]).toEqual([true, true]);
    expect(asking.recorder.mayGrant(asking.now)).toBe(false);
    expect(asking.recorder.lanes.map(({ lost }) => lost)).toEqual([1, 0, 1]);
  });
});

it('every question is in an event or in a loss, once', () => {
  const name = fc.constantFrom('a', 'b', 'c', '__proto__', '');
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ does: fc.constant('grant'), name, other: name, method: fc.constantFrom('get', 'post') }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('deny', 'profile'), name, other: name }) },
    { weight: 1, arbitrary: fc.record({ does: fc.constant('wait'), ms: fc.integer({ min: -50, max: 4_000_000 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({ does: fc.constantFrom('write', 'begin'), most: fc.integer({ min: 1, max: 4 }) }),
    },
  );
  const small = fc.record({
    disclosures: fc.nat(4),
    grants: fc.nat(4),
    denials: fc.nat(4),
    remembered: fc.integer({ min: 1, max: 4 }),
    strict: fc.boolean(),
  });
  fc.assert(
    fc.property(small, fc.array(step, { maxLength: 120 }), (settings, steps) => {
      const asking = new Asking(settings);
      const { recorder } = asking;
      let asked = 0;
      let refused = 0;
      let recorded = 0;
      const write = (lane: Lane<GatheredEntry>, most: number, all: boolean) => {
        const batch = lane.next(asking.now, most, all);
        for (const { count } of [...(batch?.entries ?? []), ...(batch?.losses ?? [])]) recorded += count;
        lane.written();
        return batch !== null;
      };
      for (const one of steps) {
        if ('ms' in one) asking.now += one.ms;
        else if ('most' in one) {
          for (const lane of recorder.lanes)
            if (one.does === 'write') write(lane, one.most, false);
            else lane.next(asking.now, one.most, false);
        } else {
          asked++;
          if ('method' in one) {
            if (!asking.grants(token(one.name), { dicomUid: one.other, method: one.method })) refused++;
          } else if (one.does === 'deny') asking.denies(one.other, token(one.name));
          else recorder.profileResolved({ kind: 'user', id: one.name, name: '' }, one.other, [], asking.now);
        }
        expect(recorder.disclosures.held).toBeLessThanOrEqual(settings.disclosures);
        expect(recorder.accesses.held).toBeLessThanOrEqual(settings.grants);
        expect(recorder.denials.held).toBeLessThanOrEqual(settings.denials);
      }
      const waiting = recorder.lanes.reduce((sum, { questions }) => sum + questions, 0);
      expect(recorded + waiting).toBe(asked);
      for (const lane of recorder.lanes) while (write(lane, 3, true));
      expect(recorded).toBe(asked);
      expect(recorder.lanes.every(({ empty, held }) => empty && held === 0)).toBe(true);
      if (!settings.strict) expect(refused).toBe(0);
    }),
  );
});

describe('what the guard saw', () => {
  const origin = (address: string, userAgent: string | null = 'Stone', route: string | null = '/studies/{study}') => ({
    address,
    userAgent,
    route,
  });
  type Seen = ReturnType<typeof origin>;
  const judged = (
    asking: Asking,
    seen: Seen | null,
    reason = 'granted',
    of: AskedToken | null = token('a'),
    method = 'get',
  ) =>
    asking.recorder.judged(
      question({ method, serverId: null }),
      { granted: reason === 'granted', reason },
      of,
      'guard',
      asking.now,
      seen,
    );
  const shown = ({ name, origin: seen, route, count }: GatheredAccess) => [
    name,
    seen?.address ?? null,
    seen?.userAgent ?? null,
    route,
    count,
  ];

  it('is a disclosure for each address and each program, and told of together from then on', () => {
    const asking = new Asking();
    for (let times = 0; times < 3; times++)
      for (const seen of [
        origin('192.0.2.1'),
        origin('192.0.2.2'),
        origin('192.0.2.1', 'curl'),
        origin('192.0.2.1', null),
      ])
        judged(asking, seen);
    const route = '/studies/{study}';
    expect(asking.written(asking.recorder.disclosures).map(shown)).toEqual([
      ['access.disclosed', '192.0.2.1', 'Stone', route, 1],
      ['access.disclosed', '192.0.2.2', 'Stone', route, 1],
      ['access.disclosed', '192.0.2.1', 'curl', route, 1],
      ['access.disclosed', '192.0.2.1', null, route, 1],
    ]);
    expect(asking.written(asking.recorder.accesses).map(shown)).toEqual([
      ['access.granted', '192.0.2.1', 'Stone', route, 2],
      ['access.granted', '192.0.2.2', 'Stone', route, 2],
      ['access.granted', '192.0.2.1', 'curl', route, 2],
      ['access.granted', '192.0.2.1', null, route, 2],
    ]);
  });

  it("is kept apart from the plugin's questions about the same token", () => {
    const asking = new Asking();
    judged(asking, origin('192.0.2.1'));
    judged(asking, null);
    expect(asking.written(asking.recorder.disclosures).map(shown)).toEqual([
      ['access.disclosed', '192.0.2.1', 'Stone', '/studies/{study}', 1],
      ['access.disclosed', null, null, null, 1],
    ]);
  });

  it('tells the route that all had in common, and none where they differ', () => {
    const asking = new Asking();
    for (const route of ['/a', '/b', '/b', '/b']) judged(asking, origin('192.0.2.1', 'Stone', route));
    judged(asking, origin('192.0.2.2', 'Stone', '/a'));
    for (const route of ['/a', '/b']) judged(asking, origin('192.0.2.2', 'Stone', route));
    expect(asking.written(asking.recorder.accesses).map(({ route }) => route)).toEqual(['/b', null]);
  });

  it('is a denial of its own by method, address and program, whoever is denied', () => {
    const asking = new Asking();
    for (let times = 0; times < 2; times++) {
      for (const shownToken of [token('a'), null]) {
        judged(asking, origin('192.0.2.1'), 'outside-grant', shownToken);
        judged(asking, origin('192.0.2.1'), 'outside-grant', shownToken, 'delete');
        judged(asking, origin('192.0.2.2'), 'outside-grant', shownToken);
      }
      judged(asking, origin('192.0.2.1'), 'write-refused');
      judged(asking, null, 'outside-grant');
    }
    const denials = asking.written(asking.recorder.denials);
    expect(
      denials.map(({ share, method, reason, origin: seen, count }) => [
        share,
        method,
        reason,
        seen?.address ?? null,
        count,
      ]),
    ).toEqual([
      ['a', 'get', 'outside-grant', '192.0.2.1', 2],
      ['a', 'delete', 'outside-grant', '192.0.2.1', 2],
      ['a', 'get', 'outside-grant', '192.0.2.2', 2],
      ['', 'get', 'outside-grant', '192.0.2.1', 2],
      ['', 'delete', 'outside-grant', '192.0.2.1', 2],
      ['', 'get', 'outside-grant', '192.0.2.2', 2],
      ['a', 'get', 'write-refused', '192.0.2.1', 2],
      ['a', 'get', 'outside-grant', null, 2],
    ]);
  });

  it('keeps no more of a long name of a program than is told', () => {
    const asking = new Asking();
    judged(asking, origin('192.0.2.1', 'x'.repeat(100_000)));
    judged(asking, origin('192.0.2.1', 'x'.repeat(90_000)));
    const [entry] = asking.written(asking.recorder.disclosures);
    expect([entry?.origin?.userAgent?.length, (entry?.key.length ?? 0) < 400]).toEqual([256, true]);
    expect(asking.recorder.accesses.held).toBe(1);
  });

  it('keeps no more of a long method than is told', () => {
    const asking = new Asking();
    judged(asking, origin('192.0.2.1'), 'write-refused', token('a'), 'm'.repeat(100_000));
    const [entry] = asking.written(asking.recorder.denials);
    expect([(entry?.method?.length ?? 0) <= 256, (entry?.key.length ?? 0) < 1_000]).toEqual([true, true]);
  });

  it('of texts that no key of ours signed is not many, however many names a program gives itself', () => {
    const asking = new Asking();
    for (let times = 0; times < 10_000; times++)
      judged(asking, origin('192.0.2.1', `agent ${times}`), 'bad-signature', null, `m${times}`);
    expect([asking.recorder.denials.held < 100, asking.recorder.denials.lost]).toEqual([true, 0]);
  });

  it('of one token does not fill what is there for the disclosures of all', () => {
    const asking = new Asking({ strict: true });
    for (let times = 0; times < 10_000; times++) judged(asking, origin('192.0.2.1', `agent ${times}`));
    expect(asking.recorder.mayGrant(asking.now)).toBe(true);
  });
});
