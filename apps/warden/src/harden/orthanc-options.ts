// The command line of `harden orthanc`, turned into a plan.
import type { OptionRules, OptionValues } from '../command.js';
import { WrongUsage } from '../failures.js';
import { readChoice } from '../option-values.js';
import {
  type DicomPlan,
  type DicomRight,
  type ModalityPlan,
  type OrthancPlan,
  type OrthancUser,
  type RemotePlan,
  type StoreRule,
  dicomRights,
} from './orthanc-plan.js';
import {
  readAet,
  readAssignment,
  readHost,
  readName,
  readParts,
  readPath,
  readPort,
  readTitle,
  readUrl,
  refuseTwice,
} from './read-names.js';

export const orthancOptions = {
  out: { type: 'string', value: 'FOLDER', help: 'where to write; without it a terminal is asked' },
  force: { type: 'boolean', help: 'replace files that are there; passwords in orthanc.env stay' },
  group: { type: 'string', value: 'GROUP', help: "the service's group, which may read keys and passwords" },
  at: {
    type: 'string',
    value: 'PATH',
    help: "where the folder will be on Orthanc's machine; /etc/orthanc unless told",
  },
  name: { type: 'string', help: 'what Orthanc calls itself; Orthanc unless told' },
  'http-port': { type: 'string', value: 'PORT', help: '8042 unless told' },
  storage: { type: 'string', value: 'PATH', help: 'where the images are; /var/lib/orthanc/db unless told' },
  plugin: { type: 'string', multiple: true, value: 'PATH', help: 'a plugin or a folder of them, as Orthanc finds it' },
  access: { type: 'string', value: 'WHO', help: 'plugin: this service decides; users: passwords of Orthanc' },
  'auth-service': {
    type: 'string',
    value: 'URL',
    help: 'this service, as Orthanc reaches it; http://127.0.0.1:8000/ unless told',
  },
  admin: {
    type: 'string',
    multiple: true,
    value: 'NAME',
    help: 'may do anything, from this machine; admin unless told',
  },
  'admin-anywhere': { type: 'boolean', help: 'administrators may come from other machines' },
  reader: { type: 'string', multiple: true, value: 'NAME', help: 'may look and change nothing' },
  sender: { type: 'string', multiple: true, value: 'NAME', help: 'may store images and nothing else, such as a peer' },
  'read-only': {
    type: 'boolean',
    help: 'shows what another Orthanc keeps in the same PostgreSQL (Orthanc 1.12.5 or later)',
  },
  'get-only': { type: 'boolean', help: 'by HTTP, nobody changes anything, except administrators of --access users' },
  https: { type: 'string', value: 'WHO', help: 'own: Orthanc does it; proxy: a proxy in front does' },
  'proxy-here': { type: 'boolean', help: 'the proxy is on the same machine: no other one is answered' },
  certificates: { type: 'string', value: 'FOLDER', help: 'of this Orthanc, as harden certificates wrote it' },
  'mutual-tls': { type: 'boolean', help: 'refuse whoever shows no certificate of the same authority' },
  dicom: { type: 'string', value: 'AET', help: 'listen to DICOM, by this AET; off without it' },
  'dicom-port': { type: 'string', value: 'PORT', help: '4242 unless told' },
  'dicom-tls': { type: 'boolean', help: 'DICOM by TLS only, both sides with certificates' },
  modality: {
    type: 'string',
    multiple: true,
    value: 'NAME,AET,HOST,PORT,RIGHTS',
    help: `RIGHTS: of ${dicomRights.join(', ')}, those that it has here, joined with +`,
  },
  accept: {
    type: 'string',
    multiple: true,
    value: 'AET=CT+SR',
    help: 'what it may store: modalities, SOP classes; others then nothing',
  },
  'accept-upload': { type: 'string', value: 'CT+SR', help: 'what may be stored by HTTP; everything unless told' },
  peer: {
    type: 'string',
    multiple: true,
    value: 'NAME,URL,USER',
    help: 'another Orthanc that this one sends to; USER may be left out',
  },
  'dicomweb-server': { type: 'string', multiple: true, value: 'NAME,URL,USER', help: 'the same by DICOMweb' },
} as const satisfies OptionRules;

export type OrthancOptionValues = OptionValues<typeof orthancOptions>;

export function readOrthancPlan(given: OrthancOptionValues): OrthancPlan {
  const access = readChoice(given.access, 'access', ['plugin', 'users']) ?? 'plugin';
  const https = readChoice(given.https, 'https', ['own', 'proxy']) ?? 'proxy';
  const hasCertificates = given.certificates !== undefined;
  refuseContradictions(given, access, https);
  const plan: OrthancPlan = {
    name: readTitle(given.name ?? 'Orthanc', 'name'),
    httpPort: readPort(given['http-port'] ?? '8042', 'http-port'),
    access,
    https,
    proxyHere: given['proxy-here'],
    mutualTls: given['mutual-tls'],
    hasCertificates,
    at: readPath(given.at ?? '/etc/orthanc', 'at'),
    storage: readPath(given.storage ?? '/var/lib/orthanc/db', 'storage'),
    plugins: given.plugin.map((path) => readPath(path, 'plugin')),
    users: access === 'users' ? readUsers(given) : [],
    adminAnywhere: given['admin-anywhere'],
    readOnly: given['read-only'],
    getOnly: given['get-only'],
    authService: readUrl(given['auth-service'] ?? 'http://127.0.0.1:8000/', 'auth-service', { plain: true }),
    dicom: readDicom(given),
    acceptUpload:
      given['accept-upload'] === undefined ? undefined : readStoreRule(given['accept-upload'], 'accept-upload'),
    peers: readRemotes(given.peer, 'peer'),
    dicomWebServers: readRemotes(given['dicomweb-server'], 'dicomweb-server'),
  };
  return plan;
}

type Access = OrthancPlan['access'];

function refuseContradictions(given: OrthancOptionValues, access: Access, https: OrthancPlan['https']): void {
  const forUsers = ['admin', 'reader', 'sender'] as const;
  const stray = access === 'users' ? undefined : forUsers.find((name) => given[name].length > 0);
  if (stray !== undefined || (access !== 'users' && given['admin-anywhere']))
    throw new WrongUsage(
      `--${stray ?? 'admin-anywhere'} goes with --access users: with the plugin, this service knows the users.`,
    );
  if (access === 'users' && given['auth-service'] !== undefined)
    throw new WrongUsage('--auth-service goes with --access plugin.');
  if (https === 'own' && given.certificates === undefined)
    throw new WrongUsage('--https own needs --certificates: make them with harden certificates --orthanc.');
  if (https === 'own' && given['proxy-here']) throw new WrongUsage('--proxy-here goes with --https proxy.');
  if (https === 'proxy' && given['mutual-tls'])
    throw new WrongUsage(
      '--mutual-tls goes with --https own. Behind nginx, nginx asks for certificates: harden nginx --client-certificates required.',
    );
  const needDicom = (['dicom-port', 'modality', 'accept'] as const).find((name) => (given[name]?.length ?? 0) > 0);
  if (given.dicom === undefined && (needDicom !== undefined || given['dicom-tls']))
    throw new WrongUsage(`--${needDicom ?? 'dicom-tls'} goes with --dicom, which names this Orthanc's AET.`);
  if (given['dicom-tls'] && given.certificates === undefined)
    throw new WrongUsage('--dicom-tls needs --certificates: make them with harden certificates --orthanc.');
  if (given['get-only'] && given.sender.length > 0)
    throw new WrongUsage('--sender stores by HTTP, which --get-only refuses: leave one of them out.');
  if (
    given['read-only'] &&
    (given.dicom !== undefined || given['accept-upload'] !== undefined || given.sender.length > 0)
  )
    throw new WrongUsage(
      '--read-only stores nothing: leave out --dicom, --accept-upload and --sender, or take --get-only.',
    );
}

function readUsers(given: OrthancOptionValues): OrthancUser[] {
  const admins = given.admin.length === 0 ? ['admin'] : given.admin;
  const users = [
    ...admins.map((name) => ({ name: readName(name, 'admin'), role: 'admin' as const })),
    ...given.reader.map((name) => ({ name: readName(name, 'reader'), role: 'reader' as const })),
    ...given.sender.map((name) => ({ name: readName(name, 'sender'), role: 'sender' as const })),
  ];
  refuseTwice(
    users.map(({ name }) => name),
    'admin, --reader or --sender',
  );
  return users;
}

function readDicom(given: OrthancOptionValues): DicomPlan | undefined {
  if (given.dicom === undefined) return undefined;
  const modalities = given.modality.map(readModality);
  refuseTwice(
    modalities.map(({ name }) => name),
    'modality',
  );
  const accept = given.accept.map((text): [string, StoreRule] => {
    const [title, rule] = readAssignment(text, 'accept', 'AET=CT+SR');
    const aet = readAet(title, 'accept');
    if (!modalities.some((one) => one.aet === aet && one.rights.includes('store')))
      throw new WrongUsage('--accept names an AET that no --modality with the right store has.');
    return [aet, readStoreRule(rule, 'accept')];
  });
  refuseTwice(
    accept.map(([aet]) => aet),
    'accept',
  );
  return {
    aet: readAet(given.dicom, 'dicom'),
    port: readPort(given['dicom-port'] ?? '4242', 'dicom-port'),
    tls: given['dicom-tls'],
    modalities,
    accept: accept.length === 0 ? undefined : new Map(accept),
  };
}

function readModality(text: string): ModalityPlan {
  const form = 'NAME,AET,HOST,PORT,RIGHTS';
  const [name = '', aet = '', host = '', port = '', rights = ''] = readParts(text, 'modality', form, 5);
  return {
    name: readName(name, 'modality'),
    aet: readAet(aet, 'modality'),
    host: readHost(host, 'modality'),
    port: readPort(port, 'modality'),
    rights: rights.split('+').map((right): DicomRight => {
      const known = dicomRights.find((one) => one === right);
      if (known === undefined)
        throw new WrongUsage(`--modality takes rights of ${dicomRights.join(', ')}, joined with +.`);
      return known;
    }),
  };
}

/** `CT+SR+1.2.840.10008.5.1.4.1.1.7`: values of the attribute Modality, and SOP Class UIDs. */
function readStoreRule(text: string, option: string): StoreRule {
  const words = text.split('+');
  const sopClasses = words.filter((word) => /^[0-2](\.\d{1,20})+$/.test(word) && word.length <= 64);
  const modalities = words.filter((word) => /^[A-Z][A-Z0-9_]{0,15}$/.test(word));
  if (sopClasses.length + modalities.length !== words.length)
    throw new WrongUsage(`--${option} takes modalities such as CT, and SOP Class UIDs, joined with +.`);
  return { modalities, sopClasses };
}

function readRemotes(texts: readonly string[], option: string): RemotePlan[] {
  const remotes = texts.map((text) => {
    const [name = '', url = '', user] = readParts(text, option, 'NAME,URL,USER', 2);
    return {
      name: readName(name, option),
      url: readUrl(url, option, { plain: false }),
      user: user === undefined ? undefined : readName(user, option),
    };
  });
  refuseTwice(
    remotes.map(({ name }) => name),
    option,
  );
  return remotes;
}
