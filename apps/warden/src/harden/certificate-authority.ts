import { X509Certificate, createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

const hour = 3_600_000;
const day = 24 * hour;
const authorityYears = 10;
/** What browsers accept at most. */
const leafDays = 397;
/** RSA, since devices that speak DICOM TLS may know nothing else. */
const modulusLength = 3072;

export interface KeyAndCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** What a certificate is good for. An Orthanc is both: it listens, and it calls its peers. */
export type Purpose = 'serverAuth' | 'clientAuth';

export interface Leaf {
  readonly commonName: string;
  /** Host names and IP addresses. */
  readonly hosts: readonly string[];
  readonly purposes: readonly Purpose[];
}

/** A new private authority. It signs leaves only: no authority below it. `now` is in milliseconds since 1970. */
export function makeAuthority(commonName: string, now: number): KeyAndCertificate {
  const pair = newKeyPair();
  const until = new Date(now);
  until.setUTCFullYear(until.getUTCFullYear() + authorityYears);
  const certificate = draft(pair.publicKey, commonName, now, until.getTime());
  certificate.setIssuer(certificate.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: true, pathLenConstraint: 0 },
    { name: 'keyUsage', critical: true, keyCertSign: true, cRLSign: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return signed(certificate, pair.privateKey, pair.privateKey);
}

/** A key and its certificate for 397 days, or as long as the authority lives. */
export function issue(authority: KeyAndCertificate, leaf: Leaf, now: number): KeyAndCertificate {
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const pair = newKeyPair();
  const until = Math.min(now + leafDays * day, issuer.validity.notAfter.getTime());
  const certificate = draft(pair.publicKey, leaf.commonName, now, until);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', critical: true, cA: false },
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true },
    { name: 'extKeyUsage', ...Object.fromEntries(leaf.purposes.map((purpose) => [purpose, true])) },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: keyIdentifierOf(issuer) },
    ...(leaf.hosts.length === 0 ? [] : [{ name: 'subjectAltName', altNames: leaf.hosts.map(altName) }]),
  ]);
  return signed(certificate, pair.privateKey, authority.key);
}

/** The authority's own name for its key; where it has none, the usual one. */
function keyIdentifierOf(issuer: forge.pki.Certificate): string {
  const own = issuer.getExtension('subjectKeyIdentifier') as { subjectKeyIdentifier?: string } | null;
  return own?.subjectKeyIdentifier === undefined
    ? issuer.generateSubjectKeyIdentifier().getBytes()
    : forge.util.hexToBytes(own.subjectKeyIdentifier);
}

/** Why this cannot sign certificates now, as the end of a sentence; undefined when it can. */
export function faultOfAuthority({ certificate, key }: KeyAndCertificate, now: number): string | undefined {
  let parsed;
  try {
    parsed = new X509Certificate(certificate);
    if (!parsed.checkPrivateKey(createPrivateKey(key))) return 'has a key that is not its own';
    forge.pki.certificateFromPem(certificate);
    forge.pki.privateKeyFromPem(key);
  } catch {
    return 'cannot be read: it must be PEM, with an RSA key and no password';
  }
  if (!parsed.ca) return 'is not an authority';
  return Date.parse(parsed.validTo) < now + day ? 'is over' : undefined;
}

/** The file that browsers take: certificate, key and authority under a password, which must be a random one. */
export function pkcs12(leaf: KeyAndCertificate, authority: string, name: string, password: string): Buffer {
  const chain = [leaf.certificate, authority].map((pem) => forge.pki.certificateFromPem(pem));
  const content = forge.pkcs12.toPkcs12Asn1(forge.pki.privateKeyFromPem(leaf.key), chain, password, {
    algorithm: 'aes256',
    friendlyName: name,
  });
  return Buffer.from(forge.asn1.toDer(content).getBytes(), 'latin1');
}

function newKeyPair(): { publicKey: string; privateKey: string } {
  return generateKeyPairSync('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
}

/** An hour old, for clocks that are late. */
function draft(publicKey: string, commonName: string, now: number, until: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = newSerial();
  certificate.validity.notBefore = new Date(now - hour);
  certificate.validity.notAfter = new Date(until);
  // UTF8String: the other kind, PrintableString, knows no underscore.
  const valueTagClass = forge.asn1.Type.UTF8 as unknown as forge.asn1.Class;
  certificate.setSubject([{ name: 'commonName', value: commonName, valueTagClass }]);
  return certificate;
}

/** 16 random bytes that are a positive number without leading zeros. */
function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

function signed(certificate: forge.pki.Certificate, key: string, signer: string): KeyAndCertificate {
  certificate.sign(forge.pki.privateKeyFromPem(signer), forge.md.sha256.create());
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll('\r', ''), key };
}

function altName(host: string): { type: number; ip: string } | { type: number; value: string } {
  return isIP(host) === 0 ? { type: 2, value: host } : { type: 7, ip: host };
}
