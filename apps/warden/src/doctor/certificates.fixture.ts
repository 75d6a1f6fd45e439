import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface MadeCertificate {
  readonly key: string;
  readonly certificate: string;
}

const kept = new Map<string, MadeCertificate>();

interface Wanted {
  readonly days?: number;
  /** None: only a common name. */
  readonly san?: string | null;
  readonly rsaBits?: number;
  /** Two with the same wishes and different numbers have different keys. */
  readonly number?: number;
}

/** Signed by itself, in force from now on; made by openssl, each once. */
export function madeCertificate(wanted: Wanted = {}): MadeCertificate {
  const known = kept.get(JSON.stringify(wanted));
  if (known !== undefined) return known;
  const { days = 365, san = 'DNS:images.example.org,IP:127.0.0.1', rsaBits } = wanted;
  const folder = mkdtempSync(join(tmpdir(), 'warden-doctor-certificate-'));
  try {
    const [key, certificate] = [join(folder, 'key'), join(folder, 'certificate')];
    const kind = rsaBits === undefined ? ['ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'] : [`rsa:${rsaBits}`];
    const names = san === null ? [] : ['-addext', `subjectAltName=${san}`];
    execFileSync(
      'openssl',
      // prettier-ignore
      ['req', '-x509', '-nodes', '-newkey', ...kind, '-days', String(days), '-subj', '/CN=images.example.org', ...names, '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    const made = { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
    kept.set(JSON.stringify(wanted), made);
    return made;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
