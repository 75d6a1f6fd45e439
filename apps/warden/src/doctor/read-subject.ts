import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed, WrongUsage } from '../failures.js';
import type { Surroundings } from '../surroundings.js';
import { type CertifiedName, certificatesOf, readCertificate } from './certificates.js';
import { readCompose } from './compose-file.js';
import { modeOf } from './file-modes.js';
import { diskFiles } from './file-reader.js';
import { urlOf } from './hosts.js';
import { observe } from './observe-running.js';
import type { OrthancConfiguration } from './orthanc-configuration.js';
import { parseOptions, readOrthanc } from './read-orthanc.js';
import { sectionOf } from './section.js';
import { type ServiceSettings, parseEnvFile, readServiceSettings } from './service-settings.js';
import type { SharePolicyFile, Subject } from './subject.js';

/** What was asked for on the command line. */
export interface Asked {
  readonly paths: readonly string[];
  readonly env: readonly string[];
  readonly settings: string | undefined;
  readonly policy: string | undefined;
  readonly compose: readonly string[];
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly 'public-root': readonly string[];
  readonly 'proxy-in-front': boolean;
  readonly running: string | undefined;
  readonly service: string | undefined;
  readonly keycloak: string | undefined;
  readonly ca: string | undefined;
}

const rootSettings = [
  'PUBLIC_ORTHANC_ROOT',
  'PUBLIC_LANDING_ROOT',
  'PUBLIC_OHIF_ROOT',
  'PUBLIC_MEDDREAM_ROOT',
  'PUBLIC_SHARE_ROOT',
];

/** Everything that the rules judge, from disk and, where asked for, from the network. */
export async function readSubject(asked: Asked, surroundings: Surroundings): Promise<Subject> {
  const { userDir, env, now } = surroundings;
  const targets = {
    running: readUrl(asked.running, 'running'),
    service: readUrl(asked.service, 'service'),
    keycloak: readUrl(asked.keycloak, 'keycloak'),
  };
  const publicRoots = asked['public-root'].map((url) => ({
    name: '--public-root',
    url: readUrl(url, 'public-root')?.href ?? '',
  }));
  const orthanc = readOrthanc(asked.paths, userDir, { ...variablesOf(asked.env, userDir), ...env });
  const service = asked.settings === undefined ? null : readServiceSettings(asked.settings, surroundings);
  const ca = asked.ca === undefined ? undefined : readNamed(asked.ca, userDir);
  const observed =
    targets.running || targets.service || targets.keycloak
      ? await observe({ ...targets, ca, expectedIssuers: issuersOf(service) }, now)
      : null;
  return {
    now: now(),
    files: diskFiles,
    orthanc,
    proxyInFront: asked['proxy-in-front'],
    certificates: [...certificatesOf(orthanc, diskFiles), ...givenCertificate(asked, userDir)],
    keyFiles: personalCertificates(orthanc),
    environmentFiles: asked.env.map((name) => ({ name, mode: modeOf(resolve(userDir, name)) })),
    publicRoots: [...publicRoots, ...rootSettings.flatMap((name) => ({ name, url: service?.get(name) ?? '' }))],
    service,
    policy: asked.policy === undefined ? null : readPolicy(asked.policy, userDir),
    compose: readCompose(asked.compose, userDir, env),
    observed,
  };
}

/** As Orthanc is given them, by env_file or EnvironmentFile=; the environment itself goes before. */
function variablesOf(files: readonly string[], userDir: string): Record<string, string> {
  return Object.fromEntries(files.flatMap((file) => [...parseEnvFile(file, readNamed(file, userDir))]));
}

function readUrl(text: string | undefined, option: string): URL | null {
  if (text === undefined) return null;
  const url = urlOf(text);
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new WrongUsage(`--${option} must be an address that begins with http:// or https:// and holds no password.`);
  return url;
}

/** The certificate of the proxy in front, which browsers meet. */
function givenCertificate({ certificate, key }: Asked, userDir: string): CertifiedName[] {
  if (certificate === undefined) {
    if (key !== undefined) throw new WrongUsage('--key goes with --certificate.');
    return [];
  }
  const namedBy = resolve(userDir, 'here');
  return [
    readCertificate(
      { where: certificate, role: 'server', isPublic: true, namedBy, certificate, key: key ?? null },
      diskFiles,
    ),
  ];
}

/** PKCS #12 files for browsers are kept beside the configuration that trusts them. */
function personalCertificates({ files }: OrthancConfiguration): string[] {
  const folders = [...new Set(files.map(({ path }) => dirname(path)))];
  return folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => /\.(p12|pfx)$/i.test(name))
      .map((name) => join(folder, name)),
  );
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    throw new CommandFailed(
      `${folder} cannot be listed (${(error as NodeJS.ErrnoException).code}): what lies beside the configuration is judged too.`,
    );
  }
}

function issuersOf(service: ServiceSettings | null): string[] {
  const told = service?.get('KEYCLOAK_ISSUER') ?? '';
  return told
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}

function readPolicy(file: string, userDir: string): SharePolicyFile {
  const { options } = parseOptions(file, readNamed(file, userDir));
  const policy = sectionOf(options['policy']) ?? options;
  const { rules } = policy;
  if (!Array.isArray(rules)) throw new CommandFailed(`${file}: no list of rules is in it.`);
  return { file, rules: (rules as readonly unknown[]).map((rule) => sectionOf(rule) ?? {}) };
}

function readNamed(file: string, userDir: string): string {
  try {
    return readFileSync(resolve(userDir, file), 'utf8');
  } catch (error) {
    throw new CommandFailed(`${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
