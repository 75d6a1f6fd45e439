import { parseSharePolicy } from '../share-policy-document.js';
import type { SharePolicyVersion } from '../share-policy.store.js';

export interface SharePolicyRow extends Record<string, unknown> {
  version: string;
  document: unknown;
  made_at: Date;
  made_by: string;
  reason: string | null;
}

export const sharePolicyColumns = 'version, document, made_at, made_by, reason';

/** @throws when the stored document cannot be read, which only a hand in the database or a later release can bring about. */
export function versionOf(row: SharePolicyRow): SharePolicyVersion {
  const parsed = parseSharePolicy(row.document);
  if (!parsed.ok) throw new Error(`share policy version ${row.version} cannot be read`);
  return {
    version: Number(row.version),
    document: parsed.document,
    madeAt: row.made_at.getTime(),
    madeBy: row.made_by,
    reason: row.reason,
  };
}
