// Orthanc's own options, each with its reason. Options of the sections for DICOM and for other servers are in files of their own.
import { type CommentedOption, commentedJson } from './commented-json.js';
import { dicomSection } from './dicom-section.js';
import { authVariable, file, fromVariable } from './orthanc-files.js';
import type { OrthancPlan } from './orthanc-plan.js';
import { remoteSection } from './remote-section.js';
import { variableName } from './secrets.js';

export function orthancConfiguration(plan: OrthancPlan, scripts: readonly string[]): string {
  return commentedJson([
    ...placeSection(plan),
    ...reachSection(plan),
    ...(plan.access === 'plugin' ? pluginSection(plan) : usersSection(plan)),
    ...tlsSection(plan),
    ...closedSection(plan),
    ...limitsSection,
    ...dicomSection(plan),
    ...remoteSection(plan),
    ...scriptSection(plan, scripts),
  ]);
}

function placeSection({ name, storage, plugins }: OrthancPlan): CommentedOption[] {
  return [
    { name: 'Name', value: name, comment: 'What this Orthanc calls itself.' },
    {
      name: 'StorageDirectory',
      value: storage,
      comment:
        'The images. The folder belongs to the account that Orthanc runs as, which is not root, and to nobody else.',
    },
    { name: 'IndexDirectory', value: storage, comment: 'The index, when it is not in a database of its own.' },
    ...(plugins.length === 0
      ? []
      : [
          {
            name: 'Plugins',
            value: plugins,
            comment: 'Plugins run with all rights of Orthanc: name only what you installed.',
          },
        ]),
  ];
}

function reachSection({ httpPort, proxyHere }: OrthancPlan): CommentedOption[] {
  return [
    {
      name: 'HttpPort',
      value: httpPort,
      comment: 'A firewall lets only those computers reach this port that have to.',
    },
    {
      name: 'RemoteAccessAllowed',
      value: !proxyHere,
      comment: proxyHere
        ? 'Only this machine is answered: the proxy here is the one way in.'
        : 'Other machines are answered; who they are is asked below.',
    },
  ];
}

function usersSection({ users }: OrthancPlan): CommentedOption[] {
  return [
    { name: 'AuthenticationEnabled', value: true, comment: 'Nobody is answered without a name and a password.' },
    {
      name: 'RegisteredUsers',
      value: Object.fromEntries(users.map(({ name }) => [name, fromVariable(variableName('USER', name))])),
      comment: `The passwords are in ${file.variables}. What each may do is in ${file.accessFilter}.`,
    },
  ];
}

function pluginSection({ authService }: OrthancPlan): CommentedOption[] {
  return [
    {
      name: 'AuthenticationEnabled',
      value: false,
      comment:
        'The authorization plugin asks for credentials, and refuses to start beside passwords of Orthanc. Without the plugin loaded this Orthanc would be open to all: look for it in the log.',
    },
    {
      name: 'Authorization',
      value: {
        WebServiceRootUrl: authService,
        WebServiceUsername: 'orthanc',
        WebServicePassword: fromVariable(authVariable),
        CheckedLevel: 'studies',
        StandardConfigurations: ['orthanc-explorer-2', 'stone-webviewer', 'ohif', 'volview'],
        TokenHttpHeaders: ['Authorization', 'token', 'api-key'],
        TokenGetArguments: ['token'],
      },
      comment: `The plugin asks orthanc-warden about every request: one question per study, with the credential that came along as a header or, in links, as the argument token. The password is in ${file.variables}.`,
    },
  ];
}

function tlsSection({ at, https, mutualTls, hasCertificates }: OrthancPlan): CommentedOption[] {
  const own: CommentedOption[] = [
    {
      name: 'SslEnabled',
      value: true,
      comment: 'Orthanc does HTTPS itself. On the Internet, put a proxy in front instead.',
    },
    {
      name: 'SslCertificate',
      value: `${at}/${file.keyAndCertificate}`,
      comment:
        'One file: the private key first, then the certificate. On Debian, "port is privileged or already in use" can mean that libssl-dev is missing.',
    },
    { name: 'SslMinimumProtocolVersion', value: 4, comment: 'TLS 1.2 or later.' },
    {
      name: 'SslVerifyPeers',
      value: mutualTls,
      comment: mutualTls
        ? 'Whoever shows no certificate of the authority below is refused before anything is read.'
        : 'Clients are not asked for a certificate, only for what is asked above.',
    },
    ...(mutualTls
      ? [
          {
            name: 'SslTrustedClientCertificates',
            value: `${at}/${file.authority}`,
            comment:
              'The authority whose certificates are good. A certificate ends with its date: keep the key of the authority safe.',
          },
        ]
      : []),
  ];
  return [
    ...(https === 'own'
      ? own
      : [
          {
            name: 'SslEnabled',
            value: false,
            comment: 'The proxy in front does HTTPS. The way from it to here is a network of their own.',
          },
        ]),
    { name: 'HttpsVerifyPeers', value: true, comment: 'Servers that this Orthanc calls must prove who they are.' },
    {
      name: 'HttpsCACertificates',
      value: hasCertificates ? `${at}/${file.serverAuthorities}` : '/etc/ssl/certs/ca-certificates.crt',
      comment: hasCertificates
        ? 'The authority that they are proved by. Append that of another server to this file where it is needed. "Problem with the SSL CA cert" means that it cannot be read.'
        : 'The authorities that this system trusts. "Problem with the SSL CA cert" means that the file is missing.',
    },
  ];
}

function closedSection({ readOnly }: OrthancPlan): CommentedOption[] {
  return [
    {
      name: 'ExecuteLuaEnabled',
      value: false,
      comment: "POST /tools/execute-script would run any command as Orthanc's user.",
    },
    {
      name: 'RestApiWriteToFileSystemEnabled',
      value: false,
      comment: 'No request makes Orthanc write files where the request says.',
    },
    { name: 'WebDavEnabled', value: false, comment: 'No second door to the images.' },
    {
      name: 'OverwriteInstances',
      value: false,
      comment:
        'An image whose SOP Instance UID is known already: false keeps the first and drops the newcomer, so that nobody who may store can replace an image; true takes the newcomer, for devices that send corrections under the same UID.',
    },
    {
      name: 'ReadOnly',
      value: readOnly,
      comment: readOnly
        ? 'Nothing can be stored, changed or deleted, whoever asks (Orthanc 1.12.5 or later). Another Orthanc fills the same database and storage.'
        : 'Images may be stored here. An Orthanc that only shows what another one keeps in the same database takes true.',
    },
    { name: 'DeidentifyLogs', value: true, comment: 'Queries are logged without the patients in them.' },
  ];
}

const limitsSection: readonly CommentedOption[] = [
  { name: 'LimitFindResults', value: 100, comment: 'One C-FIND gets at most this many patients, studies or series.' },
  { name: 'LimitFindInstances', value: 100, comment: 'And this many instances.' },
];

function scriptSection({ at }: OrthancPlan, scripts: readonly string[]): CommentedOption[] {
  return [
    {
      name: 'LuaScripts',
      value: scripts.map((script) => `${at}/${script}`),
      comment: 'Who may ask for what by HTTP, and which images are taken from whom.',
    },
  ];
}
