import { certificatesOf } from './certificates.js';
import { parseCompose } from './compose-file.js';
import type { FileReader } from './file-reader.js';
import type { Observed, ObservedOrthanc } from './observe-running.js';
import { OrthancConfiguration } from './orthanc-configuration.js';
import { parseOptions } from './read-orthanc.js';
import type { Section } from './section.js';
import { missingVariables, substituteVariables } from './substitute-variables.js';
import type { SharePolicyFile, Subject } from './subject.js';

/** A set-up as a test writes it. What is left out is not there. */
export interface SetUp {
  /** Options of `orthanc.json`. */
  readonly options?: Section;
  /** Files with their text, in place of `options`. */
  readonly configuration?: Readonly<Record<string, string>>;
  readonly configurationMode?: number;
  /** Files that are named somewhere: text, or text and mode. */
  readonly files?: Readonly<Record<string, string | readonly [string, number]>>;
  readonly keyFiles?: readonly string[];
  /** Names and modes. */
  readonly environmentFiles?: Readonly<Record<string, number>>;
  readonly proxyInFront?: boolean;
  readonly publicRoots?: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly settingsMode?: number;
  readonly anonymousProfile?: Section;
  readonly policy?: SharePolicyFile['rules'];
  readonly compose?: string;
  readonly orthanc?: Partial<ObservedOrthanc>;
  readonly service?: Observed['service'];
  readonly keycloak?: Observed['keycloak'];
  readonly now?: number;
}

export function subjectOf(given: SetUp): Subject {
  const files = inMemory(given.files ?? {});
  const texts = given.configuration ?? { 'orthanc.json': JSON.stringify(given.options ?? {}) };
  const orthanc = new OrthancConfiguration(
    Object.entries(texts).map(([name, text]) => ({
      ...{ name, path: `/etc/orthanc/${name}`, text, mode: given.configurationMode ?? 0o100640 },
      ...parseOptions(name, substituteVariables(text, {})),
      missingVariables: missingVariables(text, {}),
    })),
  );
  return {
    now: given.now ?? Date.now(),
    files,
    orthanc,
    proxyInFront: given.proxyInFront ?? false,
    certificates: certificatesOf(orthanc, files),
    keyFiles: given.keyFiles ?? [],
    environmentFiles: Object.entries(given.environmentFiles ?? {}).map(([name, mode]) => ({ name, mode })),
    publicRoots: (given.publicRoots ?? []).map((url) => ({ name: '--public-root', url })),
    service: serviceOf(given),
    policy: given.policy === undefined ? null : { file: 'policy.json', rules: given.policy },
    compose: given.compose === undefined ? null : parseCompose('compose.yaml', '/srv/compose.yaml', given.compose),
    observed: observedOf(given),
  };
}

function serviceOf({ settings, settingsMode, anonymousProfile }: SetUp): Subject['service'] {
  if (settings === undefined && anonymousProfile === undefined) return null;
  return {
    name: '.env',
    mode: settingsMode ?? 0o100600,
    get: (setting) => settings?.[setting] ?? null,
    anonymousProfile: anonymousProfile ?? null,
  };
}

function observedOf({ orthanc, service = null, keycloak = null }: SetUp): Observed | null {
  if (orthanc === undefined && service === null && keycloak === null) return null;
  const safe: ObservedOrthanc = {
    url: new URL('https://images.example.org/orthanc/'),
    answers: new Map([
      ['system', 401],
      ['instances', 401],
      ['dicom-web/studies', 401],
      ['tools/execute-script', 403],
    ]),
    certificate: null,
    isTrusted: true,
    takesOldTls: false,
    hasHsts: true,
    clockAhead: 0,
  };
  return { orthanc: orthanc === undefined ? null : { ...safe, ...orthanc }, service, keycloak };
}

function inMemory(files: NonNullable<SetUp['files']>): FileReader {
  return {
    find(path) {
      const found = files[path];
      if (found === undefined) return { state: 'missing' };
      const [text, mode] = typeof found === 'string' ? [found, 0o100640] : found;
      return { state: 'read', path, text, mode };
    },
    list: (folder) => Object.keys(files).filter((path) => path.startsWith(`${folder}/`)),
  };
}
