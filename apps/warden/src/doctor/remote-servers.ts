import type { OrthancConfiguration } from './orthanc-configuration.js';
import { sectionOf, textOf } from './section.js';

/** Another server that Orthanc asks over HTTP: a peer, or a DICOMweb server. */
export interface RemoteServer {
  /** `orthanc.json: OrthancPeers, siteB`, for people. */
  readonly where: string;
  readonly namedBy: string;
  readonly url: string | null;
  readonly password: string | null;
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  readonly keyPassword: string | null;
}

export function remoteServers(orthanc: OrthancConfiguration): RemoteServer[] {
  const of = (option: string, label: string, entries: unknown) =>
    Object.entries(sectionOf(entries) ?? {}).map(([name, entry]) => ({
      where: `${orthanc.where(option)}${label}, ${name}`,
      namedBy: orthanc.pathOf(option),
      ...readEntry(entry),
    }));
  return [
    ...of('OrthancPeers', '', orthanc.value('OrthancPeers')),
    ...of('DicomWeb', '.Servers', orthanc.section('DicomWeb')?.['Servers']),
  ];
}

/** Either `[url, user, password]` or an object. */
function readEntry(entry: unknown): Omit<RemoteServer, 'where' | 'namedBy'> {
  if (Array.isArray(entry)) {
    const [url, , password] = entry as readonly unknown[];
    return { url: textOf(url), password: textOf(password), certificateFile: null, keyFile: null, keyPassword: null };
  }
  const { Url, Password, CertificateFile, CertificateKeyFile, CertificateKeyPassword } = sectionOf(entry) ?? {};
  return {
    url: textOf(Url),
    password: textOf(Password),
    certificateFile: textOf(CertificateFile),
    keyFile: textOf(CertificateKeyFile),
    keyPassword: textOf(CertificateKeyPassword),
  };
}
