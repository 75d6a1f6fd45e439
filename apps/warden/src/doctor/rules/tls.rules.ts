import { isClearToElsewhere, urlOf } from '../hosts.js';
import { pages } from '../pages.js';
import { remoteServers } from '../remote-servers.js';
import type { Rule } from '../rule.js';

/** How HTTPS is spoken, in both directions. */
export const tlsRules: readonly Rule[] = [
  {
    id: 'T-01',
    severity: 'error',
    title: 'Orthanc checks the certificate of whom it asks.',
    why: 'Without it anybody on the way can be the peer, take the images and the password.',
    remedy: 'Set "HttpsVerifyPeers": true, and HttpsCACertificates to the private authority where there is one.',
    source: pages.security,
    covers: [4],
    check: ({ orthanc }) => (orthanc.on('HttpsVerifyPeers') ? [] : [`${orthanc.where('HttpsVerifyPeers')}: off`]),
  },
  {
    id: 'T-09',
    severity: 'error',
    title: 'Built-in HTTPS takes no protocol before TLS 1.2.',
    why: 'TLS 1.0 and 1.1 are broken and out of use (RFC 8996).',
    remedy: 'Leave "SslMinimumProtocolVersion" at 4, or set 5.',
    source: pages.https,
    covers: [25],
    check: ({ orthanc }) => {
      const version = orthanc.number('SslMinimumProtocolVersion');
      return orthanc.on('SslEnabled') && version < 4
        ? [`${orthanc.where('SslMinimumProtocolVersion')}: ${version}`]
        : [];
    },
  },
  {
    id: 'T-10',
    severity: 'note',
    title: 'Built-in HTTPS on Debian and its family needs libssl-dev.',
    why: 'Without it Orthanc stops with "The TCP port of the HTTP server is privileged or already in use": the server cannot find libcrypto.so. The Orthanc of Debian 13 ends at its first HTTPS connection even with it.',
    remedy: 'Let a reverse proxy do the HTTPS; else apt install libssl-dev.',
    source: pages.https,
    covers: [18],
    check: ({ orthanc }) => (orthanc.on('SslEnabled') ? [`${orthanc.where('SslEnabled')}: built-in HTTPS`] : []),
  },
  {
    id: 'T-11',
    severity: 'note',
    title: 'Built-in HTTPS asks clients for a certificate where only machines come.',
    why: 'Between two Orthancs a certificate is a stronger proof than a password, and nothing else can connect.',
    remedy: 'Set "SslVerifyPeers": true and SslTrustedClientCertificates; browsers take a PKCS #12 file.',
    source: pages.https,
    covers: [20, 22],
    check: ({ orthanc }) =>
      orthanc.on('SslEnabled') && !orthanc.on('SslVerifyPeers')
        ? [`${orthanc.where('SslVerifyPeers')}: clients need no certificate`]
        : [],
  },
  {
    id: 'T-12',
    severity: 'error',
    title: 'Peers and DICOMweb servers are asked over HTTPS.',
    why: 'Images and passwords cross the network, perhaps the Internet, in clear.',
    remedy: 'Write https:// in their Url.',
    source: pages.security,
    covers: [12, 11],
    check: ({ orthanc }) =>
      remoteServers(orthanc).flatMap(({ where, url }) => {
        const parsed = url === null ? null : urlOf(url);
        return parsed !== null && isClearToElsewhere(parsed) ? [`${where}: http:// to another host`] : [];
      }),
  },
  {
    id: 'T-13',
    severity: 'error',
    title: 'A client certificate comes with its key.',
    why: 'With one of the two Orthanc shows no certificate, and the other side refuses.',
    remedy: 'Write both CertificateFile and CertificateKeyFile (and CertificateKeyPassword where the key has one).',
    source: pages.https,
    covers: [21],
    check: ({ orthanc }) =>
      remoteServers(orthanc)
        .filter(({ certificateFile, keyFile }) => (certificateFile === null) !== (keyFile === null))
        .map(
          ({ where, keyFile }) => `${where}: ${keyFile === null ? 'CertificateKeyFile' : 'CertificateFile'} is missing`,
        ),
  },
  {
    id: 'T-16',
    severity: 'note',
    title: 'The authority of private certificates is named where Orthanc is the client.',
    why: 'Without HttpsCACertificates a server with a private or self-signed certificate cannot be asked ("Problem with the SSL CA cert").',
    remedy: 'Set HttpsCACertificates to a PEM file with the authority, or with the authorities of the system.',
    source: pages.https,
    covers: [19],
    check: ({ orthanc }) => {
      const secure = remoteServers(orthanc).some(({ url }) => url?.startsWith('https:'));
      return secure && orthanc.text('HttpsCACertificates') === ''
        ? [`${orthanc.where('HttpsCACertificates')}: HTTPS servers are asked without it`]
        : [];
    },
  },
];
