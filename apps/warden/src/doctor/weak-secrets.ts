import { isPublicSample } from '@warden/tokens';

/** The end of a sentence that begins with where the secret stands; null when nothing is to be said. Never the secret. */
export function weaknessOf(secret: string, shortest: number, user?: string): string | null {
  if (isPublicSample(secret)) return 'is a value from a public sample';
  if (user !== undefined && secret.toLowerCase() === user.toLowerCase()) return 'is the name of its user';
  if (Buffer.byteLength(secret) < shortest) return `is shorter than ${shortest} bytes`;
  return null;
}

/** Bytes. Of a password that is tried over the network, and of a key that is tried at home. */
export const shortestPassword = 12;
export const shortestKey = 32;
