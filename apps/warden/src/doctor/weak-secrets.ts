/** Keys and passwords that stand in public samples and manuals: whoever guards with one of them guards nothing. */
const samples = [
  /change-?me/i,
  /^my-?(secret-?key|password|pwd)$/i,
  /^(toto|secret|password|passwd|orthanc|admin|administrator|demo|test|guest|keycloak|alicepassword|letmein|123456(78)?)$/i,
  /^(share|demo|test|admin|orthanc|user|doctor)-?(user|pwd|password|secret)$/i,
];

/** The end of a sentence that begins with where the secret stands; null when nothing is to be said. Never the secret. */
export function weaknessOf(secret: string, shortest: number, user?: string): string | null {
  if (samples.some((sample) => sample.test(secret))) return 'is a value from a public sample';
  if (user !== undefined && secret.toLowerCase() === user.toLowerCase()) return 'is the name of its user';
  if (Buffer.byteLength(secret) < shortest) return `is shorter than ${shortest} bytes`;
  return null;
}

/** Bytes. Of a password that is tried over the network, and of a key that is tried at home. */
export const shortestPassword = 12;
export const shortestKey = 32;
