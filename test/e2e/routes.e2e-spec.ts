import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KnownRoutes } from '../../apps/auth-service/src/platform/http/known-routes.js';
import {
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

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
  'GET /metrics': 'counts by closed words only',
  'GET /openapi.json': 'describes the product, not the installation',
  'GET /docs': 'describes the product, not the installation',
  'GET /docs/{file}': 'parts of /docs',
};

const missingShare = '00000000-0000-7000-8000-000000000000';
const callers = {
  nobody: null,
  'wrong password': basic('admin', 'sharer-pwd'),
  plugin: pluginCredentials,
  landing: basic('landing', 'landing-pwd'),
  sharer: basic('sharer', 'sharer-pwd'),
  admin: adminCredentials,
} as const;

/** Who may use what: 401 not known, 403 known and not allowed, `in` let in, whatever the answer is then. */
const table: Record<string, Record<keyof typeof callers, 401 | 403 | 'in'>> = {
  'PUT /tokens/{type}': { nobody: 401, 'wrong password': 401, plugin: 'in', landing: 403, sharer: 'in', admin: 'in' },
  'POST /tokens/validate': {
    nobody: 401,
    'wrong password': 401,
    plugin: 'in',
    landing: 403,
    sharer: 'in',
    admin: 'in',
  },
  'POST /tokens/decode': { nobody: 401, 'wrong password': 401, plugin: 'in', landing: 'in', sharer: 'in', admin: 'in' },
  'POST /user/get-profile': {
    nobody: 401,
    'wrong password': 401,
    plugin: 'in',
    landing: 403,
    sharer: 403,
    admin: 'in',
  },
  'GET /settings/roles': { nobody: 401, 'wrong password': 401, plugin: 'in', landing: 403, sharer: 403, admin: 'in' },
  'PUT /settings/roles': { nobody: 401, 'wrong password': 401, plugin: 'in', landing: 403, sharer: 403, admin: 'in' },
  'POST /settings/roles': { nobody: 401, 'wrong password': 401, plugin: 'in', landing: 403, sharer: 403, admin: 'in' },
  'GET /api/v1/shares': { nobody: 401, 'wrong password': 401, plugin: 403, landing: 403, sharer: 'in', admin: 'in' },
  'GET /api/v1/shares/{id}': {
    nobody: 401,
    'wrong password': 401,
    plugin: 403,
    landing: 403,
    sharer: 'in',
    admin: 'in',
  },
  'POST /api/v1/shares/{id}/revoke': {
    nobody: 401,
    'wrong password': 401,
    plugin: 403,
    landing: 403,
    sharer: 'in',
    admin: 'in',
  },
  ...Object.fromEntries(
    Object.keys(publicRoutes).map((route) => [
      route,
      { nobody: 'in', 'wrong password': 'in', plugin: 'in', landing: 'in', sharer: 'in', admin: 'in' },
    ]),
  ),
};

let service: TestService;
beforeAll(async () => (service = await startTestService()));
afterAll(() => service?.close());

const registered = (): string[] =>
  service.app
    .get(KnownRoutes)
    .all()
    .map(({ method, template }) => `${method} ${template.replace(/:([A-Za-z]+)/g, '{$1}')}`)
    .sort();
const bodies: Record<string, unknown> = {
  'PUT /tokens/{type}': { resources: [] },
  'POST /tokens/validate': { method: 'get', level: 'study' },
  'POST /tokens/decode': {},
  'POST /user/get-profile': {},
  'PUT /settings/roles': { roles: { a: ['all'] } },
  'POST /settings/roles': { roles: { a: ['all'] } },
  'POST /api/v1/shares/{id}/revoke': { reason: 'why' },
};
async function ask(route: string, authorization: string | null): Promise<number> {
  const [method = '', path = ''] = route.split(' ');
  const address = path
    .replace('{type}', 'stone-viewer-publication')
    .replace('{id}', missingShare)
    .replace('{file}', 'swagger-ui.css');
  const body = bodies[route];
  const response = await fetch(`${service.url}${address}`, {
    method,
    headers: {
      ...(authorization === null ? {} : { authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  await response.arrayBuffer();
  return response.status;
}

it('documents each registered route, and no other', () => {
  expect(registered()).toEqual(operations.map(({ route }) => route).sort());
});

it('has a row in the access table for each registered route, and no other', () => {
  expect(Object.keys(table).sort()).toEqual(registered());
});

it('keeps each route for those who may use it', async () => {
  for (const route of registered()) {
    const found: Record<string, unknown> = {};
    for (const [caller, authorization] of Object.entries(callers)) {
      const status = await ask(route, authorization);
      found[caller] = status === 401 || status === 403 ? status : 'in';
      // What happens is in the document, and an allowed caller meets no fault of ours.
      expect([
        route,
        caller,
        Object.keys(operations.find((one) => one.route === route)?.operation.responses ?? {}),
      ]).toEqual([route, caller, expect.arrayContaining([String(status)])]);
      expect(status).toBeLessThan(500);
    }
    expect([route, found]).toEqual([route, table[route]]);
  }
});

it('says in the document which routes are public, and which ask for Basic', () => {
  for (const { route, operation } of operations) {
    expect([route, operation.security]).toEqual([route, route in publicRoutes ? [{}] : [{ basic: [] }]]);
  }
  expect(document.components.securitySchemes).toHaveProperty('basic');
});

it('opens to whoever comes without credentials the routes of the plugin alone, where ALLOW_UNAUTHENTICATED says so', async () => {
  const open = await startTestService({ env: { USERS: null, ALLOW_UNAUTHENTICATED: 'true' } });
  try {
    const inside = [];
    for (const route of registered()) {
      const [method = '', path = ''] = route.split(' ');
      const address = path
        .replace('{type}', 'stone-viewer-publication')
        .replace('{id}', missingShare)
        .replace('{file}', 'swagger-ui.css');
      const response = await fetch(`${open.url}${address}`, {
        method,
        ...(bodies[route] === undefined
          ? {}
          : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(bodies[route]) }),
      });
      await response.arrayBuffer();
      if (response.status !== 401 && response.status !== 403) inside.push(route);
    }
    expect(inside.sort()).toEqual(registered().filter((route) => table[route]?.plugin === 'in'));
  } finally {
    await open.close();
  }
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
        ...(route in publicRoutes ? [] : ['401', '403']),
        ...(operation.requestBody !== undefined || query ? ['400'] : []),
        ...(operation.requestBody === undefined ? [] : ['413', '415']),
      ];
      expect(statuses).toEqual(expect.arrayContaining(expected));
    });

    it('answers its errors as problem documents', () => {
      for (const [status, { content }] of Object.entries(operation.responses)) {
        if (Number(status) < 400 || (route === 'GET /health/ready' && status === '503')) continue;
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
      expect(operation.requestBody !== undefined).toBe(route in bodies);
      if (operation.requestBody !== undefined)
        expect(Object.keys(operation.requestBody.content)).toEqual(['application/json']);
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
