import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { type NginxFile, NginxVariablesRefused, nginxPaths, renderNginx } from '../nginx/render-nginx.js';
import { readChoice } from '../option-values.js';
import type { Surroundings } from '../surroundings.js';
import { Questions } from './ask.js';
import { readLeafFolder } from './leaf-folder.js';
import { readAssignment, readPath } from './read-names.js';
import { writtenText } from './told.js';
import { type NewFile, readGroup, writeFolder } from './write-folder.js';

/** What nginx can stand in front of, and the variable that says so. */
const routes = {
  orthanc: 'ENABLE_ORTHANC',
  api: 'ENABLE_ORTHANC_FOR_API',
  shares: 'ENABLE_ORTHANC_FOR_SHARES',
  landing: 'ENABLE_LANDING',
  keycloak: 'ENABLE_KEYCLOAK',
  ohif: 'ENABLE_OHIF',
  meddream: 'ENABLE_MEDDREAM',
} as const;
const routeNames = Object.keys(routes) as (keyof typeof routes)[];

const tlsFile = { certificate: 'tls/certificate.pem', key: 'tls/key.pem', authority: 'tls/ca.pem' } as const;

/** Variables that this command sets itself, and by what. */
const ownVariables: ReadonlyMap<string, string> = new Map([
  ['ENABLE_HTTPS', 'by harden nginx itself, always to true'],
  ['CLIENT_CERTIFICATES', 'with --client-certificates'],
  ['TLS_CERTIFICATE', 'with --certificates and --at'],
  ['TLS_KEY', 'with --certificates and --at'],
  ['CLIENT_CA', 'with --certificates and --at'],
]);

export const hardenNginx = defineCommand({
  name: 'harden nginx',
  summary: 'Writes the files of nginx in front of Orthanc, with HTTPS and, if wanted, certificates of clients.',
  notes: ['docs/proxies.md has the variables. warden nginx writes the same files from variables alone.'],
  options: {
    out: { type: 'string', value: 'FOLDER', help: 'where to write; without it a terminal is asked' },
    force: { type: 'boolean', help: 'replace files that are there, and take away the routes that are not chosen' },
    group: { type: 'string', value: 'GROUP', help: "nginx's group, which may read the key" },
    at: { type: 'string', value: 'PATH', help: "where the folder will be on nginx's machine; /etc/nginx unless told" },
    certificates: { type: 'string', value: 'FOLDER', help: 'of this server, as harden certificates --server wrote it' },
    'client-certificates': {
      type: 'string',
      value: 'WHEN',
      help: 'required: nobody is answered without one; optional: asked for',
    },
    route: { type: 'string', multiple: true, value: 'NAME', help: `of ${routeNames.join(', ')}; orthanc unless told` },
    set: {
      type: 'string',
      multiple: true,
      value: 'NAME=value',
      help: 'another variable, such as ORTHANC_UPSTREAM=10.0.0.7:8042',
    },
  },
  async run(values, _operands, surroundings) {
    const { out, certificates } = await askFor(values, surroundings);
    const at = readPath(values.at ?? '/etc/nginx', 'at');
    const clients = readChoice(values['client-certificates'], 'client-certificates', ['required', 'optional']);
    const leaf = readLeafFolder(resolve(surroundings.userDir, certificates), 'server', surroundings.now());
    const rendered = render({
      ...routeVariables(values.route),
      ...readVariables(values.set),
      ENABLE_HTTPS: 'true',
      CLIENT_CERTIFICATES: clients ?? 'off',
      TLS_CERTIFICATE: `${at}/${tlsFile.certificate}`,
      TLS_KEY: `${at}/${tlsFile.key}`,
      CLIENT_CA: `${at}/${tlsFile.authority}`,
    });
    const files: NewFile[] = [
      ...rendered.map(({ path, text }) => ({ path, content: text })),
      { path: tlsFile.certificate, content: leaf.certificate },
      { path: tlsFile.key, content: leaf.key, secret: true },
      ...(clients === undefined ? [] : [{ path: tlsFile.authority, content: leaf.authority }]),
    ];
    const gid = readGroup(values.group);
    const folder = resolve(surroundings.userDir, out);
    const written = writeFolder(files, { folder, force: values.force, gid });
    if (values.force) removeEarlier(folder, rendered);
    surroundings.out(
      writtenText(written, [
        `Put the folder at ${at} of nginx's machine: in place of its warden/, not over it, since nginx reads every route that lies there. The key is for nginx's account or group only.`,
        `Try it: nginx -t -c ${at}/nginx.conf. Then start nginx, or reload it.`,
        'Let a firewall keep everybody but nginx away from Orthanc and from orthanc-warden.',
        'In TRUSTED_PROXIES of orthanc-warden, name the address from which nginx calls it.',
        'On every computer that opens the pages, install ca.pem as an authority for web sites.',
      ]),
    );
    return 0;
  },
});

function readVariables(given: readonly string[]): Record<string, string> {
  const variables = given.map((text) => readAssignment(text, 'set', 'NAME=value'));
  for (const [index, [name]] of variables.entries()) {
    const own = ownVariables.get(name);
    if (own !== undefined) throw new WrongUsage(`${name} is set ${own}.`);
    if (variables.findIndex(([other]) => other === name) < index) throw new WrongUsage(`${name} is given twice.`);
  }
  return Object.fromEntries(variables);
}

/** What an earlier choice wrote and this one does not: nginx would go on to read it. */
function removeEarlier(folder: string, rendered: readonly NginxFile[]): void {
  const stale = nginxPaths().filter((path) => !rendered.some((one) => one.path === path));
  try {
    for (const path of stale) rmSync(join(folder, path), { force: true });
  } catch (error) {
    throw new CommandFailed(`${folder} cannot be cleared (${(error as NodeJS.ErrnoException).code}).`);
  }
}

function routeVariables(given: readonly string[]): Record<string, string> {
  const chosen = (given.length === 0 ? ['orthanc'] : given).map((name) => readChoice(name, 'route', routeNames));
  return Object.fromEntries(routeNames.map((name) => [routes[name], String(chosen.includes(name))]));
}

function render(variables: Readonly<Record<string, string>>): readonly NginxFile[] {
  try {
    return renderNginx(variables);
  } catch (error) {
    if (error instanceof NginxVariablesRefused) throw new WrongUsage(error.message);
    throw error;
  }
}

async function askFor(
  { out, certificates }: { readonly out: string | undefined; readonly certificates: string | undefined },
  surroundings: Surroundings,
): Promise<{ out: string; certificates: string }> {
  if (out !== undefined && certificates !== undefined) return { out, certificates };
  if (out !== undefined || !surroundings.stdinIsTerminal)
    throw new WrongUsage(`--${out === undefined ? 'out' : 'certificates'} is missing.`);
  const questions = new Questions(surroundings);
  try {
    return {
      out: await questions.ask({ text: 'Folder to write', otherwise: 'nginx' }),
      certificates:
        certificates ?? (await questions.ask({ text: 'Folder of its certificate, from harden certificates --server' })),
    };
  } finally {
    questions.end();
  }
}
