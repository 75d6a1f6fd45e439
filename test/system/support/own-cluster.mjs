import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { temporaryFolder, undoLater } from './stage.mjs';

/** A PostgreSQL server of the suite's own, by the product's launcher: it stands for the one that DATABASE_URL names. */
export async function startCluster({ dist, name }) {
  const folder = await temporaryFolder(name);
  const { startEmbeddedPostgres } = await import(
    join(dist, 'apps/auth-service/src/platform/database/embedded-postgres.js')
  );
  const database = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    rootBase: join(folder, 'root'),
    durable: false,
    log: () => undefined,
  });
  const stop = undoLater(() => database.stop());
  return {
    port: Number(new URL(database.adminUrl).port),
    stop,
    /** An empty database; its URLs, by way of `port` where that is given. */
    createDatabase: async (title) => {
      const client = new pg.Client(database.adminUrl);
      await client.connect();
      await client.query(`CREATE DATABASE ${title} OWNER warden_owner`);
      await client.query(`GRANT CONNECT ON DATABASE ${title} TO warden_app`);
      await client.end();
      return {
        applicationUrl: at(database.applicationUrl, { pathname: `/${title}` }),
        ownerUrl: at(database.ownerUrl, { pathname: `/${title}` }),
      };
    },
  };
}

export const at = (url, changes) => Object.assign(new URL(url), changes).href;

/** `npm run db:migrate` without its build. Answers what it printed. */
export async function migrate({ dist, applicationUrl, ownerUrl }) {
  const { stdout } = await promisify(execFile)(process.execPath, [join(dist, 'apps/auth-service/src/migrate.js')], {
    env: { PATH: process.env.PATH, DATABASE_URL: applicationUrl, DATABASE_OWNER_URL: ownerUrl },
  });
  return stdout;
}

/** Settings of a replica on a given database; the users are `plugin` and `admin` below. */
export const replicaSettings = {
  SECRET_KEY: 'for the system tests only: 9c1f6b0e4d7a',
  USERS: JSON.stringify({
    orthanc: 'for the system tests',
    admin: { password: 'for the system tests', permissions: ['all'] },
  }),
  PUBLIC_ORTHANC_ROOT: 'http://127.0.0.1:8042/',
};
export const plugin = 'orthanc:for the system tests';
export const admin = 'admin:for the system tests';
