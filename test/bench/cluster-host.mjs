// Holds the database server of a run in a process of its own: when the run is killed the channel closes, and the server
// and its folder still go. Arguments: folder of the build.
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const dist = resolve(process.argv[2]);
const from = (path) => import(pathToFileURL(join(dist, 'apps/auth-service/src/platform', path)).href);
let ending = null;
let database;
let folder;

process.on('SIGINT', () => undefined); // Ctrl-C reaches the whole group; the run decides the order of ending
process.on('SIGTERM', () => void end());
process.on('disconnect', () => void end());

try {
  const { startEmbeddedPostgres } = await from('database/embedded-postgres.js');
  folder = await mkdtemp(join(tmpdir(), 'warden-bench-'));
  await chmod(folder, 0o755); // run as root, the server is another user, who must get through
  // Durable, as in production: minting is measured with it.
  database = await startEmbeddedPostgres({
    dataDir: join(folder, 'data'),
    rootBase: join(folder, 'root'),
    log: () => undefined,
  });
  const { applicationUrl, ownerUrl, adminUrl } = database;
  process.send?.({ folder, applicationUrl, ownerUrl, adminUrl });
} catch (error) {
  process.send?.({ failed: error?.message ?? String(error) });
  await end(1);
}

function end(code = 0) {
  ending ??= (async () => {
    await database?.stop().catch(() => undefined);
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    process.exit(code);
  })();
  return ending;
}
