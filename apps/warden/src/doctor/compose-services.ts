import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseDocument } from 'yaml';
import { CommandFailed } from '../failures.js';
import { type Section, sectionOf, textOf } from './section.js';
import { substituteCompose } from './substitute-compose.js';
import type { Variables } from './substitute-variables.js';

/** Files that include or extend each other go no deeper in any set-up of people. */
const deepest = 16;
/** Of these an addition adds; of everything else it takes the place. */
const added = ['ports', 'volumes', 'secrets'];

/** The services of one file, with what it includes and extends, as compose would put them together. */
export function servicesIn(name: string, path: string, env: Variables, depth = 0): Record<string, Section> {
  if (depth > deepest) throw new CommandFailed(`${name}: files include or extend each other without end.`);
  return servicesOf(name, path, readText(name, path), env, depth);
}

export function servicesOf(
  name: string,
  path: string,
  text: string,
  env: Variables,
  depth = 0,
): Record<string, Section> {
  const content = sectionOf(substituteCompose(parsed(name, text), env)) ?? {};
  const own = sectionOf(content['services']) ?? {};
  const other = (file: string) => servicesIn(file, resolve(dirname(path), file), env, depth + 1);
  const whole = (service: string, steps: number): Section => {
    if (steps > deepest) throw new CommandFailed(`${name}: services extend each other without end.`);
    const body = sectionOf(own[service]) ?? {};
    const { file, base } = extendsOf(body['extends']);
    if (base === null) return body;
    return mergedService(file === null ? whole(base, steps + 1) : (other(file)[base] ?? {}), body);
  };
  const included = includesOf(content['include']).map(other).reduce(overlaid, {});
  return overlaid(included, Object.fromEntries(Object.keys(own).map((service) => [service, whole(service, 0)])));
}

/** What a further file says of services that are there already. */
export function overlaid(services: Record<string, Section>, more: Record<string, Section>): Record<string, Section> {
  const merged = { ...services };
  for (const [service, body] of Object.entries(more)) merged[service] = mergedService(merged[service] ?? {}, body);
  return merged;
}

function mergedService(base: Section, over: Section): Section {
  const merged: Record<string, unknown> = { ...base, ...over };
  for (const list of added) if (base[list] !== undefined) merged[list] = [...listOf(base[list]), ...listOf(over[list])];
  for (const map of ['environment', 'networks'])
    if (base[map] !== undefined) merged[map] = { ...mapOf(base[map]), ...mapOf(over[map]) };
  return merged;
}

/** A map, or a list of `NAME=value` or of names. */
export function mapOf(value: unknown): Section {
  if (!Array.isArray(value)) return sectionOf(value) ?? {};
  return Object.fromEntries(
    listOf(value).map((one) => {
      const text = textOf(one) ?? '';
      const at = text.indexOf('=');
      return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [];
}

/** `- a.yml`, `- path: a.yml`, `- path: [a.yml, b.yml]`. */
function includesOf(value: unknown): string[] {
  return listOf(value).flatMap((one) => {
    const path = sectionOf(one)?.['path'] ?? one;
    return (Array.isArray(path) ? listOf(path) : [path]).flatMap((file) => textOf(file) ?? []);
  });
}

function extendsOf(value: unknown): { file: string | null; base: string | null } {
  const object = sectionOf(value);
  return { file: textOf(object?.['file']), base: textOf(object?.['service'] ?? value) };
}

function parsed(name: string, text: string): unknown {
  const document = parseDocument(text, { merge: true });
  const [error] = document.errors;
  if (error === undefined) {
    try {
      return document.toJS({ maxAliasCount: 100 });
    } catch {
      throw new CommandFailed(`${name}: an alias in it names nothing, or too many things.`);
    }
  }
  const { line, col } = error.linePos?.[0] ?? { line: 1, col: 1 };
  throw new CommandFailed(`${name}, line ${line}, column ${col}: not valid YAML (${error.code}).`);
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new CommandFailed(`${name} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}
