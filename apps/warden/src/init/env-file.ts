import { CommandFailed } from '../failures.js';

/** One variable as a set-up's `.env.example` names it. */
export interface Declared {
  readonly name: string;
  /** The lines above it, as they stand there. */
  readonly comment: string;
  /** A secret that nobody chooses: the comment ends with `(random)`. */
  readonly random: boolean;
}

const assignment = /^([A-Z][A-Z0-9_]*)=(.*)$/;
/** Of values that others are made of: a mistake in one shows far from here. */
const forms: readonly { name: string; form: RegExp; told: string }[] = [
  {
    name: 'PUBLIC_ORIGIN',
    form: /^https?:\/\/[^/?#@\s]+$/,
    told: 'be like https://pacs.example.org, without a slash at the end',
  },
  {
    name: 'SUBNET',
    form: /^(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(\.(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)){2}$/,
    told: 'be three numbers from 0 to 255, like 10.213.71',
  },
];
const plain = /^[A-Za-z0-9 ._~:/,=@%+-]*$/;

/** Reads `.env.example`: a comment and a name without a value for each variable. */
export function readExample(text: string, file: string): Declared[] {
  const declared: Declared[] = [];
  let comment: string[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) {
      comment.push(line);
      continue;
    }
    const [, name, value] = assignment.exec(line) ?? [];
    if (name !== undefined) {
      // A value here would be a default that everybody knows.
      if (value !== '') throw new CommandFailed(`${file} gives ${name} a value: it must not.`);
      declared.push({ name, comment: comment.join('\n'), random: comment.at(-1)?.endsWith('(random)') ?? false });
    } else if (line.trim() !== '') {
      throw new CommandFailed(`${file} holds a line that is neither a comment nor NAME=.`);
    }
    comment = [];
  }
  return declared;
}

/** The values of `.env`; an empty one counts as not given. The last of a name counts, as it does for compose. */
export function readValues(text: string, file: string): Map<string, string> {
  const values = new Map<string, string>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '' || line.trim().startsWith('#')) continue;
    const [, name, value = ''] = assignment.exec(line) ?? [];
    // Compose may read it in a way of its own, and a password that is overlooked here would be made up anew.
    if (name === undefined)
      throw new CommandFailed(`${file}, line ${index + 1}: neither empty nor a comment nor NAME=VALUE in capitals.`);
    const bare = value.trim().replace(/^(["'])(.*)\1$/, '$2');
    if (bare === '') values.delete(name);
    else values.set(name, bare);
  }
  return values;
}

/** What the value of this name must be and is not; null when there is nothing against it. */
export function formFault(name: string, value: string): string | null {
  const known = forms.find((one) => one.name === name);
  return known === undefined || known.form.test(value) ? null : `${name} must ${known.told}.`;
}

/** Whether compose reads the text back as it is: nothing that it would substitute, unquote or cut off. */
export function isPlain(text: string): boolean {
  return plain.test(text) && text.trim() === text;
}

/** `.env` with the given values added. What it holds already stays, to the letter; an empty entry is filled where it stands. */
export function withValues(text: string, added: readonly { declared: Declared; value: string }[]): string {
  let result = text;
  for (const { declared, value } of added) {
    const entry = `${declared.name}=${value}`;
    const empty = new RegExp(`^${declared.name}=[ \\t]*(""|'')?[ \\t]*$`, 'm');
    if (empty.test(result)) {
      result = result.replace(empty, entry);
      continue;
    }
    if (result !== '' && !result.endsWith('\n')) result += '\n';
    if (declared.comment !== '') result += `${declared.comment}\n`;
    result += `${entry}\n`;
  }
  return result;
}
