import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { chown, mkdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  clusterOf,
  isAlive,
  isReady,
  caller,
  pause,
  payloadOf,
  postmasterOf,
  temporaryFolder,
  undoLater,
  until,
} from './support/stage.mjs';

const startMinutes = 3;
/** The stated promise for Ctrl-C. */
const endMs = 10_000;

/** A fresh clone, `npm start` and nothing else: the printed link opens and the printed commands do what they say. */
export async function firstRuns({ check, root }) {
  if (process.getuid?.() !== 0) return firstRun({ check, root, who: 'an ordinary user', account: null });
  await firstRun({ check, root, who: 'an ordinary user', account: nobody() });
  await firstRun({ check, root, who: 'root', account: null });
}

async function firstRun({ check, root, who, account }) {
  const folder = await temporaryFolder('first-run');
  const home = join(folder, 'home');
  const clone = join(folder, 'orthanc-warden');
  await mkdir(home);
  // What was committed: nothing that lies about in the folder of the one who tests.
  execFileSync('git', ['clone', '--quiet', '--no-hardlinks', root, clone], { stdio: ['ignore', 'ignore', 'inherit'] });
  if (account !== null) {
    await chown(home, account.uid, account.gid);
    execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, clone]);
  }
  const [port, landingPort] = [await freePort(), await freePort()];
  const run = start({ clone, home, account, settings: { PORT: String(port), LANDING_PORT: String(landingPort) } });

  await check(`${who}: npm start in a fresh clone prints a link`, async () => {
    await Promise.race([
      until('the invitation is printed', () => /Ctrl-C ends everything/.test(run.output()), startMinutes * 60_000),
      run.ended.then((code) => assert.fail(`npm start ended with ${code}`)),
    ]).catch((error) => {
      console.log(run.output());
      throw error;
    });
    console.log(`         after ${(run.elapsedMs() / 1000).toFixed(0)} s, installation and build included`);
    assert.match(run.output(), new RegExp(`http://127\\.0\\.0\\.1:${landingPort}/\\?token=ey`));
    assert.equal(await isReady(caller(`http://127.0.0.1:${port}`, '')), true);
  });
  await check(`${who}: no password is printed where there is no terminal`, () => {
    const password = readFileSync(join(clone, 'data/administrator'), 'utf8').trim().split(':')[1];
    assert.ok(password.length >= 20);
    assert.ok(!run.output().includes(password));
  });

  const commands = printedCommands(run.output());
  const shell = async (heading) => {
    assert.ok(commands.has(heading), `no command is printed under ${heading}`);
    const { stdout } = await promisify(execFile)('sh', ['-c', commands.get(heading)], { cwd: clone, timeout: 20_000 });
    return stdout;
  };
  await check(`${who}: the printed commands are the five steps`, () => {
    assert.deepEqual(
      [...commands.keys()].map((heading) => heading.split(/[ ,]/)[0]),
      ['Mint', 'Validate', 'Decode', 'Open', 'Revoke'],
    );
  });
  const [mint, validate, decode, open, revoke] = [...commands.keys()];
  await check(`${who}: the printed command mints`, async () => {
    const minted = JSON.parse(await shell(mint));
    assert.ok(payloadOf(minted.token).jti);
    assert.ok(minted.url.startsWith(`http://127.0.0.1:${landingPort}/`));
  });
  await check(`${who}: the printed command validates`, async () => {
    assert.equal(JSON.parse(await shell(validate)).granted, true);
  });
  await check(`${who}: the printed command decodes`, async () => {
    const decoded = JSON.parse(await shell(decode));
    assert.equal(decoded['error-code'], null);
    assert.match(decoded['redirect-url'], /^http/);
  });
  await check(`${who}: the printed command opens the link`, async () => {
    const { 'redirect-url': viewer } = JSON.parse(await shell(decode));
    assert.equal(await shell(open), `302 ${viewer}\n`);
  });
  await check(`${who}: the printed command revokes, and all of it is over`, async () => {
    assert.equal(JSON.parse(await shell(revoke)).state, 'revoked');
    assert.equal(JSON.parse(await shell(validate)).granted, false);
    const decoded = JSON.parse(await shell(decode));
    assert.deepEqual([decoded['error-code'], decoded.reason, decoded.resources], ['invalid', 'revoked', []]);
    assert.match(await shell(open), /^410 /);
  });

  await check(`${who}: SIGINT ends everything`, async () => {
    const postmaster = await postmasterOf(await clusterOf(join(clone, 'data')));
    const family = [...descendants(run.pid), ...descendants(postmaster)];
    assert.ok(family.length >= 4, 'npm, the starter, two apps and the database were expected');
    run.interrupt();
    const started = performance.now();
    await Promise.race([run.ended, pause(endMs)]);
    await until(
      'every process is gone',
      () => family.every((pid) => !isAlive(pid)),
      Math.max(0, endMs - (performance.now() - started)),
    );
    console.log(`         after ${((performance.now() - started) / 1000).toFixed(1)} s, ${family.length} processes`);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/health/live`));
  });
  await run.stop();
}

/** The heading above each line that begins with `  curl `, and that line. */
function printedCommands(output) {
  const lines = output.split('\n');
  return new Map(
    lines.flatMap((line, index) => (line.startsWith('  curl ') ? [[lines[index - 1].trim(), line.trim()]] : [])),
  );
}

/** `npm start`, as somebody whose environment holds nothing of this product, in a process group of its own. */
function start({ clone, home, account, settings }) {
  const started = performance.now();
  const as =
    account === null ? [] : ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--clear-groups', '--'];
  const [program, ...args] = [...as, 'npm', 'start'];
  const inherited = Object.entries(process.env).filter(([name]) =>
    /^(PATH|LANG|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS)$/i.test(name),
  );
  const child = spawn(program, args, {
    cwd: clone,
    env: { ...Object.fromEntries(inherited), HOME: home, npm_config_cache: join(home, '.npm'), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // as a terminal does it, so that SIGINT reaches the whole group
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // All of the group are gone.
    }
  };
  const stop = undoLater(async () => {
    const postmaster = await clusterOf(join(clone, 'data'))
      .then(postmasterOf)
      .catch(() => undefined);
    signal('SIGTERM');
    const last = setTimeout(() => signal('SIGKILL'), 20_000);
    await ended;
    clearTimeout(last);
    if (postmaster !== undefined && isAlive(postmaster)) process.kill(postmaster, 'SIGINT');
    await removeRootsCluster(clone);
  });
  return {
    pid: child.pid,
    output: () => output,
    elapsedMs: () => performance.now() - started,
    ended,
    interrupt: () => signal('SIGINT'),
    stop,
  };
}

/** As root the database lies outside the clone. */
async function removeRootsCluster(clone) {
  const cluster = await clusterOf(join(clone, 'data')).catch(() => undefined);
  if (cluster === undefined || cluster.startsWith(clone)) return;
  await until('the database ends', async () => !isAlive(await postmasterOf(cluster).catch(() => -1)));
  execFileSync('rm', ['-rf', join(cluster, '..')]);
}

/** The process and all below it. */
function descendants(pid) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        return [[Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])]];
      } catch {
        return []; // it ended meanwhile
      }
    });
  const family = [pid];
  for (const member of family)
    family.push(...parents.filter(([, parent]) => parent === member).map(([child]) => child));
  return family;
}

function nobody() {
  const [, , uid, gid] = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody');
  return { uid: Number(uid), gid: Number(gid) };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
