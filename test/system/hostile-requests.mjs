import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { dicomStudy } from './support/dicom-studies.mjs';
import { hostileAddresses } from './support/hospital-hostile-addresses.mjs';
import { hostileRequests as requestsByKind } from './support/hospital-hostile-requests.mjs';
import { http2Client, rawClient, requestText, statusesOf } from './support/hospital-raw-client.mjs';
import { marker } from './support/hospital-stack.mjs';
import { basic, caller, pause, until } from './support/stage.mjs';

const least = 80;

/**
 * Somebody with a link to study `a` sends what no browser would, as bytes, through nginx: nothing of the other studies comes
 * back, Orthanc is asked for nothing but what the guard has judged, and is the same afterwards.
 * @param viewerToken of a viewer that runs in a browser
 */
export async function hostileRequests({ check, hospital, viewerToken }) {
  const { origin, studies, taps, orthanc, certificates } = hospital;
  const host = new URL(origin).host;
  const send = await rawClient({ origin, authority: certificates.authority });
  const sendHttp2 = await http2Client({ origin, authority: certificates.authority });
  const asked = await askedOf(orthanc);
  const asOperator = caller(orthanc.url, basic(orthanc.user));
  const idsOf = (one) => [one.uid, one.study, ...one.images.flatMap(({ series, instance }) => [series, instance])];
  const foreign = [marker, ...[studies.b, studies.c].flatMap((one) => [...idsOf(one), one.seriesUid, one.instanceUid])];
  const tokens = await makeTokens();
  const before = await stateOf();
  const kinds = {
    ...hostileAddresses(studies),
    ...requestsByKind({ studies, tokens, host, orthancHost: new URL(orthanc.url).host }),
  };
  const count = Object.values(kinds).flat().length;

  for (const [kind, requests] of Object.entries(kinds))
    await check(`${kind}: none of ${requests.length} hostile requests reaches anything outside the share`, async () => {
      const holes = [];
      for (const request of requests)
        holes.push(...(await problemsOf(request)).map((what) => `${request.title}: ${what}`));
      assert.deepEqual(holes, []);
    });
  await check(`after ${count} hostile requests Orthanc is as it was`, async () => {
    assert.ok(count >= least);
    assert.deepEqual(await stateOf(), before);
  });
  await check('a study whose UID another patient has too: nothing of the other one is shown', () => twins());

  /** What went wrong with it; none: it was as harmless as it has to be. */
  async function problemsOf(request) {
    for (const tap of Object.values(taps)) tap.entries.length = 0;
    const late = await asked.since();
    const bytes = request.fields === undefined ? bytesOf(request) : JSON.stringify(request.fields);
    const answer = await (request.fields === undefined ? send(bytes) : sendHttp2(request.fields));
    const requested = await asked.since();
    return [
      ...answerProblems(answer, request, bytes),
      ...forwardingProblems(request),
      ...(requested.length === taps.orthanc.entries.length
        ? []
        : [`Orthanc read ${requested.length} requests, nginx sent ${taps.orthanc.entries.length}`]),
      ...late.map(({ method, uri }) => `before it Orthanc read one more: ${method} ${uri}`),
    ];
  }

  /** DICOMweb has no name for one of the two. */
  async function twins() {
    const { one, other } = await storeTwins(orthanc);
    const body = {
      type: 'ohif-viewer-publication',
      resources: [{ level: 'study', dicomUid: one.uid, orthancId: one.study }],
      validityDuration: 3600,
    };
    const { token } = (await hospital.asDoctor('POST', '/api/v1/shares', body)).json;
    const answers = {};
    for (const path of [
      `/studies/${one.study}`,
      `/studies/${other.study}`,
      `/instances/${other.instance}/file`,
      `/dicom-web/studies/${one.uid}/metadata`,
      `/dicom-web/studies/${one.uid}/series`,
      `/dicom-web/studies/${one.uid}`,
      `/dicom-web/studies?StudyInstanceUID=${one.uid}`,
      `/dicom-web/instances?StudyInstanceUID=${one.uid}`,
    ])
      answers[path] = await send(bytesOf({ path, credential: `token: ${token}` }));
    const refused = Object.entries(answers).filter(([, answer]) => statusesOf(answer)[0] === 403);
    assert.deepEqual(
      refused.map(([path]) => path),
      Object.keys(answers).slice(1),
    );
    assert.deepEqual(statusesOf(answers[`/studies/${one.study}`]), [200]);
    const shown = Object.entries(answers).filter(([, answer]) => inAny([answer, unzipped(answer)], marker));
    assert.deepEqual(
      shown.map(([path]) => path),
      [],
    );
    for (const { study } of [one, other]) await asOperator('DELETE', `/studies/${study}`);
  }

  function bytesOf({ raw, path, target, credential = `Authorization: Bearer ${tokens.a}`, headers = [], ...more }) {
    if (raw !== undefined) return raw;
    const all = credential === null ? headers : [credential, ...headers];
    return requestText({ host, path: target ?? `/orthanc${path}`, headers: all, ...more });
  }

  function answerProblems(answer, { may, target, told }, bytes) {
    // Orthanc repeats the address of what it has not.
    const unsaid = foreign.filter((one) => !bytes.includes(one));
    const shown = unsaid.filter((one) => inAny([answer, unzipped(answer)], one));
    const problems = shown.map((one) => `it was shown ${one}`);
    // The guard's answer is for the proxy: whoever has it need not ask again.
    for (const header of ['token', 'x-warden-uri', 'authorization', 'api-key'])
      if (new RegExp(`\\n${header}:`, 'i').test(answer.toString('latin1'))) problems.push(`it was told ${header}`);
    if (told !== undefined && statusesOf(answer)[0] !== told)
      problems.push(`it was answered ${statusesOf(answer).join(', ')}, not ${told}`);
    // A mistyped part of the site may show a page that is the same for everybody.
    if (may === undefined && target === undefined && statusesOf(answer).some((status) => status < 400))
      problems.push(`it was answered ${statusesOf(answer).join(', ')}`);
    return problems;
  }

  /** What Orthanc was asked is what the guard gave, in order and every byte, and is about the share. */
  function forwardingProblems({ may }) {
    const judged = taps.guard.entries.filter(({ uri, status }) => uri.startsWith('/forward-auth') && status === 204);
    const given = judged.filter(({ answer }) => answer['x-warden-upstream'] === 'orthanc');
    const forwarded = taps.orthanc.entries.map(({ method, uri }) => `${method} ${uri}`);
    const allowed = given.map(({ headers, answer }) => `${headers['x-original-method']} ${answer['x-warden-uri']}`);
    const problems = [];
    // nginx may find the body bad when the head was judged.
    if (
      forwarded.some((one, index) => one !== allowed[index]) ||
      (may === undefined && forwarded.length < allowed.length)
    )
      problems.push(`forwarded ${forwarded.join(', ')} and judged ${allowed.join(', ')}`);
    const elsewhere = forwarded.filter((one) => ![studies.a.study, studies.a.uid].some((id) => one.includes(id)));
    if (elsewhere.length > 0) problems.push(`Orthanc was asked ${elsewhere.join(', ')}`);
    if (may !== 'reach' && forwarded.length > 0) problems.push(`let through: ${forwarded.join(', ')}`);
    return problems;
  }

  async function makeTokens() {
    const resources = [{ level: 'study', dicomUid: studies.a.uid, orthancId: studies.a.study }];
    const share = async (more) => {
      const body = { type: 'ohif-viewer-publication', resources, validityDuration: 3600, ...more };
      const { status, json, text } = await hospital.asDoctor('POST', '/api/v1/shares', body);
      assert.equal(status, 201, text);
      return json;
    };
    const [a, other, expired, gated, revoked, noArchive] = [
      await share(),
      await share({ resources: [{ level: 'study', dicomUid: studies.c.uid, orthancId: studies.c.study }] }),
      await share({ validityDuration: 1 }),
      await share({ gate: { kind: 'pin' } }),
      await share(),
      await share({ noArchive: true }),
    ];
    await hospital.asDoctor('POST', `/api/v1/shares/${revoked.share.id}/revoke`, { reason: 'system test' });
    await pause(1_100);
    // As the others are sent, but within the share: it comes through, with what the guard made for it.
    const own = await send(
      requestText({ host, path: `/orthanc/studies/${studies.a.study}`, headers: [`token: ${a.token}`] }),
    );
    assert.deepEqual(statusesOf(own), [200]);
    await asked.since();
    return {
      a: a.token,
      c: other.token,
      expired: expired.token,
      gated: gated.token,
      revoked: revoked.token,
      noArchive: noArchive.token,
      viewer: viewerToken,
      internal: taps.orthanc.entries.at(-1).headers.token,
      admin: hospital.words.admin,
      machines: { orthanc: hospital.words.orthanc, landing: hospital.words.landing },
      apiKey: await viewersKey(),
    };
  }

  async function viewersKey() {
    const owner = { kind: 'service', name: 'viewers' };
    const body = { name: 'A viewer', owner, permissions: ['view'], labels: ['*'] };
    const { status, json, text } = await hospital.asAdmin('POST', '/api/v1/api-keys', body);
    assert.equal(status, 201, text);
    return json.key;
  }

  /** All of Orthanc that a request could change. */
  async function stateOf() {
    const get = async (path) => (await asOperator('GET', path)).json;
    await until('the studies are stable', async () => (await get('/studies?expand')).every(({ IsStable }) => IsStable));
    const ids = await get('/studies');
    return {
      studies: await get('/studies?expand'),
      patients: await get('/patients?expand'),
      series: await get('/series?expand'),
      instances: await get('/instances?expand'),
      metadata: await Promise.all(ids.map((id) => get(`/studies/${id}/metadata?expand`))),
      attachments: await Promise.all(ids.map((id) => get(`/studies/${id}/attachments`))),
      statistics: await get('/statistics'),
      lastChange: (await get('/changes?last')).Last,
      // An archive that a link may have is made by a job.
      jobs: (await get('/jobs?expand')).filter(({ Type }) => Type !== 'Archive'),
      modalities: await get('/modalities?expand'),
      servers: await get('/dicom-web/servers'),
      logLevel: (await asOperator('GET', '/tools/log-level')).text,
    };
  }
}

/** Two studies of one UID; the other one's is marked. */
async function storeTwins(orthanc) {
  const studyUid = '1.2.276.0.7230010.3.1.4.700.9';
  const store = async (name, id) => {
    const patient = { name, id, birthDate: '19700101' };
    const series = [{ description: name, images: 1 }];
    const [file] = dicomStudy({ patient, studyUid, description: name, series });
    return { uid: studyUid, ...(await orthanc.storeFile(file)) };
  };
  return { one: await store('TWIN^ONE', 'TWIN-1'), other: await store(`${marker}^TWIN`, 'TWIN-2') };
}

/** What Orthanc's filter wrote of requests from outside since it was last looked at. */
async function askedOf(orthanc) {
  let seen = 0;
  return {
    since: async () => {
      const text = await readFile(orthanc.asked, 'utf8').catch(() => '');
      const entries = text
        .slice(seen)
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      seen = text.length;
      return entries.filter(({ internal }) => internal !== true);
    },
  };
}

const inAny = (texts, one) => texts.some((text) => text.includes(one));

/** What a compressed answer holds; nothing: it is not compressed. */
function unzipped(answer) {
  const head = answer.indexOf('\r\n\r\n');
  try {
    return /content-encoding: gzip/i.test(answer.subarray(0, head).toString('latin1'))
      ? gunzipSync(answer.subarray(head + 4))
      : Buffer.alloc(0);
  } catch {
    return Buffer.alloc(0);
  }
}
