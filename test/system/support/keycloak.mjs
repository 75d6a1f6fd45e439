// A real Keycloak with the realm of docker/keycloak, started by the script that an installation starts it with.
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, openSync, closeSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { URLSearchParams } from 'node:url';
import { promisify } from 'node:util';
import { installPackages } from './debian.mjs';
import { isAlive, temporaryFolder, undoLater, until } from './stage.mjs';

const version = '26.7.3';
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'orthanc-warden');
const realmFolder = resolve(import.meta.dirname, '../../../docker/keycloak');
/** Where the realm's client sends the browser by default; nothing listens there, only the address is read. */
const redirectUri = 'http://localhost:8042/ui/app/';
const requestLimit = 20_000;
/** A busy machine needs several times what a quiet one does. */
const startLimit = 120_000;
const endLimit = 20_000;

/** Starts a Keycloak of its own: data in a temporary folder, loopback only, free ports. */
export async function startKeycloak() {
  const built = await distribution();
  const home = await temporaryFolder('keycloak');
  // The programs are shared, the data are not. kc.sh finds its home by where it lies itself, so it is copied.
  await mkdir(join(home, 'bin'));
  await copyFile(join(built, 'bin/kc.sh'), join(home, 'bin/kc.sh'));
  await symlink(join(built, 'lib'), join(home, 'lib'));
  for (const name of ['conf', 'providers', 'themes'])
    await cp(join(built, name), join(home, name), { recursive: true });
  const [port, managementPort] = await freePorts(2);
  // Keycloak's issuer follows the Host header: one spelling of the address, here and in the settings of the service.
  const baseUrl = `http://127.0.0.1:${port}`;
  const log = join(home, 'keycloak.log');
  let stopped;

  const start = async () => {
    const file = openSync(log, 'a');
    const child = spawn(
      'bash',
      [
        join(realmFolder, 'first-start.sh'),
        'start',
        '--optimized',
        '--cache=local', // without it, cluster ports open on every interface
        '--http-enabled=true',
        '--http-host=127.0.0.1',
        `--http-port=${port}`,
        '--http-management-host=127.0.0.1',
        `--http-management-port=${managementPort}`,
        '--hostname-strict=false',
      ],
      { env: { ...environment(), KEYCLOAK_HOME: home }, stdio: ['ignore', file, file] },
    );
    closeSync(file);
    const ended = new Promise((done) => child.once('exit', done));
    stopped = undoLater(() => end(child.pid, ended));
    await until(
      'Keycloak is ready',
      async () => {
        if (!isAlive(child.pid)) throw new Error(`Keycloak ended:\n${tail(log)}`);
        return (await isUp(`http://127.0.0.1:${managementPort}/health/ready`)) && isUp(discovery);
      },
      startLimit,
    ).catch((error) => {
      throw new Error(`${error.message}\n${tail(log)}`);
    });
  };
  const discovery = `${baseUrl}/realms/orthanc/.well-known/openid-configuration`;
  await start();
  const kept = join(home, 'data/first-start');
  const passwords = new Map(
    readFileSync(join(kept, 'initial-passwords'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(':')),
  );
  return {
    ...realmClient(baseUrl, passwords),
    baseUrl,
    realmUrl: `${baseUrl}/realms/orthanc/`,
    adminUrl: `${baseUrl}/admin/realms/orthanc/`,
    clientSecret: readFileSync(join(kept, 'KEYCLOAK_CLIENT_SECRET'), 'utf8').trim(),
    /** Path of a file that the first start made. */
    kept: (name) => join(kept, name),
    /** Ends Keycloak; its data stay. */
    stop: () => stopped(),
    /** Starts it again, on the same port and with its data. */
    start,
  };
}

/** What a test does to the realm, by the front door and by the admin REST. */
function realmClient(baseUrl, passwords) {
  const realmUrl = `${baseUrl}/realms/orthanc`;
  let adminToken = { text: '', until: 0 };

  const tokenOf = async (realm, fields) => {
    const { status, json } = await send(`${baseUrl}/realms/${realm}/protocol/openid-connect/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
    });
    if (status !== 200) throw new Error(`Keycloak gives no token: ${status} ${JSON.stringify(json)}`);
    return json;
  };

  /** Tokens of the administrator of the first start. They are of the realm `master`. */
  const bootstrapTokens = () =>
    tokenOf('master', {
      grant_type: 'password',
      client_id: 'admin-cli',
      username: 'bootstrap-admin',
      password: passwords.get('bootstrap-admin'),
    });

  /** Admin REST of the realm, as its administrator. Answers the parsed body. */
  const admin = async (method, path, body) => {
    if (performance.now() > adminToken.until) {
      // Such a token lives for a minute.
      adminToken = { text: (await bootstrapTokens()).access_token, until: performance.now() + 30_000 };
    }
    const { status, text, json } = await send(`${baseUrl}/admin/realms/orthanc${path}`, {
      method,
      headers: { authorization: `Bearer ${adminToken.text}`, 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text}`);
    return json;
  };

  const userOf = async (username) => {
    const [found] = await admin('GET', `/users?username=${encodeURIComponent(username)}&exact=true`);
    // The list leaves out what an update would then wipe.
    return admin('GET', `/users/${found.id}`);
  };
  /** Changes members of a user and keeps the others. */
  const setUser = async (username, changes) => {
    const user = await userOf(username);
    await admin('PUT', `/users/${user.id}`, { ...user, ...changes });
  };
  const keys = () => admin('GET', '/keys');

  return {
    passwords,
    admin,
    bootstrapTokens,
    userOf,
    setUser,

    /** Null takes the key away. */
    setApiKey: async (username, key) => {
      const { attributes } = await userOf(username);
      await setUser(username, { attributes: { ...attributes, 'api-key': key === null ? [] : [key] } });
    },

    /** Ends every session of the user. */
    logout: async (username) => admin('POST', `/users/${(await userOf(username)).id}/logout`),

    /** Changes attributes of the client `orthanc`. */
    setClientAttributes: async (attributes) => {
      const [client] = await admin('GET', '/clients?clientId=orthanc');
      await admin('PUT', `/clients/${client.id}`, { ...client, attributes: { ...client.attributes, ...attributes } });
    },

    /** Puts a new signing key in front of the others, which still verify. Answers its kid. */
    rotateKey: async () => {
      const all = (await keys()).keys.filter(({ algorithm }) => algorithm === 'RS256');
      const priority = Math.max(...all.map(({ providerPriority }) => providerPriority)) + 1;
      const { id } = await admin('GET', '');
      await admin('POST', '/components', {
        name: `rotated-${priority}`,
        providerId: 'rsa-generated',
        providerType: 'org.keycloak.keys.KeyProvider',
        parentId: id,
        config: { priority: [String(priority)], keySize: ['2048'], algorithm: ['RS256'] },
      });
      return (await keys()).active.RS256;
    },

    /** Kid of the key that signs now. */
    activeKey: async () => (await keys()).active.RS256,

    /** From now on Keycloak neither signs with this key nor publishes it. */
    disableKey: async (kid) => {
      const { providerId } = (await keys()).keys.find((key) => key.kid === kid);
      const component = await admin('GET', `/components/${providerId}`);
      component.config = { ...component.config, active: ['false'], enabled: ['false'] };
      await admin('PUT', `/components/${providerId}`, component);
    },

    /** Client credentials of `admin-cli`, as the service uses them. */
    serviceToken: async (clientSecret) =>
      (
        await tokenOf('orthanc', {
          grant_type: 'client_credentials',
          client_id: 'admin-cli',
          client_secret: clientSecret,
        })
      ).access_token,

    introspect: async (token, clientSecret) =>
      (
        await send(`${realmUrl}/protocol/openid-connect/token/introspect`, {
          method: 'POST',
          headers: { authorization: `Basic ${Buffer.from(`admin-cli:${clientSecret}`).toString('base64')}` },
          body: new URLSearchParams({ token }),
        })
      ).json,

    /**
     * Logs a user in as a browser does: authorization code with PKCE. A password that has to be changed is changed, and
     * `passwords` knows the new one. Answers what the token endpoint does.
     */
    login: async (username, password = passwords.get(username)) => {
      const verifier = randomBytes(32).toString('base64url');
      const state = randomBytes(8).toString('hex');
      const address = new URL(`${realmUrl}/protocol/openid-connect/auth`);
      address.search = new URLSearchParams({
        client_id: 'orthanc',
        response_type: 'code',
        redirect_uri: redirectUri,
        scope: 'openid',
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      });
      const code = await codeFor(address, { username, password, passwords }, state);
      return tokenOf('orthanc', {
        grant_type: 'authorization_code',
        client_id: 'orthanc',
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
      });
    },
  };
}

/** Goes through the pages of a log-in, as far as the code. */
async function codeFor(address, { username, password, passwords }, state) {
  const cookies = new Map();
  let request = { url: address.href };
  let asked = false;
  for (let step = 0; step < 8; step += 1) {
    const { status, text, headers } = await send(request.url, {
      method: request.form === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
      body: request.form === undefined ? undefined : new URLSearchParams(request.form),
    });
    for (const line of headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      cookies.set(name, value);
    }
    const location = headers.get('location');
    if (location?.startsWith(redirectUri)) {
      // Keycloak answers in the query or in the fragment, as the client asks.
      const answer = new URL(location).searchParams;
      if (answer.get('state') !== state || !answer.has('code')) throw new Error(`no code for ${username}: ${location}`);
      return answer.get('code');
    }
    if (location !== null) {
      request = { url: new URL(location, request.url).href };
      continue;
    }
    const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1].replaceAll('&amp;', '&');
    if (status === 200 && action !== undefined && /name="password-new"/.test(text)) {
      const fresh = randomBytes(12).toString('base64url');
      passwords.set(username, fresh);
      request = { url: action, form: { 'password-new': fresh, 'password-confirm': fresh } };
    } else if (status === 200 && action !== undefined && /name="password"/.test(text) && !asked) {
      asked = true;
      request = { url: action, form: { username, password, credentialId: '' } };
    } else {
      throw new LoginRefused(`Keycloak does not let ${username} in: ${status} ${feedback(text)}`);
    }
  }
  throw new Error(`the log-in of ${username} goes round in circles`);
}

export class LoginRefused extends Error {}

/** What the page says to the user, without its markup. */
const feedback = (html) =>
  (
    /(?:input-error|kc-feedback-text|instruction)[^>]*>([^<]*[^<\s][^<]*)</.exec(html)?.[1] ??
    html.replace(/<[^>]*>/g, ' ')
  )
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 300);

async function send(url, { headers = {}, ...options }) {
  const response = await fetch(url, { ...options, headers, signal: AbortSignal.timeout(requestLimit) });
  const text = await response.text();
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: /json/.test(type) && text !== '' ? JSON.parse(text) : undefined,
  };
}

const isUp = (url) =>
  fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
    async (response) => {
      await response.arrayBuffer();
      return response.status === 200;
    },
    () => false,
  );

/** kc.sh passes SIGTERM on to java and waits for it. Whichever is left is killed: without kc.sh, java would stay. */
async function end(script, ended) {
  const family = [script, ...childrenOf(script)];
  if (isAlive(script)) process.kill(script, 'SIGTERM');
  else for (const pid of family.slice(1)) kill(pid, 'SIGTERM');
  const left = () => family.filter(isAlive);
  await until('Keycloak ends', () => left().length === 0, endLimit).catch(() => {
    for (const pid of left().reverse()) kill(pid, 'SIGKILL');
  });
  await until('Keycloak is gone', () => left().length === 0, endLimit);
  await ended;
}

function kill(pid, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function childrenOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

const tail = (file) => readFileSync(file, 'utf8').split('\n').slice(-30).join('\n');

async function freePorts(count) {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise((done, fail) => {
        server.once('error', fail);
        server.listen(0, '127.0.0.1', () => done(server));
      });
    }),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}

/** Keycloak reads KC_… from its environment: only what it needs to run is passed on. */
function environment() {
  const { PATH, HOME, JAVA_HOME, LANG } = process.env;
  return Object.fromEntries(Object.entries({ PATH, HOME, JAVA_HOME, LANG }).filter(([, value]) => value !== undefined));
}

/** Folder of Keycloak, unpacked and built. It is kept between runs: building takes longer than starting. */
async function distribution() {
  const folder = join(cache, `keycloak-${version}-dev-file`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const zip = await download();
  if (!inPath('unzip')) installPackages('unzip is missing', ['unzip']);
  if (process.env.JAVA_HOME === undefined && !inPath('java'))
    installPackages('java is missing', ['default-jre-headless']);
  console.log(`  (building Keycloak ${version}, kept in ${folder})`);
  // Made beside its place and moved there: a run that was cut short leaves nothing half built.
  const work = await mkdtemp(join(cache, 'keycloak-'));
  const clear = undoLater(() => rm(work, { recursive: true, force: true, maxRetries: 5 }));
  await run('unzip', ['-q', zip, '-d', work], { timeout: 60_000 });
  const unpacked = join(work, `keycloak-${version}`);
  await writeFile(join(unpacked, 'conf/keycloak.conf'), '');
  await run('sh', [join(unpacked, 'bin/kc.sh'), 'build', '--db=dev-file', '--health-enabled=true'], {
    env: environment(),
    timeout: 180_000,
  });
  // Another run may have been faster.
  await rename(unpacked, folder).catch((error) => {
    if (!existsSync(folder)) throw error;
  });
  await clear();
  return folder;
}

/** Path of the zip in Maven's own repository. */
async function download() {
  const artifact = `org.keycloak:keycloak-quarkus-dist:${version}:zip`;
  const name = 'keycloak-quarkus-dist';
  const zip = join(homedir(), '.m2/repository/org/keycloak', name, version, `${name}-${version}.zip`);
  if (existsSync(zip)) return zip;
  if (!inPath('mvn')) installPackages('Maven is missing', ['maven']);
  console.log(`  (fetching ${artifact})`);
  // What Keycloak itself was made from is not needed.
  await run('mvn', ['-B', '-q', 'dependency:get', `-Dartifact=${artifact}`, '-Dtransitive=false'], {
    timeout: 300_000,
  });
  if (!existsSync(zip)) throw new Error(`Maven did not leave ${zip}`);
  return zip;
}

/** Runs a program to its end; it is told to end when the suite is. */
async function run(command, args, { timeout, env = process.env }) {
  const running = promisify(execFile)(command, args, { env, timeout });
  const over = undoLater(() => running.child.kill());
  await running.finally(over);
}

const inPath = (program) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => existsSync(join(folder, program)));
