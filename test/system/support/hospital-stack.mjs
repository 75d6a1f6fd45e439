// A whole small hospital: Orthanc behind nginx with TLS, the guard, the landing page and OHIF. For the suite and the playground.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startLanding } from './browser.mjs';
import { makeCertificates } from './certificates.mjs';
import { dicomStudy } from './dicom-studies.mjs';
import { startClientAt, startTap, startWire } from './hospital-taps.mjs';
import { freePorts, startNginx } from './nginx.mjs';
import { ohifFolder } from './ohif-build.mjs';
import { startOrthanc } from './orthanc.mjs';
import { migrate, startCluster } from './own-cluster.mjs';
import { basic, caller, startService, temporaryFolder } from './stage.mjs';

/** Where the browser of a watched hospital is. */
export const recipientAddress = '127.0.0.42';

const word = () => randomBytes(18).toString('base64url');
const uid = (number) => `1.2.276.0.7230010.3.1.4.700.${number}`;
const vera = { name: 'VIEWER^VERA', id: 'PAT-A', birthDate: '19610402' };
/** `MARKED` stands in whatever a share of the first study must not show. */
const oskar = { name: 'MARKED^OSKAR', id: 'MARKED-ID-B', birthDate: '19550101' };
export const marker = 'MARKED';
const markedPixels = 'MARKED-PIXELS';

/** Three studies of two patients; `a` and `c` are of one. */
const sampleStudies = {
  a: {
    patient: vera,
    studyUid: uid(1),
    description: 'CT thorax',
    series: [
      { description: 'Axial', images: 5 },
      { description: 'Axial, thin', images: 3 },
    ],
    label: 'ward-7',
  },
  b: {
    patient: oskar,
    studyUid: uid(2),
    description: 'MARKED CT abdomen',
    series: [{ description: 'MARKED axial', images: 3 }],
    shape: 'square',
    mark: markedPixels,
  },
  c: {
    patient: vera,
    studyUid: uid(3),
    description: 'MARKED CT head',
    series: [{ description: 'MARKED axial', images: 2 }],
    shape: 'square',
    mark: markedPixels,
    label: 'MARKED-LABEL',
  },
};

/**
 * Starts it and stores the studies.
 * @param watched proxies stand before the guard and before Orthanc and keep what goes by; browsers come from `recipientAddress`
 */
export async function startHospital({ dist, watched = false }) {
  const folder = await temporaryFolder('hospital');
  const [servicePort, httpsPort, clientPort, guardTapPort, orthancTapPort] = await freePorts(5);
  const origin = `https://localhost:${watched ? clientPort : httpsPort}`;
  const words = { orthanc: word(), landing: word(), admin: word(), doctor: word() };
  const serviceUrl = `http://127.0.0.1:${servicePort}`;
  const [certificates, ohif, orthanc, database] = await Promise.all([
    makeCertificates(folder),
    ohifFolder(),
    readFile(join(import.meta.dirname, 'plugin-stand-in.py'), 'utf8').then((script) =>
      startOrthanc({
        guard: {
          script,
          settings: {
            service: serviceUrl,
            credentials: `orthanc:${words.orthanc}`,
            // As where one password is good here and there.
            administrator: basic(`admin:${words.admin}`),
          },
        },
        // Addresses in its answers are those that browsers know.
        more: { DicomWeb: { PublicRoot: '/orthanc/dicom-web/' }, StableAge: 1 },
      }),
    ),
    startDatabase(dist),
  ]);
  const [orthancUser, orthancPassword] = orthanc.user.split(':');
  const lines = [];
  const service = await startService({
    dist,
    hear: (line) => lines.push(line),
    settings: {
      PORT: String(servicePort),
      DATA_DIR: folder,
      DATABASE_URL: database.applicationUrl,
      SECRET_KEY: word() + word(),
      USERS: JSON.stringify({
        orthanc: words.orthanc,
        landing: { password: words.landing, scopes: ['decode', 'exchange'] },
        admin: { password: words.admin, permissions: ['all'] },
        'Dr. Ada Vermeer': { password: words.doctor, permissions: ['share'] },
      }),
      TRUSTED_PROXIES: '127.0.0.1',
      PUBLIC_ORTHANC_ROOT: `${origin}/orthanc/`,
      PUBLIC_OHIF_ROOT: `${origin}/ohif/`,
      PUBLIC_SHARE_ROOT: `${origin}/share/`,
      GUARDED_PATHS: '/orthanc/',
      SHARE_POST: 'edge-only',
      ORTHANC_URL: `${orthanc.url}/`,
      ORTHANC_USERNAME: orthancUser,
      ORTHANC_PASSWORD: orthancPassword,
    },
  });
  const landing = await startLanding({
    main: join(dist, 'apps/landing/src/main.js'),
    settings: {
      AUTH_SERVICE_URL: service.url,
      AUTH_SERVICE_USERNAME: 'landing',
      AUTH_SERVICE_PASSWORD: words.landing,
      LANDING_NAME: 'St. Anna Hospital',
      TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  const taps = watched
    ? { guard: await startTap(guardTapPort, service.url), orthanc: await startWire(orthancTapPort, orthanc.url) }
    : undefined;
  const nginx = await startNginx({
    variables: {
      ENABLE_HTTPS: 'true',
      ENABLE_ORTHANC: 'true',
      ENABLE_BASIC_AUTH: 'true',
      ENABLE_ORTHANC_TOKEN_SERVICE: 'true',
      ENABLE_LANDING: 'true',
      ENABLE_OHIF: 'true',
      OHIF_DIR: ohif,
      HTTPS_PORT: String(httpsPort),
      HTTPS_PUBLIC_PORT: new URL(origin).port,
      AUTH_SERVICE_UPSTREAM: hostOf(taps?.guard.url ?? service.url),
      ORTHANC_UPSTREAM: hostOf(taps?.orthanc.url ?? orthanc.url),
      LANDING_UPSTREAM: hostOf(landing.origin),
      TLS_CERTIFICATE: certificates.server.certificate,
      TLS_KEY: certificates.server.key,
    },
  });
  if (watched) await startClientAt(recipientAddress, clientPort, httpsPort);
  await service.ready;
  return {
    origin,
    words,
    orthanc,
    service,
    landing,
    nginx,
    taps,
    lines,
    certificates,
    asAdmin: caller(service.url, basic(`admin:${words.admin}`)),
    asDoctor: caller(service.url, basic(`Dr. Ada Vermeer:${words.doctor}`)),
    studies: await storeStudies(orthanc),
  };
}

async function startDatabase(dist) {
  const cluster = await startCluster({ dist, name: 'hospital' });
  const database = await cluster.createDatabase('hospital');
  await migrate({ dist, ...database });
  return database;
}

/** Answers, of each study, its ids and those of its images. */
async function storeStudies(orthanc) {
  const stored = {};
  for (const [name, study] of Object.entries(sampleStudies)) {
    const ids = [];
    for (const file of dicomStudy(study)) ids.push(await orthanc.storeFile(file));
    if (study.label !== undefined) await orthanc.label(ids[0].study, study.label);
    stored[name] = {
      uid: study.studyUid,
      seriesUid: `${study.studyUid}.1`,
      instanceUid: `${study.studyUid}.1.1`,
      patientId: study.patient.id,
      ...ids[0],
      images: ids,
    };
  }
  return stored;
}

const hostOf = (url) => new URL(url).host;
