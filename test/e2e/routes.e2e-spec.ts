import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { registeredRoutes } from '../support/route-requests.js';
import { type TestService, adminCredentials, startTestService } from '../support/test-service.js';

interface Operation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: Record<string, string[]>[];
  parameters?: { name: string; in: string; example?: unknown; schema?: { example?: unknown } }[];
  requestBody?: { content: Record<string, { schema?: unknown }> };
  responses: Record<string, { description?: string; content?: Record<string, { schema?: Schema; example?: unknown }> }>;
}
interface Schema {
  $ref?: string;
  type?: string;
  items?: Schema;
  allOf?: Schema[];
  properties?: Record<string, Schema & { example?: unknown; description?: string }>;
  additionalProperties?: Schema | boolean;
}

const document = JSON.parse(readFileSync(join(process.cwd(), 'apps/auth-service/openapi.json'), 'utf8')) as {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema>; securitySchemes: Record<string, unknown> };
};
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    route: `${method.toUpperCase()} ${path}`,
    method: method.toUpperCase(),
    path,
    operation,
  })),
);
/** Known to everyone: a route may be added here with its reason, and not otherwise. */
const publicRoutes: Record<string, string> = {
  'GET /health/live': 'a probe has no credentials; says that the process answers',
  'GET /health/ready': 'a probe has no credentials; names no host, user or share',
  'GET /fhir/metadata': 'clients of FHIR read it before they sign in; describes the product, not the installation',
  'GET /metrics': 'counts by closed words only',
  'GET /openapi.json': 'describes the product, not the installation',
  'GET /docs': 'describes the product, not the installation',
  'GET /docs/{file}': 'parts of /docs',
  'POST /edge/tools/lookup': 'its credential is a token that the guard has just made',
  'POST /edge/tools/find': 'its credential is a token that the guard has just made',
  'POST /auth/tokens/decode': 'as on Orthanc: the holder of a link has nothing else, and is told what the link says',
};

/** Routes that read a file as it is. */
/** Whose address says it all. */
const bodiless = new Set(['POST /api/v1/shares/{id}/unlock']);
const textBodies: Record<string, string> = { 'POST /api/v1/roles/import': 'permissions.json, with its comments' };

let service: TestService;
beforeAll(async () => (service = await startTestService()));
afterAll(() => service?.close());

const registered = (): string[] => registeredRoutes(service).map(({ route }) => route);

it('documents each registered route, and no other', () => {
  expect(registered()).toEqual(operations.map(({ route }) => route).sort());
});

// Who may use which route: test/e2e/route-callers.e2e-spec.ts.
it('says in the document which routes are public, and that the others take three kinds of credentials', () => {
  const credentials = [{ basic: [] }, { bearer: [] }, { 'api-key': [] }];
  for (const { route, operation } of operations) {
    expect([route, operation.security]).toEqual([route, route in publicRoutes ? [{}] : credentials]);
  }
  expect(document.components.securitySchemes).toEqual({
    basic: expect.objectContaining({ type: 'http', scheme: 'basic' }),
    bearer: expect.objectContaining({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }),
    'api-key': expect.objectContaining({ type: 'apiKey', in: 'header', name: 'api-key' }),
  });
});

it('serves the document that is committed', async () => {
  expect((await service.call('GET', '/openapi.json')).json).toEqual(document);
});

describe.each(operations.map((one) => [one.route, one.operation] as const))(
  'the document on %s',
  (route, operation) => {
    it('says what it is for', () => {
      expect(operation.summary).toMatch(/\S{2}/);
      expect(operation.description).toMatch(/\S{2}/);
      expect(operation.tags).toEqual([expect.any(String)]);
      expect(document.tags.map(({ name }) => name)).toEqual(expect.arrayContaining(operation.tags ?? []));
    });

    it('has the shape of its success, and a description of each answer', () => {
      const success = Object.entries(operation.responses).filter(([status]) => status.startsWith('2'));
      expect(success).toHaveLength(1);
      for (const { schema } of Object.values(success[0]?.[1].content ?? {})) expect(schema).toBeDefined();
      expect(Object.keys(success[0]?.[1].content ?? {})).not.toHaveLength(0);
      for (const answer of Object.values(operation.responses)) expect(answer.description).toMatch(/\S{2}/);
      expect(operation.responses).not.toHaveProperty('default');
    });

    it('tells the statuses that it can answer', () => {
      const statuses = Object.keys(operation.responses);
      const query = operation.parameters?.some((parameter) => parameter.in === 'query') ?? false;
      const expected = [
        ...(route in publicRoutes ? [] : ['401', '403', '503']),
        ...(operation.requestBody !== undefined || query ? ['400'] : []),
        ...(operation.requestBody === undefined ? [] : ['413', '415']),
      ];
      expect(statuses).toEqual(expect.arrayContaining(expected));
    });

    it('answers its errors as problem documents, or as FHIR has them', () => {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || (route === 'GET /health/ready' && status === '503')) continue;
        // FHIR R4 section 3.1.0.1.2 has an OperationOutcome for errors; before the route is reached they are ours.
        const outcomes = route.includes(' /fhir/') && !['401', '403'].includes(status);
        if (outcomes) {
          // 503 may come from before the route, too.
          expect(Object.keys(content ?? {})).toContain('application/fhir+json');
          continue;
        }
        expect([status, Object.keys(content ?? {})]).toEqual([status, ['application/problem+json']]);
        expect(content?.['application/problem+json']?.schema).toEqual({ $ref: '#/components/schemas/ProblemDocument' });
      }
    });

    it('has an example of each parameter, and names each that is in the address', () => {
      for (const parameter of operation.parameters ?? []) {
        expect([parameter.name, parameter.example ?? parameter.schema?.example]).toEqual([
          parameter.name,
          expect.anything(),
        ]);
      }
      const inPath = [...route.matchAll(/\{([^}]+)\}/g)].map((match) => match[1]);
      expect((operation.parameters ?? []).filter((one) => one.in === 'path').map((one) => one.name)).toEqual(inPath);
    });

    it('asks for a body where the route reads one', () => {
      expect(operation.requestBody !== undefined).toBe(!route.startsWith('GET ') && !bodiless.has(route));
      if (operation.requestBody !== undefined)
        expect(Object.keys(operation.requestBody.content)).toEqual(
          route in textBodies ? ['application/json', 'text/plain'] : ['application/json'],
        );
    });
  },
);

it('gives each operation a name of its own', () => {
  const names = operations.map(({ operation }) => operation.operationId);
  expect(names.every((name) => /^[a-z][A-Za-z]+$/.test(name ?? ''))).toBe(true);
  expect(new Set(names).size).toBe(names.length);
});

it('has an example on each property of each shape', () => {
  const missing: string[] = [];
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    for (const [property, value] of Object.entries(schema.properties ?? {})) {
      // A shape of its own has its examples in that shape.
      const elsewhere = value.$ref !== undefined || value.items?.$ref !== undefined || value.allOf !== undefined;
      if (!elsewhere && !Object.hasOwn(value, 'example')) missing.push(`${name}.${property}`);
    }
  }
  expect(missing).toEqual([]);
});

it('refers to no shape that it does not hold', () => {
  const referred = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(
    (match) => match[1] ?? '',
  );
  expect([...new Set(referred)].filter((name) => !(name in document.components.schemas))).toEqual([]);
});

it('shows no member in an answer that the document does not tell, and leaves out none that it requires', async () => {
  const minted = await service.call('PUT', '/tokens/stone-viewer-publication', {
    id: 'shape',
    resources: [{ level: 'study', 'dicom-uid': '1.2' }],
  });
  const admin = { authorization: adminCredentials };
  const list = await service.call('GET', '/api/v1/shares', undefined, admin);
  const problem = await service.call('PUT', '/tokens/stone-viewer-publication', {});
  const shapes: [string, any][] = [
    ['MintAnswer', minted.json],
    ['MintEcho', minted.json.request],
    ['ResourceDto', minted.json.request.resources[0]],
    ['ValidateAnswer', (await service.call('POST', '/tokens/validate', { method: 'get', level: 'study' })).json],
    ['DecodeAnswer', (await service.call('POST', '/tokens/decode', { 'token-value': minted.json.token })).json],
    ['ProfileAnswer', (await service.call('POST', '/user/get-profile', {})).json],
    ['SharesPageDto', list.json],
    ['ShareDto', list.json.items[0]],
    ['SharedResourceDto', list.json.items[0].resources[0]],
    ['LiveAnswer', (await service.call('GET', '/health/live')).json],
    ['ReadyAnswer', (await service.call('GET', '/health/ready')).json],
    ['ProblemDocument', problem.json],
    ['FieldFaultDto', problem.json.errors[0]],
  ];
  for (const [name, value] of shapes) {
    expect([name, Object.keys(value).sort()]).toEqual([
      name,
      Object.keys(document.components.schemas[name]?.properties ?? {}).sort(),
    ]);
  }
});
