import { randomBytes } from 'node:crypto';
import type { WardenEvent } from '@warden/events';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { AccessRecorder, type RecorderSettings } from '../../apps/auth-service/src/audit/access/access-recorder.js';
import { FlushAccessEvents } from '../../apps/auth-service/src/audit/access/flush-access-events.usecase.js';
import { PostgresSharesOfTokens } from '../../apps/auth-service/src/audit/access/infra/postgres-shares-of-tokens.js';
import { RememberedShares } from '../../apps/auth-service/src/audit/access/remembered-shares.js';
import { PostgresChainsStore } from '../../apps/auth-service/src/audit/infra/postgres-chains.store.js';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { PinoLog } from '../../apps/auth-service/src/platform/observability/log.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { SystemClock } from '../../apps/auth-service/src/platform/time/clock.js';
import { recordedEvents } from '../support/recorded-events.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

const clock = new SystemClock();

let database: TestDatabase;
let admin: pg.Client;
let pool: Database;
const lines: string[] = [];
const log = new PinoLog({ write: (line: string) => void lines.push(line) });
const started: FlushAccessEvents[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  admin = await connectAdmin(database);
  pool = new Database(new Secret(database.applicationUrl));
});
afterEach(async () => {
  for (const flush of started.splice(0)) await flush.stop();
  await pool.close();
  await admin.end();
  await database.drop();
  lines.length = 0;
});

function recording(settings: Partial<RecorderSettings> = {}): { recorder: AccessRecorder; flush: FlushAccessEvents } {
  const recorder = new AccessRecorder(settings);
  const shares = new RememberedShares(new PostgresSharesOfTokens(pool), clock);
  const flush = new FlushAccessEvents(recorder, new PostgresEventLog(pool), shares, clock, log);
  flush.start();
  started.push(flush);
  return { recorder, flush };
}

interface Asks {
  readonly identity: string;
  readonly parent?: string;
  readonly reason?: string;
  readonly level?: string;
  readonly uid?: string | null;
  readonly orthancId?: string | null;
}

function ask(recorder: AccessRecorder, asks: Asks): boolean {
  const { identity, parent, reason = 'granted', level = 'study', uid = '1.2.3', orthancId = null } = asks;
  const token = { identity, parent: parent === undefined ? null : { identity: parent, issuedAt: 0 }, resources: [] };
  return recorder.judged(
    { level, method: 'get', dicomUid: uid, orthancId, serverId: 'orthanc' },
    { granted: reason === 'granted', reason },
    token,
    'basic:plugin',
    clock.now(),
  );
}

const identities = (count: number): string[] =>
  Array.from({ length: count }, () => randomBytes(16).toString('base64url'));

async function storedShare(identity: string, origin = 'minted'): Promise<string> {
  const id = uuidv7();
  await admin.query(
    `INSERT INTO share (id, token_id, key_id, origin, type, minted_at) VALUES ($1, $2, 'k', $3, 'stone-viewer-publication', now())`,
    [id, Buffer.from(identity, 'base64url'), origin],
  );
  return id;
}
async function opens(id: string, ordinal: number, level: string, uid: string | null, orthancId: string | null) {
  await admin.query(
    `INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id) VALUES ($1, $2, $3, $4, $5)`,
    [id, ordinal, level, uid, orthancId],
  );
}
async function resolved(id: string, orthancId: string, uid: string, patient: string | null) {
  await admin.query(
    `INSERT INTO share_study (share_id, study_orthanc_id, study_dicom_uid, patient_id) VALUES ($1, $2, $3, $4)`,
    [id, orthancId, uid, patient],
  );
}

const events = async (): Promise<WardenEvent[]> =>
  (await recordedEvents(admin)).map(({ event, text }) => {
    if (event === null) throw new Error(`nobody can read it: ${text}`);
    return event;
  });

async function until(holds: () => Promise<boolean> | boolean, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) throw new Error('it did not come about in time');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const countOf = (all: readonly WardenEvent[], name: WardenEvent['name']): number =>
  all.filter((event) => event.name === name).reduce((sum, { detail }) => sum + (detail as { count: number }).count, 0);

it('an access is told of the share as the registry and the archive know it', async () => {
  const [link = '', viewer = '', foreign = '', unknown = ''] = identities(4);
  const id = await storedShare(link);
  await opens(id, 0, 'study', '1.2.3', 'o-3');
  await opens(id, 1, 'study', null, 'o-4');
  await opens(id, 2, 'study', '1.2.5', null);
  await opens(id, 3, 'patient', 'P3', null);
  await resolved(id, 'o-3', '1.2.3', 'P1');
  await resolved(id, 'o-4', '1.2.4', 'P2');
  const foreignId = await storedShare(foreign, 'adopted');
  const { recorder, flush } = recording();
  ask(recorder, { identity: link });
  ask(recorder, { identity: viewer, parent: link, uid: null, orthancId: 'o-4' });
  ask(recorder, { identity: link, uid: '1.2.5' });
  ask(recorder, { identity: link, level: 'patient', uid: 'P3' });
  ask(recorder, { identity: foreign });
  ask(recorder, { identity: unknown });
  ask(recorder, { identity: '__proto__' });
  await flush.stop();
  const told = (await events()).map(({ name, actor, share, reason, detail }) => [
    name,
    actor.id,
    share && [share.id, share.identity, share.studies, share.patients],
    (detail as { study: string | null }).study,
    reason,
  ]);
  expect(told).toEqual([
    ['access.disclosed', link, [id, link, ['1.2.3'], ['P1']], '1.2.3', null],
    ['access.disclosed', link, [id, link, ['1.2.4'], ['P2']], '1.2.4', null],
    ['access.disclosed', link, [id, link, ['1.2.5'], ['P3']], '1.2.5', null],
    ['access.disclosed', link, [id, link, ['1.2.3', '1.2.4', '1.2.5'], ['P1', 'P2', 'P3']], null, null],
    ['access.disclosed', foreign, [foreignId, foreign, [], []], '1.2.3', 'sharer-unknown'],
    ['access.disclosed', unknown, null, '1.2.3', 'sharer-unknown'],
    ['access.disclosed', '__proto__', null, '1.2.3', 'sharer-unknown'],
  ]);
});

it('a disclosure is stored and sealed while nobody waits for it', async () => {
  const { recorder } = recording();
  const [identity = ''] = identities(1);
  ask(recorder, { identity });
  const asked = Date.now();
  await until(async () => (await events()).length === 1);
  expect(Date.now() - asked).toBeLessThan(2_000);
  const chains = new PostgresChainsStore(pool);
  expect(await chains.seal(10)).toBe(1);
  const { rows } = await admin.query('SELECT class, study, actor_id, outcome FROM audit_event');
  expect(rows).toEqual([{ class: 'disclosure', study: '1.2.3', actor_id: identity, outcome: 'success' }]);
});

async function down(): Promise<void> {
  await admin.query('REVOKE CONNECT ON DATABASE ' + new URL(database.adminUrl).pathname.slice(1) + ' FROM warden_app');
  await admin.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'warden_app' AND datname = current_database()`,
  );
}
const up = (): Promise<unknown> =>
  admin.query('GRANT CONNECT ON DATABASE ' + new URL(database.adminUrl).pathname.slice(1) + ' TO warden_app');

it('a database that is away under load costs what is beyond the bounds, and the record says how much', async () => {
  const bounds = { disclosures: 1_000, grants: 500, denials: 100 };
  const { recorder, flush } = recording({ ...bounds, grantWindowMs: 300, denialWindowMs: 300 });
  const [known = '', ...many] = identities(1_501);
  ask(recorder, { identity: known });
  await until(async () => (await events()).length === 1);
  await down();
  const asked = { granted: 1, denied: 0 };
  const end = Date.now() + 2_000;
  for (let round = 0; Date.now() < end; round++) {
    for (let step = 0; step < 30; step++) {
      const identity = many[(round * 30 + step) % many.length] ?? '';
      ask(recorder, { identity });
      ask(recorder, { identity, reason: 'expired' });
      asked.granted++;
      asked.denied++;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(recorder.disclosures.full && recorder.accesses.full && recorder.denials.full).toBe(true);
  expect(recorder.lanes.map(({ unavailable }) => unavailable)).toEqual([true, true, true]);
  await up();
  await until(() => recorder.lanes.every(({ unavailable, lost }) => !unavailable && lost > 0));
  await until(() => recorder.disclosures.held === 0);
  const [late = ''] = identities(1);
  ask(recorder, { identity: late });
  asked.granted++;
  await flush.stop();

  const all = await events();
  const disclosed = all.filter(({ name }) => name === 'access.disclosed').map(({ actor }) => actor.id);
  // Before, as many as there is room for in the order in which they came, and afterwards.
  expect(disclosed).toEqual([known, ...many.slice(0, bounds.disclosures), late]);
  const lost = new Map<string, number>();
  for (const event of all)
    if (event.name === 'audit.lost') {
      const { lane, count } = event.detail;
      lost.set(lane, (lost.get(lane) ?? 0) + count);
      expect(event.detail.until).toBeGreaterThanOrEqual(event.at);
    }
  expect([...lost]).toEqual(expect.arrayContaining(recorder.lanes.map(({ name, lost: count }) => [name, count])));
  expect(
    disclosed.length + countOf(all, 'access.granted') + (lost.get('disclosure') ?? 0) + (lost.get('access') ?? 0),
  ).toBe(asked.granted);
  expect(countOf(all, 'access.denied') + (lost.get('denial') ?? 0)).toBe(asked.denied);
  expect(all.some((event) => event.name === 'audit.lost' && event.reason === 'database-unavailable')).toBe(true);
  expect(lines.filter((line) => line.includes('access-events-lost')).length).toBeGreaterThan(0);
  const chains = new PostgresChainsStore(pool);
  while (((await chains.seal(2_000)) ?? 0) > 0);
  expect((await admin.query('SELECT FROM audit_event')).rowCount).toBe(all.length);
});

it('with strict, nothing is lost while the database is away: it is refused', async () => {
  const { recorder, flush } = recording({ strict: true, disclosures: 20, strictWaitMs: 500 });
  await pool.query('SELECT 1');
  await down();
  const names = identities(30);
  expect(names.map((identity) => ask(recorder, { identity }))).toEqual(names.map((_, index) => index < 20));
  await until(() => recorder.disclosures.unavailable);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect([recorder.mayGrant(clock.now()), ask(recorder, { identity: names[0] ?? '' })]).toEqual([false, false]);
  await up();
  await until(() => recorder.disclosures.held === 0);
  expect(ask(recorder, { identity: names[29] ?? '' })).toBe(true);
  await flush.stop();
  const all = await events();
  expect(all.filter(({ name }) => name === 'audit.lost')).toEqual([]);
  expect(countOf(all, 'access.disclosed')).toBe(21);
  const refused = all.filter(({ name }) => name === 'access.denied');
  expect(new Set(refused.map(({ reason }) => reason))).toEqual(new Set(['audit-unavailable']));
  expect(countOf(all, 'access.denied')).toBe(11);
});
