import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { createApp } from './configure-app.js';
import { errorTable } from './error-table.js';
import { EnvironmentSource } from './platform/config/env.js';
import { loadConfig } from './platform/config/load-config.js';
import { settings } from './platform/config/settings.js';
import { maxBodyBytes } from './platform/http/json-body.js';
import { PinoLog } from './platform/observability/log.js';
import { Secret } from './platform/observability/secret.js';
import { SystemClock } from './platform/time/clock.js';

/**
 * `npm run api:emit`: writes what is generated from the code (the OpenAPI document and the references of settings and
 * errors). With `--check` nothing is written, and a file that differs ends with exit code 1. Needs no database.
 */
const root = join(import.meta.dirname, '../../../..');
const documents: [string, string][] = [
  ['apps/auth-service/openapi.json', `${JSON.stringify(await openApi(), null, 2)}\n`],
  ['docs/settings.md', settingsPage()],
  ['docs/errors.md', errorsPage()],
];
const check = process.argv.includes('--check');
let stale = 0;
for (const [name, text] of documents) {
  const path = join(root, name);
  if (!check) writeFileSync(path, text);
  else if (readOrEmpty(path) !== text) {
    stale++;
    process.stderr.write(`${name} is stale; run: npm run api:emit\n`);
  }
}
process.exit(stale === 0 ? 0 : 1);

async function openApi(): Promise<OpenAPIObject> {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const loaded = loadConfig(new EnvironmentSource({ SECRET_KEY: 'not-a-key', ALLOW_UNAUTHENTICATED: 'true' }), () => {
    throw new Error('nothing is generated here');
  });
  if (!loaded.ok) throw new Error('the settings of the emitter are not valid');
  const quiet = new PinoLog({ write: () => undefined });
  const app = await createApp(
    {
      config: loaded.config,
      databaseUrl: new Secret('postgresql://nobody@127.0.0.1/none'),
      log: quiet,
      clock: new SystemClock(),
    },
    { preview: true },
  );
  const description = new DocumentBuilder()
    .setTitle('orthanc-warden')
    .setDescription(
      "The web service that Orthanc's authorization plugin asks, and the management API of its share links. Errors are RFC 9457 problem documents (of /fhir: OperationOutcomes).",
    )
    .setVersion(version)
    .setLicense('GPL-3.0-or-later', 'https://www.gnu.org/licenses/gpl-3.0.html')
    .addBasicAuth({ type: 'http', scheme: 'basic', description: 'A user of the setting USERS.' }, 'basic')
    .addBearerAuth(
      {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'JWT',
        description: 'Access token of Keycloak, or of another issuer of the settings.',
      },
      'bearer',
    )
    .addApiKey(
      {
        type: 'apiKey',
        in: 'header',
        name: 'api-key',
        description: "A key of /api/v1/api-keys, or a user's of Keycloak.",
      },
      'api-key',
    )
    .addTag('plugin', 'What the authorization plugin asks')
    .addTag('guard', 'What viewers ask through the guard in front of Orthanc')
    .addTag('shares', 'The registry of share links')
    .addTag('links', 'What the landing page asks for the recipient of a link')
    .addTag('api-keys', 'Keys of people and services for this API and for Orthanc')
    .addTag('roles', 'Who may do what: the roles, their history')
    .addTag('users', 'Who am I, what may I do, and why not')
    .addTag('audit', 'The record: search, export, proof, accounting of disclosures, counts')
    .addTag('operations', 'Health, metrics, this document')
    .build();
  return asProblems(withSignInRefusals(withBodyRefusals(SwaggerModule.createDocument(app, description))));
}

/** Whatever takes a body refuses one that is not JSON or too large; said once, for every such route. */
function withBodyRefusals(document: OpenAPIObject): OpenAPIObject {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } };
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as {
      requestBody?: unknown;
      responses: Record<string, unknown>;
    }[]) {
      if (operation.requestBody === undefined) continue;
      operation.responses['413'] = {
        description: `The body is larger than ${maxBodyBytes} bytes.`,
        content: structuredClone(content),
      };
      operation.responses['415'] = { description: 'The body is not JSON.', content: structuredClone(content) };
    }
  }
  return document;
}

/** Whoever asks for credentials may find that they cannot be judged now; a route that answers 503 says it in its own words. */
function withSignInRefusals(document: OpenAPIObject): OpenAPIObject {
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as {
      security?: object[];
      responses: Record<string, unknown>;
    }[]) {
      if (operation.security?.some((one) => Object.keys(one).length > 0) !== true) continue;
      operation.responses['503'] ??= {
        description: 'It cannot be told now who this is; see Retry-After.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/ProblemDocument' } } },
      };
    }
  }
  return document;
}

/** Error answers are of media type application/problem+json (RFC 9457 section 3), which the decorators cannot say. */
function asProblems(document: OpenAPIObject): OpenAPIObject {
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations) as {
      responses?: Record<string, { content?: Record<string, unknown> }>;
    }[]) {
      for (const response of Object.values(operation.responses ?? {})) {
        const json = response.content?.['application/json'];
        if (JSON.stringify(json ?? null).includes('#/components/schemas/ProblemDocument'))
          response.content = { 'application/problem+json': json };
      }
    }
  }
  return document;
}

function settingsPage(): string {
  const rows = settings.map(({ name, fallback, meaning }) => `| ${name} | \`${fallback}\` | ${meaning} |`);
  return `# Settings of auth-service

Each is read from the file \`/run/secrets/NAME\`, else from the file that \`NAME_FILE\` names, else from the environment.
All faults are reported together, by name and never by value, and the service then exits with code 1.
Generated by \`npm run api:emit\`.

| name | default | meaning |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { status, title }]) => `| \`${code}\` | ${status} | ${title} |`);
  return `# Error codes

Every error outside the plugin's own answers is an \`application/problem+json\` document (RFC 9457) with \`type\`, \`title\`,
\`status\`, \`code\`, \`detail\`, \`instance\`, and \`errors\` (field, problem, remedy) where fields are at fault. \`code\` is closed.
Generated by \`npm run api:emit\`.

| code | status | title |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
