import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { type EventShare, type WardenEvent, noSource } from '@warden/events';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { DomainError } from '../../apps/auth-service/src/platform/errors/domain-error.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import type { Caller } from '../../apps/auth-service/src/platform/http/caller.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { PostgresSharesStore } from '../../apps/auth-service/src/shares/infra/postgres-shares.store.js';
import { type Revocation, type Share, type ShareTerms, plainTerms } from '../../apps/auth-service/src/shares/share.js';
import { shareChangedBy, shareRevoked } from '../../apps/auth-service/src/shares/share-events.js';
import type {
  IdempotentRequest,
  ShareFilter,
  SharesPage,
  SharesStore,
  SharesToEnd,
} from '../../apps/auth-service/src/shares/shares.store.js';
import type { RevokedShare } from '../../apps/auth-service/src/tokens/revocation-list.js';
import { InMemorySharesStore } from '../support/in-memory-shares.store.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

/** Who tells of it is not this suite's concern, but that it is told. */
const tell = (one: EventShare): WardenEvent =>
  shareRevoked(
    one,
    { actor: { kind: 'user', id: 'basic:bob', name: 'bob' }, source: noSource },
    { at: 1_800_000_000_000, reason: 'why' },
    null,
  );
const told = (): WardenEvent =>
  tell({ id: uuidv7(), identity: 'AAAAAAAAAAAAAAAAAAAAAA', type: 't', studies: [], patients: [] });

/** As shares are ended together: looked for, then marked. */
async function revokeSome(
  store: SharesStore,
  shares: SharesToEnd,
  revocation: Revocation,
  limit: number,
  after: string | null,
  telling: typeof tell,
): Promise<{ ended: readonly RevokedShare[]; next: string | null }> {
  const all: string[] = [];
  for await (const batch of store.idsToEnd(shares, revocation.at, 2)) {
    expect(batch.length).toBeLessThanOrEqual(2);
    expect(batch).toEqual([...batch].sort());
    all.push(...batch);
  }
  expect(new Set(all).size).toBe(all.length);
  const ids = all
    .sort()
    .filter((id) => after === null || id > after)
    .slice(0, limit);
  const ended = await store.revokeThese(ids, revocation, telling);
  return { ended, next: ids.length < limit ? null : (ids.at(-1) ?? null) };
}

/** A store, and what the suite must see and move beside it. */
interface Subject {
  readonly store: SharesStore;
  /** What every replica was told, in order. */
  told(): Promise<unknown[]>;
  /** Names of the events that were recorded, in no order. */
  events(): Promise<string[]>;
  keyCount(): Promise<number>;
  /** Makes every key as if it had been used `hours` earlier. */
  age(hours: number): Promise<void>;
  close(): Promise<void>;
}

function inMemory(): Promise<Subject> {
  let now = 1_800_000_000_000;
  const store = new InMemorySharesStore(() => now);
  return Promise.resolve({
    store,
    told: () => Promise.resolve(store.told),
    events: () => Promise.resolve(store.events.map(({ name }) => name)),
    keyCount: () => Promise.resolve(store.keyCount),
    age: (hours) => Promise.resolve(void (now += hours * 3_600_000)),
    close: () => Promise.resolve(),
  });
}

async function onPostgres(): Promise<Subject & { database: TestDatabase; admin: pg.Client }> {
  const database = await createTestDatabase();
  const pool = new Database(new Secret(database.applicationUrl));
  const admin = await connectAdmin(database);
  return {
    database,
    admin,
    store: new PostgresSharesStore(pool, new ChangeWriter(pool), new PostgresEventLog(pool)),
    async told() {
      const { rows } = await admin.query<{ payload: { shares: unknown[] } }>(
        `SELECT payload FROM change WHERE topic = 'shares-revoked' ORDER BY seq`,
      );
      return rows.flatMap((row) => row.payload.shares);
    },
    events: async () =>
      (await admin.query<{ name: string }>('SELECT name FROM audit_pending')).rows.map(({ name }) => name),
    keyCount: async () =>
      Number((await admin.query<{ count: string }>('SELECT count(*) FROM idempotency_key')).rows[0]?.count),
    age: async (hours) =>
      void (await admin.query(`UPDATE idempotency_key SET made_at = made_at - $1 * interval '1 hour'`, [hours])),
    async close() {
      await pool.close();
      await admin.end();
      await database.drop();
    },
  };
}

let clock = 1_790_000_000_000;
function share(more: Partial<Share> = {}): Share {
  clock += 1_000;
  return {
    id: uuidv7({ msecs: clock }),
    identity: randomBytes(16).toString('base64url'),
    keyId: 'kid-1',
    origin: 'minted',
    type: 'stone-viewer-publication',
    label: null,
    serverId: null,
    resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }],
    mintedAt: clock,
    mintedBy: 'basic:alice',
    expiresAt: null,
    expiresText: null,
    validityDuration: null,
    revocation: null,
    ...plainTerms,
    ...more,
  };
}
const request = (key: string, what = 'one', caller = 'basic:alice'): IdempotentRequest => ({
  caller,
  key,
  hash: createHash('sha256').update(what).digest(),
});
const everyone: SharesPage = { filter: {}, order: 'newest-first', limit: 100, after: null };

describe.each<[string, () => Promise<Subject>]>([
  ['in memory', inMemory],
  ['on PostgreSQL', onPostgres],
])('the registry %s', (_name, make) => {
  let subject: Subject;
  let store: SharesStore;
  beforeEach(async () => {
    subject = await make();
    store = subject.store;
  });
  afterEach(() => subject?.close());
  const ids = async (page = everyone) => (await store.list(page)).map(({ id }) => id);

  it('gives back what was added, member by member', async () => {
    const shares = [
      share(),
      share({ resources: [] }),
      share({ label: '', serverId: '', mintedBy: '', expiresText: '' }),
      share({
        label: `Frau Müller's "study" \\ 患者 \u{1f600} %s $1`,
        serverId: 'srv',
        keyId: 'k',
        expiresAt: 1_900_000_000_123,
        expiresText: '2030-03-17T17:46:40.123000+00:00',
        validityDuration: 315_360_000,
      }),
      share({ expiresAt: -62_135_683_140_000, validityDuration: 0 }),
      share({ expiresAt: 253_402_387_139_999, validityDuration: Number.MAX_SAFE_INTEGER }),
      share({
        resources: (['patient', 'study', 'series', 'instance', 'system'] as const).map((level, index) => ({
          level,
          dicomUid: index % 2 === 0 ? null : `1.${index}`,
          orthancId: index === 1 ? null : `id-${index}`,
          url: index === 3 ? 'http://x/?a=b' : null,
        })),
      }),
    ];
    for (const one of shares) {
      expect(await store.add(one, null, told())).toEqual({ outcome: 'added' });
      expect(await store.find(one.id)).toEqual(one);
    }
    expect(await store.list(everyone)).toEqual([...shares].reverse());
  });

  it('gives back every term that a share was made with, each alone and all together', async () => {
    const handle = () => randomBytes(32).toString('base64url');
    const terms: Partial<ShareTerms>[] = [
      { mintedByName: 'Dr. Ada' },
      { recipient: { name: 'Jane', email: null } },
      { recipient: { name: null, email: 'Jane@example.org' } },
      { reason: `it's "why" \\ 患者` },
      { reason: '' },
      { purposeOfUse: 'TREAT' },
      { language: 'pt' },
      { notBefore: 1_900_000_000_123, gated: true },
      { maxOpens: 3, gated: true },
      { gate: { kind: 'pin', hash: '$scrypt$x' }, gated: true },
      { gate: { kind: 'birth-date', hash: '$scrypt$y' }, gated: true },
      { gate: { kind: 'email-code', hash: null }, gated: true },
      { gated: true },
      { viewers: [] },
      { viewers: ['ohif-viewer-publication', `"it's", {a}`] },
      { offersDownload: true },
      { noArchive: true },
      { handleHash: handle(), gated: true },
      { lockedAt: 1_800_000_000_123 },
      { tokenEnd: { at: 1_900_000_000_456 } },
      { tokenEnd: { at: null } },
      { replaces: uuidv7() },
    ];
    // A share that is not to be downloaded offers no download.
    const further = { handleHash: handle(), offersDownload: false };
    const together = Object.assign({}, ...terms, further) as Partial<ShareTerms>;
    // Counted and numbered by the registry alone.
    const made = new Set([...terms.flatMap((one) => Object.keys(one)), 'opens', 'revision']);
    expect([...made].sort()).toEqual(Object.keys(plainTerms).sort());
    for (const more of [...terms, together]) {
      const one = share(more);
      await store.add(one, null, told());
      expect(await store.find(one.id)).toEqual(one);
    }
  });

  it('finds a share by its identity and by the hash of its short link, exactly', async () => {
    const handleHash = randomBytes(32).toString('base64url');
    const [one, other] = [share({ handleHash, gated: true }), share()];
    for (const each of [one, other]) await store.add(each, null, told());
    expect(await store.findByIdentity(one.identity)).toEqual(one);
    expect(await store.findByIdentity(other.identity)).toEqual(other);
    expect(await store.findByHandle(handleHash)).toEqual(one);
    for (const nobody of [randomBytes(16).toString('base64url'), '', handleHash])
      expect(await store.findByIdentity(nobody)).toBeNull();
    for (const nobody of [randomBytes(32).toString('base64url'), '', one.identity])
      expect(await store.findByHandle(nobody)).toBeNull();
  });

  it('finds an adopted share by its longer identity', async () => {
    const one = share({ origin: 'adopted', mintedBy: null, identity: randomBytes(32).toString('base64url') });
    await store.adopt(one);
    expect(await store.findByIdentity(one.identity)).toEqual(one);
  });

  describe('changing', () => {
    const caller: Caller = {
      id: 'basic:bob',
      name: 'bob',
      via: 'basic',
      scopes: [],
      permissions: [],
      labels: [],
      roles: [],
    };
    const changed = (one: Share): WardenEvent => shareChangedBy(one, caller, 1_800_000_000_000, []);
    const apply = (one: Share, more: Partial<Share>, expected: number | null = null) =>
      store.change(one.id, expected, (before) => ({ after: { ...before, ...more }, told: null }));
    const added = async (more: Partial<Share> = {}): Promise<Share> => {
      const one = share({ gated: true, ...more });
      await store.add(one, null, told());
      return one;
    };

    it('stores every term that may be changed and the expiry, and no share but that one', async () => {
      const [one, other] = [await added(), await added()];
      const terms: Partial<Share> = {
        recipient: { name: 'Jane', email: 'jane@example.org' },
        reason: 'why',
        purposeOfUse: 'TREAT',
        language: 'fr',
        notBefore: 1_850_000_000_001,
        maxOpens: 3,
        gate: { kind: 'pin', hash: '$scrypt$x' },
        viewers: ['ohif-viewer-publication'],
        offersDownload: true,
        lockedAt: 1_840_000_000_001,
        tokenEnd: { at: 1_950_000_000_001 },
        expiresAt: 1_900_000_000_001,
        expiresText: '2030-03-17T17:46:40.001000+00:00',
      };
      const result = await apply(one, terms);
      const after = { ...one, ...terms, revision: 2 };
      expect(result).toEqual({ before: one, after });
      expect(await store.find(one.id)).toEqual(after);
      const { recipient, reason, purposeOfUse, language, notBefore, maxOpens, gate, viewers, lockedAt, tokenEnd } =
        plainTerms;
      const nothing = {
        recipient,
        reason,
        purposeOfUse,
        language,
        notBefore,
        maxOpens,
        gate,
        viewers,
        lockedAt,
        tokenEnd,
      };
      await apply(one, { ...nothing, offersDownload: false, expiresAt: null, expiresText: null });
      expect(await store.find(one.id)).toEqual({ ...one, revision: 3 });
      expect(await store.find(other.id)).toEqual(other);
    });

    it('takes the revision that was expected and no other, and counts each change', async () => {
      const one = await added();
      expect((await apply(one, { reason: 'first' }, 1))?.after.revision).toBe(2);
      await expect(apply(one, { reason: 'second' }, 1)).rejects.toMatchObject({ code: 'share-changed' });
      await expect(apply(one, { reason: 'second' }, 3)).rejects.toMatchObject({ code: 'share-changed' });
      expect(await store.find(one.id)).toMatchObject({ reason: 'first', revision: 2 });
      expect((await apply(one, {}, null))?.after.revision).toBe(3);
    });

    it('lets one of ten win that expect the same revision, and loses none of ten that expect none', async () => {
      const one = await added();
      const won = await Promise.allSettled(Array.from({ length: 10 }, () => apply(one, { reason: 'x' }, 1)));
      expect(won.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const counting = () =>
        store.change(one.id, null, (before) => ({
          after: { ...before, maxOpens: (before.maxOpens ?? 0) + 1 },
          told: null,
        }));
      await Promise.all(Array.from({ length: 10 }, counting));
      expect(await store.find(one.id)).toMatchObject({ maxOpens: 10, revision: 12 });
    });

    it('finds nothing to change where there is no share', async () => {
      const asked: Share[] = [];
      const none = await store.change(uuidv7(), 1, (before) => {
        asked.push(before);
        return { after: before, told: null };
      });
      expect([none, asked]).toEqual([null, []]);
    });

    it('records the event that is told, and none where none is', async () => {
      const one = await added();
      await apply(one, { reason: 'x' });
      expect(await subject.events()).toEqual(['share.revoked']);
      await store.change(one.id, null, (before) => ({ after: before, told: changed(before) }));
      expect((await subject.events()).sort()).toEqual(['share.changed', 'share.revoked']);
    });

    it('tells every replica of an end that came closer, moved or went, and of no other change', async () => {
      const one = await added({ expiresAt: 1_900_000_000_000 });
      const [identity, at] = [one.identity, 1_900_000_000_000];
      await apply(one, { reason: 'x', maxOpens: 3, lockedAt: 1 });
      expect(await subject.told()).toEqual([]);
      const tokenEnd = { at };
      await apply(one, { tokenEnd, expiresAt: 1_800_000_000_001 });
      await apply(one, { reason: 'y' });
      await apply(one, { expiresAt: 1_850_000_000_000 });
      await apply(one, { expiresAt: null, tokenEnd: { at: null } });
      expect(await subject.told()).toEqual([
        { identity, expiresAt: at, endsAt: 1_800_000_000_001 },
        { identity, expiresAt: at, endsAt: 1_850_000_000_000 },
        { identity, expiresAt: null, endsAt: null },
      ]);
    });

    it('tells nobody of an end that the link itself does not bind', async () => {
      const one = await added({ expiresAt: 1_900_000_000_000 });
      await apply(one, { expiresAt: 1_950_000_000_000 });
      expect(await subject.told()).toEqual([]);
    });

    it('leaves all as it was when the change throws', async () => {
      const one = await added();
      const thrown = store.change(one.id, null, () => {
        throw new Error('no');
      });
      await expect(thrown).rejects.toThrow('no');
      expect([await store.find(one.id), await subject.told(), await subject.events()]).toEqual([
        one,
        [],
        ['share.revoked'],
      ]);
      expect((await apply(one, { reason: 'free again' }))?.after.revision).toBe(2);
    });

    it('revokes with the end of the token, not with the end that was brought forward', async () => {
      const one = await added({ expiresAt: 1_900_000_000_000 });
      await apply(one, { tokenEnd: { at: 1_900_000_000_000 }, expiresAt: 1_850_000_000_000 });
      const now = await store.find(one.id);
      await store.revoke(now ?? one, { at: 1_800_000_000_000, by: 'x', reason: 'y' }, told());
      expect((await subject.told()).at(-1)).toEqual({ identity: one.identity, expiresAt: 1_900_000_000_000 });
    });
  });

  it('keeps two thousand resources in their order', async () => {
    const one = share({
      resources: Array.from({ length: 2_000 }, (_, index) => ({
        level: 'study' as const,
        dicomUid: `1.${2_000 - index}`,
        orthancId: null,
        url: null,
      })),
    });
    await store.add(one, null, told());
    expect((await store.find(one.id))?.resources).toEqual(one.resources);
  });

  it('finds nothing under an id that is not there', async () => {
    await store.add(share(), null, told());
    expect(await store.find('00000000-0000-7000-8000-000000000000')).toBeNull();
  });

  it('is not changed by what its callers do to a share afterwards', async () => {
    const resources = [{ level: 'study' as const, dicomUid: '1.2.3' as string | null, orthancId: null, url: null }];
    const one = share({ resources });
    await store.add(one, null, told());
    const first = resources[0];
    if (first !== undefined) first.dicomUid = '6.6.6';
    expect((await store.find(one.id))?.resources[0]?.dicomUid).toBe('1.2.3');
  });

  describe('with an idempotency key', () => {
    it('stores once, and then tells of the first share, for the same request and for another', async () => {
      const [first, second, third] = [share({ label: 'first' }), share(), share()];
      expect(await store.add(first, request('k'), told())).toEqual({ outcome: 'added' });
      expect(await store.add(second, request('k'), told())).toEqual({
        outcome: 'replayed',
        share: first,
        sameRequest: true,
      });
      const { hash } = request('k');
      expect(await store.findRequest('basic:alice', 'k')).toEqual({ share: first, hash });
      expect(await store.findRequest('basic:bob', 'k')).toBeNull();
      expect(await store.findRequest('basic:alice', 'other')).toBeNull();
      expect(await store.add(third, request('k', 'another'), told())).toEqual({
        outcome: 'replayed',
        share: first,
        sameRequest: false,
      });
      expect(await store.add(share(), request('k'), told())).toMatchObject({ sameRequest: true });
      expect(await ids()).toEqual([first.id]);
      expect(await store.find(second.id)).toBeNull();
    });

    it('keeps the keys of two callers apart, and two keys of one caller', async () => {
      for (const one of [
        request('k'),
        request('k', 'one', 'basic:bob'),
        request('K'),
        request('k2'),
        request('a:k', 'one', 'basic'),
        request('k', 'one', 'basic:a'),
      ]) {
        expect(await store.add(share(), one, told())).toEqual({ outcome: 'added' });
      }
      expect(await ids()).toHaveLength(6);
    });

    it('stores one share for twenty racing requests', async () => {
      const racing = Array.from({ length: 20 }, () => share());
      const outcomes = await Promise.all(racing.map((one) => store.add(one, request('race'), told())));
      const added = racing.filter((_, index) => outcomes[index]?.outcome === 'added');
      expect(added).toHaveLength(1);
      for (const outcome of outcomes)
        if (outcome.outcome === 'replayed')
          expect(outcome).toEqual({ outcome: 'replayed', share: added[0], sameRequest: true });
      expect(await ids()).toEqual([added[0]?.id]);
    });

    it('tells of the first share as it is now, revoked', async () => {
      const first = share();
      await store.add(first, request('k'), told());
      await store.revoke(first, { at: 1_800_000_000_000, by: 'basic:bob', reason: 'why' }, told());
      expect(await store.add(share(), request('k'), told())).toMatchObject({
        share: { id: first.id, revocation: { reason: 'why' } },
      });
    });

    it('holds a key for 24 hours and frees it then', async () => {
      const [first, second] = [share(), share()];
      await store.add(first, request('k'), told());
      await subject.age(23.9);
      expect(await store.add(share(), request('k', 'another'), told())).toMatchObject({
        outcome: 'replayed',
        sameRequest: false,
      });
      await subject.age(0.2);
      expect(await store.add(second, request('k', 'another'), told())).toEqual({ outcome: 'added' });
      expect(await store.add(share(), request('k', 'another'), told())).toEqual({
        outcome: 'replayed',
        share: second,
        sameRequest: true,
      });
      expect(await ids()).toEqual([second.id, first.id]);
    });

    it('drops old keys and only those, and no share with them', async () => {
      await store.add(share(), request('old'), told());
      await subject.age(24.1);
      await store.add(share(), request('young'), told());
      await store.forgetOldKeys();
      expect(await subject.keyCount()).toBe(1);
      expect(await store.add(share(), request('young'), told())).toMatchObject({ outcome: 'replayed' });
      expect(await ids()).toHaveLength(2);
    });
  });

  describe('adopting', () => {
    const foreign = (more: Partial<Share> = {}) =>
      share({ origin: 'adopted', mintedBy: null, identity: randomBytes(32).toString('base64url'), ...more });

    it('stores a share that was minted elsewhere', async () => {
      const one = foreign({ label: 'elsewhere', expiresAt: 1_900_000_000_000 });
      await store.adopt(one);
      expect(await store.find(one.id)).toEqual(one);
    });

    it('leaves alone what is known by that identity, adopted or minted', async () => {
      const [adopted, minted] = [foreign({ label: 'first' }), share({ label: 'minted' })];
      await store.adopt(adopted);
      await store.add(minted, null, told());
      await store.adopt(foreign({ identity: adopted.identity, label: 'second' }));
      await store.adopt(foreign({ identity: minted.identity, label: 'claimed' }));
      expect(await store.list(everyone)).toEqual([minted, adopted]);
    });

    it('keeps a revocation when the share is seen again', async () => {
      const one = foreign();
      await store.adopt(one);
      await store.revoke(one, { at: 1_800_000_000_000, by: 'x', reason: 'y' }, told());
      await store.adopt(foreign({ identity: one.identity }));
      expect((await store.list(everyone)).map(({ revocation }) => revocation?.reason)).toEqual(['y']);
    });

    it('stores one of ten that race', async () => {
      const identity = randomBytes(32).toString('base64url');
      await Promise.all(Array.from({ length: 10 }, () => store.adopt(foreign({ identity }))));
      expect(await ids()).toHaveLength(1);
    });
  });

  describe('listing', () => {
    it('shows the newest first, whatever the order of their coming', async () => {
      const [a, b, c] = [share(), share(), share()];
      for (const one of [b, c, a]) await store.add(one, null, told());
      expect(await ids()).toEqual([c.id, b.id, a.id]);
    });

    it('shows at most the limit, and goes on before a given share without a gap, whatever comes in', async () => {
      const all = Array.from({ length: 7 }, () => share());
      for (const one of all) await store.add(one, null, told());
      const seen: string[] = [];
      for (let after: string | null = null; ; after = seen.at(-1) ?? null) {
        const page = await ids({ ...everyone, limit: 3, after });
        await store.add(share(), null, told());
        seen.push(...page);
        if (page.length < 3) break;
      }
      expect(seen).toEqual(all.map(({ id }) => id).reverse());
    });

    it("shows one minter's shares, exactly that minter's", async () => {
      const [alice, bob, nobody] = [share(), share({ mintedBy: 'basic:bob' }), share({ mintedBy: null })];
      for (const one of [alice, bob, nobody]) await store.add(one, null, told());
      const of = (mintedBy: string) => ids({ ...everyone, filter: { mintedBy } });
      expect(await of('basic:alice')).toEqual([alice.id]);
      expect(await of('basic:BOB')).toEqual([]);
      expect(await of('%')).toEqual([]);
      expect(await of('')).toEqual([]);
      expect(await ids({ ...everyone, filter: { mintedBy: 'basic:bob' }, after: nobody.id })).toEqual([bob.id]);
      expect(await ids({ ...everyone, filter: { mintedBy: 'basic:bob' }, after: bob.id })).toEqual([]);
    });

    it('goes by the moment of minting, then by id, both ways and page by page', async () => {
      const now = clock;
      const made = [5, 1, 3, 3, 9, 1].map((week) => share({ mintedAt: now - week * 700_000_000 }));
      for (const one of made) await store.add(one, null, told());
      const oldestFirst = [...made]
        .sort((a, b) => a.mintedAt - b.mintedAt || (a.id < b.id ? -1 : 1))
        .map(({ id }) => id);
      // By expiry a page is gathered in another way; all of these never expire.
      const [first, last] = [now - 9 * 700_000_000, now];
      const bounds = { mintedAfter: first, mintedBefore: last };
      for (const filter of [
        {},
        { expiresAfter: 0 },
        { mintedBy: 'basic:alice' },
        bounds,
        { ...bounds, expiresAfter: 0 },
      ]) {
        for (const order of ['oldest-first', 'newest-first'] as const) {
          const seen: string[] = [];
          for (let page = ['']; page.length > 0; seen.push(...page))
            page = await ids({ filter, order, limit: 2, after: seen.at(-1) ?? null });
          expect(seen).toEqual(order === 'oldest-first' ? oldestFirst : [...oldestFirst].reverse());
        }
      }
    });

    describe('by one member', () => {
      const study = (
        dicomUid: string | null,
        orthancId: string | null,
        level: 'study' | 'series' | 'patient' = 'study',
      ) => ({
        level,
        dicomUid,
        orthancId,
        url: null,
      });
      const at = 1_800_000_000_000;
      const revocation = { at, by: 'basic:bob', reason: 'why' };
      const cases: [string, ShareFilter, Partial<Share>[], Partial<Share>[]][] = [
        [
          'the UID of a study, alone or among others',
          { studyDicomUid: '1.9' },
          [{ resources: [study('1.9', null)] }, { resources: [study('1.8', null), study('1.9', 'x')] }],
          [{ resources: [study('1.9', null, 'series')] }, { resources: [study('1.90', '1.9')] }, { resources: [] }],
        ],
        [
          'the Orthanc id of a study',
          { studyOrthancId: 'a-1' },
          [{ resources: [study(null, 'a-1')] }],
          [{ resources: [study('a-1', null)] }, { resources: [study(null, 'a-1', 'series')] }],
        ],
        [
          'a patient shared as a whole',
          { patientId: 'P1' },
          [{ resources: [study('P1', null, 'patient')] }],
          [{ resources: [study('P1', null)] }, { resources: [study(null, 'P1', 'patient')] }],
        ],
        [
          'a label',
          { label: 'a%' },
          [{ label: 'a%' }],
          [{ label: 'A%' }, { label: 'ab' }, { label: null }, { label: '' }],
        ],
        [
          'the address of a recipient, in any case',
          { recipient: 'JANE@example.org' },
          [
            { recipient: { name: 'Jane', email: 'Jane@Example.org' } },
            { recipient: { name: null, email: 'jane@example.org' } },
          ],
          [
            { recipient: { name: null, email: 'xjane@example.org' } },
            { recipient: { name: 'JANE@example.org', email: null } },
            { recipient: { name: 'Jane', email: null } },
            {},
          ],
        ],
        [
          'the name of a recipient, as it was written',
          { recipient: 'Jane Doe' },
          [
            { recipient: { name: 'Jane Doe', email: null } },
            { recipient: { name: 'Jane Doe', email: 'j@example.org' } },
          ],
          [{ recipient: { name: 'jane doe', email: null } }, { recipient: { name: 'Jane', email: 'Jane Doe' } }, {}],
        ],
        ['a type', { type: 'other' }, [{ type: 'other' }], [{}]],
        ['a key', { keyId: 'kid-2' }, [{ keyId: 'kid-2' }], [{}]],
        ['minted after', { mintedAfter: at }, [{ mintedAt: at }, { mintedAt: at + 1 }], [{ mintedAt: at - 1 }]],
        ['minted before', { mintedBefore: at }, [{ mintedAt: at - 1 }], [{ mintedAt: at }]],
        [
          'expires after: never counts',
          { expiresAfter: at },
          [{ expiresAt: at }, { expiresAt: null }, { expiresAt: at, revocation }],
          [{ expiresAt: at - 1 }],
        ],
        [
          'expires before',
          { expiresBefore: at },
          [{ expiresAt: at - 1 }, { expiresAt: -62_135_683_140_000 }],
          [{ expiresAt: at }, { expiresAt: null }],
        ],
        [
          'live',
          { state: { is: 'live', now: at } },
          [{ expiresAt: null }, { expiresAt: at + 1 }, { gated: true, notBefore: at }, { gated: true, maxOpens: 2 }],
          [{ expiresAt: at }, { revocation }, { gated: true, notBefore: at + 1 }, { gated: true, lockedAt: at - 1 }],
        ],
        [
          'scheduled, up to the very millisecond',
          { state: { is: 'scheduled', now: at } },
          [
            { gated: true, notBefore: at + 1 },
            { gated: true, notBefore: at + 1, expiresAt: at + 1 },
          ],
          [
            {},
            { gated: true, notBefore: at },
            { gated: true, notBefore: at + 1, revocation },
            { gated: true, notBefore: at + 1, expiresAt: at },
            { gated: true, notBefore: at + 1, lockedAt: at },
          ],
        ],
        [
          'closed',
          { state: { is: 'closed', now: at } },
          [{ lockedAt: at }, { gated: true, lockedAt: at, notBefore: at + 1 }, { lockedAt: at + 9 }],
          [{}, { gated: true, maxOpens: 1 }, { lockedAt: at, revocation }, { lockedAt: at, expiresAt: at }],
        ],
        [
          'expired, at the very millisecond',
          { state: { is: 'expired', now: at } },
          [{ expiresAt: at }],
          [{ expiresAt: at + 1 }, { expiresAt: at - 1, revocation }],
        ],
        [
          'revoked',
          { state: { is: 'revoked', now: at } },
          [{ revocation }, { expiresAt: at - 1, revocation }],
          [{ expiresAt: at }, {}],
        ],
      ];

      it.each(cases)('shows %s', async (_title, filter, those, others) => {
        const put = async (more: Partial<Share>) => {
          const one = share({ ...more, revocation: null });
          await store.add(one, null, told());
          if (more.revocation) await store.revoke(one, more.revocation, told());
          return one.id;
        };
        const expected: string[] = [];
        for (const more of those) expected.push(await put(more));
        for (const more of others) await put(more);
        expect((await ids({ ...everyone, filter })).sort()).toEqual(expected.sort());
        expect((await ids({ ...everyone, order: 'oldest-first', filter })).sort()).toEqual(expected.sort());
        // With a second member both must match.
        expect(await ids({ ...everyone, filter: { ...filter, mintedBy: 'basic:nobody' } })).toEqual([]);
        expect(await ids({ ...everyone, filter: { ...filter, mintedBy: 'basic:alice' } })).toHaveLength(
          expected.length,
        );
      });

      it('shows a share whose label no index entry could hold', async () => {
        const label = randomBytes(10_000).toString('base64');
        const one = share({ label });
        await store.add(one, null, told());
        expect(await ids({ ...everyone, filter: { label } })).toEqual([one.id]);
      });
    });

    it('is empty when nothing is there', async () => {
      expect(await ids()).toEqual([]);
    });
  });

  describe('revoking', () => {
    const revocation = { at: 1_800_000_000_123, by: 'basic:bob', reason: `it's "why" \\ 患者` };

    it('marks the share and tells every replica, once', async () => {
      const [one, other] = [share({ expiresAt: 1_900_000_000_000 }), share()];
      await store.add(one, null, told());
      await store.add(other, null, told());
      expect(await store.revoke(one, revocation, told())).toBe(true);
      expect(await store.find(one.id)).toEqual({ ...one, revocation });
      expect(await store.find(other.id)).toEqual(other);
      expect(await store.list(everyone)).toEqual([other, { ...one, revocation }]);
      expect(await subject.told()).toEqual([{ identity: one.identity, expiresAt: 1_900_000_000_000 }]);
    });

    it('keeps the first revocation, and tells nobody of a second', async () => {
      const one = share();
      await store.add(one, null, told());
      await store.revoke(one, revocation, told());
      expect(await store.revoke(one, { at: 1_800_000_009_000, by: 'basic:eve', reason: 'other' }, told())).toBe(false);
      expect((await store.find(one.id))?.revocation).toEqual(revocation);
      expect(await subject.told()).toEqual([{ identity: one.identity, expiresAt: null }]);
    });

    it('says no of a share that is not there, and tells nobody', async () => {
      expect(await store.revoke(share(), revocation, told())).toBe(false);
      expect(await subject.told()).toEqual([]);
    });

    it('lets one of ten that race be the first', async () => {
      const one = share();
      await store.add(one, null, told());
      const results = await Promise.all(
        Array.from({ length: 10 }, (_, index) => store.revoke(one, { ...revocation, by: `basic:${index}` }, told())),
      );
      expect(results.filter(Boolean)).toHaveLength(1);
      expect((await store.find(one.id))?.revocation?.by).toBe(`basic:${results.indexOf(true)}`);
      expect(await subject.told()).toHaveLength(1);
    });
  });

  describe('revoking many', () => {
    const at = 1_800_000_000_123;
    const revocation = { at, by: 'basic:bob', reason: 'why' };
    const all = { filter: {}, undatedToo: true };

    it('marks live shares alone, batch by batch, and tells every replica of each once', async () => {
      const live = Array.from({ length: 5 }, (_, index) => share({ expiresAt: index === 0 ? at + 1 : null }));
      const [expired, ended, other] = [share({ expiresAt: at }), share(), share({ mintedBy: 'basic:carol' })];
      for (const one of [...live, expired, ended, other]) await store.add(one, null, told());
      await store.revoke(ended, { at: 1, by: 'first', reason: 'first' }, told());
      const alice = { filter: { mintedBy: 'basic:alice' }, undatedToo: false };
      expect(await store.countLive(alice, at)).toBe(5);
      const sizes: number[] = [];
      for (let after: string | null = null; ;) {
        const { ended: some, next } = await revokeSome(store, alice, revocation, 2, after, tell);
        sizes.push(some.length);
        if (next === null) break;
        after = next;
      }
      expect(sizes).toEqual([2, 2, 1]);
      for (const one of live) expect((await store.find(one.id))?.revocation).toEqual(revocation);
      for (const one of [expired, other]) expect((await store.find(one.id))?.revocation).toBeNull();
      expect((await store.find(ended.id))?.revocation?.by).toBe('first');
      expect(await subject.told()).toEqual(
        expect.arrayContaining(live.map(({ identity, expiresAt }) => ({ identity, expiresAt }))),
      );
      expect(await subject.told()).toHaveLength(6);
      expect(await store.countLive(alice, at)).toBe(0);
      expect(await revokeSome(store, alice, revocation, 2, null, tell)).toEqual({ ended: [], next: null });
      expect(await subject.told()).toHaveLength(6);
    });

    it('takes what is scheduled or closed too, and records an event of each', async () => {
      const later = { gated: true, notBefore: at + 1_000 };
      const taken = [share(), share(later), share({ lockedAt: at - 5 }), share({ ...later, lockedAt: at - 5 })];
      const early = share({ expiresAt: at + 5, tokenEnd: { at: at + 900 } });
      for (const one of [...taken, early, share({ expiresAt: at })]) await store.add(one, null, told());
      const before = (await subject.events()).length;
      const toldOf: string[] = [];
      const { ended } = await revokeSome(store, all, revocation, 10, null, (one) => {
        toldOf.push(one.id);
        return tell(one);
      });
      expect(toldOf.sort()).toEqual([...taken, early].map(({ id }) => id).sort());
      expect((await subject.events()).length - before).toBe(5);
      expect(ended).toContainEqual({ identity: early.identity, expiresAt: at + 900 });
      expect(ended.map(({ identity }) => identity).sort()).toEqual([...taken, early].map((one) => one.identity).sort());
    });

    it('takes shares minted before a moment, and with them adopted ones that do not say when', async () => {
      const msecs = 1_795_000_000_000;
      const made = (more: Partial<Share>) => share({ id: uuidv7({ msecs }), mintedAt: msecs, ...more });
      const early = made({ mintedAt: msecs - 1 });
      const undated = made({ origin: 'adopted', mintedBy: null });
      const dated = made({ origin: 'adopted', mintedBy: null, mintedAt: msecs + 1 });
      const own = made({});
      for (const one of [early, undated, dated, own]) await store.add(one, null, told());
      const before = { mintedBefore: msecs };
      expect(await store.countLive({ filter: before, undatedToo: true }, at)).toBe(2);
      const { ended } = await revokeSome(store, { filter: before, undatedToo: false }, revocation, 10, null, tell);
      expect(ended.map(({ identity }) => identity)).toEqual([early.identity]);
      const second = await revokeSome(store, { filter: before, undatedToo: true }, revocation, 10, null, tell);
      expect(second.ended.map(({ identity }) => identity)).toEqual([undated.identity]);
    });

    it('marks each share once when two of them race', async () => {
      for (let count = 0; count < 30; count++) await store.add(share(), null, told());
      const results = await Promise.all(
        Array.from({ length: 4 }, () => revokeSome(store, all, revocation, 100, null, tell)),
      );
      expect(results.flatMap(({ ended }) => ended)).toHaveLength(30);
      expect(await subject.told()).toHaveLength(30);
    });
  });
});

describe('the registry on PostgreSQL, where a statement fails', () => {
  let subject: Awaited<ReturnType<typeof onPostgres>>;
  beforeEach(async () => (subject = await onPostgres()));
  afterEach(() => subject?.close());

  it('marks nothing when nobody can be told', async () => {
    const one = share();
    await subject.store.add(one, null, told());
    await subject.admin.query('REVOKE INSERT ON change FROM warden_app');
    await expect(subject.store.revoke(one, { at: 1, by: 'x', reason: 'y' }, told())).rejects.toThrow();
    expect((await subject.store.find(one.id))?.revocation).toBeNull();
  });

  it('marks none of many when nobody can be told', async () => {
    const one = share();
    await subject.store.add(one, null, told());
    await subject.admin.query('REVOKE INSERT ON change FROM warden_app');
    const ended = revokeSome(
      subject.store,
      { filter: {}, undatedToo: true },
      { at: 1, by: 'x', reason: 'y' },
      9,
      null,
      tell,
    );
    await expect(ended).rejects.toThrow();
    expect((await subject.store.find(one.id))?.revocation).toBeNull();
  });

  it('changes nothing when nobody can be told, or nothing recorded', async () => {
    const one = share({ expiresAt: 1_900_000_000_000 });
    await subject.store.add(one, null, told());
    const shorten = (event: WardenEvent | null) =>
      subject.store.change(one.id, null, (before) => ({
        after: { ...before, expiresAt: 1_850_000_000_000, tokenEnd: { at: before.expiresAt } },
        told: event,
      }));
    await subject.admin.query('REVOKE INSERT ON change FROM warden_app');
    await expect(shorten(null)).rejects.toThrow();
    await subject.admin.query('GRANT INSERT ON change TO warden_app; REVOKE INSERT ON audit_pending FROM warden_app');
    await expect(shorten(told())).rejects.toThrow();
    expect([await subject.store.find(one.id), await subject.told()]).toEqual([one, []]);
  });

  it('stores no share whose key cannot be stored', async () => {
    await subject.admin.query('REVOKE INSERT ON idempotency_key FROM warden_app');
    const one = share();
    await expect(subject.store.add(one, request('k'), told())).rejects.toThrow();
    expect(await subject.store.find(one.id)).toBeNull();
  });

  it('stores no share without what it shares', async () => {
    await subject.admin.query('REVOKE INSERT ON share_resource FROM warden_app');
    const one = share();
    await expect(subject.store.add(one, null, told())).rejects.toThrow();
    expect(await subject.store.find(one.id)).toBeNull();
  });

  it('answers each call with database-unavailable when the database is gone', async () => {
    const one = share();
    await subject.store.add(one, null, told());
    await subject.admin.end();
    await subject.database.drop();
    const calls: [string, () => Promise<unknown>][] = [
      ['add', () => subject.store.add(share(), null, told())],
      ['add with a key', () => subject.store.add(share(), request('k'), told())],
      ['adopt', () => subject.store.adopt(share())],
      ['find', () => subject.store.find(one.id)],
      ['findByIdentity', () => subject.store.findByIdentity(one.identity)],
      ['findByHandle', () => subject.store.findByHandle(one.identity)],
      ['change', () => subject.store.change(one.id, null, (before) => ({ after: before, told: null }))],
      ['list', () => subject.store.list(everyone)],
      ['revoke', () => subject.store.revoke(one, { at: 1, by: 'x', reason: 'y' }, told())],
      ['countLive', () => subject.store.countLive({ filter: {}, undatedToo: true }, 1)],
      [
        'revokeSome',
        () =>
          revokeSome(subject.store, { filter: {}, undatedToo: true }, { at: 1, by: 'x', reason: 'y' }, 1, null, tell),
      ],
      ['forgetOldKeys', () => subject.store.forgetOldKeys()],
    ];
    for (const [name, call] of calls) {
      const error: unknown = await call().catch((thrown: unknown) => thrown);
      expect([name, error instanceof DomainError ? error.code : error]).toEqual([name, 'database-unavailable']);
    }
  });
});
