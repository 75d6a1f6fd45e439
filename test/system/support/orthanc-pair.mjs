// Real Orthancs with configurations that `warden harden` wrote, each in a folder of its own in the Debian tree.
import { execFile, spawn } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from './debian.mjs';
import { accountOf, debianTree } from './orthanc.mjs';
import { basic, isAlive, undoLater, until } from './stage.mjs';

const startLimit = 60_000;
const endLimit = 20_000;

/** A folder in the tree that Orthanc's group may enter; `inside` is its name for whoever is in the tree. */
export async function hardenedFolder() {
  if (process.getuid?.() !== 0)
    throw new Error('This suite needs root: it runs the Orthanc of Debian 13 by chroot. Run it as root.');
  const tree = await debianTree();
  const folder = await mkdtemp(join(tree, 'var/lib/warden-hardened-'));
  undoLater(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const [uid, gid] = accountOf(tree, 'orthanc');
  await chown(folder, 0, gid);
  await chmod(folder, 0o750);
  const inside = folder.slice(tree.length);
  await mendHttps(tree, join(folder, 'lib'));
  return { tree, folder, inside, uid, gid };
}

/**
 * Debian 13's libcivetweb1 (1.16) asks OpenSSL for SSL_get_peer_certificate, which OpenSSL 3 calls SSL_get1_peer_certificate,
 * and Orthanc ends with SIGSEGV at its first connection by HTTPS. A library that knows the old name stands in front of
 * OpenSSL's here; everything else is as Debian has it.
 */
async function mendHttps(tree, folder) {
  if (!existsSync('/usr/bin/gcc')) installPackages('gcc is missing', ['gcc']);
  await mkdir(folder);
  const source = join(folder, 'old-name.c');
  await writeFile(
    source,
    'void *SSL_get1_peer_certificate(const void *); void *SSL_get_peer_certificate(const void *ssl) { return SSL_get1_peer_certificate(ssl); }\n',
  );
  const [libraries] = (await readdir(join(tree, 'usr/lib'))).filter((name) => name.endsWith('-linux-gnu'));
  const openssl = join(tree, 'usr/lib', libraries, 'libssl.so.3');
  await promisify(execFile)('gcc', ['-shared', '-fPIC', '-nostdlib', '-o', join(folder, 'libssl.so'), source, openssl]);
}

/** Runs the built command line in a folder; answers what it wrote to stdout. */
export async function warden({ dist, folder, args }) {
  const command = [join(dist, 'apps/warden/src/main.js'), ...args];
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    cwd: folder,
    env: { PATH: process.env.PATH },
    timeout: 60_000,
  });
  return stdout;
}

/** The values of the .env file that stands beside a configuration. */
export async function variablesOf(folder, name) {
  const text = await readFile(join(folder, name, 'orthanc.env'), 'utf8');
  return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, variable, value]) => [variable, value]));
}

/** What a client shows of itself: the folder of a certificate of `harden certificates`, or nothing. */
export async function clientFiles(folder, name) {
  const read = (file) => readFile(join(folder, name, file), 'utf8');
  return { cert: await read('certificate.pem'), key: await read('key.pem') };
}

/**
 * Starts the Orthanc of the folder `name` with these variables, on the port of its configuration, and waits until it answers
 * `probe`. `said` is what it logged.
 */
export async function startHardened({ place, name, storage = `${name}-storage`, variables, probe }) {
  const { tree, folder, inside, uid, gid } = place;
  await mkdir(join(folder, storage), { recursive: true });
  await chown(join(folder, storage), uid, gid);
  const command = [tree, '/usr/sbin/Orthanc', `${inside}/${name}/orthanc.json`];
  const child = spawn('chroot', ['--userspec=orthanc:orthanc', ...command], {
    env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8', LD_LIBRARY_PATH: `${inside}/lib`, ...variables },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-200_000)));
  const ended = new Promise((done) =>
    child.once('exit', (code, signal) => {
      said += `\nended with ${signal ?? code}\n`;
      done();
    }),
  );
  child.once('error', (error) => (said += error.message));
  const { pid } = child;
  const stop = undoLater(async () => {
    if (pid === undefined || !isAlive(pid)) return;
    process.kill(pid, 'SIGTERM');
    const last = setTimeout(() => process.kill(pid, 'SIGKILL'), endLimit);
    await ended;
    clearTimeout(last);
  });
  await until(
    `the Orthanc ${name} answers`,
    async () => {
      if (pid === undefined || !isAlive(pid)) throw new Error('Orthanc ended');
      return (await probe().catch(() => undefined)) === 200;
    },
    startLimit,
  ).catch((error) => {
    throw new Error(`${error.message}\n${said.slice(-5_000)}`);
  });
  return { stop, said: () => said };
}

/** One request by HTTPS on a connection of its own. Rejects when TLS does not come about. */
export function askByTls({ port, ca, client = {}, user, method = 'GET', path, body, headers = {} }) {
  return new Promise((done, fail) => {
    const sent = body === undefined || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const asked = request({
      host: '127.0.0.1',
      port,
      ca,
      ...client,
      method,
      path,
      agent: false,
      timeout: 20_000,
      headers: { ...(user === undefined ? {} : { authorization: basic(user) }), ...headers },
    });
    asked.once('timeout', () => asked.destroy(new Error(`${method} ${path}: no answer`)));
    asked.once('error', fail);
    asked.once('response', async (response) => {
      const pieces = [];
      try {
        for await (const piece of response) pieces.push(piece);
      } catch (error) {
        fail(error);
        return;
      }
      const text = Buffer.concat(pieces).toString('utf8');
      const json = /json/.test(response.headers['content-type'] ?? '') && text !== '' ? JSON.parse(text) : undefined;
      done({ status: response.statusCode, text, json });
    });
    asked.end(sent);
  });
}

/** The certificate that a folder of `harden certificates` holds. */
export const certificateIn = async (folder, name) =>
  new X509Certificate(await readFile(join(folder, name, 'certificate.pem')));

/** Fills the empty variables of a .env file, as the one who installs does by hand. */
export async function fillIn(folder, name, values) {
  const path = join(folder, name, 'orthanc.env');
  let text = await readFile(path, 'utf8');
  for (const [variable, value] of Object.entries(values))
    text = text.replace(new RegExp(`^${variable}=$`, 'm'), `${variable}=${value}`);
  await writeFile(path, text);
}
