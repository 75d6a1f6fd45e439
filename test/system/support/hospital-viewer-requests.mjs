import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { request } from 'node:https';
import { readFile } from 'node:fs/promises';
import { basic } from './stage.mjs';

/** What Stone, OHIF, VolView and Orthanc Explorer 2 ask when they open a study: method, path, `accept`, body. */
function routesOf({ study, series, instance, uid, seriesUid, instanceUid }) {
  const root = `/dicom-web/studies/${uid}`;
  const image = `${root}/series/${seriesUid}/instances/${instanceUid}`;
  const octets = 'multipart/related; type=application/octet-stream; transfer-syntax=*';
  const object = 'multipart/related; type="application/dicom"; transfer-syntax=*';
  const json = 'application/dicom+json';
  return {
    Stone: [
      [`/dicom-web/studies?0020000D=${uid}&includefield=00081030`, json],
      [`/dicom-web/series?0020000D=${uid}&includefield=00080060&includefield=0008103E`, json],
      [`/dicom-web/instances?0020000D=${uid}&0020000E=${seriesUid}&includefield=00080016&limit=1`, json],
      [`${root}/series/${seriesUid}/rendered?viewport=256,256`, 'image/jpeg'],
      [`${root}/series/${seriesUid}/metadata`, json],
      [`${image}/metadata`, json],
      [image, object],
      [`${image}/frames/1/rendered?window=1600,3200,linear`, 'image/jpeg'],
      [`/instances/${instance}/frames/0/raw`, '*/*'],
    ],
    OHIF: [
      [
        `/dicom-web/studies?limit=101&offset=0&fuzzymatching=false&includefield=00081030%2C00080060&StudyInstanceUID=${uid}`,
        json,
      ],
      [`${root}/series?includefield=0008103E,00080021`, json],
      [`${root}/metadata`, json],
      [`${root}/instances`, json],
      [`${image}/frames/1`, octets],
      [`${image}/rendered`, 'image/png'],
      [`/instances/${instance}/file`, '*/*'],
    ],
    'VolView and Orthanc Explorer 2': [
      [`/studies/${study}`, '*/*'],
      [`/studies/${study}/series`, '*/*'],
      [`/studies/${study}/instances`, '*/*'],
      [`/series/${series}`, '*/*'],
      [`/series/${series}/instances-tags`, '*/*'],
      [`/instances/${instance}`, '*/*'],
      [`/instances/${instance}/simplified-tags`, '*/*'],
      [`/instances/${instance}/preview`, 'image/png'],
      [`/studies/${study}/archive`, '*/*'],
    ],
  };
}

/** What viewers need is given, and is what Orthanc itself answers, byte by byte. */
export async function viewerRequests({ check, hospital, share }) {
  const { origin, orthanc, studies, certificates } = hospital;
  const ca = await readFile(certificates.authority);
  const { token } = await share({});
  const outside = { authorization: `Bearer ${token}` };
  const { host } = new URL(origin);
  // Orthanc writes addresses as its client sees them.
  const inside = { authorization: basic(orthanc.user), host, forwarded: `for=127.0.0.1;proto=https;host=${host}` };

  for (const [viewer, routes] of Object.entries(routesOf(studies.a)))
    await check(`${viewer}: ${routes.length} requests are answered through nginx as by Orthanc itself`, async () => {
      const differing = [];
      for (const [path, accept] of routes) {
        const through = await ask(`${origin}/orthanc${path}`, { ...outside, accept });
        const direct = await askDirectly(path, { ...inside, accept });
        if (through.status !== 200 || digest(through) !== digest(direct))
          differing.push({ path, through: told(through), direct: told(direct) });
      }
      assert.deepEqual(differing, []);
    });

  await check('what viewers post is answered for the share as by Orthanc itself', async () => {
    const { a } = studies;
    const find = JSON.stringify({ Level: 'Instance', Query: { StudyInstanceUID: a.uid } });
    for (const [path, body] of [
      ['/tools/lookup', a.uid],
      ['/tools/lookup', a.seriesUid],
      ['/tools/find', find],
    ]) {
      const through = await ask(`${origin}/orthanc${path}`, outside, body);
      const direct = await askDirectly(path, inside, body);
      assert.deepEqual([path, through.status, sorted(through)], [path, 200, sorted(direct)]);
    }
  });

  await check('a part of a file and a question about it are answered as by Orthanc itself', async () => {
    const path = `/instances/${studies.a.instance}/file`;
    for (const headers of [{ range: 'bytes=100-199' }, { range: 'bytes=0-0,-1' }]) {
      const through = await ask(`${origin}/orthanc${path}`, { ...outside, ...headers });
      const direct = await askDirectly(path, { ...inside, ...headers });
      assert.deepEqual([headers, told(through)], [headers, told(direct)]);
    }
    const { status, body } = await ask(`${origin}/orthanc${path}`, outside, undefined, 'HEAD');
    assert.deepEqual([status < 500, body.length], [true, 0]);
  });

  function ask(url, headers, body, method = body === undefined ? 'GET' : 'POST') {
    return new Promise((resolve, reject) => {
      const asked = request(url, { method, headers, ca }, (answer) => collect(answer).then(resolve, reject));
      asked.on('error', reject);
      asked.end(body);
    });
  }

  async function askDirectly(path, headers, body) {
    const { request: plainRequest } = await import('node:http');
    return new Promise((resolve, reject) => {
      const options = { method: body === undefined ? 'GET' : 'POST', headers };
      const asked = plainRequest(`${orthanc.url}${path}`, options, (answer) => collect(answer).then(resolve, reject));
      asked.on('error', reject);
      asked.end(body);
    });
  }
}

async function collect(answer) {
  const chunks = [];
  for await (const chunk of answer) chunks.push(chunk);
  return { status: answer.statusCode, type: answer.headers['content-type'] ?? '', body: Buffer.concat(chunks) };
}

/** Without what differs from one answer to the next: the boundary of its parts, and when an archive was made. */
function plain({ type, body }) {
  const [, boundary] = /boundary=([^;]+)/.exec(type) ?? [];
  if (boundary !== undefined) return Buffer.from(body.toString('latin1').replaceAll(boundary, '-'), 'latin1');
  return type === 'application/zip' ? withoutTimes(body) : body;
}

/** An archive's own headers tell when each file was put into it: local ones and those of its directory. */
function withoutTimes(archive) {
  const plainArchive = Buffer.from(archive);
  for (const [signature, timeAt] of [
    [0x04034b50, 10],
    [0x02014b50, 12],
  ]) {
    const mark = Buffer.alloc(4);
    mark.writeUInt32LE(signature);
    for (let at = archive.indexOf(mark); at >= 0; at = archive.indexOf(mark, at + 4))
      plainArchive.fill(0, at + timeAt, at + timeAt + 4);
  }
  return plainArchive;
}

const digest = (answer) => `${answer.status} ${createHash('sha256').update(plain(answer)).digest('hex')}`;

const told = (answer) => `${digest(answer)} ${answer.type.replace(/boundary=.*/, '')} ${answer.body.length}`;

const sorted = ({ body }) =>
  JSON.parse(body)
    .map((one) => JSON.stringify(one))
    .sort();
