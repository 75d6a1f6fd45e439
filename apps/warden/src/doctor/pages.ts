/** Where a rule comes from. */
export interface Page {
  readonly title: string;
  readonly url: string;
}

const book = (title: string, path: string): Page => ({
  title: `Orthanc Book, ${title}`,
  url: `https://orthanc.uclouvain.be/book/${path}`,
});

export const pages = {
  security: book('Securing Orthanc', 'faq/security.html'),
  https: book('HTTPS encryption with Orthanc', 'faq/https.html'),
  dicomTls: book('Configuring DICOM TLS', 'faq/dicom-tls.html'),
  configuration: book('Configuration of Orthanc', 'users/configuration.html'),
  authorization: book('Advanced authorization plugin', 'plugins/authorization.html'),
  ohif: { title: 'OHIF, SSL', url: 'https://docs.ohif.org/deployment/docker/ssl' },
  settings: { title: 'orthanc-warden, settings', url: 'docs/settings.md' },
  identity: { title: 'orthanc-warden, identity', url: 'docs/identity.md' },
  sharing: { title: 'orthanc-warden, sharing', url: 'docs/sharing.md' },
  guard: { title: 'orthanc-warden, the guard', url: 'docs/adr/0012-the-guard.md' },
  operating: { title: 'orthanc-warden, operating', url: 'docs/operating.md' },
} as const;
