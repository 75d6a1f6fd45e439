// What a page of the record costs the database among millions of events: a year of them, in the classes and with the
// patients of a busy hospital. The statements are those of the built store, caught on their way.
import { connected } from './connected.mjs';
import { goal, heading, say } from './report.mjs';

const months = 12;
const rounds = 5;
const limit = 50;
const day = 86_400_000;

/** Of patients and studies a few have many events, and most a handful. */
function filters(now) {
  return {
    'no filter': {},
    'patient, one event of a hundred': { patient: 'PAT-often' },
    'patient of a few': { patient: 'PAT-4711' },
    'patient of none': { patient: 'nobody' },
    'study, one event of two hundred': { study: '1.2.840.113619.often' },
    'study of a few': { study: '1.2.840.113619.2.4711' },
    'share of a few': { share: '019a8cca-1371-7000-b9bc-000000004711' },
    'actor of a tenth': { actor: 'identity-often' },
    'actor of a few': { actor: 'identity-4711' },
    'event of one in twenty': { events: ['share.created'] },
    'event of nearly all': { events: ['access.granted'] },
    'class of a tenth': { class: 'disclosure' },
    'outcome, failures': { outcome: 'minor-failure' },
    'address of a few': { address: '203.0.113.7' },
    'a day half a year ago': { from: now - 183 * day, to: now - 182 * day },
    'patient, in a month long ago': { patient: 'PAT-4711', from: now - 330 * day, to: now - 300 * day },
    'patient, disclosures alone': { patient: 'PAT-often', class: 'disclosure' },
  };
}

export async function searchRecord({ adminUrl, applicationUrl, rows, plans, from }) {
  const { PostgresAuditEventsStore } = await from('audit/reading/infra/postgres-audit-events.store.js');
  const admin = await connected(adminUrl);
  const now = Date.now();
  heading(`A page of ${limit} among ${rows.toLocaleString('en')} events, milliseconds of the database`);
  const took = await fill(admin, rows, now);
  say(`filled in ${took.toFixed(0)} s: ${await sizeOf(admin)}\n`);
  const client = await connected(applicationUrl);
  const caught = [];
  const store = new PostgresAuditEventsStore({
    query: async (text, values = []) => {
      caught.push({ text, values });
      return (await client.query(text, values)).rows;
    },
    run: (work) => work(),
  });
  let worst = 0;
  say(`${'filter'.padEnd(36)} ${'ms'.padStart(8)}  blocks  statements  events`);
  for (const [name, filter] of Object.entries(filters(now))) {
    caught.length = 0;
    const page = await store.page(filter, { order: 'newest-first', limit, after: null });
    const statements = [...caught];
    const { ms, blocks } = await cost(client, statements);
    worst = Math.max(worst, ms);
    say(
      `${name.padEnd(36)} ${ms.toFixed(2).padStart(8)}  ${String(blocks).padStart(6)}  ${String(statements.length).padStart(10)}  ${page.events.length}`,
    );
    if (plans) await explain(client, statements);
  }
  goal('first page with any single filter, milliseconds, at most 50', worst, 50, worst.toFixed(1));
  await client.end();
  await admin.end();
}

async function cost(client, statements) {
  const totals = [];
  let blocks = 0;
  for (let round = 0; round < rounds; round++) {
    let ms = 0;
    blocks = 0;
    for (const { text, values } of statements) {
      const result = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values);
      const [plan] = result.rows[0]['QUERY PLAN'];
      ms += plan['Planning Time'] + plan['Execution Time'];
      blocks += plan.Plan['Shared Hit Blocks'] + plan.Plan['Shared Read Blocks'];
    }
    totals.push(ms);
  }
  return { ms: totals.sort((a, b) => a - b)[Math.floor(rounds / 2)], blocks };
}

async function explain(client, statements) {
  for (const { text, values } of statements) {
    const plan = await client.query(`EXPLAIN (ANALYZE, BUFFERS) ${text}`, values);
    say(`\n${plan.rows.map((row) => row['QUERY PLAN']).join('\n')}\n`);
  }
}

/** Straight into the tables, and indexes afterwards: sealing is measured by itself. Returns seconds. */
async function fill(client, rows, now) {
  const began = performance.now();
  await client.query('SET synchronous_commit = off');
  await client.query(`SET maintenance_work_mem = '512MB'`);
  await client.query(
    `SELECT audit_make_partitions(to_timestamp($1) - n * interval '27 days') FROM generate_series(0, $2) AS n`,
    [now / 1000, Math.ceil((months * 31) / 27)],
  );
  const { rows: indexes } = await client.query(
    `SELECT indexname AS name, indexdef AS definition FROM pg_indexes
     WHERE tablename IN ('audit_event', 'audit_personal') AND indexname NOT LIKE '%_pk'`,
  );
  for (const { name } of indexes) await client.query(`DROP INDEX ${name}`);
  const slice = 500_000;
  for (let first = 0; first < rows; first += slice) {
    await client.query(
      `WITH event AS (
         SELECT n, to_timestamp($3::float8 - (($4 - n)::float8 / $4) * 86400 * 30 * ${months}) AS filed_at,
           CASE WHEN n % 20 = 0 THEN 'management' WHEN n % 20 IN (1, 2) THEN 'disclosure' WHEN n % 20 = 3 THEN 'denial' ELSE 'access' END AS class,
           CASE WHEN n % 100 = 50 THEN 'PAT-often' WHEN n = 1 + $4 / 2 THEN 'PAT-4711' ELSE 'PAT-' || n % 200003 END AS patient,
           CASE WHEN n % 200 = 50 THEN '1.2.840.113619.often' ELSE '1.2.840.113619.2.' || n % 300007 END AS study,
           CASE WHEN n % 10 = 4 THEN 'identity-often' ELSE 'identity-' || n % 250007 END AS actor,
           CASE WHEN n % 1000000 = 7 THEN '203.0.113.7' ELSE '198.51.' || n % 250 || '.' || n % 251 END AS address
         FROM generate_series($1::bigint, $2::bigint) AS n
       ), told AS (
         SELECT *, uuidv7(filed_at - clock_timestamp()) AS id,
           CASE class WHEN 'management' THEN 'share.created' WHEN 'disclosure' THEN 'access.disclosed' WHEN 'denial' THEN 'access.denied' ELSE 'access.granted' END AS name,
           CASE class WHEN 'denial' THEN 'minor-failure' ELSE 'success' END AS outcome,
           ('019a8cca-1371-7000-b9bc-' || lpad((n % 250007)::text, 12, '0'))::uuid AS share_id
         FROM event
       ), events AS (
         INSERT INTO audit_event (class, filed_at, id, position, number, name, actor_id, share_id, study, outcome, record, hash)
         SELECT class, filed_at, id, n, n, name, actor, share_id, study, outcome,
           format('{"actor":{"id":"%s","kind":"recipient"},"at":%s,"detail":{"count":3,"level":"study","method":"get","serverId":null,"study":"%s","until":%s},"erasable":"47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU","id":"%s","name":"%s","outcome":"%s","reason":null,"share":{"id":"%s","identity":"%s","studies":["%s"],"type":"stone-viewer-publication"},"source":{"requestId":null},"version":2}',
             actor, floor(extract(epoch FROM filed_at) * 1000), study, floor(extract(epoch FROM filed_at) * 1000), id,
             CASE name WHEN 'share.created' THEN 'access.granted' ELSE name END, outcome, share_id, actor, study),
           sha256(int8send(n))
         FROM told
       )
       INSERT INTO audit_personal (class, filed_at, id, patient, address, salt, erasable)
       SELECT class, filed_at, id, patient, CASE WHEN class <> 'access' THEN address END, decode(md5(n::text), 'hex'),
         format('{"share":{"patients":["%s"]},"source":{"address":"%s"}}', patient, address)
       FROM told`,
      [first + 1, Math.min(first + slice, rows), now / 1000, rows],
    );
  }
  // ONLY would leave out the partitions.
  for (const { definition } of indexes) await client.query(definition.replace(' ON ONLY ', ' ON '));
  await client.query(
    `INSERT INTO audit_chain (class, month, size, head)
     SELECT class, date_trunc('month', filed_at AT TIME ZONE 'UTC')::date, count(*), sha256('')
     FROM audit_event GROUP BY 1, 2`,
  );
  await client.query('VACUUM ANALYZE');
  await client.query('CHECKPOINT');
  return (performance.now() - began) / 1000;
}

async function sizeOf(client) {
  const { rows } = await client.query(`SELECT pg_size_pretty(pg_database_size(current_database())) AS size`);
  return rows[0].size;
}
