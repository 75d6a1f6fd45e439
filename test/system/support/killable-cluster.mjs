import { join } from 'node:path';
import pg from 'pg';
import { at, migrate } from './own-cluster.mjs';
import { isAlive, temporaryFolder, undoLater, until } from './stage.mjs';

/** A PostgreSQL server of the suite's own that keeps what it acknowledged, whatever is done to it. */
export async function startKillableCluster({ dist, name }) {
  const folder = await temporaryFolder(name);
  const { startEmbeddedPostgres } = await import(
    join(dist, 'apps/auth-service/src/platform/database/embedded-postgres.js')
  );
  const database = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    rootBase: join(folder, 'root'),
    log: () => undefined,
  });
  const stop = undoLater(() => database.stop());
  return {
    stop,
    /** Resolves when the process is gone. SIGQUIT is PostgreSQL's immediate shutdown: like SIGKILL, and it ends its children. */
    kill: async (signal) => {
      const pid = database.postmasterPid;
      process.kill(pid, signal);
      await until('PostgreSQL is gone', () => !isAlive(pid));
    },
    /** On the same port. */
    restart: () => database.restart(),
    /** A database with the schema: its URL for the service, and `query` for whoever may see everything. */
    createDatabase: async (title) => {
      await asking(database.adminUrl, (client) => client.query(`CREATE DATABASE ${title} OWNER warden_owner`));
      await asking(database.adminUrl, (client) => client.query(`GRANT CONNECT ON DATABASE ${title} TO warden_app`));
      const [applicationUrl, ownerUrl, adminUrl] = [database.applicationUrl, database.ownerUrl, database.adminUrl].map(
        (url) => at(url, { pathname: `/${title}` }),
      );
      await migrate({ dist, applicationUrl, ownerUrl });
      return {
        applicationUrl,
        query: (text, values) => asking(adminUrl, async (client) => (await client.query(text, values)).rows),
      };
    },
  };
}

/** On a connection of its own: the one before may have been killed. */
async function asking(url, ask) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await ask(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}
