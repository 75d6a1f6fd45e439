// Everything that `harden orthanc` writes for one plan, and what is to be done with it.
import { createPrivateKey } from 'node:crypto';
import type { LeafFolder } from './leaf-folder.js';
import { accessFilter, storeFilter } from './lua-filters.js';
import { orthancConfiguration } from './orthanc-configuration.js';
import { authVariable, clientKeyVariable, file } from './orthanc-files.js';
import type { OrthancPlan } from './orthanc-plan.js';
import { type Variable, envText, newSecret, variableName } from './secrets.js';
import type { NewFile } from './write-folder.js';

export interface OrthancFolder {
  readonly files: readonly NewFile[];
  readonly warnings: readonly string[];
  readonly steps: readonly string[];
}

/** Of an earlier run, with what people added to it. */
export interface EarlierFolder {
  readonly variables: ReadonlyMap<string, string>;
  readonly serverAuthorities: string;
}

/** Earlier variables stay: users and peers go on with the passwords that they have. So do authorities that were added. */
export function orthancFolder(
  plan: OrthancPlan,
  leaf: LeafFolder | undefined,
  earlier: EarlierFolder = { variables: new Map(), serverAuthorities: '' },
): OrthancFolder {
  const scripts = [
    { path: file.accessFilter, content: accessFilter(plan) },
    { path: file.storeFilter, content: storeFilter(plan) },
  ].flatMap(({ path, content }) => (content === undefined ? [] : [{ path, content }]));
  const wanted = variablesOf(plan, leaf !== undefined).map((variable) => ({
    ...variable,
    value: earlier.variables.get(variable.name) || variable.value,
  }));
  const others = [...earlier.variables]
    .filter(([name]) => !wanted.some((one) => one.name === name))
    .map(([name, value]) => ({ name, value, comment: 'Kept as it was: of another run, or added by hand.' }));
  const variables = [...wanted, ...others];
  const configuration = orthancConfiguration(
    plan,
    scripts.map(({ path }) => path),
  );
  return {
    files: [
      { path: file.configuration, content: configuration },
      ...(variables.length === 0 ? [] : [{ path: file.variables, content: envText(variables), secret: true }]),
      ...scripts,
      ...(leaf === undefined ? [] : tlsFiles(plan, leaf, variables, earlier.serverAuthorities)),
    ],
    warnings: warningsOf(plan),
    steps: stepsOf(plan, wanted),
  };
}

const callsOthers = ({ peers, dicomWebServers }: OrthancPlan) => peers.length + dicomWebServers.length > 0;

function variablesOf(plan: OrthancPlan, hasCertificates: boolean): Variable[] {
  const toFillIn = (kind: 'PEER' | 'DICOMWEB', remotes: OrthancPlan['peers']) =>
    remotes.flatMap(({ name, user }) =>
      user === undefined
        ? []
        : [{ name: variableName(kind, name), value: '', comment: `Fill in: the password of ${user} at ${name}.` }],
    );
  return [
    ...(plan.access === 'plugin'
      ? [
          {
            name: authVariable,
            value: newSecret(),
            comment: 'What the plugin says to orthanc-warden, as the user orthanc.',
          },
        ]
      : []),
    ...plan.users.map(({ name, role }) => ({
      name: variableName('USER', name),
      value: newSecret(),
      comment: `The password of ${name} (${role}).`,
    })),
    ...(hasCertificates && callsOthers(plan)
      ? [{ name: clientKeyVariable, value: newSecret(), comment: `Opens ${file.clientKey}.` }]
      : []),
    ...toFillIn('PEER', plan.peers),
    ...toFillIn('DICOMWEB', plan.dicomWebServers),
  ];
}

/** Of the key, only the forms that this Orthanc needs. */
function tlsFiles(
  plan: OrthancPlan,
  leaf: LeafFolder,
  variables: readonly Variable[],
  serverAuthorities: string,
): NewFile[] {
  const passphrase = variables.find(({ name }) => name === clientKeyVariable)?.value;
  const certificate = { path: file.certificate, content: leaf.certificate };
  return [
    ...(plan.mutualTls || plan.dicom?.tls ? [{ path: file.authority, content: leaf.authority }] : []),
    {
      path: file.serverAuthorities,
      content: serverAuthorities.includes(leaf.authority.trim())
        ? serverAuthorities
        : leaf.authority + serverAuthorities,
    },
    ...(plan.https === 'own'
      ? [{ path: file.keyAndCertificate, content: leaf.key + leaf.certificate, secret: true }]
      : []),
    ...(plan.dicom?.tls || passphrase !== undefined ? [certificate] : []),
    ...(plan.dicom?.tls ? [{ path: file.key, content: leaf.key, secret: true }] : []),
    ...(passphrase === undefined
      ? []
      : [{ path: file.clientKey, content: encrypted(leaf.key, passphrase), secret: true }]),
  ];
}

function encrypted(key: string, passphrase: string): string {
  return createPrivateKey(key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString();
}

function warningsOf(plan: OrthancPlan): string[] {
  return [
    ...(plan.access === 'plugin' && plan.plugins.length === 0
      ? [
          'No --plugin is named, so this configuration alone loads no authorization plugin, and an Orthanc without it is open to whoever reaches it. Name it, unless what starts Orthanc loads it, as the images of orthancteam do.',
        ]
      : []),
    ...(plan.readOnly
      ? [
          'What the other Orthanc stores is seen only where both have one index: set up the PostgreSQL plugin in both, with the same database. An SQLite index belongs to one running Orthanc.',
        ]
      : []),
    ...(plan.proxyHere && plan.access === 'users' && !plan.adminAnywhere
      ? [
          `Behind a proxy on the same machine every address is 127.0.0.1. ${file.accessFilter} takes a request for local only without X-Forwarded-For, so the proxy must set that header on everything.`,
        ]
      : []),
    ...(plan.https === 'proxy' && !plan.proxyHere
      ? [
          'Orthanc speaks plain HTTP: nothing but the proxy may reach its port. Use a network of their own, or --proxy-here.',
        ]
      : []),
    ...(plan.dicom !== undefined && !plan.dicom.tls
      ? ['DICOM goes in the clear: let nothing but the modalities reach its port, or use --dicom-tls.']
      : []),
    ...(plan.dicom?.accept === undefined
      ? []
      : [
          `What ${file.storeFilter} throws away, Orthanc calls stored to the device that sent it. Look for "Thrown away" in Orthanc's log.`,
        ]),
    ...(plan.https === 'own'
      ? [
          'Orthanc of Debian 13 ends with SIGSEGV at its first connection by HTTPS (its libcivetweb1 1.16 does not fit OpenSSL 3). There, take --https proxy, or another build of Orthanc.',
        ]
      : []),
    ...(plan.dicom !== undefined && plan.dicom.modalities.length === 0
      ? ['No --modality is named: Orthanc answers nobody by DICOM.']
      : []),
  ];
}

function stepsOf(plan: OrthancPlan, variables: readonly Variable[]): string[] {
  const empty = variables.filter(({ value }) => value === '').map(({ name }) => name);
  return [
    `Put the folder at ${plan.at} of Orthanc's machine, readable by Orthanc's account or group only. No other configuration beside it may set the same options.`,
    ...(variables.length === 0
      ? []
      : [`Give Orthanc the variables of ${file.variables}: env_file in Compose, EnvironmentFile= in systemd.`]),
    ...(empty.length === 0 ? [] : [`Fill in ${empty.join(', ')} in ${file.variables}.`]),
    ...(plan.access === 'plugin'
      ? [
          `In USERS of orthanc-warden, give the user orthanc the password ${authVariable}.`,
          `Load the authorization plugin. An Orthanc that starts without it is open: check that /system answers 403 without a credential.`,
        ]
      : []),
    `Start Orthanc as an account of its own, never as root: Orthanc ${plan.at}/${file.configuration}`,
    'Let a firewall keep everybody else away from its ports.',
    `Check the result: ${[
      `warden doctor ${plan.at}/${file.configuration}`,
      ...(variables.length === 0 ? [] : [`--env ${plan.at}/${file.variables}`]),
      ...(plan.https === 'proxy' ? ['--proxy-in-front'] : []),
    ].join(' ')}`,
  ];
}
