import type { WardenEvent } from '@warden/events';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { Log, type LogFields } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { AccessRecorder, type AskedToken, type RecorderSettings } from './access-recorder.js';
import { FlushAccessEvents } from './flush-access-events.usecase.js';
import { RememberedShares } from './remembered-shares.js';
import { type ShareOfToken, SharesOfTokens } from './shares-of-tokens.js';

const start = Date.UTC(2026, 10, 21);

class MovedClock extends Clock {
  passed = 0;
  now(): number {
    return start + this.passed;
  }
  monotonic(): number {
    return this.passed;
  }
}

class KeptLog extends Log {
  readonly lines: [string, LogFields | undefined][] = [];
  info(): void {}
  line(): void {}
  flush(): void {}
  warn(event: string, fields?: LogFields): void {
    this.lines.push([event, fields]);
  }
  error(event: string, fields?: LogFields): void {
    this.lines.push([event, fields]);
  }
}

/** Fails while it is down, for some classes of events or for all. */
class OutagedEventLog extends InMemoryEventLog {
  down: (event: WardenEvent) => boolean = () => false;
  readonly sizes: number[] = [];
  hangs: Promise<void> | null = null;
  override async append(events: readonly WardenEvent[]): Promise<void> {
    await this.hangs;
    if (events.some(this.down)) throw new Error('the database is down');
    this.sizes.push(events.length);
    await super.append(events);
  }
}

class FakeShares extends SharesOfTokens {
  readonly known = new Map<string, ShareOfToken>();
  readonly asked: (readonly string[])[] = [];
  byIdentity(identities: readonly string[]): Promise<ReadonlyMap<string, ShareOfToken>> {
    this.asked.push(identities);
    return Promise.resolve(new Map([...this.known].filter(([identity]) => identities.includes(identity))));
  }
}

const shareOf = (identity: string, more: Partial<ShareOfToken> = {}): ShareOfToken => ({
  id: '01930000-0000-7000-8000-000000000001',
  identity,
  type: 'stone-viewer-publication',
  studies: ['1.2.3', '1.2.4', '1.2.5'],
  patients: ['P1', 'P2'],
  origin: 'minted',
  resolved: [
    { study: '1.2.3', orthancId: 'o-3', patient: 'P1' },
    { study: '1.2.4', orthancId: 'o-4', patient: 'P2' },
  ],
  sharedPatients: [],
  ...more,
});

class Flushing {
  readonly clock = new MovedClock();
  readonly log = new KeptLog();
  readonly events = new OutagedEventLog();
  readonly shares = new FakeShares();
  readonly recorder: AccessRecorder;
  readonly flush: FlushAccessEvents;

  constructor(settings: Partial<RecorderSettings> = {}) {
    this.recorder = new AccessRecorder(settings);
    this.flush = new FlushAccessEvents(this.recorder, this.events, this.shares, this.clock, this.log);
  }

  asks(identity: string, reason = 'granted', more: Partial<AskedToken> & { study?: string } = {}): void {
    const { study = '1.2.3', ...rest } = more;
    const question = { level: 'study', method: 'get', dicomUid: study, orthancId: null, serverId: 'orthanc' };
    const token = { identity, parent: null, resources: [], ...rest };
    const answer = { granted: reason === 'granted', reason };
    this.recorder.judged(question, answer, token, 'basic:plugin', this.clock.now());
  }

  /** Lets so many milliseconds pass, as the timer would have it. */
  async pass(ms: number): Promise<void> {
    for (const end = this.clock.passed + ms; this.clock.passed < end;) {
      this.clock.passed = Math.min(this.clock.passed + 50, end);
      this.flush.tick();
      for (let turn = 0; turn < 20; turn++) await Promise.resolve();
    }
  }

  get names(): string[] {
    return this.events.events.map(({ name }) => name);
  }
}

describe('an access', () => {
  it('is told as a disclosure within 50 ms, then once for each window', async () => {
    const flushing = new Flushing();
    const { events } = flushing.events;
    flushing.asks('a');
    await flushing.pass(50);
    expect(flushing.names).toEqual(['access.disclosed']);
    for (let times = 0; times < 4; times++) {
      flushing.asks('a');
      await flushing.pass(3_000);
    }
    expect(events.slice(1).map(({ name, at, detail }) => [name, at - start, detail])).toEqual([
      [
        'access.granted',
        50,
        { count: 4, until: start + 9_050, level: 'study', method: 'get', study: '1.2.3', serverId: 'orthanc' },
      ],
    ]);
  });

  it('is told of the recipient of the share, and of no study or patient but the one asked for', async () => {
    const flushing = new Flushing();
    flushing.shares.known.set('share', shareOf('share'));
    const parent = { identity: 'share', issuedAt: 0 };
    flushing.asks('viewer', 'granted', { parent, study: '1.2.4' });
    flushing.asks('share', 'granted', { study: 'o-3' });
    flushing.asks('share', 'granted', { study: '1.2.5' });
    await flushing.pass(50);
    const told = flushing.events.events.map((event) => [
      event.actor,
      event.share?.identity,
      event.share?.studies,
      event.share?.patients,
      (event.detail as { study: string }).study,
      event.reason,
    ]);
    const actor = { kind: 'recipient', id: 'share', name: '' };
    expect(told).toEqual([
      [actor, 'share', ['1.2.4'], ['P2'], '1.2.4', null],
      [actor, 'share', ['1.2.3'], ['P1'], '1.2.3', null],
      [actor, 'share', ['1.2.5'], [], '1.2.5', null],
    ]);
  });

  it('by a link from elsewhere is marked: who shared it is unknown', async () => {
    const flushing = new Flushing();
    flushing.shares.known.set('adopted', shareOf('adopted', { origin: 'adopted' }));
    flushing.asks('adopted');
    flushing.asks('not adopted yet', 'granted', { study: '1.2.9' });
    flushing.asks('not adopted yet', 'expired');
    await flushing.pass(60_050);
    const told = flushing.events.events.map(({ share, reason, detail, actor }) => [
      share?.identity,
      reason,
      (detail as { study: string }).study,
      actor.id,
    ]);
    expect(told).toEqual([
      ['adopted', 'sharer-unknown', '1.2.3', 'adopted'],
      [undefined, 'sharer-unknown', '1.2.9', 'not adopted yet'],
      [undefined, 'expired', '1.2.3', 'not adopted yet'],
    ]);
  });

  it('that was denied is told with its reason; a hundred in a minute are no slip any more', async () => {
    const flushing = new Flushing();
    flushing.shares.known.set('a', shareOf('a'));
    for (let times = 0; times < 99; times++) flushing.asks('a', 'outside-grant', { study: '9.9' });
    for (let times = 0; times < 100; times++) flushing.asks('a', 'revoked');
    flushing.recorder.judged(
      { level: 'study', method: 'get', dicomUid: '9.9', orthancId: null, serverId: null },
      { granted: false, reason: 'bad-signature' },
      null,
      'basic:plugin',
      flushing.clock.now(),
    );
    await flushing.pass(60_050);
    const told = flushing.events.events.map(({ name, reason, outcome, actor, share }) => [
      name,
      reason,
      outcome,
      `${actor.kind} ${actor.id}`,
      share?.studies.length,
      share?.patients,
    ]);
    expect(told).toEqual([
      ['access.denied', 'outside-grant', 'minor-failure', 'recipient a', 3, ['P1', 'P2']],
      ['access.denied', 'revoked', 'serious-failure', 'recipient a', 1, ['P1']],
      ['access.denied', 'bad-signature', 'minor-failure', 'plugin basic:plugin', undefined, undefined],
    ]);
  });
});

it('profiles and keys are told with who it was', async () => {
  const flushing = new Flushing();
  const ada = { kind: 'user', id: 'keycloak:1', name: 'Ada' } as const;
  const keyId = '01930000-0000-7000-8000-000000000001';
  const key = { kind: 'api-key', id: `key:${keyId}`, name: 'nightly' } as const;
  flushing.recorder.profileResolved(ada, 'bearer', ['doctor'], start);
  flushing.recorder.apiKeyUsed(keyId, key, start);
  flushing.recorder.apiKeyUsed(keyId, key, start + 10);
  await flushing.pass(300_050);
  expect(flushing.events.events.map(({ name, actor, detail }) => [name, actor, detail])).toEqual([
    ['profile.resolved', ada, { count: 1, until: start, via: 'bearer', roles: ['doctor'] }],
    ['api-key.used', key, { count: 2, until: start + 10, keyId }],
  ]);
});

describe('writing', () => {
  it('asks for nothing where there is nothing', async () => {
    const flushing = new Flushing();
    await flushing.pass(1_000);
    expect([flushing.shares.asked, flushing.events.sizes]).toEqual([[], []]);
  });

  it('takes 2,000 at once at the most, in their order, each with an id above the one before', async () => {
    const flushing = new Flushing();
    for (let index = 0; index < 4_500; index++) flushing.asks(`${index}`);
    await flushing.pass(50);
    expect(flushing.events.sizes).toEqual([2_000, 2_000, 500]);
    expect(flushing.events.events.map(({ actor }) => actor.id)).toEqual(
      Array.from({ length: 4_500 }, (_, i) => `${i}`),
    );
    const ids = flushing.events.events.map(({ id }) => id);
    expect([...ids].sort()).toEqual(ids);
  });

  it('is tried again later and later, keeps the order, and tells of the loss when it succeeds', async () => {
    const flushing = new Flushing({ disclosures: 3 });
    for (const name of ['a', 'b', 'c', 'd']) flushing.asks(name);
    let attempts = 0;
    flushing.events.down = () => ++attempts > 0;
    await flushing.pass(60_000);
    // 250 ms, 500 ms, then every second: what is lost meanwhile is no more than what comes in one.
    expect(attempts).toBeGreaterThan(55);
    expect(attempts).toBeLessThan(65);
    flushing.asks('e');
    await flushing.pass(5_000);
    expect(flushing.events.events).toEqual([]);
    flushing.events.down = () => false;
    await flushing.pass(1_100);
    const told = flushing.events.events.map(({ name, actor, reason, at, detail }) => [
      name,
      actor.id,
      reason,
      at - start,
      (detail as { count: number }).count,
      (detail as { until: number }).until - start,
    ]);
    expect(told).toEqual([
      ['access.disclosed', 'a', 'sharer-unknown', 0, 1, 0],
      ['access.disclosed', 'b', 'sharer-unknown', 0, 1, 0],
      ['access.disclosed', 'c', 'sharer-unknown', 0, 1, 0],
      ['audit.lost', 'system:warden', 'buffer-full', 0, 1, 0],
      ['audit.lost', 'system:warden', 'database-unavailable', 60_000, 1, 60_000],
    ]);
    flushing.asks('d');
    await flushing.pass(50);
    expect(flushing.names.at(-1)).toBe('access.disclosed');
    expect(flushing.log.lines.map(([event, fields]) => [event, fields?.['lane']])).toEqual([
      ['access-events-lost', 'disclosure'],
      ['access-events-postponed', 'disclosure'],
      ['access-events-lost', 'disclosure'],
    ]);
  });

  it('of one lane does not wait for another', async () => {
    const flushing = new Flushing();
    flushing.events.down = ({ name }) => name === 'access.denied';
    for (let index = 0; index < 10_000; index++) flushing.asks(`${index}`, 'expired');
    await flushing.pass(100);
    flushing.asks('a');
    await flushing.pass(50);
    flushing.asks('a');
    await flushing.pass(10_000);
    expect(flushing.names).toEqual(['access.disclosed', 'access.granted']);
    flushing.events.down = () => false;
    await flushing.pass(70_000);
    const denied = flushing.events.events.filter(({ name }) => name === 'access.denied');
    expect(denied).toHaveLength(5_000);
    expect(flushing.events.events.filter(({ name }) => name === 'audit.lost')).toMatchObject([
      { outcome: 'serious-failure', detail: { lane: 'denial', count: 5_000 } },
    ]);
  });

  it('tells a loss in the log at most every ten seconds', async () => {
    const flushing = new Flushing({ denials: 0 });
    for (let times = 0; times < 25; times++) {
      flushing.asks(`${times}`, 'expired');
      await flushing.pass(1_000);
    }
    const lines = flushing.log.lines.filter(([event]) => event === 'access-events-lost');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    expect(lines.length).toBeLessThanOrEqual(3);
  });

  it('goes on when the shares cannot be asked for, later', async () => {
    const flushing = new Flushing();
    const asking = jest.spyOn(flushing.shares, 'byIdentity').mockRejectedValueOnce(new Error('down'));
    flushing.asks('a');
    await flushing.pass(200);
    expect(flushing.names).toEqual([]);
    await flushing.pass(200);
    expect(flushing.names).toEqual(['access.disclosed']);
    asking.mockRestore();
  });
});

describe('the end', () => {
  it('writes open windows and losses too, and begins nothing afterwards', async () => {
    const flushing = new Flushing({ grants: 1 });
    for (const name of ['a', 'a', 'b', 'b']) flushing.asks(name);
    flushing.asks('a', 'expired');
    await flushing.flush.stop();
    expect([...flushing.names].sort()).toEqual([
      'access.denied',
      'access.disclosed',
      'access.disclosed',
      'access.granted',
      'audit.lost',
    ]);
    flushing.asks('c');
    await flushing.pass(1_000);
    await flushing.flush.stop();
    expect(flushing.names).toHaveLength(5);
  });

  it.each(['fails', 'hangs'])(
    'takes two seconds at the most when the database %s, and says what is gone',
    async (how) => {
      const flushing = new Flushing();
      for (const name of ['a', 'a', 'a', 'b']) flushing.asks(name);
      if (how === 'hangs') flushing.events.hangs = new Promise(() => undefined);
      else flushing.events.down = () => true;
      const begun = performance.now();
      await flushing.flush.stop();
      const took = performance.now() - begun;
      expect(took).toBeGreaterThan(1_900);
      expect(took).toBeLessThan(3_000);
      expect(flushing.log.lines.filter(([event]) => event === 'access-events-abandoned')).toEqual([
        ['access-events-abandoned', { lane: 'disclosure', entries: 2, questions: 2 }],
        ['access-events-abandoned', { lane: 'access', entries: 1, questions: 2 }],
      ]);
    },
  );

  it('comes while a batch is under way: nothing is written twice', async () => {
    const flushing = new Flushing();
    let go = (): void => undefined;
    flushing.events.hangs = new Promise((resolve) => (go = resolve));
    flushing.asks('a');
    await flushing.pass(50);
    const stopped = flushing.flush.stop();
    flushing.asks('b');
    go();
    await stopped;
    expect(flushing.events.events.map(({ actor }) => actor.id)).toEqual(['a', 'b']);
  });
});

it('writes by itself once it is started', async () => {
  const flushing = new Flushing();
  flushing.flush.start();
  flushing.flush.start();
  flushing.asks('a');
  for (let waited = 0; waited < 100 && flushing.names.length === 0; waited++)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(flushing.names).toEqual(['access.disclosed']);
  await flushing.flush.stop();
});

describe('remembered shares', () => {
  it('are asked for once, those without patients again after a minute, and unknown ones each time', async () => {
    const clock = new MovedClock();
    const registry = new FakeShares();
    registry.known.set('a', shareOf('a'));
    registry.known.set('young', shareOf('young', { patients: [], resolved: [] }));
    const shares = new RememberedShares(registry, clock);
    const all = ['a', 'young', 'unknown', '__proto__', 'a'];
    expect([...(await shares.byIdentity(all)).keys()]).toEqual(['a', 'young']);
    clock.passed = 59_999;
    expect([...(await shares.byIdentity(all)).keys()]).toEqual(['a', 'young']);
    registry.known.set('young', shareOf('young'));
    clock.passed = 60_000;
    expect((await shares.byIdentity(all)).get('young')?.patients).toEqual(['P1', 'P2']);
    clock.passed = 1e9;
    await shares.byIdentity(['a', 'young']);
    expect(registry.asked).toEqual([
      ['a', 'young', 'unknown', '__proto__'],
      ['unknown', '__proto__'],
      ['young', 'unknown', '__proto__'],
    ]);
  });

  it('are the ones that were asked for last', async () => {
    const registry = new FakeShares();
    const names = Array.from({ length: 10_001 }, (_, index) => `${index}`);
    for (const name of names) registry.known.set(name, shareOf(name, { studies: [], patients: ['P'], resolved: [] }));
    const shares = new RememberedShares(registry, new MovedClock());
    await shares.byIdentity(names.slice(0, 10_000));
    await shares.byIdentity(['0']);
    await shares.byIdentity(['10000']);
    registry.asked.length = 0;
    await shares.byIdentity(['0', '10000', '2']);
    await shares.byIdentity(['1']);
    expect(registry.asked).toEqual([['1']]);
  });

  it('are few when they hold many studies', async () => {
    const registry = new FakeShares();
    const studies = Array.from({ length: 40_000 }, (_, index) => `${index}`);
    for (const name of ['a', 'b', 'c']) registry.known.set(name, shareOf(name, { studies }));
    const shares = new RememberedShares(registry, new MovedClock());
    for (const name of ['a', 'b', 'c', 'c', 'b', 'a']) await shares.byIdentity([name]);
    expect(registry.asked).toEqual([['a'], ['b'], ['c'], ['a']]);
  });
});
