import type { SharePolicyDocument } from '../../apps/auth-service/src/shares/policy/share-policy-document.js';
import { sharePolicyChanged } from '../../apps/auth-service/src/shares/policy/share-policy.errors.js';
import {
  type SharePolicyChange,
  type SharePolicyPage,
  SharePolicyStore,
  type SharePolicyVersion,
} from '../../apps/auth-service/src/shares/policy/share-policy.store.js';

/** The versions without a database, for tests of what uses them. The contract suite proves that the promises are kept. */
export class InMemorySharePolicyStore extends SharePolicyStore {
  readonly versions: SharePolicyVersion[] = [];

  // Nothing is awaited within a method, so none can be interrupted: that is this store's lock.

  append(document: SharePolicyDocument, { expected, ...told }: SharePolicyChange): Promise<SharePolicyVersion> {
    const inForce = this.versions.at(-1)?.version ?? 0;
    if (expected !== null && expected !== inForce) return Promise.reject(sharePolicyChanged(inForce));
    const version = { version: inForce + 1, document, ...told };
    this.versions.push(version);
    return Promise.resolve(version);
  }

  find(version: number): Promise<SharePolicyVersion | null> {
    return Promise.resolve(this.versions.find((one) => one.version === version) ?? null);
  }

  page({ limit, before }: SharePolicyPage): Promise<SharePolicyVersion[]> {
    const older = this.versions.filter((one) => before === null || one.version < before);
    return Promise.resolve(older.reverse().slice(0, limit));
  }
}
