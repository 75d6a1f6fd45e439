import type { KeyObject, X509Certificate } from 'node:crypto';
import { daysLeft, isFor, isValidAt, soon } from '../certificate-names.js';
import { openToEveryone } from '../file-modes.js';
import { urlOf } from '../hosts.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import type { Subject } from '../subject.js';

const shortestRsa = 2048;

/** Certificates and keys, as they lie on disk. */
export const certificateRules: readonly Rule[] = [
  {
    id: 'T-02',
    severity: 'error',
    title: 'Certificates and keys that are named are there and can be read.',
    why: 'Orthanc does not start without them, or the connection fails ("Problem with the SSL CA cert").',
    remedy:
      'Put the PEM file where the option says, readable by the user of Orthanc; run the doctor where it can read them too.',
    source: pages.https,
    covers: [17, 19, 20],
    check: ({ certificates }) =>
      certificates.flatMap(({ where, fault }) => (fault === null ? [] : [`${where}: ${fault}`])),
  },
  {
    id: 'T-03',
    severity: 'error',
    title: 'In the PEM file of SslCertificate the private key comes first.',
    why: 'The built-in server reads the key before the certificate; the other way round HTTPS does not start.',
    remedy: 'cat private.key certificate.crt > certificate.pem',
    source: pages.https,
    covers: [17],
    check: ({ certificates }) =>
      certificates.filter(({ keyIsLast }) => keyIsLast).map(({ where }) => `${where}: the key does not come first`),
  },
  {
    id: 'T-04',
    severity: 'error',
    title: 'A key belongs to its certificate.',
    why: 'With another key no connection is ever made.',
    remedy: 'Take the key that the certificate was asked for with, or ask for a new certificate.',
    source: pages.https,
    covers: [17, 21],
    check: ({ certificates }) =>
      certificates
        .filter(({ key, certificates: [first] }) => key !== null && first !== undefined && !first.checkPrivateKey(key))
        .map(({ where }) => `${where}: the key is not that of the certificate`),
  },
  {
    id: 'T-05',
    severity: 'error',
    title: 'Certificates are in force.',
    why: 'Clients that check refuse one that is over or has not begun; those that do not check should not be used.',
    remedy: 'Renew it, and let a timer renew the next.',
    source: pages.https,
    covers: [25],
    check: ({ certificates, now }) =>
      certificates.flatMap(({ where, role, certificates: all }) => {
        const faulty = all.filter((one) => !isValidAt(one, now));
        // A list of whom we trust may hold old ones beside those that count.
        const [first] = role === 'trusted' && faulty.length < all.length ? [] : faulty;
        if (first === undefined) return [];
        const over = daysLeft(first, now) < 0;
        return [
          `${where}: ${over ? `over since ${dayOf(first.validTo)}` : `not in force before ${dayOf(first.validFrom)}`}`,
        ];
      }),
  },
  {
    id: 'T-06',
    severity: 'warning',
    title: `No certificate ends within ${soon} days.`,
    why: 'When it ends, everything that checks it stands still at once.',
    remedy: 'Renew it, and let a timer renew the next.',
    source: pages.https,
    covers: [25],
    check: ({ certificates, now }) =>
      certificates.flatMap(({ where, role, certificates: [first, second] }) =>
        first !== undefined &&
        (role !== 'trusted' || second === undefined) &&
        isValidAt(first, now) &&
        daysLeft(first, now) < soon
          ? [`${where}: ends on ${dayOf(first.validTo)}`]
          : [],
      ),
  },
  {
    id: 'T-07',
    severity: 'error',
    title: 'The certificate carries the name that people open.',
    why: 'Browsers warn, and people learn to click warnings away; Orthanc as a client refuses.',
    remedy: 'Ask for a certificate with that name, or that IP address, as SAN.',
    source: pages.https,
    covers: [19],
    check: (subject) => {
      const shown = publicCertificates(subject);
      if (shown.length === 0) return [];
      return hostsOf(subject)
        .filter(({ host }) => !shown.some((one) => isFor(one, host)))
        .map(({ name, host }) => `${name}: no certificate carries the name ${host}`);
    },
  },
  {
    id: 'T-08',
    severity: 'error',
    title: 'Private keys, and PKCS #12 files, are not readable by everyone.',
    why: 'Whoever has an account on the machine, or in the container, can be the server, or the person.',
    remedy: 'Mode 0640 with the group of the user that needs it: give the group, not the world.',
    source: pages.https,
    covers: [17, 22, 24],
    check: ({ certificates, keyFiles, files }) => [
      ...certificates
        .filter(({ keyMode }) => keyMode !== null && openToEveryone(keyMode))
        .map(({ where }) => `${where}: its key is readable by everyone`),
      ...keyFiles.flatMap((path) => {
        const found = files.find(path, path);
        return found.state === 'read' && openToEveryone(found.mode) ? [`${path}: readable by everyone`] : [];
      }),
    ],
  },
  {
    id: 'T-14',
    severity: 'warning',
    title: 'The certificate of a server has its names as SAN.',
    why: 'Clients of today do not look at the common name (CN).',
    remedy: 'Ask for a certificate with the name, or the IP address, as SAN.',
    source: pages.https,
    covers: [19],
    check: ({ certificates }) =>
      certificates
        .filter(
          ({ role, certificates: [first] }) =>
            role === 'server' && first !== undefined && first.subjectAltName === undefined,
        )
        .map(({ where }) => `${where}: the certificate has no SAN`),
  },
  {
    id: 'T-15',
    severity: 'error',
    title: `RSA keys have at least ${shortestRsa} bits.`,
    why: 'Shorter ones are refused by clients, and can be broken.',
    remedy: `Make a new key: RSA with ${shortestRsa} bits or more, or P-256.`,
    source: pages.https,
    covers: [25],
    check: ({ certificates }) =>
      certificates
        .filter(
          ({ role, certificates: [first] }) =>
            role !== 'trusted' && first !== undefined && bitsOf(first.publicKey) < shortestRsa,
        )
        .map(({ where }) => `${where}: the key is too short`),
  },
];

/** What browsers meet: behind a proxy Orthanc's own certificate is not it. */
function publicCertificates({ certificates, orthanc, proxyInFront }: Subject): X509Certificate[] {
  return certificates
    .filter(({ isPublic, where }) => isPublic && !(proxyInFront && where === orthanc.where('SslCertificate')))
    .flatMap(({ certificates: [first] }) => first ?? []);
}

function hostsOf({ publicRoots }: Subject): { name: string; host: string }[] {
  const named = publicRoots.flatMap(({ name, url }) => {
    const parsed = urlOf(url);
    return parsed?.protocol === 'https:' ? [{ name, host: parsed.hostname }] : [];
  });
  return [...new Map(named.map((one) => [one.host, one])).values()];
}

function bitsOf(key: KeyObject): number {
  return key.asymmetricKeyType === 'rsa' ? (key.asymmetricKeyDetails?.modulusLength ?? 0) : Infinity;
}

function dayOf(text: string): string {
  return new Date(text).toISOString().slice(0, 10);
}
