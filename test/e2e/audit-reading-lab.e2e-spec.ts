import { existsSync, writeFileSync } from 'node:fs';
import pg from 'pg';
import { createTestDatabase } from '../support/test-cluster.js';

it('lab', async () => {
  const database = await createTestDatabase();
  const admin = new pg.Client(database.adminUrl);
  await admin.connect();
  await admin.query(
    `SELECT audit_make_partitions(date_trunc('month', now()) - m * interval '1 month') FROM generate_series(1, 71) m`,
  );
  await admin.query(`SET session_replication_role = replica`);
  const months = 72,
    each = 1400;
  for (let m = 0; m < months; m++) {
    for (const [klass, name] of [
      ['management', 'share.created'],
      ['disclosure', 'share.opened'],
      ['access', 'access.granted'],
      ['denial', 'share.refused'],
    ]) {
      const n = m < 2 ? each * 20 : each;
      await admin.query(`WITH made AS (
        SELECT gen_random_uuid() id, date_trunc('month', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - ${m} * interval '1 month' + random() * interval '19 days' AS filed_at, i
        FROM generate_series(1, ${n}) i),
      ev AS (INSERT INTO audit_event (class, filed_at, id, position, number, name, actor_id, share_id, study, outcome, reason, record, hash)
        SELECT '${klass}', filed_at, id, i, i, '${name}', 'keycloak:'||(i % 50), md5('s'||(i%700))::uuid, '1.2.'||(i % 1000), CASE WHEN i % 10 = 0 THEN 'minor-failure' ELSE 'success' END, NULL, repeat('{"a":"bcdefgh"}', 40), '\\x00' FROM made ORDER BY filed_at),
      pe AS (INSERT INTO audit_personal SELECT '${klass}', filed_at, id, 'P'||(i % 500), '10.0.0.'||(i%200), '\\x00', repeat('{"a":"bcdefgh"}', 20), NULL FROM made ORDER BY filed_at)
      INSERT INTO audit_subject SELECT '${klass}', filed_at, id, '1.3.'||(i % 300), NULL FROM made WHERE i % 5 = 0 UNION ALL SELECT '${klass}', filed_at, id, NULL, 'Q'||(i % 300) FROM made WHERE i % 7 = 0`);
      await admin.query(
        `INSERT INTO audit_chain (class, month, size, head) VALUES ($1, (date_trunc('month', now() AT TIME ZONE 'UTC') - ${m} * interval '1 month')::date, $2, '\\x00')`,
        [klass, n],
      );
    }
  }
  await admin.query('VACUUM ANALYZE');
  writeFileSync('/tmp/h/lab-search.json', JSON.stringify(database));
  for (let i = 0; i < 2700 && existsSync('/tmp/h/lab-search.json'); i++) await new Promise((d) => setTimeout(d, 1000));
  await admin.end();
  await database.drop();
}, 3_000_000);
