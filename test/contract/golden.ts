import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What the incumbent service answered to recorded requests: `golden.jsonl`, and
 * `golden-keycloak.jsonl` before the realm of `recorded-realm.ts`; of each the first line is
 * a {@link Preamble}, then one {@link GoldenCase} a line, in the order in which they were recorded.
 *
 * Placeholders in texts:
 * - `<basic:NAME>` the HTTP Basic credentials of that entry of USERS
 * - `<token:NAME>` in a request that token; in an answer the token that was minted or asked about
 * - `<time:now+60s>` ISO 8601, in answers with `Z`, in tokens with `+00:00`; `<epoch:now+60s>` seconds since 1970; both
 *   counted from the request
 * - `<openapi>` an OpenAPI document
 * - `<meddream>` the address of the token-service double, `<realm>` that of the realm double
 */
export interface Golden {
  readonly environments: Preamble['environments'];
  readonly tokens: Preamble['tokens'];
  readonly cases: readonly GoldenCase[];
}

interface Preamble {
  /** Settings. `base` holds for all; the others say what differs from it, null is unset. */
  readonly environments: Readonly<Record<string, Readonly<Record<string, string | null>>>>;
  readonly tokens: Readonly<Record<string, GoldenToken>>;
}

export type Claims = Readonly<Record<string, unknown>>;

export type GoldenToken =
  | { readonly mintedBy: string; readonly claims: Claims }
  /** Made by whoever replays, from SECRET_KEY for HS*, from a key that nobody knows for RS256. */
  | { readonly signed: SigningAlgorithm; readonly header?: Claims; readonly claims: Claims }
  /** Made with the active key of the realm double. */
  | { readonly realm: 'RS256' | 'PS256'; readonly claims: Claims }
  /** That token with the last two characters of its signature replaced. */
  | { readonly tampered: string }
  /** That token after `Bearer `. */
  | { readonly bearer: string };

export type SigningAlgorithm = 'HS256' | 'HS384' | 'HS512' | 'RS256' | 'none';

export interface GoldenCase {
  readonly name: string;
  /** Absent: `base`. */
  readonly env?: string;
  /** Method and path. */
  readonly request: string;
  /** Absent: credentials of the plugin and `Content-Type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as these bytes, Latin-1. */
  readonly raw?: string;
  readonly status: number;
  /** Body of a 2xx; what the incumbent said in its errors is not kept. */
  readonly answer?: unknown;
}

const usualHeaders = { Authorization: '<basic:test-user>', 'Content-Type': 'application/json' };

export function readGolden(): Golden {
  const [plain, keycloak] = ['golden.jsonl', 'golden-keycloak.jsonl'].map(readPart) as [Golden, Golden];
  return {
    environments: { ...plain.environments, ...keycloak.environments },
    tokens: { ...plain.tokens, ...keycloak.tokens },
    cases: [...plain.cases, ...keycloak.cases],
  };
}

function readPart(file: string): Golden {
  const [first = '', ...rest] = readFileSync(join(__dirname, file), 'utf8').trimEnd().split('\n');
  return { ...(JSON.parse(first) as Preamble), cases: rest.map((line) => JSON.parse(line) as GoldenCase) };
}

export const environmentOf = (one: GoldenCase): string => one.env ?? 'base';
export const headersOf = (one: GoldenCase): Readonly<Record<string, string>> => one.headers ?? usualHeaders;
