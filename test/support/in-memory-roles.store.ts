import type { RolesDocument } from '@warden/permissions';
import { rolesChanged } from '../../apps/auth-service/src/roles/roles.errors.js';
import {
  type RolesChange,
  type RolesPage,
  RolesStore,
  type RolesVersion,
} from '../../apps/auth-service/src/roles/roles.store.js';

/** The versions without a database, for tests of what uses them. The contract suite proves that the promises are kept. */
export class InMemoryRolesStore extends RolesStore {
  readonly versions: RolesVersion[] = [];

  // Nothing is awaited within a method, so none can be interrupted: that is this store's lock.

  seed(document: RolesDocument, madeBy: string, madeAt: number): Promise<boolean> {
    if (this.versions.length > 0) return Promise.resolve(false);
    this.versions.push({ version: 1, document, madeBy, madeAt, reason: null });
    return Promise.resolve(true);
  }

  append(change: RolesChange, next: (before: RolesDocument) => RolesDocument): Promise<RolesVersion> {
    const { expected, ...told } = change;
    const inForce = this.versions.at(-1);
    return new Promise((resolve) => {
      if (expected !== null && expected !== inForce?.version) throw rolesChanged(inForce?.version ?? null);
      const document = next(inForce?.document ?? { roles: {}, availableLabels: [] });
      const version = { version: (inForce?.version ?? 0) + 1, document, ...told };
      this.versions.push(version);
      resolve(version);
    });
  }

  find(version: number): Promise<RolesVersion | null> {
    return Promise.resolve(this.versions.find((one) => one.version === version) ?? null);
  }

  page({ limit, before }: RolesPage): Promise<RolesVersion[]> {
    const older = this.versions.filter((one) => before === null || one.version < before);
    return Promise.resolve(older.reverse().slice(0, limit));
  }
}
