import assert from 'node:assert/strict';
import { startGuarded } from './guarded-nginx.mjs';
import { passing } from './judged-is-forwarded.mjs';
import { send } from '../support/stub-upstreams.mjs';

/** nginx when the guard says no, or nothing; what clients are told, and what the logs are not. */
export async function nginxRefuses({ check }) {
  const { guard, service, orthanc, landing, seen, nginx } = await startGuarded();
  const port = nginx.httpPort;
  const ask = (path, more = {}) => send({ port, path, ...more });

  await check('what the guard refuses reaches nothing, and the client learns the reason alone', async () => {
    for (const status of [401, 403]) {
      guard.judge = () => ({
        status,
        headers: {
          'X-Warden-Reason': 'outside-share',
          'X-Warden-Uri': '/studies',
          'X-Warden-Upstream': 'orthanc',
          'Set-Cookie': 'a=b',
          'WWW-Authenticate': 'Bearer realm="orthanc"',
        },
      });
      for (const method of ['GET', 'POST', 'HEAD']) {
        const answer = await ask('/orthanc/studies?token=abc', { method, body: method === 'POST' ? 'x' : '' });
        assert.equal(answer.status, status);
        assert.equal(answer.header('x-warden-reason'), 'outside-share');
        assert.equal(answer.header('cache-control'), 'no-store');
        assert.equal(answer.header('set-cookie'), undefined);
        assert.equal(answer.header('www-authenticate'), status === 401 ? 'Bearer realm="orthanc"' : undefined);
        assert.ok(answer.body.length < 60);
      }
      assert.deepEqual(seen().forwarded, []);
    }
  });

  await check('with ENABLE_BASIC_AUTH a browser is asked for a password, and the holder of a link is not', async () => {
    const house = await startGuarded({ ENABLE_BASIC_AUTH: 'true' });
    house.guard.judge = () => ({ status: 401, headers: { 'X-Warden-Reason': 'no-credential' } });
    const challenge = async (path, headers = []) => {
      const answer = await send({ port: house.nginx.httpPort, path, headers });
      return [answer.status, answer.header('www-authenticate')];
    };
    const asked = [401, 'Basic realm="Orthanc"'];
    assert.deepEqual(await challenge('/orthanc/studies'), asked);
    assert.deepEqual(await challenge('/orthanc/studies', [['Authorization', 'Basic eDp5']]), asked);
    const silent = [401, undefined];
    assert.deepEqual(await challenge('/orthanc/studies?token=abc'), silent);
    assert.deepEqual(await challenge('/orthanc/studies', [['token', 'abc']]), silent);
    assert.deepEqual(await challenge('/orthanc/studies', [['Authorization', 'Bearer abc']]), silent);
    assert.deepEqual(await challenge('/shares/studies'), silent);
    assert.deepEqual(await challenge('/orthanc-api/studies'), silent);
    guard.judge = () => ({ status: 401, headers: { 'X-Warden-Reason': 'no-credential' } });
    assert.equal((await ask('/orthanc/studies')).header('www-authenticate'), undefined);
    await house.nginx.stop();
  });

  await check(
    'a guard that fails, gives no address, an odd one, or an unknown upstream, lets nothing pass',
    async () => {
      const answers = [
        { status: 500, headers: {} },
        { status: 404, headers: {} },
        { status: 302, headers: { Location: '/' } },
        { status: 204, headers: {} },
        { status: 204, headers: { 'X-Warden-Upstream': 'orthanc', 'X-Warden-Kind': 'user' } },
        passing({ 'X-Warden-Uri': '' })({ headers: {} }),
        passing({ 'X-Warden-Uri': '@evil.example/' })({ headers: {} }),
        passing({ 'X-Warden-Uri': ':80/studies' })({ headers: {} }),
        passing({ 'X-Warden-Upstream': 'elsewhere', 'X-Warden-Uri': '/a' })({ headers: {} }),
        passing({ 'X-Warden-Kind': '', 'X-Warden-Uri': '/a' })({ headers: {} }),
      ];
      for (const answer of answers) {
        guard.judge = () => answer;
        assert.equal((await ask('/orthanc/studies')).status, 503, JSON.stringify(answer));
        assert.deepEqual(seen().forwarded, []);
      }
    },
  );

  await check('a guard that is slow is waited for five seconds, and nothing passes', async () => {
    guard.judge = () => null;
    const started = performance.now();
    assert.equal((await ask('/orthanc/studies?token=secret-argument')).status, 503);
    const seconds = (performance.now() - started) / 1000;
    assert.ok(seconds > 4 && seconds < 8, String(seconds));
    assert.deepEqual(seen().forwarded, []);
  });

  await check('the Orthanc for programs is closed to shares and strangers, whatever the guard says', async () => {
    for (const kind of ['share', 'public']) {
      guard.judge = passing({ 'X-Warden-Kind': kind });
      assert.equal((await ask('/orthanc-api/studies')).status, 403);
      assert.deepEqual(seen().forwarded, []);
    }
    guard.judge = passing();
    assert.equal((await ask('/orthanc-api/studies')).body, 'orthanc GET /studies');
    assert.equal(seen().judged[0].headers['x-original-uri'], '/orthanc-api/studies');
  });

  await check('a dead link in a browser leads to the landing page, and a program gets 401', async () => {
    guard.judge = () => ({ status: 401, headers: { 'X-Warden-Reason': 'expired' } });
    const page = [['Accept', 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8']];
    const answer = await ask('/orthanc/stone-webviewer/index.html?study=1.2&token=abc.def-_', { headers: page });
    assert.equal(answer.status, 302);
    assert.equal(answer.header('location'), '/share/?token=abc.def-_');
    assert.equal((await ask('/orthanc/studies?token=abc', { headers: [['Accept', '*/*']] })).status, 401);
    assert.equal((await ask('/orthanc/studies', { headers: page })).status, 401);
    assert.equal((await ask('/orthanc/studies?token=a%0d%0aX', { headers: page })).status, 401);
    assert.equal((await ask('/orthanc/studies?token=a', { method: 'POST', body: 'x', headers: page })).status, 401);
  });

  await check('the guard itself cannot be asked from outside', async () => {
    seen();
    for (const path of [
      '/.warden/guard',
      '/auth-service/metrics',
      '/auth-service/metrics/',
      '/auth-service//metrics//',
      '/auth-service/%6detrics/',
      '/auth-service/edge/tools/lookup',
      '/auth-service/tokens/validate',
      '/auth-service/tokens/validate/',
      '/auth-service/user/get-profile',
      '/auth-service/settings/roles/',
      '/auth-service/forward-auth//',
      '/auth-service/forward-auth',
      '/auth-service//forward-auth',
      '/auth-service/%66orward-auth',
      '/auth-service/forward-auth/x',
      '/auth-service/x/../forward-auth',
    ])
      assert.equal((await ask(path)).status, 404, path);
    assert.deepEqual(seen().judged, []);
    assert.equal((await ask('/auth-service/api/v1/me')).body, 'the service');
    assert.deepEqual(
      seen().served.map(({ url }) => url),
      ['/api/v1/me'],
    );
  });

  await check('neither log of nginx holds a token, a short link or a Referer', async () => {
    const marked = 'eyJMARKEDtoken';
    const paths = [
      `/orthanc/studies?token=${marked}`,
      `/orthanc/studies%3Ftoken=${marked}`,
      `/orthanc/studies;token=${marked}`,
      `/orthanc/token/${marked}/x`,
      `/share/?token=${marked}`,
      '/s/MARKEDxyzMARKEDxyz1234',
      '/share/s/MARKEDxyzMARKEDxyz1234',
      `/nowhere?token=${marked}`,
      `/auth-service/x?token=${marked}`,
      `/orthanc/%zz?token=${marked}`,
    ];
    const headers = [
      ['Referer', `https://x/?token=${marked}`],
      ['token', marked],
      ['Authorization', marked],
      ['Cookie', marked],
    ];
    const everywhere = async () => {
      for (const path of paths) await ask(path, { headers });
    };
    guard.judge = passing();
    await everywhere();
    guard.judge = () => ({ status: 500, headers: {} });
    await everywhere();
    await orthanc.stop();
    guard.judge = passing();
    await everywhere();
    await service.stop();
    await landing.stop();
    await everywhere();
    assert.equal((await ask('/orthanc/studies')).status, 503);
    const access = await nginx.accessLog();
    const errors = await nginx.errorLog();
    assert.match(access, /"GET \/orthanc\/studies" 503 /);
    assert.doesNotMatch(`${access}${errors}`, /MARKED|secret-argument|[?]/);
    console.log(`         ${access.split('\n').length} lines of access log, ${errors.length} characters of error log`);
  });
  await nginx.stop();
}
