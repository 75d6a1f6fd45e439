import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Condition, type NginxList, nginxFolder, readNginxList } from './nginx-list.js';

export interface NginxFile {
  /** Relative to nginx's folder, `/etc/nginx`. */
  readonly path: string;
  readonly text: string;
}

/** The variables do not make a configuration. Each fault is a sentence that names a variable and never its value. */
export class NginxVariablesRefused extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
  }
}

const longestValue = 1024;

/**
 * The configuration of nginx, as the image writes it from the same variables. Empty and absent are the same.
 * Throws NginxVariablesRefused for a name that does not exist, a value that is not of its kind, and what does not go together.
 */
export function renderNginx(variables: Readonly<Record<string, string>>): readonly NginxFile[] {
  const folder = nginxFolder();
  const list = readNginxList(folder);
  const values = settle(variables, list);
  const filled = new Map([...values, ...realIpLines(values.get('REAL_IP_FROM') ?? '')]);
  return list.files
    .filter(({ when }) => hold(when, values))
    .map(({ path, template }) => ({
      path,
      text: readFileSync(join(folder, 'templates', `${template}.template`), 'utf8').replace(
        /\$\{([A-Z0-9_]+)\}/g,
        (placeholder, name: string) => filled.get(name) ?? placeholder,
      ),
    }));
}

/** Every file that some choice of variables writes: what an earlier choice left has to go. */
export function nginxPaths(): readonly string[] {
  return [...new Set(readNginxList(nginxFolder()).files.map(({ path }) => path))];
}

/** Every variable with its value or its default. */
function settle(given: Readonly<Record<string, string>>, list: NginxList): ReadonlyMap<string, string> {
  const known = new Set(list.variables.map(({ name }) => name));
  const faults = Object.keys(given)
    .filter((name) => !known.has(name))
    .map((name) => `${/^[A-Z0-9_]{1,64}$/.test(name) ? name : 'One of them'} is no variable of nginx's configuration.`);

  const values = new Map<string, string>();
  for (const variable of list.variables) {
    const { name, kind, pattern } = variable;
    const value = (Object.hasOwn(given, name) ? given[name] : '') || variable.default;
    values.set(name, value);
    if (value === '') continue;
    if (value.length > longestValue) faults.push(`${name} is too long.`);
    else if (/[\r\n]/.test(value)) faults.push(`${name} holds a line break.`);
    else if (!pattern.test(value)) faults.push(`${name} is no ${kind}.`);
  }
  for (const { name, when } of list.requirements)
    if (values.get(name) === '' && hold(when, values))
      faults.push(`${name} is missing: it is needed with ${spell(when)}.`);
  for (const when of list.refusals) if (hold(when, values)) faults.push(`These do not go together: ${spell(when)}.`);
  if (faults.length > 0) throw new NginxVariablesRefused(faults);
  return values;
}

function hold(when: readonly Condition[], values: ReadonlyMap<string, string>): boolean {
  return when.every(({ name, value, negated }) => (values.get(name) === value) !== negated);
}

function spell(when: readonly Condition[]): string {
  return when.map(({ name, value, negated }) => `${name}${negated ? '!=' : '='}${value}`).join(' ');
}

/** nginx takes one network a line, in two places. */
function realIpLines(networks: string): [string, string][] {
  const each = networks.split(',').filter((network) => network !== '');
  return [
    ['REAL_IP_TRUST', each.map((network) => `set_real_ip_from ${network};\n`).join('')],
    ['REAL_IP_GEO', each.map((network) => `  ${network} 1;\n`).join('')],
  ];
}
