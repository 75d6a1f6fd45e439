import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WardenEvent, itself, noSource } from '@warden/events';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { actOf, byItself } from '../../apps/auth-service/src/audit/acts.js';
import { PostgresChainsStore } from '../../apps/auth-service/src/audit/infra/postgres-chains.store.js';
import { PostgresEventLog } from '../../apps/auth-service/src/audit/infra/postgres-event-log.js';
import { CheckpointOutlet, CheckpointOutlets } from '../../apps/auth-service/src/audit/proof/checkpoint-outlet.js';
import { CheckpointSigner } from '../../apps/auth-service/src/audit/proof/checkpoint-signer.js';
import { ExportProof } from '../../apps/auth-service/src/audit/proof/export-proof.usecase.js';
import { FileCheckpointOutlet } from '../../apps/auth-service/src/audit/proof/infra/file-checkpoint-outlet.js';
import { PostgresCheckpointsStore } from '../../apps/auth-service/src/audit/proof/infra/postgres-checkpoints.store.js';
import { PostgresProofStore } from '../../apps/auth-service/src/audit/proof/infra/postgres-proof.store.js';
import { MakeCheckpoint } from '../../apps/auth-service/src/audit/proof/make-checkpoint.usecase.js';
import type { ProofSettings } from '../../apps/auth-service/src/audit/proof/proof-settings.js';
import type { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { PinoLog } from '../../apps/auth-service/src/platform/observability/log.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import {
  ExportVerifier,
  type Fault,
  type PinnedKey,
  type SignedCheckpoint,
  type Verdict,
  readCheckpoints,
} from '../../apps/warden/src/audit/verify-export.js';
import { type TestDatabase, connectAdmin, createTestDatabase } from '../support/test-cluster.js';

/** Each test tampers within a transaction that is undone afterwards; all that reads is on the same connection. */
let database: TestDatabase;
let admin: pg.Client;
let folder: string;
let outside: SignedCheckpoint[];
let lines: string[];
const hour = 3_600_000;
const month = new Date().toISOString().slice(0, 7);
const nextMonth = new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1))
  .toISOString()
  .slice(0, 7);

const connection = {
  query: async (sql: string, parameters: unknown[] = []) => (await admin.query(sql, parameters)).rows,
  run: (work: () => Promise<unknown>) => work(),
} as unknown as Database;
const log = new PinoLog({ write: (line: string) => void lines.push(line) });
const events = new PostgresEventLog(connection);
const chains = new PostgresChainsStore(connection);
const settings: ProofSettings = {
  signingKey: null,
  secret: new Secret('TEST-ONLY-secret-key-not-for-production-0123456789'),
  previousSecrets: [],
  everyMs: 10_000,
  file: null,
  origin: 'test',
};
const signer = new CheckpointSigner(settings);
/** Checkpoints of an hour ago are older than any export. */
let now = Date.now() - 2 * hour;
const clock = { now: () => now, monotonic: () => 0 };

class BrokenOutlet extends CheckpointOutlet {
  readonly name = 'broken';
  send(): Promise<void> {
    return Promise.reject(new Error('no way out'));
  }
}

const checkpointFile = () => join(folder, 'checkpoints');
function makeCheckpoint(): MakeCheckpoint {
  const outlets = new CheckpointOutlets([new BrokenOutlet(), new FileCheckpointOutlet(checkpointFile())]);
  const store = new PostgresCheckpointsStore(connection);
  return new MakeCheckpoint(chains, store, signer, outlets, events, connection, settings, clock, log);
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-proof-'));
  lines = [];
  database = await createTestDatabase();
  admin = await connectAdmin(database);
  await write();
  now += 60_000;
  await makeCheckpoint().execute();
  await sealAll();
  await beginNextMonth();
  await write();
  now += 60_000;
  await makeCheckpoint().execute();
  await events.append([shared(), granted()]);
  await sealAll();
  outside = readCheckpoints(readFileSync(checkpointFile(), 'utf8'));
});
afterAll(async () => {
  await admin?.end();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await admin.query('BEGIN');
});
afterEach(async () => {
  await admin.query('ROLLBACK');
});

async function sealAll(): Promise<void> {
  while ((await chains.seal(1_000)) !== 0);
}

function event(name: WardenEvent['name'], detail: object, more: object = {}): WardenEvent {
  return {
    id: uuidv7(),
    at: Date.now(),
    name,
    actor: { kind: 'user', id: 'keycloak:1', name: 'Dr. Ada Ålund' },
    source: { address: '203.0.113.7', userAgent: 'Firefox', requestId: 'abc-1' },
    share: { id: uuidv7(), identity: 'i', type: 't', studies: ['1.2.3', '1.2.4'], patients: ['P1', 'P2', 'P3'] },
    outcome: 'success',
    reason: null,
    detail,
    ...more,
  } as WardenEvent;
}
const shared = (): WardenEvent => event('share.revoked', { why: 'wrong "address",\nof Ærø', ruleId: null });
const granted = (): WardenEvent =>
  event('access.granted', {
    count: 3,
    until: Date.now(),
    level: 'study',
    method: 'get',
    study: '1.2.4',
    serverId: null,
  });

/** Five of each class, of one of which there is nothing to erase. */
async function write(): Promise<void> {
  for (let round = 0; round < 5; round++)
    await events.append([
      shared(),
      event('share.opened', { viewer: 'stone', session: 's', counted: true, opens: 1 }),
      granted(),
      event('share.refused', {}, { outcome: 'minor-failure', reason: 'wrong-pin' }),
    ]);
  const started = { version: '0.1.0', node: 'v20' };
  await events.append([event('service.started', started, { actor: itself, source: noSource, share: null })]);
  await sealAll();
}

/** What the database does when it first seals in a month. */
async function beginNextMonth(): Promise<void> {
  await admin.query('SELECT audit_make_partitions($1)', [`${nextMonth}-15`]);
  await admin.query(
    `INSERT INTO audit_chain (class, month, size, head, previous)
     SELECT class, $1::date, 0, sha256(convert_to(format(E'orthanc-warden audit chain\\n%s\\n%s\\n%s', class,
       to_char($1::date, 'YYYY-MM'), encode(head, 'hex')), 'UTF8')), head FROM audit_chain`,
    [`${nextMonth}-01`],
  );
}

async function exported(range: { from?: string; to?: string } = {}): Promise<string> {
  const proof = new ExportProof(
    new PostgresProofStore(connection),
    chains,
    signer,
    events,
    settings,
    { now: () => Date.now(), monotonic: () => 0 },
    log,
  );
  let text = '';
  for await (const piece of await proof.execute({ from: range.from ?? null, to: range.to ?? null }, byItself))
    text += piece;
  return text;
}

function verdictOn(text: string, given: readonly SignedCheckpoint[] = [], pinned: readonly PinnedKey[] = []): Verdict {
  const verifier = new ExportVerifier(given, pinned);
  const bytes = Buffer.from(text);
  // In pieces that end anywhere.
  for (let from = 0; from < bytes.length; from += 1_009) verifier.take(bytes.subarray(from, from + 1_009));
  return verifier.end();
}

const found = async (given: readonly SignedCheckpoint[] = []): Promise<Verdict> => verdictOn(await exported(), given);

interface Row {
  id: string;
  number: string;
  filed_at: Date;
  hash: Buffer;
}
async function row(name: string, number: number, of = month): Promise<Row> {
  const { rows } = await admin.query<Row>(
    `SELECT * FROM audit_event WHERE class = $1 AND number = $2 AND to_char(filed_at AT TIME ZONE 'UTC', 'YYYY-MM') = $3`,
    [name, number, of],
  );
  return rows[0] as Row;
}

/** A superuser who knows the schema. */
async function tamper(...statements: (string | [string, unknown[]])[]): Promise<void> {
  await admin.query(`SET LOCAL session_replication_role = 'replica'`);
  for (const statement of statements)
    if (typeof statement === 'string') await admin.query(statement);
    else await admin.query(...statement);
  await admin.query(`SET LOCAL session_replication_role = 'origin'`);
}

/** Links a chain anew from a number on, as the database does it, its end too. */
async function rehash(name: string, of: string, from = 1, to = Infinity): Promise<void> {
  const { rows } = await admin.query<Row & { record: string }>(
    `SELECT * FROM audit_event WHERE class = $1 AND to_char(filed_at AT TIME ZONE 'UTC', 'YYYY-MM') = $2 ORDER BY number`,
    [name, of],
  );
  const { rows: ends } = await admin.query<{ previous: Buffer | null }>(
    `SELECT previous FROM audit_chain WHERE class = $1 AND month = $2::date`,
    [name, `${of}-01`],
  );
  const genesis = `orthanc-warden audit chain\n${name}\n${of}\n${ends[0]?.previous?.toString('hex') ?? ''}`;
  const { rows: first } = await admin.query<{ hash: Buffer }>(`SELECT sha256(convert_to($1, 'UTF8')) AS hash`, [
    genesis,
  ]);
  let before = first[0]?.hash as Buffer;
  for (const { id, number, record, hash } of rows) {
    if (Number(number) < from || Number(number) > to) {
      before = hash;
      continue;
    }
    const { rows: linked } = await admin.query<{ hash: Buffer }>(
      `UPDATE audit_event SET hash = audit_link($1, NULL, $2, $3) WHERE id = $4 RETURNING hash`,
      [before, number, record, id],
    );
    before = linked[0]?.hash as Buffer;
  }
  if (to === Infinity)
    await admin.query(`UPDATE audit_chain SET size = $3, head = $4 WHERE class = $1 AND month = $2::date`, [
      name,
      `${of}-01`,
      rows.at(-1)?.number ?? 0,
      before,
    ]);
}
async function asSuperuser(work: () => Promise<void>): Promise<void> {
  await admin.query(`SET LOCAL session_replication_role = 'replica'`);
  await work();
  await admin.query(`SET LOCAL session_replication_role = 'origin'`);
}

const edited = `UPDATE audit_event SET record = replace(record, 'keycloak:1', 'keycloak:2') WHERE id = $1`;
function expectFault(verdict: Verdict, wanted: Partial<Fault>): void {
  expect(verdict.outcome).toBe('tampered');
  expect(verdict.faults.filter(({ word }) => word === wanted.word)[0]).toMatchObject(wanted);
  expect(verdict.text).toContain(wanted.word as string);
}

describe('a record that nobody touched', () => {
  it('is whole, and what came after the newest checkpoint that left the host is told', async () => {
    const verdict = await found(outside);
    expect(verdict).toMatchObject({ outcome: 'whole', faults: [], doubts: [], events: 47 });
    expect(verdict.text).toContain('The record is whole.');
    expect(verdict.text).toContain('Chains       8');
    expect(verdict.text).toMatch(/Checkpoints +2 of the export itself, 2 from outside/);
    expect(verdict.text).toContain('4 events came after it and are not yet covered');
    expect(verdict.text).toContain('Nobody vouches for it');
  });

  it('is whole without checkpoints from outside too, and the verdict says what that proves', async () => {
    const verdict = await found();
    expect(verdict.outcome).toBe('whole');
    expect(verdict.text).toContain('Nothing came from outside');
  });

  it('holds the event that tells of the export', async () => {
    expect(await exported()).toContain('"name":"audit.exported"');
  });

  it.each([
    [{ from: nextMonth }, 4],
    [{ to: month }, 4],
    [{ from: month, to: nextMonth }, 8],
  ])('is whole in the months %j', async (range, count) => {
    const verdict = verdictOn(await exported(range), outside);
    expect(verdict).toMatchObject({ outcome: 'whole', faults: [], doubts: [] });
    expect(verdict.text).toContain(`Chains       ${count}`);
  });

  it('is whole after an erasure that it tells of', async () => {
    const [one, other] = [await row('disclosure', 2), await row('disclosure', 3)];
    const told = actOf('audit.erased', byItself, Date.now(), { count: 2, why: 'asked to' });
    await admin.query('SELECT audit_erase($1, $2, $3)', [[one.filed_at, other.filed_at], [one.id, other.id], told.id]);
    await events.append([told]);
    const verdict = await found(outside);
    expect(verdict).toMatchObject({ outcome: 'whole', faults: [] });
    expect(verdict.text).toContain('2 events no longer say who somebody was');
  });

  it('is whole after a chain was kept for as long as it was to be, and the record tells of it', async () => {
    await dropChain('access');
    await events.append([actOf('audit.expired', byItself, Date.now(), { class: 'access', month, count: 5 })]);
    const verdict = await found(outside);
    expect(verdict).toMatchObject({ outcome: 'whole', faults: [] });
    expect(verdict.text).toContain(`access ${month}`);
  });
});

async function dropChain(name: string): Promise<void> {
  for (const parent of ['audit_event', 'audit_personal', 'audit_subject'])
    await admin.query(`DROP TABLE ${parent}_${name}_${month.replace('-', '_')}`);
  // Longer ago than clocks may differ.
  await admin.query(
    `UPDATE audit_chain SET dropped_at = now() - interval '1 hour' WHERE class = $1 AND month = $2::date`,
    [name, `${month}-01`],
  );
}

describe('verifying finds', () => {
  it('an edited record', async () => {
    const { id } = await row('disclosure', 3);
    await tamper([edited, [id]]);
    const verdict = await found();
    expectFault(verdict, { word: 'record-changed', class: 'disclosure', month, number: 3, id });
    expect(verdict.counts.get('record-changed')).toBe(1);
  });

  it('an edited hash', async () => {
    const { id } = await row('access', 2);
    await tamper([`UPDATE audit_event SET hash = sha256(hash) WHERE id = $1`, [id]]);
    expectFault(await found(), { word: 'record-changed', class: 'access', month, number: 2, id });
  });

  it('an edited record that was linked anew, by the record after it', async () => {
    const { id } = await row('management', 3);
    const after = await row('management', 4);
    await tamper([edited, [id]]);
    await asSuperuser(() => rehash('management', month, 3, 3));
    expectFault(await found(), { word: 'record-changed', class: 'management', month, number: 4, id: after.id });
  });

  it('a record that was taken out of the middle', async () => {
    const { id } = await row('denial', 3);
    await tamper([`DELETE FROM audit_event WHERE id = $1`, [id]]);
    const verdict = await found();
    expectFault(verdict, { word: 'record-missing', class: 'denial', month, number: 3 });
    expect(verdict.counts.has('record-changed')).toBe(false);
    expect(verdict.counts.get('position-missing')).toBe(1);
  });

  it('a record that was taken out, the numbers closed up', async () => {
    const after = await row('denial', 4);
    await tamper(
      [`DELETE FROM audit_event WHERE id = $1`, [(await row('denial', 3)).id]],
      `UPDATE audit_event SET number = number - 1 WHERE class = 'denial' AND number > 3`,
    );
    expectFault(await found(), { word: 'record-changed', class: 'denial', month, number: 3, id: after.id });
  });

  it('a first record that was taken out', async () => {
    await tamper([`DELETE FROM audit_event WHERE id = $1`, [(await row('access', 1)).id]]);
    expectFault(await found(), { word: 'record-missing', class: 'access', month, number: 1 });
  });

  it('an end that was cut off', async () => {
    await tamper([`DELETE FROM audit_event WHERE id = $1`, [(await row('access', 5, nextMonth)).id]]);
    expectFault(await found(), { word: 'record-missing', class: 'access', month: nextMonth, number: 5 });
  });

  it('an end that was cut off without a trace, through a checkpoint that had left the host', async () => {
    await tamper(
      `DELETE FROM audit_event WHERE class = 'denial' AND number > 3 AND filed_at >= '${nextMonth}-01'`,
      'DELETE FROM audit_checkpoint',
    );
    await asSuperuser(() => rehash('denial', nextMonth));
    // What the positions say a forger could put right as well.
    await closeUpPositions();
    expect((await found()).outcome).toBe('whole');
    expectFault(await found(outside), { word: 'truncated', class: 'denial', month: nextMonth, number: 4 });
  });

  it('a chain that was written anew as a whole, through a checkpoint that had left the host', async () => {
    await tamper([edited, [(await row('disclosure', 3, nextMonth)).id]], 'DELETE FROM audit_checkpoint');
    await tamper([
      `UPDATE audit_event SET actor_id = 'keycloak:2' WHERE id = $1`,
      [(await row('disclosure', 3, nextMonth)).id],
    ]);
    await asSuperuser(() => rehash('disclosure', nextMonth));
    expect((await found()).outcome).toBe('whole');
    const last = await row('disclosure', 5, nextMonth);
    expectFault(await found(outside), {
      word: 'rewritten',
      class: 'disclosure',
      month: nextMonth,
      number: 5,
      id: last.id,
    });
  });

  it('a record that was slipped in beside another one', async () => {
    const { id } = await row('disclosure', 3);
    const forged = uuidv7();
    await tamper([
      `INSERT INTO audit_event SELECT class, filed_at, $2::uuid, position, number, name, actor_id, share_id, study, outcome,
         reason, replace(record, $1::text, $2::text), hash FROM audit_event WHERE id = $1::uuid`,
      [id, forged],
    ]);
    expectFault(await found(), { word: 'record-added', class: 'disclosure', month, number: 3, id: forged });
  });

  it('a record that was slipped in beyond the end', async () => {
    const forged = uuidv7();
    await tamper([
      `INSERT INTO audit_event SELECT class, filed_at, $2::uuid, position + 1000000, number + 1000000, name, actor_id, share_id,
         study, outcome, reason, replace(record, $1::text, $2::text), hash FROM audit_event WHERE id = $1::uuid`,
      [(await row('disclosure', 3)).id, forged],
    ]);
    expectFault(await found(), { word: 'record-added', class: 'disclosure', month, number: 1_000_003, id: forged });
  });

  it('records that were given into a month that has no chain', async () => {
    const later = new Date(Date.UTC(Number(nextMonth.slice(0, 4)), Number(nextMonth.slice(5))))
      .toISOString()
      .slice(0, 7);
    // The migration made room for it, unless it ran in the month before.
    await tamper(`SELECT audit_make_partitions('${later}-15')`, [
      `INSERT INTO audit_event SELECT class, '${later}-02', gen_random_uuid(), position, 1, name, actor_id, share_id, study,
         outcome, reason, record, hash FROM audit_event WHERE id = $1`,
      [(await row('disclosure', 3)).id],
    ]);
    expectFault(await found(), { word: 'chain-untold', class: 'disclosure', month: later });
  });

  it('two records that changed places', async () => {
    const [one, other] = [await row('access', 2), await row('access', 3)];
    await tamper(
      [`UPDATE audit_event SET number = 5 - number WHERE id = ANY($1)`, [[one.id, other.id]]],
      [
        `UPDATE audit_event AS one SET position = other.position FROM audit_event AS other
         WHERE one.id = ANY($1) AND other.id = ANY($1) AND one.id <> other.id`,
        [[one.id, other.id]],
      ],
    );
    expectFault(await found(), { word: 'record-changed', class: 'access', month, number: 2, id: other.id });
  });

  it('two records that changed their places in the order of all events', async () => {
    const [one, other] = [await row('access', 2), await row('access', 3)];
    await tamper([
      `UPDATE audit_event AS one SET position = other.position FROM audit_event AS other
       WHERE one.id = ANY($1) AND other.id = ANY($1) AND one.id <> other.id`,
      [[one.id, other.id]],
    ]);
    expectFault(await found(), { word: 'record-moved', class: 'access', month, number: 2, id: one.id });
  });

  it.each([
    ['actor_id', `'keycloak:9'`],
    ['study', `'9.9.9'`],
    ['study', 'NULL'],
    ['share_id', 'gen_random_uuid()'],
    ['name', `'share.expired'`],
    ['outcome', `'major-failure'`],
    ['reason', `'expired'`],
  ])('a search column that was changed: %s to %s', async (column, value) => {
    const { id } = await row('management', 2);
    await tamper([`UPDATE audit_event SET ${column} = ${value} WHERE id = $1`, [id]]);
    const verdict = await found();
    expectFault(verdict, { word: 'column-changed', class: 'management', month, number: 2, id });
    expect(verdict.text).toContain(`The column is ${column}.`);
  });

  it('an event that was filed under another time', async () => {
    const { id } = await row('management', 2, nextMonth);
    await tamper([`UPDATE audit_event SET filed_at = filed_at + interval '3 days' WHERE id = $1`, [id]]);
    expectFault(await found(), { word: 'time-changed', class: 'management', month: nextMonth, number: 2, id });
  });

  it.each([
    ['patient', `'P9'`],
    ['patient', 'NULL'],
    ['address', `'198.51.100.1'`],
  ])('a personal column that was changed: %s to %s', async (column, value) => {
    const { id } = await row('disclosure', 4);
    await tamper([`UPDATE audit_personal SET ${column} = ${value} WHERE id = $1`, [id]]);
    expectFault(await found(), { word: 'personal-column-changed', class: 'disclosure', month, number: 4, id });
  });

  it('an erasable half that was edited, also when what is searched by was with it', async () => {
    const { id } = await row('disclosure', 4);
    await tamper([
      `UPDATE audit_personal SET erasable = replace(erasable, 'P1', 'P9'), patient = 'P9' WHERE id = $1`,
      [id],
    ]);
    expectFault(await found(), { word: 'half-changed', class: 'disclosure', month, number: 4, id });
  });

  it.each([
    [`DELETE FROM audit_personal WHERE id = $1`],
    [`UPDATE audit_personal SET erasable = NULL, salt = NULL, patient = NULL, address = NULL WHERE id = $1`],
  ])('an erasable half that went without an erasure: %s', async (statement) => {
    const { id } = await row('disclosure', 4);
    await tamper([statement, [id]]);
    expectFault(await found(), { word: 'half-missing', class: 'disclosure', month, number: 4, id });
  });

  it('an erasure that nothing tells of', async () => {
    const { id, filed_at } = await row('disclosure', 4);
    const invented = uuidv7({ msecs: Date.now() - hour });
    await admin.query('SELECT audit_erase($1, $2, $3)', [[filed_at], [id], invented]);
    expectFault(await found(), { word: 'erasure-untold', class: 'disclosure', month, number: 4 });
  });

  it('an erasure of more than it tells of', async () => {
    const rows = [await row('disclosure', 4), await row('disclosure', 5)];
    const told = actOf('audit.erased', byItself, Date.now(), { count: 1, why: 'asked to' });
    await admin.query('SELECT audit_erase($1, $2, $3)', [
      rows.map(({ filed_at }) => filed_at),
      rows.map(({ id }) => id),
      told.id,
    ]);
    await events.append([told]);
    expectFault(await found(), { word: 'erasure-larger-than-told', class: 'disclosure', month, number: 4 });
  });

  it('a half that was given to a record that has none', async () => {
    const { id } = await row('management', 6);
    await tamper([
      `INSERT INTO audit_personal (class, filed_at, id, patient, salt, erasable)
       SELECT class, filed_at, id, 'P1', '\\x00', '{}' FROM audit_event WHERE id = $1`,
      [id],
    ]);
    expectFault(await found(), { word: 'half-added', class: 'management', month, number: 6, id });
  });

  it.each([
    [`DELETE FROM audit_subject WHERE id = $1 AND study IS NOT NULL`],
    [`DELETE FROM audit_subject WHERE id = $1 AND patient = 'P3'`],
    [`UPDATE audit_subject SET patient = 'P4' WHERE id = $1 AND patient = 'P3'`],
    [`INSERT INTO audit_subject SELECT class, filed_at, id, '1.2.9', NULL FROM audit_event WHERE id = $1`],
  ])('further subjects that were changed: %s', async (statement) => {
    const { id } = await row('disclosure', 2);
    await tamper([statement, [id]]);
    expectFault(await found(), { word: 'subject-changed', class: 'disclosure', month, number: 2, id });
  });

  it('a chain that was removed with its events', async () => {
    await tamper(
      `DELETE FROM audit_event WHERE class = 'disclosure' AND filed_at < '${nextMonth}-01'`,
      `DELETE FROM audit_chain WHERE class = 'disclosure' AND month = '${month}-01'`,
    );
    const verdict = await found();
    expectFault(verdict, { word: 'chain-missing', class: 'disclosure', month });
    expectFault(verdict, { word: 'chain-broken', class: 'disclosure', month: nextMonth });
  });

  it('a month that was removed with all its chains, and checkpoints with it, through one that had left the host', async () => {
    await tamper(
      `DELETE FROM audit_event WHERE filed_at >= '${nextMonth}-01'`,
      `DELETE FROM audit_chain WHERE month = '${nextMonth}-01'`,
      'DELETE FROM audit_checkpoint',
    );
    expectFault(await found(outside), { word: 'chain-missing', class: 'access', month: nextMonth });
  });

  it('a chain whose events are said to have been kept long enough', async () => {
    await dropChain('access');
    expectFault(await found(), { word: 'drop-untold', class: 'access', month });
  });

  it('an end of a chain that was changed', async () => {
    await tamper(`UPDATE audit_chain SET head = sha256(head) WHERE class = 'denial' AND month = '${nextMonth}-01'`);
    expectFault(await found(), { word: 'chain-end-changed', class: 'denial', month: nextMonth, number: 5 });
  });

  it('a checkpoint that was edited in its table', async () => {
    await tamper(`UPDATE audit_checkpoint SET text = replace(text, '"size":5', '"size":4')`);
    expectFault(await found(), { word: 'checkpoint-signature' });
  });

  it('a checkpoint that was signed with another key than the one that is known', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }) as string;
    const foreign = new CheckpointSigner({ ...settings, signingKey: new Secret(pem) });
    const text = (outside[0] as SignedCheckpoint).checkpoint.replaceAll(signer.keyId, foreign.keyId);
    const signed = foreign.sign(text);
    const known = { id: signer.keyId, raw: null };
    expect(verdictOn(await exported(), [signed]).outcome).toBe('whole');
    expect(verdictOn(await exported(), outside, [known]).outcome).toBe('whole');
    expectFault(verdictOn(await exported(), [signed], [known]), { word: 'checkpoint-key' });
  });

  it.each([
    ['no JSON', '{"broken', 'record-unreadable'],
    ['a line break', '{\n}', 'record-not-canonical'],
    ['members that would end the line sooner', '{},"n":9', 'record-unreadable'],
    ['a member twice', '{"a":1,"a":1}', 'record-not-canonical'],
    ['members out of order', '{"b":1,"a":1}', 'record-not-canonical'],
  ])('a record that is %s, linked anew', async (_what, record, word) => {
    const { id } = await row('access', 5, nextMonth);
    await tamper([`UPDATE audit_event SET record = $2 WHERE id = $1`, [id, record]]);
    await asSuperuser(() => rehash('access', nextMonth));
    expectFault(await found(), { word: word as Fault['word'], class: 'access', month: nextMonth, number: 5, id });
  });

  it('everything, and prints at most 20 of many', async () => {
    await tamper(`UPDATE audit_event SET actor_id = 'nobody', reason = 'none'`);
    const verdict = await found();
    expect(verdict.counts.get('column-changed')).toBe(92);
    expect(verdict.faults).toHaveLength(20);
  });
});

async function closeUpPositions(): Promise<void> {
  await tamper(
    `WITH placed AS (SELECT id, row_number() OVER (ORDER BY position) AS position FROM audit_event)
     UPDATE audit_event SET position = placed.position FROM placed WHERE placed.id = audit_event.id`,
  );
}

describe('an export', () => {
  it.each([0.3, 0.9])('of which the last part is gone is no proof of anything', async (share) => {
    const text = await exported();
    const verdict = verdictOn(text.slice(0, Math.floor(text.length * share)));
    expect(verdict).toMatchObject({ outcome: 'unknown', faults: [], doubts: ['cut-short'] });
  });

  it('out of which a line was taken is found out', async () => {
    const text = await exported();
    const line = text.split('\n').find((one) => one.startsWith('{"n":2,')) as string;
    expect(verdictOn(text.replace(`${line}\n`, '')).counts.has('record-missing')).toBe(true);
  });

  it('is told from another file', () => {
    expect(verdictOn('{"hello":1}\n')).toMatchObject({ outcome: 'unknown', doubts: ['no-export'] });
  });

  it('says nothing about what a later checkpoint saw', async () => {
    const text = await exported();
    now = Date.now() + 60_000;
    await events.append([granted()]);
    await sealAll();
    await makeCheckpoint().execute();
    const later = readCheckpoints(readFileSync(checkpointFile(), 'utf8')).slice(-1);
    expect(verdictOn(text, later)).toMatchObject({ outcome: 'unknown', doubts: ['checkpoint-later'] });
  });
});

describe('a checkpoint', () => {
  it('is appended to a file that nobody else reads, also when another way out is closed', () => {
    expect(outside).toHaveLength(2);
    expect(statSync(checkpointFile()).mode & 0o777).toBe(0o600);
    expect(lines.filter((line) => line.includes('"checkpoint-not-sent"')).length).toBeGreaterThanOrEqual(2);
    const { at, chains: seen, key, origin, version } = JSON.parse(outside[1]?.checkpoint ?? '');
    expect({ at, key, origin, version }).toEqual({
      at: expect.any(Number),
      key: signer.keyId,
      origin: 'test',
      version: 1,
    });
    expect(seen.map((one: any) => `${one.class} ${one.month} ${one.size}`)).toEqual([
      `access ${month} 5`,
      `access ${nextMonth} 5`,
      `denial ${month} 5`,
      `denial ${nextMonth} 5`,
      `disclosure ${month} 5`,
      `disclosure ${nextMonth} 5`,
      `management ${month} 7`,
      `management ${nextMonth} 6`,
    ]);
  });

  it('is made when something else than a checkpoint was sealed, and not within half the interval', async () => {
    const count = async () => Number((await admin.query('SELECT count(*) FROM audit_checkpoint')).rows[0].count);
    const before = await count();
    now += hour;
    await makeCheckpoint().execute();
    expect(await count()).toBe(before + 1);
    await sealAll();
    now += hour;
    await makeCheckpoint().execute();
    expect(await count()).toBe(before + 1);
    await events.append([shared()]);
    await sealAll();
    await makeCheckpoint().execute();
    expect(await count()).toBe(before + 2);
    await events.append([shared()]);
    await sealAll();
    now += 4_000;
    await makeCheckpoint().execute();
    expect(await count()).toBe(before + 2);
    now += 2_000;
    await makeCheckpoint().execute();
    expect(await count()).toBe(before + 3);
  });

  it('is postponed when it cannot be made, and nothing is begun after the stop', async () => {
    const broken = makeCheckpoint();
    await admin.query('ALTER TABLE audit_checkpoint RENAME TO audit_gone');
    now += hour;
    await expect(broken.execute()).resolves.toBeUndefined();
    expect(lines.at(-1)).toContain('checkpoint-postponed');
    await broken.stop();
    const told = lines.length;
    await broken.execute();
    expect(lines).toHaveLength(told);
  });
});
