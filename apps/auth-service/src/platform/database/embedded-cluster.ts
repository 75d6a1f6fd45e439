import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { programFile } from './embedded-binaries.js';
import type { Placement } from './embedded-placement.js';
import { hasOrphanedBackends, isServerOf, readPostmaster, type Postmaster } from './embedded-postmaster.js';
import { SUPERUSER } from './embedded-roles.js';
import { HOST_RULES, INCLUDE_LINE, serverSettings, SETTINGS_FILE } from './embedded-settings.js';
import { ifPresent, pause, replaceFile, runTool, type Account, type ToolResult } from './embedded-tools.js';

const INIT_LIMIT_S = 60;
const START_LIMIT_S = 60;
const STOP_LIMIT_S = 30;
const KEPT_LOGS = 5;

/** Makes the cluster beside its place and renames it there when whole, so that a crash leaves no half-made one. */
export async function createCluster(place: Placement, password: string, durable: boolean): Promise<void> {
  const { cluster, account } = place;
  await removeLeftovers(cluster);
  const work = `${cluster}.init-${randomBytes(6).toString('hex')}`;
  const fresh = join(work, 'cluster');
  await mkdir(work);
  await chmod(work, 0o711); // the account goes through it to its own folder inside
  try {
    await ownedFolder(fresh, account);
    await replaceFile(join(work, 'password'), `${password}\n`, 0o400, account);
    const result = await runTool(
      programFile(place.binaries, 'initdb'),
      [
        ...[
          '-D',
          fresh,
          '-U',
          SUPERUSER,
          '--pwfile',
          join(work, 'password'),
          '--auth=scram-sha-256',
          '--encoding=UTF8',
        ],
        // Sorts by code point like C, but knows the case of letters beyond ASCII; part of PostgreSQL, so no locale is needed.
        ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-instructions'],
        ...(durable ? [] : ['--no-sync']),
      ],
      { limitMs: INIT_LIMIT_S * 1000, account },
    );
    if (result.code !== 0) throw new Error(`The database could not be created (initdb).\n${result.output}`);
    const conf = join(fresh, 'postgresql.conf');
    await replaceFile(conf, (await readFile(conf, 'utf8')) + INCLUDE_LINE, 0o600, account);
    await replaceFile(join(fresh, 'pg_hba.conf'), HOST_RULES, 0o600, account);
    await rename(fresh, cluster);
    if (durable) await syncFolder(dirname(cluster));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function ownedFolder(path: string, account: Account | undefined): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  if (account) await chown(path, account.uid, account.gid);
}

async function removeLeftovers(cluster: string): Promise<void> {
  for (const name of await readdir(dirname(cluster))) {
    // An initdb whose parent was killed may still be writing there: retried, and else left to the next start.
    if (!name.startsWith(`${basename(cluster)}.init-`)) continue;
    await rm(join(dirname(cluster), name), { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
  }
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Starts the server on `port`, or on a random free one; another is tried when it was taken meanwhile. */
export async function startServer(
  place: Placement,
  options: { durable: boolean; port?: number | undefined },
): Promise<Postmaster> {
  const { cluster, account } = place;
  if (!(await ifPresent(lstat(join(cluster, 'log'))))) await ownedFolder(join(cluster, 'log'), account);
  await replaceFile(join(cluster, SETTINGS_FILE), serverSettings(options.durable), 0o600, account);
  await pruneLogs(cluster);
  const earlyLog = join(cluster, 'log', 'start.log'); // what is said before the server's own log is open
  const deadline = Date.now() + START_LIMIT_S * 1000;
  for (let attempt = 1; ; attempt += 1) {
    await rm(earlyLog, { force: true });
    const port = options.port ?? (await freePort());
    const started = await pgCtl(place, START_LIMIT_S, [
      ...['start', '-w', '-t', String(START_LIMIT_S), '-l', earlyLog, '-o', `-p ${port}`],
    ]);
    const postmaster = await readPostmaster(cluster);
    if (started.code === 0 && postmaster) return postmaster;

    const log = await logTail(cluster);
    const portTaken = /Address already in use/i.test(log) && options.port === undefined && attempt < 5;
    const backendsLeft = /pre-existing shared memory block/.test(log) && Date.now() < deadline;
    if (backendsLeft) await pause(500);
    if (portTaken || backendsLeft) continue;
    await pgCtl(place, 10, ['stop', '-m', 'immediate', '-t', '10']); // it may be on its way up still, past our limit
    throw new Error(`The database did not start.\n${started.output}\nEnd of the server's log:\n${log}`);
  }
}

/**
 * Looks for a server that outlived its launcher, and waits until it is ready or gone. When none is left, clears a
 * `postmaster.pid` away that would keep a new server from starting.
 */
export async function findServer(place: Placement, log: (message: string) => void): Promise<Postmaster | undefined> {
  const deadline = Date.now() + START_LIMIT_S * 1000;
  for (;;) {
    const postmaster = await readPostmaster(place.cluster);
    if (!postmaster || (await pgCtl(place, 10, ['status'])).code !== 0) return undefined;
    if (isServerOf(place.cluster, postmaster.pid)) {
      if (postmaster.ready) return postmaster;
    } else if (!hasOrphanedBackends(postmaster)) {
      log(`The process ${postmaster.pid} that postmaster.pid names is not this database's server any more.`);
      await rm(join(place.cluster, 'postmaster.pid'), { force: true });
      return undefined;
    }
    if (Date.now() > deadline) {
      const tail = await logTail(place.cluster);
      throw new Error(`The database server ${postmaster.pid} neither gets ready nor ends. End of its log:\n${tail}`);
    }
    await pause(100);
  }
}

/** Stops the server and waits; without complaint when there is none. */
export async function stopServer(place: Placement): Promise<void> {
  const running = async (): Promise<boolean> => {
    const postmaster = await readPostmaster(place.cluster);
    return postmaster !== undefined && isServerOf(place.cluster, postmaster.pid);
  };
  if (!(await running())) return;
  const fast = await pgCtl(place, STOP_LIMIT_S, ['stop', '-m', 'fast', '-w', '-t', String(STOP_LIMIT_S)]);
  if (fast.code === 0 || !(await running())) return;
  // Loses nothing that was committed: the next start recovers from the write-ahead log.
  await pgCtl(place, 10, ['stop', '-m', 'immediate', '-w', '-t', '10']);
  if (!(await running())) return;
  throw new Error(
    `The database did not stop.\n${fast.output}\nEnd of the server's log:\n${await logTail(place.cluster)}`,
  );
}

const pgCtl = (place: Placement, limitSeconds: number, args: string[]): Promise<ToolResult> =>
  runTool(programFile(place.binaries, 'pg_ctl'), ['-D', place.cluster, ...args], {
    limitMs: (limitSeconds + 5) * 1000, // pg_ctl keeps the limit itself; ours is for a pg_ctl that hangs
    account: place.account,
  });

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The server starts a new file at a size, but never deletes one. */
export async function pruneLogs(cluster: string): Promise<void> {
  const old = (await serverLogs(cluster)).slice(0, -KEPT_LOGS);
  await Promise.all(old.map((path) => rm(path, { force: true })));
}

/** Oldest first. */
async function serverLogs(cluster: string): Promise<string[]> {
  const folder = join(cluster, 'log');
  // As root we are in another account's folder: follow no link that it may have planted.
  if (!(await ifPresent(lstat(folder)))?.isDirectory()) return [];
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && /^server-.*\.log$/.test(entry.name))
    .map(({ name }) => name);
  return names.sort().map((name) => join(folder, name));
}

export async function logTail(cluster: string): Promise<string> {
  const files = [join(cluster, 'log', 'start.log'), (await serverLogs(cluster)).at(-1)];
  const lines: string[] = [];
  for (const file of files) {
    if (file === undefined || !(await ifPresent(lstat(file)))?.isFile()) continue;
    lines.push(...(await readFile(file, 'utf8')).trimEnd().split('\n').slice(-15));
  }
  return lines.join('\n');
}
