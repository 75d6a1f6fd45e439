import { spawn } from 'node:child_process';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { Module } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { EmbeddedDatabase } from '../../apps/auth-service/src/platform/database/embedded-postgres.js';

const TEMPLATE = 'warden_template';

declare global {
  /** Left for globalTeardown, which runs in the same process: stops and removes what globalSetup made. */
  var wardenEndTestRun: (() => Promise<void>) | undefined;
}

/** One database server for the whole run; workers find it in WARDEN_TEST_CLUSTER and copy WARDEN_TEST_TEMPLATE. */
export default async function globalSetup(): Promise<void> {
  resolveJsAsTs();
  const { startEmbeddedPostgres } = await import('../../apps/auth-service/src/platform/database/embedded-postgres.js');
  const folder = await mkdtemp(join(tmpdir(), 'warden-test-'));
  await chmod(folder, 0o755); // run as root, the server is another user, who must get through
  const watchdog = startWatchdog(folder);
  let database: EmbeddedDatabase | undefined;
  globalThis.wardenEndTestRun = async () => {
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
    if (watchdog !== undefined) process.kill(watchdog);
  };
  try {
    database = await startEmbeddedPostgres({
      dataDir: join(folder, 'data'),
      rootBase: join(folder, 'root'),
      durable: false,
      log: () => undefined,
    });
    await makeTemplate(database);
    const { applicationUrl, ownerUrl, adminUrl } = database;
    process.env['WARDEN_TEST_CLUSTER'] = JSON.stringify({ applicationUrl, ownerUrl, adminUrl });
    process.env['WARDEN_TEST_TEMPLATE'] = TEMPLATE;
  } catch (error) {
    await globalThis.wardenEndTestRun(); // jest runs no teardown after a set-up that failed
    throw error;
  }
}

async function makeTemplate(database: EmbeddedDatabase): Promise<void> {
  const at = (url: string): string => Object.assign(new URL(url), { pathname: `/${TEMPLATE}` }).href;
  const client = new pg.Client(database.adminUrl);
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${TEMPLATE} OWNER warden_owner`);

    // HOOK: migrations run into the template here; every test database is a copy of it.
    const { prepareTemplate } = await import('./prepare-template.js');
    await prepareTemplate(at(database.ownerUrl), at(database.applicationUrl));

    // A template with a session in it cannot be copied, so no test may connect to it by mistake.
    await client.query(`ALTER DATABASE ${TEMPLATE} ALLOW_CONNECTIONS false`);
  } finally {
    await client.end();
  }
}

/**
 * jest transforms a globalSetup's imports but leaves finding them to node, which knows nothing of moduleNameMapper:
 * a relative `./x.js` has to lead to `./x.ts`.
 */
function resolveJsAsTs(): void {
  type Resolve = (request: string, ...rest: unknown[]) => string;
  const loader = Module as unknown as { _resolveFilename: Resolve };
  const original = loader._resolveFilename;
  loader._resolveFilename = function (this: unknown, request, ...rest) {
    if (/^\.{1,2}\/.*\.js$/.test(request)) {
      try {
        return original.call(this, request.replace(/\.js$/, '.ts'), ...rest);
      } catch {
        // It really is a .js file.
      }
    }
    return original.call(this, request, ...rest);
  };
}

/** Ends the server and removes the folder once jest is gone without a teardown (kill -9, a crash, a closed terminal). */
function startWatchdog(folder: string): number | undefined {
  const program = `
    const fs = require('node:fs'), path = require('node:path');
    const [jest, folder] = [Number(process.argv[1]), process.argv[2]];
    const alive = (pid) => { try { process.kill(pid, 0); return true; } catch (error) { return error.code === 'EPERM'; } };
    const wait = (ms) => new Promise((done) => setTimeout(done, ms));
    const homes = () => fs.readdirSync(folder).flatMap((name) => {
      const below = path.join(folder, name);
      return [below, ...fs.readdirSync(below).map((inner) => path.join(below, inner))];
    });
    const servers = () => {
      try {
        return homes().flatMap((home) => {
          try { return [Number(fs.readFileSync(path.join(home, 'postgresql', 'postmaster.pid'), 'utf8').split('\\n')[0])]; }
          catch { return []; }
        }).filter((pid) => pid > 1 && alive(pid));
      } catch { return []; }
    };
    const signal = (name) => servers().forEach((pid) => { try { process.kill(pid, name); } catch {} });
    (async () => {
      while (alive(jest)) { await wait(1000); if (!fs.existsSync(folder)) return; }
      for (let round = 0; round < 30 && fs.existsSync(folder); round += 1) {
        signal(round < 20 ? 'SIGQUIT' : 'SIGKILL');
        await wait(250);
        // A server that is just being started has no postmaster.pid yet; its folder goes, and it ends itself.
        if (servers().length === 0) try { fs.rmSync(folder, { recursive: true, force: true }); } catch {}
      }
    })();
  `;
  const child = spawn(process.execPath, ['-e', program, String(process.pid), folder], {
    detached: true,
    stdio: 'ignore',
    cwd: '/',
  });
  child.unref();
  return child.pid;
}
