import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { admin, migrate, plugin, replicaSettings, startCluster } from './support/own-cluster.mjs';
import {
  allShares,
  basic,
  caller,
  mint,
  pause,
  payloadOf,
  startService,
  study,
  temporaryFolder,
  until,
  validate,
} from './support/stage.mjs';

/** The stated promise. */
const promisedMs = 1_000;
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Two replicas on one database: what one is told, the other heeds. */
export async function replicas({ check, dist }) {
  const cluster = await startCluster({ dist, name: 'replicas' });
  const dataDir = await temporaryFolder('replicas-data');
  const { applicationUrl, ownerUrl } = await cluster.createDatabase('replicas');
  await migrate({ dist, applicationUrl, ownerUrl });
  const start = () =>
    startService({ dist, settings: { ...replicaSettings, DATA_DIR: dataDir, DATABASE_URL: applicationUrl } });
  const [one, other] = await Promise.all([start(), start()]);
  await Promise.all([one.ready, other.ready]);
  const as = (credential) => [caller(one.url, basic(credential)), caller(other.url, basic(credential))];
  const [onePlugin, otherPlugin] = as(plugin);
  const [oneAdmin] = as(admin);
  const revoke = async (id) => {
    const { status, text } = await oneAdmin('POST', `/api/v1/shares/${id}/revoke`, { reason: 'system test' });
    assert.equal(status, 200, text);
  };
  const granted = async (call, token) => (await validate(call, token)).json.granted;

  await check('revoked on one, refused by the other within a second (worst of 20)', async () => {
    const delays = [];
    for (let index = 0; index < 20; index += 1) {
      const { token } = (await mint(onePlugin, `revoked-${index}`)).json;
      assert.equal(await granted(otherPlugin, token), true);
      const { id } = (await allShares(oneAdmin)).find(({ fingerprint }) => fingerprint === payloadOf(token).jti);
      await revoke(id);
      const answered = performance.now();
      while (await granted(otherPlugin, token)) {
        assert.ok(performance.now() - answered < promisedMs, 'still granted a second after the revocation');
        await pause(2);
      }
      delays.push(performance.now() - answered);
      assert.equal(await granted(onePlugin, token), false);
    }
    console.log(`         worst ${Math.max(...delays).toFixed(0)} ms after the revocation was acknowledged`);
  });

  await check('a share that one minted is granted by the other at once', async () => {
    const { token } = (await mint(onePlugin, 'at-once')).json;
    assert.equal(await granted(otherPlugin, token), true);
  });

  for (const [name, payload] of Object.entries(legacyPayloads())) {
    const token = sign(payload);
    const share = async () => (await allShares(oneAdmin)).find(({ label }) => label === payload.id);
    await check(`${name}: adopted when first used, in its canonical spelling and with one =`, async () => {
      assert.equal(await share(), undefined);
      assert.equal(await granted(otherPlugin, token), true);
      assert.equal(await granted(otherPlugin, `${token}=`), true);
      for (const spelling of oddSpellings(token)) assert.equal(await granted(otherPlugin, spelling), false);
      const { origin, state } = await until('the link is in the list', share);
      assert.deepEqual({ origin, state }, { origin: 'adopted', state: 'live' });
    });
    await check(`${name}: one share, however spelled and wherever used`, async () => {
      for (const call of [onePlugin, otherPlugin])
        for (const spelling of [token, `${token}=`]) await validate(call, spelling);
      await pause(300);
      assert.equal((await allShares(oneAdmin)).filter(({ label }) => label === payload.id).length, 1);
    });
    await check(`${name}: revoked, refused in every spelling of its signature by both`, async () => {
      await revoke((await share()).id);
      await until('the other refuses', async () => !(await granted(otherPlugin, token)), promisedMs);
      for (const call of [onePlugin, otherPlugin]) {
        for (const spelling of [token, `${token}=`, `${token}==`, ...oddSpellings(token)]) {
          assert.equal(await granted(call, spelling), false, `granted: …${spelling.slice(-4)}`);
        }
      }
      assert.equal((await share()).state, 'revoked');
    });
  }

  await check('roles put on one are read on the other within a second', async () => {
    const [oneRoles, otherRoles] = [onePlugin, otherPlugin].map(
      (call) => async () => (await call('GET', '/settings/roles')).json,
    );
    const before = await oneRoles();
    const role = { permissions: ['view'], 'authorized-labels': ['system-test'] };
    const changed = { ...before, roles: { ...before.roles, 'system-test': role } };
    const put = await onePlugin('PUT', '/settings/roles', changed);
    assert.deepEqual([put.status, put.text], [200, 'null']);
    const answered = performance.now();
    await until('the other reads them', async () => (await otherRoles()).roles['system-test'], promisedMs);
    console.log(`         after ${(performance.now() - answered).toFixed(0)} ms`);
    assert.deepEqual(await otherRoles(), await oneRoles());
  });

  await check('a revoked link stays refused after a restart', async () => {
    const { token } = (await mint(onePlugin, 'restart')).json;
    const { id } = (await allShares(oneAdmin)).find(({ fingerprint }) => fingerprint === payloadOf(token).jti);
    await revoke(id);
    assert.equal(await other.stop(), 0);
    const again = await start();
    await again.ready;
    assert.equal(await granted(caller(again.url, basic(plugin)), token), false);
    await again.stop();
  });
  await one.stop();
  await cluster.stop();
}

/** What the minters before us put into a token: no jti, and the expiry in a member of its own. */
function legacyPayloads() {
  const { level, 'dicom-uid': uid } = study;
  const expiry = '2090-12-31T11:00:00+00:00';
  return {
    'link of generation 1': {
      id: 'legacy-1',
      dicom_uid: uid,
      orthanc_id: null,
      type: 'stone-viewer-publication',
      expiration_date: expiry,
    },
    'link of generation 3': {
      id: 'legacy-3',
      resources: [{ dicom_uid: uid, orthanc_id: null, url: null, level }],
      type: 'stone-viewer-publication',
      expiration_date: expiry,
      validity_duration: null,
    },
  };
}

function sign(payload) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', replicaSettings.SECRET_KEY).update(signed).digest('base64url')}`;
}

/** The last of 43 characters carries two bits that a careless decoder ignores: three further spellings of the same bytes. */
function oddSpellings(token) {
  const value = alphabet.indexOf(token.at(-1));
  assert.equal(value % 4, 0, 'the last character of a canonical signature has its unused bits zero');
  return [1, 2, 3].map((bits) => token.slice(0, -1) + alphabet[value + bits]);
}
