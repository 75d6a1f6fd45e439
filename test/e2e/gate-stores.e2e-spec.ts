import { itself, noSource } from '@warden/events';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { ChangeWriter } from '../../apps/auth-service/src/platform/feed/change-writer.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import {
  type AttemptLimits,
  addressLimits,
  codeLimits,
  linkLimits,
  longestWait,
} from '../../apps/auth-service/src/shares/gates/attempt-limits.js';
import type { AttemptSubject, Debit } from '../../apps/auth-service/src/shares/gates/attempts.store.js';
import { PostgresAttemptsStore } from '../../apps/auth-service/src/shares/infra/postgres-attempts.store.js';
import { PostgresGateCodesStore } from '../../apps/auth-service/src/shares/infra/postgres-gate-codes.store.js';
import { PostgresOpeningsStore } from '../../apps/auth-service/src/shares/infra/postgres-openings.store.js';
import { PostgresSharesStore } from '../../apps/auth-service/src/shares/infra/postgres-shares.store.js';
import { type Share, plainTerms } from '../../apps/auth-service/src/shares/share.js';
import { eventShareOf, shareRevoked } from '../../apps/auth-service/src/shares/share-events.js';
import { recordedEvents } from '../support/recorded-events.js';
import { type TestDatabase, createTestDatabase } from '../support/test-cluster.js';

/** Of the caller's clock; the database's is years away from it. */
const now = Date.UTC(2040, 0, 1);
const [second, hour, day] = [1_000, 3_600_000, 86_400_000];

let database: TestDatabase;
let pool: Database;
let admin: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  pool = new Database(new Secret(database.applicationUrl));
  admin = new pg.Client(database.adminUrl);
  await admin.connect();
}, 60_000);
afterAll(async () => {
  await pool?.close();
  await admin?.end();
  await database?.drop();
});

let minted = now - hour;
async function share(more: Partial<Share> = {}): Promise<Share> {
  minted += 1;
  const one: Share = {
    ...plainTerms,
    id: uuidv7({ msecs: minted }),
    identity: randomBytes(16).toString('base64url'),
    keyId: 'kid-1',
    origin: 'minted',
    type: 'stone-viewer-publication',
    label: null,
    serverId: null,
    resources: [{ level: 'study', dicomUid: '1.2.3', orthancId: null, url: null }],
    mintedAt: minted,
    mintedBy: 'basic:ada',
    expiresAt: null,
    expiresText: null,
    validityDuration: null,
    revocation: null,
    gated: true,
    ...more,
  };
  const log = new PostgresEventLog(pool);
  const store = new PostgresSharesStore(pool, new ChangeWriter(pool), log);
  const told = shareRevoked(
    eventShareOf(one),
    { actor: itself, source: noSource },
    { at: minted, reason: 'any' },
    null,
  );
  await store.add({ ...one, revocation: null }, null, told);
  if (one.revocation !== null) await store.revoke(one, one.revocation, { ...told, id: uuidv7() });
  await admin.query('UPDATE share SET opens = $2 WHERE id = $1', [one.id, one.opens]);
  return one;
}

describe('attempts', () => {
  let attempts: PostgresAttemptsStore;
  beforeEach(() => (attempts = new PostgresAttemptsStore(pool)));
  const subject = (limits: AttemptLimits, known = true): AttemptSubject => ({ digest: randomBytes(32), known, limits });
  const patient: AttemptLimits = { free: 2, most: null, forgottenAfter: null, oneForgottenEach: null };
  const debit = (at: number, ...subjects: AttemptSubject[]): Promise<Debit> => attempts.debit(subjects, at);
  const kept = async ({ digest }: AttemptSubject): Promise<number | null> =>
    (await admin.query<{ failures: number }>('SELECT failures FROM gate_attempt WHERE subject = $1', [digest])).rows[0]
      ?.failures ?? null;

  it('are free at first; then each further one waits twice as long, and never longer than the longest wait', async () => {
    const one = subject(patient);
    const waits: number[] = [];
    let at = now;
    for (let count = 1; count <= 13; count++) {
      expect(await debit(at, one)).toEqual({ allowed: true, counts: [count] });
      const { rows } = await admin.query<{ blocked_until: Date | null }>(
        'SELECT blocked_until FROM gate_attempt WHERE subject = $1',
        [one.digest],
      );
      const until = rows[0]?.blocked_until?.getTime() ?? at;
      waits.push((until - at) / second);
      if (until > at) expect(await debit(at, one)).toEqual({ allowed: false, retryAt: until });
      at = until;
    }
    expect(waits).toEqual([0, 0, 2, 4, 8, 16, 32, 64, 128, 256, 512, longestWait, longestWait]);
  });

  it('wait by the clock that is given: not a millisecond less, and not by the clock of the database', async () => {
    for (const begin of [now, Date.UTC(2001, 0, 1)]) {
      const one = subject(patient);
      for (let count = 0; count < 3; count++) expect((await debit(begin, one)).allowed).toBe(true);
      expect(await debit(begin + 2 * second - 1, one)).toMatchObject({ allowed: false });
      expect(await debit(begin + 2 * second, one)).toEqual({ allowed: true, counts: [4] });
    }
  });

  it('that have to wait are not counted, and do not make it longer', async () => {
    const one = subject(patient);
    for (let count = 0; count < 3; count++) await debit(now, one);
    for (let count = 0; count < 20; count++)
      expect(await debit(now + 1, one)).toEqual({ allowed: false, retryAt: now + 2 * second });
    expect(await kept(one)).toBe(3);
    expect(await debit(now + 2 * second, one)).toEqual({ allowed: true, counts: [4] });
  });

  it('say a moment to come, at least a second away', async () => {
    const one = subject(patient);
    for (let count = 0; count < 3; count++) await debit(now, one);
    expect(await debit(now + 1_999, one)).toEqual({ allowed: false, retryAt: now + 2_999 });
  });

  it('of a link end after so many, however long one waits', async () => {
    const one = subject(linkLimits(4));
    let at = now;
    for (let count = 1; count <= 4; count++, at += hour)
      expect(await debit(at, one)).toEqual({ allowed: true, counts: [count] });
    for (const later of [0, hour, 400 * day])
      expect(await debit(at + later, one)).toEqual({ allowed: false, retryAt: null });
    expect(await kept(one)).toBe(4);
  });

  it('of codes are forgotten after an hour of quiet, and no sooner', async () => {
    const [one, most] = [subject(codeLimits, false), 10];
    let at = now;
    for (let count = 1; count <= most; count++) {
      expect(await debit(at, one)).toEqual({ allowed: true, counts: [count] });
      if (count < most) at += longestWait * second;
    }
    expect(await debit(at + hour, { ...one, limits: { ...codeLimits, most: most + 1 } })).toEqual({
      allowed: true,
      counts: [most + 1],
    });
    expect(await debit(at + 2 * hour + 1, one)).toEqual({ allowed: true, counts: [1] });
    expect((await debit(at + 2 * hour + 1, one)).allowed).toBe(true);
  });

  it('of an address are forgotten one by one: a hospital is not kept waiting by its whole day', async () => {
    const one = subject(addressLimits, false);
    for (let count = 1; count <= 20; count++) expect(await debit(now, one)).toEqual({ allowed: true, counts: [count] });
    // Every three minutes one, from the last on.
    expect(await debit(now + 179 * second, one)).toEqual({ allowed: true, counts: [21] });
    expect((await debit(now + 180 * second, one)).allowed).toBe(false);
    expect(await debit(now + (179 + 10 * 180) * second, one)).toEqual({ allowed: true, counts: [12] });
    let at = now + 2 * hour;
    for (let count = 0; count < 100; count++, at += 180 * second) expect((await debit(at, one)).allowed).toBe(true);
    expect(await debit(at + hour + 1, one)).toEqual({ allowed: true, counts: [1] });
  });

  it('of a link are never forgotten by quiet', async () => {
    const one = subject(linkLimits(10));
    await debit(now, one);
    expect(await debit(now + 300 * day, one)).toEqual({ allowed: true, counts: [2] });
  });

  it('are taken of every subject, or of none where one of them has to wait', async () => {
    const [address, link] = [subject(addressLimits, false), subject(linkLimits(1))];
    expect(await debit(now, address, link)).toEqual({ allowed: true, counts: [1, 1] });
    expect(await debit(now, address, link)).toEqual({ allowed: false, retryAt: null });
    expect([await kept(address), await kept(link)]).toEqual([1, 1]);
    const fresh = subject(linkLimits(9));
    const waiting = subject(patient);
    for (let count = 0; count < 3; count++) await debit(now, waiting);
    expect(await debit(now, fresh, waiting)).toEqual({ allowed: false, retryAt: now + 2 * second });
    expect([await kept(fresh), await kept(waiting)]).toEqual([null, 3]);
    expect(await debit(now, address, fresh)).toEqual({ allowed: true, counts: [2, 1] });
  });

  it('that race are never more than there are', async () => {
    const [end, wait] = [
      subject({ free: 100, most: 5, forgottenAfter: null, oneForgottenEach: null }),
      subject(patient),
    ];
    const address = subject({ free: 1_000, most: null, forgottenAfter: null, oneForgottenEach: null }, false);
    const ended = await Promise.all(Array.from({ length: 40 }, () => debit(now, address, end)));
    const counts = ended.flatMap((one) => (one.allowed ? [one.counts[1]] : []));
    expect(counts.sort()).toEqual([1, 2, 3, 4, 5]);
    expect([await kept(address), await kept(end)]).toEqual([5, 5]);
    const waited = await Promise.all(Array.from({ length: 40 }, () => debit(now, wait)));
    expect(waited.filter(({ allowed }) => allowed)).toHaveLength(3);
  });

  it('are given back one by one, with the waiting that the last one brought', async () => {
    const one = subject(patient);
    for (let count = 0; count < 3; count++) await debit(now, one);
    await attempts.credit(one.digest, 'one');
    expect(await kept(one)).toBe(2);
    expect(await debit(now, one)).toEqual({ allowed: true, counts: [3] });
    for (let count = 0; count < 5; count++) await attempts.credit(one.digest, 'one');
    // What was never judged leaves nothing behind.
    expect(await kept(one)).toBeNull();
    expect(await debit(now, one)).toEqual({ allowed: true, counts: [1] });
    await attempts.credit(randomBytes(32), 'one');
  });

  it('are given back all at once, those of others not', async () => {
    const [one, other] = [subject(linkLimits(3)), subject(linkLimits(3))];
    for (let count = 0; count < 3; count++) await debit(now + count * hour, one, other);
    await attempts.credit(one.digest, 'all');
    expect([await kept(one), await kept(other)]).toEqual([null, 3]);
    expect(await debit(now + 4 * hour, one)).toEqual({ allowed: true, counts: [1] });
    await attempts.credit(randomBytes(32), 'all');
  });

  it('are dropped after a day where nobody minted the link, and after half a year else', async () => {
    const [known, unknown] = [subject(linkLimits(3)), subject(linkLimits(3), false)];
    await debit(now, known, unknown);
    await attempts.forgetOld(now + day);
    expect([await kept(known), await kept(unknown)]).toEqual([1, 1]);
    await attempts.forgetOld(now + day + 1);
    expect([await kept(known), await kept(unknown)]).toEqual([1, null]);
    await attempts.forgetOld(now + 180 * day);
    expect(await kept(known)).toBe(1);
    await attempts.forgetOld(now + 180 * day + 1);
    expect(await kept(known)).toBeNull();
  });
});

describe('openings', () => {
  let openings: PostgresOpeningsStore;
  beforeEach(() => (openings = new PostgresOpeningsStore(pool, new PostgresEventLog(pool))));
  const source = { address: '203.0.113.7', userAgent: 'Browser', requestId: 'r-1' };
  const open = ({ id, gate }: Share, session = randomBytes(32), at = now) =>
    openings.open({ shareId: id, session, viewer: 'download', gate, at, source });
  const opens = async ({ id }: Share): Promise<number> =>
    (await admin.query<{ opens: number }>('SELECT opens FROM share WHERE id = $1', [id])).rows[0]?.opens ?? -1;
  const sessions = async ({ id }: Share): Promise<number> =>
    (await admin.query('SELECT FROM share_session WHERE share_id = $1', [id])).rowCount ?? -1;
  const events = async ({ id }: Share): Promise<any[]> =>
    (await recordedEvents(admin)).filter(({ name, shareId }) => shareId === id && name === 'share.opened');

  it('are refused to who passed another gate than the one that is there now', async () => {
    const one = await share({ gate: { kind: 'pin', hash: 'the hash of now' } });
    const before: Share = { ...one, gate: { kind: 'pin', hash: 'the hash of before' } };
    for (const passed of [before, { ...one, gate: null }])
      expect(await open(passed)).toEqual({ ok: false, reason: 'gate-changed' });
    expect([await opens(one), await sessions(one)]).toEqual([0, 0]);
    expect((await open(one)).ok).toBe(true);
  });

  it('are exactly as many as there may be, of many that race', async () => {
    const one = await share({ maxOpens: 3 });
    const results = await Promise.all(Array.from({ length: 30 }, () => open(one)));
    const counts = results.flatMap((result) => (result.ok ? [result.share.opens] : []));
    expect(counts.sort()).toEqual([1, 2, 3]);
    expect(results.filter((result) => !result.ok && result.reason === 'used-up')).toHaveLength(27);
    expect([await opens(one), await sessions(one), (await events(one)).length]).toEqual([3, 3, 3]);
  });

  it('of one recipient at the same time are one', async () => {
    const one = await share({ maxOpens: 1 });
    const session = randomBytes(32);
    const results = await Promise.all(Array.from({ length: 20 }, () => open(one, session)));
    expect(results.every(({ ok }) => ok)).toBe(true);
    expect([await opens(one), await sessions(one)]).toEqual([1, 1]);
  });

  it('of the same recipient are not counted for eight hours, and counted after', async () => {
    const one = await share();
    const session = randomBytes(32);
    const counts: number[] = [];
    for (const at of [now, now + 1, now + 8 * hour - 1, now + 8 * hour, now + 9 * hour, now + 16 * hour]) {
      const result = await open(one, session, at);
      counts.push(result.ok ? result.share.opens : -1);
    }
    expect(counts).toEqual([1, 1, 1, 2, 2, 3]);
    expect([await opens(one), await sessions(one)]).toEqual([3, 1]);
  });

  it('of two shares are not those of one', async () => {
    const [one, other] = [await share({ maxOpens: 1 }), await share({ maxOpens: 1, opens: 1 })];
    const session = randomBytes(32);
    expect((await open(one, session)).ok).toBe(true);
    expect(await open(other, session)).toEqual({ ok: false, reason: 'used-up' });
  });

  it('let a recipient who is in come back to a share that is used up, for eight hours', async () => {
    const one = await share({ maxOpens: 1 });
    const session = randomBytes(32);
    await open(one, session);
    expect(await open(one)).toEqual({ ok: false, reason: 'used-up' });
    expect(await open(one, session, now + 8 * hour - 1)).toMatchObject({ ok: true, share: { opens: 1 } });
    expect(await open(one, session, now + 8 * hour)).toEqual({ ok: false, reason: 'used-up' });
  });

  it('let nobody in where it is locked, whoever was in before and though it is used up', async () => {
    const one = await share({ maxOpens: 1 });
    const session = randomBytes(32);
    await open(one, session);
    await admin.query('UPDATE share SET locked_at = $2 WHERE id = $1', [one.id, new Date(now)]);
    for (const whose of [session, randomBytes(32)])
      expect(await open(one, whose)).toEqual({ ok: false, reason: 'locked' });
  });

  it.each<[string, Partial<Share>, string, boolean[]]>([
    ['expired', { expiresAt: now }, 'expired', [true, false, false]],
    ['begins', { notBefore: now }, 'scheduled', [false, true, true]],
    ['was revoked', { revocation: { at: now + 9, by: 'x', reason: 'y' } }, 'revoked', [false, false, false]],
  ])('are judged at the very millisecond: a share that %s', async (_title, more, reason, expected) => {
    for (const [index, at] of [now - 1, now, now + 1].entries()) {
      const one = await share(more);
      const result = await open(one, randomBytes(32), at);
      expect([at - now, result.ok]).toEqual([at - now, expected[index]]);
      if (!result.ok) expect(result.reason).toBe(reason);
      const seen = [await opens(one), await sessions(one), (await events(one)).length];
      expect(seen).toEqual(result.ok ? [1, 1, 1] : [0, 0, 0]);
    }
  });

  it('are refused to a recipient who was in, once it is over', async () => {
    const one = await share({ expiresAt: now + 5 });
    const session = randomBytes(32);
    await open(one, session);
    expect(await open(one, session, now + 5)).toEqual({ ok: false, reason: 'expired' });
  });

  it('are recorded, counted or not, with where from and as which viewer', async () => {
    const one = await share();
    const session = randomBytes(32);
    await open(one, session, now);
    await open(one, session, now + 1);
    const texts = (await events(one)).map((event) => JSON.stringify(event));
    expect(texts).toHaveLength(2);
    expect(texts.map((text) => /counted\\*":(true|false)/.exec(text)?.[1]).sort()).toEqual(['false', 'true']);
    for (const text of texts)
      for (const told of ['203.0.113.7', 'Browser', 'r-1', 'download']) expect(text).toContain(told);
    expect(texts.join()).not.toContain(session.toString('base64url'));
  });

  it('give back the share as it is, with what it opens', async () => {
    const one = await share({ maxOpens: 4, viewers: ['ohif-viewer-publication'] });
    expect(await open(one)).toEqual({ ok: true, share: { ...one, opens: 1 } });
  });

  it('leave neither count nor session when the event cannot be recorded', async () => {
    const one = await share({ maxOpens: 1 });
    await admin.query('REVOKE INSERT ON audit_pending FROM warden_app');
    try {
      await expect(open(one)).rejects.toThrow();
    } finally {
      await admin.query('GRANT INSERT ON audit_pending TO warden_app');
    }
    expect([await opens(one), await sessions(one), await events(one)]).toEqual([0, 0, []]);
    expect((await open(one)).ok).toBe(true);
  });

  it('leave neither count nor event when the session cannot be kept', async () => {
    const one = await share();
    await expect(open(one, randomBytes(31))).rejects.toThrow();
    expect([await opens(one), await sessions(one), await events(one)]).toEqual([0, 0, []]);
  });

  it('of a share that is not there fail', async () => {
    await expect(open({ ...(await share()), id: uuidv7() })).rejects.toThrow('gone from the registry');
  });

  it('are forgotten after a day, the count is not', async () => {
    const one = await share();
    await open(one);
    await openings.forgetOld(now + day);
    expect(await sessions(one)).toBe(1);
    await openings.forgetOld(now + day + 1);
    expect([await sessions(one), await opens(one)]).toEqual([0, 1]);
  });
});

describe('e-mailed codes', () => {
  let codes: PostgresGateCodesStore;
  let id: string;
  beforeEach(async () => {
    codes = new PostgresGateCodesStore(pool);
    ({ id } = await share());
  });

  it('a new one takes the place of the one before', async () => {
    await codes.put(id, 'first', now + 10);
    await codes.put(id, 'second', now + 20);
    expect(await codes.hashOf(id, now + 15)).toBe('second');
    expect(await codes.use(id, 'first')).toBe(false);
    expect(await codes.use(id, 'second')).toBe(true);
  });

  it('is good up to its end, by the clock that is given, and for its share alone', async () => {
    await codes.put(id, 'code', now);
    expect(await codes.hashOf(id, now - 1)).toBe('code');
    for (const at of [now, now + 1]) expect(await codes.hashOf(id, at)).toBeNull();
    const { id: other } = await share();
    expect(await codes.hashOf(other, now - 1)).toBeNull();
    expect(await codes.use(other, 'code')).toBe(false);
    expect(await codes.hashOf(id, now - 1)).toBe('code');
  });

  it('is used once, also when many give it at the same time', async () => {
    await codes.put(id, 'code', now + 10);
    const used = await Promise.all(Array.from({ length: 20 }, () => codes.use(id, 'code')));
    expect(used.filter(Boolean)).toHaveLength(1);
    expect([await codes.hashOf(id, now), await codes.use(id, 'code')]).toEqual([null, false]);
  });

  it('is dropped after its end, and not before', async () => {
    await codes.put(id, 'code', now);
    await codes.forgetOld(now);
    expect(await codes.hashOf(id, now - 1)).toBe('code');
    await codes.forgetOld(now + 1);
    expect(await codes.hashOf(id, now - 1)).toBeNull();
  });
});
