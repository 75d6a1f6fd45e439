import { createHash } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { findBinaryPackage, useCopy, useInPlace } from './embedded-binaries.js';
import { ifPresent, replaceFile, type Account } from './embedded-tools.js';

/** Where the database of one DATA_DIR lives, and as whom it runs. */
export interface Placement {
  readonly dataDir: string;
  /** The cluster: PostgreSQL's own data folder. */
  readonly cluster: string;
  /** Folder that holds `bin`, `lib` and `share`. */
  readonly binaries: string;
  /** Undefined when it runs as the service's own user. */
  readonly account: Account | undefined;
}

/**
 * An ordinary user's database lies in DATA_DIR and runs npm's binaries. Root's cannot: PostgreSQL refuses to run as root,
 * and the account it runs as instead may be unable to enter DATA_DIR or node_modules (root's home is 0700), so both
 * the cluster and a copy of the binaries go under `rootBase`.
 */
export async function place(dataDir: string, rootBase: string): Promise<Placement> {
  const source = await findBinaryPackage();
  if (process.getuid?.() !== 0) {
    const binaries = await useInPlace(source, join(dataDir, 'postgresql-binaries'));
    return checked({ dataDir, binaries, cluster: join(dataDir, 'postgresql'), account: undefined });
  }
  const account = accountFor(await readFile('/etc/passwd', 'utf8'));
  const home = join(rootBase, createHash('sha256').update(dataDir).digest('hex').slice(0, 12));
  await rootFolder(rootBase);
  await rootFolder(home);
  return checked({ dataDir, binaries: await useCopy(source, rootBase), cluster: join(home, 'postgresql'), account });
}

/** Picks the account that PostgreSQL runs as when the service is root. Exported for its test. */
export function accountFor(passwd: string): Account {
  for (const wanted of ['postgres', 'nobody']) {
    const fields = passwd.split('\n').map((line) => line.split(':'));
    const [name, , uid, gid] = fields.find(([candidate]) => candidate === wanted) ?? [];
    if (name && /^[1-9]\d*$/.test(uid ?? '') && /^\d+$/.test(gid ?? '')) {
      return { name, uid: Number(uid), gid: Number(gid) };
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has neither a user "postgres" nor "nobody". ' +
      'Start the service as an ordinary user, or set DATABASE_URL.',
  );
}

async function rootFolder(path: string): Promise<void> {
  if (await mkdir(path, { recursive: true, mode: 0o755 })) await chmod(path, 0o755); // whatever the umask
  const { uid, mode } = await stat(path);
  if (uid !== 0 || (mode & 0o022) !== 0) {
    throw new Error(`${path} must belong to root and be writable by root only: programs are started from it.`);
  }
}

function checked(placement: Placement): Placement {
  for (const path of [placement.cluster, placement.binaries]) {
    // initdb and pg_ctl hand paths to a shell between double quotes.
    if (/["$`\\\r\n]/.test(path) && process.platform !== 'win32') {
      throw new Error(
        `PostgreSQL's programs cannot work in ${JSON.stringify(path)}: ` +
          'its name holds one of " $ ` \\ or a line break. Use another folder, or set DATABASE_URL.',
      );
    }
  }
  return placement;
}

const recordFile = (dataDir: string): string => join(dataDir, 'postgresql.location');

/** Leaves a note in DATA_DIR for whoever makes backups, and for the next start. */
export async function recordPlacement({ dataDir, cluster, binaries, account }: Placement): Promise<void> {
  const inside = dirname(cluster) === dataDir; // then it moves along with DATA_DIR
  await replaceFile(
    recordFile(dataDir),
    'The database of this folder. Back up both together, with the service stopped.\n' +
      `cluster: ${inside ? relative(dataDir, cluster) : cluster}\n` +
      `programs: ${binaries}\n` +
      (account ? `runs as: ${account.name}\n` : ''),
    0o600,
  );
}

/**
 * Compares the note of an earlier start with what is there. A database that has gone missing is never replaced by an empty
 * one in silence: the revocations would be forgotten and revoked links would open again.
 * Returns whether there is a cluster to go on with.
 */
export async function checkRecord(
  { dataDir, cluster }: Placement,
  hasPasswords: boolean,
): Promise<'none' | 'usable' | 'orphaned'> {
  const exists = (await ifPresent(stat(join(cluster, 'PG_VERSION')))) !== undefined;
  const note = recordFile(dataDir);
  const text = await ifPresent(readFile(note, 'utf8'));
  const recorded = text === undefined ? undefined : /^cluster: (.+)$/m.exec(text)?.[1];
  if (recorded === undefined) return !exists ? 'none' : hasPasswords ? 'usable' : 'orphaned';

  const expected = resolve(dataDir, recorded);
  if (expected !== cluster) {
    throw new Error(
      `${note} says that the database is in ${expected}, but here it would be in ${cluster}. Start the service as the user ` +
        `who made it; or, when the data folder was moved, stop everything, move ${expected} there and delete ${note}.`,
    );
  }
  if (!exists) {
    throw new Error(
      `The database ${cluster} is gone, though ${note} records it. Restore it from a backup, ` +
        `or delete ${note} to begin with an empty one (shares and revocations are then forgotten).`,
    );
  }
  if (!hasPasswords) {
    throw new Error(
      `${join(dataDir, 'database.json')} with the passwords of the database ${cluster} is gone. Restore it from a backup, ` +
        `or delete ${note} to begin with an empty database (the old one is then set aside).`,
    );
  }
  return 'usable';
}

/** Moves a cluster out of the way whose DATA_DIR was deleted and made anew; nothing of it is lost. */
export async function setAside(cluster: string): Promise<string> {
  const target = `${cluster}.orphaned-${new Date().toISOString().replace(/[^0-9]/g, '')}`;
  await rename(cluster, target);
  return target;
}
