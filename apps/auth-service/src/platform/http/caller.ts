import type { IncomingHttpHeaders } from 'node:http';
import { holds } from '@warden/permissions';
import type { CallerScope } from '../config/config.js';

/** Who asks, as far as the platform needs to know. */
export interface Caller {
  /** Stable text for the record: `basic:alice`, `keycloak:6f1c…`, `key:0192…`. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly via: 'basic' | 'bearer' | 'api-key' | 'nothing';
  readonly scopes: readonly CallerScope[];
  readonly permissions: readonly string[];
  /** Labels of the studies that the caller may see; `*` = every study. */
  readonly labels: readonly string[];
  /** Names of the roles that the caller holds, configured or not; none for HTTP Basic. */
  readonly roles: readonly string[];
  /** Where the request came from; known of requests of our own API. */
  readonly source?: RequestSource;
}

export interface RequestSource {
  /** Network address: of the client, as far as the proxies in between are trusted. */
  readonly address: string;
  readonly userAgent: string | null;
  readonly requestId: string;
}

/** Filled by the feature that knows identities. */
export abstract class CallerResolver {
  /** Without waiting, from memory alone. Null: not known by that; `resolve` may still know. */
  abstract atOnce(headers: IncomingHttpHeaders): Caller | null;
  /**
   * Null: no credentials, or wrong ones. Costs the same for a known and an unknown name.
   * Throws a `DomainError` when it cannot be told now.
   */
  abstract resolve(headers: IncomingHttpHeaders): Promise<Caller | null>;
}

/** Who may use a route. `public` carries the reason. */
export type Access =
  | { readonly public: string }
  | {
      readonly scopes: readonly CallerScope[];
      readonly permissions: readonly string[];
      /** Whoever is recognised, whatever their rights. */
      readonly anyone?: boolean;
    };

/** One matching scope or one held permission is enough. */
export function mayUse(access: Exclude<Access, { public: string }>, caller: Caller): boolean {
  return (
    (access.anyone === true && caller.via !== 'nothing') ||
    access.scopes.some((scope) => caller.scopes.includes(scope)) ||
    access.permissions.some((permission) => holds(caller.permissions, permission))
  );
}
