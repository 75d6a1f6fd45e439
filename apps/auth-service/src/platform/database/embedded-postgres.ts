import { mkdir, realpath } from 'node:fs/promises';
import { createCluster, findServer, logTail, pruneLogs, startServer, stopServer } from './embedded-cluster.js';
import { acquireLock } from './embedded-lock.js';
import { checkRecord, place, recordPlacement, setAside, type Placement } from './embedded-placement.js';
import { isServerOf, type Postmaster } from './embedded-postmaster.js';
import {
  APPLICATION_ROLE,
  createPasswords,
  DATABASE,
  databaseUrl,
  OWNER_ROLE,
  readPasswords,
  setUpRoles,
  SUPERUSER,
  type Passwords,
} from './embedded-roles.js';

export interface EmbeddedDatabase {
  /** For the service at work: role `warden_app`, which has what the migrations grant it. */
  readonly applicationUrl: string;
  /** For migrations: role `warden_owner`, which owns the database and its schema. */
  readonly ownerUrl: string;
  /** Superuser, database `postgres`: for set-up and tests only. */
  readonly adminUrl: string;
  readonly postmasterPid: number;
  /** False when the server's process is gone, for instance killed. */
  isRunning(): boolean;
  /** Starts a server that is gone again on the same port, so that the URLs stay valid. Not to be called during `stop`. */
  restart(): Promise<void>;
  /** Stops the server, waits for it, and gives the data folder free. A second call waits for the first. */
  stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
  /** The product's DATA_DIR; made with mode 0700 when missing. */
  readonly dataDir: string;
  readonly log: (message: string) => void;
  /** False gives up surviving a crash of the machine, for tests. Default true. */
  readonly durable?: boolean;
  /** Default: a random free port at each start. A server that is joined keeps the port it has. */
  readonly port?: number;
  /** Where root keeps the cluster and a copy of the binaries. Default `/var/lib/orthanc-warden`. */
  readonly rootBase?: string;
}

const LOG_PRUNE_PERIOD_MS = 3_600_000;

/**
 * Starts the PostgreSQL server that comes from npm on a data folder, or joins the one that an earlier process of ours left
 * running there when it was killed. The server listens on 127.0.0.1 only and lets nobody in without a password.
 * Throws an Error that says what to do when another process holds the folder, when the database recorded there has gone
 * missing, or when a program fails (with the end of the server's log).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedDatabase> {
  await mkdir(options.dataDir, { recursive: true, mode: 0o700 });
  const dataDir = await realpath(options.dataDir); // one folder, one lock and one cluster, by whatever name it is reached
  const release = await acquireLock(dataDir);
  try {
    return await open(dataDir, options, release);
  } catch (error) {
    await release();
    throw error;
  }
}

async function open(
  dataDir: string,
  { log, durable = true, port, rootBase = '/var/lib/orthanc-warden' }: EmbeddedPostgresOptions,
  release: () => Promise<void>,
): Promise<EmbeddedDatabase> {
  const placement = await place(dataDir, rootBase);
  const passwords = await preparePasswords(placement, log, durable);

  let server = await findServer(placement, log);
  const joined = server !== undefined;
  if (server) log(`Joined the database server (process ${server.pid}) that an earlier process left running.`);
  else server = await startServer(placement, { durable, port });
  try {
    await setUpRoles(passwords, server.port);
    await recordPlacement(placement);
  } catch (error) {
    const tail = await logTail(placement.cluster);
    if (!joined) await stopServer(placement).catch(() => undefined);
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database could not be set up: ${reason}\nEnd of the server's log:\n${tail}`, { cause: error });
  }
  return handle({ placement, passwords, log, durable }, server, release);
}

/** Passwords of a cluster that exists; makes both when there is none. */
async function preparePasswords(
  placement: Placement,
  log: (message: string) => void,
  durable: boolean,
): Promise<Passwords> {
  const known = await readPasswords(placement.dataDir);
  const state = await checkRecord(placement, known !== undefined);
  if (state === 'usable' && known) return known;
  if (state === 'orphaned') {
    await findServer(placement, log);
    await stopServer(placement);
    log(`A database of an earlier, deleted data folder was set aside as ${await setAside(placement.cluster)}.`);
  }
  log(
    `Creating the database in ${placement.cluster}${placement.account ? ` (as user ${placement.account.name})` : ''}.`,
  );
  const passwords = known ?? (await createPasswords(placement.dataDir));
  await createCluster(placement, passwords[SUPERUSER], durable);
  return passwords;
}

interface Opened {
  readonly placement: Placement;
  readonly passwords: Passwords;
  readonly log: (message: string) => void;
  readonly durable: boolean;
}

function handle(
  { placement, passwords, log, durable }: Opened,
  server: Postmaster,
  release: () => Promise<void>,
): EmbeddedDatabase {
  const pruning = setInterval(() => void pruneLogs(placement.cluster).catch(() => undefined), LOG_PRUNE_PERIOD_MS);
  pruning.unref();
  const { port } = server;
  let { pid } = server;
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    clearInterval(pruning);
    try {
      await stopServer(placement);
    } finally {
      await release();
    }
  };
  return {
    applicationUrl: databaseUrl(APPLICATION_ROLE, passwords, port, DATABASE),
    ownerUrl: databaseUrl(OWNER_ROLE, passwords, port, DATABASE),
    adminUrl: databaseUrl(SUPERUSER, passwords, port, 'postgres'),
    get postmasterPid() {
      return pid;
    },
    isRunning: () => isServerOf(placement.cluster, pid),
    restart: async () => {
      if (stopping) throw new Error('The database is being stopped.'); // the folder may be another process's by now
      let running = await findServer(placement, log);
      if (running && running.port !== port) {
        await stopServer(placement); // somebody started it by hand, where nobody looks for it
        running = undefined;
      }
      ({ pid } = running ?? (await startServer(placement, { durable, port })));
    },
    stop: () => (stopping ??= stop()),
  };
}
