import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { admin, migrate, plugin, replicaSettings, startCluster } from './support/own-cluster.mjs';
import { startOrthanc } from './support/orthanc.mjs';
import { allShares, basic, caller, startService, temporaryFolder, undoLater, until } from './support/stage.mjs';

/** Milliseconds for which Orthanc's own caller of this address would wait. */
const callerWaits = 10_000;
const publication = 'stone-viewer-publication';
const roles = {
  'a-role': { 'authorized-labels': ['A'], permissions: ['share'] },
  'all-role': { 'authorized-labels': ['*'], permissions: ['share'] },
};
const uid = (number) => `1.2.276.0.7230010.3.1.2.900.${number}`;
const notThere = uid(99);

/** Who may share what, told by the labels of a real Orthanc; and what a share then opens there. */
export async function orthancShares({ check, dist }) {
  const orthanc = await startOrthanc();
  const issuer = await startIssuer();
  const cluster = await startCluster({ dist, name: 'orthanc' });
  const database = await cluster.createDatabase('orthanc');
  await migrate({ dist, ...database });
  const folder = await temporaryFolder('orthanc-data');
  const permissions = join(folder, 'permissions.json');
  await writeFile(permissions, JSON.stringify({ roles, 'available-labels': [] }));
  const [username, password] = orthanc.user.split(':');
  const start = (changes = {}) =>
    startService({
      dist,
      settings: {
        ...replicaSettings,
        DATA_DIR: folder,
        DATABASE_URL: database.applicationUrl,
        PERMISSIONS_FILE_PATH: permissions,
        OIDC_ISSUERS: issuer.settings,
        ORTHANC_URL: orthanc.url,
        ORTHANC_USERNAME: username,
        ORTHANC_PASSWORD: password,
        ...changes,
      },
    });
  const service = await start();
  await service.ready;
  const asAdmin = caller(service.url, basic(admin));
  const userOfA = { authorization: `Bearer ${issuer.token({ sub: 'user-a', roles: ['a-role'] })}` };
  const userOfAll = { authorization: `Bearer ${issuer.token({ sub: 'user-all', roles: ['all-role'] })}` };

  // One patient has both; another has two of label A; the images of `twins` came under two PatientIDs.
  const [a, b, unlabelled, c, d, twinA, twinB] = await Promise.all(
    [
      [1, 'SYS 1', ['A', 'x']],
      [2, 'SYS 1', ['B']],
      [3, 'SYS 2', []],
      [4, 'SYS 3', ['A']],
      [5, 'SYS 3', ['A']],
      [6, 'TWIN 1', ['A']],
      [6, 'TWIN 2', ['B']],
    ].map(async ([number, patientId, labels]) => {
      const ids = await orthanc.store({
        PatientID: patientId,
        IssuerOfPatientID: 'HOSPITAL-A',
        PatientName: 'System^Test',
        PatientBirthDate: '19700101',
        StudyInstanceUID: uid(number),
        StudyDate: `2024010${number}`,
        StudyDescription: `study ${number}`,
      });
      for (const label of labels) await orthanc.label(ids.study, label);
      return { ...ids, uid: uid(number) };
    }),
  );

  const mint = async (resources, { headers = userOfA, type = publication, at = service.url } = {}) =>
    answerOf(
      await fetch(`${at}/auth/tokens/${type}`, {
        method: 'PUT',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify({ Resources: resources, ValidityDuration: 3600 }),
        signal: AbortSignal.timeout(callerWaits),
      }),
    );
  const minted = async (...request) => {
    const { status, json } = await mint(...request);
    assert.equal(status, 200, JSON.stringify(json));
    return json.Token;
  };
  /** Answers the refusal, without what tells one request from another; the registry is as it was. */
  const refused = async (resources, more) => {
    const before = await allShares(asAdmin);
    const { status, json } = await mint(resources, more);
    assert.notEqual(status, 200, `it was minted: ${JSON.stringify(resources)}`);
    assert.deepEqual(await allShares(asAdmin), before);
    return { ...json, status, instance: undefined };
  };
  const isRefused = async (status, code, resources, more) => {
    const refusal = await refused(resources, more);
    assert.deepEqual([refusal.status, refusal.code], [status, code], JSON.stringify({ resources, refusal }));
    return refusal;
  };
  const isNotFound = (...request) => isRefused(404, 'study-not-found', ...request);
  const isUnavailable = (...request) => isRefused(503, 'orthanc-unavailable', ...request);
  /** The share that was minted last. */
  const latest = async () => (await allShares(asAdmin))[0];

  await labels();
  await patients();
  await changedLabels();
  await names();
  await wrongPassword();
  await outage();
  await filtered();
  await service.stop();
  await issuer.stop();
  await orthanc.stop();
  await cluster.stop();

  async function labels() {
    await check('it is Orthanc 1.12.7 of Debian 13, with labels', async () => {
      const system = await orthanc.done('GET', '/system');
      assert.deepEqual([system.Version, system.HasLabels], ['1.12.7', true]);
      assert.deepEqual((await orthanc.done('GET', `/studies/${a.study}`)).Labels, ['A', 'x']);
    });
    await check('a user with label A shares a study labelled A, and the record names the user', async () => {
      for (const ids of [byUid(a), byId(a), byBoth(a)]) {
        const token = await minted([ids]);
        const { mintedBy, type, state, resources } = await latest();
        assert.deepEqual([mintedBy, type, state], ['person:user-a', publication, 'live']);
        assert.deepEqual(
          resources.map(({ level, dicomUid, orthancId }) => ({ level, dicomUid, orthancId })),
          [{ level: 'study', dicomUid: ids.DicomUid ?? null, orthancId: ids.OrthancId ?? null }],
        );
        const { json } = await caller(service.url, basic(plugin))('POST', '/tokens/validate', {
          method: 'get',
          level: 'study',
          'dicom-uid': a.uid,
          'orthanc-id': a.study,
          'token-value': token,
        });
        assert.equal(json.granted, true);
      }
      for (const part of [
        series(a),
        { Level: 'series', OrthancId: a.series },
        { Level: 'instance', DicomUid: a.instanceUid },
      ])
        await minted([part]);
    });
    await check('a user with label A is refused a study labelled B, exactly as one that is not there', async () => {
      const nothing = [
        study({ DicomUid: notThere }),
        study({ OrthancId: a.study.replace(/[0-9a-f]/g, '0') }),
        { Level: 'series', DicomUid: notThere },
      ];
      const ofB = [
        byUid(b),
        byId(b),
        byBoth(b),
        series(b),
        { Level: 'series', OrthancId: b.series },
        { Level: 'instance', DicomUid: b.instanceUid },
        { Level: 'instance', OrthancId: b.instance },
      ];
      const answers = new Set();
      for (const resource of [...nothing, ...ofB, byBoth(unlabelled)])
        answers.add(JSON.stringify(await isNotFound([resource])));
      assert.equal(answers.size, 1, [...answers].join('\n'));
      for (const type of ['viewer-instant-link', 'download-instant-link']) await isNotFound([byBoth(b)], { type });
    });
    await check('a user with every label is granted the study labelled B, so it can be shared', async () => {
      await minted([byBoth(b)], { headers: userOfAll });
      assert.equal((await latest()).mintedBy, 'person:user-all');
      await isNotFound([study({ DicomUid: notThere })], { headers: userOfAll });
    });
    await check('a request for A and B is refused as a whole, in either order', async () => {
      await isNotFound([byBoth(a), byBoth(b)]);
      await isNotFound([byBoth(b), byBoth(a)]);
      await isNotFound([byBoth(a), byUid(c), series(b)]);
    });
    await check('the ids of A and B crossed in one resource are refused, to a user with every label too', async () => {
      for (const [one, other] of [
        [a, b],
        [b, a],
        [a, c],
      ]) {
        for (const headers of [userOfA, userOfAll])
          await isNotFound([study({ DicomUid: one.uid, OrthancId: other.study })], { headers });
      }
    });
    await check('a Study Instance UID that two patients have names no study by itself', async () => {
      await isNotFound([byUid(twinA)]);
      await isNotFound([byUid(twinA)], { headers: userOfAll });
      await isNotFound([byBoth(twinB)]);
      await minted([byBoth(twinA)]);
    });
    await check('an API key with label A shares A and not B, under its own name', async () => {
      const owner = { kind: 'service', name: 'ris' };
      const made = await asAdmin('POST', '/api/v1/api-keys', {
        name: 'ris',
        owner,
        permissions: ['share'],
        labels: ['A'],
      });
      assert.equal(made.status, 201, made.text);
      const headers = { 'api-key': made.json.key };
      await minted([byBoth(a)], { headers });
      assert.equal((await latest()).mintedBy, `key:${made.json.id}`);
      await isNotFound([byBoth(b)], { headers });
    });
  }

  async function patients() {
    const patient = (id) => ({ Level: 'patient', DicomUid: id });
    await check('a patient of whom one study lacks the label A is refused', async () => {
      await isNotFound([patient('SYS 1')]);
      await isNotFound([{ Level: 'patient', OrthancId: a.patient }]);
      await isNotFound([patient('SYS 2')]);
    });
    await check('a patient is shared as long as every study has the label A', async () => {
      await minted([patient('SYS 3')]);
      await orthanc.unlabel(d.study, 'A');
      await isNotFound([patient('SYS 3')]);
      await orthanc.label(d.study, 'A');
      await minted([{ Level: 'patient', OrthancId: c.patient }]);
    });
    await check('a PatientID in other letters is another one, although Orthanc finds it', async () => {
      for (const id of ['sys 3', 'SYS 3 ']) {
        assert.deepEqual(await orthanc.lookUp(id), [c.patient]);
        await isNotFound([patient(id)]);
      }
    });
    await check('a PatientID with a wildcard, which Orthanc refuses to look up, names nothing', async () => {
      for (const headers of [userOfA, userOfAll])
        for (const id of ['SYS*', 'SYS ?', '*']) await isNotFound([patient(id)], { headers });
    });
  }

  async function changedLabels() {
    await check(
      'a label A set on B in Orthanc lets the same request through, and taken away refuses it again',
      async () => {
        await isNotFound([byBoth(b)]);
        await orthanc.label(b.study, 'A');
        await minted([byBoth(b)]);
        await minted([byBoth(a), byBoth(b)]);
        await orthanc.unlabel(b.study, 'A');
        await isNotFound([byBoth(b)]);
      },
    );
    await check('a label in other letters is another one', async () => {
      await orthanc.label(b.study, 'a');
      await isNotFound([byBoth(b)]);
      await orthanc.unlabel(b.study, 'a');
    });
  }

  async function names() {
    await check('after minting, the record shows patient, issuer, date, description and labels', async () => {
      await minted([byBoth(a)]);
      const { id } = await latest();
      const found = await until(
        'the studies of the share are known',
        async () => {
          const { status, json, text } = await asAdmin('GET', `/api/v1/shares/${id}/studies`);
          assert.equal(status, 200, text);
          return json.state === 'resolved' && json;
        },
        10_000,
      );
      assert.deepEqual(
        found.items.map((one) => ({ ...one, resolvedAt: undefined })),
        [
          {
            resolvedAt: undefined,
            studyDicomUid: a.uid,
            studyOrthancId: a.study,
            patientId: 'SYS 1',
            patientIdIssuer: 'HOSPITAL-A',
            studyDate: '20240101',
            description: 'study 1',
            labels: ['A', 'x'],
          },
        ],
      );
    });
  }

  async function wrongPassword() {
    const wrong = 'not-the-password-of-orthanc';
    const other = await start({ ORTHANC_PASSWORD: wrong });
    await other.ready;
    await check('a wrong ORTHANC_PASSWORD: 503 and nothing minted, for every user', async () => {
      for (const headers of [userOfA, userOfAll]) await isUnavailable([byBoth(a)], { headers, at: other.url });
    });
    await check('a wrong ORTHANC_PASSWORD: the log names the settings and no password', async () => {
      const failed = () => other.events.filter(({ code }) => code === 'orthanc-unavailable');
      await until('the refusals are logged', () => failed().length >= 2, 5_000);
      for (const { cause } of failed()) assert.match(cause, /ORTHANC_USERNAME and ORTHANC_PASSWORD/);
      const text = JSON.stringify(other.events);
      const encoded = Buffer.from(`${username}:${wrong}`).toString('base64');
      for (const secret of [wrong, password, encoded]) assert.ok(!text.includes(secret), 'a password is in the log');
    });
    await other.stop();
  }

  async function outage() {
    await check('Orthanc frozen: 503 within the ten seconds for which its own caller waits', async () => {
      orthanc.freeze();
      try {
        await isUnavailable([byBoth(a)]);
      } finally {
        orthanc.thaw();
      }
      await minted([byBoth(a)]);
    });
    await orthanc.stop();
    await check('Orthanc stopped: 503 and nothing minted, for every user and every way to name a study', async () => {
      for (const headers of [userOfA, userOfAll])
        for (const resource of [byUid(a), byId(a), byBoth(a), series(a), byBoth(b)])
          await isUnavailable([resource], { headers });
      assert.equal((await asAdmin('GET', '/health/live')).status, 200);
    });
    await orthanc.start();
    await check('Orthanc started again: shares are made and refused as before, without a restart', async () => {
      await minted([byBoth(a)]);
      await isNotFound([byBoth(b)]);
    });
  }

  /** A filter in Orthanc stands for the plugin, which Debian does not have. It keeps no answer. */
  async function filtered() {
    await orthanc.stop();
    await orthanc.start({
      filter: filterAsking({ url: `${service.url}/tokens/validate`, authorization: basic(plugin), trusted: username }),
    });
    const read = async (path, token, { method = 'GET', body } = {}) => {
      const headers = { authorization: basic(orthanc.front), ...(token === undefined ? {} : { token }) };
      const response = await fetch(orthanc.url + path, { method, body, headers, signal: AbortSignal.timeout(20_000) });
      return { status: response.status, text: await response.text() };
    };
    const statuses = async (paths, token) => Promise.all(paths.map(async (path) => (await read(path, token)).status));
    const pathsOf = (one) => [
      `/studies/${one.study}`,
      `/studies/${one.study}/archive`,
      `/series/${one.series}`,
      `/instances/${one.instance}/file`,
      `/dicom-web/studies/${one.uid}/series`,
      `/dicom-web/studies/${one.uid}/metadata`,
    ];
    const all = (status) => pathsOf(a).map(() => status);
    let token;
    await check('Orthanc asks the service about every request: a share of A reads A and not B', async () => {
      token = await minted([byBoth(a)]);
      assert.deepEqual(await statuses(pathsOf(a), token), all(200));
      assert.deepEqual(await statuses(pathsOf(b), token), all(403));
      const { text } = await read(`/dicom-web/studies/${a.uid}/metadata`, token);
      assert.equal(JSON.parse(text)[0]['0020000D'].Value[0], a.uid);
    });
    await check('without a token, and with one that is not ours, nothing is read', async () => {
      for (const none of [undefined, 'x', `${token.slice(0, -2)}xx`])
        assert.deepEqual(await statuses(pathsOf(a), none), all(403));
      assert.deepEqual(
        await statuses(['/studies', '/patients', '/system', '/dicom-web/studies'], token),
        [403, 403, 403, 403],
      );
    });
    await check('a share of A changes nothing in A', async () => {
      const tries = [
        [`/studies/${a.study}`, { method: 'DELETE' }],
        [`/studies/${a.study}/labels/stolen`, { method: 'PUT' }],
        [`/studies/${a.study}/labels/stolen?_method=PUT`],
        [`/studies/${a.study}/modify`, { method: 'POST', body: '{"Replace":{"PatientName":"Eve"}}' }],
        [`/studies/${a.study}/merge`, { method: 'POST', body: JSON.stringify({ Resources: [b.study] }) }],
      ];
      for (const [path, request] of tries)
        assert.equal((await read(path, token, request)).status, 403, `${request?.method} ${path}`);
      const { Labels, Series } = await orthanc.done('GET', `/studies/${a.study}`);
      assert.deepEqual([Labels, Series], [['A', 'x'], [a.series]]);
    });
    await check('the credential of the service passes the filter: shares are made, and B is refused', async () => {
      await minted([byBoth(a)]);
      await isNotFound([byBoth(b)]);
    });
    await check('a revoked share is refused by Orthanc within a second, and another one of A goes on', async () => {
      const other = await minted([byBoth(a)]);
      const { id } = await latest();
      const [path] = pathsOf(a);
      assert.deepEqual([(await read(path, other)).status, (await read(path, token)).status], [200, 200]);
      const revoked = await asAdmin('POST', `/api/v1/shares/${id}/revoke`, { reason: 'sent to the wrong address' });
      assert.equal(revoked.status, 200, revoked.text);
      await until('the share is refused', async () => (await read(path, other)).status === 403, 1_000);
      assert.deepEqual(await statuses(pathsOf(a), other), all(403));
      assert.deepEqual(await statuses(pathsOf(a), token), all(200));
    });
    await check('the service stopped: Orthanc lets no share in', async () => {
      await service.stop();
      assert.deepEqual(await statuses(pathsOf(a), token), all(403));
    });
    await check('the log of the service names no patient, and holds no token and no password', async () => {
      const text = JSON.stringify(service.events);
      assert.match(text, /"orthanc-unavailable"/);
      assert.doesNotMatch(text, /System\^Test|SYS \d|TWIN \d|19700101/);
      for (const secret of [token, token.split('.')[2], password, userOfA.authorization.split('.')[2]])
        assert.ok(!text.includes(secret));
    });
  }
}

const study = (ids) => ({ Level: 'study', ...ids });
const byUid = (one) => study({ DicomUid: one.uid });
const byId = (one) => study({ OrthancId: one.study });
const byBoth = (one) => study({ DicomUid: one.uid, OrthancId: one.study });
const series = (one) => ({ Level: 'series', DicomUid: one.seriesUid });

async function answerOf(response) {
  const text = await response.text();
  return { status: response.status, json: JSON.parse(text) };
}

/**
 * Lua that asks about every request what the plugin asks with `"CheckedLevel": "studies"`. Its own look at the archive does
 * not pass the filter again. Requests wait for each other here, so what it asks must not need Orthanc.
 */
const filterAsking = ({ url, authorization, trusted }) => `
local headers = { ["authorization"] = ${JSON.stringify(authorization)}, ["content-type"] = "application/json" }

local function studyOf(uri)
  local kind, id = string.match(uri, "^/(%l+)/([%x-]+)")
  if kind == "studies" then return RestApiGet("/studies/" .. id) end
  if kind == "series" or kind == "instances" then return RestApiGet("/" .. kind .. "/" .. id .. "/study") end
  local uid = string.match(uri, "^/dicom%-web/studies/([%d.]+)")
  if uid == nil then return nil end
  for _, match in ipairs(ParseJson(RestApiPost("/tools/lookup", uid))) do
    if match["Type"] == "Study" then return RestApiGet("/studies/" .. match["ID"]) end
  end
end

function IncomingHttpRequestFilter(method, uri, ip, username, given)
  if username == ${JSON.stringify(trusted)} then return true end
  local text = studyOf(uri)
  if text == nil or given["token"] == nil then return false end
  local study = ParseJson(text)
  local question = {
    ["method"] = string.lower(method),
    ["level"] = "study",
    ["orthanc-id"] = study["ID"],
    ["dicom-uid"] = study["MainDicomTags"]["StudyInstanceUID"],
    ["token-key"] = "token",
    ["token-value"] = given["token"]
  }
  if #study["Labels"] > 0 then question["labels"] = study["Labels"] end
  local answer = HttpPost(${JSON.stringify(url)}, DumpJson(question), headers)
  return answer ~= nil and ParseJson(answer)["granted"] == true
end
`;

/** An issuer of access tokens, as much of one as the service asks for. */
async function startIssuer() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kid = 'system-tests';
  const keys = [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }];
  const server = createServer(({ url }, response) => {
    const json = url === '/keys' ? { keys } : { issuer, jwks_uri: `${issuer}keys` };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${server.address().port}/`;
  const stop = undoLater(async () => {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });
  const encoded = (json) => Buffer.from(JSON.stringify(json)).toString('base64url');
  return {
    settings: JSON.stringify([{ name: 'person', issuer, audience: 'warden' }]),
    token: (claims) => {
      const now = Math.floor(Date.now() / 1000);
      const payload = { iss: issuer, aud: 'warden', client_id: 'viewer', iat: now, exp: now + 3600, ...claims };
      const signed = `${encoded({ alg: 'RS256', typ: 'at+jwt', kid })}.${encoded(payload)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    stop,
  };
}
