import { readFileSync, readdirSync, statSync } from 'node:fs';
import { modeOf } from './file-modes.js';
import { join, resolve } from 'node:path';
import { type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import { CommandFailed } from '../failures.js';
import { type ConfigurationFile, OrthancConfiguration } from './orthanc-configuration.js';
import { sectionOf } from './section.js';
import { type Variables, missingVariables, substituteVariables } from './substitute-variables.js';

/**
 * Files, and folders with all `*.json` in them, as Orthanc reads its one argument.
 * Throws what keeps the whole from being judged; what Orthanc itself would stumble over is for the rules.
 */
export function readOrthanc(paths: readonly string[], userDir: string, env: Variables): OrthancConfiguration {
  const named = paths.flatMap((path) => filesAt(path, resolve(userDir, path)));
  const names = [...new Map(named.map((one) => [one.path, one])).values()];
  return new OrthancConfiguration(names.map(({ name, path }) => readOne(name, path, env)));
}

function filesAt(name: string, path: string): { name: string; path: string }[] {
  if (!onDisk(name, () => statSync(path)).isDirectory()) return [{ name, path }];
  const found = onDisk(name, () => readdirSync(path, { withFileTypes: true }))
    .filter((entry) => !entry.isDirectory() && /\.json$/i.test(entry.name))
    .map((entry) => entry.name)
    .sort();
  if (found.length === 0) throw new CommandFailed(`${name}: this folder holds no file whose name ends in .json.`);
  return found.map((file) => ({ name: join(name, file), path: join(path, file) }));
}

function readOne(name: string, path: string, env: Variables): ConfigurationFile {
  const text = onDisk(name, () => readFileSync(path, 'utf8')).replace(/^\ufeff/, '');
  const mode = onDisk(name, () => modeOf(path));
  const { options, repeated } = parseOptions(name, substituteVariables(text, env));
  return { name, path, text, mode, options, repeated, missingVariables: missingVariables(text, env) };
}

/** JSON with comments. A text that is none names its line and column, and repeats nothing of it. */
export function parseOptions(
  name: string,
  text: string,
): { options: Readonly<Record<string, unknown>>; repeated: string[] } {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined)
    throw new CommandFailed(
      `${name}, ${placeOf(text, first.offset)}: not valid JSON (${printParseErrorCode(first.error)}).`,
    );
  const options = sectionOf(value);
  if (options === null) throw new CommandFailed(`${name}, line 1, column 1: a JSON object was expected.`);
  const keys = parseTree(text)?.children?.map(({ children }) => String(children?.[0]?.value)) ?? [];
  return { options, repeated: [...new Set(keys.filter((key, index) => keys.indexOf(key) !== index))] };
}

function placeOf(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function onDisk<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CommandFailed(
      code === 'ENOENT' ? `${name}: there is no such file or folder.` : `${name} cannot be read (${code}).`,
    );
  }
}
