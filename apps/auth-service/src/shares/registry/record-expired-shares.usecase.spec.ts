import { NoTransaction } from '../../../../../test/support/acts-double.js';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { PinoLog } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type ExpiredShare, ExpiredSharesStore, type TakenShares } from './expired-shares.store.js';
import { RecordExpiredShares } from './record-expired-shares.usecase.js';

const now = Date.UTC(2026, 10, 21);

class FrozenClock extends Clock {
  now(): number {
    return now;
  }
  monotonic(): number {
    return 0;
  }
}

class FakeExpiredShares extends ExpiredSharesStore {
  due: (ExpiredShare | 'revoked')[] = [];
  limits: number[] = [];
  /** As if another replica had all of them in hand. */
  held = false;

  anyDue(): Promise<boolean> {
    return Promise.resolve(this.due.length > 0);
  }
  take(_now: number, limit: number): Promise<TakenShares> {
    this.limits.push(limit);
    const taken = this.held ? [] : this.due.splice(0, limit);
    return Promise.resolve({ marked: taken.length, expired: taken.filter((one) => one !== 'revoked') });
  }
}

const shares = (count: number): ExpiredShare[] =>
  Array.from({ length: count }, (_, index) => ({
    share: {
      id: `019a8cca-1371-7000-b9bc-${String(index).padStart(12, '0')}`,
      identity: 'pPZ1VVnlD1pKFBz5bbyL5w',
      type: 't',
      studies: ['1.2.3'],
      patients: [],
    },
    expiresAt: now - index,
  }));

let store: FakeExpiredShares;
let log: InMemoryEventLog;
let transactions: NoTransaction;
let sweep: RecordExpiredShares;
beforeEach(() => {
  store = new FakeExpiredShares();
  log = new InMemoryEventLog();
  transactions = new NoTransaction();
  sweep = new RecordExpiredShares(store, log, transactions, new FrozenClock(), new PinoLog({ write: () => undefined }));
});

describe('RecordExpiredShares', () => {
  it('records all that are due, 500 in a transaction, each with the moment of its expiry', async () => {
    store.due = shares(1_001);
    await sweep.execute();
    expect(log.events.map(({ name, at, share }) => [name, at, share?.id])).toEqual(
      shares(1_001).map(({ share, expiresAt }) => ['share.expired', expiresAt, share.id]),
    );
    expect([transactions.begun, new Set(store.limits)]).toEqual([3, new Set([500])]);
  });

  it('tells nothing of those that were revoked before, and goes on behind them', async () => {
    store.due = [...Array<'revoked'>(1_000).fill('revoked'), ...shares(1)];
    await sweep.execute();
    expect(log.events.map(({ share }) => share?.id)).toEqual(shares(1).map(({ share }) => share.id));
  });

  it('begins no transaction when nothing is due', async () => {
    await sweep.execute();
    expect(transactions.begun).toBe(0);
  });

  it('leaves to others what they have in hand', async () => {
    store.due = shares(1);
    store.held = true;
    await sweep.execute();
    expect([transactions.begun, log.events]).toEqual([1, []]);
  });

  it('runs once however often it is called meanwhile', async () => {
    store.due = shares(1);
    store.held = true;
    await Promise.all([sweep.execute(), sweep.execute(), sweep.execute()]);
    expect(transactions.begun).toBe(1);
    await sweep.execute();
    expect(transactions.begun).toBe(2);
  });

  it('ends what is under way when it is stopped, and begins nothing more', async () => {
    store.due = shares(1_200);
    const running = sweep.execute();
    await sweep.stop();
    await running;
    const recorded = log.events.length;
    expect([0, 500]).toContain(recorded);
    await sweep.execute();
    expect(log.events).toHaveLength(recorded);
  });
});
