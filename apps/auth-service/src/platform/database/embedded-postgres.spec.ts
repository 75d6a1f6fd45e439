import { execFile, spawn } from 'node:child_process';
import { chmod, cp, lstat, mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { findBinaryPackage, useCopy } from './embedded-binaries.js';
import { acquireLock, processExists } from './embedded-lock.js';
import { accountFor } from './embedded-placement.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from './embedded-postgres.js';

jest.setTimeout(60_000);

let base: string;
const opened: EmbeddedDatabase[] = [];
const messages: string[] = [];

beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'warden-embedded-'));
  await chmod(base, 0o755); // as root, the server is another user, who must get through
});
afterAll(async () => {
  for (const database of opened) await database.stop();
  await rm(base, { recursive: true, force: true });
});

const dataDir = (name: string): string => join(base, name);

async function start(name: string, options: { port?: number; durable?: boolean } = {}): Promise<EmbeddedDatabase> {
  const database = await startEmbeddedPostgres({
    dataDir: dataDir(name),
    rootBase: join(base, 'root'),
    durable: false,
    log: (message) => messages.push(message),
    ...options,
  });
  opened.push(database);
  return database;
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

/** The cluster's folder, from the note in the data folder. */
async function clusterOf(name: string): Promise<string> {
  const note = await readFile(join(dataDir(name), 'postgresql.location'), 'utf8');
  const path = /^cluster: (.+)$/m.exec(note)?.[1] ?? '';
  return path.startsWith('/') ? path : join(dataDir(name), path);
}

const forgetLauncher = (name: string): Promise<void> => rm(join(dataDir(name), 'warden.lock'));

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 200 && !condition(); round += 1) await new Promise((done) => setTimeout(done, 50));
}

describe('the embedded database', () => {
  let database: EmbeddedDatabase;
  beforeAll(async () => (database = await open()));

  /** With durable commits: a row must survive the kill. */
  const open = (options: { port?: number } = {}): Promise<EmbeddedDatabase> =>
    start('main', { durable: true, ...options });

  it('is UTF-8, sorts by code point, and knows the case of letters beyond ASCII', async () => {
    const rows = await query(
      database.ownerUrl,
      `SELECT pg_encoding_to_char(encoding) AS encoding, 'B' < 'a' AS by_code_point, lower('É') AS lower,
              current_setting('timezone') AS timezone
       FROM pg_database WHERE datname = current_database()`,
    );
    expect(rows).toEqual([{ encoding: 'UTF8', by_code_point: true, lower: 'é', timezone: 'UTC' }]);
  });

  it('lets the owner role make tables and the application role only what it was granted', async () => {
    await query(database.ownerUrl, 'CREATE TABLE share (id int); INSERT INTO share VALUES (1)');
    await expect(query(database.applicationUrl, 'CREATE TABLE mine (id int)')).rejects.toThrow('permission denied');
    await expect(query(database.applicationUrl, 'SELECT * FROM share')).rejects.toThrow('permission denied');
    await query(database.ownerUrl, 'GRANT SELECT ON share TO warden_app');
    expect(await query(database.applicationUrl, 'SELECT * FROM share')).toEqual([{ id: 1 }]);
  });

  it('lets the application role into no other database', async () => {
    const elsewhere = (name: string): string =>
      Object.assign(new URL(database.applicationUrl), { pathname: `/${name}` }).href;
    for (const name of ['postgres', 'template1']) {
      await expect(query(elsewhere(name), 'SELECT 1')).rejects.toThrow('permission denied for database');
    }
  });

  it('refuses a wrong and a missing password', async () => {
    const wrong = Object.assign(new URL(database.adminUrl), { password: 'password' }).href;
    await expect(query(wrong, 'SELECT 1')).rejects.toThrow('password authentication failed');
    const missing = Object.assign(new URL(database.adminUrl), { password: '' }).href;
    await expect(query(missing, 'SELECT 1')).rejects.toThrow();
  });

  it('listens on 127.0.0.1 only', async () => {
    const [settings] = await query(
      database.adminUrl,
      `SELECT current_setting('listen_addresses') AS tcp, current_setting('unix_socket_directories') AS sockets`,
    );
    expect(settings).toEqual({ tcp: '127.0.0.1', sockets: '' });
    const port = Number(new URL(database.adminUrl).port);
    await expect(connects('127.0.0.1', port)).resolves.toBe(true);
    await expect(connects('127.0.0.2', port)).resolves.toBe(false); // a listener on all addresses would answer here
    await expect(connects('::1', port)).resolves.toBe(false);
  });

  it('keeps the passwords in a file that only we can read, generated for this folder', async () => {
    const file = join(dataDir('main'), 'database.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(dataDir('main'))).mode & 0o777).toBe(0o700);
    const passwords = Object.values(JSON.parse(await readFile(file, 'utf8')) as Record<string, string>);
    expect(new Set(passwords).size).toBe(3);
    for (const password of passwords) expect(password).toMatch(/^[\w-]{32}$/);
  });

  it('leaves no password in the cluster folder or the server log', async () => {
    const { warden_app: password } = JSON.parse(
      await readFile(join(dataDir('main'), 'database.json'), 'utf8'),
    ) as Record<string, string>;
    const cluster = await clusterOf('main');
    const { stdout } = await promisify(execFile)('grep', ['-rlF', '--', password ?? '', join(cluster, '..')]).catch(
      () => ({ stdout: '' }), // grep finds nothing
    );
    expect(stdout.split('\n').filter((path) => path && !path.endsWith('/database.json'))).toEqual([]);
    expect((await readdir(join(cluster, '..'))).filter((name) => name.includes('.init-'))).toEqual([]);
  });

  it('has its server in a session of its own, so that a Ctrl-C in the terminal does not reach it', async () => {
    const fields = (await readFile(`/proc/${database.postmasterPid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    expect(fields[3]).toBe(String(database.postmasterPid)); // field 6, the session
  });

  it('refuses a second live process on the same folder, naming it and the remedy', async () => {
    await expect(open()).rejects.toThrow(new RegExp(`process ${process.pid}\\b.*DATA_DIR`));
    expect(await query(database.ownerUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is joined, not started twice, when an earlier launcher was killed; stop() then stops it', async () => {
    await forgetLauncher('main');
    const joined = await open({ port: 1 }); // the port it has is the one that counts
    expect(joined.postmasterPid).toBe(database.postmasterPid);
    expect(joined.applicationUrl).toBe(database.applicationUrl);
    await Promise.all([joined.stop(), joined.stop()]);
    expect(processExists(joined.postmasterPid)).toBe(false);
  });

  it('keeps rows and passwords over a restart', async () => {
    database = await open();
    expect(await query(database.applicationUrl, 'SELECT * FROM share')).toEqual([{ id: 1 }]);
  });

  it('recovers after its server was killed', async () => {
    await query(database.ownerUrl, 'INSERT INTO share VALUES (2)');
    process.kill(database.postmasterPid, 'SIGKILL');
    await forgetLauncher('main');
    const recovered = await open();
    expect(recovered.postmasterPid).not.toBe(database.postmasterPid);
    expect(await query(recovered.ownerUrl, 'SELECT id FROM share ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
    database = recovered;
  });

  it('starts when the pid in a stale postmaster.pid now belongs to somebody else', async () => {
    const cluster = await clusterOf('main');
    const file = join(cluster, 'postmaster.pid');
    const text = await readFile(file, 'utf8');
    await database.stop();
    const stranger = await sleeper(cluster);
    try {
      await writeFile(file, text.replace(/^\d+/, String(stranger.pid)), { mode: 0o644 });
      database = await open();
      expect(database.postmasterPid).not.toBe(stranger.pid);
      expect(await query(database.ownerUrl, 'SELECT count(*)::int AS n FROM share')).toEqual([{ n: 2 }]);
    } finally {
      stranger.kill();
    }
  });

  it('says what is wrong, with the end of the server log, when the server does not start', async () => {
    await database.stop();
    const conf = join(await clusterOf('main'), 'postgresql.conf');
    const text = await readFile(conf, 'utf8');
    await writeFile(conf, `${text}\nmax_connections = many\n`);
    await expect(open()).rejects.toThrow(/did not start[\s\S]*max_connections/);
    await writeFile(conf, text);
    database = await open(); // and the failed start gave the lock back
  });

  it('never replaces a recorded database that is gone by an empty one', async () => {
    await database.stop();
    const cluster = await clusterOf('main');
    await rm(cluster, { recursive: true });
    await expect(open()).rejects.toThrow(/is gone[\s\S]*postgresql\.location/);
  });
});

describe('a first start that was cut short', () => {
  it('goes on after a kill during initdb and between initdb and the roles', async () => {
    const first = await start('cut');
    await first.stop();
    const cluster = await clusterOf('cut');
    await rm(join(dataDir('cut'), 'postgresql.location'));

    // During initdb: passwords written, half a cluster in the temporary folder.
    await rm(cluster, { recursive: true });
    await mkdir(`${cluster}.init-abcdef`);
    await writeFile(join(`${cluster}.init-abcdef`, 'PG_VERSION'), '18');
    const second = await start('cut');
    expect(await query(second.applicationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(lstat(`${cluster}.init-abcdef`)).rejects.toThrow('ENOENT');

    // After initdb: a whole cluster, roles made in part.
    await query(second.adminUrl, 'DROP DATABASE warden');
    await query(second.adminUrl, 'DROP ROLE warden_app');
    await query(second.adminUrl, 'ALTER ROLE warden_owner NOLOGIN');
    await second.stop();
    await rm(join(dataDir('cut'), 'postgresql.location'));
    const third = await start('cut');
    expect(await query(third.applicationUrl, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await query(third.ownerUrl, 'CREATE TABLE t (id int)');
    await third.stop();

    // A data folder that was deleted and made anew: root's cluster is elsewhere and still there.
    if (process.getuid?.() === 0) {
      await rm(dataDir('cut'), { recursive: true });
      const fourth = await start('cut');
      expect(messages.at(-2)).toContain('set aside');
      expect(await query(fourth.ownerUrl, `SELECT to_regclass('t') AS t`)).toEqual([{ t: null }]);
      await fourth.stop();
    }
  });
});

describe('the lock on a data folder', () => {
  const folder = (): Promise<string> => mkdtemp(join(base, 'lock-'));
  const lockText = async (path: string): Promise<{ pid: number; started: string }> =>
    JSON.parse(await readFile(join(path, 'warden.lock'), 'utf8')) as { pid: number; started: string };

  it('is taken once, named by pid, and free again after its release', async () => {
    const path = await folder();
    const release = await acquireLock(path);
    expect((await lockText(path)).pid).toBe(process.pid);
    await expect(acquireLock(path)).rejects.toThrow(`process ${process.pid}`);
    await release();
    expect(await readdir(path)).toEqual([]);
    await (
      await acquireLock(path)
    )();
  });

  it.each([
    ['a process that is gone', { pid: 4_194_304 + 1, started: null }],
    ['an earlier process with the same pid as a living one', { pid: process.pid, started: 'boot/1' }],
    ['nobody readable', 'cut off by a power fai'],
  ])('is taken over from %s', async (_, holder) => {
    const path = await folder();
    await writeFile(
      join(path, 'warden.lock'),
      JSON.stringify(holder).slice(0, -1) + (typeof holder === 'string' ? '' : '}'),
    );
    const release = await acquireLock(path);
    expect((await lockText(path)).pid).toBe(process.pid);
    await release();
    expect(await readdir(path)).toEqual([]);
  });

  it('goes to exactly one of many that find a dead holder at the same moment', async () => {
    for (let round = 0; round < 20; round += 1) {
      const path = await folder();
      await writeFile(join(path, 'warden.lock'), '{"pid":4194305}');
      const results = await Promise.allSettled(Array.from({ length: 12 }, () => acquireLock(path)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect((await lockText(path)).pid).toBe(process.pid);
    }
  });
});

describe('the binaries', () => {
  it('get their library links in a copy, when npm ran without install scripts', async () => {
    const source = await findBinaryPackage();
    const bare = join(base, 'bare');
    await cp(source.folder, bare, {
      recursive: true,
      verbatimSymlinks: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    const native = await useCopy({ folder: bare, version: '1' }, join(base, 'copies'));
    expect(await readlink(join(native, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
    await expect(promisify(execFile)(join(native, 'bin', 'postgres'), ['--version'])).resolves.toBeDefined();
    expect(await readdir(join(base, 'copies'))).toEqual(['1']);
  });

  it('name the remedy on a platform that has none', async () => {
    await expect(findBinaryPackage('sunos', 'x64')).rejects.toThrow('DATABASE_URL');
  });
});

describe('the account of a service that is root', () => {
  const nobody = 'nobody:x:65534:65534:nobody:/:/usr/sbin/nologin';

  it('is postgres, else nobody, else an error with a remedy', () => {
    const postgres = 'postgres:x:101:104::/var/lib/postgresql:/bin/bash';
    expect(accountFor(`root:x:0:0::/root:/bin/sh\n${nobody}\n${postgres}\n`)).toEqual({
      name: 'postgres',
      uid: 101,
      gid: 104,
    });
    expect(accountFor(`${nobody}\n`)).toEqual({ name: 'nobody', uid: 65534, gid: 65534 });
    expect(() => accountFor('root:x:0:0::/root:/bin/sh\n')).toThrow('DATABASE_URL');
  });
});

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host, port });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
}

/** A living process of the cluster's owner, which pg_ctl therefore takes for the server. */
async function sleeper(cluster: string): Promise<{ pid: number; kill(): void }> {
  const { uid, gid } = await stat(cluster);
  const child = spawn('sleep', ['60'], { cwd: '/', stdio: 'ignore', ...(process.getuid?.() === 0 && { uid, gid }) });
  await until(() => child.pid !== undefined);
  return { pid: child.pid ?? 0, kill: () => child.kill() };
}
