import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { installPackages } from './support/debian.mjs';
import { freePort } from './support/orthanc.mjs';
import {
  askByTls,
  certificateIn,
  clientFiles,
  fillIn,
  hardenedFolder,
  startHardened,
  variablesOf,
  warden,
} from './support/orthanc-pair.mjs';
import { caller } from './support/stage.mjs';

const dicomWeb = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';
const uid = (number) => `1.2.276.0.7230010.3.1.2.901.${number}`;
const sopClasses = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  OT: '1.2.840.10008.5.1.4.1.1.7',
};

/** What `warden harden` writes, used by real Orthancs: two sites with mutual TLS, and one that only shows. */
export async function mutualTls({ check, dist }) {
  const place = await hardenedFolder();
  const { folder, inside } = place;
  const pki = join(folder, 'pki');
  const run = (...args) => warden({ dist, folder, args });
  const ports = {
    a: await freePort(),
    aDicom: await freePort(),
    b: await freePort(),
    bDicom: await freePort(),
    c: await freePort(),
  };

  const told = await run(
    ...['harden', 'certificates', '--out', 'pki', '--group', String(place.gid)],
    ...['--orthanc', 'site-a=127.0.0.1,localhost', '--orthanc', 'site-b=127.0.0.1', '--client', 'jan'],
  );
  await run('harden', 'certificates', '--out', 'foreign', '--authority', 'Another authority', '--client', 'eve');
  const site = ({ name, other, https, dicom, otherHttps, otherDicom, accept, upload }) =>
    run(
      ...['harden', 'orthanc', '--out', name, '--at', `${inside}/${name}`, '--storage', `${inside}/${name}-storage`],
      ...['--group', String(place.gid), '--plugin', dicomWeb, '--access', 'users'],
      ...['--reader', 'reader', '--sender', other, '--https', 'own', '--certificates', `pki/${name}`, '--mutual-tls'],
      ...['--http-port', String(https), '--dicom', aetOf(name), '--dicom-port', String(dicom), '--dicom-tls'],
      ...['--modality', `${other},${aetOf(other)},127.0.0.1,${otherDicom},echo+store`],
      ...['--accept', `${aetOf(other)}=${accept}`, '--accept-upload', upload],
      ...['--peer', `${other},https://127.0.0.1:${otherHttps}/,${name}`],
      ...['--dicomweb-server', `${other},https://127.0.0.1:${otherHttps}/dicom-web/,${name}`],
    );
  const fromA = { name: 'site-a', other: 'site-b', https: ports.a, dicom: ports.aDicom };
  const fromB = { name: 'site-b', other: 'site-a', https: ports.b, dicom: ports.bDicom };
  await site({ ...fromA, otherHttps: ports.b, otherDicom: ports.bDicom, accept: 'CT', upload: `CT+OT` });
  // By its SOP class only: MR images are taken from nobody.
  await site({ ...fromB, otherHttps: ports.a, otherDicom: ports.aDicom, accept: sopClasses.CT, upload: 'CT+PX' });

  let [ofA, ofB] = [await variablesOf(folder, 'site-a'), await variablesOf(folder, 'site-b')];
  for (const [name, other, password] of [
    ['site-a', 'SITE_B', ofB.USER_SITE_A_PASSWORD],
    ['site-b', 'SITE_A', ofA.USER_SITE_B_PASSWORD],
  ])
    await fillIn(folder, name, { [`PEER_${other}_PASSWORD`]: password, [`DICOMWEB_${other}_PASSWORD`]: password });
  [ofA, ofB] = [await variablesOf(folder, 'site-a'), await variablesOf(folder, 'site-b')];

  const ca = await readFile(join(pki, 'authority/ca.pem'), 'utf8');
  const jan = await clientFiles(pki, 'jan');
  /** As somebody with a certificate, unless `client` says otherwise. */
  const asker =
    (port, user) =>
    (method, path, body, more = {}) =>
      askByTls({ port, ca, client: jan, user, method, path, body, ...more });
  const adminOfA = asker(ports.a, `admin:${ofA.USER_ADMIN_PASSWORD}`);
  const adminOfB = asker(ports.b, `admin:${ofB.USER_ADMIN_PASSWORD}`);
  const reader = asker(ports.a, `reader:${ofA.USER_READER_PASSWORD}`);
  const sender = asker(ports.a, `site-b:${ofA.USER_SITE_B_PASSWORD}`);
  const start = (name, variables, ask) =>
    startHardened({ place, name, variables, probe: async () => (await ask('GET', '/system')).status });
  const siteA = await start('site-a', ofA, adminOfA);
  const siteB = await start('site-b', ofB, adminOfB);

  const done = async (asked) => {
    const answer = await asked;
    assert.equal(answer.status, 200, answer.text);
    return answer.json;
  };
  /** Stores an image; answers its ids, or undefined when it was thrown away. */
  const store = async (ask, number, modality) => {
    const tags = {
      PatientID: `TLS ${number}`,
      StudyInstanceUID: uid(number),
      SeriesInstanceUID: `${uid(number)}.1`,
      SOPInstanceUID: `${uid(number)}.1.1`,
      SOPClassUID: sopClasses[modality],
      Modality: modality,
    };
    const { json } = await ask('POST', '/tools/create-dicom', { Force: true, Tags: tags });
    const found = await done(ask('POST', '/tools/find', { Level: 'Study', Query: { StudyInstanceUID: uid(number) } }));
    return found.length === 0 ? undefined : { study: found[0], instance: json.ID };
  };
  const has = async (ask, number) => {
    const query = { Level: 'Study', Query: { StudyInstanceUID: uid(number) } };
    return (await done(ask('POST', '/tools/find', query))).length === 1;
  };
  const ct = await store(adminOfA, 1, 'CT');

  await files();
  await handshakes();
  await exchange();
  await images();
  await users();
  await showing();
  await siteA.stop();

  async function files() {
    await check('keys and passwords are for the owner and the group of Orthanc only', async () => {
      for (const path of [
        'site-a/orthanc.env',
        'site-a/tls/key-and-certificate.pem',
        'site-a/tls/client-key.pem',
        'pki/site-a/key.pem',
      ]) {
        const { mode, gid } = await stat(join(folder, path));
        assert.deepEqual([(mode & 0o777).toString(8), gid], ['640', place.gid], path);
      }
      assert.equal((await stat(join(pki, 'authority/ca-key.pem'))).mode & 0o777, 0o600);
      assert.equal((await stat(join(pki, 'jan/jan.p12'))).mode & 0o777, 0o600);
    });
    await check('openssl takes the file for browsers, the chain and the purposes for good', async () => {
      if (!existsSync('/usr/bin/openssl')) installPackages('openssl is missing', ['openssl']);
      const openssl = (...args) =>
        execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
      const [, password] = /jan\.p12, told this once: (\S+)/.exec(told);
      const content = openssl('pkcs12', '-in', join(pki, 'jan/jan.p12'), '-passin', `pass:${password}`, '-nodes');
      assert.match(content, /BEGIN PRIVATE KEY/);
      assert.equal(content.match(/BEGIN CERTIFICATE/g).length, 2);
      assert.throws(() => openssl('pkcs12', '-in', join(pki, 'jan/jan.p12'), '-passin', 'pass:x', '-nodes'));
      const verify = (purpose, name) =>
        openssl(
          'verify',
          '-x509_strict',
          '-purpose',
          purpose,
          '-CAfile',
          join(pki, 'authority/ca.pem'),
          join(pki, name, 'certificate.pem'),
        );
      for (const purpose of ['sslserver', 'sslclient']) assert.match(verify(purpose, 'site-a'), /: OK/);
      assert.match(verify('sslclient', 'jan'), /: OK/);
      assert.throws(() => verify('sslserver', 'jan'));
    });
    await check('a second run with --force makes a new certificate that the first authority signed', async () => {
      const before = await certificateIn(pki, 'jan');
      await run('harden', 'certificates', '--out', 'pki', '--client', 'jan', '--force');
      const after = await certificateIn(pki, 'jan');
      assert.notEqual(after.serialNumber, before.serialNumber);
      const status = (await askByTls({ port: ports.a, ca, client: await clientFiles(pki, 'jan'), path: '/system' }))
        .status;
      assert.equal(status, 401);
    });
  }

  async function handshakes() {
    const user = `admin:${ofA.USER_ADMIN_PASSWORD}`;
    await check('a client without a certificate is refused, with the password of an administrator too', async () => {
      for (const path of ['/system', '/app/explorer.html', '/dicom-web/studies'])
        await assert.rejects(askByTls({ port: ports.a, ca, path, user }), isTlsRefusal);
    });
    await check('a client with a certificate of another authority is refused', async () => {
      const client = await clientFiles(folder, 'foreign/eve');
      await assert.rejects(askByTls({ port: ports.a, ca, client, path: '/system', user }), isTlsRefusal);
    });
    await check('a client with a certificate is accepted, and still needs a password', async () => {
      assert.equal((await askByTls({ port: ports.a, ca, client: jan, path: '/system', user })).status, 200);
      assert.equal((await askByTls({ port: ports.a, ca, client: jan, path: '/system' })).status, 401);
      const orthanc = { port: ports.a, ca, client: jan, path: '/system', user: 'orthanc:orthanc' };
      assert.equal((await askByTls(orthanc)).status, 401);
    });
    await check('what speaks plain HTTP is not answered', async () => {
      const plain = caller(`http://127.0.0.1:${ports.a}`, 'Basic eDp5');
      const answer = await plain('GET', '/system', undefined, 5_000).catch(() => undefined);
      assert.notEqual(answer?.status, 200);
    });
    await check('the certificate of the server holds for its addresses only', async () => {
      const client = { ...jan, servername: 'localhost' };
      assert.equal((await askByTls({ port: ports.a, ca, client, path: '/system', user })).status, 200);
      await assert.rejects(
        askByTls({ port: ports.b, ca, client, path: '/system', user }),
        (error) => error.code === 'ERR_TLS_CERT_ALTNAME_INVALID',
      );
    });
  }

  async function exchange() {
    await check('as a peer, with its certificate, one Orthanc sends a study to the other', async () => {
      await done(adminOfA('GET', '/peers/site-b/system'));
      assert.equal(await has(adminOfB, 1), false);
      await done(adminOfA('POST', '/peers/site-b/store', { Resources: [ct.study] }));
      assert.equal(await has(adminOfB, 1), true);
    });
    await check('and by DICOMweb', async () => {
      const other = await store(adminOfA, 2, 'CT');
      await done(adminOfA('POST', '/dicom-web/servers/site-b/stow', { Resources: [other.study] }));
      assert.equal(await has(adminOfB, 2), true);
    });
    await check('and by DICOM with TLS', async () => {
      const other = await store(adminOfA, 3, 'CT');
      await done(adminOfA('POST', '/modalities/site-b/echo', {}));
      await done(adminOfA('POST', '/modalities/site-b/store', { Resources: [other.study] }));
      assert.equal(await has(adminOfB, 3), true);
    });
    await check('the user of a peer stores and does nothing else', async () => {
      assert.equal((await sender('GET', '/system')).status, 200);
      for (const [method, path] of [
        ['GET', '/studies'],
        ['GET', `/studies/${ct.study}`],
        ['GET', '/dicom-web/studies'],
        ['POST', '/tools/find'],
        ['DELETE', `/studies/${ct.study}`],
      ])
        assert.equal((await sender(method, path, method === 'POST' ? {} : undefined)).status, 403, `${method} ${path}`);
    });
  }

  async function images() {
    await check('by HTTP, only images of the listed modalities are taken', async () => {
      assert.notEqual(await store(adminOfA, 4, 'OT'), undefined);
      assert.equal(await store(adminOfA, 5, 'MR'), undefined);
    });
    await check('by DICOM, only what the AET may store, and the log says what was thrown away', async () => {
      const { study } = await store(adminOfA, 6, 'OT');
      await done(adminOfA('POST', '/modalities/site-b/store', { Resources: [study] }));
      assert.equal(await has(adminOfB, 6), false);
      assert.match(siteB.said(), /Thrown away by store.lua: an image of modality OT, SOP class [\d.]+, from SITE_A/);
    });
    await check('an AET that is not listed is not listened to', async () => {
      const entry = { AET: 'SITE_B', Host: '127.0.0.1', Port: ports.bDicom, UseDicomTls: true, LocalAet: 'STRANGER' };
      await done(adminOfA('PUT', '/modalities/stranger', entry));
      assert.notEqual((await adminOfA('POST', '/modalities/stranger/echo', {})).status, 200);
      assert.notEqual((await adminOfA('POST', '/modalities/stranger/store', { Resources: [ct.study] })).status, 200);
      await done(adminOfA('PUT', '/modalities/stranger', { ...entry, AET: 'ANOTHER', LocalAet: 'SITE_A' }));
      assert.notEqual((await adminOfA('POST', '/modalities/stranger/echo', {})).status, 200);
      await done(adminOfA('PUT', '/modalities/stranger', { ...entry, UseDicomTls: false, LocalAet: 'SITE_A' }));
      assert.notEqual((await adminOfA('POST', '/modalities/stranger/echo', {})).status, 200);
    });
  }

  async function users() {
    const study = `/studies/${ct.study}`;
    await check('a reader looks and searches', async () => {
      for (const path of [study, '/studies', `${study}/archive`, '/dicom-web/studies', '/system'])
        assert.equal((await reader('GET', path)).status, 200, path);
      assert.equal(await has(reader, 1), true);
    });
    await check('a reader changes nothing, by no dressed-up method either', async () => {
      for (const [method, path, headers] of [
        ['DELETE', study],
        ['GET', `${study}?_method=DELETE`],
        ['GET', `${study}/labels/x?_method=PUT`],
        ['GET', study, { 'x-http-method-override': 'DELETE' }],
        ['POST', study, { 'X-HTTP-Method-Override': 'DELETE' }],
        ['PUT', `${study}/labels/x`],
        ['POST', `${study}/anonymize`],
        ['POST', `${study}/modify`],
        ['POST', '/instances'],
        ['POST', '/dicom-web/studies'],
        ['POST', '/tools/execute-script'],
        ['POST', '/tools/reset'],
        ['POST', '/tools/find/../reset'],
        ['POST', '/tools//find/x'],
      ]) {
        const body = method === 'POST' ? {} : undefined;
        assert.equal((await reader(method, path, body, { headers })).status, 403, `${method} ${path}`);
      }
      assert.deepEqual((await done(reader('GET', study))).Labels, []);
    });
    await check('an administrator works on the machine itself, not through a proxy', async () => {
      for (const name of ['x-forwarded-for', 'Via', 'Forwarded'])
        assert.equal(
          (await adminOfA('GET', '/system', undefined, { headers: { [name]: '10.0.0.1' } })).status,
          403,
          name,
        );
      assert.equal((await adminOfA('POST', '/tools/execute-script', 'print(1)')).status, 403, 'ExecuteLuaEnabled');
      const { study: gone } = await store(adminOfA, 7, 'CT');
      await done(adminOfA('DELETE', `/studies/${gone}`));
      assert.equal(await has(adminOfA, 7), false);
    });
    await check('WebDAV is off', async () => {
      assert.notEqual((await adminOfA('PROPFIND', '/webdav/', undefined, { headers: { depth: '1' } })).status, 207);
    });
  }

  async function showing() {
    const [id] = await done(adminOfB('POST', '/tools/find', { Level: 'Study', Query: { StudyInstanceUID: uid(1) } }));
    await siteB.stop();
    const options = ['--access', 'users', '--reader', 'reader', '--https', 'own', '--certificates', 'pki/site-b'];
    const place3 = [
      '--http-port',
      String(ports.c),
      '--storage',
      `${inside}/site-b-storage`,
      '--group',
      String(place.gid),
    ];
    const shown = async (name, option) => {
      await run(
        'harden',
        'orthanc',
        '--out',
        name,
        '--at',
        `${inside}/${name}`,
        ...options,
        ...place3,
        '--plugin',
        dicomWeb,
        option,
      );
      const variables = await variablesOf(folder, name);
      const admin = asker(ports.c, `admin:${variables.USER_ADMIN_PASSWORD}`);
      const looker = asker(ports.c, `reader:${variables.USER_READER_PASSWORD}`);
      const probe = async () => (await admin('GET', '/system')).status;
      return {
        admin,
        looker,
        orthanc: await startHardened({ place, name, storage: 'site-b-storage', variables, probe }),
      };
    };
    await check('a get-only Orthanc: readers look, nobody but the administrator changes', async () => {
      const { admin, looker, orthanc } = await shown('get-only', '--get-only');
      assert.equal((await looker('GET', `/studies/${id}`)).status, 200);
      assert.equal((await looker('GET', `/dicom-web/studies/${uid(1)}/metadata`)).status, 200);
      assert.equal((await looker('POST', '/tools/find', {})).status, 403);
      assert.equal((await looker('DELETE', `/studies/${id}`)).status, 403);
      assert.equal((await looker('GET', `/studies/${id}?_method=DELETE`)).status, 403);
      await done(admin('DELETE', `/studies/${(await done(admin('GET', '/studies'))).find((one) => one !== id)}`));
      await orthanc.stop();
    });
    await check('an Orthanc without its variables does not start: its passwords would be empty', async () => {
      const empty = asker(ports.c, 'admin:');
      const probe = async () => (await empty('GET', '/system')).status;
      await assert.rejects(
        startHardened({ place, name: 'get-only', storage: 'site-b-storage', variables: {}, probe }),
        /USER_ADMIN_PASSWORD has no value/,
      );
    });
    await check('a read-only Orthanc: nobody changes anything, whoever asks', async () => {
      const { admin, looker, orthanc } = await shown('read-only', '--read-only');
      assert.equal((await looker('GET', `/studies/${id}`)).status, 200);
      assert.equal((await looker('GET', `/dicom-web/studies/${uid(1)}/metadata`)).status, 200);
      for (const [method, path, body] of [
        ['DELETE', `/studies/${id}`],
        ['PUT', `/studies/${id}/labels/x`, ''],
        ['POST', `/studies/${id}/modify`, { Replace: { PatientName: 'x' }, KeepSource: false }],
      ])
        assert.notEqual((await admin(method, path, body)).status, 200, `${method} ${path}`);
      assert.deepEqual((await done(admin('GET', `/studies/${id}`))).Labels, []);
      await orthanc.stop();
    });
  }
}

const aetOf = (name) => name.toUpperCase().replace('-', '_');

/** TLS ended without an answer. */
function isTlsRefusal(error) {
  assert.match(error.code ?? '', /^(ECONNRESET|EPIPE|ERR_SSL_|EPROTO)/, error.message);
  return true;
}
