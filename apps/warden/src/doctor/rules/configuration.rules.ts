import { openToEveryone } from '../file-modes.js';
import { urlOf } from '../hosts.js';
import { defaults, otherKinds } from '../orthanc-defaults.js';
import { pages } from '../pages.js';
import type { Rule } from '../rule.js';
import { type Section, sectionOf, textOf, textsOf } from '../section.js';

/** The files themselves, before what they say. */
export const configurationRules: readonly Rule[] = [
  {
    id: 'C-01',
    severity: 'error',
    title: 'Each option stands once.',
    why: 'Orthanc does not start with an option in two files; twice in one file, the last counts and the first misleads.',
    remedy: 'Keep one of them.',
    source: pages.configuration,
    check: ({ orthanc: { files, conflicts } }) => [
      ...files.flatMap(({ name, repeated }) =>
        repeated.map((option) => `${name}: ${option} stands there more than once`),
      ),
      ...conflicts.map((option) => `${option} stands in more than one file`),
    ],
  },
  {
    id: 'C-02',
    severity: 'error',
    title: 'Each variable has a value or a default.',
    why: 'Orthanc puts nothing in its place and says nothing: a password becomes an empty one.',
    remedy: 'Set the variable, or write ${NAME:-default} where the value is no secret.',
    source: pages.configuration,
    check: ({ orthanc: { files } }) =>
      files.flatMap(({ name, missingVariables }) =>
        missingVariables.map((variable) => `${name}: the variable ${variable} has no value`),
      ),
  },
  {
    id: 'C-03',
    severity: 'error',
    title: 'Options are of the kind that Orthanc expects.',
    why: 'A text in the place of true or false is not what it looks like; Orthanc refuses to start, or goes by its default.',
    remedy: 'Write true, false and numbers without quotes.',
    source: pages.configuration,
    check: ({ orthanc }) => {
      const kinds = {
        ...Object.fromEntries(Object.entries(defaults).map(([name, value]) => [name, typeof value])),
        ...otherKinds,
      };
      return Object.entries(kinds).flatMap(([option, kind]) => {
        const value = orthanc.value(option);
        return value === null || kindOf(value) === kind ? [] : [`${orthanc.where(option)}: is no ${kind}`];
      });
    },
  },
  {
    id: 'C-04',
    severity: 'warning',
    title: 'What the configuration names can be read, so that it can be judged.',
    why: 'Of a Lua script that cannot be read nothing is said: it may hold the rules that are asked for, or none.',
    remedy: 'Run the doctor where Orthanc runs, or put the scripts beside the configuration.',
    source: pages.security,
    check: ({ orthanc, files }) =>
      textsOf(orthanc.value('LuaScripts'))
        .filter((script) => files.find(script, orthanc.pathOf('LuaScripts')).state !== 'read')
        .map((script) => `${orthanc.where('LuaScripts')}: ${script} cannot be read here`),
  },
  {
    id: 'C-05',
    severity: 'error',
    title: 'A file with passwords is not readable by everyone.',
    why: 'Orthanc keeps passwords as plain text; whoever has an account on the machine reads them.',
    remedy: 'Give the file mode 0640 and the group of Orthanc, or take the passwords from variables.',
    source: pages.security,
    covers: [6],
    check: ({ orthanc, environmentFiles }) => {
      const secrets = orthanc.files.flatMap(({ options }) => secretsOf(options));
      return [
        ...orthanc.files.filter(({ text }) => secrets.some((secret) => text.includes(JSON.stringify(secret)))),
        ...environmentFiles,
      ]
        .filter(({ mode }) => openToEveryone(mode))
        .map(({ name }) => `${name}: holds passwords and is readable by everyone`);
    },
  },
  {
    id: 'C-06',
    severity: 'note',
    title: 'Modalities and peers are kept where they can be judged.',
    why: 'Kept in the database, they can be changed over the REST API, and this command does not see them.',
    remedy: 'Keep them in the configuration, or look at /modalities and /peers yourself.',
    source: pages.configuration,
    check: ({ orthanc }) =>
      (['DicomModalitiesInDatabase', 'OrthancPeersInDatabase'] as const)
        .filter((option) => orthanc.on(option))
        .map((option) => `${orthanc.where(option)}: kept in the database`),
  },
  {
    id: 'C-07',
    severity: 'note',
    title: 'A section stands in one file.',
    why: 'Orthanc itself does not start with parts of a section in two files; the images of orthancteam put them together first, as this command does.',
    remedy: 'Keep the section in one file where Orthanc reads the folder itself.',
    source: pages.configuration,
    check: ({ orthanc: { dividedSections } }) =>
      dividedSections.map((section) => `${section} has parts in more than one file`),
  },
];

const secretOptions = /(password|secret|secretkey|accesskey|connectionstring|connectionuri)$/i;

/** Passwords and keys, of Orthanc and of any plugin, in whatever section: by the names of their options. */
function secretsOf(section: Section): string[] {
  return Object.entries(section).flatMap(([option, value]) => {
    const inner = sectionOf(value);
    if (option === 'RegisteredUsers' && inner !== null) return Object.values(inner).flatMap((one) => textOf(one) ?? []);
    if (inner !== null) return secretsOf(inner);
    // A server that Orthanc calls: address, user, password.
    const [url, , password] = textsOf(value);
    if (password !== undefined) return urlOf(url ?? '') === null ? [] : [password];
    return secretOptions.test(option) ? (textOf(value) ?? []) : [];
  });
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}
