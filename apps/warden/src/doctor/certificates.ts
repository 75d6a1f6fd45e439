import { type KeyObject, X509Certificate, createPrivateKey } from 'node:crypto';
import type { FileReader } from './file-reader.js';
import type { OrthancConfiguration } from './orthanc-configuration.js';
import { remoteServers } from './remote-servers.js';
import { textOf } from './section.js';

/** A certificate that a configuration names, with its key where it has one. */
export interface CertifiedName {
  /** `orthanc.json: SslCertificate`, for people. */
  readonly where: string;
  /** What it is for: shown to who asks us, shown to whom we ask, or a list of whom we trust. */
  readonly role: 'server' | 'client' | 'trusted';
  /** Browsers meet it at the public address. */
  readonly isPublic: boolean;
  /** The first is the one that is shown; the others lead to its authority, or are further trusted ones. */
  readonly certificates: readonly X509Certificate[];
  readonly key: KeyObject | null;
  /** Of a key in a file: how that file may be read. */
  readonly keyMode: number | null;
  /** Key and certificate are in one file, and the key comes second. */
  readonly keyIsLast: boolean;
  /** What kept it from being read, as the end of a sentence. */
  readonly fault: string | null;
}

interface Asked {
  readonly where: string;
  readonly role: CertifiedName['role'];
  readonly isPublic?: boolean;
  readonly namedBy: string;
  readonly certificate: string;
  /** The same as `certificate` when one file holds both; null when no key is wanted. */
  readonly key: string | null;
  readonly passphrase?: string;
}

const pemBlock = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]+?-----END \1-----/g;

export function certificatesOf(orthanc: OrthancConfiguration, files: FileReader): CertifiedName[] {
  return [...httpsOf(orthanc), ...dicomTlsOf(orthanc), ...clientsOf(orthanc)].map((asked) =>
    readCertificate(asked, files),
  );
}

export function readCertificate(asked: Asked, files: FileReader): CertifiedName {
  const { where, role, isPublic = false, namedBy, passphrase } = asked;
  const faulty = (fault: string, keyMode: number | null = null): CertifiedName => ({
    ...{ where, role, isPublic, certificates: [], key: null, keyIsLast: false },
    ...{ fault, keyMode },
  });
  const found = files.find(asked.certificate, namedBy);
  if (found.state !== 'read')
    return faulty(found.state === 'missing' ? 'names a file that is not there' : 'names a file that cannot be read');
  const labels = [...found.text.matchAll(pemBlock)].map(([, label]) => label ?? '');
  const certificates = [...found.text.matchAll(pemBlock)]
    .filter(([, label]) => label === 'CERTIFICATE')
    .map(([block]) => parseCertificate(block));
  const readable = certificates.filter((one) => one !== null);
  if (readable.length === 0 || readable.length < certificates.length)
    return faulty('names a file that holds no readable PEM certificate');
  if (asked.key === null)
    return { where, role, isPublic, certificates: readable, key: null, keyMode: null, keyIsLast: false, fault: null };
  const keyFile = files.find(asked.key, namedBy);
  if (keyFile.state !== 'read')
    return faulty(`names a private key that ${keyFile.state === 'missing' ? 'is not there' : 'cannot be read'}`);
  const key = parseKey(keyFile.text, passphrase);
  if (key === null) return faulty('names no private key that can be opened', keyFile.mode);
  const keyAt = labels.findIndex((label) => label.endsWith('PRIVATE KEY'));
  const keyIsLast = asked.key === asked.certificate && keyAt > labels.indexOf('CERTIFICATE');
  return { where, role, isPublic, certificates: readable, key, keyMode: keyFile.mode, keyIsLast, fault: null };
}

function httpsOf(orthanc: OrthancConfiguration): Asked[] {
  const asked: Asked[] = [];
  const of = (option: 'SslCertificate' | 'SslTrustedClientCertificates' | 'HttpsCACertificates') => ({
    where: orthanc.where(option),
    namedBy: orthanc.pathOf(option),
    certificate: orthanc.text(option),
  });
  if (orthanc.on('HttpServerEnabled') && orthanc.on('SslEnabled')) {
    asked.push({ ...of('SslCertificate'), role: 'server', isPublic: true, key: orthanc.text('SslCertificate') });
    if (orthanc.on('SslVerifyPeers')) asked.push({ ...of('SslTrustedClientCertificates'), role: 'trusted', key: null });
  }
  if (orthanc.text('HttpsCACertificates') !== '')
    asked.push({ ...of('HttpsCACertificates'), role: 'trusted', key: null });
  return asked;
}

function dicomTlsOf(orthanc: OrthancConfiguration): Asked[] {
  if (!orthanc.on('DicomTlsEnabled')) return [];
  const text = (option: string) => textOf(orthanc.value(option));
  const of = (option: string) => ({ where: orthanc.where(option), namedBy: orthanc.pathOf(option) });
  const [certificate, key, trusted] = [
    text('DicomTlsCertificate'),
    text('DicomTlsPrivateKey'),
    text('DicomTlsTrustedCertificates'),
  ];
  const asked: Asked[] = [];
  if (certificate !== null && key !== null)
    asked.push({ ...of('DicomTlsCertificate'), role: 'server', certificate, key });
  if (trusted !== null)
    asked.push({ ...of('DicomTlsTrustedCertificates'), role: 'trusted', certificate: trusted, key: null });
  return asked;
}

function clientsOf(orthanc: OrthancConfiguration): Asked[] {
  return remoteServers(orthanc).flatMap(({ where, namedBy, certificateFile, keyFile, keyPassword }): Asked[] =>
    certificateFile === null || keyFile === null
      ? []
      : [
          {
            where,
            namedBy,
            role: 'client',
            certificate: certificateFile,
            key: keyFile,
            ...(keyPassword && { passphrase: keyPassword }),
          },
        ],
  );
}

function parseCertificate(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function parseKey(pem: string, passphrase: string | undefined): KeyObject | null {
  const block = [...pem.matchAll(pemBlock)].find(([, label]) => label?.endsWith('PRIVATE KEY'))?.[0];
  if (block === undefined) return null;
  try {
    return createPrivateKey({ key: block, ...(passphrase !== undefined && { passphrase }) });
  } catch {
    return null;
  }
}
