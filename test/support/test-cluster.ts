import { randomBytes } from 'node:crypto';
import pg from 'pg';

export interface TestDatabase {
  readonly applicationUrl: string;
  readonly ownerUrl: string;
  /** Superuser, in this database. */
  readonly adminUrl: string;
  /** Removes the database, whoever is still connected. */
  drop(): Promise<void>;
}

/** Makes a database of its own on the server of this test run: a copy of the migrated template. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const cluster = JSON.parse(process.env['WARDEN_TEST_CLUSTER'] ?? 'null') as Record<string, string> | null;
  if (!cluster) throw new Error('WARDEN_TEST_CLUSTER is not set: run the tests through jest and its globalSetup.');
  const template = process.env['WARDEN_TEST_TEMPLATE'];
  const name = `test_${randomBytes(8).toString('hex')}`;
  const at = (role: string): string => Object.assign(new URL(cluster[role] ?? ''), { pathname: `/${name}` }).href;

  await asAdmin(cluster['adminUrl'], async (client) => {
    const source = template ? ` TEMPLATE ${client.escapeIdentifier(template)}` : '';
    await client.query(`CREATE DATABASE ${name} OWNER warden_owner${source}`);
    await client.query(`REVOKE ALL ON DATABASE ${name} FROM PUBLIC`); // a copy does not take these along
    await client.query(`GRANT CONNECT ON DATABASE ${name} TO warden_owner, warden_app`);
  });
  return {
    applicationUrl: at('applicationUrl'),
    ownerUrl: at('ownerUrl'),
    adminUrl: at('adminUrl'),
    drop: () =>
      asAdmin(cluster['adminUrl'], async (client) => {
        await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      }),
  };
}

/** A connection of the superuser, which may outlast the database. */
export async function connectAdmin({ adminUrl }: TestDatabase): Promise<pg.Client> {
  const admin = new pg.Client(adminUrl);
  admin.on('error', () => undefined); // dropped with the database
  await admin.connect();
  return admin;
}

/** Runs `work` on a database of its own and drops it afterwards, also when `work` throws. */
export async function withTestDatabase<T>(work: (database: TestDatabase) => Promise<T>): Promise<T> {
  const database = await createTestDatabase();
  try {
    return await work(database);
  } finally {
    await database.drop();
  }
}

async function asAdmin(url: string | undefined, work: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
