import { migrate } from '../../apps/auth-service/src/platform/database/migrator.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';

/** Migrates the database that every test database is copied from, as the owner, for the application role. */
export async function prepareTemplate(ownerUrl: string, applicationUrl: string): Promise<void> {
  await migrate(new Secret(ownerUrl), new Secret(applicationUrl));
}
