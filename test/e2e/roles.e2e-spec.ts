import { RealmRoles } from '../../apps/auth-service/src/roles/index.js';
import { type RealmRole } from '../../apps/auth-service/src/roles/realm-roles.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

/** As recorded: what the user interface puts through the plugin (golden case roles/put-good). */
const recorded = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['b', 'a'], permissions: ['view', 'download'] },
  },
  'available-labels': ['a', 'b'],
};
const realmOfRecords: readonly RealmRole[] = [
  { name: 'default-roles-orthanc', composite: true },
  { name: 'offline_access', composite: false },
  { name: 'admin-role', composite: false },
  { name: 'doctor-role', composite: false },
  { name: 'external-role', composite: false },
  { name: 'uma_authorization', composite: false },
  { name: 'extra-role', composite: false },
];
const nothing = { 'authorized-labels': [], permissions: [] };
const auditor = basic('auditor', 'auditor-pwd');
const env = {
  USERS: JSON.stringify({
    ...(JSON.parse(plainSettings.USERS) as object),
    auditor: { password: 'auditor-pwd', permissions: ['audit-logs'] },
  }),
};

/** Stands in for Keycloak: what it lists, or null while it is down. */
class Realm {
  roles: readonly RealmRole[] | null = realmOfRecords;
  asked = 0;

  constructor(service: TestService) {
    const names = (): Promise<readonly RealmRole[]> => {
      this.asked++;
      return this.roles === null ? Promise.reject(new Error('connect ECONNREFUSED')) : Promise.resolve(this.roles);
    };
    Object.defineProperties(service.app.get(RealmRoles), {
      configured: { value: true },
      exhaustive: { value: true },
      names: { value: names },
    });
  }
}

let service: TestService;
let offset: number;
const start = async (): Promise<TestService> => {
  offset = 0;
  const clock = { now: () => Date.now(), monotonic: () => performance.now() + offset };
  service = await startTestService({ env, clock });
  return service;
};
/** Makes what is remembered of Keycloak old. */
const later = (): void => void (offset += 10_000);
const ask = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  service.call(method, path, body, { authorization: adminCredentials, ...headers });
const api = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
  ask(method, `/api/v1/roles${path}`, body, headers);
const put = (body: unknown) => ask('PUT', '/auth/settings/roles', body);
const rolesOf = (answer: TestAnswer): string[] => Object.keys(answer.json.roles);
const inForce = async (): Promise<number> => (await api('GET', '')).json.version;

describe('without a directory', () => {
  beforeAll(start);
  afterAll(() => service?.close());

  it('tells who changed what, compares, and puts the old version in force again', async () => {
    const first = await inForce();
    const changed = await service.call('PUT', '/settings/roles', recorded);
    expect([changed.status, changed.text]).toEqual([200, 'null']);
    expect((await put({ ...recorded, 'available-labels': [] })).text).toBe('null');

    const history = await api('GET', '/history');
    expect(history.json.items.slice(0, 3)).toEqual([
      expect.objectContaining({
        version: first + 2,
        madeBy: 'basic:admin',
        reason: null,
        changes: { added: [], removed: [], changed: [], availableLabels: true },
      }),
      expect.objectContaining({
        version: first + 1,
        madeBy: 'plugin:test-user',
        changes: { added: [], removed: ['external-role'], changed: ['doctor-role'], availableLabels: true },
      }),
      expect.objectContaining({ version: first, madeBy: 'seed:built-in' }),
    ]);
    expect(Date.parse(history.json.items[0].madeAt)).toBeGreaterThan(Date.now() - 60_000);

    const diff = await api('GET', `/diff?from=${first}&to=${first + 1}`);
    expect(diff.json).toEqual({
      from: first,
      to: first + 1,
      roles: [
        {
          role: 'doctor-role',
          change: 'changed',
          permissions: { added: [], removed: ['share', 'send'] },
          authorizedLabels: { added: ['b', 'a'], removed: ['*'] },
        },
        {
          role: 'external-role',
          change: 'removed',
          permissions: { added: [], removed: ['view', 'download'] },
          authorizedLabels: { added: [], removed: ['external'] },
        },
      ],
      availableLabels: { added: ['a', 'b'], removed: [] },
    });

    const restored = await api('POST', '/restore', { version: first, reason: 'external doctors were shut out' });
    expect([restored.status, restored.headers.get('etag')]).toEqual([200, `"${first + 3}"`]);
    expect(restored.json).toMatchObject({
      version: first + 3,
      madeBy: 'basic:admin',
      reason: `restored version ${first}: external doctors were shut out`,
      changes: { added: ['external-role'], changed: ['doctor-role'] },
    });
    const old = await api('GET', `/history/${first}`);
    expect((await ask('GET', '/settings/roles')).json).toEqual(old.json.document);
    expect((await api('GET', `/diff?from=${first}&to=${first + 3}`)).json.roles).toEqual([]);
    expect((await api('GET', `/history/${first + 1}`)).json.document).toEqual(recorded);
  });

  it('pages through the history without a gap, while new versions come in', async () => {
    const newest = await inForce();
    const found: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await api('GET', `/history?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      found.push(...page.json.items.map((one: { version: number }) => one.version));
      next = page.json.next;
      await put(recorded);
    }
    expect(found).toEqual(Array.from({ length: newest }, (_, n) => newest - n));
  });

  it('shows the whole document with its version, which If-Match takes', async () => {
    await put(recorded);
    const whole = await api('GET', '');
    const etag = whole.headers.get('etag') ?? '';
    expect(whole.json).toEqual({
      roles: {
        'admin-role': { ...recorded.roles['admin-role'], 'known-to-keycloak': null },
        'doctor-role': { ...recorded.roles['doctor-role'], 'known-to-keycloak': null },
      },
      'available-labels': ['a', 'b'],
      version: expect.any(Number),
      madeAt: expect.any(String),
      madeBy: 'basic:admin',
      reason: null,
    });
    expect(etag).toBe(`"${whole.json.version}"`);
    const written = await api('PUT', '', whole.json, { 'if-match': etag });
    expect([written.status, written.json.changes.changed]).toEqual([200, []]);
    const again = await api('PUT', '', whole.json, { 'if-match': etag });
    expect([again.status, again.json.code, again.json.detail]).toEqual([
      412,
      'roles-changed',
      expect.stringContaining(`Version ${whole.json.version + 1}`),
    ]);
    expect((await api('PUT', '', whole.json, { 'if-match': '*' })).status).toBe(200);
    expect((await api('PUT', '', whole.json)).status).toBe(200);
  });

  it('lets one of many writers in who have all seen the same version, and keeps every write of those who do not ask', async () => {
    const seen = `"${await inForce()}"`;
    const documents = Array.from({ length: 6 }, (_, n) => ({
      roles: { ...recorded.roles, [`role-${n}`]: { permissions: ['view'] } },
    }));
    const careful = await Promise.all(documents.map((one) => api('PUT', '', one, { 'if-match': seen })));
    expect(careful.map((one) => one.status).sort()).toEqual([200, 412, 412, 412, 412, 412]);
    const before = await inForce();
    await Promise.all(documents.map((one) => api('PUT', '', one)));
    const { items } = (await api('GET', '/history?limit=7')).json;
    expect(items.map((one: { version: number }) => one.version)).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => before + n));
    // Each tells what it changed against the one before it, so that an overwritten change is seen.
    for (const { changes } of items.slice(0, 5)) {
      expect([changes.added.length, changes.removed.length]).toEqual([1, 1]);
    }
  });

  it.each([
    ['PUT', '/settings/roles', { roles: { doctor: ['view'] } }],
    ['POST', '/settings/roles', { roles: {} }],
    ['PUT', '/auth/settings/roles', { roles: { doctor: ['view'] } }],
    ['PUT', '/api/v1/roles', { roles: { doctor: ['view'] } }],
    ['POST', '/api/v1/roles/import', '{"doctor": ["view"], /* nobody */ }'],
  ])('refuses to take the last administrator away by %s %s', async (method, path, body) => {
    const before = await inForce();
    const answer = await ask(method, path, body);
    expect([answer.status, answer.json.code]).toEqual([409, 'last-administrator']);
    expect(await inForce()).toBe(before);
  });

  it('keeps the routes of people for people, and the history also for auditors', async () => {
    const reads = ['', '/history', '/history/1', '/diff?from=1&to=2', '/export'];
    const statuses = async (authorization: string) =>
      Promise.all(reads.map(async (path) => (await api('GET', path, undefined, { authorization })).status));
    expect(await statuses(pluginCredentials)).toEqual([403, 403, 403, 403, 403]);
    expect(await statuses(auditor)).toEqual([403, 200, 200, 200, 200]);
    for (const authorization of [pluginCredentials, auditor]) {
      expect((await ask('GET', '/auth/settings/roles', undefined, { authorization })).status).toBe(403);
      expect((await ask('PUT', '/auth/settings/roles', recorded, { authorization })).status).toBe(403);
      expect((await api('PUT', '', recorded, { authorization })).status).toBe(403);
      expect((await api('POST', '/restore', { version: 1 }, { authorization })).status).toBe(403);
      expect((await api('POST', '/import', '{}', { authorization })).status).toBe(403);
    }
  });
});

describe('a permissions.json', () => {
  beforeAll(start);
  afterAll(() => service?.close());

  /** In the shapes of the incumbent's samples: comments, the old form, trailing commas. */
  const sample = `{
    // every role of Keycloak that may use Orthanc
    "roles" : {
        "admin-role": { // administrators
            "authorized-labels": ["*"],
            "permissions": ["all"]
        },
        "doctor-role": {
            "authorized-labels": ["*"],
            "permissions": ["view", "download", "share", "send"]   /* "delete" is for administrators */
        },
        "external-role": {
            "authorized-labels": ["external"],
            "permissions": ["view", "download"]
        },
    },
    "available-labels": []     // empty: every label
}
`;
  const oldest = '{\n  // the form of 2022\n  "admin": ["all"],\n  "doctor": ["view", "download",],\n}\n';
  const mixed =
    '\ufeff{"roles": {"admin": ["all"], "nurse": {"permissions": ["view"], "authorized-labels": ["é"]}}} // end';

  it.each([
    ['as JSON', 'application/json; charset=utf-8', sample, ['admin-role', 'doctor-role', 'external-role']],
    ['as text', 'text/plain', sample, ['admin-role', 'doctor-role', 'external-role']],
    ['in the oldest form', 'text/plain; charset=utf-8', oldest, ['admin', 'doctor']],
    ['in both forms at once', 'application/json', mixed, ['admin', 'nurse']],
  ])('is imported %s', async (_name, type, text, names) => {
    const answer = await api('POST', '/import', text, { 'content-type': type });
    expect([answer.status, answer.json.madeBy, answer.json.reason]).toEqual([200, 'basic:admin', 'imported']);
    expect(rolesOf(await ask('GET', '/settings/roles'))).toEqual(names);
  });

  it('gives the old form every study', async () => {
    await api('POST', '/import', oldest);
    expect((await ask('GET', '/settings/roles')).json.roles.doctor).toEqual({
      'authorized-labels': ['*'],
      permissions: ['view', 'download'],
    });
  });

  it('comes out as a file that goes in again as the same document', async () => {
    await api(
      'POST',
      '/import',
      '{"roles": {"z": ["all"], "__proto__": ["view", "view"], "10": {}}, "available-labels": ["é"]}',
    );
    const file = await api('GET', '/export');
    expect(file.headers.get('content-disposition')).toBe('attachment; filename="permissions.json"');
    expect(file.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(file.headers.get('etag')).toBe(`"${await inForce()}"`);
    expect((await api('POST', '/import', file.text)).json.changes).toEqual({
      added: [],
      removed: [],
      changed: [],
      availableLabels: false,
    });
    expect((await api('GET', '/export')).text).toBe(file.text);
  });

  it('is refused with every fault and its line', async () => {
    const before = await inForce();
    const answer = await api('POST', '/import', '{"roles": {\n"a": {"permissions": [5]},\n"b": "all"}}');
    expect([answer.status, answer.json.errors]).toEqual([
      400,
      [
        expect.objectContaining({ field: 'roles.a.permissions[0]', problem: 'is not a text (line 2, column 23)' }),
        expect.objectContaining({ field: 'roles.b', problem: 'is not a JSON object (line 3, column 6)' }),
      ],
    ]);
    const broken = await api('POST', '/import', '{"roles": {\n"a" ["all"]}}');
    expect([broken.status, broken.json.code, broken.json.detail]).toEqual([
      400,
      'unreadable-body',
      expect.stringContaining('ColonExpected in line 2, column 5'),
    ]);
    expect(await inForce()).toBe(before);
  });

  it.each<[string, string | Uint8Array, Record<string, string>, number]>([
    ['nothing', '', {}, 400],
    ['bytes that are not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), {}, 400],
    ['a list', '[]', {}, 400],
    ['a text', '"all"', {}, 400],
    ['a NUL in a name', '{"roles": {"a\\u0000": ["all"]}}', {}, 400],
    ['half a surrogate', '{"roles": {"a": ["\\ud800"]}}', {}, 400],
    ['half a megabyte of brackets', '['.repeat(500_000), {}, 400],
    ['more than 512 KiB', `/* ${'x'.repeat(524_288)} */ {}`, {}, 413],
    ['another content type', '{"a": ["all"]}', { 'content-type': 'application/xml' }, 415],
  ])('is refused: %s', async (_name, body, headers, status) => {
    expect((await api('POST', '/import', body, headers)).status).toBe(status);
  });

  it('is read with comments by its own route alone', async () => {
    expect((await api('PUT', '', sample)).json.code).toBe('unreadable-body');
    expect((await api('PUT', '', '{}', { 'content-type': 'text/plain' })).status).toBe(415);
  });
});

describe('with a directory', () => {
  let realm: Realm;
  beforeEach(async () => (realm = new Realm(await start())));
  afterEach(() => service?.close());

  it('lists each role of the realm as recorded, and keeps those that it hides', async () => {
    const old = { 'authorized-labels': ['x'], permissions: ['view'] };
    const composite = { 'authorized-labels': [], permissions: ['view'] };
    await api('PUT', '', { roles: { ...recorded.roles, 'old-role': old } });
    expect((await service.call('PUT', '/settings/roles', recorded)).text).toBe('null');
    const expected = {
      roles: { ...recorded.roles, 'external-role': nothing, 'extra-role': nothing },
      'available-labels': ['a', 'b'],
    };
    for (const path of ['/settings/roles', '/auth/settings/roles']) {
      const listed = await ask('GET', path);
      expect([listed.json, rolesOf(listed)]).toEqual([expected, Object.keys(expected.roles)]);
    }
    const whole = (await api('GET', '')).json.roles;
    expect(whole['old-role']).toEqual({ ...old, 'known-to-keycloak': false });
    expect(whole['doctor-role']['known-to-keycloak']).toBe(true);

    // What the user interface got, it puts back: the hidden one survives, again and again.
    await put((await ask('GET', '/auth/settings/roles')).json);
    await put({ roles: { ...recorded.roles, 'default-roles-orthanc': composite } });
    expect(rolesOf(await ask('GET', '/settings/roles'))).toContain('default-roles-orthanc');
    expect(Object.keys((await api('GET', '')).json.roles)).toEqual([
      'admin-role',
      'doctor-role',
      'default-roles-orthanc',
      'old-role',
    ]);

    realm.roles = [...realmOfRecords, { name: 'old-role', composite: false }];
    later();
    expect((await ask('GET', '/settings/roles')).json.roles['old-role']).toEqual(old);
  });

  it('does not let the last administrator hide behind a role that nobody has', async () => {
    await api('PUT', '', { roles: { 'old-role': ['all'], ...recorded.roles } });
    const answer = await service.call('PUT', '/settings/roles', { roles: { 'doctor-role': ['view'] } });
    expect([answer.status, answer.json.code]).toEqual([409, 'last-administrator']);
  });

  it('serves what is stored while Keycloak is down, says so once, and then loses nothing', async () => {
    await api('PUT', '', { roles: { ...recorded.roles, 'old-role': ['view'] } });
    const shown = (await ask('GET', '/settings/roles')).json;
    realm.roles = null;
    for (let n = 0; n < 5; n++) {
      later();
      const stored = await ask('GET', '/settings/roles');
      expect([stored.status, rolesOf(stored)]).toEqual([200, ['admin-role', 'doctor-role', 'old-role']]);
    }
    const told = service.lines.filter((line) => line.includes('"event":"realm-roles-unavailable"'));
    expect(told).toHaveLength(1);
    expect((await api('GET', '')).json.roles['old-role']['known-to-keycloak']).toBeNull();
    // The list came from before the outage, without the hidden role; it is put during the outage.
    await put(shown);
    expect(Object.keys((await api('GET', '')).json.roles)).toContain('old-role');
    // One that was shown and is left out goes, as at any time.
    await put({ roles: { 'admin-role': ['all'] } });
    expect(Object.keys((await api('GET', '')).json.roles)).toEqual(['admin-role', 'old-role']);
  });

  it('asks Keycloak once for a storm of page loads', async () => {
    await Promise.all(Array.from({ length: 50 }, () => service.call('GET', '/settings/roles')));
    await Promise.all(Array.from({ length: 50 }, () => service.call('GET', '/settings/roles')));
    expect(realm.asked).toBe(1);
  });
});

describe('bad input', () => {
  beforeAll(start);
  afterAll(() => service?.close());

  it.each([
    '/history/0',
    '/history/-1',
    '/history/1e30',
    '/history/abc',
    '/history/999999',
    '/history/99999999999999999999',
    '/history/1%00',
    '/history/1.0',
    '/history/%D9%A1',
    '/diff?from=1&to=999999',
  ])('finds nothing at %s', async (path) => {
    const answer = await api('GET', path);
    expect([answer.status, answer.json.code]).toEqual([404, 'no-such-roles-version']);
  });

  it.each([
    '/diff',
    '/diff?from=1',
    '/diff?from=0&to=1',
    '/diff?from=-1&to=1',
    '/diff?from=1e30&to=1',
    '/diff?from=abc&to=1',
    '/diff?from=1&from=2&to=1',
    '/diff?from=1%00&to=1',
    '/diff?from=1&to=1&x=1',
    '/history?limit=0',
    '/history?limit=101',
    '/history?limit=abc',
    '/history?limit=1e30',
    '/history?cursor=0',
    '/history?cursor=-1',
    '/history?cursor=1e3',
    '/history?cursor=1%00',
    '/history?cursor=99999999999999999999',
  ])('refuses %s', async (path) => {
    const answer = await api('GET', path);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-input']);
  });

  it.each<[string, unknown]>([
    ['no version', {}],
    ['version 0', { version: 0 }],
    ['version -1', { version: -1 }],
    ['version 1e30', { version: 1e30 }],
    ['version 1.5', { version: 1.5 }],
    ['a text', { version: '1' }],
    ['null', { version: null }],
    ['a list', { version: [1] }],
    ['a reason that is no text', { version: 1, reason: 5 }],
    ['an empty reason', { version: 1, reason: '' }],
    ['a reason with NUL', { version: 1, reason: 'a\0b' }],
    ['a reason without end', { version: 1, reason: 'x'.repeat(501) }],
    ['a member too many', { version: 1, force: true }],
  ])('does not restore %s', async (_name, body) => {
    const before = await inForce();
    const answer = await api('POST', '/restore', body);
    expect([answer.status, answer.json.code]).toEqual([400, 'invalid-input']);
    expect(await inForce()).toBe(before);
  });

  it('does not restore a version that is not there, or over one that was not seen', async () => {
    expect((await api('POST', '/restore', { version: 999_999 })).status).toBe(404);
    expect((await api('POST', '/restore', { version: 1 }, { 'if-match': '"999999"' })).status).toBe(412);
    expect((await api('POST', '/import', '{"a": ["all"]}', { 'if-match': '"999999"' })).status).toBe(412);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['roles that are a list', { roles: [] }, ['roles']],
    ['a role that is a text', { roles: { a: 'all' } }, ['roles.a']],
    [
      'permissions that are no texts',
      { roles: { a: { permissions: [1, null] } } },
      ['roles.a.permissions[0]', 'roles.a.permissions[1]'],
    ],
    ['a NUL', { roles: { a: ['all\0'] } }, ['roles.a[0]']],
    ['labels that are an object', { roles: { a: ['all'] }, 'available-labels': {} }, ['available-labels']],
    ['nothing of a document', {}, ['roles']],
  ])('refuses a document with %s, and names it', async (_name, body, fields) => {
    for (const path of ['/api/v1/roles', '/auth/settings/roles', '/settings/roles']) {
      const answer = await ask('PUT', path, body);
      expect([answer.status, answer.json.code]).toEqual([400, 'invalid-input']);
      expect(answer.json.errors.map((one: { field: string }) => one.field)).toEqual(fields);
    }
  });

  it.each(['42', 'W/"1"', '"0"', '"-1"', '"abc"', '"1e30"', '"1", "2"', 'x'.repeat(50)])(
    'refuses If-Match %j',
    async (match) => {
      const answer = await api('PUT', '', recorded, { 'if-match': match });
      expect([answer.status, answer.json.errors[0].field]).toEqual([400, 'If-Match']);
    },
  );
});

it('says 503 of everything that the database must tell, and serves from memory what it need not', async () => {
  await start();
  try {
    await put(recorded);
    await service.database.drop();
    for (const [method, path, body] of [
      ['PUT', '/settings/roles', recorded],
      ['PUT', '/auth/settings/roles', recorded],
      ['PUT', '/api/v1/roles', recorded],
      ['GET', '/api/v1/roles/history', undefined],
      ['GET', '/api/v1/roles/history/1', undefined],
      ['GET', '/api/v1/roles/diff?from=1&to=2', undefined],
      ['POST', '/api/v1/roles/restore', { version: 1 }],
      ['POST', '/api/v1/roles/import', '{"a": ["all"]}'],
    ] as const) {
      const answer = await ask(method, path, body);
      expect([path, answer.status, answer.json.code]).toEqual([path, 503, 'database-unavailable']);
    }
    for (const path of ['/settings/roles', '/auth/settings/roles', '/api/v1/roles', '/api/v1/roles/export']) {
      expect((await ask('GET', path)).json.roles).toMatchObject(recorded.roles);
    }
  } finally {
    await service.close();
  }
});
