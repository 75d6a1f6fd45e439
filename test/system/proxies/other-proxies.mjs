import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { makeCertificates } from '../support/certificates.mjs';
import { installPackages } from '../support/debian.mjs';
import { answers, freePorts, startNginx } from '../support/nginx.mjs';
import { temporaryFolder, undoLater, until } from '../support/stage.mjs';
import { send } from '../support/stub-upstreams.mjs';
import {
  assertJudgedIsForwarded,
  credentials,
  forged,
  oddPaths,
  overrides,
  passing,
  startBackstage,
} from './judged-is-forwarded.mjs';

const examples = resolve(import.meta.dirname, '../../../docker/proxies');
const run = promisify(execFile);

/** Debian's Caddy and Apache with the examples of docker/proxies. */
export async function otherProxies({ check }) {
  await withCaddy({ check });
  await withApache({ check });
}

async function withCaddy({ check }) {
  if (!existsSync('/usr/bin/caddy')) installPackages('caddy is missing', ['caddy']);
  const { guard, service, orthanc, seen } = await startBackstage();
  const [port] = await freePorts(1);
  const home = await temporaryFolder('caddy');
  const settings = {
    PATH: process.env.PATH,
    HOME: home,
    WARDEN_SITE: `:${port}`,
    WARDEN_AUTH_SERVICE: service.address,
    WARDEN_ORTHANC: orthanc.address,
    WARDEN_LANDING: service.address,
  };
  const file = ['--config', join(examples, 'caddy/Caddyfile'), '--adapter', 'caddyfile'];
  await check('caddy validates its example', () => run('/usr/bin/caddy', ['validate', ...file], { env: settings }));
  const caddy = await startProcess('/usr/bin/caddy', ['run', ...file], settings, port);
  const ask = (path, more = {}) => send({ port, path, ...more });

  await check('caddy: what was judged is forwarded, and an odd path is refused', async () => {
    guard.judge = passing();
    const refused = await assertJudgedIsForwarded({ port, seen });
    console.log(`         ${oddPaths.length} addresses, ${refused.length} refused`);
    assert.ok(oddPaths.length - refused.length >= 5);
    for (const path of [
      '/ohif/../orthanc/studies/a',
      '//orthanc/studies/a',
      '/%6frthanc/studies/a',
      '/orthanc/{env.HOME}',
    ]) {
      await ask(path);
      assert.deepEqual(seen().forwarded, [], path);
    }
    await ask('/orthanc/studies?x={env.HOME}');
    assert.equal(seen().forwarded[0].url, '/studies?x={env.HOME}');
  });

  await check('caddy: one credential, no cookie, nothing that the client said for a proxy', async () => {
    guard.judge = passing({ 'Set-Cookie': 'warden-seen-1=abc; Path=/' });
    const headers = [...forged, ...credentials, ...overrides, ['Cookie', 'a=b']];
    const answer = await ask('/orthanc/tools/find', { method: 'POST', body: '{"a": 1}', headers });
    assert.equal(answer.body, 'orthanc POST /tools/find');
    assert.deepEqual(answer.all('set-cookie'), ['warden-seen-1=abc; Path=/']);
    const { judged, forwarded } = seen();
    assert.equal(judged[0].headers['x-forwarded-method'], 'POST');
    assert.equal(judged[0].headers['x-forwarded-uri'], '/orthanc/tools/find');
    assert.equal(judged[0].headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(judged[0].headers['x-original-uri'], undefined);
    assert.equal(judged[0].headers.authorization, 'Bearer of-the-client');
    assert.doesNotMatch(JSON.stringify([judged, forwarded]), /forged|198\.51/i);
    assert.equal(forwarded[0].received, 8);
    assert.equal(judged[0].headers['content-length'] ?? '0', '0');
    assert.equal(forwarded[0].headers.token, 'the-one-credential');
    assert.equal(forwarded[0].headers['x-warden-id'], 'basic%3Aada');
    assert.doesNotMatch(JSON.stringify(forwarded), /of-the-client|DELETE|a=b/);
    assert.equal(forwarded[0].headers['api-key'], undefined);
  });

  await check('caddy: refused, failing, unclear or absent, the guard lets nothing pass', async () => {
    for (const [answer, status] of [
      [{ status: 401, headers: { 'X-Warden-Reason': 'expired', token: 'leak' } }, 401],
      [{ status: 403, headers: { 'X-Warden-Reason': 'outside-share' } }, 403],
      [{ status: 500, headers: {} }, 503],
      [{ status: 204, headers: { token: 'leak' } }, 403],
      [passing({ 'X-Warden-Upstream': 'auth-service', token: 'leak' })({ headers: {} }), 403],
      [null, 503],
    ]) {
      guard.judge = () => answer;
      const given = await ask('/orthanc/studies?token=MARKED', { headers: [['token', 'MARKED']] });
      assert.equal(given.status, status, JSON.stringify(answer));
      assert.equal(given.header('x-warden-reason') || undefined, answer?.headers['X-Warden-Reason']);
      assert.equal(given.header('token'), undefined);
      assert.deepEqual(seen().forwarded, []);
    }
    await service.stop();
    assert.equal((await ask('/orthanc/studies?token=MARKED')).status, 503);
  });

  await check('caddy logs each request and no token', async () => {
    assert.match(caddy.said(), /"uri":"\/orthanc\/studies"/);
    assert.doesNotMatch(caddy.said(), /MARKED/);
  });
  await caddy.stop();
  await orthanc.stop();
}

async function withApache({ check }) {
  const apache = '/usr/sbin/apache2';
  if (!existsSync(apache)) installPackages('apache2 is missing', ['apache2']);
  const { guard, service, orthanc, seen } = await startBackstage();
  const nginx = await startNginx({
    variables: { AUTH_SERVICE_UPSTREAM: service.address, ORTHANC_UPSTREAM: orthanc.address, REAL_IP_FROM: '127.0.0.1' },
  });
  const [port] = await freePorts(1);
  const folder = await temporaryFolder('apache');
  const tlsFolder = join(folder, 'tls');
  await mkdir(tlsFolder);
  const { server, authorityText } = await makeCertificates(folder);
  await writeFile(join(tlsFolder, 'crt.pem'), server.certificateText);
  await writeFile(join(tlsFolder, 'key.pem'), server.keyText);
  const configuration = join(folder, 'apache.conf');
  const modules = [
    'mpm_event',
    'authz_core',
    'setenvif',
    'ssl',
    'headers',
    'proxy',
    'proxy_http',
    'reqtimeout',
    'socache_shmcb',
  ];
  const account = process.getuid() === 0 ? 'User www-data\nGroup www-data\n' : '';
  await writeFile(
    configuration,
    `ServerRoot ${folder}\nPidFile ${folder}/pid\nServerName localhost\nErrorLog ${folder}/error.log\n${account}` +
      `Define APACHE_LOG_DIR ${folder}\nDefine WARDEN_NGINX 127.0.0.1:${nginx.httpPort}\nDefine WARDEN_NAME localhost\n` +
      `Define WARDEN_PORT ${port}\nDefine WARDEN_TLS ${tlsFolder}\n` +
      modules.map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`).join('') +
      `Include ${examples}/apache/orthanc.conf\n`,
  );
  await check('apache takes its example', async () => {
    const { stderr } = await run(apache, ['-t', '-f', configuration]);
    assert.match(stderr, /Syntax OK/);
  });
  const apacheProcess = await startProcess(
    apache,
    ['-f', configuration, '-DFOREGROUND'],
    { PATH: process.env.PATH },
    port,
  );
  const tls = { ca: authorityText, servername: 'localhost' };

  await check('apache before nginx: what was judged is what was sent and what is forwarded', async () => {
    guard.judge = passing();
    const refused = await assertJudgedIsForwarded({ port, tls, seen });
    console.log(`         ${oddPaths.length} addresses, ${refused.length} refused: ${refused.join(' ')}`);
    assert.ok(refused.length <= 4);
  });

  await check('apache before nginx: the address is the client’s, and one credential is left', async () => {
    await send({ port, tls, path: '/orthanc/studies', headers: [...forged, ...credentials, ...overrides] });
    const { judged, forwarded } = seen();
    assert.equal(judged[0].headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(judged[0].headers['x-forwarded-proto'], 'https');
    assert.doesNotMatch(JSON.stringify([judged, forwarded]), /forged|198\.51/i);
    assert.doesNotMatch(JSON.stringify(forwarded), /of-the-client|DELETE/);
    assert.equal(forwarded[0].headers.token, 'the-one-credential');
  });

  await check('apache logs no token', async () => {
    guard.judge = () => ({ status: 403, headers: {} });
    const headers = [
      ['Referer', 'https://x/?token=MARKED'],
      ['token', 'MARKED'],
    ];
    for (const path of ['/orthanc/studies?token=MARKED', '/s/MARKEDMARKEDMARKED', '/orthanc/%zz?token=MARKED'])
      await send({ port, tls, path, headers });
    await nginx.stop();
    await send({ port, tls, path: '/orthanc/studies?token=MARKED', headers });
    const logs = execFileSync('sh', ['-c', `cat ${folder}/*.log`], { encoding: 'utf8' });
    assert.match(logs, /"GET \/orthanc\/studies" 403/);
    assert.doesNotMatch(logs, /MARKED/);
  });
  await apacheProcess.stop();
  for (const stub of [service, orthanc]) await stub.stop();
}

/** Started until it listens; ended by process id. */
async function startProcess(command, args, env, port) {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  let code;
  const ended = new Promise((done) => child.once('exit', (status, signal) => done((code = signal ?? status))));
  const stop = undoLater(async () => {
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(last);
  });
  await until(`${command} listens`, async () => {
    if (code !== undefined) throw new Error(`${command} ended with ${code}: ${said}`);
    return answers(port);
  });
  return { stop, said: () => said };
}
