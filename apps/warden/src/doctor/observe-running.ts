import type { X509Certificate } from 'node:crypto';
import { type Asked, ask, takesOldTls } from './ask.js';
import { jsonOf, sectionOf, textOf } from './section.js';

/** What the running system told, without a credential and without changing anything. */
export interface Observed {
  readonly orthanc: ObservedOrthanc | null;
  readonly service: {
    readonly url: string;
    readonly status: number | null;
    readonly failing: readonly string[];
  } | null;
  readonly keycloak: {
    readonly url: string;
    readonly issuer: string | null;
    readonly expected: readonly string[];
  } | null;
}

export interface ObservedOrthanc {
  readonly url: URL;
  /** Status of each path that was asked for; null: no answer within five seconds. */
  readonly answers: ReadonlyMap<ProbedPath, number | null>;
  readonly certificate: X509Certificate | null;
  readonly isTrusted: boolean;
  readonly takesOldTls: boolean;
  readonly hasHsts: boolean;
  /** How far its clock is ahead of ours, in seconds; null when it does not say. */
  readonly clockAhead: number | null;
}

/** GET changes nothing. An empty script, where one is run, does nothing: only the status tells whether it would be. */
export const probes = [
  { path: 'system', method: 'GET' },
  { path: 'instances', method: 'GET' },
  { path: 'dicom-web/studies', method: 'GET' },
  { path: 'tools/execute-script', method: 'POST' },
] as const;
export type ProbedPath = (typeof probes)[number]['path'];

export interface Targets {
  readonly running: URL | null;
  readonly service: URL | null;
  readonly keycloak: URL | null;
  readonly expectedIssuers: readonly string[];
  /** Certificates that are trusted beside the system's own. */
  readonly ca: string | undefined;
}

export async function observe(targets: Targets, now: () => number): Promise<Observed> {
  const [orthanc, service, keycloak] = await Promise.all([
    targets.running && observeOrthanc(targets.running, targets.ca, now),
    targets.service && observeService(targets.service, targets.ca),
    targets.keycloak && observeKeycloak(targets.keycloak, targets),
  ]);
  return { orthanc, service, keycloak };
}

async function observeOrthanc(url: URL, ca: string | undefined, now: () => number): Promise<ObservedOrthanc> {
  const before = now();
  const [first, ...others] = await Promise.all(probes.map(({ path, method }) => ask(below(url, path), { method, ca })));
  const middle = (before + now()) / 2;
  const all = [first ?? null, ...others];
  const heard = all.find((one) => one !== null) ?? null;
  return {
    url,
    answers: new Map(probes.map(({ path }, index) => [path, all[index]?.status ?? null])),
    certificate: heard?.tls?.certificate ?? null,
    isTrusted: heard?.tls?.isTrusted ?? false,
    takesOldTls: url.protocol === 'https:' && heard !== null && (await takesOldTls(url)),
    hasHsts: heard?.headers['strict-transport-security'] !== undefined,
    clockAhead: clockAhead(heard, middle),
  };
}

async function observeService(url: URL, ca: string | undefined): Promise<Observed['service']> {
  const asked = await ask(below(url, 'health/ready'), { ca });
  const checks: unknown = jsonOf(asked?.body ?? null)?.['checks'];
  const failing = (Array.isArray(checks) ? (checks as readonly unknown[]) : []).flatMap((one) => {
    const { name, ok } = sectionOf(one) ?? {};
    return ok === false && typeof name === 'string' ? [name] : [];
  });
  return { url: url.href, status: asked?.status ?? null, failing };
}

async function observeKeycloak(url: URL, { ca, expectedIssuers }: Targets): Promise<Observed['keycloak']> {
  const asked = await ask(below(url, '.well-known/openid-configuration'), { ca });
  return {
    url: url.href,
    issuer: asked?.status === 200 ? textOf(jsonOf(asked?.body ?? null)?.['issuer']) : null,
    expected: expectedIssuers,
  };
}

function below(url: URL, path: string): URL {
  return new URL(path, url.href.endsWith('/') ? url.href : `${url.href}/`);
}

function clockAhead(asked: Asked | null, now: number): number | null {
  const date = asked?.headers['date'];
  const told = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  // The header is cut to whole seconds.
  return Number.isNaN(told) ? null : Math.round((told + 500 - now) / 1000);
}
