import { randomBytes } from 'node:crypto';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { ifPresent, replaceFile } from './embedded-tools.js';

export const SUPERUSER = 'postgres';
export const OWNER_ROLE = 'warden_owner';
export const APPLICATION_ROLE = 'warden_app';
export const DATABASE = 'warden';

/** Password by role. */
export type Passwords = Readonly<Record<typeof SUPERUSER | typeof OWNER_ROLE | typeof APPLICATION_ROLE, string>>;

const passwordsFile = (dataDir: string): string => join(dataDir, 'database.json');

/** Undefined when there is no file yet; throws when it is not what we wrote. */
export async function readPasswords(dataDir: string): Promise<Passwords | undefined> {
  const file = passwordsFile(dataDir);
  const text = await ifPresent(readFile(file, 'utf8'));
  if (text === undefined) return undefined;
  await chmod(file, 0o600); // a restored backup may have opened it up
  let value: Partial<Record<string, unknown>>;
  try {
    value = JSON.parse(text) as Partial<Record<string, unknown>>;
  } catch {
    throw new Error(`${file} is not JSON: restore it from a backup.`); // the parser's message would quote a password
  }
  const password = (role: string): string => {
    const found = value[role];
    if (typeof found !== 'string' || !/^[\w-]+$/.test(found)) throw new Error(`${file} has no password for ${role}.`);
    return found;
  };
  return {
    [SUPERUSER]: password(SUPERUSER),
    [OWNER_ROLE]: password(OWNER_ROLE),
    [APPLICATION_ROLE]: password(APPLICATION_ROLE),
  };
}

/** Written before the cluster is made, so that no crash leaves a cluster whose password nobody knows. */
export async function createPasswords(dataDir: string): Promise<Passwords> {
  const random = (): string => randomBytes(24).toString('base64url');
  const passwords: Passwords = { [SUPERUSER]: random(), [OWNER_ROLE]: random(), [APPLICATION_ROLE]: random() };
  await replaceFile(passwordsFile(dataDir), `${JSON.stringify(passwords, undefined, 2)}\n`, 0o600);
  return passwords;
}

export const databaseUrl = (role: keyof Passwords, passwords: Passwords, port: number, database: string): string =>
  `postgresql://${role}:${passwords[role]}@127.0.0.1:${port}/${database}`;

/**
 * Makes roles and database what they should be, whatever an interrupted first start left. The owner role owns the schema
 * and migrates; the application role may connect, and has what the migrations grant it.
 */
export async function setUpRoles(passwords: Passwords, port: number): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl(SUPERUSER, passwords, port, 'postgres'),
    connectionTimeoutMillis: 10_000,
    query_timeout: 30_000,
  });
  client.on('error', () => undefined); // a query in flight rejects by itself; without a listener node would exit
  await client.connect();
  try {
    // A failing statement is written to the server's log, and these hold passwords.
    await client.query(`SET log_min_error_statement = 'panic'`);
    for (const role of [OWNER_ROLE, APPLICATION_ROLE] as const) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (!rowCount) await client.query(`CREATE ROLE ${role}`);
      await client.query(
        `ALTER ROLE ${role} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD '${passwords[role]}'`,
      );
    }
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (!rowCount) await client.query(`CREATE DATABASE ${DATABASE} OWNER ${OWNER_ROLE}`);
    await client.query(`REVOKE ALL ON DATABASE ${DATABASE}, postgres, template1 FROM PUBLIC`);
    await client.query(`GRANT CONNECT ON DATABASE ${DATABASE} TO ${OWNER_ROLE}, ${APPLICATION_ROLE}`);
  } finally {
    await client.end().catch(() => undefined);
  }
}
