import type { QueryRunner } from 'typeorm';

/** Gives the application's own role what a migration names: `GRANT … ON …`. Nothing where one role owns and works. */
export async function grantToApplication(runner: QueryRunner, grants: readonly string[]): Promise<void> {
  const [row] = (await runner.query(
    `SELECT current_setting('warden.app_role', true) AS app, current_user AS owner`,
  )) as [{ app: string | null; owner: string }];
  if (row.app === null || row.app === '' || row.app === row.owner) return;
  const role = `"${row.app.replaceAll('"', '""')}"`;
  for (const grant of grants) await runner.query(`${grant} TO ${role}`);
}
