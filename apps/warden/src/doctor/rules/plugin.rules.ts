import type { Compose } from '../compose-file.js';
import { isClearToElsewhere, urlOf } from '../hosts.js';
import { names, pluginGuards, pluginOf, profileUrls, validationUrls } from '../orthanc-protection.js';
import type { OrthancConfiguration } from '../orthanc-configuration.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import { type Section, textOf, textsOf } from '../section.js';
import type { Subject } from '../subject.js';
import { shortestPassword, weaknessOf } from '../weak-secrets.js';

/** What viewers load before they have a token: pages and their parts, never what is stored. */
const pageFolders =
  /^\/(ohif|stone-webviewer|volview|stl|ui\/(app|landing)|app|osimis-viewer\/(app|languages)|web-viewer\/(app|libs)|wsi\/app)\//;
const pageResources = [
  '/',
  '/system',
  '/ui/api/pre-login-configuration',
  '/ui/api/configuration',
  '/auth/user/profile',
  '/osimis-viewer/config.js',
];
const standardNames = ['osimis-web-viewer', 'stone-webviewer', 'orthanc-explorer-2', 'ohif', 'volview', 'stl'];
const knownTokenHeaders = ['token', 'authorization', 'api-key'];
const knownTokenArguments = ['token'];
const urlOptions = [
  ...new Set([...validationUrls, ...profileUrls]),
  'WebServiceTokenCreationBaseUrl',
  'WebServiceTokenDecoderUrl',
  'WebServiceSettingsRolesUrl',
];
/** Open to everybody in the plugin's own list, and harmless there. */
const openByDesign = /decode|generate-uid|tools\/lookup/;

/** The section Authorization: where it lets through more than is meant. */
export const pluginRules: readonly Rule[] = [
  {
    id: 'P-01',
    severity: 'error',
    title: 'The authorization plugin knows where to ask, or Orthanc asks for passwords itself.',
    why: 'Without an address the plugin asks nobody; it then only mints tokens, and lets everything through that Orthanc lets in.',
    remedy: 'Set WebServiceRootUrl to the address of auth-service.',
    source: pages.authorization,
    check: onPlugin((plugin, orthanc) =>
      asks(plugin) || orthanc.authenticates ? [] : ['neither WebServiceRootUrl nor WebServiceTokenValidationUrl'],
    ),
  },
  {
    id: 'P-02',
    severity: 'error',
    title: 'The authorization plugin asks for profiles of people.',
    why: 'Without the address of profiles, /dicom-web/studies lists every study to anyone, and people have no permissions.',
    remedy: 'Set WebServiceRootUrl, which names all addresses at once.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      asks(plugin) && !names(plugin, profileUrls) ? ['neither WebServiceRootUrl nor WebServiceUserProfileUrl'] : [],
    ),
  },
  {
    id: 'P-03',
    severity: 'error',
    title: 'CheckedLevel is studies.',
    why: 'A share is of studies: without it each level is asked and viewing fails, and with another one a study is not asked about.',
    remedy: 'Set "CheckedLevel": "studies".',
    source: pages.authorization,
    check: onPlugin((plugin) => [
      ...(plugin['CheckedLevel'] === 'studies' || !asks(plugin)
        ? []
        : [`CheckedLevel is ${plugin['CheckedLevel'] === undefined ? 'missing' : 'another level'}`]),
      ...(plugin['UncheckedLevels'] === undefined ? [] : ['UncheckedLevels leaves levels out']),
    ]),
  },
  {
    id: 'P-04',
    severity: 'error',
    title: 'UncheckedFolders opens pages of viewers only.',
    why: 'Everything below such a folder is given to anyone, without a question.',
    remedy: 'Name the viewers in StandardConfigurations, and leave UncheckedFolders out.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      textsOf(plugin['UncheckedFolders'])
        .filter((folder) => !pageFolders.test(withSlash(folder)))
        .map((folder) => `UncheckedFolders opens ${folder}`),
    ),
  },
  {
    id: 'P-05',
    severity: 'error',
    title: 'UncheckedResources opens nothing of what is stored.',
    why: 'Each is given to anyone, with every method.',
    remedy: 'Name the viewers in StandardConfigurations, and leave UncheckedResources out.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      textsOf(plugin['UncheckedResources'])
        .filter((path) => !pageResources.includes(path) && !pageFolders.test(path))
        .map((path) => `UncheckedResources opens ${path}`),
    ),
  },
  {
    id: 'P-06',
    severity: 'error',
    title: 'The plugin knows where tokens are.',
    why: 'Without a name of a header or an argument, every request is one of nobody.',
    remedy: 'Name the viewers in StandardConfigurations, or set TokenHttpHeaders and TokenGetArguments.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      asks(plugin) && [...textsOf(plugin['StandardConfigurations']), ...tokenNames(plugin)].length === 0
        ? ['no TokenHttpHeaders, TokenGetArguments or StandardConfigurations']
        : [],
    ),
  },
  {
    id: 'P-07',
    severity: 'warning',
    title: 'Tokens are read from the headers token, Authorization and api-key and from the argument token only.',
    why: 'The plugin tries every credential until one is granted; the guard in front takes away those that it knows.',
    remedy: 'Take other names out of TokenHttpHeaders and TokenGetArguments.',
    source: pages.guard,
    check: onPlugin((plugin) =>
      [
        ...others(plugin['TokenHttpHeaders'], knownTokenHeaders).map((name) => `the header ${name}`),
        ...others(plugin['TokenGetArguments'], knownTokenArguments).map((name) => `the argument ${name}`),
      ].map((where) => `tokens are read from ${where}`),
    ),
  },
  {
    id: 'P-08',
    severity: 'error',
    title: 'The plugin proves to the service who asks.',
    why: 'Without a user name anybody who reaches the service can ask it; and it has to be opened with ALLOW_UNAUTHENTICATED.',
    remedy: 'Set WebServiceUsername and WebServicePassword to an entry of USERS.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      ['WebServiceUsername', 'WebServicePassword']
        .filter((option) => textOf(plugin[option]) === null)
        .map((option) => `${option} is missing`),
    ),
  },
  {
    id: 'P-09',
    severity: 'error',
    title: 'The password of the plugin is long and of no sample.',
    why: 'Who has it mints tokens for every study.',
    remedy: `Generate one of at least ${shortestPassword} bytes.`,
    source: pages.authorization,
    check: onPlugin((plugin) => {
      const password = textOf(plugin['WebServicePassword']);
      const weakness =
        password === null
          ? null
          : weaknessOf(password, shortestPassword, textOf(plugin['WebServiceUsername']) ?? undefined);
      return weakness === null ? [] : [`WebServicePassword ${weakness}`];
    }),
  },
  {
    id: 'P-10',
    severity: 'error',
    title: 'The plugin asks another host over HTTPS.',
    why: 'Tokens and the password of the plugin cross the network in clear. A container of the same private network may be asked in clear.',
    remedy: 'Write https:// (plugin 0.9.1 and later), and HttpsCACertificates where the authority is private.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      urlOptions
        .filter((option) => {
          const url = urlOf(textOf(plugin[option]) ?? '');
          return url !== null && isClearToElsewhere(url);
        })
        .map((option) => `${option} is http:// to another host`),
    ),
  },
  {
    id: 'P-11',
    severity: 'warning',
    title: 'StandardConfigurations names what the plugin knows.',
    why: 'A name that it does not know is passed over in silence, and the viewer fails or is opened by hand with too much.',
    remedy: `Known are ${standardNames.join(', ')}.`,
    source: pages.authorization,
    check: onPlugin((plugin) =>
      textsOf(plugin['StandardConfigurations'])
        .filter((name) => !standardNames.includes(name))
        .map((name) => `StandardConfigurations names ${name}`),
    ),
  },
  {
    id: 'P-12',
    severity: 'error',
    title: 'No permission of the plugin is empty but those that are so by design.',
    why: 'A route with an empty permission is open to anyone.',
    remedy: 'Name a permission as the third text of the entry.',
    source: pages.authorization,
    check: onPlugin((plugin) =>
      [plugin['Permissions'], plugin['ExtraPermissions']].flatMap((entries) =>
        (Array.isArray(entries) ? (entries as readonly unknown[]) : [])
          .map(textsOf)
          .filter(([, route = '', permission]) => permission === '' && !openByDesign.test(route))
          .map(([method = '', route = '']) => `${method} ${route} needs no permission`),
      ),
    ),
  },
  {
    id: 'P-13',
    severity: 'error',
    title: 'A plugin that is all that asks for credentials is loaded.',
    why: 'The section alone loads nothing: without the plugin, and with authentication off, Orthanc is open to whoever reaches it.',
    remedy: 'Name the plugin or its folder in Plugins; where an image loads it, give the compose file with --compose.',
    source: pages.authorization,
    check: ({ orthanc, compose }) =>
      pluginGuards(orthanc) &&
      !orthanc.authenticates &&
      textsOf(orthanc.value('Plugins')).length === 0 &&
      !isLoadedByImage(compose)
        ? [`${orthanc.where('Plugins')}: nothing loads the authorization plugin`]
        : [],
  },
];

/** The set-up starts an image that loads the plugin by itself, or is told to by its environment. */
function isLoadedByImage(compose: Compose | null): boolean {
  return (compose?.services ?? []).some(
    ({ image, environment }) =>
      /(^|\/)(orthancteam|osimis)\/orthanc(?![\w-])/.test(image) ||
      environment.get('AUTHORIZATION_PLUGIN_ENABLED') === 'true',
  );
}

/** Texts that are not among the known ones, whatever their case. */
function others(given: unknown, known: readonly string[]): string[] {
  return textsOf(given).filter((name) => !known.includes(name.toLowerCase()));
}

function onPlugin(
  check: (plugin: Section, orthanc: OrthancConfiguration) => string[],
): (subject: Pick<Subject, 'orthanc'>) => string[] {
  return ({ orthanc }) => {
    const plugin = pluginOf(orthanc);
    return plugin === null ? [] : check(plugin, orthanc).map((what) => `${orthanc.where('Authorization')}: ${what}`);
  };
}

/** False: it guards nothing and only mints tokens. */
function asks(plugin: Section): boolean {
  return names(plugin, validationUrls) || names(plugin, profileUrls);
}

function tokenNames(plugin: Section): string[] {
  return [...textsOf(plugin['TokenHttpHeaders']), ...textsOf(plugin['TokenGetArguments'])];
}

function withSlash(folder: string): string {
  return folder.endsWith('/') ? folder : `${folder}/`;
}
