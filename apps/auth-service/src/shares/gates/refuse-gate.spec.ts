import { itself, noSource } from '@warden/events';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { InMemorySharesStore } from '../../../../../test/support/in-memory-shares.store.js';
import { UnitOfWork } from '../../platform/database/database.js';
import { Clock } from '../../platform/time/clock.js';
import { type Share, plainTerms } from '../share.js';
import { eventShareOf, shareRevoked } from '../share-events.js';
import { RefuseGate } from './refuse-gate.js';

const now = Date.UTC(2030, 0, 1);
class FrozenClock extends Clock {
  now = (): number => now;
  monotonic = (): number => 0;
}
class NotedTransactions extends UnitOfWork {
  begun = 0;
  run<T>(work: () => Promise<T>): Promise<T> {
    this.begun += 1;
    return work();
  }
}
const share: Share = {
  ...plainTerms,
  id: '019a8cca-1371-7000-b9bc-000000000000',
  identity: 'AAAAAAAAAAAAAAAAAAAAAA',
  keyId: 'kid-1',
  origin: 'minted',
  type: 'stone-viewer-publication',
  label: null,
  serverId: null,
  resources: [],
  mintedAt: now,
  mintedBy: null,
  expiresAt: now + 9_000,
  expiresText: null,
  validityDuration: null,
  revocation: null,
  gated: true,
  gate: { kind: 'pin', hash: null },
};
const source = { address: '203.0.113.7', userAgent: null, requestId: 'r-1' };

let log: InMemoryEventLog;
let store: InMemorySharesStore;
let work: NotedTransactions;
let refuse: RefuseGate;
beforeEach(async () => {
  [log, store, work] = [new InMemoryEventLog(), new InMemorySharesStore(() => now), new NotedTransactions()];
  refuse = new RefuseGate(work, store, log, new FrozenClock());
  await store.add(
    share,
    null,
    shareRevoked(eventShareOf(share), { actor: itself, source: noSource }, { at: now, reason: 'any' }, null),
  );
  store.events.length = 0;
});

it('a wrong attempt is recorded, and nothing is locked while there are more', async () => {
  await refuse.execute(share, source, null);
  expect(log.events.map(({ name, at, source: from }) => [name, at, from])).toEqual([['share.refused', now, source]]);
  expect([await store.find(share.id), store.events, work.begun]).toEqual([share, [], 1]);
});

it('the last one locks the share now, with both events in one transaction; its end and its viewers stay', async () => {
  await refuse.execute(share, source, 10);
  expect(await store.find(share.id)).toMatchObject({ lockedAt: now, expiresAt: share.expiresAt, revocation: null });
  expect(log.events.map(({ name }) => name)).toEqual(['share.refused']);
  expect(store.events).toMatchObject([{ name: 'share.locked', detail: { attempts: 10 } }]);
  expect([store.told, work.begun]).toEqual([[], 1]);
});

it('a share that is locked already stays locked since then, and is told of once', async () => {
  await store.change(share.id, null, (before) => ({ after: { ...before, lockedAt: now - 5 }, told: null }));
  await refuse.execute(share, source, 11);
  expect((await store.find(share.id))?.lockedAt).toBe(now - 5);
  expect([log.events.map(({ name }) => name), store.events]).toEqual([['share.refused'], []]);
});
