import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { get, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { startNginx } from '../support/nginx.mjs';
import { temporaryFolder, until } from '../support/stage.mjs';
import { send, startStub } from '../support/stub-upstreams.mjs';
import { forged, passing, startBackstage } from './judged-is-forwarded.mjs';

const megabyte = 1024 * 1024;
const large = 200;
/** Megabytes that may be on the way: sockets' buffers, and nginx's. */
const onTheWay = 40;

/** What nginx carries: gigabytes, WebSocket, redirects, the other routes, the client's address. */
export async function nginxCarries({ check }) {
  const { guard, service, orthanc, seen } = await startBackstage();
  let sent = 0;
  const others = await startStub((request, response) => {
    if (request.url.endsWith('/leak')) {
      response.writeHead(302, { Location: `http://${others.address}/inside`, 'X-Accel-Redirect': '/nginx-health' });
      return void response.end();
    }
    if (request.url.endsWith('/below')) {
      response.writeHead(302, { Location: '/ui/app/' });
      return void response.end();
    }
    if (request.url.startsWith('/large')) return void writeMegabytes(response, large, (count) => (sent = count));
    if (request.method === 'POST') return void digestOf(request).then((digest) => response.end(digest));
    response.end(`other ${request.url}`);
  });
  others.server.on('upgrade', (request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n');
    socket.pipe(socket);
  });
  const ohifDir = await temporaryFolder('ohif');
  await mkdir(join(ohifDir, 'assets'));
  await writeFile(join(ohifDir, 'index.html'), '<title>OHIF</title>');
  await writeFile(join(ohifDir, 'assets/app.js'), 'x'.repeat(10_000));
  const variables = {
    ENABLE_KEYCLOAK: 'true',
    ENABLE_OHIF: 'true',
    ENABLE_MEDDREAM: 'true',
    AUTH_SERVICE_UPSTREAM: service.address,
    ORTHANC_UPSTREAM: others.address,
    KEYCLOAK_UPSTREAM: others.address,
    MEDDREAM_UPSTREAM: others.address,
    OHIF_UPSTREAM: others.address,
  };
  const nginx = await startNginx({ variables: { ...variables, OHIF_DIR: ohifDir } });
  const port = nginx.httpPort;
  const ask = (path, more = {}) => send({ port, path, ...more });
  guard.judge = passing();

  await check(`an answer and an upload of ${large} MB pass with little memory and nothing on disk`, async () => {
    let sentMeanwhile = large;
    const received = await new Promise((resolve, reject) => {
      get({ port, host: '127.0.0.1', path: '/orthanc/large' }, (response) => {
        let bytes = 0;
        response.on('data', (chunk) => {
          // A client that stops for a while: the rest waits at its source.
          if (bytes === 0) {
            response.pause();
            setTimeout(() => {
              sentMeanwhile = sent;
              response.resume();
            }, 1_500);
          }
          bytes += chunk.length;
        });
        response.once('end', () => resolve(bytes));
      }).once('error', reject);
    });
    assert.equal(received, large * megabyte);
    assert.ok(sentMeanwhile < onTheWay, `${sentMeanwhile} MB were fetched ahead`);
    others.take();
    const digest = await new Promise((resolve, reject) => {
      // Without a length: chunked.
      const upload = httpRequest(
        { port, host: '127.0.0.1', method: 'POST', path: '/orthanc/instances' },
        (response) => {
          response.once('data', (chunk) => resolve(String(chunk)));
        },
      );
      upload.once('error', reject);
      upload.write(Buffer.alloc(megabyte));
      // It arrives while it is being sent.
      void until('the upload begins', () => others.asked.length > 0, 5_000)
        .then(() => writeMegabytes(upload, large - 1))
        .catch(reject);
    });
    assert.equal(digest, digestOfZeros(large));
    const peak = Math.max(...(await memoryOf(nginx.pid)));
    assert.ok(peak < 40, `${peak} MB`);
    console.log(`         the largest worker: ${peak.toFixed(0)} MB`);
  });

  await check('an upload that says its length passes after the guard was asked, who is sent none of it', async () => {
    seen();
    const answer = await ask('/orthanc/instances', { method: 'POST', body: '\0'.repeat(2 * megabyte) });
    assert.deepEqual([answer.status, answer.body], [200, digestOfZeros(2)]);
    const [judged] = seen().judged;
    assert.equal(judged.headers['content-length'], undefined);
  });

  await check('WebSocket passes after the guard has agreed, another upgrade does not', async () => {
    seen();
    for (const path of ['/orthanc/socket', '/meddream/socket'])
      assert.equal(await upgrade(port, path, 'websocket'), 'hello');
    assert.equal(seen().judged.length, 1);
    assert.equal(await upgrade(port, '/orthanc/socket', 'h2c'), null);
    guard.judge = () => ({ status: 403, headers: {} });
    assert.equal(await upgrade(port, '/orthanc/socket', 'websocket'), null);
    guard.judge = passing();
  });

  await check('no redirect tells an internal address, and none is lost below its route', async () => {
    for (const [path, location] of [
      ['/orthanc/leak', '/orthanc/inside'],
      ['/orthanc/below', '/orthanc/ui/app/'],
      ['/keycloak/leak', '/keycloak/inside'],
      ['/meddream/leak', '/meddream/inside'],
      ['/orthanc', '/orthanc/'],
      ['/', '/orthanc/ui/app/'],
    ]) {
      const answer = await ask(path);
      assert.equal(answer.status, 302, path);
      assert.equal(answer.header('location'), location);
    }
  });

  await check("Keycloak's console and its realm of administrators are closed unless they are opened", async () => {
    others.take();
    for (const path of [
      '/keycloak/admin',
      '/keycloak/admin/',
      '/keycloak/admin/master/console/',
      '/keycloak//admin/realms',
      '/keycloak/%61dmin/',
      '/keycloak/admin;a=b/realms',
      '/keycloak/x/../admin/',
      '/keycloak/realms/master',
      '/keycloak/realms/master/protocol/openid-connect/token',
      '/keycloak/realms;a/master;b/account',
    ])
      assert.equal((await ask(path)).status, 404, path);
    assert.deepEqual(others.take(), []);
    for (const path of ['/keycloak/realms/orthanc/account', '/keycloak/realms/master2', '/keycloak/administration'])
      assert.equal((await ask(path)).body, `other ${path.replace('/keycloak', '')}`);
    const open = await startNginx({ variables: { ...variables, ENABLE_KEYCLOAK_ADMIN: 'true' } });
    assert.equal((await send({ port: open.httpPort, path: '/keycloak/admin/x' })).body, 'other /admin/x');
    await open.stop();
  });

  await check("neither Keycloak nor MedDream is given the house's credentials and cookies", async () => {
    const headers = [
      ['token', 'MARKED'],
      ['api-key', 'MARKED'],
      ['Cookie', 'warden-session=MARKED; KC=1; warden-seen-a.b=MARKED; lang=de; xwarden-y=2; warden-language=MARKED'],
      ['Authorization', 'Bearer of-keycloak'],
    ];
    others.take();
    for (const path of ['/keycloak/realms/x', '/meddream/x']) await ask(path, { headers });
    const [ofKeycloak, ofMeddream] = others.take().map((one) => one.headers);
    for (const got of [ofKeycloak, ofMeddream]) {
      assert.doesNotMatch(JSON.stringify(got), /MARKED/);
      assert.equal(got.cookie, 'KC=1; lang=de; xwarden-y=2');
    }
    assert.equal(ofKeycloak.authorization, 'Bearer of-keycloak');
    assert.equal(ofMeddream.authorization, undefined);
    await ask('/keycloak/realms/x', { headers: [['Cookie', 'KC=1;a=b']] });
    await ask('/keycloak/realms/x', { headers: [['Cookie', 'warden-session=MARKED']] });
    const many = Array.from({ length: 40 }, (_, number) => `warden-seen-${number}=MARKED`).join('; ');
    await ask('/keycloak/realms/x', { headers: [['Cookie', `KC=1; ${many}`]] });
    const cookies = others.take().map((one) => one.headers.cookie);
    assert.deepEqual(cookies.slice(0, 2), ['KC=1;a=b', undefined]);
    assert.doesNotMatch(cookies[2] ?? '', /MARKED/);
  });

  await check("OHIF's files are served with what SharedArrayBuffer needs, and nothing beside them", async () => {
    for (const path of ['/ohif/', '/ohif/viewer?StudyInstanceUIDs=1.2&token=x', '/ohif/index.html']) {
      const answer = await ask(path);
      assert.equal(answer.body, '<title>OHIF</title>', path);
      assert.equal(answer.header('cross-origin-opener-policy'), 'same-origin');
      assert.equal(answer.header('cross-origin-embedder-policy'), 'require-corp');
      assert.equal(answer.header('x-content-type-options'), 'nosniff');
    }
    assert.match((await ask('/ohif/assets/app.js')).header('content-type'), /javascript/);
    for (const path of ['/ohif../etc/passwd', '/ohif/../../etc/passwd', '/ohif/%2e%2e/%2e%2e/etc/passwd'])
      assert.doesNotMatch((await ask(path)).body, /root:/);
  });

  await check(
    "every answer has the headers that protect a browser, and an upstream's own are not doubled",
    async () => {
      for (const path of ['/orthanc/studies', '/ohif/', '/keycloak/x', '/nowhere', '/nginx-health']) {
        const answer = await ask(path);
        assert.deepEqual(answer.all('x-content-type-options'), ['nosniff'], path);
        assert.deepEqual(answer.all('referrer-policy'), ['no-referrer'], path);
        assert.deepEqual(answer.all('strict-transport-security'), []);
        assert.equal(answer.header('server'), 'nginx');
      }
    },
  );
  await nginx.stop();

  await check('a trusted proxy before nginx says who the client is, and nobody else', async () => {
    const own = { ...variables, ORTHANC_UPSTREAM: orthanc.address };
    const headers = [
      ...forged.filter(([name]) => name !== 'X-Forwarded-For'),
      ['X-Forwarded-For', '203.0.113.9, 192.0.2.1'],
    ];
    for (const [trusted, address, proto] of [
      ['', '127.0.0.1', 'http'],
      ['10.0.0.1', '127.0.0.1', 'http'],
      ['127.0.0.0/8', '192.0.2.1', 'https'],
      ['127.0.0.0/8,192.0.2.0/24', '203.0.113.9', 'https'],
    ]) {
      const inner = await startNginx({ variables: { ...own, REAL_IP_FROM: trusted } });
      seen();
      await send({
        port: inner.httpPort,
        path: '/orthanc/studies',
        headers: [...headers, ['X-Forwarded-Proto', 'https']],
      });
      const { judged, forwarded } = seen();
      for (const { headers: got } of [...judged, ...forwarded]) {
        assert.equal(got['x-forwarded-for'], address);
        assert.equal(got['x-forwarded-proto'], proto);
      }
      assert.equal(forwarded.length, 1);
      await inner.stop();
    }
  });
  for (const stub of [service, orthanc, others]) await stub.stop();
}

async function writeMegabytes(target, count, tell = () => undefined) {
  const block = Buffer.alloc(megabyte);
  for (let written = 0; written < count; written += 1) {
    if (!target.write(block)) await new Promise((done) => target.once('drain', done));
    tell(written + 1);
  }
  target.end();
}

async function digestOf(stream) {
  const hash = createHash('sha256');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

function digestOfZeros(count) {
  const hash = createHash('sha256');
  for (let block = 0; block < count; block += 1) hash.update(Buffer.alloc(megabyte));
  return hash.digest('hex');
}

/** The most memory that each worker has used, in MB. */
async function memoryOf(pid) {
  const workers = execFileSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' })
    .trim()
    .split(/\s+/);
  return Promise.all(
    workers.map(
      async (worker) => Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${worker}/status`, 'utf8'))[1]) / 1024,
    ),
  );
}

/** What comes back for `hello` after an upgrade; null when there was none. */
function upgrade(port, path, protocol) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer at ${path}`)));
    let text = '';
    socket.on('data', (chunk) => {
      const before = text;
      text += chunk;
      if (!text.startsWith('HTTP/1.1 101')) resolve(null);
      else if (before === '') socket.write('hello');
      else resolve(text.slice(text.indexOf('\r\n\r\n') + 4));
      if (before !== '' || !text.startsWith('HTTP/1.1 101')) socket.destroy();
    });
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: pacs.example.org\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
    );
  });
}
