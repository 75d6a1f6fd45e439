import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { installPackages } from './debian.mjs';
import { isAlive, temporaryFolder, undoLater, until } from './stage.mjs';

const rsyslogd = '/usr/sbin/rsyslogd';

/**
 * Debian's rsyslog as a process of the suite's own: octet-counted messages over TLS, from clients with a certificate of
 * its authority, one message a line into a file. The machine's own syslog is left alone.
 */
export async function prepareSyslogServer() {
  if (!existsSync(rsyslogd) || !hasGnuTls()) installPackages('rsyslog is missing', ['rsyslog', 'rsyslog-gnutls']);
  const folder = await temporaryFolder('syslog');
  const certificates = makeCertificates(folder);
  const port = await freePort();
  const received = join(folder, 'received.log');
  const configuration = join(folder, 'rsyslog.conf');
  await writeFile(configuration, configurationOf({ folder, port, received, certificates }));
  let child = null;
  return {
    port,
    certificates,
    /** The messages in the file, header and text, in the order in which they were written. */
    messages: async () => {
      const text = await readFile(received, 'utf8').catch(() => '');
      return text.split('\n').slice(0, -1);
    },
    start: async () => {
      let complaints = '';
      const started = spawn(rsyslogd, ['-n', '-f', configuration, '-iNONE', '-C'], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      child = started;
      for (const stream of [started.stdout, started.stderr]) stream.on('data', (chunk) => (complaints += chunk));
      undoLater(() => end(started, 'SIGKILL'));
      await until('rsyslog listens', async () => {
        if (!isAlive(started.pid)) throw new Error(`rsyslog ended: ${complaints}`);
        return !(await isFree(port));
      });
    },
    /** SIGKILL: nothing is told to anybody, and what it had not read is lost. */
    stop: (signal = 'SIGTERM') => end(child, signal),
  };
}

async function end(child, signal) {
  if (!isAlive(child.pid)) return;
  child.kill(signal);
  await until('rsyslog ends', () => !isAlive(child.pid), 15_000);
}

function hasGnuTls() {
  return ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib'].some((folder) =>
    existsSync(join(folder, 'rsyslog/lmnsd_gtls.so')),
  );
}

const configurationOf = ({ folder, port, received, certificates }) => `
# An audit message may be longer than the 8 KiB that are usual here (RFC 5425 section 4.3.1, DICOM PS3.15 A.6).
global(
  workDirectory="${folder}"
  maxMessageSize="256k"
  defaultNetstreamDriver="gtls"
  defaultNetstreamDriverCAFile="${certificates.authority}"
  defaultNetstreamDriverCertFile="${certificates.server.certificate}"
  defaultNetstreamDriverKeyFile="${certificates.server.key}"
)
module(
  load="imtcp"
  streamDriver.name="gtls" streamDriver.mode="1" streamDriver.authMode="x509/name"
  permittedPeer=["warden.test"]
)
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="audit")
template(name="whole" type="string" string="%rawmsg%\\n")
ruleset(name="audit") {
  action(type="omfile" file="${received}" template="whole" asyncWriting="off")
}
`;

/** An authority, a certificate for localhost, one for the client, and an authority that nobody trusts. */
function makeCertificates(folder) {
  if (!existsSync('/usr/bin/openssl')) installPackages('openssl is missing', ['openssl']);
  const at = (name) => join(folder, name);
  const openssl = (...args) => execFileSync('openssl', args, { stdio: 'ignore' });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  for (const name of ['authority', 'stranger']) {
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '2',
      '-subj',
      `/CN=${name}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(name),
    );
  }
  const leaf = (name, names) => {
    openssl(
      'req',
      ...key,
      '-subj',
      `/CN=${name}`,
      '-addext',
      `subjectAltName=${names}`,
      '-keyout',
      at(`${name}.key`),
      '-out',
      at(`${name}.csr`),
    );
    openssl(
      'x509',
      '-req',
      '-in',
      at(`${name}.csr`),
      '-CA',
      at('authority'),
      '-CAkey',
      at('authority.key'),
      '-CAcreateserial',
      '-days',
      '2',
      '-copy_extensions',
      'copy',
      '-out',
      at(name),
    );
    return { certificate: at(name), key: at(`${name}.key`) };
  };
  return {
    authority: at('authority'),
    stranger: at('stranger'),
    server: leaf('localhost', 'DNS:localhost,IP:127.0.0.1'),
    client: leaf('warden.test', 'DNS:warden.test'),
  };
}

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

async function isFree(port) {
  const server = createServer();
  const free = await new Promise((answer) => {
    server.once('error', () => answer(false));
    server.listen(port, '127.0.0.1', () => answer(true));
  });
  if (free) await new Promise((closed) => server.close(closed));
  return free;
}
