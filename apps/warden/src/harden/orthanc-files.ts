// Names of what `harden orthanc` writes, below its folder.

export const file = {
  configuration: 'orthanc.json',
  variables: 'orthanc.env',
  accessFilter: 'access.lua',
  storeFilter: 'store.lua',
  keyAndCertificate: 'tls/key-and-certificate.pem',
  certificate: 'tls/certificate.pem',
  key: 'tls/key.pem',
  clientKey: 'tls/client-key.pem',
  /** Whose certificates open this Orthanc. */
  authority: 'tls/ca.pem',
  /** By whom other servers are proved: a file of its own, since one may add to it without letting anybody in. */
  serverAuthorities: 'tls/server-authorities.pem',
} as const;

export const authVariable = 'AUTH_SERVICE_PASSWORD';
export const clientKeyVariable = 'CLIENT_KEY_PASSWORD';

/** Orthanc replaces it by the variable of that name. */
export const fromVariable = (name: string) => `\${${name}}`;
