// What the system suites share: folders, processes of the product, and its HTTP interface. Whatever is begun here is also
// ended here, by process id, when a suite fails or runs out of time.
import { spawn } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';

const strays = new Set();

/** Registers what has to be undone, last first, unless it was undone before. Returns the function that does it, once. */
export function undoLater(undo) {
  let done;
  const once = () => {
    strays.delete(once);
    return (done ??= Promise.resolve().then(undo));
  };
  strays.add(once);
  return once;
}

export async function endStrays() {
  for (const undo of [...strays].reverse()) {
    await undo().catch((error) => console.log(`  (clearing up: ${error.message})`));
  }
}

export const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Waits for `probe` to answer something true and returns that; after `limitMs` throws `what`. */
export async function until(what, probe, limitMs = 30_000) {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const found = await probe();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    await pause(50);
  }
}

/** A folder that every account may pass through, since as root PostgreSQL runs as another one. */
export async function temporaryFolder(name) {
  const folder = await mkdtemp(join(tmpdir(), `warden-system-${name}-`));
  await chmod(folder, 0o755);
  undoLater(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** A zombie counts as gone. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
}

export const basic = (credential) => `Basic ${Buffer.from(credential.trim()).toString('base64')}`;

/**
 * Starts the built service with these settings and nothing else, on a free port. Resolves once it listens; `ready` resolves
 * later, with its revocations loaded. `hear` gets every line that it writes.
 */
export async function startService({ dist, settings, hear = () => undefined }) {
  const child = spawn(process.execPath, [join(dist, 'apps/auth-service/src/main.js')], {
    env: { PATH: process.env.PATH, PORT: '0', ...settings },
    cwd: settings.DATA_DIR ?? tmpdir(),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const ended = new Promise((resolve) => child.once('exit', (code, signal) => resolve(signal ?? code)));
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
    hear(String(chunk));
  });
  const events = [];
  const ready = new Promise((resolve) => child.on('message', (message) => message.ready && resolve()));
  const listening = new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      hear(line);
      if (line.includes('"event":"request"')) return;
      const entry = JSON.parse(line);
      events.push(entry);
      if (entry.event === 'listening') resolve(entry.url);
    });
    void ended.then((code) => reject(new Error(`the service ended with ${code} before it listened: ${complaints}`)));
  });
  const stop = undoLater(async () => {
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 20_000);
    const code = await ended;
    clearTimeout(last);
    return code;
  });
  const url = (await listening).replace(/\/$/, '');
  return {
    url,
    ready,
    ended,
    stop,
    /** Whoever read the log is gone. */
    stopReading: () => {
      child.stdout.destroy();
      child.stderr.destroy();
    },
    /** Log entries other than the access log's, so far. */
    events,
    kill: () => {
      child.kill('SIGKILL');
      return ended;
    },
  };
}

/** Talks to one service as one user. Answers status, media type and body; `limitMs` is when an answer counts as hanging. */
export function caller(url, authorization) {
  return async (method, path, body, limitMs = 20_000) => {
    const response = await fetch(url + path, {
      method,
      redirect: 'manual',
      headers: { authorization, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(limitMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const type = response.headers.get('content-type') ?? '';
    return {
      status: response.status,
      type,
      text,
      json: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
    };
  };
}

export const study = { level: 'study', 'dicom-uid': '1.2.276.0.7230010.3.1.2.1' };

export const mint = (call, label) =>
  call('PUT', '/tokens/stone-viewer-publication', { id: label, resources: [study], 'validity-duration': 3600 });

export const validate = (call, token) =>
  call('POST', '/tokens/validate', { ...study, method: 'get', 'token-value': token });

/** Every share of the registry, page by page. */
export async function allShares(call) {
  const shares = [];
  let cursor = null;
  do {
    const page = await call('GET', `/api/v1/shares?limit=200${cursor === null ? '' : `&cursor=${cursor}`}`);
    if (page.status !== 200) throw new Error(`the list answered ${page.status}: ${page.text}`);
    shares.push(...page.json.items);
    cursor = page.json.next;
  } while (cursor !== null);
  return shares;
}

export const payloadOf = (token) => JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());

/** The failed check of that name in readiness, or undefined. */
export async function unready(call, name) {
  const { status, json } = await call('GET', '/health/ready');
  const found = json.checks.find((one) => one.name === name && !one.ok);
  if (found !== undefined && status !== 503)
    throw new Error(`readiness answers ${status} although ${name} is not well`);
  return found;
}

export const isReady = async (call) => (await call('GET', '/health/ready')).status === 200;

/** A DATA_DIR; ends with its embedded database, which root's service keeps elsewhere and a killed one leaves running. */
export async function dataFolder(name) {
  const dataDir = join(await temporaryFolder(name), 'data');
  const remove = undoLater(async () => {
    const cluster = await clusterOf(dataDir).catch(() => undefined);
    if (cluster === undefined) return;
    const pid = await postmasterOf(cluster).catch(() => undefined);
    if (pid !== undefined && isAlive(pid)) {
      process.kill(pid, 'SIGINT'); // PostgreSQL's fast shutdown
      await until('the database ends', () => !isAlive(pid));
    }
    if (!cluster.startsWith(dataDir)) await rm(dirname(cluster), { recursive: true, force: true });
  });
  return { dataDir, remove };
}

/** Folder of the embedded database of a DATA_DIR. */
export async function clusterOf(dataDir) {
  const [, path] = /^cluster: (.+)$/m.exec(await readFile(join(dataDir, 'postgresql.location'), 'utf8'));
  return path.startsWith('/') ? path : join(dataDir, path);
}

/** Process id in the cluster's postmaster.pid. */
export async function postmasterOf(cluster) {
  return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

export async function portOf(cluster) {
  return Number((await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n')[3]);
}
