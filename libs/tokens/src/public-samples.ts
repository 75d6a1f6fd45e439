/** Keys and passwords that stand in public samples and manuals. */
const samples = [
  /change-?me/i,
  /^my-?(secret-?key|password|pwd)$/i,
  /^(toto|secret|password|passwd|orthanc|admin|administrator|demo|test|guest|keycloak|alicepassword|letmein|123456(78)?)$/i,
  /^(share|demo|test|admin|orthanc|user|doctor)-?(user|pwd|password|secret)$/i,
];

/** Whether a secret is one that everybody can read somewhere: whoever guards with it guards nothing. */
export function isPublicSample(secret: string): boolean {
  return samples.some((sample) => sample.test(secret));
}
