import pg from 'pg';
import { Secret } from '../observability/secret.js';
import { advisoryLocks } from './advisory-locks.js';
import { createDataSource } from './data-source.js';

/**
 * Brings the schema to this release's revision as the owner role, under an advisory lock, so that replicas started
 * together migrate once. Returns the names of the migrations that ran.
 */
export async function migrate(ownerUrl: Secret, applicationUrl: Secret): Promise<string[]> {
  const lock = new pg.Client({ connectionString: ownerUrl.reveal(), connectionTimeoutMillis: 10_000 });
  await lock.connect();
  try {
    await lock.query('SELECT pg_advisory_lock($1)', [advisoryLocks.migrating]);
    const source = createDataSource(withSetting(ownerUrl, applicationUrl), 1);
    source.setOptions({ extra: { statement_timeout: 0, keepAlive: true } });
    await source.initialize();
    try {
      const ran = await source.runMigrations();
      return ran.map((migration) => migration.name);
    } finally {
      await source.destroy();
    }
  } finally {
    await lock.end();
  }
}

/** Migrations grant rights to the application role; they learn its name from the setting `warden.app_role`. */
function withSetting(ownerUrl: Secret, applicationUrl: Secret): Secret {
  const url = new URL(ownerUrl.reveal());
  const role = decodeURIComponent(new URL(applicationUrl.reveal()).username) || decodeURIComponent(url.username);
  if (!/^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$/.test(role))
    throw new Error('DATABASE_URL names a role that is not a plain identifier');
  url.searchParams.set('options', `-c warden.app_role=${role}`);
  return new Secret(url.toString());
}
