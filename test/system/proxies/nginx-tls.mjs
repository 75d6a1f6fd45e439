import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect as connectHttp2 } from 'node:http2';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { makeCertificates } from '../support/certificates.mjs';
import { startNginx } from '../support/nginx.mjs';
import { temporaryFolder } from '../support/stage.mjs';
import { send } from '../support/stub-upstreams.mjs';
import { assertJudgedIsForwarded, credentials, forged, oddPaths, startBackstage } from './judged-is-forwarded.mjs';

/** TLS, client certificates, and the manner of certbot. */
export async function nginxTls({ check }) {
  const { service, orthanc, seen } = await startBackstage();
  const folder = await temporaryFolder('nginx-tls');
  const { server, client, strangersClient, authority, authorityText } = await makeCertificates(folder);
  const trust = { ca: authorityText, servername: 'localhost' };
  const upstreams = {
    AUTH_SERVICE_UPSTREAM: service.address,
    ORTHANC_UPSTREAM: orthanc.address,
    ORTHANC_FOR_CERT_UPSTREAM: orthanc.address,
  };
  const files = { TLS_CERTIFICATE: server.certificate, TLS_KEY: server.key, CLIENT_CA: authority };
  const variables = { ...upstreams, ...files, ENABLE_HTTPS: 'true' };

  await check('https alone: port 80 leads there, HSTS, TLS 1.2 and 1.3 and nothing older', async () => {
    const nginx = await startNginx({ variables });
    const plain = await send({ port: nginx.httpPort, path: '/orthanc/studies?a=%2F' });
    assert.equal(plain.status, 301);
    assert.equal(plain.header('location'), `https://pacs.example.org:${nginx.httpsPort}/orthanc/studies?a=%2F`);
    assert.deepEqual(seen().judged, []);
    const answer = await send({ port: nginx.httpsPort, path: '/orthanc/studies', tls: trust });
    assert.equal(answer.body, 'orthanc GET /studies');
    assert.deepEqual(answer.all('strict-transport-security'), ['max-age=31536000']);
    assert.equal(seen().forwarded[0].headers.forwarded, 'for=127.0.0.1;proto=https;host=pacs.example.org');
    for (const version of ['TLSv1.2', 'TLSv1.3'])
      assert.equal(await protocolOf(nginx.httpsPort, { ...trust, minVersion: version, maxVersion: version }), version);
    // With the lowest level of the client's own rules it is the server who refuses.
    const old = { ...trust, minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' };
    await assert.rejects(protocolOf(nginx.httpsPort, old), /protocol version|alert/i);
    assert.deepEqual(await assertJudgedIsForwarded({ port: nginx.httpsPort, tls: trust, seen }), []);
    await nginx.stop();
  });

  await check('HTTP/2: what was judged is what is forwarded, and what a client said for a proxy is gone', async () => {
    const nginx = await startNginx({ variables });
    const session = connectHttp2(nginx.url, { ca: authorityText });
    seen();
    for (const path of oddPaths) {
      const request = session.request({
        ':path': path,
        ...Object.fromEntries(forged),
        ...Object.fromEntries(credentials),
      });
      const [headers] = await once(request, 'response');
      request.resume();
      await once(request, 'close');
      assert.equal(headers[':status'], 200, path);
      const { judged, forwarded } = seen();
      assert.equal(judged[0].headers['x-original-uri'], path);
      assert.equal(forwarded[0].url, path.replace(/^\/orthanc/, ''));
      assert.doesNotMatch(JSON.stringify(forwarded[0].headers), /forged|of-the-client/);
    }
    session.destroy();
    await nginx.stop();
  });

  await check('client certificates: nothing without one or with a stranger’s, everything with one', async () => {
    const nginx = await startNginx({ variables: { ...variables, CLIENT_CERTIFICATES: 'required' } });
    const ask = (identity) =>
      send({ port: nginx.httpsPort, path: '/orthanc/studies', tls: { ...trust, ...identity } }).catch(() => ({
        status: 0,
      }));
    seen();
    assert.equal((await ask({})).status, 400);
    assert.equal((await ask(identityOf(strangersClient))).status, 400);
    assert.deepEqual(seen().judged, []);
    assert.equal((await ask(identityOf(client))).body, 'orthanc GET /studies');
    await nginx.stop();
  });

  await check('optional certificates: /orthanc-cert/ opens with one, everything else is guarded', async () => {
    const nginx = await startNginx({
      variables: { ...variables, CLIENT_CERTIFICATES: 'optional', ENABLE_ORTHANC_FOR_CERT: 'true' },
    });
    const ask = (path, identity = {}) => send({ port: nginx.httpsPort, path, tls: { ...trust, ...identity } });
    seen();
    const without = await ask('/orthanc-cert/studies');
    assert.equal(without.status, 302);
    assert.equal(without.header('location'), '/orthanc/ui/app/');
    assert.equal((await ask('/orthanc-cert/studies', identityOf(strangersClient))).status, 400);
    assert.deepEqual(seen().forwarded, []);
    assert.equal((await ask('/orthanc-cert/studies', identityOf(client))).body, 'orthanc GET /studies');
    assert.deepEqual(seen().judged, []);
    assert.equal((await ask('/orthanc/studies')).status, 200);
    assert.equal(seen().judged.length, 1);
    await nginx.stop();
  });

  await check(
    '/orthanc-cert/: no other site makes a browser ask with its certificate, no method is dressed up',
    async () => {
      const nginx = await startNginx({
        variables: { ...variables, CLIENT_CERTIFICATES: 'optional', ENABLE_ORTHANC_FOR_CERT: 'true' },
      });
      const ask = (path, headers = [], method = 'GET') =>
        send({ port: nginx.httpsPort, method, path, headers, tls: { ...trust, ...identityOf(client) } });
      seen();
      for (const site of ['cross-site', 'same-site', 'Cross-Site', 'x'])
        for (const method of ['GET', 'POST', 'DELETE'])
          assert.equal((await ask('/orthanc-cert/studies/a', [['Sec-Fetch-Site', site]], method)).status, 403, site);
      for (const args of [
        '_method=DELETE',
        'a=b&_method=DELETE',
        '_METHOD=PUT',
        '%5fmethod=DELETE',
        '_m%65th%4Fd=DELETE',
      ])
        assert.equal((await ask(`/orthanc-cert/studies/a?${args}`)).status, 403, args);
      assert.deepEqual(seen().forwarded, []);
      for (const site of ['same-origin', 'none'])
        assert.equal((await ask('/orthanc-cert/studies?limit=1', [['Sec-Fetch-Site', site]])).status, 200, site);
      const overrides = ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => [
        name,
        'DELETE',
      ]);
      assert.equal((await ask('/orthanc-cert/studies', [...overrides, ...forged])).body, 'orthanc GET /studies');
      const { headers } = seen().forwarded.at(-1);
      assert.doesNotMatch(JSON.stringify(headers), /DELETE|forged/);
      await nginx.stop();
    },
  );

  await check('certbot: the challenge is answered in clear, the rest is led to the domain', async () => {
    const webroot = join(folder, 'webroot');
    const challenges = join(webroot, '.well-known/acme-challenge');
    const live = join(folder, 'letsencrypt/live/localhost');
    for (const made of [challenges, live]) await mkdir(made, { recursive: true });
    await writeFile(join(challenges, 'abc'), 'abc.proof');
    await writeFile(join(live, 'fullchain.pem'), server.certificateText);
    await writeFile(join(live, 'privkey.pem'), server.keyText);
    const certbot = {
      ENABLE_CERTBOT: 'true',
      DOMAIN_NAME: 'localhost',
      LETSENCRYPT_DIR: join(folder, 'letsencrypt'),
      CERTBOT_WEBROOT: webroot,
    };
    const nginx = await startNginx({ variables: { ...upstreams, ...certbot } });
    assert.equal((await send({ port: nginx.httpPort, path: '/.well-known/acme-challenge/abc' })).body, 'abc.proof');
    const led = await send({ port: nginx.httpPort, path: '/orthanc/', host: 'evil.example' });
    assert.equal(led.header('location'), `https://localhost:${nginx.httpsPort}/orthanc/`);
    assert.equal((await send({ port: nginx.httpsPort, path: '/orthanc/x', tls: trust })).status, 200);
    await nginx.stop();
  });
  for (const stub of [service, orthanc]) await stub.stop();
}

const identityOf = ({ certificateText, keyText }) => ({ cert: certificateText, key: keyText });

function protocolOf(port, options) {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', ...options }, () => {
      resolve(socket.getProtocol());
      socket.destroy();
    });
    socket.once('error', reject);
  });
}
