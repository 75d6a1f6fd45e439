import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';

type Tree = Record<string, unknown>;

/** A service as compose would see it, before variables are filled in. */
export interface Service {
  readonly [key: string]: unknown;
  readonly image?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly mem_limit?: string;
  readonly ports?: readonly string[];
  readonly tmpfs?: readonly string[];
  readonly volumes?: readonly (string | Mount)[];
  readonly environment?: Record<string, string>;
  readonly networks?: Record<string, { ipv4_address?: string } | null>;
  readonly depends_on?: Record<string, { condition: string; restart?: boolean }>;
  readonly secrets?: readonly (string | { source: string; target: string })[];
  readonly build?: { context: string; dockerfile?: string };
  readonly healthcheck?: Tree;
}

/** A volume or a mounted file in the long form. */
export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly bind?: { create_host_path?: boolean };
}

export interface Project {
  readonly files: readonly string[];
  readonly services: Record<string, Service>;
  readonly networks: Record<string, { internal?: boolean; ipam?: { config: Record<string, string>[] } }>;
  readonly volumes: Tree;
  readonly secrets: Record<string, { file: string }>;
}

export const root = resolve(__dirname, '../..');
export const composeFolder = join(root, 'docker/compose');

/** The set-ups that run by themselves, and the add-ons that each of them takes. */
export const setUps = ['minimal', 'keycloak', 'keycloak-inbox', 'keycloak-meddream'];
export const addOnsOf = (setUp: string): string[] =>
  setUp === 'minimal' ? ['https', 'mutual-tls'] : ['https', 'mutual-tls', 'ldap'];

export const composeFiles = readdirSync(composeFolder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) =>
    readdirSync(join(composeFolder, name))
      .filter((file) => file.endsWith('.yml'))
      .map((file) => join(composeFolder, name, file)),
  );

/** A set-up with its add-ons, as `docker compose -f … -f …` puts them together: `include`, `extends` and merging. */
export function project(setUp: string, addOns: readonly string[] = []): Project {
  const files = [setUp, ...addOns].map((name) => join(composeFolder, name, 'compose.yml'));
  const read = new Set<string>();
  const merged = files.map((file) => whole(file, read)).reduce((one, other) => merge(one, other) as Tree, {});
  return { networks: {}, volumes: {}, secrets: {}, ...merged, files: [...read] } as unknown as Project;
}

function whole(file: string, read: Set<string>): Tree {
  read.add(file);
  const tree = parse(readFileSync(file, 'utf8')) as Tree & { include?: { path: string[] }[] };
  const { include = [], ...own } = tree;
  const included = include.flatMap(({ path }) => path.map((one) => whole(resolve(dirname(file), one), read)));
  const services = Object.fromEntries(
    Object.entries((own.services ?? {}) as Tree).map(([name, service]) => [
      name,
      extended(service as Tree, file, read),
    ]),
  );
  return [...included, { ...own, services }].reduce((one, other) => merge(one, other) as Tree, {});
}

function extended(service: Tree, file: string, read: Set<string>): Tree {
  const { extends: from, ...own } = service as Tree & { extends?: { file?: string; service: string } };
  if (from === undefined) return normal(own);
  const other = from.file === undefined ? file : resolve(dirname(file), from.file);
  read.add(other);
  const base = (parse(readFileSync(other, 'utf8')) as { services: Record<string, Tree> }).services[from.service];
  if (base === undefined) throw new Error(`${other} has no service ${from.service}`);
  return merge(extended(base, other, read), normal(own)) as Tree;
}

/** Networks may be a list or a map; as a map they merge. */
function normal(service: Tree): Tree {
  if (!Array.isArray(service.networks)) return service;
  return { ...service, networks: Object.fromEntries((service.networks as string[]).map((name) => [name, null])) };
}

/** Maps merge, lists add up, except those that are one command line. */
function merge(one: unknown, other: unknown, key = ''): unknown {
  if (Array.isArray(one) && Array.isArray(other) && !['command', 'entrypoint', 'test'].includes(key))
    return [...(one as unknown[]), ...(other as unknown[])];
  if (!isTree(one) || !isTree(other)) return other ?? one;
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...keys].map((name) => [name, merge(one[name], other[name], name)]));
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
