// The folder of one key and certificate, as `harden certificates` writes it and `harden orthanc` reads it.
import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandFailed } from '../failures.js';

export const leafFile = {
  certificate: 'certificate.pem',
  key: 'key.pem',
  /** As Orthanc's HTTPS wants it: the key first. */
  both: 'key-and-certificate.pem',
  authority: 'ca.pem',
} as const;

/** All PEM. */
export interface LeafFolder {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
}

/** What a certificate must be good for: that of an Orthanc for both. */
const needed = {
  orthanc: ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'],
  server: ['1.3.6.1.5.5.7.3.1'],
} as const;

/** What is there, once it is certain that its parts belong together and are in force. */
export function readLeafFolder(folder: string, kind: keyof typeof needed, now: number): LeafFolder {
  const leaf = {
    certificate: readPem(folder, leafFile.certificate),
    key: readPem(folder, leafFile.key),
    authority: readPem(folder, leafFile.authority),
  };
  const fault = faultOf(leaf, kind, now);
  if (fault !== undefined)
    throw new CommandFailed(`The certificate in ${folder} ${fault}. Make it anew with harden certificates --force.`);
  return leaf;
}

function readPem(folder: string, name: string): string {
  const path = join(folder, name);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailed(
      `${path} cannot be read (${(error as NodeJS.ErrnoException).code}). --certificates takes a folder that harden certificates wrote.`,
    );
  }
}

/** Why it is of no use, to follow "the certificate". */
function faultOf(leaf: LeafFolder, kind: keyof typeof needed, now: number): string | undefined {
  try {
    const certificate = new X509Certificate(leaf.certificate);
    if (!certificate.checkPrivateKey(createPrivateKey(leaf.key))) return 'does not fit its key';
    if (!certificate.verify(new X509Certificate(leaf.authority).publicKey)) return 'is not signed by its ca.pem';
    if (Date.parse(certificate.validTo) <= now) return 'is over';
    const purposes = certificate.keyUsage ?? [];
    return needed[kind].every((purpose) => purposes.includes(purpose)) ? undefined : `was not made with --${kind}`;
  } catch {
    return 'or its key is damaged';
  }
}
