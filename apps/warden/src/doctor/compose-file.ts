import { readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { CommandFailed } from '../failures.js';
import { listOf, mapOf, overlaid, servicesIn, servicesOf } from './compose-services.js';
import { type Section, sectionOf, textOf } from './section.js';
import { parseEnvFile } from './service-settings.js';
import type { Variables } from './substitute-variables.js';

export interface Published {
  /** Null: any address of the host. */
  readonly address: string | null;
  /** Inside the container; null when it is a range or cannot be told. */
  readonly container: number | null;
}

export interface Mount {
  /** On the host, as it was written; null for a volume without a name. */
  readonly source: string | null;
  readonly target: string;
}

export interface ComposeService {
  readonly name: string;
  readonly image: string;
  readonly user: string | null;
  readonly environment: ReadonlyMap<string, string>;
  readonly published: readonly Published[];
  readonly mounts: readonly Mount[];
  readonly networks: readonly string[];
  readonly sharesHostNetwork: boolean;
  readonly isPrivileged: boolean;
}

export interface Compose {
  readonly name: string;
  readonly path: string;
  readonly services: readonly ComposeService[];
}

/** Several files are one set-up, as with `docker compose -f a -f b`; the first says where variables lie. */
export function readCompose(given: readonly string[], userDir: string, env: Variables): Compose | null {
  const [first] = given;
  if (first === undefined) return null;
  const path = resolve(userDir, first);
  const variables = { ...variablesBeside(path), ...env };
  const services = given.map((file) => servicesIn(file, resolve(userDir, file), variables)).reduce(overlaid);
  return composeOf(first, path, services);
}

export function parseCompose(name: string, path: string, text: string, env: Variables = {}): Compose {
  return composeOf(name, path, servicesOf(name, path, text, env));
}

function composeOf(name: string, path: string, services: Record<string, Section>): Compose {
  if (Object.keys(services).length === 0) throw new CommandFailed(`${name}: there are no services in it.`);
  return { name, path, services: Object.entries(services).map(([service, body]) => readService(service, body)) };
}

/** Compose itself reads the `.env` that lies beside the file. */
function variablesBeside(path: string): Variables {
  try {
    return Object.fromEntries(parseEnvFile('.env', readFileSync(join(dirname(path), '.env'), 'utf8')));
  } catch (error) {
    if (error instanceof CommandFailed) throw error;
    return {};
  }
}

function readService(name: string, body: Section): ComposeService {
  const user = body['user'];
  return {
    name,
    image: textOf(body['image']) ?? '',
    user: typeof user === 'number' ? String(user) : textOf(user),
    environment: readEnvironment(body['environment']),
    published: listOf(body['ports']).map(readPort),
    mounts: [...listOf(body['volumes']).map(readMount), ...listOf(body['secrets']).map(readSecret)],
    networks: Object.keys(body['networks'] === undefined ? { default: null } : mapOf(body['networks'])),
    sharesHostNetwork: body['network_mode'] === 'host',
    isPrivileged: body['privileged'] === true,
  };
}

function readEnvironment(value: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries(mapOf(value)).map(([key, one]) => [key, isScalar(one) ? String(one) : '']));
}

/** `8042`, `8042:8042`, `127.0.0.1:8042:8042/tcp`, `[::1]:80:80`, or an object. */
function readPort(value: unknown): Published {
  const object = sectionOf(value);
  if (object !== null) return { address: textOf(object['host_ip']), container: port(String(object['target'])) };
  const [, address, inner] = /^(?:(\[.*\]|\d+\.[\d.]+):)?(?:[\d-]*:)?([\d-]+)(?:\/\w+)?$/.exec(String(value)) ?? [];
  return { address: address?.replace(/[[\]]/g, '') ?? null, container: port(inner ?? '') };
}

function port(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** `source:target[:ro]`, or an object. */
function readMount(value: unknown): Mount {
  const object = sectionOf(value);
  if (object !== null) return { source: textOf(object['source']), target: textOf(object['target']) ?? '' };
  const [first = '', second] = String(value).split(':');
  return second === undefined ? { source: null, target: first } : { source: first, target: second };
}

function readSecret(value: unknown): Mount {
  const object = sectionOf(value);
  const target = textOf(object?.['target']) ?? textOf(object?.['source']) ?? String(value);
  return { source: null, target: target.startsWith('/') ? target : `/run/secrets/${target}` };
}

function isScalar(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}
