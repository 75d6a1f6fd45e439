import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { formFault, isPlain, readExample, readValues, withValues, type Declared } from './env-file.js';
import { fillIn, namesIn } from './secret-files.js';

export const initCommand = defineCommand({
  name: 'init',
  summary: "Writes a set-up's .env and secrets, with random passwords, from its .env.example.",
  notes: [
    'FOLDER is one of docker/compose. .env (mode 0600) keeps every value that it has; what is missing is made up, or taken',
    'from --set, or left for you. secrets/ (mode 0700) is written anew from .env each time. Passwords are never arguments.',
  ],
  operands: ['FOLDER'],
  options: {
    set: { type: 'string', multiple: true, value: 'NAME=VALUE', help: 'a value that is yours to give, and no secret' },
    also: { type: 'string', multiple: true, value: 'FOLDER', help: 'an add-on whose .env.example counts too' },
    templates: { type: 'string', value: 'FOLDER', help: 'templates of the secrets (FOLDER/../common/secrets.example)' },
  },
  run({ set, also, templates }, [folder = ''], { userDir, out, err }) {
    const home = resolve(userDir, folder);
    const declared = declaredBy([home, ...also.map((one) => resolve(userDir, one))]);
    const given = readGiven(set, declared);
    const file = join(home, '.env');
    const before = readIfThere(file) ?? '';
    const values = readValues(before, file);
    for (const [name, value] of given) {
      if ((values.get(name) ?? value) !== value) throw new CommandFailed(`${name} is set already: change it in .env.`);
    }

    const added: { declared: Declared; value: string }[] = [];
    const missing: string[] = [];
    for (const one of declared) {
      if (values.has(one.name)) continue;
      const value = given.get(one.name) ?? (one.random ? randomText() : '');
      if (value === '') missing.push(one.name);
      else values.set(one.name, value);
      added.push({ declared: one, value });
    }
    const known = new Map(declared.map(({ name }) => [name, values.get(name) ?? '']));
    for (const [name, value] of known) {
      const fault = value === '' ? null : formFault(name, value);
      if (fault !== null) throw new CommandFailed(`${file}: ${fault}`);
    }
    const from =
      templates === undefined ? resolve(home, '..', 'common', 'secrets.example') : resolve(userDir, templates);
    // Read and filled in before anything is written: a template that cannot be filled leaves everything as it was.
    const secrets = secretsFrom(from, known);

    writeWhole(file, withValues(before, added), 0o600);
    const secretsDir = join(home, 'secrets');
    mkdirSync(secretsDir, { recursive: true, mode: 0o700 });
    chmodSync(secretsDir, 0o700);
    // Readable to whoever a service runs as; on this machine nobody else gets into the folder.
    for (const { name, text } of secrets) writeWhole(join(secretsDir, name), text, 0o444);

    out(`${file}: ${added.length - missing.length} values added. ${secretsDir}: ${secrets.length} files written.\n`);
    if (missing.length > 0) err(`Still yours to give, in .env or with --set: ${missing.join(', ')}\n`);
    return Promise.resolve(missing.length > 0 ? 1 : 0);
  },
});

function declaredBy(folders: readonly string[]): Declared[] {
  const byName = new Map<string, Declared>();
  for (const folder of folders) {
    const file = join(folder, '.env.example');
    const text = readIfThere(file);
    if (text === null) throw new CommandFailed(`${file} is not there: FOLDER must be one of docker/compose.`);
    for (const one of readExample(text, file)) byName.set(one.name, one);
  }
  return [...byName.values()];
}

/** What `--set` says. A secret is refused: arguments can be read by everybody on the machine. */
function readGiven(set: readonly string[], declared: readonly Declared[]): Map<string, string> {
  const given = new Map<string, string>();
  for (const text of set) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(at, 0));
    const one = declared.find((candidate) => candidate.name === name);
    if (one === undefined) throw new WrongUsage('--set takes NAME=VALUE, and NAME must be one of .env.example.');
    if (one.random) throw new WrongUsage(`${name} is a secret: it is made up, or put into .env by you.`);
    const value = text.slice(at + 1);
    if (value === '' || !isPlain(value)) throw new WrongUsage(`${name} holds what compose would read in another way.`);
    const fault = formFault(name, value);
    if (fault !== null) throw new WrongUsage(fault);
    given.set(name, value);
  }
  return given;
}

/** The templates whose variables are all of this set-up, and all given. */
function secretsFrom(folder: string, known: ReadonlyMap<string, string>): { name: string; text: string }[] {
  let names: string[];
  try {
    names = readdirSync(folder).sort();
  } catch {
    throw new CommandFailed(`${folder} cannot be read: --templates says where the templates of the secrets are.`);
  }
  const templates = names.map((name) => ({ name, template: readFileSync(join(folder, name), 'utf8') }));
  return (
    templates
      .filter(({ template }) => namesIn(template).every((name) => known.get(name)))
      // Some programs take a line break at the end for a part of the password.
      .map(({ name, template }) => ({ name, text: fillIn(template, known).trimEnd() }))
  );
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw new CommandFailed(`${file} cannot be read (${code}).`);
  }
}

/** Whole or not at all: half a secret would be taken for one. */
function writeWhole(file: string, text: string, mode: number): void {
  const next = `${file}.new`;
  try {
    // A file of this name is of a run that was cut short, or laid there by another: it is neither written into nor followed.
    rmSync(next, { force: true });
    // Narrow from the first byte on, and then what was asked for whatever the umask.
    writeFileSync(next, text, { mode: 0o600, flag: 'wx' });
    chmodSync(next, mode);
    renameSync(next, file);
  } catch (error) {
    throw new CommandFailed(`${file} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** 32 random bytes in letters, digits, `-` and `_`: a key of HS256 needs no fewer. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}
