import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { createApp } from './configure-app.js';
import { EnvironmentSource } from './platform/config/env.js';
import { loadConfig } from './platform/config/load-config.js';
import { PinoLog } from './platform/observability/log.js';
import { Secret } from './platform/observability/secret.js';
import { SystemClock } from './platform/time/clock.js';

/**
 * `npm run api:emit`: writes apps/auth-service/openapi.json from the decorators of the routes. Needs no database.
 * The document says nothing of this machine.
 */
const root = join(import.meta.dirname, '../../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const loaded = loadConfig(new EnvironmentSource({ SECRET_KEY: 'not-a-key', ALLOW_UNAUTHENTICATED: 'true' }), () => {
  throw new Error('nothing is generated here');
});
if (!loaded.ok) throw new Error('the settings of the emitter are not valid');
const app = await createApp(
  { config: loaded.config, databaseUrl: new Secret('postgresql://nobody@127.0.0.1/none'), log: new PinoLog(), clock: new SystemClock() },
  { preview: true },
);
const description = new DocumentBuilder()
  .setTitle('orthanc-warden')
  .setDescription(
    'The web service that Orthanc\'s authorization plugin asks, and the management API of its share links. Errors are RFC 9457 problem documents.',
  )
  .setVersion(version)
  .setLicense('GPL-3.0-or-later', 'https://www.gnu.org/licenses/gpl-3.0.html')
  .addBasicAuth({ type: 'http', scheme: 'basic', description: 'A user of the setting USERS.' }, 'basic')
  .addTag('plugin', 'What the authorization plugin asks')
  .addTag('shares', 'The registry of share links')
  .addTag('operations', 'Health, metrics, this document')
  .build();
const document = SwaggerModule.createDocument(app, description, { operationIdFactory: (_controller, method) => method });
const path = join(root, 'apps/auth-service/openapi.json');
writeFileSync(path, `${JSON.stringify(document, null, 2)}\n`);
process.stdout.write(`wrote ${path}\n`);
process.exit(0);
