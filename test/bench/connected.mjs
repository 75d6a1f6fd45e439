import pg from 'pg';

/** A connection to the database of a run, on which a statement may take its time. */
export async function connected(connectionString) {
  const client = new pg.Client({ connectionString, query_timeout: 3_600_000 });
  client.on('error', () => undefined); // a query in flight rejects by itself
  await client.connect();
  return client;
}
