import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Access } from '../../apps/auth-service/src/platform/http/caller.js';
import { type RealmDouble, startRealm } from '../support/realm-double.js';
import { type RegisteredRoute, addressOf, registeredRoutes } from '../support/route-requests.js';
import {
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

type Verdict = 'in' | '401' | '403';
type Headers = Record<string, string>;

interface CallerKind {
  /** Head of the column. */
  readonly mark: string;
  readonly meaning: string;
  headers(): Headers;
}

const page = join(__dirname, '../../docs/route-callers.md');
const roles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'share'] },
    'external-role': { 'authorized-labels': ['external'], permissions: ['view'] },
  },
  'available-labels': [],
};

let realm: RealmDouble;
let otherRealm: RealmDouble;
let service: TestService;
let open: TestService;
/** Route → every status that was answered in the walk. */
const answered = new Map<string, Set<number>>();
/** Name → text of a native API key. */
const keys: Record<string, string> = {};

const bearer = (of: RealmDouble, ...names: string[]): Headers => ({
  authorization: `Bearer ${of.token({ realm_access: { roles: ['offline_access', ...names] } })}`,
});
const hourAgo = () => Math.floor(Date.now() / 1000) - 3600;

const kinds: readonly CallerKind[] = [
  { mark: 'nobody', meaning: 'no credentials', headers: () => ({}) },
  {
    mark: 'wrong',
    meaning: 'HTTP Basic with a wrong password of an administrator',
    headers: () => ({ authorization: basic('admin', 'sharer-pwd') }),
  },
  {
    mark: 'plugin',
    meaning: 'a user of `USERS` given as a plain text, as the plugin is',
    headers: () => ({ authorization: pluginCredentials }),
  },
  {
    mark: 'landing',
    meaning: 'a user of `USERS` with `"scopes": ["decode", "exchange"]`, as the landing page is',
    headers: () => ({ authorization: basic('landing', 'landing-pwd') }),
  },
  ...(
    [
      ['share', 'sharer'],
      ['admin-permissions', 'role-editor'],
      ['audit-logs', 'auditor'],
      ['all', 'admin'],
    ] as const
  ).map(([permission, name]) => ({
    mark: `Basic ${permission}`,
    meaning: `a user of \`USERS\` with \`"permissions": ["${permission}"]\``,
    headers: () => ({ authorization: name === 'admin' ? adminCredentials : basic(name, `${name}-pwd`) }),
  })),
  {
    mark: 'admin-role',
    meaning: 'a Keycloak user of a role with `all`',
    headers: () => bearer(realm, 'admin-role'),
  },
  {
    mark: 'doctor-role',
    meaning: 'a Keycloak user of a role with `view` and `share`',
    headers: () => bearer(realm, 'doctor-role'),
  },
  {
    mark: 'external-role',
    meaning: 'a Keycloak user of a role with `view`',
    headers: () => bearer(realm, 'external-role'),
  },
  { mark: 'no role', meaning: 'a Keycloak user of no role that gives anything', headers: () => bearer(realm) },
  {
    mark: 'expired',
    meaning: 'a bearer token of an administrator that has expired',
    headers: () => ({
      authorization: `Bearer ${realm.token({ exp: hourAgo(), realm_access: { roles: ['admin-role'] } })}`,
    }),
  },
  {
    mark: 'other realm',
    meaning: 'a bearer token of a realm that is not trusted',
    headers: () => bearer(otherRealm, 'admin-role'),
  },
  {
    mark: 'Keycloak key',
    meaning: "the key of a Keycloak user (attribute `api-key`) of the doctor's role",
    headers: () => ({ 'api-key': 'doctor-api-key' }),
  },
  {
    mark: 'key share',
    meaning: 'a key of `/api/v1/api-keys` with `share`',
    headers: () => ({ 'api-key': keys['share'] ?? '' }),
  },
  {
    mark: 'key nothing',
    meaning: 'a key of `/api/v1/api-keys` without a permission',
    headers: () => ({ 'api-key': keys['nothing'] ?? '' }),
  },
  {
    mark: 'key revoked',
    meaning: 'a key of `/api/v1/api-keys` with `all` that was revoked',
    headers: () => ({ 'api-key': keys['revoked'] ?? '' }),
  },
];
const openKind = {
  mark: 'open',
  meaning: 'no credentials, on a service with `ALLOW_UNAUTHENTICATED=true`',
};

async function makeKey(name: string, permissions: string[]): Promise<string> {
  const body = { name, owner: { kind: 'service', name }, permissions, labels: [] };
  const { status, json } = await service.call('POST', '/api/v1/api-keys', body, { authorization: adminCredentials });
  if (status !== 201) throw new Error(`no key: ${status} ${JSON.stringify(json)}`);
  keys[name] = json.key;
  return json.id;
}

beforeAll(async () => {
  realm = await startRealm({
    roles: [{ name: 'admin-role' }, { name: 'doctor-role' }, { name: 'external-role' }],
    users: [
      { id: 'uid-doc', username: 'doctor', attributes: { 'api-key': ['doctor-api-key'] }, roles: ['doctor-role'] },
    ],
  });
  otherRealm = await startRealm();
  service = await startTestService({
    env: {
      ...realm.settings(),
      USERS: JSON.stringify({
        'test-user': 'test-pwd',
        landing: { password: 'landing-pwd', scopes: ['decode', 'exchange'] },
        sharer: { password: 'sharer-pwd', permissions: ['share'] },
        'role-editor': { password: 'role-editor-pwd', permissions: ['admin-permissions'] },
        auditor: { password: 'auditor-pwd', permissions: ['audit-logs'] },
        admin: { password: 'admin-pwd', permissions: ['all'] },
      }),
    },
  });
  open = await startTestService({ env: { USERS: null, ALLOW_UNAUTHENTICATED: 'true' } });
  const put = await service.call('PUT', '/settings/roles', roles);
  if (put.status !== 200) throw new Error(`no roles: ${put.text}`);
  await makeKey('share', ['share']);
  await makeKey('nothing', []);
  const id = await makeKey('revoked', ['all']);
  await service.call(
    'POST',
    `/api/v1/api-keys/${id}/revoke`,
    { reason: 'for the table' },
    { authorization: adminCredentials },
  );
}, 60_000);
afterAll(async () => {
  await Promise.all([service?.close(), open?.close(), realm?.stop(), otherRealm?.stop()]);
});

/** An empty body, or an empty object: what is let in finds it at fault, so that nothing is changed. */
async function ask(at: TestService, { method, route }: RegisteredRoute, headers: Headers): Promise<number> {
  const withBody = method !== 'GET';
  const response = await fetch(`${at.url}${addressOf(route)}`, {
    method,
    headers: { ...headers, ...(withBody ? { 'content-type': 'application/json' } : {}) },
    ...(withBody ? { body: '{}' } : {}),
  });
  await response.arrayBuffer();
  answered.set(route, (answered.get(route) ?? new Set()).add(response.status));
  return response.status;
}

function verdictOf(status: number): Verdict {
  return status === 401 ? '401' : status === 403 ? '403' : 'in';
}

function ruleOf(access: Access | undefined): string {
  if (access === undefined) return 'nobody: the route has no rule';
  if ('public' in access) return `public: ${access.public}`;
  const parts = [
    ...(access.anyone === true ? ['whoever is recognised'] : []),
    ...access.scopes.map((scope) => `scope \`${scope}\``),
    ...access.permissions.map((permission) => `\`${permission}\``),
  ];
  return parts.join(' or ');
}

interface Row {
  readonly route: RegisteredRoute;
  readonly verdicts: readonly Verdict[];
}

function table(rows: readonly Row[]): string {
  const columns = [...kinds, openKind];
  const cells = (values: readonly string[]) => `| ${values.join(' | ')} |`;
  const lines = rows.map(({ route, verdicts }) =>
    cells([`\`${route.route}\``, ...verdicts.map((verdict) => (verdict === 'in' ? '✓' : verdict))]),
  );
  const rules = rows.map(({ route }) => cells([`\`${route.route}\``, ruleOf(route.access)]));
  return [
    '# Who may use which route',
    '',
    'Every route of the service, asked by every kind of caller with a request that changes nothing. Written by',
    '`UPDATE_DOCS=1 npx jest test/e2e/route-callers`, and compared by the same test without it.',
    '',
    '- `✓`: let in, whatever the answer is then',
    '- `401`: not recognised',
    '- `403`: recognised, and not allowed',
    '',
    '## The rules',
    '',
    'One declaration on each route; one scope or permission of it is enough, and `all` stands for every permission. A route',
    'without a declaration is refused.',
    '',
    cells(['route', 'who may use it']),
    cells(['---', '---']),
    ...rules,
    '',
    '## The callers',
    '',
    cells(['column', 'caller']),
    cells(['---', '---']),
    ...columns.map(({ mark, meaning }) => cells([mark, meaning])),
    '',
    '## The table',
    '',
    cells(['route', ...columns.map(({ mark }) => mark)]),
    cells(['---', ...columns.map(() => ':-:')]),
    ...lines,
    '',
  ].join('\n');
}

it('every route, asked by every kind of caller, answers as docs/route-callers.md says (UPDATE_DOCS=1 writes it)', async () => {
  const lists = ['/api/v1/shares', '/api/v1/api-keys', '/api/v1/roles/history', '/settings/roles'];
  const state = async () => {
    const as = { authorization: adminCredentials };
    const texts = [];
    for (const path of lists) {
      const { status, json } = await service.call('GET', path, undefined, as);
      // When a key was last used is noted in passing.
      texts.push([path, status, JSON.stringify(json).replace(/"last-?used-?at":("[^"]*"|null)/gi, '')]);
    }
    return texts;
  };
  const before = await state();
  const faults: unknown[] = [];
  const rows: Row[] = [];
  for (const route of registeredRoutes(service)) {
    const verdicts: Verdict[] = [];
    for (const { mark, headers } of kinds) {
      const status = await ask(service, route, headers());
      if (status >= 500) faults.push([route.route, mark, status]);
      verdicts.push(verdictOf(status));
    }
    verdicts.push(verdictOf(await ask(open, route, {})));
    rows.push({ route, verdicts });
  }
  expect(faults).toEqual([]);
  expect(await state()).toEqual(before);
  const fresh = table(rows);
  if (process.env['UPDATE_DOCS'] === '1') writeFileSync(page, fresh);
  expect(fresh.split('\n')).toEqual(readFileSync(page, 'utf8').split('\n'));
}, 120_000);

it('every route has a rule, and a public one a reason', () => {
  const lacking = registeredRoutes(service).filter(
    ({ access }) =>
      access === undefined ||
      ('public' in access
        ? access.public.length < 10
        : access.anyone !== true && access.scopes.length + access.permissions.length === 0),
  );
  expect(lacking).toEqual([]);
});

it('the OpenAPI document has the same routes, the same rule on each (public, or by one of three ways), and each answer of the walk', () => {
  const document = JSON.parse(readFileSync(join(process.cwd(), 'apps/auth-service/openapi.json'), 'utf8')) as {
    paths: Record<string, Record<string, { security?: Record<string, string[]>[]; responses: object }>>;
    components: { securitySchemes: Record<string, unknown> };
  };
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, names(security)]),
  );
  const registered = registeredRoutes(service).map(({ route, access }) => [
    route,
    access !== undefined && 'public' in access ? [] : ['api-key', 'basic', 'bearer'],
  ]);
  expect(documented.sort()).toEqual(registered.sort());
  for (const [path, methods] of Object.entries(document.paths)) {
    for (const [method, { responses }] of Object.entries(methods)) {
      const route = `${method.toUpperCase()} ${path}`;
      const told = Object.keys(responses).map(Number);
      expect([route, [...(answered.get(route) ?? [])].filter((status) => !told.includes(status))]).toEqual([route, []]);
    }
  }
  expect(Object.keys(document.components.securitySchemes).sort()).toEqual(['api-key', 'basic', 'bearer']);
});

function names(security: Record<string, string[]>[] = []): string[] {
  return security.flatMap((one) => Object.keys(one)).sort();
}
