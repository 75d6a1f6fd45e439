import type { Section } from './section.js';

/** What matters of the configuration that Orthanc 1.12 comes with: it is there to be tried on one's own machine. */
export const stockOrthanc: Section = {
  Name: 'MyOrthanc',
  HttpServerEnabled: true,
  HttpPort: 8042,
  WebDavEnabled: true,
  RemoteAccessAllowed: false,
  SslEnabled: false,
  SslCertificate: 'certificate.pem',
  SslVerifyPeers: false,
  DicomServerEnabled: true,
  DicomAet: 'ORTHANC',
  DicomPort: 4242,
  DicomCheckCalledAet: false,
  DicomCheckModalityHost: false,
  DicomAlwaysAllowEcho: true,
  DicomAlwaysAllowStore: true,
  DicomAlwaysAllowFind: false,
  DicomAlwaysAllowGet: false,
  DicomAlwaysAllowMove: false,
  DicomTlsEnabled: false,
  DicomModalities: {},
  OrthancPeers: {},
  HttpsVerifyPeers: true,
  HttpsCACertificates: '',
  LimitFindResults: 0,
  LimitFindInstances: 0,
  OverwriteInstances: false,
  ExecuteLuaEnabled: false,
  RestApiWriteToFileSystemEnabled: false,
  LuaScripts: [],
};

/** The usual set-up beside the service that ours takes the place of, with the values of its samples. */
export const sampleOrthanc: Section = {
  Name: 'orthanc',
  RemoteAccessAllowed: true,
  AuthenticationEnabled: false,
  Authorization: {
    WebServiceRootUrl: 'http://orthanc-auth-service:8000/',
    WebServiceUsername: 'share-user',
    WebServicePassword: 'change-me',
    StandardConfigurations: ['stone-webviewer', 'orthanc-explorer-2', 'ohif'],
    CheckedLevel: 'studies',
  },
  DicomWeb: { Enable: true },
};

export const sampleSettings = `SECRET_KEY=change-me-I-am-a-secret-key
USERS={"share-user": "change-me"}
PUBLIC_ORTHANC_ROOT=http://images.example.org/orthanc
PUBLIC_LANDING_ROOT=http://images.example.org/orthanc/ui/app/token-landing.html
ENABLE_KEYCLOAK=true
KEYCLOAK_CLIENT_SECRET=change-me
`;

/** Nothing to say against it, but for notes. */
export const hardenedOrthanc: Section = {
  Name: 'Radiology',
  RemoteAccessAllowed: true,
  AuthenticationEnabled: true,
  RegisteredUsers: { 'auth-service': '${ORTHANC_PASSWORD}' },
  WebDavEnabled: false,
  LimitFindResults: 100,
  LimitFindInstances: 100,
  OverwriteInstances: false,
  DicomServerEnabled: false,
  Authorization: {
    WebServiceRootUrl: 'http://auth-service:8000/',
    WebServiceUsername: 'orthanc',
    WebServicePassword: '${PLUGIN_PASSWORD}',
    StandardConfigurations: ['stone-webviewer', 'ohif'],
    CheckedLevel: 'studies',
  },
  DicomWeb: { Enable: true },
};

export const hardenedSettings = `WARDEN_MODE=production
SECRET_KEY='0123456789abcdef0123456789abcdef0123456789abcdef'
USERS={"orthanc": "plugin password, long"} # as Orthanc has it
PUBLIC_ORTHANC_ROOT="https://images.example.org/orthanc/"
SHARE_POST=edge-only
SHARE_MAX_DURATION=7776000
TRUSTED_PROXIES=172.30.0.2
`;

export const hardenedEnvironment = {
  ORTHANC_PASSWORD: 'orthanc password, long',
  PLUGIN_PASSWORD: 'plugin password, long',
};
