import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';

/** Whether a client that asks for this host accepts the certificate's names: SAN only, as browsers and curl do. */
export function isFor(certificate: X509Certificate, host: string): boolean {
  const bare = host.replace(/[[\]]/g, '');
  if (isIP(bare) !== 0) return certificate.checkIP(bare) !== undefined;
  return certificate.checkHost(bare, { subject: 'never' }) !== undefined;
}

/** Days until its end, negative when it is over. */
export function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((Date.parse(certificate.validTo) - now) / 86_400_000);
}

export function isValidAt(certificate: X509Certificate, now: number): boolean {
  return Date.parse(certificate.validFrom) <= now && now < Date.parse(certificate.validTo);
}

/** Days. Enough for somebody to notice, to ask and to install. */
export const soon = 30;
