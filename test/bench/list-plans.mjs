// `npm run bench:lists`: what the database spends on a page of a million shares, filter by filter, first page and last,
// and how long it takes to end 100,000 of them. `--plans` prints each plan, `--shares N` takes another size, `--dist DIR`
// another build. The statements are those of the built store, caught on their way.
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { connected } from './connected.mjs';
import { message, startNode, stopAll } from './processes.mjs';
import { goal, heading, say } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    plans: { type: 'boolean', default: false },
    shares: { type: 'string', default: '1000000' },
    dist: { type: 'string' },
  },
});
const dist = resolve(options.dist ?? join(import.meta.dirname, '../../dist'));
const shares = Number(options.shares);
const from = (path) => import(pathToFileURL(join(dist, 'apps/auth-service/src', path)).href);
const pageSize = 50;
const rounds = 5;
const now = Date.UTC(2026, 10, 21);
const ago = (days) => now - days * 86_400_000;

const filters = {
  'no filter': {},
  'study, UID of a few': { studyDicomUid: '1.2.840.113619.4711' },
  'study, Orthanc id of a few': { studyOrthancId: '11111111-22222222-33333333-44444444-00001267' },
  'study, one share of a hundred': { studyDicomUid: '1.2.840.1' },
  patient: { patientId: 'PAT-50' },
  'patient, by images of a few': { patientId: 'PAT-i-77' },
  'recipient, address of a few': { recipient: 'Doctor-76@Example.org' },
  'recipient, name of a tenth': { recipient: 'Dr. Often' },
  'images unresolved, a few': { images: 'unresolved' },
  'images resolved, nearly all': { images: 'resolved' },
  'sharer, half of all': { mintedBy: 'basic:plugin' },
  'sharer, a few hundred': { mintedBy: 'basic:doctor-2' },
  'label of a few': { label: 'label 4712' },
  'label of a third': { label: 'often' },
  'type of nearly all': { type: 'stone-viewer-publication' },
  'type of one in a hundred': { type: 'ohif-viewer-publication' },
  'type of none': { type: 'volview-viewer-publication' },
  'state live': { state: { is: 'live', now } },
  'state expired': { state: { is: 'expired', now } },
  'state scheduled': { state: { is: 'scheduled', now } },
  'state closed': { state: { is: 'closed', now } },
  'state revoked': { state: { is: 'revoked', now } },
  'minted after, most': { mintedAfter: ago(1000) },
  'minted after, a day': { mintedAfter: ago(1) },
  'minted before, half': { mintedBefore: ago(500) },
  'expires after, a few': { expiresAfter: ago(-29.99) },
  'expires after, half': { expiresAfter: ago(500) },
  'expires before, half': { expiresBefore: ago(500) },
  'expires before, the oldest': { expiresBefore: ago(1064) },
  'expires before, none': { expiresBefore: ago(9000) },
};

let ending = null;
const end = (code) => (ending ??= stopAll().then(() => process.exit(code)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(1));

try {
  await bench();
  await end(0);
} catch (error) {
  console.error(`bench: ${error?.stack ?? error}`, error?.cause ?? '');
  await end(1);
}

async function bench() {
  const [{ migrate }, { Secret }, { PostgresSharesStore }] = await Promise.all([
    from('platform/database/migrator.js'),
    from('platform/observability/secret.js'),
    from('shares/infra/postgres-shares.store.js'),
  ]);
  const host = startNode(join(import.meta.dirname, 'cluster-host.mjs'), { args: [dist] });
  const database = await message(host, (value) => value?.adminUrl !== undefined, 'database', 60_000);
  await migrate(new Secret(database.ownerUrl), new Secret(database.applicationUrl));
  const admin = await connected(
    Object.assign(new URL(database.adminUrl), { pathname: new URL(database.ownerUrl).pathname }).href,
  );
  await fill(admin);
  const client = await connected(database.applicationUrl);
  // The store as the service has it, except that each page is explained and not fetched.
  const caught = [];
  const store = new PostgresSharesStore(
    { query: async (text, values = []) => (caught.push({ text, values }), (await client.query(text, values)).rows) },
    null,
    null,
  );
  await pages(client, store, caught);
  await client.end();
  await bulk(database, Secret, PostgresSharesStore);
  await admin.end();
}

/** Three years of shares. Nine of ten end 30 days after their minting, the rest never; sharers, labels and studies differ in how much they have. */
async function fill(client) {
  const began = performance.now();
  await client.query('SET synchronous_commit = off');
  await client.query('SET session_replication_role = replica'); // as in fill-shares.mjs
  await client.query(
    `INSERT INTO share (id, token_id, key_id, origin, type, label, minted_at, minted_by, expires_at, expires_text, validity_duration, revoked_at, revoked_by, revoke_reason)
     SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid, decode(h, 'hex'),
       CASE WHEN n % 10 = 0 THEN 'half' ELSE 'benchmark' END, 'minted',
       CASE WHEN n % 100 = 1 THEN 'ohif-viewer-publication' ELSE 'stone-viewer-publication' END,
       CASE WHEN n % 3 = 1 THEN 'often' ELSE 'label ' || n % 200000 END, to_timestamp(ms / 1000.0),
       CASE WHEN n % 10 = 0 THEN 'basic:bulk' WHEN n % 2 = 1 THEN 'basic:plugin' ELSE 'basic:doctor-' || n % 500 END,
       CASE WHEN n % 10 = 0 THEN NULL ELSE to_timestamp(ms / 1000.0) + interval '30 days' END, NULL, NULL,
       CASE WHEN n % 20 = 1 THEN to_timestamp(ms / 1000.0) END, CASE WHEN n % 20 = 1 THEN 'basic:admin' END, CASE WHEN n % 20 = 1 THEN 'benchmark' END
     FROM (SELECT n, md5(n::text) AS h, ($2::bigint + n * $3::float8)::bigint AS ms FROM generate_series(1, $1::bigint) n) numbered`,
    [shares, ago(3 * 365), (3 * 365 * 86_400_000) / shares],
  );
  await client.query(
    `INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id)
     SELECT id, 1, CASE WHEN row % 50 = 0 THEN 'patient' ELSE 'study' END,
       CASE WHEN row % 50 = 0 THEN 'PAT-' || row % 2000 WHEN row % 100 = 3 THEN '1.2.840.1' ELSE '1.2.840.113619.' || row % 300000 END,
       CASE WHEN row % 50 <> 0 THEN '11111111-22222222-33333333-44444444-' || lpad(to_hex(row % 300000), 8, '0') END
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS row FROM share) numbered`,
  );
  // Of some it is known for whom they are, when they begin and how often they open; of a few not yet whose images they are.
  await client.query(
    `UPDATE share SET images_due_at = CASE WHEN row % 20000 = 0 THEN minted_at END,
       recipient_name = CASE WHEN row % 10 = 1 THEN 'Dr. Often' WHEN row % 10 = 2 THEN 'Dr. ' || row % 50000 END,
       recipient_email = CASE WHEN row % 5 = 1 THEN 'doctor-' || row % 40000 || '@example.org' END,
       gated = row % 100 IN (7, 8, 9), max_opens = CASE WHEN row % 100 = 7 THEN 1 END,
       opens = CASE WHEN row % 200 = 7 THEN 1 ELSE 0 END, locked_at = CASE WHEN row % 2000 = 8 THEN minted_at END,
       not_before = CASE WHEN row % 100 = 9 THEN minted_at + interval '10 days' END
     FROM (SELECT id, row_number() OVER (ORDER BY id) AS row FROM share) numbered WHERE numbered.id = share.id`,
  );
  await client.query(
    `INSERT INTO share_study (share_id, study_orthanc_id, study_dicom_uid, patient_id, labels, resolved_at)
     SELECT share_id, orthanc_id, dicom_uid, 'PAT-i-' || row % 100000, '{}', now()
     FROM (SELECT *, row_number() OVER (ORDER BY share_id) AS row FROM share_resource WHERE level = 'study') numbered`,
  );
  await client.query(
    'INSERT INTO revoked_share (minted_at, share_id) SELECT minted_at, id FROM share WHERE revoked_at IS NOT NULL',
  );
  await client.query('VACUUM ANALYZE share');
  await client.query('VACUUM ANALYZE revoked_share');
  await client.query('VACUUM ANALYZE share_study');
  await client.query('VACUUM ANALYZE share_resource');
  say(`${shares} shares over three years, filled in ${((performance.now() - began) / 1000).toFixed(0)} s.`);
}

async function pages(client, store, caught) {
  heading(`A page of ${pageSize}, milliseconds of the database (planning and execution, median of ${rounds})`);
  say(`${'filter'.padEnd(32)} ${'order'.padEnd(13)} ${'first page'.padStart(10)} ${'last page'.padStart(10)}  rows`);
  let worst = 0;
  let worstRatio = 0;
  for (const [name, filter] of Object.entries(filters)) {
    for (const order of ['newest-first', 'oldest-first']) {
      const page = { filter, order, limit: pageSize + 1, after: null };
      const first = await cost(client, store, caught, page, `${name}, ${order}`);
      // The page from the other end shows where the last one begins.
      const other = order === 'newest-first' ? 'oldest-first' : 'newest-first';
      const tail = await store.list({ ...page, order: other });
      const last =
        tail.length <= pageSize
          ? null
          : await cost(client, store, caught, { ...page, after: tail.at(-1).id }, `${name}, ${order}, last page`);
      worst = Math.max(worst, first.ms, last?.ms ?? 0);
      // Of pages that take less, the difference is that of a few blocks.
      if (last !== null && last.ms > 10) worstRatio = Math.max(worstRatio, last.ms / first.ms);
      say(
        `${name.padEnd(32)} ${order.padEnd(13)} ${first.ms.toFixed(2).padStart(10)} ${(last?.ms.toFixed(2) ?? 'the same').padStart(10)}  ${first.rows}`,
      );
    }
  }
  goal('any page with any single filter, milliseconds, at most 50', worst, 50, worst.toFixed(1));
  goal('last page at most 2 of the first, where it takes more than 10 ms', worstRatio, 2, worstRatio.toFixed(2));
}

async function cost(client, store, caught, page, title) {
  caught.length = 0;
  const rows = await store.list(page);
  if (caught.length !== 1) throw new Error(`${caught.length} statements for a page`);
  const [{ text, values }] = caught;
  const explained = `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`;
  const times = [];
  for (let round = 0; round < rounds; round++) {
    const [plan] = (await client.query(explained, values)).rows[0]['QUERY PLAN'];
    times.push(plan['Planning Time'] + plan['Execution Time']);
  }
  if (options.plans) {
    const plan = await client.query(explained.replace(', FORMAT JSON', ''), values);
    say(`\n${title}\n${plan.rows.map((row) => row['QUERY PLAN']).join('\n')}\n`);
  }
  return { ms: times.sort((a, b) => a - b)[Math.floor(rounds / 2)], rows: Math.min(rows.length, pageSize) };
}

async function bulk({ applicationUrl }, Secret, PostgresSharesStore) {
  const [
    { Database },
    { ChangeWriter },
    { RevokeShares },
    { RevocationList },
    { PostgresRevocationRulesStore },
    { PostgresEventLog },
    { Acts },
  ] = await Promise.all([
    from('platform/database/database.js'),
    from('platform/feed/change-writer.js'),
    from('shares/revoking/revoke-shares.usecase.js'),
    from('tokens/index.js'),
    from('shares/infra/postgres-revocation-rules.store.js'),
    from('audit/infra/postgres-event-log.js'),
    from('audit/index.js'),
  ]);
  const pool = new Database(new Secret(applicationUrl));
  const changes = new ChangeWriter(pool);
  const events = new PostgresEventLog(pool);
  const store = new PostgresSharesStore(pool, changes, events);
  const rules = new PostgresRevocationRulesStore(pool, changes);
  const revoke = new RevokeShares(store, rules, new RevocationList(), new Acts(pool, events), { now: () => now });
  const caller = { id: 'basic:admin', name: 'admin', via: 'basic', scopes: [], permissions: [], roles: [], labels: [] };
  heading('Ending a tenth of all shares at once');
  try {
    const timed = async (title, dryRun) => {
      const began = performance.now();
      const { revoked } = await revoke.execute(caller, { sharer: 'basic:bulk' }, 'benchmark', dryRun);
      const seconds = (performance.now() - began) / 1000;
      say(`${title}: ${revoked} shares, ${seconds.toFixed(2)} s`);
      return seconds;
    };
    await timed('dry run', true);
    const seconds = await timed('by sharer', false);
    goal('seconds to end them by sharer, at most 10', seconds, 10, seconds.toFixed(2));
    await timed('the same again', false);
  } finally {
    await pool.close();
  }
}
