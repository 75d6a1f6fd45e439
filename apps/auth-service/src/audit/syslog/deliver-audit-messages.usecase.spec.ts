import { type WardenEvent, itself, noSource } from '@warden/events';
import { v7 as uuidv7 } from 'uuid';
import { PinoLog } from '../../platform/observability/log.js';
import { SystemClock } from '../../platform/time/clock.js';
import { AuditDeliveryStore, type EventToDeliver } from './audit-delivery.store.js';
import { type DeliveryOptions, DeliverAuditMessages } from './deliver-audit-messages.usecase.js';
import { SyslogConnection, SyslogFault } from './syslog-connection.js';

const event = (name: string, outcome: WardenEvent['outcome'] = 'success'): WardenEvent => ({
  id: uuidv7(),
  at: 1_795_600_000_000,
  name: 'service.stopped',
  actor: { ...itself, name },
  source: noSource,
  share: null,
  outcome,
  reason: null,
  detail: {},
});

class InMemoryAuditDeliveryStore extends AuditDeliveryStore {
  events: (WardenEvent | null)[] = [];
  cursor = 0;
  taken = false;
  broken: Error | null = null;
  readonly moves: string[] = [];

  backlog() {
    if (this.broken !== null) return Promise.reject(this.broken);
    return Promise.resolve(this.events.length - this.cursor);
  }
  next(_target: string, limit: number): Promise<EventToDeliver[]> {
    const found = this.events.map((one, index) => ({ position: index + 1, event: one }));
    return Promise.resolve(found.slice(this.cursor, this.cursor + limit));
  }
  delivered(_target: string, position: number) {
    this.cursor = Math.max(this.cursor, position);
    this.moves.push(`to ${position}`);
    return Promise.resolve();
  }
  failed() {
    this.moves.push('failed');
    return Promise.resolve();
  }
  rewind(_target: string, position: number) {
    this.cursor = Math.min(this.cursor, position);
    this.moves.push(`back to ${position}`);
    return Promise.resolve();
  }
  claim<T>(_target: string, work: () => Promise<T>): Promise<T | null> {
    return this.taken ? Promise.resolve(null) : work();
  }
}

class FakeSyslogConnection extends SyslogConnection {
  longest: number | null = null;
  readonly sent: string[] = [];
  opened: number[] = [];
  refuses = false;
  /** The operating system takes nothing until this is called. */
  release: (() => void) | null = null;
  stalls = false;
  lose: (fault: SyslogFault) => void = () => undefined;
  private giveUp: (fault: Error) => void = () => undefined;

  open() {
    this.opened.push(performance.now());
    return this.refuses ? Promise.reject(new SyslogFault('unreachable', 'refused')) : Promise.resolve();
  }
  send(messages: readonly Buffer[]) {
    const take = () => this.sent.push(...messages.map((message) => message.toString()));
    if (!this.stalls) return Promise.resolve(void take());
    return new Promise<void>((resolve, reject) => {
      this.giveUp = reject;
      this.release = () => (take(), resolve());
    });
  }
  onLost(listener: (fault: SyslogFault) => void) {
    this.lose = listener;
  }
  close() {
    this.giveUp(new SyslogFault('stopped', 'given up'));
    return Promise.resolve();
  }
}

let store: InMemoryAuditDeliveryStore;
let connection: FakeSyslogConnection;
let lines: string[];
let delivering: DeliverAuditMessages;
function deliver(more: Partial<DeliveryOptions> = {}): DeliverAuditMessages {
  delivering = new DeliverAuditMessages(
    store,
    connection,
    new SystemClock(),
    new PinoLog({ write: (line: string) => void lines.push(line) }),
    {
      target: 'syslog',
      origin: { hostName: 'h', appName: 'a', processId: '1', messageId: 'm', byteOrderMark: false },
      messagesOf: ({ actor }) => [actor.name],
      limits: { poll: 20, retryFirst: 40, retryLongest: 100 },
      random: () => 1,
      ...more,
    },
  );
  delivering.start();
  return delivering;
}
beforeEach(() => {
  store = new InMemoryAuditDeliveryStore();
  connection = new FakeSyslogConnection();
  lines = [];
});
afterEach(() => delivering.stop());

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
async function until(what: string, probe: () => boolean): Promise<void> {
  for (let waited = 0; !probe(); waited += 5) {
    if (waited > 3_000) throw new Error(`${what}: not within 3 s`);
    await pause(5);
  }
}
const texts = () => connection.sent.map((message) => message.split(' - ')[1]);
const logged = () => lines.map((line) => JSON.parse(line) as Record<string, unknown>);

describe('what is sealed', () => {
  it('goes out in order, failures as warnings, and what comes later with it', async () => {
    store.events = [event('one'), event('two', 'minor-failure')];
    deliver({ messagesOf: ({ actor }) => [actor.name, `${actor.name} again`] });
    await until('both are sent', () => store.cursor === 2);
    store.events.push(event('three'));
    delivering.nudge();
    await until('the third is sent', () => store.cursor === 3);
    expect(texts()).toEqual(['one', 'one again', 'two', 'two again', 'three', 'three again']);
    expect(connection.sent.map((message) => message.slice(0, 4))).toEqual([
      '<85>',
      '<85>',
      '<84>',
      '<84>',
      '<85>',
      '<85>',
    ]);
    expect(delivering.state()).toMatchObject({ backlog: 0, failures: 0, skipped: 0 });
    expect(delivering.state().lastDeliveredAt).toBeCloseTo(Date.now(), -4);
  });

  it('counts as delivered once the operating system has taken it, and not before', async () => {
    store.events = [event('one')];
    connection.stalls = true;
    deliver();
    await until('it is sent', () => connection.release !== null);
    await pause(50);
    expect(store.cursor).toBe(0);
    connection.release?.();
    await until('it is taken', () => store.cursor === 1);
  });

  it('moves the cursor slice by slice', async () => {
    store.events = Array.from({ length: 5 }, (_, index) => event(String(index)));
    deliver({ limits: { poll: 20, slice: 60 } });
    await until('all are sent', () => store.cursor === 5);
    expect(store.moves).toEqual(['to 2', 'to 4', 'to 5']);
  });

  it('is left to the replica that has the claim', async () => {
    store.events = [event('one')];
    store.taken = true;
    deliver();
    await until('it was tried', () => connection.opened.length > 1);
    expect([connection.sent, delivering.state().failures]).toEqual([[], 0]);
    store.taken = false;
    await until('it is sent', () => store.cursor === 1);
  });

  it('opens no connection as long as there is nothing', async () => {
    deliver();
    await pause(60);
    expect(connection.opened).toEqual([]);
  });
});

describe('what can never be sent', () => {
  it.each<[string, string, () => void]>([
    ['an event that cannot be read', 'unreadable', () => (store.events[1] = null)],
    ['an event that cannot be told', 'untold', () => (store.events[1] = event('untellable'))],
    ['a message that is too long', 'too-long', () => (store.events[1] = event('x'.repeat(600)))],
  ])('%s is passed over, logged and counted', async (_title, reason, spoil) => {
    store.events = [event('one'), event('two'), event('three')];
    connection.longest = 500;
    spoil();
    deliver({
      messagesOf: ({ actor: { name } }) => {
        if (name === 'untellable') throw new Error('no words');
        return [name];
      },
    });
    await until('all is done', () => store.cursor === 3);
    expect(texts()).toEqual(['one', 'three']);
    expect(delivering.state()).toMatchObject({ skipped: 1, failures: 0 });
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'error', event: 'audit-syslog-skipped', reason, count: 1, first: 2, last: 2 }),
    ]);
  });
});

describe('a receiver that is away', () => {
  it('is tried ever more seldom, told of once, and nothing shortens the wait', async () => {
    store.events = [event('one')];
    connection.refuses = true;
    deliver();
    const nudging = setInterval(() => delivering.nudge(), 5);
    await until('it was tried', () => connection.opened.length >= 5);
    clearInterval(nudging);
    const waits = connection.opened.slice(1).map((at, index) => at - (connection.opened[index] ?? 0));
    for (const [index, least] of [39, 79, 99, 99].entries()) expect(waits[index]).toBeGreaterThanOrEqual(least);
    expect(logged()).toEqual([
      expect.objectContaining({ level: 'warn', event: 'audit-syslog-postponed', reason: 'unreachable', backlog: 1 }),
    ]);
    connection.refuses = false;
    await until('it is sent', () => store.cursor === 1);
    expect(logged()[1]).toMatchObject({ event: 'audit-syslog-recovered' });
    expect(delivering.state().failures).toBeGreaterThanOrEqual(5);
  });

  it('does not keep the database busy while that is what is away', async () => {
    store.broken = new Error('no database');
    deliver();
    await until('it was tried', () => delivering.state().failures >= 2);
    expect(logged()).toEqual([expect.objectContaining({ reason: 'database', cause: 'no database' })]);
    expect([store.moves, connection.opened]).toEqual([[], []]);
    store.broken = null;
    store.events = [event('one')];
    await until('it is sent', () => store.cursor === 1);
  });
});

describe('a connection that breaks', () => {
  it('has the cursor moved back, and what was sent on it lately is sent again', async () => {
    store.events = [event('one'), event('two')];
    deliver();
    await until('both are sent', () => store.cursor === 2);
    connection.lose(new SyslogFault('closed', 'gone'));
    await until('they are sent again', () => connection.sent.length === 4);
    expect(texts()).toEqual(['one', 'two', 'one', 'two']);
    expect(store.moves).toEqual(['to 2', 'back to 0', 'failed', 'to 2']);
    expect(logged()[0]).toMatchObject({ reason: 'closed', cause: 'gone' });
  });

  it('in the middle of a batch has the batch begin before what was lost', async () => {
    store.events = Array.from({ length: 4 }, (_, index) => event(String(index)));
    const delivered = store.delivered.bind(store);
    store.delivered = async (target, position) => {
      await delivered(target, position);
      if (position === 2 && connection.sent.length === 2) connection.lose(new SyslogFault('closed', 'gone'));
    };
    deliver({ limits: { poll: 20, retryFirst: 10, slice: 60 } });
    await until('all are sent', () => store.cursor === 4);
    expect(texts()).toEqual(['0', '1', '0', '1', '2', '3']);
  });

  it('with nothing sent on it lately is no failure', async () => {
    deliver();
    connection.lose(new SyslogFault('closed', 'gone'));
    await pause(60);
    expect([store.moves, lines, delivering.state().failures]).toEqual([[], [], 0]);
  });
});

describe('stop', () => {
  it('ends within two seconds while a receiver takes nothing, and leaves what was not taken', async () => {
    store.events = [event('one')];
    connection.stalls = true;
    deliver();
    await until('it is sent', () => connection.release !== null);
    const started = performance.now();
    await delivering.stop();
    expect(performance.now() - started).toBeLessThan(2_000);
    expect([store.cursor, store.moves.at(-1)]).toEqual([0, 'back to 0']);
  });

  it('begins nothing more', async () => {
    deliver();
    await delivering.stop();
    store.events = [event('one')];
    delivering.nudge();
    await pause(60);
    expect([connection.opened, store.cursor]).toEqual([[], 0]);
  });
});
