import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../../../../migrations/index.js';
import type { Secret } from '../observability/secret.js';

// The driver would write moments in local time, whose offset it cuts to minutes: that of long ago had seconds.
pg.defaults.parseInputDatesAsUTC = true;

/** Milliseconds. No request waits longer than the plugin does. */
export const databaseLimits = { connect: 2_000, statement: 5_000 };

/** A pool on `url`. Statements are SQL behind each feature's store, so there are no entities. Migrations run from it only through the migrator. */
export function createDataSource(url: Secret, poolSize = 10): DataSource {
  return new DataSource({
    type: 'postgres',
    url: url.reveal(),
    migrations: [...migrations],
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'each',
    installExtensions: false,
    uuidExtension: 'pgcrypto',
    synchronize: false,
    logging: false,
    poolSize,
    connectTimeoutMS: databaseLimits.connect,
    applicationName: 'orthanc-warden',
    extra: {
      Client: ImpatientClient,
      statement_timeout: databaseLimits.statement,
      query_timeout: databaseLimits.statement + 1_000,
      idle_in_transaction_session_timeout: 10_000,
      keepAlive: true,
    },
    // Errors of idle connections arrive here; the pool has dropped the connection already.
    poolErrorHandler: () => undefined,
  });
}

/**
 * Gives a connection up once an answer is overdue. Otherwise the pool hands it out again: on a network that swallows
 * packets every later request would wait in vain on connections that are dead, until TCP itself gives up after minutes.
 */
class ImpatientClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    this.query = (...args: unknown[]) => {
      const answer = query(...args);
      if (answer instanceof Promise) {
        answer.catch((error: unknown) => {
          if (error instanceof Error && error.message === 'Query read timeout') void this.end().catch(() => undefined);
        });
      }
      return answer as never;
    };
  }
}
