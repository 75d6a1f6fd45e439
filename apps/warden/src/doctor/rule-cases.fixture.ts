import { X509Certificate } from 'node:crypto';
import { madeCertificate } from './certificates.fixture.js';
import type { ObservedOrthanc, ProbedPath } from './observe-running.js';
import type { SetUp } from './subject.fixture.js';

/** For a rule: set-ups that it finds fault with, and set-ups that it lets pass. */
export interface RuleCase {
  readonly fails: readonly SetUp[];
  readonly passes: readonly SetUp[];
}

const day = 86_400_000;
const good = madeCertificate();
const other = madeCertificate({ number: 2 });
const users = { RegisteredUsers: { alice: 'correct horse battery' } };
const filter = 'function IncomingHttpRequestFilter(method, uri, ip, username) return username == "admin" end';
const https = (files: SetUp['files'], more: SetUp = {}): SetUp => ({
  ...more,
  options: { SslEnabled: true, SslCertificate: 'server.pem', ...more.options },
  ...(files && { files }),
});
const keyFirst = { 'server.pem': good.key + good.certificate };
const dicomTls = (more: Record<string, unknown>): SetUp => ({ options: { DicomTlsEnabled: true, ...more } });
const peers = (peer: unknown, more: Record<string, unknown> = {}): SetUp => ({
  options: { OrthancPeers: { siteB: peer }, ...more },
});
const plugin = (more: Record<string, unknown>, without: readonly string[] = []): SetUp => {
  const whole: Record<string, unknown> = {
    WebServiceRootUrl: 'http://auth-service:8000/',
    WebServiceUsername: 'orthanc-plugin',
    WebServicePassword: 'V3ry-long-and-random',
    CheckedLevel: 'studies',
    StandardConfigurations: ['stone-webviewer', 'ohif'],
    ...more,
  };
  return {
    options: { Authorization: Object.fromEntries(Object.entries(whole).filter(([name]) => !without.includes(name))) },
  };
};
const mintingOnly: SetUp = {
  options: {
    ...{ RemoteAccessAllowed: true, ...users },
    Authorization: { WebServiceTokenCreationBaseUrl: 'http://auth-service:8000/tokens/' },
  },
};
const settings = (given: Record<string, string>): SetUp => ({ settings: given });
const compose = (services: string, files?: SetUp['files']): SetUp => ({
  compose: `services:\n${services}`,
  ...(files && { files }),
});
const orthancService = (lines: string) => compose(`  orthanc:\n    image: orthancteam/orthanc:25.4.0\n    ${lines}\n`);
const ohif = (lines: string) => compose(`  viewer:\n    image: ohif/app:v3.13.2\n    ${lines}\n`);
const mountedKeys = '[./a.crt:/etc/ssl/certs/ssl-certificate.crt:ro, ./a.key:/etc/ssl/private/ssl-private-key.key:ro]';
const seen = (orthanc: Partial<ObservedOrthanc>): SetUp => ({ orthanc });
const answering = (path: ProbedPath, status: number | null) => seen({ answers: new Map([[path, status]]) });
const shown = (certificate = good.certificate, more: Partial<ObservedOrthanc> = {}) =>
  seen({ certificate: new X509Certificate(certificate), ...more });

export const ruleCases: Readonly<Record<string, RuleCase>> = {
  'C-01': {
    fails: [
      { configuration: { 'a.json': '{"Name": "a"}', 'b.json': '{"Name": "b"}' } },
      { configuration: { 'a.json': '{"Name": "a", "Name": "b"}' } },
      { configuration: { 'a.json': '{"DicomWeb": {"Root": "/a/"}}', 'b.json': '{"DicomWeb": {"Root": "/b/"}}' } },
    ],
    passes: [{ configuration: { 'a.json': '{"Name": "a"}', 'b.json': '{"DicomWeb": {}}' } }],
  },
  'C-02': {
    fails: [{ configuration: { 'a.json': '{"Name": "${NOT_THERE}"}' } }],
    passes: [{ configuration: { 'a.json': '{"Name": "${NOT_THERE:-x}" /* ${NEITHER} */}' } }],
  },
  'C-03': {
    fails: [{ options: { RemoteAccessAllowed: 'true' } }, { options: { RegisteredUsers: [] } }],
    passes: [{ options: { RemoteAccessAllowed: true, HttpPort: 8042, LuaScripts: [] } }],
  },
  'C-04': {
    fails: [{ options: { LuaScripts: ['rules.lua'] } }],
    passes: [{ options: { LuaScripts: ['rules.lua'] }, files: { 'rules.lua': filter } }],
  },
  'C-05': {
    fails: [
      { options: users, configurationMode: 0o100644 },
      ...[
        { PostgreSQL: { Password: 'correct horse' } },
        { MySQL: { Password: 'correct horse' } },
        { AwsS3Storage: { SecretKey: 'correct horse' } },
        { AzureBlobStorage: { ConnectionString: 'correct horse' } },
        { OrthancExplorer2: { Keycloak: { ClientSecret: 'correct horse' } } },
        { OrthancPeers: { b: ['https://b.example.org/', 'u', 'correct horse'] } },
      ].map((options) => ({ options, configurationMode: 0o100644 })),
      { environmentFiles: { 'orthanc.env': 0o100644 } },
    ],
    passes: [
      { options: users },
      { options: { RegisteredUsers: {} }, configurationMode: 0o100644 },
      { options: { PostgreSQL: { Password: '' }, Name: 'public' }, configurationMode: 0o100644 },
      { environmentFiles: { 'orthanc.env': 0o100640 } },
    ],
  },
  'C-06': { fails: [{ options: { OrthancPeersInDatabase: true } }], passes: [{ options: {} }] },

  'C-07': {
    fails: [
      { configuration: { 'a.json': '{"DicomWeb": {"Enable": true}}', 'b.json': '{"DicomWeb": {"Root": "/x/"}}' } },
    ],
    passes: [{ configuration: { 'a.json': '{"DicomWeb": {"Enable": true}}', 'b.json': '{"Name": "a"}' } }],
  },

  'O-01': {
    fails: [
      { options: { RemoteAccessAllowed: true, AuthenticationEnabled: false } },
      // What a proxy on the same machine forwards is local.
      { options: {}, proxyInFront: true },
    ],
    passes: [
      { options: {} },
      { options: { HttpServerEnabled: false }, proxyInFront: true },
      { ...plugin({}), proxyInFront: true },
      { options: { RemoteAccessAllowed: true } },
      { options: { RemoteAccessAllowed: true, AuthenticationEnabled: false, ...plugin({}).options } },
      { options: { RemoteAccessAllowed: true, AuthenticationEnabled: false, HttpBindAddresses: ['127.0.0.1'] } },
    ],
  },
  'O-02': {
    fails: [{ options: { RemoteAccessAllowed: true } }],
    passes: [{ options: {} }, { options: { RemoteAccessAllowed: true, ...users } }],
  },
  'O-03': {
    fails: [
      { options: { RegisteredUsers: { orthanc: 'orthanc' } } },
      { options: { RegisteredUsers: { alice: 'change-me-please-now' } } },
      { options: { RegisteredUsers: { alice: 'short' } } },
    ],
    passes: [{ options: users }],
  },
  'O-04': {
    fails: [{ options: { RemoteAccessAllowed: true } }],
    passes: [
      { options: { RemoteAccessAllowed: true }, proxyInFront: true },
      { options: { RemoteAccessAllowed: true, SslEnabled: true } },
    ],
  },
  'O-05': {
    fails: [{ options: { RemoteAccessAllowed: true, SslEnabled: true } }],
    passes: [{ options: { RemoteAccessAllowed: true, SslEnabled: true }, proxyInFront: true }],
  },
  'O-06': {
    fails: [{ options: {} }, { options: { LimitFindResults: 100, LimitFindInstances: 0 } }],
    passes: [{ options: { LimitFindResults: 100, LimitFindInstances: 100 } }],
  },
  'O-07': { fails: [{ options: { ExecuteLuaEnabled: true } }], passes: [{ options: {} }] },
  'O-08': { fails: [{ options: { RestApiWriteToFileSystemEnabled: true } }], passes: [{ options: {} }] },
  'O-09': {
    fails: [{ options: {} }],
    passes: [{ options: { WebDavEnabled: false } }, { options: { HttpServerEnabled: false } }],
  },
  'O-10': {
    fails: [{ options: {} }, { options: { OverwriteInstances: 'IfChanged' } }],
    passes: [{ options: { OverwriteInstances: false } }, { options: { OverwriteInstances: 'Never' } }],
  },
  'O-11': {
    fails: [
      { options: { RemoteAccessAllowed: true } },
      { options: { RemoteAccessAllowed: true, RegisteredUsers: { alice: 'correct horse', bob: 'battery staple' } } },
      { options: { RemoteAccessAllowed: true, LuaScripts: ['a.lua'] }, files: { 'a.lua': `-- ${filter}` } },
      { options: {}, proxyInFront: true },
    ],
    passes: [
      { options: { RemoteAccessAllowed: true, LuaScripts: ['a.lua'] }, files: { 'a.lua': filter } },
      { options: { RemoteAccessAllowed: true, ReadOnly: true } },
      { options: { RemoteAccessAllowed: true, ...users } },
      { options: { RemoteAccessAllowed: true, ...plugin({}).options } },
    ],
  },
  'O-12': {
    fails: [
      {
        options: { LuaScripts: ['a.lua'] },
        files: { 'a.lua': `${filter} if ip == "127.0.0.1" then end` },
        proxyInFront: true,
      },
    ],
    passes: [
      { options: { LuaScripts: ['a.lua'] }, files: { 'a.lua': filter }, proxyInFront: true },
      {
        options: { LuaScripts: ['a.lua'] },
        files: { 'a.lua': `${filter} if ip == "127.0.0.1" and not headers["x-forwarded-for"] then end` },
        proxyInFront: true,
      },
      { options: { LuaScripts: ['a.lua'] }, files: { 'a.lua': `${filter} if ip == "127.0.0.1" then end` } },
    ],
  },
  'O-13': {
    fails: [
      { options: { RemoteAccessAllowed: true, ...users } },
      { options: { AuthenticationEnabled: true, ...users }, proxyInFront: true },
    ],
    passes: [
      { options: { RemoteAccessAllowed: true, ...users, ...plugin({}).options } },
      { options: { AuthenticationEnabled: true, ...users } },
    ],
  },
  'O-14': {
    fails: [
      { options: { RemoteAccessAllowed: true, AuthenticationEnabled: false, DicomWeb: { Enable: true } } },
      { options: { DicomWeb: {} }, proxyInFront: true },
    ],
    passes: [
      { options: { RemoteAccessAllowed: true, AuthenticationEnabled: false, DicomWeb: { Enable: false } } },
      { options: { RemoteAccessAllowed: true, ...users, DicomWeb: {} } },
    ],
  },

  'D-01': { fails: [{ options: {} }], passes: [{ options: { DicomServerEnabled: false } }] },
  'D-02': {
    fails: [{ options: {} }],
    passes: [{ options: { DicomAlwaysAllowEcho: false } }, { options: { DicomServerEnabled: false } }],
  },
  'D-03': { fails: [{ options: {} }], passes: [{ options: { DicomAlwaysAllowStore: false } }] },
  'D-04': {
    fails: ['Find', 'FindWorklist', 'Get', 'Move'].map((what) => ({ options: { [`DicomAlwaysAllow${what}`]: true } })),
    passes: [{ options: {} }],
  },
  'D-05': { fails: [{ options: {} }], passes: [{ options: { DicomCheckModalityHost: true } }] },
  'D-06': { fails: [{ options: {} }], passes: [{ options: { DicomCheckCalledAet: true } }] },
  'D-07': {
    fails: [
      { options: { DicomModalities: { ct: ['CT', '10.0.0.7', 104] } } },
      { options: { DicomModalities: { ct: { AET: 'CT', Host: '10.0.0.7', Port: 104, AllowStore: true } } } },
    ],
    passes: [
      {
        options: {
          DicomModalities: {
            ct: { AllowEcho: true, AllowFind: false, AllowGet: false, AllowMove: false, AllowStore: true },
          },
        },
      },
      { options: { DicomServerEnabled: false, DicomModalities: { ct: ['CT', '10.0.0.7', 104] } } },
    ],
  },
  'D-08': {
    fails: [{ options: {} }],
    passes: [
      {
        options: { LuaScripts: ['a.lua'] },
        files: { 'a.lua': 'function ReceivedInstanceFilter(dicom, origin) return true end' },
      },
    ],
  },
  'D-09': { fails: [{ options: {} }], passes: [{ options: { DicomAet: 'RADIOLOGY' } }] },
  'D-10': {
    fails: [{ options: {} }],
    passes: [{ options: { DicomTlsEnabled: true } }, { options: { DicomServerEnabled: false } }],
  },
  'D-11': {
    fails: [dicomTls({ DicomTlsCertificate: 'a', DicomTlsPrivateKey: 'b' })],
    passes: [dicomTls({ DicomTlsCertificate: 'a', DicomTlsPrivateKey: 'b', DicomTlsTrustedCertificates: 'c' })],
  },
  'D-12': { fails: [dicomTls({ DicomTlsRemoteCertificateRequired: false })], passes: [dicomTls({})] },
  'D-13': {
    fails: [dicomTls({ DicomTlsMinimumProtocolVersion: 3 })],
    passes: [dicomTls({ DicomTlsMinimumProtocolVersion: 4 }), dicomTls({})],
  },

  'T-01': { fails: [{ options: { HttpsVerifyPeers: false } }], passes: [{ options: {} }] },
  'T-02': {
    fails: [
      https({}),
      https({ 'server.pem': 'no certificate' }),
      https({ 'server.pem': '-----BEGIN CERTIFICATE-----\nbm90IG9uZQ==\n-----END CERTIFICATE-----\n' }),
      https({ 'server.pem': good.certificate }),
      https(keyFirst, { options: { SslVerifyPeers: true } }),
      { options: { HttpsCACertificates: 'missing.pem' } },
    ],
    passes: [
      https(keyFirst),
      { options: { SslEnabled: false } },
      https({ ...keyFirst, 'trustedClientCertificates.pem': other.certificate }, { options: { SslVerifyPeers: true } }),
    ],
  },
  'T-03': { fails: [https({ 'server.pem': good.certificate + good.key })], passes: [https(keyFirst)] },
  'T-04': { fails: [https({ 'server.pem': other.key + good.certificate })], passes: [https(keyFirst)] },
  'T-05': {
    fails: [https(keyFirst, { now: Date.now() + 400 * day }), https(keyFirst, { now: Date.now() - day })],
    passes: [
      https(keyFirst, { now: Date.now() + 60_000 }),
      {
        options: { HttpsCACertificates: 'ca.pem' },
        files: { 'ca.pem': good.certificate + madeCertificate({ days: 900 }).certificate },
        now: Date.now() + 400 * day,
      },
    ],
  },
  'T-06': {
    fails: [https(keyFirst, { now: Date.now() + 340 * day })],
    passes: [https(keyFirst, { now: Date.now() + 300 * day })],
  },
  'T-07': {
    fails: [
      https(keyFirst, { publicRoots: ['https://elsewhere.example.org/'] }),
      https(keyFirst, { publicRoots: ['https://10.0.0.1/'] }),
    ],
    passes: [
      https(keyFirst, { publicRoots: ['https://images.example.org/ui/', 'https://127.0.0.1/'] }),
      https(keyFirst, { publicRoots: ['https://elsewhere.example.org/'], proxyInFront: true }),
    ],
  },
  'T-08': {
    fails: [
      https({ 'server.pem': [good.key + good.certificate, 0o100644] }),
      { keyFiles: ['a.p12'], files: { 'a.p12': ['x', 0o100644] } },
    ],
    passes: [
      https({ 'server.pem': [good.key + good.certificate, 0o100640] }),
      { keyFiles: ['a.p12'], files: { 'a.p12': ['x', 0o100600] } },
    ],
  },
  'T-09': { fails: [https(keyFirst, { options: { SslMinimumProtocolVersion: 3 } })], passes: [https(keyFirst)] },
  'T-10': { fails: [https(keyFirst)], passes: [{ options: {} }] },
  'T-11': { fails: [https(keyFirst)], passes: [https(keyFirst, { options: { SslVerifyPeers: true } })] },
  'T-12': {
    fails: [
      peers(['http://b.example.org:8042/', 'a', 'b']),
      { options: { DicomWeb: { Servers: { b: { Url: 'http://10.0.0.7/dicom-web/' } } } } },
    ],
    passes: [
      peers(['https://b.example.org/']),
      peers(['http://127.0.0.1:8043/']),
      peers({ Url: 'http://orthanc-b:8042/' }),
    ],
  },
  'T-13': {
    fails: [
      peers({ Url: 'https://b.example.org/', CertificateFile: 'a.crt' }),
      peers({ Url: 'https://b.example.org/', CertificateKeyFile: 'a.key' }),
    ],
    passes: [
      peers({ Url: 'https://b.example.org/', CertificateFile: 'a.crt', CertificateKeyFile: 'a.key' }),
      peers(['https://b.example.org/']),
    ],
  },
  'T-14': {
    fails: [https({ 'server.pem': madeCertificate({ san: null }).key + madeCertificate({ san: null }).certificate })],
    passes: [https(keyFirst)],
  },
  'T-15': {
    fails: [
      https({ 'server.pem': madeCertificate({ rsaBits: 1024 }).key + madeCertificate({ rsaBits: 1024 }).certificate }),
    ],
    passes: [https(keyFirst)],
  },
  'T-16': {
    fails: [peers(['https://b.example.org/'])],
    passes: [peers(['https://b.example.org/'], { HttpsCACertificates: 'ca.pem' }), peers(['http://127.0.0.1:8043/'])],
  },

  'P-01': { fails: [plugin({}, ['WebServiceRootUrl'])], passes: [plugin({}), { options: {} }, mintingOnly] },
  'P-02': {
    fails: [
      plugin({ WebServiceTokenValidationUrl: 'http://auth-service:8000/tokens/validate' }, ['WebServiceRootUrl']),
    ],
    passes: [plugin({}), mintingOnly],
  },
  'P-03': {
    fails: [
      plugin({}, ['CheckedLevel']),
      plugin({ CheckedLevel: 'instances' }),
      plugin({ UncheckedLevels: ['patient'] }),
    ],
    passes: [plugin({}), mintingOnly],
  },
  'P-04': {
    fails: [
      plugin({ UncheckedFolders: ['/studies/'] }),
      plugin({ UncheckedFolders: ['/'] }),
      plugin({ UncheckedFolders: ['/ui/api/'] }),
    ],
    passes: [plugin({ UncheckedFolders: ['/ohif/', '/ui/app'] })],
  },
  'P-05': {
    fails: [plugin({ UncheckedResources: ['/instances'] }), plugin({ UncheckedResources: ['/dicom-web/studies'] })],
    passes: [plugin({ UncheckedResources: ['/system', '/ui/api/configuration'] })],
  },
  'P-06': {
    fails: [plugin({}, ['StandardConfigurations'])],
    passes: [plugin({ TokenHttpHeaders: ['token'] }, ['StandardConfigurations']), plugin({})],
  },
  'P-07': {
    fails: [
      plugin({ TokenHttpHeaders: ['X-Remote-User'] }),
      plugin({ TokenHttpHeaders: ['auth-token'] }),
      plugin({ TokenGetArguments: ['authorization'] }),
    ],
    passes: [plugin({ TokenHttpHeaders: ['token', 'API-KEY'], TokenGetArguments: ['token'] })],
  },
  'P-08': { fails: [plugin({}, ['WebServiceUsername']), plugin({ WebServicePassword: '' })], passes: [plugin({})] },
  'P-09': {
    fails: [plugin({ WebServicePassword: 'change-me' }), plugin({ WebServicePassword: 'share-pwd' })],
    passes: [plugin({})],
  },
  'P-10': {
    fails: [
      plugin({ WebServiceRootUrl: 'http://auth.example.org/' }),
      plugin({ WebServiceTokenDecoderUrl: 'http://10.0.0.7/' }),
    ],
    passes: [
      plugin({}),
      plugin({ WebServiceRootUrl: 'https://auth.example.org/' }),
      plugin({ WebServiceRootUrl: 'http://127.0.0.1:8000/' }),
    ],
  },
  'P-11': { fails: [plugin({ StandardConfigurations: ['stone'] })], passes: [plugin({})] },
  'P-12': {
    fails: [plugin({ ExtraPermissions: [['get', '^/studies/.*$', '']] })],
    passes: [
      plugin({
        ExtraPermissions: [
          ['get', '^/studies/.*$', 'view'],
          ['post', '^/auth/tokens/decode$', ''],
        ],
      }),
    ],
  },

  'P-13': {
    fails: [
      plugin({}),
      { ...plugin({}), ...compose('  orthanc:\n    image: debian-orthanc\n') },
      { options: { ...plugin({}).options, Plugins: [] } },
    ],
    passes: [
      { options: { ...plugin({}).options, Plugins: ['/usr/share/orthanc/plugins'] } },
      { options: { ...plugin({}).options, AuthenticationEnabled: true } },
      { ...plugin({}), ...orthancService('user: "1000:1000"') },
      {
        ...plugin({}),
        ...compose('  pacs:\n    image: hospital-orthanc\n    environment: {AUTHORIZATION_PLUGIN_ENABLED: "true"}\n'),
      },
      mintingOnly,
    ],
  },

  'S-01': {
    fails: [
      settings({ SECRET_KEY: 'my-secret-key' }),
      settings({ SECRET_KEY: 'x'.repeat(31) }),
      settings({ SECRET_KEY: `change-me-${'x'.repeat(40)}` }),
    ],
    passes: [settings({ SECRET_KEY: 'x'.repeat(32) }), settings({})],
  },
  'S-02': {
    fails: [settings({ USERS: '{"demo-user": "demo-password"}' }), settings({ USERS: '{"a": {"password": "toto"}}' })],
    passes: [
      settings({ USERS: '{"a": "correct horse battery"}' }),
      settings({ USERS: '{"a": {"password-hash": "x"}}' }),
    ],
  },
  'S-03': { fails: [settings({ ALLOW_UNAUTHENTICATED: 'true' })], passes: [settings({})] },
  'S-04': {
    fails: [settings({ PUBLIC_ORTHANC_ROOT: 'https://a.example.org/orthanc' })],
    passes: [
      settings({
        PUBLIC_ORTHANC_ROOT: 'https://a.example.org/orthanc/',
        PUBLIC_LANDING_ROOT: 'https://a.example.org/ui/app/token-landing.html',
      }),
    ],
  },
  'S-05': {
    fails: [settings({ PUBLIC_OHIF_ROOT: 'http://a.example.org/ohif/' })],
    passes: [
      settings({ PUBLIC_OHIF_ROOT: 'https://a.example.org/ohif/' }),
      settings({ PUBLIC_OHIF_ROOT: 'http://localhost/ohif/' }),
    ],
  },
  'S-06': {
    fails: [settings({}), settings({ SHARE_MAX_DURATION: '63072000' })],
    passes: [settings({ SHARE_MAX_DURATION: '7776000' })],
  },
  'S-07': { fails: [settings({ GRANT_VALIDITY: '3600' })], passes: [settings({}), settings({ GRANT_VALIDITY: '60' })] },
  'S-08': {
    fails: [settings({}), settings({ SHARE_POST: 'compatible' })],
    passes: [
      settings({ SHARE_POST: 'edge-only' }),
      settings({ SHARE_POST: 'refuse' }),
      { settings: {}, options: { ReadOnly: true } },
    ],
  },
  'S-09': {
    fails: [settings({ TRUSTED_PROXIES: '0.0.0.0/0' }), settings({ TRUSTED_PROXIES: '10.0.0.1, ::/0' })],
    passes: [settings({ TRUSTED_PROXIES: '10.0.0.7, 192.168.0.0/16' }), settings({})],
  },
  'S-10': {
    fails: [
      settings({ ENABLE_KEYCLOAK: 'true' }),
      settings({ ENABLE_KEYCLOAK: 'true', KEYCLOAK_AUDIENCE: 'orthanc, account' }),
    ],
    passes: [settings({ ENABLE_KEYCLOAK: 'true', KEYCLOAK_AUDIENCE: 'orthanc' }), settings({})],
  },
  'S-11': {
    fails: [settings({ ENABLE_KEYCLOAK: 'true' })],
    passes: [settings({ ENABLE_KEYCLOAK: 'true', KEYCLOAK_ISSUER: 'https://a.example.org/realms/orthanc' })],
  },
  'S-12': {
    fails: [
      settings({ KEYCLOAK_URI: 'http://keycloak.example.org/realms/orthanc/' }),
      settings({ ORTHANC_URL: 'http://10.0.0.7:8042/' }),
    ],
    passes: [settings({ KEYCLOAK_URI: 'http://keycloak:8080/realms/orthanc/', ORTHANC_URL: 'https://10.0.0.7/' })],
  },
  'S-13': {
    fails: [settings({ KEYCLOAK_CLIENT_SECRET: 'change-me-I-am-a-secret' })],
    passes: [settings({ ORTHANC_PASSWORD: 'correct horse battery' })],
  },
  'S-14': { fails: [settings({})], passes: [settings({ WARDEN_MODE: 'production' })] },
  'S-15': { fails: [{ settings: {}, settingsMode: 0o100644 }], passes: [settings({})] },
  'S-16': {
    fails: [settings({ ENABLE_EMAILS: 'true', EMAILS_SMTP_SERVER_USES_TLS: 'false' })],
    passes: [settings({ ENABLE_EMAILS: 'true' }), settings({ EMAILS_SMTP_SERVER_USES_TLS: 'false' })],
  },
  'S-17': {
    fails: [settings({ AUDIT_SYSLOG_URL: 'udp://10.0.0.9:514' })],
    passes: [
      settings({ AUDIT_SYSLOG_URL: 'tls://10.0.0.9:6514' }),
      settings({ AUDIT_SYSLOG_URL: 'tcp://127.0.0.1:514' }),
    ],
  },
  'S-18': {
    fails: [
      { ...plugin({}), ...settings({ USERS: '{"somebody": "correct horse battery"}' }) },
      { ...plugin({}), ...settings({ USERS: '{"orthanc-plugin": "correct horse battery"}' }) },
    ],
    passes: [
      { ...plugin({}), ...settings({ USERS: '{"orthanc-plugin": "V3ry-long-and-random"}' }) },
      { ...plugin({}), ...settings({ USERS: '{"orthanc-plugin": {"password-hash": "x"}}' }) },
    ],
  },
  'S-19': {
    fails: [
      { anonymousProfile: { permissions: ['upload'] } },
      { anonymousProfile: { permissions: [], 'authorized-labels': ['*'] } },
    ],
    passes: [{ anonymousProfile: { permissions: [], 'authorized-labels': [] } }, settings({})],
  },
  'S-20': {
    fails: [{ policy: [{}] }, { policy: [{ maxLife: 10 * 366 * 86_400 }] }],
    passes: [{ policy: [{ maxLife: 604_800 }] }, {}],
  },
  'S-21': {
    fails: [settings({ USERS: 'admin:pwd' }), settings({ USERS: '[]' })],
    passes: [settings({ USERS: '{}' }), settings({})],
  },

  'K-01': {
    fails: [
      orthancService('ports: ["8042:8042"]'),
      orthancService('ports: ["18042:8042/tcp"]'),
      orthancService('network_mode: host'),
      compose('  pacs:\n    image: registry.example.org/hospital-orthanc:3\n    ports: ["8042:8042"]\n'),
      compose('  orthanc:\n    build: .\n    image: pacs\n    ports: ["8042:8042"]\n'),
    ],
    passes: [orthancService('ports: ["127.0.0.1:8042:8042"]'), orthancService('ports: ["10.0.0.5:4242:4242"]')],
  },
  'K-02': {
    fails: [orthancService('ports: ["4242:4242"]'), orthancService('ports: [{target: 4242, published: 104}]')],
    passes: [orthancService('ports: ["10.0.0.5:4242:4242"]'), orthancService('expose: [4242]')],
  },
  'K-03': {
    fails: [orthancService('restart: always'), orthancService('user: root'), orthancService('user: "0:0"')],
    passes: [
      orthancService('user: "1000:1000"'),
      compose('  web:\n    image: nginx\n'),
      compose(
        '  orthanc-auth-service:\n    image: a\n  orthanc-landing:\n    image: b\n  orthanc-nginx:\n    image: c\n',
      ),
    ],
  },
  'K-04': {
    fails: [ohif(`volumes: ${mountedKeys}`)],
    passes: [ohif(`volumes: ${mountedKeys}\n    environment: [SSL_PORT=443]`), ohif('ports: ["80:80"]')],
  },
  'K-05': {
    fails: [
      ohif('environment: {SSL_PORT: 443}'),
      ohif(`volumes: ${mountedKeys}\n    environment: {SSL_PORT: 443}\n    ports: ["3000:80"]`),
    ],
    passes: [ohif(`volumes: ${mountedKeys}\n    environment: {SSL_PORT: 443}\n    ports: ["3003:443"]`)],
  },
  'K-06': {
    fails: [
      { ...ohif(`volumes: ${mountedKeys}`), files: { './a.key': [good.key, 0o100644] } },
      { ...ohif('volumes: [./tls:/etc/nginx/tls:ro]'), files: { './tls/key.pem': [good.key, 0o100644] } },
    ],
    passes: [
      {
        ...ohif(`volumes: ${mountedKeys}`),
        files: { './a.key': [good.key, 0o100640], './a.crt': [good.certificate, 0o100644] },
      },
    ],
  },
  'K-07': {
    fails: [
      compose(
        '  orthanc:\n    image: jodogne/orthanc-plugins\n  viewer:\n    image: ohif/app\n    ports: ["3000:80"]\n',
      ),
    ],
    passes: [
      compose(
        '  orthanc:\n    image: jodogne/orthanc-plugins\n  web:\n    image: nginx:1.28\n    ports: ["443:443"]\n',
      ),
      compose(
        '  orthanc:\n    image: orthanc\n    networks: [inner]\n  viewer:\n    image: ohif/app\n    networks: {outer: {}}\n    ports: ["3000:80"]\n',
      ),
    ],
  },
  'K-08': {
    fails: [
      compose('  db:\n    image: postgres\n    environment: {POSTGRES_PASSWORD: change-me}\n'),
      compose('  a:\n    environment: [SECRET_KEY=my-secret-key]\n'),
    ],
    passes: [
      compose(
        '  db:\n    environment: {POSTGRES_PASSWORD_FILE: /run/secrets/toto, POSTGRES_PASSWORD: "${DB_PASSWORD:-}"}\n',
      ),
    ],
  },
  'K-09': { fails: [orthancService('privileged: true')], passes: [orthancService('privileged: false')] },
  'K-10': {
    fails: [compose('  db:\n    image: postgres:17\n    ports: ["5432:5432"]\n')],
    passes: [compose('  db:\n    image: postgres:17\n    ports: ["127.0.0.1:5432:5432"]\n')],
  },

  'R-01': {
    fails: [
      seen({ answers: new Map([['instances', null]]) }),
      answering('instances', 503),
      answering('dicom-web/studies', 400),
      answering('tools/execute-script', 502),
      { service: { url: 'http://a/', status: null, failing: [] } },
      { keycloak: { url: 'https://a/', issuer: null, expected: [] } },
    ],
    passes: [seen({})],
  },
  'R-02': {
    fails: [answering('instances', 200), answering('dicom-web/studies', 200)],
    passes: [
      seen({}),
      answering('instances', 302),
      answering('instances', 404),
      answering('instances', 503),
      answering('dicom-web/studies', 400),
    ],
  },
  'R-03': {
    fails: [answering('tools/execute-script', 200), answering('tools/execute-script', 400)],
    passes: [seen({}), answering('tools/execute-script', 405), answering('tools/execute-script', 504)],
  },
  'R-04': { fails: [answering('system', 200)], passes: [seen({})] },
  'R-05': { fails: [{ ...shown(), now: Date.now() + 400 * day }], passes: [shown()] },
  'R-06': { fails: [{ ...shown(), now: Date.now() + 340 * day }], passes: [shown()] },
  'R-07': { fails: [shown(good.certificate, { url: new URL('https://elsewhere.example.org/') })], passes: [shown()] },
  'R-08': { fails: [shown(good.certificate, { isTrusted: false })], passes: [shown()] },
  'R-09': { fails: [seen({ takesOldTls: true })], passes: [seen({})] },
  'R-10': {
    fails: [seen({ url: new URL('http://images.example.org/') })],
    passes: [seen({}), seen({ url: new URL('http://127.0.0.1:8042/') })],
  },
  'R-11': { fails: [seen({ hasHsts: false })], passes: [seen({})] },
  'R-12': {
    fails: [seen({ clockAhead: 31 }), seen({ clockAhead: -120 })],
    passes: [seen({ clockAhead: 30 }), seen({ clockAhead: null })],
  },
  'R-13': {
    fails: [{ keycloak: { url: 'https://a/', issuer: 'https://a/realms/x', expected: ['https://b/realms/x'] } }],
    passes: [
      {
        keycloak: {
          url: 'https://a/',
          issuer: 'https://a/realms/x',
          expected: ['https://b/realms/x', 'https://a/realms/x'],
        },
      },
      { keycloak: { url: 'https://a/', issuer: 'https://a/realms/x', expected: [] } },
    ],
  },
  'R-14': {
    fails: [{ service: { url: 'http://a/', status: 503, failing: ['database'] } }],
    passes: [{ service: { url: 'http://a/', status: 200, failing: [] } }],
  },
};
