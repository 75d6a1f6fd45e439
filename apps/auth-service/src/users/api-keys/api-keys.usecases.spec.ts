import { actsInMemory } from '../../../../../test/support/acts-double.js';
import { InMemoryEventLog } from '../../../../../test/support/in-memory-event-log.js';
import { InMemoryApiKeysStore } from '../../../../../test/support/in-memory-api-keys.store.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { Caller } from '../../platform/http/caller.js';
import { Log, type LogFields } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { ApiKeyUses } from './api-key-uses.js';
import { ApiKeysInForce } from './api-keys-in-force.js';
import { BrowseApiKeys } from './browse-api-keys.usecase.js';
import { type ApiKeyRequest, CreateApiKey } from './create-api-key.usecase.js';
import { digestOf } from './key-text.js';
import { RevokeApiKey } from './revoke-api-key.usecase.js';
import { RotateApiKey } from './rotate-api-key.usecase.js';

const start = Date.parse('2026-11-21T08:00:00Z');

class FrozenClock extends Clock {
  time = start;
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
}

class HeldLog extends Log {
  readonly events: [string, LogFields][] = [];
  info(event: string, fields: LogFields = {}): void {
    this.events.push([event, fields]);
  }
  warn(event: string, fields: LogFields = {}): void {
    this.events.push([event, fields]);
  }
  error(event: string, fields: LogFields = {}): void {
    this.events.push([event, fields]);
  }
  line(): void {}
  flush(): void {}
}

const caller = (permissions: string[], labels = ['*']): Caller => ({
  id: 'basic:admin',
  name: 'admin',
  via: 'basic',
  scopes: [],
  permissions,
  labels,
  roles: [],
});
const admin = caller(['all']);
const request: ApiKeyRequest = {
  name: 'nightly export',
  owner: { kind: 'service', name: 'exporter' },
  permissions: ['view', 'download', 'view'],
  labels: ['radiology', 'radiology'],
  expiresAt: null,
};
const missingId = '00000000-0000-7000-8000-000000000000';

async function fault(work: Promise<unknown>): Promise<DomainError> {
  const thrown: unknown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof DomainError) return thrown;
  throw new Error('no domain error was thrown');
}

describe('API keys', () => {
  let clock: FrozenClock;
  let log: HeldLog;
  let store: InMemoryApiKeysStore;
  let uses: ApiKeyUses;
  let inForce: ApiKeysInForce;
  let events: InMemoryEventLog;
  let create: CreateApiKey;
  let rotate: RotateApiKey;
  let revoke: RevokeApiKey;
  let browse: BrowseApiKeys;
  beforeEach(() => {
    clock = new FrozenClock();
    events = new InMemoryEventLog();
    log = new HeldLog();
    store = new InMemoryApiKeysStore();
    uses = new ApiKeyUses(store, log);
    inForce = new ApiKeysInForce(uses, () => 'fresh');
    browse = new BrowseApiKeys(store, clock);
    create = new CreateApiKey(store, inForce, actsInMemory(events), clock);
    rotate = new RotateApiKey(browse, store, inForce, actsInMemory(events), clock);
    revoke = new RevokeApiKey(browse, store, inForce, actsInMemory(events), clock);
  });
  const standing = (text: string) => {
    const verdict = inForce.find(text, clock.time);
    return verdict.ok ? 'ok' : verdict.reason;
  };

  it('are stored and in force at once, without their text', async () => {
    const { key, text } = await create.execute(admin, request);
    expect(key).toMatchObject({
      name: 'nightly export',
      permissions: ['view', 'download'],
      labels: ['radiology'],
      createdBy: 'basic:admin',
      createdAt: start,
      expiresAt: null,
      version: 1,
    });
    expect(await store.find(key.id)).toEqual(key);
    expect(store.told).toEqual([key.id]);
    expect(standing(text.reveal())).toBe('ok');
    const kept = JSON.stringify(key);
    expect(kept).not.toContain(text.reveal());
    expect(kept).not.toContain(digestOf(text.reveal()));
  });

  it('are refused an expiry that is not in the future', async () => {
    for (const expiresAt of [start, start - 1, 0, -1]) {
      const error = await fault(create.execute(admin, { ...request, expiresAt }));
      expect([error.code, error.options.faults?.map((one) => one.field)]).toEqual(['invalid-input', ['expiresAt']]);
    }
    const { text } = await create.execute(admin, { ...request, expiresAt: start + 1 });
    expect(standing(text.reveal())).toBe('ok');
    clock.time += 1;
    expect(standing(text.reveal())).toBe('expired');
  });

  it.each<[string, Caller, Partial<ApiKeyRequest>, string]>([
    ['a permission', caller(['admin-permissions', 'view']), { permissions: ['view', 'delete'] }, 'permission delete'],
    ['all', caller(['admin-permissions', 'view']), { permissions: ['all'] }, 'permission all'],
    ['a custom permission', caller(['view']), { permissions: ['my-own'] }, 'permission my-own'],
    ['a label', caller(['all'], ['radiology']), { labels: ['cardiology'] }, 'label cardiology'],
    ['every label', caller(['all'], ['radiology']), { labels: ['*'] }, 'label *'],
  ])('may not have %s that their maker lacks', async (_name, by, more, told) => {
    const error = await fault(create.execute(by, { ...request, permissions: [], labels: [], ...more }));
    expect([error.code, error.detail]).toEqual(['api-key-exceeds-caller', expect.stringContaining(told)]);
    expect(store.told).toEqual([]);
  });

  it('name what the maker lacks, but not a list without end', async () => {
    const permissions = Array.from({ length: 200 }, (_, index) => `custom-${index}`);
    const { detail } = await fault(create.execute(caller(['view']), { ...request, permissions, labels: [] }));
    expect(detail).toContain('custom-0, the permission custom-1, the permission custom-2 and 197 more');
    expect(detail).not.toContain('custom-3');
  });

  it('may have each permission of a maker who has all, and what the maker has', async () => {
    await create.execute(admin, { ...request, permissions: ['all', 'delete', 'my-own'], labels: ['*', 'x'] });
    await create.execute(caller(['view', 'my-own'], ['x']), {
      ...request,
      permissions: ['view', 'my-own'],
      labels: ['x'],
    });
    expect(store.told).toHaveLength(2);
  });

  it('are not rotated by somebody who may do less: the new text would be theirs', async () => {
    const { key, text } = await create.execute(admin, request);
    const error = await fault(rotate.execute(caller(['admin-permissions', 'view']), key.id, 0));
    expect([error.code, error.detail]).toEqual([
      'api-key-exceeds-caller',
      expect.stringContaining('permission download'),
    ]);
    expect(standing(text.reveal())).toBe('ok');
  });

  it('keep the old secret for the overlap, to the millisecond, and the public part for ever', async () => {
    const { key, text: old } = await create.execute(admin, request);
    clock.time += 1_000;
    const { key: rotated, text: current } = await rotate.execute(admin, key.id, 60);
    expect(rotated).toMatchObject({
      publicPart: key.publicPart,
      rotation: { at: start + 1_000, by: 'basic:admin', previousUntil: start + 61_000 },
    });
    expect(current.reveal()).not.toBe(old.reveal());
    expect([standing(old.reveal()), standing(current.reveal())]).toEqual(['ok', 'ok']);
    clock.time = start + 60_999;
    expect(standing(old.reveal())).toBe('ok');
    clock.time = start + 61_000;
    expect([standing(old.reveal()), standing(current.reveal())]).toEqual(['expired', 'ok']);
  });

  it('end the old secret at once without an overlap', async () => {
    const { key, text } = await create.execute(admin, request);
    await rotate.execute(admin, key.id, 0);
    expect(standing(text.reveal())).toBe('expired');
  });

  it('end the oldest secret at a second rotation within the overlap', async () => {
    const { key, text: first } = await create.execute(admin, request);
    const { text: second } = await rotate.execute(admin, key.id, 3_600);
    clock.time += 1_000;
    const { text: third } = await rotate.execute(admin, key.id, 3_600);
    expect([first, second, third].map((text) => standing(text.reveal()))).toEqual(['expired', 'ok', 'ok']);
    clock.time += 3_600_000;
    expect([first, second, third].map((text) => standing(text.reveal()))).toEqual(['expired', 'expired', 'ok']);
  });

  it('end with all their secrets when they are revoked, once', async () => {
    const { key, text: old } = await create.execute(admin, request);
    const { text: current } = await rotate.execute(admin, key.id, 3_600);
    const revoked = await revoke.execute(admin, key.id, 'lost');
    expect(revoked.revocation).toEqual({ at: start, by: 'basic:admin', reason: 'lost' });
    expect([old, current].map((text) => standing(text.reveal()))).toEqual(['revoked-api-key', 'revoked-api-key']);
    clock.time += 1;
    expect((await revoke.execute(admin, key.id, 'again')).revocation).toEqual(revoked.revocation);
    expect(store.told).toHaveLength(3);
  });

  it('get no new secret once they have ended', async () => {
    const { key: lost } = await create.execute(admin, request);
    await revoke.execute(admin, lost.id, 'lost');
    const { key: short } = await create.execute(admin, { ...request, expiresAt: start + 1 });
    clock.time += 1;
    for (const { id } of [lost, short]) expect((await fault(rotate.execute(admin, id, 0))).code).toBe('api-key-ended');
  });

  it('are not found under an id that nobody gave', async () => {
    for (const work of [
      browse.find(missingId),
      rotate.execute(admin, missingId, 0),
      revoke.execute(admin, missingId, 'why'),
    ]) {
      expect((await fault(work)).code).toBe('api-key-not-found');
    }
  });

  it('have their last use written when it is flushed, and not before', async () => {
    const { key, text } = await create.execute(admin, request);
    clock.time += 5;
    standing(text.reveal());
    clock.time += 5;
    standing(text.reveal());
    expect((await browse.find(key.id)).lastUsedAt).toBeNull();
    await uses.flush();
    expect((await browse.find(key.id)).lastUsedAt).toBe(start + 10);
  });

  it('keep the latest use through a write that fails, and say so without a key', async () => {
    const written: [string, number][][] = [];
    let gone = true;
    jest.spyOn(store, 'recordUses').mockImplementation(async (batch) => {
      if (gone) {
        uses.used('b', 7);
        await Promise.reject(new Error('gone'));
      }
      written.push([...batch].sort());
    });
    uses.used('a', 1);
    uses.used('b', 2);
    await uses.flush();
    expect(log.events).toEqual([['api-key-uses-postponed', { keys: 2, cause: 'gone' }]]);
    gone = false;
    await Promise.all([uses.flush(), uses.flush()]);
    expect(written).toEqual([
      [
        ['a', 1],
        ['b', 7],
      ],
    ]);
  });
});
