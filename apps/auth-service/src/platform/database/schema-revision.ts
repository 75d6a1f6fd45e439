import { migrations } from '../../../../../migrations/index.js';
import type { Database } from './database.js';

export type SchemaState = 'current' | 'old' | 'absent' | 'newer';

/** Compares the migrations that ran with those of this release. A newer schema is fine: migrations only add. */
export async function schemaState(database: Database): Promise<SchemaState> {
  const [there] = await database.query<{ there: boolean }>(
    `SELECT to_regclass('schema_migration') IS NOT NULL AS there`,
  );
  if (there?.there !== true) return 'absent';
  const rows = await database.query<{ name: string }>('SELECT name FROM schema_migration');
  const ran = new Set(rows.map((row) => row.name));
  if (migrations.some((migration) => !ran.has(migration.name))) return 'old';
  return ran.size > migrations.length ? 'newer' : 'current';
}
