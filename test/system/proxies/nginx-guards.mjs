import assert from 'node:assert/strict';
import { startGuarded } from './guarded-nginx.mjs';
import { assertJudgedIsForwarded, credentials, forged, oddPaths, overrides, passing } from './judged-is-forwarded.mjs';
import { send } from '../support/stub-upstreams.mjs';
import { testEveryChoice } from './nginx-choices.mjs';

/** nginx and the guard: what is asked and what is forwarded. */
export async function nginxGuards({ check }) {
  await check('nginx takes every configuration that is generated', testEveryChoice);

  const { guard, service, orthanc, landing, seen, nginx } = await startGuarded();
  const port = nginx.httpPort;
  const ask = (path, more = {}) => send({ port, path, ...more });

  await check('what nginx has judged is what it forwards, letter by letter', async () => {
    guard.judge = passing();
    const refused = await assertJudgedIsForwarded({ port, seen });
    assert.deepEqual(refused, []);
    console.log(`         ${oddPaths.length} addresses`);
    // Of this route only once they are decoded: the guard would see another route.
    for (const path of [
      '/ohif/../orthanc/studies/a',
      '/orthanc-api/..%2forthanc/a',
      '//orthanc/studies/a',
      '/%6frthanc/studies/a',
      '/orthanc%2fstudies/a',
    ]) {
      assert.equal((await ask(path)).status, 403, path);
      assert.deepEqual(seen(), { judged: [], served: [], forwarded: [] });
    }
  });

  await check('an address of 60 kB with many studies passes', async () => {
    const path = `/orthanc/dicom-web/studies?StudyInstanceUID=${'1.2.840.113619.2.55.3,'.repeat(2800)}`;
    assert.ok(path.length > 60_000);
    assert.deepEqual(await assertJudgedIsForwarded({ port, seen, paths: [path] }), []);
  });

  await check('what the guard writes is forwarded, and not what the client sent', async () => {
    guard.judge = passing({ 'X-Warden-Uri': '/dicom-web/studies?a=%2F&b=//' });
    await ask('/orthanc/dicom-web/studies?a=%2F&token=secret&b=//');
    assert.deepEqual(
      seen().forwarded.map(({ url }) => url),
      ['/dicom-web/studies?a=%2F&b=//'],
    );
  });

  await check('the guard gets the method, no body, and nothing of a proxy that the client said', async () => {
    guard.judge = passing();
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const body = /GET|HEAD/.test(method) ? '' : 'x'.repeat(100_000);
      await ask('/orthanc/tools/find', { method, body, headers: [...forged, ...credentials, ...overrides] });
      const { judged, forwarded } = seen();
      const { headers } = judged[0];
      assert.equal(headers['x-original-method'], method);
      assert.equal(headers['x-original-uri'], '/orthanc/tools/find');
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-forwarded-host'], 'pacs.example.org');
      assert.equal(headers['content-length'], undefined);
      assert.equal(headers['transfer-encoding'], undefined);
      assert.doesNotMatch(JSON.stringify(judged), /forged|198\.51/i);
      for (const [name, value] of [...credentials, ...overrides]) assert.equal(headers[name.toLowerCase()], value);
      assert.equal(forwarded[0].method, method);
      assert.equal(forwarded[0].received, body.length);
    }
  });

  await check('Orthanc gets one credential, and who it is, from the guard alone', async () => {
    guard.judge = passing();
    const cookie = [['Cookie', 'warden-session=abc']];
    await ask('/orthanc/studies', {
      headers: [...forged, ...credentials, ...credentials.slice(1), ...overrides, ...cookie],
    });
    const [{ headers, raw }] = seen().forwarded;
    assert.equal(headers.token, 'the-one-credential');
    assert.equal(headers['x-warden-id'], 'basic%3Aada');
    assert.equal(headers['x-warden-kind'], 'user');
    assert.equal(headers['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers.forwarded, 'for=127.0.0.1;proto=http;host=pacs.example.org');
    assert.doesNotMatch(
      JSON.stringify(raw),
      /forged|198\.51|of-the-client|DELETE|warden-session|x-warden-(uri|upstream)/i,
    );
    const two = [['Authorization', 'Basic YTpi'], ...credentials];
    assert.equal((await ask('/orthanc/studies', { headers: two })).status, 400);
    assert.deepEqual(seen().forwarded, []);
    guard.judge = passing({ token: '', Authorization: 'Basic dTpw' });
    await ask('/orthanc/studies', { headers: credentials });
    const [second] = seen().forwarded;
    assert.equal(second.headers.authorization, 'Basic dTpw');
    assert.equal(second.headers.token, undefined);
    assert.equal(second.headers['api-key'], undefined);
  });

  await check('a Host that would add a member to Forwarded is not passed on', async () => {
    await ask('/orthanc/studies', { host: 'a;host=evil.example' });
    assert.doesNotMatch(JSON.stringify(seen().forwarded), /evil/);
  });

  await check("the guard's cookie goes to the client, and back to the guard", async () => {
    guard.judge = passing({ 'Set-Cookie': 'warden-seen-1=abc; Path=/; HttpOnly' });
    const answer = await ask('/orthanc/studies', { headers: [['Cookie', 'warden-seen-1=xyz']] });
    assert.deepEqual(answer.all('set-cookie'), ['warden-seen-1=abc; Path=/; HttpOnly']);
    assert.equal(seen().judged[0].headers.cookie, 'warden-seen-1=xyz');
  });

  await check('what the service answers itself goes to the service', async () => {
    guard.judge = passing({ 'X-Warden-Upstream': 'auth-service', 'X-Warden-Uri': '/edge/lookup' });
    assert.equal((await ask('/orthanc/tools/lookup', { method: 'POST', body: '1.2.3' })).body, 'the service');
    const { served, forwarded } = seen();
    assert.deepEqual(
      served.map(({ method, url }) => `${method} ${url}`),
      ['POST /edge/lookup'],
    );
    assert.deepEqual(forwarded, []);
  });

  await check('sharing and the roles go to the service with the credential of the user', async () => {
    await ask('/orthanc/auth/tokens/ohif-viewer-publication', {
      method: 'PUT',
      body: '{}',
      headers: [...credentials, ...forged],
    });
    await ask('/orthanc/auth/settings/roles', { headers: credentials });
    const { served, judged, forwarded } = seen();
    assert.deepEqual(
      served.map(({ method, url }) => `${method} ${url}`),
      ['PUT /auth/tokens/ohif-viewer-publication', 'GET /auth/settings/roles'],
    );
    for (const { headers } of served)
      for (const [name, value] of credentials) assert.equal(headers[name.toLowerCase()], value);
    assert.doesNotMatch(JSON.stringify(served.map(({ headers }) => headers['x-forwarded-for'])), /198/);
    assert.deepEqual([judged, forwarded], [[], []]);
  });

  await check('the landing page is reached at its addresses', async () => {
    for (const [path, expected] of [
      ['/share/?token=abc', '/?token=abc'],
      ['/share/s/AbCdEfGhIjKlMnOpQrStUv', '/s/AbCdEfGhIjKlMnOpQrStUv'],
      ['/s/AbCdEfGhIjKlMnOpQrStUv', '/s/AbCdEfGhIjKlMnOpQrStUv'],
      ['/share-landing/?token=abc', '/share-landing/?token=abc'],
    ])
      assert.equal((await ask(path)).body, `landing ${expected}`);
  });

  for (const stub of [service, orthanc, landing]) await stub.stop();
  await nginx.stop();
}
