import { parseRolesDocument } from '@warden/permissions';
import type { RolesVersion } from '../roles.store.js';

export interface RolesRow extends Record<string, unknown> {
  version: string;
  document: unknown;
  made_at: Date;
  made_by: string;
  reason: string | null;
}

export const rolesColumns = 'version, document, made_at, made_by, reason';

/** @throws when the stored document cannot be read, which only a hand in the database can bring about. */
export function versionOf(row: RolesRow): RolesVersion {
  const parsed = parseRolesDocument(row.document);
  if (!parsed.ok) throw new Error(`role version ${row.version} cannot be read`);
  return {
    version: Number(row.version),
    document: parsed.document,
    madeAt: row.made_at.getTime(),
    madeBy: row.made_by,
    reason: row.reason,
  };
}
