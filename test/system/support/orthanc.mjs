// A real Orthanc, as Debian 13 packages it, in a tree of Debian's own that is entered by chroot.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { chmod, chown, copyFile, cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { delimiter, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { installPackages } from './debian.mjs';
import { basic, caller, isAlive, undoLater, until } from './stage.mjs';

const suite = 'trixie';
const packages = ['orthanc', 'orthanc-dicomweb', 'orthanc-python'];
const cache = resolve(import.meta.dirname, '../../../node_modules/.cache/orthanc-warden');
/** Written last: a tree with it is whole. Another name when the tree is to be made anew. */
const mark = 'warden-orthanc-2';
/** A busy machine needs several times what a quiet one does. */
const startLimit = 60_000;
const endLimit = 20_000;
const treeLimit = 200_000;
const packagesLimit = 120_000;

/**
 * Starts an Orthanc of its own, empty, with DICOMweb and without DICOM, that asks for a user name: `orthanc.user` may do
 * everything, and so may `orthanc.front` unless a filter has a say. Data are in a folder of their own in the tree.
 *
 * @param guard a script for Orthanc's Python and its settings: in place of user names it decides alone, as the authorization
 *   plugin does. It is told of `orthanc.user` and of a file of its own, `orthanc.asked`, for what it was asked.
 * @param more of Orthanc's configuration
 */
export async function startOrthanc({ guard, more = {} } = {}) {
  if (process.getuid?.() !== 0)
    throw new Error('This suite needs root: it runs the Orthanc of Debian 13 by chroot. Run it as root.');
  const tree = await debianTree();
  const home = await mkdtemp(join(tree, 'var/lib/warden-'));
  undoLater(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  const [uid, gid] = accountOf(tree, 'orthanc');
  const inside = home.slice(tree.length);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const credentials = { user: newCredential('warden'), front: newCredential('front') };
  const ask = caller(url, basic(credentials.user));
  const own = async (name, text) => {
    await writeFile(join(home, name), text, { mode: 0o600 });
    await chown(join(home, name), uid, gid);
  };
  await mkdir(join(home, 'storage'));
  for (const folder of [home, join(home, 'storage')]) await chown(folder, uid, gid);
  const guardSettings = () => ({
    ...guard.settings,
    operator: basic(credentials.user),
    asked: `${inside}/asked.jsonl`,
  });
  let child;
  let stop;

  /** `filter`: Lua that is asked about every request. */
  const start = async ({ filter = '' } = {}) => {
    await own('filter.lua', filter);
    if (guard !== undefined) await own('guard.py', guard.script);
    await own(
      'orthanc.json',
      JSON.stringify({
        Name: 'system tests',
        HttpPort: port,
        // It listens on every interface, and answers this machine alone.
        RemoteAccessAllowed: false,
        AuthenticationEnabled: guard === undefined,
        RegisteredUsers: Object.fromEntries(Object.values(credentials).map((one) => one.split(':'))),
        DicomServerEnabled: false,
        StorageDirectory: `${inside}/storage`,
        IndexDirectory: `${inside}/storage`,
        SaveJobs: false,
        HttpTimeout: 5,
        Plugins: ['DicomWeb', ...(guard === undefined ? [] : ['Python'])].map(
          (name) => `/usr/share/orthanc/plugins/libOrthanc${name}.so`,
        ),
        LuaScripts: filter === '' ? [] : [`${inside}/filter.lua`],
        ...(guard === undefined ? {} : { PythonScript: `${inside}/guard.py`, Guard: guardSettings() }),
        ...more,
      }),
    );
    // It becomes Orthanc itself, under the same process id.
    child = spawn('chroot', ['--userspec=orthanc:orthanc', tree, '/usr/sbin/Orthanc', `${inside}/orthanc.json`], {
      env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.on('data', (chunk) => (said = `${said}${chunk}`.slice(-5_000)));
    const ended = new Promise((done) => child.once('exit', done));
    child.once('error', (error) => (said += error.message));
    const { pid } = child;
    stop = undoLater(async () => {
      if (pid === undefined || !isAlive(pid)) return;
      process.kill(pid, 'SIGCONT');
      process.kill(pid, 'SIGTERM');
      const last = setTimeout(() => process.kill(pid, 'SIGKILL'), endLimit);
      await ended;
      clearTimeout(last);
    });
    await until(
      'Orthanc answers',
      async () => {
        if (pid === undefined || !isAlive(pid)) throw new Error('Orthanc ended');
        return (await ask('GET', '/system', undefined, 2_000).catch(() => undefined))?.status === 200;
      },
      startLimit,
    ).catch((error) => {
      throw new Error(`${error.message}\n${said}`);
    });
  };
  await start();

  /** As its user; answers the parsed body. */
  const done = async (method, path, body) => {
    const { status, json, text } = await ask(method, path, body);
    if (status !== 200) throw new Error(`${method} ${path}: ${status} ${text}`);
    return json;
  };
  return {
    url,
    ...credentials,
    done,
    asked: join(home, 'asked.jsonl'),

    /** Stores a DICOM file. Answers Orthanc's ids. */
    storeFile: async (file) => {
      const headers = { authorization: basic(credentials.user), 'content-type': 'application/dicom' };
      const response = await fetch(`${url}/instances`, { method: 'POST', headers, body: file });
      if (response.status !== 200) throw new Error(`POST /instances: ${response.status} ${await response.text()}`);
      const made = await response.json();
      return { patient: made.ParentPatient, study: made.ParentStudy, series: made.ParentSeries, instance: made.ID };
    },
    /**
     * Stores an image of these tags with a series of its own; a study that is not there yet comes into being with it.
     * Answers Orthanc's ids.
     */
    store: async (tags) => {
      const series = `${tags.StudyInstanceUID}.${randomBytes(3).readUIntBE(0, 3) + 1}`;
      const made = await done('POST', '/tools/create-dicom', {
        // With it, the identifiers may be given.
        Force: true,
        Tags: {
          SOPClassUID: '1.2.840.10008.5.1.4.1.1.7',
          Modality: 'OT',
          SeriesInstanceUID: series,
          SOPInstanceUID: `${series}.1`,
          ...tags,
        },
      });
      return {
        patient: made.ParentPatient,
        study: made.ParentStudy,
        series: made.ParentSeries,
        instance: made.ID,
        seriesUid: series,
        instanceUid: `${series}.1`,
      };
    },
    /** Orthanc's ids of what it finds by an identifier. */
    lookUp: async (identifier) => {
      const response = await fetch(`${url}/tools/lookup`, {
        method: 'POST',
        headers: { authorization: basic(credentials.user), 'content-type': 'text/plain' },
        body: identifier,
        signal: AbortSignal.timeout(20_000),
      });
      if (response.status !== 200) throw new Error(`/tools/lookup: ${response.status} ${await response.text()}`);
      return (await response.json()).map(({ ID }) => ID);
    },
    label: (study, label) => done('PUT', `/studies/${study}/labels/${label}`),
    unlabel: (study, label) => done('DELETE', `/studies/${study}/labels/${label}`),

    /** Ends it; its data stay. */
    stop: () => stop(),
    /** Starts it again, on the same port and with its data. */
    start,
    /** It keeps its connections and answers nothing, until `thaw`. */
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
  };
}

const newCredential = (name) => `${name}:${randomBytes(18).toString('base64url')}`;

/** User and group id of an account of the tree. */
export function accountOf(tree, name) {
  const line = readFileSync(join(tree, 'etc/passwd'), 'utf8')
    .split('\n')
    .find((one) => one.startsWith(`${name}:`));
  return line.split(':').slice(2, 4).map(Number);
}

export async function freePort() {
  const server = createServer();
  await new Promise((done, fail) => {
    server.once('error', fail);
    server.listen(0, '127.0.0.1', done);
  });
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}

/** Folder of a Debian 13 with Orthanc in it. It is kept between runs: making it takes longer than all else. */
export async function debianTree() {
  const folder = join(cache, `debian-${suite}`);
  if (existsSync(join(folder, mark))) return folder;
  if (!inPath('debootstrap')) installPackages('debootstrap is missing', ['debootstrap']);
  const host = packageHost();
  await mkdir(cache, { recursive: true });
  console.log(`  (making a Debian ${suite} with ${packages.join(', ')} from ${new URL(host).host}, kept in ${folder})`);
  // Made beside its place and moved there: a run that was cut short leaves nothing half made.
  const work = await mkdtemp(join(cache, 'debian-'));
  const clear = undoLater(() => rm(work, { recursive: true, force: true, maxRetries: 5 }));
  // Awaited when it fails too: a suite that ends meanwhile would leave the rest of the folder.
  try {
    const tree = join(work, 'tree');
    await makeTree(tree, host);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    // Another run may have been faster.
    await rename(tree, folder).catch((error) => {
      if (!existsSync(join(folder, mark))) throw error;
    });
  } finally {
    await clear();
  }
  return folder;
}

async function makeTree(tree, host) {
  const apart = await inNamespace();
  await run([...apart, 'debootstrap', '--variant=minbase', suite, tree, host], treeLimit);
  await likeThisMachine(tree);
  // Packages are installed, not started.
  await writeFile(join(tree, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages], ['clean']])
    await run([...apart, 'chroot', tree, 'apt-get', '-q', ...args], packagesLimit);
  await rm(join(tree, 'var/lib/apt/lists'), { recursive: true, force: true });
  await chmod(tree, 0o755);
  await writeFile(join(tree, mark), '');
}

/** How this machine reaches packages: what it does not verify, keep or resolve by itself, the tree does not either. */
async function likeThisMachine(tree) {
  const settings = '/etc/apt/apt.conf.d';
  for (const name of readdirSync(settings))
    await cp(join(settings, name), join(tree, settings, name), { dereference: true, force: false });
  // A link to where a tree has nothing would be followed.
  await rm(join(tree, 'etc/resolv.conf'), { force: true });
  await copyFile('/etc/resolv.conf', join(tree, 'etc/resolv.conf'));
}

/**
 * Puts a program into namespaces of its own: what debootstrap mounts and starts ends with it, also when it is cut short.
 * Where that is not allowed, mounting is not either.
 */
async function inNamespace() {
  const words = ['unshare', '--mount', '--pid', '--fork', '--kill-child'];
  return run([...words, 'true'], 5_000).then(
    () => words,
    () => [],
  );
}

/** Where this machine gets Debian itself from, of either form of apt's sources. */
function packageHost() {
  const codename = /^VERSION_CODENAME="?(\w+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];
  const suites = [codename, suite, 'oldstable', 'stable', 'testing', 'unstable', 'sid'];
  const found = aptSources().find(
    (source) =>
      source.types.includes('deb') &&
      source.components.includes('main') &&
      source.suites.some((one) => suites.includes(one)) &&
      /^https?:\/\//.test(source.uri),
  );
  if (found === undefined) throw new Error("Debian's own packages are in none of the sources in /etc/apt");
  return found.uri;
}

function aptSources() {
  const folder = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(folder) ? readdirSync(folder).map((one) => join(folder, one)) : []),
  ];
  return files.filter(existsSync).flatMap((file) => {
    const text = readFileSync(file, 'utf8').replace(/^#.*\n?/gm, '');
    if (file.endsWith('.sources')) return text.split(/\n\s*\n/).flatMap(stanza);
    return file.endsWith('.list') ? text.split('\n').flatMap(oneLine) : [];
  });
}

/** deb822: a line that begins with a blank goes on with the one before. */
function stanza(text) {
  const fields = Object.fromEntries(
    [...text.matchAll(/^([\w-]+):((?:.*(?:\n[ \t].*)*))/gm)].map(([, name, value]) => [
      name.toLowerCase(),
      value.split(/\s+/).filter(Boolean),
    ]),
  );
  const { types = [], uris = [], suites = [], components = [], enabled = ['yes'] } = fields;
  return enabled[0] === 'no' ? [] : uris.map((uri) => ({ types, uri, suites, components }));
}

function oneLine(line) {
  const [, type, uri, suiteOfLine, components] =
    /^(deb)\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s*(.*)$/.exec(line.trim()) ?? [];
  if (type === undefined) return [];
  return [
    {
      types: [type],
      uri,
      suites: [suiteOfLine],
      components: components.replace(/#.*/, '').split(/\s+/).filter(Boolean),
    },
  ];
}

/** Runs a program to its end, or to the suite's. `unshare` ignores milder signals. */
async function run([command, ...args], timeout) {
  const running = promisify(execFile)(command, args, {
    env: { ...process.env, LC_ALL: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive' },
    timeout,
    killSignal: 'SIGKILL',
    maxBuffer: 64 * 1024 * 1024,
  });
  const over = undoLater(async () => {
    running.child.kill('SIGKILL');
    await running.catch(() => undefined);
  });
  await running
    .catch(({ message, stdout = '', stderr = '' }) => {
      throw new Error(`${message.split('\n')[0]}\n${`${stdout}\n${stderr}`.trim().split('\n').slice(-15).join('\n')}`);
    })
    .finally(over);
}

const inPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
