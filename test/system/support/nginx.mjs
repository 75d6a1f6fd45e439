// Debian's nginx as a process of the suite's own, with the configuration that the image writes (docker/nginx/render.sh).
// The machine's own nginx and its folders are left alone.
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from './debian.mjs';
import { temporaryFolder, undoLater, until } from './stage.mjs';

const nginx = '/usr/sbin/nginx';
const renderer = resolve(import.meta.dirname, '../../../docker/nginx/render.sh');

export function installNginx() {
  if (!existsSync(nginx)) installPackages('nginx is missing', ['nginx']);
  if (!existsSync('/usr/bin/envsubst')) installPackages('envsubst is missing', ['gettext-base']);
}

/** Writes a configuration for free loopback ports; `variables` are those of docker/nginx/files.list. */
export async function renderNginx(variables) {
  installNginx();
  const folder = await temporaryFolder('nginx');
  for (const name of ['run', 'log']) await mkdir(join(folder, name));
  const [http, https] = await freePorts(2);
  const settings = {
    LISTEN_ADDRESS: '127.0.0.1',
    HTTP_PORT: String(http),
    HTTPS_PORT: String(https),
    HTTPS_PUBLIC_PORT: String(https),
    RUN_DIR: join(folder, 'run'),
    LOG_DIR: join(folder, 'log'),
    ...variables,
  };
  const configuration = join(folder, 'etc');
  execFileSync(renderer, [configuration], { env: { PATH: process.env.PATH, ...settings } });
  return { folder, configuration: join(configuration, 'nginx.conf'), settings };
}

/** What `nginx -t` says of a configuration; throws when it is not good. */
export async function testNginx(configuration) {
  const { stderr } = await promisify(execFile)(nginx, ['-t', '-c', configuration]);
  return stderr;
}

/**
 * Starts nginx. `files` are put in place of those that were written, by their names. `url` is where requests go: https where ENABLE_HTTPS or ENABLE_CERTBOT is `true`. Ended by process id, with
 * `stop` or at the end of the suite.
 */
export async function startNginx({ variables = {}, files = {} } = {}) {
  const { folder, configuration, settings } = await renderNginx(variables);
  for (const [name, text] of Object.entries(files)) await writeFile(join(dirname(configuration), name), text);
  const child = spawn(nginx, ['-c', configuration, '-g', 'daemon off;'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => (complaints += chunk));
  let code;
  const ended = new Promise((done) => child.once('exit', (status, signal) => done((code = signal ?? status))));
  const stop = undoLater(async () => {
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(last);
  });
  const tls = settings.ENABLE_HTTPS === 'true' || settings.ENABLE_CERTBOT === 'true';
  const httpPort = Number(settings.HTTP_PORT);
  const httpsPort = Number(settings.HTTPS_PORT);
  await until('nginx listens', async () => {
    if (code !== undefined) throw new Error(`nginx ended with ${code}: ${complaints}`);
    return (await answers(httpPort)) && (!tls || (await answers(httpsPort)));
  });
  return {
    url: tls ? `https://localhost:${httpsPort}` : `http://127.0.0.1:${httpPort}`,
    httpPort,
    httpsPort,
    pid: child.pid,
    stop,
    accessLog: () => readFile(join(folder, 'log/access.log'), 'utf8'),
    /** What it wrote about failures, and what it said at its start. */
    errorLog: async () => `${complaints}${await readFile(join(folder, 'log/error.log'), 'utf8')}`,
  };
}

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
export async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((server) => new Promise((done) => server.listen(0, '127.0.0.1', done))));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

export function answers(port) {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      done(true);
    });
    socket.once('error', () => done(false));
  });
}
