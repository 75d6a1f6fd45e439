// What stands around the product when a link is opened: Orthanc, a mail server, viewers, and the proxy in front of the landing page.
import { createHash } from 'node:crypto';
import { createServer, request as askOnward } from 'node:http';
import { SMTPServer } from 'smtp-server';
import { listen } from './browser.mjs';
import { undoLater } from './stage.mjs';

/** The part of Orthanc that is asked whose images they are, in the shapes of 1.12. */
export async function startOrthancDouble(studies) {
  const idOf = (...parts) => createHash('sha1').update(parts.join('|')).digest('hex').match(/.{8}/g).join('-');
  const known = new Map();
  for (const { uid, patientId, patientName, birthDate } of studies) {
    const [ID, ParentPatient] = [idOf(patientId, uid), idOf(patientId)];
    const PatientMainDicomTags = { PatientID: patientId, PatientName: patientName, PatientBirthDate: birthDate };
    const MainDicomTags = { StudyInstanceUID: uid, StudyDescription: `study of ${patientName}` };
    known.set(ID, { ID, Type: 'Study', ParentPatient, MainDicomTags, PatientMainDicomTags, Labels: ['A'] });
  }
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const answer = (json) =>
      response
        .writeHead(json === undefined ? 404 : 200, { 'content-type': 'application/json' })
        .end(JSON.stringify(json));
    const path = request.url.split('?')[0];
    if (path !== '/tools/lookup') return answer(known.get(path.replace('/studies/', '')));
    const found = [...known.values()].filter(({ MainDicomTags }) => MainDicomTags.StudyInstanceUID === body);
    answer(found.map(({ ID }) => ({ ID, Path: `/studies/${ID}`, Type: 'Study' })));
  });
  const { origin } = await listen(server);
  return { origin, idOf: (uid) => [...known.values()].find((one) => one.MainDicomTags.StudyInstanceUID === uid).ID };
}

/** A mail server that remembers what it took: whole messages, decoded as far as a code needs it. */
export async function startMailDouble() {
  const received = [];
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    authOptional: true,
    logger: false,
    closeTimeout: 50,
    onData: (stream, { envelope }, done) => {
      let raw = '';
      stream.on('data', (chunk) => (raw += chunk.toString('latin1')));
      stream.on('end', () => {
        received.push({ to: envelope.rcptTo.map(({ address }) => address), raw });
        done();
      });
    },
  });
  server.on('error', () => undefined);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  undoLater(() => new Promise((resolve) => server.close(resolve)));
  return {
    received,
    settings: {
      ENABLE_EMAILS: 'true',
      EMAILS_SENDER_ADDRESS: 'imaging@example.org',
      EMAILS_SMTP_SERVER_HOSTNAME: '127.0.0.1',
      EMAILS_SMTP_SERVER_PORT: String(server.server.address().port),
      EMAILS_SMTP_SERVER_USES_TLS: 'false',
    },
  };
}

/** The code of a message, alone on its line in the part that is plain text. */
export const codeIn = ({ raw }) => /^\s+(\d{6})\s*$/m.exec(raw)?.[1];

/** Stands for every viewer, and for the archive of a study. */
export async function startViewerDouble() {
  const referers = new Set();
  const server = createServer((request, response) => {
    referers.add(request.headers.referer);
    if (/\/archive\?/.test(request.url)) {
      const headers = { 'content-type': 'application/zip', 'content-disposition': 'attachment; filename="images.zip"' };
      return void response.writeHead(200, headers).end('PK');
    }
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end('<!doctype html><title>The viewer</title><link rel="icon" href="data:,"><h1>The viewer</h1>');
  });
  return { ...(await listen(server)), referers };
}

/** The proxy of an installation: it publishes the landing page below /share/ and tells whom a request is from. */
export async function startFrontDoor() {
  let port;
  const server = createServer((request, response) => {
    const path = request.url.startsWith('/share/') ? request.url.slice('/share'.length) : undefined;
    if (path === undefined || port === undefined) return void response.writeHead(404).end();
    const { method, headers } = request;
    const onward = askOnward({ host: '127.0.0.1', port, path, method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  const { origin } = await listen(server);
  return { origin, url: `${origin}/share/`, leadTo: (landing) => (port = Number(new URL(landing).port)) };
}
