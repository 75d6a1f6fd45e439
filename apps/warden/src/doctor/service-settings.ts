import { readFileSync } from 'node:fs';
import { modeOf } from './file-modes.js';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed } from '../failures.js';
import { readSetting } from '../settings.js';
import type { Surroundings } from '../surroundings.js';
import { type Section, sectionOf } from './section.js';
import { parseOptions } from './read-orthanc.js';

/** The settings of auth-service, of which only the doctor's rules know the meaning. */
export interface ServiceSettings {
  /** `.env`, or `the environment`. */
  readonly name: string;
  /** Of a file: how it may be read. */
  readonly mode: number | null;
  readonly get: (setting: string) => string | null;
  /** The profile of whoever has no token; null when its file is not at hand. */
  readonly anonymousProfile: Section | null;
}

const environment = 'environment';

/** `FILE`, an `.env` as compose files take it, or the word `environment`. */
export function readServiceSettings(given: string, surroundings: Surroundings): ServiceSettings {
  if (given === environment) {
    const get = (setting: string) => readSetting(setting, surroundings);
    return { name: 'the environment', mode: null, get, anonymousProfile: profileAt(get, surroundings.workingDir) };
  }
  const path = resolve(surroundings.userDir, given);
  let text: string;
  let mode: number;
  try {
    [text, mode] = [readFileSync(path, 'utf8'), modeOf(path)];
  } catch (error) {
    throw new CommandFailed(`${given} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
  const values = parseEnvFile(given, text);
  const get = (setting: string): string | null =>
    values.get(setting) || secretFile(values.get(`${setting}_FILE`), path);
  return { name: given, mode, get, anonymousProfile: profileAt(get, dirname(path)) };
}

/** `NAME=value`; quotes around a value are taken off, and what follows ` #` outside of them. */
export function parseEnvFile(name: string, text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  text.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    const [, setting, quoted, plain] =
      /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(?:'([^']*)'\s*(?:#.*)?$|(.*))$/.exec(line) ?? [];
    if (setting === undefined) throw new CommandFailed(`${name}, line ${index + 1}: NAME=value was expected.`);
    values.set(setting, quoted ?? unquoted(plain ?? ''));
  });
  return values;
}

function unquoted(text: string): string {
  const inner = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)?.[1];
  return inner === undefined ? text.replace(/\s+#.*$/, '').trim() : inner.replace(/\\(["\\$])/g, '$1');
}

function secretFile(named: string | undefined, envFile: string): string | null {
  if (!named) return null;
  try {
    return readFileSync(resolve(dirname(envFile), named), 'utf8').trim() || null;
  } catch {
    return null;
  }
}

function profileAt(get: (setting: string) => string | null, folder: string): Section | null {
  const named = get('ANONYMOUS_PROFILE_FILE_PATH');
  if (named === null) return null;
  try {
    return sectionOf(parseOptions(named, readFileSync(join(resolve(folder, named)), 'utf8')).options);
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    return null;
  }
}
