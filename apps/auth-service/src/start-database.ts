import type { Config } from './platform/config/config.js';
import { startEmbeddedPostgres } from './platform/database/embedded-postgres.js';
import { superviseServer } from './platform/database/embedded-supervisor.js';
import { migrate } from './platform/database/migrator.js';
import type { Log } from './platform/observability/log.js';
import { Secret } from './platform/observability/secret.js';

export interface StartedDatabase {
  readonly url: Secret;
  stop(): Promise<void>;
}

/** The given database, or an embedded one under DATA_DIR, migrated where that is the service's to do. */
export async function startDatabase({ database, dataDir }: Config, log: Log): Promise<StartedDatabase> {
  if (database.url !== null) {
    if (database.autoMigrate) {
      const ran = await migrate(database.ownerUrl ?? database.url, database.url);
      if (ran.length > 0) log.info('schema-migrated', { migrations: ran });
    }
    return { url: database.url, stop: () => Promise.resolve() };
  }
  const embedded = await startEmbeddedPostgres({
    dataDir,
    log: (message) => log.info('embedded-database', { detail: message }),
  });
  const url = new Secret(embedded.applicationUrl);
  try {
    const ran = await migrate(new Secret(embedded.ownerUrl), url);
    if (ran.length > 0) log.info('schema-migrated', { migrations: ran });
  } catch (error) {
    await embedded.stop();
    throw error;
  }
  const endSupervision = superviseServer(embedded, log);
  return {
    url,
    stop: async () => {
      await endSupervision(); // first, or it would start again what is being stopped
      await embedded.stop();
    },
  };
}
