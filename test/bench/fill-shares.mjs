import pg from 'pg';

/**
 * Databases that differ only in what is registered, copied from the migrated one.
 *
 * @param {{name: string, shares: number, revoked: number}[]} sizes
 */
export async function makeSizedDatabases({ adminUrl, applicationUrl, ownerUrl }, sizes) {
  const at = (url, name) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const template = new URL(applicationUrl).pathname.slice(1);
  const databases = [];
  for (const { name, shares, revoked } of sizes) {
    await withClient(adminUrl, async (client) => {
      await client.query(`CREATE DATABASE ${name} OWNER warden_owner TEMPLATE ${template}`);
      await client.query(`GRANT CONNECT ON DATABASE ${name} TO warden_owner, warden_app`);
    });
    await withClient(at(adminUrl, name), (client) => fill(client, shares, revoked));
    databases.push({ applicationUrl: at(applicationUrl, name), ownerUrl: at(ownerUrl, name) });
  }
  return databases;
}

/** Shares as the service stores them, one study each; every n-th is revoked, all are still running. */
async function fill(client, shares, revoked) {
  await client.query('SET synchronous_commit = off');
  // A share and its resource are written together here: looking each reference up would take as long as the rest.
  await client.query('SET session_replication_role = replica');
  const every = revoked === 0 ? shares + 1 : Math.floor(shares / revoked);
  await client.query(
    `INSERT INTO share (id, token_id, key_id, origin, type, label, minted_at, minted_by, expires_at, expires_text, validity_duration, revoked_at, revoked_by, revoke_reason)
     SELECT (lpad(to_hex(1790000000000 + n), 12, '0') || '7' || substr(h, 1, 3) || '8' || substr(h, 4, 15))::uuid,
       decode(md5('token ' || n), 'hex'), 'benchmark', 'minted', 'stone-viewer-publication', 'bench ' || n,
       now(), 'basic:plugin', now() + interval '7 days', 'in seven days', 604800,
       CASE WHEN n % $2 = 0 THEN now() END, CASE WHEN n % $2 = 0 THEN 'basic:admin' END, CASE WHEN n % $2 = 0 THEN 'benchmark' END
     FROM (SELECT n, md5(n::text) AS h FROM generate_series(1, $1::bigint) n) numbered`,
    [shares, every],
  );
  await client.query(
    `INSERT INTO share_resource (share_id, ordinal, level, dicom_uid, orthanc_id)
     SELECT id, 1, 'study', '1.2.840.113619.2.' || row_number() OVER (), '11111111-22222222-33333333-44444444-55555555' FROM share
     WHERE key_id = 'benchmark'`,
  );
  // What a trigger does elsewhere.
  await client.query(
    'INSERT INTO revoked_share (minted_at, share_id) SELECT minted_at, id FROM share WHERE revoked_at IS NOT NULL',
  );
  await client.query('ANALYZE share, share_resource, revoked_share');
  const { rows } = await client.query('SELECT count(*)::int AS shares, count(revoked_at)::int AS revoked FROM share');
  if (rows[0].shares < shares || rows[0].revoked !== revoked) throw new Error(`filled ${JSON.stringify(rows[0])}`);
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, query_timeout: 180_000 });
  client.on('error', () => undefined); // a query in flight rejects by itself
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
