import type { IncomingHttpHeaders } from 'node:http';
import { holds } from '@warden/permissions';
import type { CallerScope } from '../config/config.js';

/** Who asks, as far as the platform needs to know. */
export interface Caller {
  /** Stable text for the record: `basic:alice`. */
  readonly id: string;
  readonly scopes: readonly CallerScope[];
  readonly permissions: readonly string[];
}

/** Filled by the feature that knows identities. */
export abstract class CallerResolver {
  /** Null: no credentials, or wrong ones. Costs the same for a known and an unknown name. */
  abstract resolve(headers: IncomingHttpHeaders): Caller | null;
}

/** Who may use a route. `public` carries the reason. */
export type Access =
  { readonly public: string } | { readonly scopes: readonly CallerScope[]; readonly permissions: readonly string[] };

/** One matching scope or one held permission is enough. */
export function mayUse(access: Exclude<Access, { public: string }>, caller: Caller): boolean {
  return (
    access.scopes.some((scope) => caller.scopes.includes(scope)) ||
    access.permissions.some((permission) => holds(caller.permissions, permission))
  );
}
