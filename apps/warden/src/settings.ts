import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Keyring, parseInstant } from '@warden/tokens';
import { CommandFailed } from './failures.js';
import type { Surroundings } from './surroundings.js';

type Places = Pick<Surroundings, 'env' | 'secretsDir' | 'workingDir'>;

export interface ServiceAccess {
  /** Without a trailing slash; may carry a path. */
  readonly url: string;
  /** What says who we are; one header. */
  readonly headers: Readonly<Record<string, string>>;
  /** Where the credentials come from, for messages: names of settings or of a file. */
  readonly source: string;
  /** Credentials cross a network that anybody may listen to. */
  readonly inTheClear: boolean;
}

const defaultUrl = 'http://127.0.0.1:8000';
const mostPreviousKeys = 16;

/**
 * A setting, from the place where the service looks first on: `/run/secrets/NAME`, the file that NAME_FILE names, the variable NAME.
 * Null when absent or empty. Text from a file is trimmed, and that of a variable is taken as it is: as the service does, or keys would differ.
 */
export function readSetting(name: string, { env, secretsDir }: Places): string | null {
  const mounted = readIfThere(join(secretsDir, name), name);
  if (mounted !== null) return mounted.trim() || null;
  const file = env[`${name}_FILE`];
  if (file) {
    const text = readIfThere(file, `${name}_FILE`);
    if (text === null) throw new CommandFailed(`${name}_FILE names a file that is not there.`);
    return text.trim() || null;
  }
  return env[name] || null;
}

/** Where the service is and who we are to it. Throws a sentence that says which setting to change. */
export function readServiceAccess(places: Places): ServiceAccess {
  const text = (readSetting('WARDEN_URL', places) ?? defaultUrl).trim();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CommandFailed('WARDEN_URL must be an absolute URL that begins with http:// or https://.');
  if (url.username !== '' || url.password !== '')
    throw new CommandFailed(
      'WARDEN_URL must not hold a password; give WARDEN_USERNAME and WARDEN_PASSWORD, or WARDEN_API_KEY.',
    );
  if (url.search !== '' || url.hash !== '') throw new CommandFailed('WARDEN_URL must not hold a query or a fragment.');
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  const address = { url: text.replace(/\/+$/, ''), inTheClear: url.protocol === 'http:' && !local };

  const apiKey = readSetting('WARDEN_API_KEY', places)?.trim() ?? null;
  const username = readSetting('WARDEN_USERNAME', places);
  const password = readSetting('WARDEN_PASSWORD', places);
  if (apiKey !== null) {
    if (username !== null || password !== null)
      throw new CommandFailed(
        'WARDEN_API_KEY is given beside WARDEN_USERNAME or WARDEN_PASSWORD; leave one of them out.',
      );
    if (!/^[\x21-\x7e]+$/.test(apiKey)) throw new CommandFailed('WARDEN_API_KEY holds characters that no API key has.');
    return { ...address, headers: { 'api-key': apiKey }, source: 'WARDEN_API_KEY' };
  }
  if (username !== null && password !== null)
    return { ...address, headers: basic(username, password), source: 'WARDEN_USERNAME and WARDEN_PASSWORD' };
  if (username !== null) throw new CommandFailed('WARDEN_USERNAME is given without WARDEN_PASSWORD.');
  if (password !== null) throw new CommandFailed('WARDEN_PASSWORD is given without WARDEN_USERNAME.');

  const file = join(dataDir(places), 'administrator');
  const generated = readIfThere(file, 'DATA_DIR');
  const missing = 'give WARDEN_API_KEY, or WARDEN_USERNAME and WARDEN_PASSWORD (each also as NAME_FILE)';
  if (generated === null)
    throw new CommandFailed(`There are no credentials: ${missing}. ${file}, which npm start makes, is not there.`);
  // The administrator of this machine is nobody elsewhere, and no other machine should learn the password.
  if (!local)
    throw new CommandFailed(`${file} is for a service on this machine. For the one of WARDEN_URL ${missing}.`);
  const colon = generated.indexOf(':');
  return { ...address, headers: basic(generated.slice(0, colon), generated.slice(colon + 1).trim()), source: file };
}

/** The keys that links are signed with, as the service has them; null when there is none. */
export function readKeyring(places: Places): Keyring | null {
  const signing = readSetting('SECRET_KEY', places) ?? generatedKey(places);
  return signing === null ? null : Keyring.create({ signing, previous: readPreviousKeys(places) });
}

export function readRequiredKeyring(places: Places): Keyring {
  const keyring = readKeyring(places);
  if (keyring === null)
    throw new CommandFailed(
      'There is no key to verify with: give SECRET_KEY (also as SECRET_KEY_FILE), and SECRET_KEYS_PREVIOUS where keys were rotated.',
    );
  return keyring;
}

/** What `npm start` made when it was given no key. */
function generatedKey(places: Places): string | null {
  return readIfThere(join(dataDir(places), 'secret-key'), 'DATA_DIR')?.trim() || null;
}

function dataDir(places: Places): string {
  return resolve(places.workingDir, readSetting('DATA_DIR', places) ?? './data');
}

function readPreviousKeys(places: Places): { key: string; until: number | null; registeredOnly: boolean }[] {
  const name = 'SECRET_KEYS_PREVIOUS';
  const text = readSetting(name, places);
  if (text === null) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new CommandFailed(`${name} is not valid JSON.`);
  }
  if (!Array.isArray(value) || value.length > mostPreviousKeys)
    throw new CommandFailed(`${name} must be a JSON list of at most ${mostPreviousKeys} keys.`);
  return value.map((entry: unknown, index) => {
    const fault = (problem: string) => new CommandFailed(`${name}, entry ${index}: ${problem}.`);
    const { key, until = null, 'registered-only': registeredOnly = false } = asObject(entry);
    if (typeof key !== 'string' || key === '') throw fault('"key" must be a text');
    const instant = typeof until === 'string' ? parseInstant(until) : null;
    if (until !== null && instant === null) throw fault('"until" must be a date and time with a zone');
    if (typeof registeredOnly !== 'boolean') throw fault('"registered-only" must be true or false');
    return { key, until: instant?.epochMs ?? null, registeredOnly };
  });
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function basic(username: string, password: string): Record<string, string> {
  if (username.includes(':'))
    throw new CommandFailed(
      'WARDEN_USERNAME must not hold a colon, which HTTP Basic cannot send (RFC 7617 section 2).',
    );
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}` };
}

/** Null when there is no such file. One that is there and cannot be read is a fault: another place must not take over. */
function readIfThere(path: string, setting: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CommandFailed(`${setting}: the file ${path} cannot be read (${code}).`);
  }
}
