import 'reflect-metadata';
import { processEnvironment } from './platform/config/env.js';
import { SettingReader } from './platform/config/setting-reader.js';
import { migrate } from './platform/database/migrator.js';
import { messageOf } from './platform/observability/log.js';
import { Secret } from './platform/observability/secret.js';

/** `npm run db:migrate`: brings the given database to this release's schema. Needs nothing but the two URLs. */
const reader = new SettingReader(processEnvironment());
const url = reader.postgresUrl('DATABASE_URL');
const ownerUrl = reader.postgresUrl('DATABASE_OWNER_URL') ?? url;
if (url === null || ownerUrl === null || reader.faults.length > 0) {
  for (const { setting, problem } of reader.faults) process.stderr.write(`${setting} ${problem}\n`);
  if (url === null) process.stderr.write('DATABASE_URL is missing; the embedded database is migrated by npm start\n');
  process.exit(1);
}
try {
  const ran = await migrate(new Secret(ownerUrl), new Secret(url));
  process.stdout.write(ran.length === 0 ? 'The schema is current.\n' : `Migrated: ${ran.join(', ')}\n`);
} catch (error) {
  process.stderr.write(`The schema was not migrated: ${messageOf(error)}\n`);
  process.exit(1);
}
