import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Holds when the variable has the value, or with `negated` when it has another one. */
export interface Condition {
  readonly name: string;
  readonly value: string;
  readonly negated: boolean;
}

export interface NginxVariable {
  readonly name: string;
  readonly kind: string;
  readonly pattern: RegExp;
  readonly default: string;
}

/** `docker/nginx/files.list`, which the image reads as well: what may be set, what goes together and what is written. */
export interface NginxList {
  readonly variables: readonly NginxVariable[];
  readonly requirements: readonly { readonly name: string; readonly when: readonly Condition[] }[];
  readonly refusals: readonly (readonly Condition[])[];
  readonly files: readonly { readonly path: string; readonly template: string; readonly when: readonly Condition[] }[];
}

export function readNginxList(folder: string): NginxList {
  const rows = readFileSync(join(folder, 'files.list'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(' '));
  const of = (word: string) => rows.filter(([first]) => first === word).map(([, ...rest]) => rest);
  const patterns = new Map(of('kind').map(([kind = '', pattern = '']) => [kind, new RegExp(pattern)]));
  return {
    variables: of('variable').map(([name = '', kind = '', value = '']) => ({
      name,
      kind,
      // An unknown kind matches nothing.
      pattern: patterns.get(kind) ?? /(?!)/,
      default: plain(value),
    })),
    requirements: of('require').map(([name = '', ...when]) => ({ name, when: when.map(readCondition) })),
    refusals: of('refuse').map((when) => when.map(readCondition)),
    files: of('file').map(([path = '', template = '', ...when]) => ({ path, template, when: when.map(readCondition) })),
  };
}

/** The folder with the list and the templates: `docker/nginx` of the product, from the source as from the build. */
export function nginxFolder(start: string = import.meta.dirname): string {
  for (let folder = start; ; folder = dirname(folder)) {
    const found = join(folder, 'docker/nginx');
    if (existsSync(join(found, 'files.list'))) return found;
    if (folder === dirname(folder)) throw new Error('docker/nginx, with the templates of nginx, is not there.');
  }
}

function readCondition(text: string): Condition {
  const [, name = '', negation = '', value = ''] = /^([A-Z0-9_]+)(!?)=(.*)$/.exec(text) ?? [];
  return { name, value: plain(value), negated: negation !== '' };
}

/** A row has no empty words: `-` stands for the empty text. */
function plain(word: string): string {
  return word === '-' ? '' : word;
}
