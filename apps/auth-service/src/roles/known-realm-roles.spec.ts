import { Log } from '../platform/observability/log.js';
import { Clock } from '../platform/time/clock.js';
import { KnownRealmRoles } from './known-realm-roles.js';
import { type RealmRole, RealmRoles } from './realm-roles.js';

class HeldClock extends Clock {
  time = 0;
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
}
class FakeRealm extends RealmRoles {
  configured = true;
  exhaustive = true;
  asked = 0;
  answer: () => Promise<readonly RealmRole[]> = () => Promise.resolve([doctor]);
  names(): Promise<readonly RealmRole[]> {
    this.asked++;
    return this.answer();
  }
}
class KeptLog extends Log {
  readonly events: string[] = [];
  info(event: string): void {
    this.events.push(event);
  }
  warn(event: string): void {
    this.events.push(event);
  }
  error(event: string): void {
    this.events.push(event);
  }
  line(): void {}
  flush(): void {}
}
const doctor = { name: 'doctor', composite: false };
const down = () => Promise.reject(new Error('connect ECONNREFUSED'));

let clock: HeldClock;
let realm: FakeRealm;
let log: KeptLog;
let known: KnownRealmRoles;
beforeEach(() => {
  [clock, realm, log] = [new HeldClock(), new FakeRealm(), new KeptLog()];
  known = new KnownRealmRoles(realm, clock, log);
});
afterEach(() => jest.useRealTimers());

it('asks nobody where there is no directory', async () => {
  realm.configured = false;
  expect([await known.now(), await known.lastKnown(), realm.asked]).toEqual([null, null, 0]);
});

it('asks once for everybody who waits, and not again for five seconds', async () => {
  await Promise.all(Array.from({ length: 200 }, () => known.now()));
  clock.time = 4_999;
  expect(await known.now()).toEqual([doctor]);
  expect(realm.asked).toBe(1);
  clock.time = 5_000;
  await known.now();
  expect(realm.asked).toBe(2);
});

it('spares a directory that is down in the same way, and tells of the outage once', async () => {
  realm.answer = down;
  for (let n = 0; n < 20; n++) {
    clock.time = n * 1_000;
    expect(await known.now()).toBeNull();
  }
  expect(realm.asked).toBe(4);
  expect(log.events).toEqual(['realm-roles-unavailable']);
  realm.answer = () => Promise.resolve([doctor]);
  clock.time = 30_000;
  expect(await known.now()).toEqual([doctor]);
  realm.answer = down;
  clock.time = 40_000;
  await known.now();
  expect(log.events).toEqual(['realm-roles-unavailable', 'realm-roles-answer-again', 'realm-roles-unavailable']);
});

it('remembers for writers what the directory said last', async () => {
  await known.now();
  realm.answer = down;
  clock.time = 60_000;
  expect([await known.now(), await known.lastKnown()]).toEqual([null, [doctor]]);
});

it('has nothing to remember of a directory that never answered', async () => {
  realm.answer = down;
  expect(await known.lastKnown()).toBeNull();
});

it('takes a directory that is silent for two seconds for one that is down', async () => {
  jest.useFakeTimers();
  realm.answer = () => new Promise(() => undefined);
  const answer = known.now();
  await jest.advanceTimersByTimeAsync(2_000);
  expect(await answer).toBeNull();
  expect(log.events).toEqual(['realm-roles-unavailable']);
});

it('takes a directory that throws at once for one that is down', async () => {
  realm.answer = () => {
    throw new Error('not async');
  };
  expect(await known.now()).toBeNull();
});
