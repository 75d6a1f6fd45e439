import { holds } from '@warden/permissions';
import type { Caller } from '../../platform/http/caller.js';
import { apiKeyExceedsCaller } from './api-keys.errors.js';

export interface KeyScope {
  readonly permissions: readonly string[];
  /** `*` = every study. */
  readonly labels: readonly string[];
}

/** Whoever learns the text of a key can do what the key can do: it must not be more than they can do themselves. */
export function refuseMoreThanCaller(caller: Caller, { permissions, labels }: KeyScope): void {
  const missing = [
    ...permissions.filter((name) => !holds(caller.permissions, name)).map((name) => `the permission ${name}`),
    ...labels.filter((name) => !sees(caller, name)).map((name) => `the label ${name}`),
  ];
  if (missing.length > 0) throw apiKeyExceedsCaller(missing);
}

function sees({ labels }: Caller, name: string): boolean {
  return labels.includes('*') || labels.includes(name);
}
