// `npm run bench:viewing`: how many images a second a viewer gets through nginx when every request is judged, beside the same
// nginx that judges nothing, in front of one Orthanc. Needs root: it runs the Orthanc of Debian 13 and nginx.
import { Agent, get } from 'node:http';
import { resolve } from 'node:path';
import { dicomStudy } from '../system/support/dicom-studies.mjs';
import { startNginx } from '../system/support/nginx.mjs';
import { startOrthanc } from '../system/support/orthanc.mjs';
import { admin, migrate, replicaSettings, startCluster } from '../system/support/own-cluster.mjs';
import { basic, caller, endStrays, startService, temporaryFolder } from '../system/support/stage.mjs';
import { goal, header, heading, row } from './report.mjs';
import { median, spread } from './statistics.mjs';

const images = 200;
const connections = 8;
const pairs = 9;
const studyUid = '1.2.276.0.7230010.3.1.4.700.9';
const patient = { name: 'BENCH^MARK', id: 'BENCH', birthDate: '19700101' };
const dist = resolve(import.meta.dirname, '../../dist');

/** The same configuration without a question to anybody. */
const unguarded = `proxy_pass http://orthanc/;
include warden/passed.conf;
proxy_set_header Authorization "";
include warden/answer-headers.conf;
`;

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void end(1));
try {
  await bench();
  await end(0);
} catch (error) {
  console.error(`bench: ${error?.stack ?? error}`);
  await end(1);
}

async function end(code) {
  await endStrays();
  process.exit(code);
}

async function bench() {
  const orthanc = await startOrthanc({ more: { AuthenticationEnabled: false } });
  for (const file of dicomStudy({ patient, studyUid, description: 'CT', series: [{ description: 'CT', images }] }))
    await orthanc.storeFile(file);
  const service = await startGuard();
  const variables = {
    ENABLE_ORTHANC: 'true',
    AUTH_SERVICE_UPSTREAM: new URL(service.url).host,
    ORTHANC_UPSTREAM: new URL(orthanc.url).host,
  };
  const ways = [
    { title: 'nginx alone', nginx: await startNginx({ variables, files: { 'warden/guarded.conf': unguarded } }) },
    { title: 'nginx and the guard', nginx: await startNginx({ variables }) },
  ];
  const token = await mint(service);
  const perSecond = ways.map(() => []);
  for (const { nginx } of ways) await fetchAll(nginx.url, token);
  for (let round = 0; round < pairs; round++) {
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const index of order) perSecond[index].push(await fetchAll(ways[index].nginx.url, token));
  }
  heading(`${images} frames of 512 × 512, ${connections} connections, ${pairs} pairs`);
  header('way', 'frames a second: median', 'slowest', 'fastest');
  ways.forEach(({ title }, index) => {
    const list = perSecond[index];
    row(title, median(list).toFixed(0), Math.min(...list).toFixed(0), Math.max(...list).toFixed(0));
  });
  const [alone, guarded] = perSecond;
  const ratio = spread(guarded.map((one, round) => alone[round] / one));
  const share = (value) => `${(100 / value).toFixed(0)} %`;
  goal(
    'frames a second behind the guard at least 80 % of those of nginx alone (time at most 1.25)',
    ratio.median,
    1.25,
    `${share(ratio.median)} (${share(ratio.max)} … ${share(ratio.min)})`,
  );
}

async function startGuard() {
  const cluster = await startCluster({ dist, name: 'viewing' });
  const database = await cluster.createDatabase('viewing');
  await migrate({ dist, ...database });
  const service = await startService({
    dist,
    settings: {
      ...replicaSettings,
      DATA_DIR: await temporaryFolder('viewing'),
      DATABASE_URL: database.applicationUrl,
      TRUSTED_PROXIES: '127.0.0.1',
      SHARE_POST: 'edge-only',
      GUARDED_PATHS: '/orthanc/',
    },
  });
  await service.ready;
  return service;
}

async function mint(service) {
  const body = { resources: [{ level: 'study', 'dicom-uid': studyUid }], 'validity-duration': 3600 };
  const asked = await caller(service.url, basic(admin))('PUT', '/tokens/stone-viewer-publication', body);
  if (asked.status !== 200) throw new Error(`no link: ${asked.status}`);
  return asked.json.token;
}

/** Every frame once. Answers frames a second. */
async function fetchAll(origin, token) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const series = `${origin}/orthanc/dicom-web/studies/${studyUid}/series/${studyUid}.1`;
  const began = performance.now();
  const bytes = await Promise.all(
    Array.from({ length: images }, (_, index) =>
      fetchFrame(`${series}/instances/${studyUid}.1.${index + 1}/frames/1`, agent, token),
    ),
  );
  const seconds = (performance.now() - began) / 1000;
  agent.destroy();
  if (!bytes.every((length) => length > 512 * 512 * 2)) throw new Error('a frame came short');
  return images / seconds;
}

function fetchFrame(url, agent, token) {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*',
  };
  return new Promise((done, failed) => {
    get(url, { agent, headers }, (response) => {
      let length = 0;
      response.on('data', (chunk) => (length += chunk.length));
      response.on('end', () =>
        response.statusCode === 200 ? done(length) : failed(new Error(`${response.statusCode} for ${url}`)),
      );
      response.on('error', failed);
    }).on('error', failed);
  });
}
