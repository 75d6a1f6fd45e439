// `npm start`: installs, builds, starts auth-service (with its embedded database unless DATABASE_URL is given) and the
// landing page, and prints where to look and a first share link. Ends both on Ctrl-C.
import { fork } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { nodeOptions } from './node-options.mjs';
import { prepare, root } from './prepare.mjs';

const largestLog = 10 * 1024 * 1024;
const sampleStudy = { level: 'study', 'dicom-uid': '1.2.276.0.7230010.3.1.2.2344313775.14992.1458058363.6979' };
const json = { 'content-type': 'application/json' };

prepare({ build: true });
const dataDir = resolve(process.env.DATA_DIR || './data');
mkdirSync(dataDir, { recursive: true, mode: 0o700 });
const children = new Map();
let ending = false;

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(0));

const service = await start('auth-service', {});
const landing = await startLanding();
await introduce();

async function startLanding() {
  const credential = readCredential('landing');
  const username = process.env.AUTH_SERVICE_USERNAME ?? credential?.name;
  const password = process.env.AUTH_SERVICE_PASSWORD ?? credential?.password;
  if (!username || !password) {
    console.log(
      '\nThe landing page was not started: give AUTH_SERVICE_USERNAME and AUTH_SERVICE_PASSWORD of a USERS entry',
    );
    console.log('with {"password": "…", "scopes": ["decode", "exchange"]}.');
    return null;
  }
  return start('landing', {
    AUTH_SERVICE_URL: service.url,
    AUTH_SERVICE_USERNAME: username,
    AUTH_SERVICE_PASSWORD: password,
  });
}

/** Starts one app and resolves with what it says once it is ready. Its log goes to a file under DATA_DIR. */
function start(name, environment) {
  const file = join(dataDir, `${name}.log`);
  if (existsSync(file) && statSync(file).size > largestLog) renameSync(file, `${file}.1`);
  const child = fork(join(root, 'dist/apps', name, 'src/main.js'), {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: nodeOptions,
    env: { ...process.env, ...environment },
  });
  child.stdout.pipe(createWriteStream(file, { flags: 'a', mode: 0o600 }));
  children.set(name, child);
  return new Promise((started) => {
    child.on('message', (message) => {
      if (message?.ready) started({ ...message, url: message.url.replace(/\/$/, '') });
    });
    child.on('exit', (code) => {
      children.delete(name);
      if (ending) return;
      console.error(`${name} ended (${code}); its log: ${file}`);
      void end(1);
    });
  });
}

function readCredential(name) {
  const file = join(dataDir, name);
  if (!existsSync(file)) return null;
  const text = readFileSync(file, 'utf8').trim();
  return { file, name: text.slice(0, text.indexOf(':')), password: text.slice(text.indexOf(':') + 1) };
}

async function introduce() {
  const administrator =
    process.env.USERS || process.env.SECRET_KEY || process.env.DATABASE_URL ? null : readCredential('administrator');
  console.log(`
orthanc-warden is running.
  Service:       ${service.url}   (WebServiceRootUrl of the authorization plugin)
  API to try:    ${service.url}/docs
  Landing page:  ${landing?.url ?? 'not started'}
  Health:        ${service.url}/health/ready
  Logs, data:    ${dataDir}`);
  if (administrator === null) return;
  const where = relative(process.cwd(), administrator.file) || administrator.file;
  const plugin = relative(process.cwd(), join(dataDir, 'plugin'));
  // A password belongs on a terminal, not in whatever a pipe leads to.
  console.log(
    `  Administrator: ${process.stdout.isTTY ? `${administrator.name} / ${administrator.password}` : administrator.name}   (kept in ${where})`,
  );
  console.log(`  For Orthanc:   WebServiceUsername and WebServicePassword are in ${plugin}`);
  const minted = await mintSample(administrator);
  if (minted === null) return;
  const as = `-u "$(cat ${where})" -H 'content-type: application/json'`;
  const mint = JSON.stringify({ resources: [sampleStudy], 'validity-duration': 604800 });
  const validate = JSON.stringify({
    method: 'get',
    level: 'study',
    'dicom-uid': sampleStudy['dicom-uid'],
    'token-value': minted.token,
  });
  const decode = JSON.stringify({ 'token-value': minted.token });
  console.log(`
A first share link (a sample study, seven days):
  ${minted.url}

Try it:
Mint another one
  curl -s ${as} -X PUT ${service.url}/tokens/stone-viewer-publication -d '${mint}'
Validate it, as the plugin does
  curl -s ${as} ${service.url}/tokens/validate -d '${validate}'
Decode it
  curl -s ${as} ${service.url}/tokens/decode -d '${decode}'
Open it, as a recipient does
  curl -s -o /dev/null -w '%{http_code} %{redirect_url}\\n' '${minted.url}'
Revoke it
  curl -s ${as} ${service.url}/api/v1/shares/${minted.id}/revoke -d '{"reason": "only a sample"}'

Ctrl-C ends everything.`);
}

async function mintSample({ name, password }) {
  const headers = { ...json, authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` };
  const call = async (path, options) => {
    const response = await fetch(`${service.url}${path}`, { headers, signal: AbortSignal.timeout(10_000), ...options });
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  try {
    const body = JSON.stringify({ id: 'sample', resources: [sampleStudy], 'validity-duration': 604800 });
    const { token, url } = await call('/tokens/stone-viewer-publication', { method: 'PUT', body });
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString());
    const { items } = await call('/api/v1/shares?limit=50', {});
    return { token, url, id: items.find((share) => share.fingerprint === jti)?.id };
  } catch (error) {
    console.error(`No sample link could be minted: ${error.message}`);
    return null;
  }
}

async function end(code) {
  if (ending) return;
  ending = true;
  const gone = [...children.values()].map((child) => new Promise((done) => child.once('exit', done)));
  for (const child of children.values()) child.kill('SIGTERM');
  const last = setTimeout(() => [...children.values()].forEach((child) => child.kill('SIGKILL')), 15_000);
  await Promise.all(gone);
  clearTimeout(last);
  process.exit(code);
}
