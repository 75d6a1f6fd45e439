// A story played from its beginning to its end by real processes, and then told back by each way of telling the record.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { validateFhir } from './fhir/fhir-validator.mjs';
import { startLanding } from './support/browser.mjs';
import { migrate, startCluster } from './support/own-cluster.mjs';
import {
  startFrontDoor,
  startMailDouble,
  startOrthancDouble,
  startViewerDouble,
} from './support/recipient-doubles.mjs';
import { startVisit } from './support/recipient-visit.mjs';
import { laidOpen, ofCsv, ofDicom, ofFhir, ofSearch, rowsOfCsv, rowsOfPage } from './support/record-tellers.mjs';
import { basic, startService, temporaryFolder, undoLater, until } from './support/stage.mjs';
import { prepareSyslogServer } from './support/syslog-server.mjs';

const images = {
  uid: '1.2.276.0.7230010.3.1.2.4711',
  patientId: 'PAT-4711',
  patientName: 'MARKED^NAME',
  birthDate: '19610402',
};
const otherStudy = '1.2.276.0.7230010.3.1.2.9999';
const recipient = { name: 'Dr. Jan Peeters', email: 'jan.peeters@example.org' };
// Long enough to stand in no hash or time by chance.
const [pin, wrongPin] = ['482913057164', '482913057165'];
const words = { admin: 'MARKED-admin-word', doctor: 'MARKED-doctor-word', orthanc: 'MARKED-orthanc-word' };
const landingWord = 'MARKED-landing-word';
const secretKey = 'MARKED-key: 9c1f6b0e4d7a, for the system tests only';
const itself = 'warden-of-the-story';
const publication = 'stone-viewer-publication';

const admin = { actor: 'basic:admin', name: 'admin', address: '192.0.2.10' };
const doctor = { actor: 'basic:doctor', name: 'doctor', address: '192.0.2.20' };
const system = { actor: 'system:warden', name: '', address: null };
const visitor = { address: '198.51.100.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0' };
/** What happens beside the story: that it is read, and signed. */
const beside = ['audit.checkpoint', 'audit.read', 'audit.exported', 'api-key.used'];

export async function theRecord({ check, dist }) {
  const orthanc = await startOrthancDouble([images]);
  const mail = await startMailDouble();
  const viewer = await startViewerDouble();
  const door = await startFrontDoor();
  const syslog = await prepareSyslogServer();
  await syslog.start();
  const folder = await temporaryFolder('record');
  const checkpoints = join(folder, 'checkpoints.jsonl');
  const cluster = await startCluster({ dist, name: 'record' });
  const urls = await cluster.createDatabase('record');
  await migrate({ dist, ...urls });
  const owner = new pg.Client(urls.ownerUrl);
  await owner.connect();
  const leave = undoLater(() => owner.end());
  const serviceLines = [];
  const settings = {
    DATA_DIR: folder,
    DATABASE_URL: urls.applicationUrl,
    SECRET_KEY: secretKey,
    USERS: JSON.stringify({
      orthanc: words.orthanc,
      admin: { password: words.admin, permissions: ['all'] },
      doctor: { password: words.doctor, permissions: ['share'] },
      landing: { password: landingWord, scopes: ['decode', 'exchange'] },
    }),
    TRUSTED_PROXIES: '127.0.0.1',
    PUBLIC_ORTHANC_ROOT: `${viewer.origin}/`,
    PUBLIC_SHARE_ROOT: door.url,
    ORTHANC_URL: orthanc.origin,
    GATE_ATTEMPTS: '3',
    AUDIT_SOURCE_ID: itself,
    AUDIT_SITE: 'St. Anna Hospital',
    AUDIT_CHECKPOINT_INTERVAL: '10',
    AUDIT_CHECKPOINT_FILE: checkpoints,
    AUDIT_SYSLOG_URL: `tls://localhost:${syslog.port}`,
    AUDIT_SYSLOG_CA_FILE: syslog.certificates.authority,
    AUDIT_SYSLOG_CERTIFICATE_FILE: syslog.certificates.client.certificate,
    AUDIT_SYSLOG_KEY_FILE: syslog.certificates.client.key,
    ...mail.settings,
  };
  const start = () => startService({ dist, settings, hear: (line) => serviceLines.push(line) });
  let service = await start();
  await service.ready;
  const landing = await startLanding({
    main: join(dist, 'apps/landing/src/main.js'),
    settings: {
      AUTH_SERVICE_URL: service.url,
      AUTH_SERVICE_USERNAME: 'landing',
      AUTH_SERVICE_PASSWORD: landingWord,
      LANDING_NAME: 'St. Anna Hospital',
      TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  door.leadTo(landing.origin);
  const secrets = new Set([pin, wrongPin, secretKey, landingWord, ...Object.values(words)]);
  /** Whatever was told, by who told it, to be searched for secrets. */
  const tellings = {};
  let share;
  let viewerToken;
  let apiKey;
  let revokedAt;

  await check('the story is played', play);
  await check('two seconds later all that has no window is sealed', async () => {
    const { rows } = await owner.query('SELECT count(*)::int AS waiting FROM audit_pending');
    assert.ok(Date.now() - revokedAt < 2_000, 'the machine is too slow to tell');
    await until('it is sealed', async () => (await told('share.revoked')) === 1, 2_000 - (Date.now() - revokedAt));
    console.log(`         ${rows[0].waiting} waited at first; sealed ${Date.now() - revokedAt} ms after the answer`);
  });
  assert.equal(await service.stop(), 0);
  service = await start();
  await service.ready;
  await until('the second start is sealed', async () => (await told('settings.loaded')) === 2);
  const sent = await owner.query(
    `SELECT patient FROM audit_personal AS half JOIN audit_event AS event USING (class, filed_at, id) WHERE event.name = 'share.sent'`,
  );
  const story = storyOf(share, sent.rows[0].patient);
  const ofPatient = story.filter(({ patient }) => patient !== null);
  const ofShare = story.filter(({ share: id }) => id !== null);

  await check('the search tells it, page by page, whole and by patient and by share', async () => {
    assert.deepEqual((await searched('')).map(ofSearch), story);
    assert.deepEqual((await searched(`&patient=${images.patientId}`)).map(ofSearch), ofPatient);
    assert.deepEqual((await searched(`&share=${share.id}`)).map(ofSearch), ofShare);
    const [created] = await searched('&event=share.created');
    const { gate, purposeOfUse, recipient: to } = created.detail;
    assert.deepEqual({ gate, purposeOfUse }, { gate: 'pin', purposeOfUse: 'TREAT' });
    assert.match(to, /peeters/i);
    const [opened] = await searched('&event=share.opened');
    assert.equal(opened.userAgent, visitor.userAgent);
    const refused = await searched('&outcome=minor-failure');
    assert.deepEqual(
      refused.map(ofSearch),
      story.filter(({ outcome }) => outcome === 'minor-failure'),
    );
  });

  await check('the table tells it', async () => {
    tellings.csv = (await auditor('/api/v1/audit/events.csv')).text;
    assert.deepEqual(inOrder(rowsOfCsv(tellings.csv)).map(ofCsv), story);
  });

  await check('the accounting of disclosures says who received what, when, why and from whom', async () => {
    const went = story.filter(({ event }) => ['share.sent', 'share.opened', 'access.disclosed'].includes(event));
    const query = `patient=${images.patientId}`;
    tellings.page = (await auditor(`/api/v1/audit/disclosures?${query}`)).text;
    const page = rowsOfPage(tellings.page);
    tellings.table = (await auditor(`/api/v1/audit/disclosures.csv?${query}`)).text;
    const table = rowsOfCsv(tellings.table);
    const happened = (await searched('')).filter(({ event }) => went.some((one) => one.event === event));
    const whats = [/link to the images was sent/, /link was opened/, /Images were asked for/];
    const addresses = [recipient.email, visitor.address, null];
    assert.deepEqual([page.length, table.length], [3, 3]);
    for (const [index, { at, id }] of happened.entries()) {
      const [when, who, what, why, whom] = page[index];
      const row = table[index];
      assert.deepEqual([when, row.date, row.eventId, row.shareId], [at, at, id, share.id]);
      assert.match(what, whats[index]);
      assert.ok(what.split('\n').includes(images.uid), what);
      assert.equal(row.studies, images.uid);
      assert.deepEqual([why, row.purpose], ['TREAT: second opinion', 'TREAT: second opinion']);
      assert.deepEqual([whom, row.sharedBy], ['doctor', 'doctor']);
      assert.deepEqual([row.address || null, row.inferred], [addresses[index], '']);
      assert.equal(who, [row.recipient, row.address].filter((one) => one !== '').join('\n'));
    }
  });

  await check('whoever received it is told by name in each line of the accounting', () => {
    const lines = rowsOfCsv(tellings.table).map((row) => [row.description, row.recipient]);
    assert.deepEqual(
      lines.filter(([, who]) => !who.includes(recipient.name)),
      [],
    );
  });

  const bundles = [];
  await check('FHIR tells it, in bundles of a patient, a study and a share', async () => {
    const { json: able } = await answerOf(await fetch(`${service.url}/fhir/metadata`), '/fhir/metadata');
    assert.equal(able.fhirVersion, '4.0.1');
    bundles.push(able);
    const whole = (await fhir('')).map((one) => ofFhir(one, itself));
    assert.deepEqual(whole, story);
    const patient = await fhir(`&patient=${images.patientId}`);
    assert.deepEqual(
      patient.map((one) => ofFhir(one, itself)),
      ofPatient,
    );
    const study = await fhir(`&entity=urn:oid:${images.uid}`);
    const inShare = await fhir(`&entity=urn:uuid:${share.id}`);
    assert.deepEqual(
      inShare.map((one) => ofFhir(one, itself)),
      ofShare,
    );
    assert.deepEqual(
      study.filter(({ id }) => !inShare.some((one) => one.id === id)),
      [],
    );
    assert.deepEqual(
      inShare.filter(({ id }) => !study.some((one) => one.id === id)).map((one) => ofFhir(one, itself)),
      ofShare.filter(({ study: uid }) => uid !== images.uid),
    );
    const opened = inShare.find((one) => ofFhir(one, itself).event === 'share.opened');
    assert.match(opened.meta?.profile?.[0] ?? '', /PrivacyDisclosure\.Source$/);
  });
  // It takes most of a minute: the rest goes on meanwhile.
  const validated = validateFhir(bundles).catch((error) => ({ errors: [error.message] }));

  await check('the syslog receiver was told it in DICOM messages, in the order in which it was sealed', async () => {
    const { rows } = await owner.query(`SELECT id, name, record::json->>'at' AS at FROM audit_event ORDER BY position`);
    await until('all of it arrived', async () => (await dicom()).length >= rows.length, 15_000);
    const messages = await dicom();
    for (const [index, { id, name, at }] of rows.entries()) {
      const message = messages[index];
      const { event } = ofDicom(message, itself);
      assert.deepEqual([event, whenOf(message)], [name, Number(at)], `message ${index}`);
      // Where the standard has no object, there is no place for the id.
      assert.equal(idOf(message) ?? id, id);
    }
    const heard = messages.map((one) => ofDicom(one, itself)).filter(({ event }) => !beside.includes(event));
    // What is gathered arrives when its window closes; everything else at once, as it happened.
    const late = ({ event }) => event.startsWith('access.');
    const sayable = story.map((one) => ({ ...one, ...unsaidByDicom(one) }));
    assert.deepEqual(
      heard.filter((one) => !late(one)),
      sayable.filter((one) => !late(one)),
    );
    // Grants and denials are written by lanes of their own, neither of which waits for the other.
    for (const name of new Set([...heard, ...sayable].filter(late).map(({ event }) => event))) {
      const ofLane = ({ event }) => event === name;
      assert.deepEqual(heard.filter(ofLane), sayable.filter(ofLane));
    }
  });

  await check('the signed checkpoints reached the syslog receiver, the file and the log alike', async () => {
    const lines = async () => (await readFile(checkpoints, 'utf8').catch(() => '')).split('\n').slice(0, -1);
    const { rows } = await owner.query(
      `SELECT class, to_char(month, 'YYYY-MM') AS month, size::int AS size FROM audit_chain`,
    );
    const covers = (line) => {
      const { chains } = JSON.parse(JSON.parse(line).checkpoint);
      return rows.every(({ class: name, month, size }) =>
        chains.some((one) => one.class === name && one.month === month && one.size >= size),
      );
    };
    await until('one of all of the story is there', async () => (await lines()).some(covers), 25_000);
    const file = await lines();
    const sent = async () => (await syslog.messages()).filter((one) => / CHECKPOINT - /.test(one)).map(textOf);
    await until('the last one arrived', async () => (await sent()).length >= file.length, 5_000);
    assert.deepEqual(await sent(), file);
    const logged = serviceLines.filter((line) => line.includes('"event":"audit-checkpoint"'));
    assert.equal(logged.length, file.length);
    tellings.checkpoints = file.join('\n');
  });

  await check('no token, PIN, key or password is in the database, in anything told or in a log', async () => {
    tellings.database = await dump(owner);
    tellings.syslog = (await syslog.messages()).join('\n');
    tellings.fhir = bundles.map((one) => JSON.stringify(one)).join('\n');
    tellings.search = JSON.stringify(await searched(''));
    tellings.service = serviceLines.join('\n');
    tellings.landing = landing.output();
    for (const where of ['database', 'csv', 'search', 'fhir', 'syslog', 'page'])
      assert.ok(laidOpen(tellings[where]).includes(images.patientId), `nothing of the story is in ${where}`);
    for (const where of ['service', 'landing']) assert.match(tellings[where], /request/);
    const found = Object.entries(tellings).flatMap(([where, text]) => {
      const open = laidOpen(text);
      return [...secrets].filter((secret) => open.includes(secret)).map((secret) => `${where}: ${secret}`);
    });
    assert.deepEqual(found, []);
  });

  const record = join(folder, 'record.ndjson');
  const given = ['--checkpoint', checkpoints];
  await check('the record is whole, as told by the service and by the one file of an auditor', async () => {
    const asked = await warden('audit', 'verify', ...given);
    console.log(asked.out.replace(/^/gm, '         ').trimEnd());
    assert.equal(asked.code, 0, asked.out);
    const made = await warden('audit', 'export', '--out', record);
    assert.equal(made.code, 0, made.out);
    const events = (await readFile(record, 'utf8')).split('\n').filter((line) => line.startsWith('{"n":')).length;
    for (const { code, out } of [await warden('audit', 'verify', record, ...given), await alone()]) {
      assert.equal(code, 0, out);
      assert.match(out, new RegExp(`^Events {7}${events},`, 'm'));
    }
    assert.ok(events > story.length);
  });

  await check('one word changed by the owner of the database is found and named', async () => {
    const { id, number } = await tamper();
    const asked = await warden('audit', 'verify', ...given);
    console.log(asked.out.replace(/^/gm, '         ').trimEnd());
    await warden('audit', 'export', '--out', record);
    for (const { code, out } of [asked, await warden('audit', 'verify', record, ...given), await alone()]) {
      assert.equal(code, 1, out);
      assert.match(out, /^record-changed, 1 in all:$/m);
      assert.ok(out.includes(id) && new RegExp(`\\b${number}\\b`).test(out), out);
    }
  });

  await check('the bundles are valid R4', async () => assert.deepEqual((await validated).errors, []));

  assert.equal(await service.stop(), 0);
  assert.equal(await landing.stop(), 0);
  await leave();
  await cluster.stop();
  await syslog.stop();

  async function play() {
    const asAdmin = asking(basic(`admin:${words.admin}`), admin.address);
    const asDoctor = asking(basic(`doctor:${words.doctor}`), doctor.address);
    const key = { name: 'The auditor', owner: { kind: 'service', name: 'auditors' }, permissions: ['audit-logs'] };
    const { json: roles } = await asAdmin('GET', '/api/v1/roles');
    const reader = { 'authorized-labels': ['*'], permissions: ['view'] };
    await asAdmin('PUT', '/api/v1/roles', { ...roles, roles: { ...roles.roles, 'reader-role': reader } });
    apiKey = (await asAdmin('POST', '/api/v1/api-keys', { ...key, labels: ['*'] })).json.key;
    secrets.add(apiKey);

    const minted = await asDoctor('POST', '/api/v1/shares', {
      type: publication,
      resources: [{ level: 'study', dicomUid: images.uid }],
      recipient,
      gate: { kind: 'pin', pin },
      purposeOfUse: 'TREAT',
      reason: 'second opinion',
      validityDuration: 3_600,
      link: 'opaque',
      notify: true,
    });
    share = minted.json.share;
    secrets.add(minted.json.token).add(minted.json.token.split('.').at(-1)).add(minted.json.url.split('/').at(-1));
    const letter = await until('the mail arrives', () => mail.received[0]);
    assert.deepEqual(letter.to, [recipient.email]);
    const text = letter.raw.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    assert.ok(text.includes(minted.json.url) && !text.includes(pin));

    // Whose study it is, the archive tells behind the answer; until then no event can name the patient.
    await until('the archive was asked', async () => {
      const { state } = (await asDoctor('GET', `/api/v1/shares/${share.id}/studies`)).json;
      return state === 'resolved';
    });

    const visit = startVisit({ link: minted.json.url, ...visitor });
    assert.equal((await visit.open()).status, 200);
    for (const status of [403, 403, 423]) assert.equal((await visit.enter(wrongPin)).status, status);
    assert.equal((await visit.enter(pin)).status, 423);
    await asDoctor('POST', `/api/v1/shares/${share.id}/unlock`);
    assert.equal((await visit.open()).status, 200);
    const { leadsTo: location, status } = await visit.enter(pin);
    assert.equal(status, 200);
    assert.ok(location?.startsWith(`${viewer.origin}/stone-webviewer/index.html`), location);
    assert.match(await (await fetch(location)).text(), /The viewer/);
    viewerToken = new URL(location).searchParams.get('token');
    secrets.add(viewerToken).add(viewerToken.split('.').at(-1));

    assert.equal(await granted(images.uid), true);
    assert.equal(await granted(images.uid), true);
    assert.equal(await granted(otherStudy), false);
    await asDoctor('POST', `/api/v1/shares/${share.id}/revoke`, { reason: 'sent to the wrong doctor' });
    revokedAt = Date.now();
    await until('it ends', async () => !(await granted(images.uid)), 1_000);
  }

  async function granted(uid) {
    const asPlugin = asking(basic(`orthanc:${words.orthanc}`), '127.0.0.1');
    const question = { level: 'study', 'dicom-uid': uid, method: 'get', 'token-value': viewerToken };
    return (await asPlugin('POST', '/tokens/validate', question)).json.granted;
  }

  /** As somebody, from somewhere. */
  function asking(authorization, address) {
    return async (method, path, body) => {
      const headers = { authorization, 'x-forwarded-for': address };
      const sent =
        body === undefined
          ? { headers }
          : { headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const response = await fetch(service.url + path, { method, signal: AbortSignal.timeout(20_000), ...sent });
      return answerOf(response, `${method} ${path}`);
    };
  }

  async function auditor(path) {
    const headers = { 'api-key': apiKey };
    return answerOf(await fetch(service.url + path, { headers, signal: AbortSignal.timeout(20_000) }), path);
  }

  /** All of a search, a few events a page, oldest first, without what happens beside the story. */
  async function searched(filter) {
    const found = [];
    let cursor = '';
    do {
      const { json } = await auditor(`/api/v1/audit/events?limit=4${filter}${cursor}`);
      assert.ok(json.items.length <= 4);
      found.push(...json.items);
      cursor = json.next === null ? '' : `&cursor=${json.next}`;
    } while (cursor !== '');
    return inOrder(found);
  }

  async function fhir(filter) {
    const found = [];
    for (let path = `AuditEvent?_count=5${filter}`; path !== undefined;) {
      const { json } = await auditor(`/fhir/${path}`);
      bundles.push(json);
      found.push(...(json.entry ?? []).map(({ resource }) => resource));
      path = json.link.find(({ relation }) => relation === 'next')?.url;
    }
    return found.filter((one) => !beside.includes(ofFhir(one, itself).event)).reverse();
  }

  /** How many of them are in the record. */
  async function told(name) {
    const { rows } = await owner.query('SELECT count(*)::int AS found FROM audit_event WHERE name = $1', [name]);
    return rows[0].found;
  }

  async function dicom() {
    return (await syslog.messages()).filter((one) => one.includes('<AuditMessage'));
  }

  /** The owner of the tables silences what stops everybody else, and changes how often a wrong PIN was tried. */
  async function tamper() {
    const { rows } = await owner.query(
      `SELECT tableoid::regclass::text AS leaf, id, number::text FROM audit_event WHERE name = 'share.locked'`,
    );
    const [{ leaf, id, number }] = rows;
    await owner.query(`ALTER TABLE ${leaf} DISABLE TRIGGER USER`);
    const changed = await owner.query(
      `UPDATE ${leaf} SET record = replace(record, '"attempts":3', '"attempts":9') WHERE id = $1 AND record LIKE '%"attempts":3%'`,
      [id],
    );
    assert.equal(changed.rowCount, 1);
    await owner.query(`ALTER TABLE ${leaf} ENABLE TRIGGER USER`);
    return { id, number };
  }

  function warden(...args) {
    return run([join(dist, 'apps/warden/src/main.js'), ...args], { WARDEN_URL: service.url, WARDEN_API_KEY: apiKey });
  }

  function alone() {
    return run([join(dist, 'apps/warden/src/audit/verify-export.js'), record, ...given], {});
  }

  function run(args, env) {
    return new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env.PATH, ...env }, timeout: 60_000 };
      execFile(process.execPath, args, options, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : error.code, out: stdout + stderr }),
      );
    });
  }
}

/**
 * What was played, as every teller has to tell it. Of a study the archive tells whose it is, and disclosures and accesses
 * say it; the rest names the study.
 * @param sentTo whom the mail was about: it may have left before the archive answered
 */
function storyOf({ id, fingerprint: identity }, sentTo) {
  const fine = { share: null, study: null, patient: null, outcome: 'success', reason: null };
  const about = { ...fine, share: id, study: images.uid };
  const known = { ...about, patient: images.patientId };
  const guest = { actor: identity, name: recipient.name, address: visitor.address };
  // The plugin knows the token and not who holds it.
  const token = { ...guest, name: '', address: null };
  const wrong = { ...known, ...guest, outcome: 'minor-failure', reason: 'wrong-secret' };
  const denied = { ...known, ...token, event: 'access.denied', outcome: 'minor-failure' };
  return [
    { ...fine, ...system, event: 'service.started' },
    { ...fine, ...system, event: 'settings.loaded' },
    { ...fine, ...admin, event: 'roles.changed' },
    { ...fine, ...admin, event: 'api-key.created' },
    { ...about, ...doctor, event: 'share.created' },
    { ...about, ...doctor, event: 'share.sent', patient: sentTo },
    { ...wrong, event: 'share.refused' },
    { ...wrong, event: 'share.refused' },
    { ...wrong, event: 'share.refused' },
    { ...wrong, event: 'share.locked', outcome: 'serious-failure', reason: 'too-many-attempts' },
    { ...known, ...doctor, event: 'share.changed' },
    { ...known, ...guest, event: 'share.opened' },
    { ...known, ...token, event: 'access.disclosed' },
    { ...known, ...token, event: 'access.granted' },
    { ...denied, study: otherStudy, reason: 'outside-grant' },
    { ...known, ...doctor, event: 'share.revoked' },
    { ...denied, reason: 'revoked' },
    { ...fine, ...system, event: 'service.stopped' },
    { ...fine, ...system, event: 'service.started' },
    { ...fine, ...system, event: 'settings.loaded' },
  ];
}

/**
 * A failed authentication has no objects (PS3.15 A.5.3.12): which share it was stands with the person. An export has to
 * name a patient.
 */
function unsaidByDicom({ event, patient }) {
  if (event === 'share.refused' || event === 'share.locked') return { study: null, patient: null };
  return event === 'share.sent' && patient === null ? { patient: 'unknown' } : {};
}

/** Newest first turned round, without what happens beside the story. */
function inOrder(events) {
  return events.filter(({ event }) => !beside.includes(event)).reverse();
}

async function answerOf(response, what) {
  const text = await response.text();
  assert.ok(response.ok, `${what} answered ${response.status}: ${text}`);
  return { text, json: /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined };
}

const textOf = (message) => message.slice(message.indexOf(' - ') + 3);

const whenOf = (message) => Date.parse(/ EventDateTime="([^"]*)"/.exec(message)[1]);

/** Of the event that a message tells; null: it does not say. */
function idOf(message) {
  const [, value] = /type="eventId" value="([^"]*)"/.exec(message) ?? [];
  return value === undefined ? null : Buffer.from(value, 'base64').toString();
}

/** Every row of every table, as text. */
async function dump(client) {
  const { rows: tables } = await client.query(
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
     WHERE schemaname NOT IN ('pg_catalog', 'information_schema') ORDER BY 1`,
  );
  const lines = [];
  for (const { name } of tables) {
    const { rows } = await client.query(`SELECT t::text AS line FROM ONLY ${name} t`);
    lines.push(...rows.map(({ line }) => `${name} ${line}`));
  }
  return lines.join('\n');
}
