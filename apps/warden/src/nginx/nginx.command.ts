import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, defineCommand } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { type NginxFile, NginxVariablesRefused, nginxPaths, renderNginx } from './render-nginx.js';

export const nginxCommand: Command = defineCommand({
  name: 'nginx',
  summary: 'Writes the configuration of nginx in front of Orthanc, as the image has it.',
  notes: [
    'docs/proxies.md has the variables. Files of another configuration of ours in the folder are replaced.',
    'Try it before nginx is started: nginx -t -c FOLDER/nginx.conf',
  ],
  options: {
    out: {
      type: 'string',
      required: true,
      value: 'FOLDER',
      help: 'where nginx.conf and warden/ go, such as /etc/nginx',
    },
    set: { type: 'string', multiple: true, value: 'NAME=value', help: 'a variable, such as ENABLE_HTTPS=true' },
    force: { type: 'boolean', help: 'replace an nginx.conf that is not ours' },
  },
  run({ out, set, force }, _operands, surroundings) {
    const files = render(readVariables(set));
    const folder = resolve(surroundings.userDir, out);
    if (!force && orSay(join(out, 'nginx.conf'), () => isForeign(join(folder, 'nginx.conf'), files)))
      throw new CommandFailed(
        `${join(out, 'nginx.conf')} is there and was written by somebody else; --force replaces it.`,
      );
    try {
      for (const path of nginxPaths()) rmSync(join(folder, path), { force: true });
      for (const { path, text } of files) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        writeFileSync(join(folder, path), text);
      }
    } catch (error) {
      throw new CommandFailed(`${out} cannot be written (${(error as NodeJS.ErrnoException).code}).`);
    }
    surroundings.out(files.map(({ path }) => `${join(out, path)}\n`).join(''));
    return Promise.resolve(0);
  },
});

function readVariables(texts: readonly string[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const text of texts) {
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/s.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new WrongUsage('--set takes NAME=value.');
    if (Object.hasOwn(variables, name)) throw new WrongUsage(`${name} is given twice.`);
    variables[name] = value;
  }
  return variables;
}

function render(variables: Record<string, string>): readonly NginxFile[] {
  try {
    return renderNginx(variables);
  } catch (error) {
    if (error instanceof NginxVariablesRefused) throw new WrongUsage(error.message);
    throw error;
  }
}

function orSay<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new CommandFailed(`${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** Ours begins with a line of its own. */
function isForeign(path: string, files: readonly NginxFile[]): boolean {
  if (!existsSync(path)) return false;
  const firstLine = (text: string) => text.split('\n', 1)[0];
  return (
    firstLine(readFileSync(path, 'utf8')) !== firstLine(files.find((one) => one.path === 'nginx.conf')?.text ?? '')
  );
}
