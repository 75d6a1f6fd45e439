import { createHash } from 'node:crypto';
import pg from 'pg';
import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { ApiKeyUses, ApiKeysInForce } from '../../apps/auth-service/src/users/index.js';
import { createTestDatabase } from '../support/test-cluster.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  startTestService,
} from '../support/test-service.js';

/** The time of day is moved by the test; what the feed measures goes on by itself. */
class MovableClock extends Clock {
  ahead = 0;
  now(): number {
    return Date.now() + this.ahead;
  }
  monotonic(): number {
    return performance.now();
  }
}

const admin = { authorization: adminCredentials };
const lesser = { authorization: basic('lesser', 'lesser-pwd') };
const missingId = '00000000-0000-7000-8000-000000000000';
const form = /^owk_[a-z2-9]{12}_[A-Za-z0-9_-]{43}$/;
const body = {
  name: 'nightly export',
  owner: { kind: 'service', name: 'exporter' },
  permissions: ['view'],
  labels: ['radiology'],
};

let service: TestService;
let clock: MovableClock;
let client: pg.Client;
/** Every key text that was shown. */
const shown: string[] = [];

beforeAll(async () => {
  clock = new MovableClock();
  service = await startTestService({
    clock,
    env: {
      USERS: JSON.stringify({
        ...(JSON.parse(plainSettings.USERS) as object),
        lesser: { password: 'lesser-pwd', permissions: ['admin-permissions', 'view'] },
      }),
    },
  });
  client = new pg.Client(service.database.adminUrl);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await service?.close();
});

const call = (method: string, path: string, json?: unknown, headers: Record<string, string> = admin) =>
  service.call(method, `/api/v1/api-keys${path}`, json, headers);
async function make(more: object = {}): Promise<{ id: string; key: string; json: any }> {
  const answer = await call('POST', '', { ...body, ...more });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  shown.push(answer.json.key);
  return { id: answer.json.id, key: answer.json.key, json: answer.json };
}
async function rotate(id: string, json?: unknown): Promise<{ key: string; json: any }> {
  const answer = await call('POST', `/${id}/rotate`, json);
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  shown.push(answer.json.key);
  return { key: answer.json.key, json: answer.json };
}
const standing = (key: string, on = service): string => {
  const verdict = on.app.get(ApiKeysInForce).find(key, clock.now());
  return verdict.ok ? 'ok' : verdict.reason;
};
async function until(condition: () => boolean): Promise<number> {
  const start = performance.now();
  // Bounded, because a test that gave up would leave this running behind it.
  while (!condition() && performance.now() - start < 10_000) await new Promise((resolve) => setTimeout(resolve, 10));
  return performance.now() - start;
}
const count = async (): Promise<number> =>
  Number((await client.query<{ count: string }>('SELECT count(*) FROM api_key')).rows[0]?.count);
/** Refused as a fault of these fields, all of them and no other, and nothing was stored. */
function expectFields(answer: TestAnswer, fields: readonly string[]): void {
  expect([
    answer.status,
    answer.json.code,
    answer.json.errors?.map((one: { field: string }) => one.field).sort(),
  ]).toEqual([400, 'invalid-input', [...fields].sort()]);
  for (const fault of answer.json.errors) {
    expect(fault).toEqual({
      field: expect.any(String),
      problem: expect.stringMatching(/\S/),
      remedy: expect.stringMatching(/\S/),
    });
  }
}

describe('making an API key', () => {
  it('shows the text once, with all that there is to know', async () => {
    const expires = new Date(clock.now() + 86_400_000).toISOString();
    const answer = await call('POST', '', { ...body, expiresAt: expires });
    shown.push(answer.json.key);
    expect([answer.status, answer.headers.get('cache-control')]).toEqual([201, 'no-store']);
    expect(answer.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
      publicPart: answer.json.key.slice(0, 16),
      key: expect.stringMatching(form),
      state: 'live',
      name: 'nightly export',
      owner: { kind: 'service', id: null, name: 'exporter' },
      permissions: ['view'],
      labels: ['radiology'],
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      createdBy: 'basic:admin',
      expiresAt: expires,
      lastUsedAt: null,
      rotatedAt: null,
      rotatedBy: null,
      overlapEndsAt: null,
      revokedAt: null,
      revokedBy: null,
      revokeReason: null,
    });
    const { key: _text, ...rest } = answer.json;
    expect((await call('GET', `/${answer.json.id}`)).json).toEqual(rest);
    expect((await call('GET', `/${answer.json.id.toUpperCase()}`)).json).toEqual(rest);
    expect((await call('GET', '')).json.items[0]).toEqual(rest);
  });

  it('makes one that works at once, on our own API too, as whom it belongs to', async () => {
    const user = { kind: 'user', id: '6f1c', name: 'Ada' };
    const { key, id } = await make({ owner: user, permissions: ['admin-permissions'], labels: [] });
    const verdict = service.app.get(ApiKeysInForce).find(key, clock.now());
    expect(verdict).toEqual({
      ok: true,
      identity: {
        id: `key:${id}`,
        source: 'api-key',
        name: 'nightly export',
        userId: '6f1c',
        groups: null,
        roles: [],
        own: { permissions: ['admin-permissions'], labels: [] },
        expiresAt: null,
      },
    });
    const made = await call(
      'POST',
      '',
      { ...body, permissions: [], labels: [] },
      { authorization: '', 'api-key': key },
    );
    shown.push(made.json.key);
    expect([made.status, made.json.createdBy]).toEqual([201, `key:${id}`]);
    expect((await call('POST', '', body, { authorization: '', 'api-key': key })).status).toBe(403);
    expect((await call('GET', '', undefined, { authorization: '', 'api-key': made.json.key })).status).toBe(403);
  });

  it('takes an owner by null where nothing is to be said, and an expiry with an offset', async () => {
    const one = await make({
      owner: { kind: 'user', id: '6f1c', name: null },
      expiresAt: '2999-12-31T23:30:00+01:00',
    });
    expect([one.json.owner, one.json.expiresAt]).toEqual([
      { kind: 'user', id: '6f1c', name: null },
      '2999-12-31T22:30:00.000Z',
    ]);
    expect((await make({ owner: { kind: 'service', id: null, name: 'x' }, expiresAt: null })).json.expiresAt).toBe(
      null,
    );
  });

  it.each<[string, Record<string, unknown>, string[]]>([
    [
      'no member',
      { name: undefined, owner: undefined, permissions: undefined, labels: undefined },
      ['name', 'owner', 'permissions', 'labels'],
    ],
    ['an unknown member', { key: 'owk_mine' }, ['key']],
    ['a kebab-case expiry', { 'expires-at': '2999-01-01T00:00:00Z' }, ['expires-at']],
    ['an empty name', { name: '' }, ['name']],
    ['a name of 201 characters', { name: 'n'.repeat(201) }, ['name']],
    ['a name of 10 kB', { name: 'n'.repeat(10_240) }, ['name']],
    ['a name with NUL', { name: 'a\0b' }, ['name']],
    ['a name with a lone surrogate', { name: 'a\ud800b' }, ['name']],
    ['a name with a line break', { name: 'a\nb' }, ['name']],
    ['a name that is a number', { name: 7 }, ['name']],
    ['a name that is a list', { name: ['a'] }, ['name']],
    ['an owner that is a text', { owner: 'service' }, ['owner']],
    ['an owner that is null', { owner: null }, ['owner']],
    ['an owner that is a list', { owner: [{ kind: 'service', name: 'x' }] }, ['owner']],
    ['an owner that is an empty list', { owner: [] }, ['owner']],
    ['an owner of no kind', { owner: { name: 'x' } }, ['owner.kind']],
    ['an owner of another kind', { owner: { kind: 'robot', name: 'x' } }, ['owner.kind']],
    ['a user without an id', { owner: { kind: 'user', name: 'x' } }, ['owner.id']],
    ['a user with an empty id', { owner: { kind: 'user', id: '' } }, ['owner.id']],
    ['a user with NUL in the id', { owner: { kind: 'user', id: 'a\0' } }, ['owner.id']],
    ['a user with a lone surrogate in the name', { owner: { kind: 'user', id: 'a', name: '\udc00' } }, ['owner.name']],
    ['a service with an id', { owner: { kind: 'service', id: 'x', name: 'x' } }, ['owner.id']],
    ['a service without a name', { owner: { kind: 'service' } }, ['owner.name']],
    ['a service with a name of 10 kB', { owner: { kind: 'service', name: 'n'.repeat(10_240) } }, ['owner.name']],
    ['an owner with an unknown member', { owner: { kind: 'service', name: 'x', more: 1 } }, ['owner.more']],
    ['permissions that are a text', { permissions: 'view' }, ['permissions']],
    ['permissions that are null', { permissions: null }, ['permissions']],
    ['permissions that are an object', { permissions: { length: 1, 0: 'view' } }, ['permissions']],
    ['a permission that is a number', { permissions: ['view', 7] }, ['permissions']],
    ['a permission that is a list', { permissions: [['view']] }, ['permissions']],
    ['an empty permission', { permissions: [''] }, ['permissions']],
    ['a permission with NUL', { permissions: ['view', 'a\0'] }, ['permissions']],
    ['201 permissions', { permissions: Array.from({ length: 201 }, (_, index) => `p${index}`) }, ['permissions']],
    ['a label with a lone surrogate', { labels: ['\ud83d'] }, ['labels']],
    ['a label of 257 characters', { labels: ['l'.repeat(257)] }, ['labels']],
    ['an expiry without a zone', { expiresAt: '2999-01-01T00:00:00' }, ['expiresAt']],
    ['an expiry that is a date', { expiresAt: '2999-01-01' }, ['expiresAt']],
    ['an expiry on a day that no calendar has', { expiresAt: '2999-02-30T00:00:00Z' }, ['expiresAt']],
    ['an expiry that is a number', { expiresAt: 32_503_680_000 }, ['expiresAt']],
    ['an empty expiry', { expiresAt: '' }, ['expiresAt']],
    ['an expiry after the year 9999', { expiresAt: '9999-12-31T23:59:59-01:00' }, ['expiresAt']],
    ['an expiry with NUL', { expiresAt: '2999-01-01T00:00:00Z\0' }, ['expiresAt']],
    ['an expiry in the past', { expiresAt: '2001-01-01T00:00:00Z' }, ['expiresAt']],
    [
      'several faults at once',
      { name: '', permissions: 1, expiresAt: 'soon', owner: { kind: 'user' } },
      ['name', 'permissions', 'expiresAt', 'owner.id'],
    ],
  ])('refuses %s by name, and stores nothing', async (_name, more, fields) => {
    const before = await count();
    expectFields(await call('POST', '', { ...body, ...more }), fields);
    expect(await count()).toBe(before);
  });

  it('names the entry of a list that is at fault', async () => {
    const answer = await call('POST', '', { ...body, permissions: ['view', 'download', ''] });
    expect(answer.json.errors[0].problem).toContain('number 3');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['an empty text', ''],
    ['a list', []],
    ['a list of a body', [body]],
    ['null', 'null'],
    ['a number', '7'],
    ['a text', '"x"'],
    ['no JSON', '{'],
    ['a prototype', `{"__proto__": {"name": "x"}}`],
    ['bytes that are not UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
  ])('refuses %s as a body of each route that takes one', async (_name, raw) => {
    const { id } = await make();
    const before = await count();
    for (const path of ['', `/${id}/revoke`]) expect((await call('POST', path, raw)).status).toBe(400);
    const rotated = await call('POST', `/${id}/rotate`, raw);
    // No body, or null, is no fault there: everything has a default.
    expect(rotated.status).toBe(raw === undefined || raw === 'null' ? 200 : 400);
    expect(await count()).toBe(before);
    expect((await call('GET', `/${id}`)).json.state).toBe('live');
  });

  it('makes none that may do or see more than its maker, and says what', async () => {
    const before = await count();
    const answer = await call('POST', '', { ...body, permissions: ['view', 'delete'] }, lesser);
    expect([answer.status, answer.json.code]).toEqual([403, 'api-key-exceeds-caller']);
    expect(answer.json.detail).toContain('the permission delete');
    expect((await call('POST', '', { ...body, permissions: ['all'] }, lesser)).status).toBe(403);
    expect(await count()).toBe(before);
    expect((await call('POST', '', { ...body, permissions: ['view', 'admin-permissions'] }, lesser)).status).toBe(201);

    const { id, key } = await make({ permissions: ['all'] });
    const rotated = await call('POST', `/${id}/rotate`, {}, lesser);
    expect([rotated.status, rotated.json.detail]).toEqual([403, expect.stringContaining('the permission all')]);
    expect(standing(key)).toBe('ok');

    const narrow = { authorization: '', 'api-key': (await make({ permissions: ['admin-permissions'] })).key };
    expect((await call('POST', '', { ...body, permissions: [] }, narrow)).status).toBe(201);
    const wide = await call('POST', '', { ...body, permissions: [], labels: ['*'] }, narrow);
    expect([wide.status, wide.json.detail]).toEqual([403, expect.stringContaining('the label *')]);
  });

  it('is for those with admin-permissions alone', async () => {
    const { id } = await make();
    for (const [method, path, json] of [
      ['POST', '', body],
      ['GET', '', undefined],
      ['GET', `/${id}`, undefined],
      ['POST', `/${id}/rotate`, {}],
      ['POST', `/${id}/revoke`, { reason: 'x' }],
    ] as const) {
      const statuses = [];
      for (const authorization of [basic('test-user', 'test-pwd'), basic('sharer', 'sharer-pwd'), basic('x', 'y')]) {
        statuses.push((await call(method, path, json, { authorization })).status);
      }
      expect([method, path, statuses]).toEqual([method, path, [403, 403, 401]]);
    }
  });
});

describe('rotating an API key', () => {
  afterEach(() => (clock.ahead = 0));

  it('keeps the secret before it for the overlap, and ends the oldest at a second rotation', async () => {
    const { id, key: first } = await make();
    const { key: second, json } = await rotate(id, { overlapSeconds: 3_600 });
    expect(second).toMatch(form);
    expect(second.slice(0, 17)).toBe(first.slice(0, 17));
    expect(json).toMatchObject({ state: 'live', rotatedBy: 'basic:admin', publicPart: first.slice(0, 16) });
    expect(Date.parse(json.overlapEndsAt) - Date.parse(json.rotatedAt)).toBe(3_600_000);
    expect([first, second].map((one) => standing(one))).toEqual(['ok', 'ok']);
    clock.ahead = 3_590_000;
    expect(standing(first)).toBe('ok');
    clock.ahead = 3_600_000;
    expect([first, second].map((one) => standing(one))).toEqual(['expired', 'ok']);
    expect((await call('GET', `/${id}`)).json.overlapEndsAt).toBeNull();

    const { key: third } = await rotate(id, { overlapSeconds: 604_800 });
    const { key: fourth } = await rotate(id, { overlapSeconds: 604_800 });
    expect([second, third, fourth].map((one) => standing(one))).toEqual(['expired', 'ok', 'ok']);
    clock.ahead += 604_801_000;
    expect([third, fourth].map((one) => standing(one))).toEqual(['expired', 'ok']);
  });

  it.each<[string, unknown]>([
    ['no body', undefined],
    ['an empty object', {}],
    ['null', { overlapSeconds: null }],
    ['0', { overlapSeconds: 0 }],
  ])('ends the secret before it at once with %s, and the answer is not kept', async (_name, json) => {
    const { id, key } = await make();
    const answer = await call('POST', `/${id}/rotate`, json);
    shown.push(answer.json.key);
    expect([answer.status, answer.headers.get('cache-control'), answer.json.overlapEndsAt]).toEqual([
      200,
      'no-store',
      null,
    ]);
    expect([key, answer.json.key].map((one) => standing(one))).toEqual(['expired', 'ok']);
  });

  it.each([-1, 604_801, 1.5, '60', true, [], {}, 1e300])('refuses an overlap of %p', async (overlap) => {
    const { id, key } = await make();
    expectFields(await call('POST', `/${id}/rotate`, { overlapSeconds: overlap }), ['overlapSeconds']);
    expect(standing(key)).toBe('ok');
  });

  it('gives nothing to a key that has ended', async () => {
    const { id: revoked } = await make();
    await call('POST', `/${revoked}/revoke`, { reason: 'lost' });
    const { id: expired } = await make({ expiresAt: new Date(clock.now() + 60_000).toISOString() });
    clock.ahead = 60_000;
    for (const id of [revoked, expired]) {
      const answer = await call('POST', `/${id}/rotate`, {});
      expect([answer.status, answer.json.code]).toEqual([409, 'api-key-ended']);
    }
    expect((await call('GET', `/${expired}`)).json.state).toBe('expired');
  });
});

describe('a second replica', () => {
  let other: TestService;
  beforeAll(async () => (other = await startTestService({ database: service.database, clock })));
  afterAll(() => other?.close());

  it('takes a new key, a rotation and a revocation within a second', async () => {
    const { id, key: first } = await make();
    expect(await until(() => standing(first, other) === 'ok')).toBeLessThan(1_000);
    const { key: second } = await rotate(id);
    expect(standing(first)).toBe('expired');
    expect(await until(() => standing(first, other) === 'expired')).toBeLessThan(1_000);
    expect(standing(second, other)).toBe('ok');
    const revoked = await call('POST', `/${id}/revoke`, { reason: 'lost' });
    expect(revoked.json).toMatchObject({ state: 'revoked', revokedBy: 'basic:admin', revokeReason: 'lost' });
    expect([first, second].map((one) => standing(one))).toEqual(['revoked-api-key', 'revoked-api-key']);
    expect(await until(() => standing(second, other) === 'revoked-api-key')).toBeLessThan(1_000);
    expect((await call('POST', `/${id}/revoke`, { reason: 'again' })).json.revokeReason).toBe('lost');
    expect(
      (await other.call('GET', '/api/v1/api-keys', undefined, { 'api-key': second, authorization: '' })).status,
    ).toBe(401);
  });

  it('that starts later loads what there is', async () => {
    const [{ key: live }, { id, key: dead }] = [await make(), await make()];
    const { key: next } = await rotate(id, { overlapSeconds: 60 });
    await call('POST', `/${id}/revoke`, { reason: 'lost' });
    const third = await startTestService({ database: service.database, clock });
    try {
      expect([live, dead, next].map((one) => standing(one, third))).toEqual([
        'ok',
        'revoked-api-key',
        'revoked-api-key',
      ]);
    } finally {
      await third.close();
    }
  });

  it('cannot tell before it has loaded', async () => {
    const { key } = await make();
    const database = await createTestDatabase();
    // Nothing can be read, so nothing is loaded.
    await database.drop();
    const lost = await startTestService({ database, awaitReady: false });
    try {
      expect(standing(key, lost)).toBe('unavailable');
      expect(
        (await lost.call('GET', '/api/v1/api-keys', undefined, { 'api-key': key, authorization: '' })).status,
      ).toBe(503);
    } finally {
      await lost.close();
    }
  });

  it('writes the last use when it is told to, and when it ends', async () => {
    const { id, key } = await make();
    const lastUsed = async () => (await call('GET', `/${id}`)).json.lastUsedAt;
    const first = clock.now();
    expect(standing(key)).toBe('ok');
    expect(await lastUsed()).toBeNull();
    await service.app.get(ApiKeyUses).flush();
    expect(Date.parse(await lastUsed())).toBeGreaterThanOrEqual(first);

    const ending = await startTestService({ database: service.database, clock });
    clock.ahead = 600_000;
    try {
      expect(standing(key, ending)).toBe('ok');
    } finally {
      clock.ahead = 0;
      await ending.close();
    }
    expect(Date.parse(await lastUsed())).toBeGreaterThanOrEqual(first + 600_000);
  });
});

describe('listing API keys', () => {
  const owner = { kind: 'user', id: 'list: ü&=%', name: null };
  const query = (more: Record<string, string>) =>
    `?${new URLSearchParams({ owner: `user:${owner.id}`, ...more }).toString()}`;
  const names = (answer: TestAnswer): string[] => answer.json.items.map((one: { name: string }) => one.name);
  let revokedId: string;
  beforeAll(async () => {
    for (let index = 0; index < 5; index++) {
      const { id } = await make({
        owner,
        name: `page-${index}`,
        ...(index === 3 ? { expiresAt: new Date(clock.now() + 3_600_000).toISOString() } : {}),
      });
      if (index === 1) {
        revokedId = id;
        await call('POST', `/${id}/revoke`, { reason: 'lost' });
      }
      await new Promise((resolve) => setTimeout(resolve, 2)); // ids of one millisecond are in no order
    }
    await make({ owner: { kind: 'service', name: owner.id }, name: 'of a service' });
  });
  afterEach(() => (clock.ahead = 0));

  it('pages through them newest first without a gap', async () => {
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: TestAnswer = await call('GET', query({ limit: '2', ...(next === '' ? {} : { cursor: next }) }));
      expect(page.status).toBe(200);
      seen.push(...names(page));
      next = page.json.next;
    }
    expect(seen).toEqual(['page-4', 'page-3', 'page-2', 'page-1', 'page-0']);
  });

  it('filters by state, as of now, and by owner', async () => {
    expect(names(await call('GET', query({ state: 'revoked' })))).toEqual(['page-1']);
    expect(names(await call('GET', query({ state: 'expired' })))).toEqual([]);
    clock.ahead = 3_600_000;
    expect(names(await call('GET', query({ state: 'expired' })))).toEqual(['page-3']);
    expect(names(await call('GET', query({ state: 'live' })))).toEqual(['page-4', 'page-2', 'page-0']);
    expect(names(await call('GET', query({ owner: `service:${owner.id}` })))).toEqual(['of a service']);
    expect(names(await call('GET', query({ owner: 'user:nobody' })))).toEqual([]);
    const all = await call('GET', '?limit=500');
    expect(all.json.items.find((one: { id: string }) => one.id === revokedId).state).toBe('revoked');
    expect(new Set(all.json.items.map((one: { owner: { kind: string } }) => one.owner.kind))).toEqual(
      new Set(['user', 'service']),
    );
  });

  it.each<[string, string[]]>([
    ['?limit=0', ['limit']],
    ['?limit=501', ['limit']],
    ['?limit=x', ['limit']],
    ['?limit=1&limit=2', ['limit']],
    ['?cursor=x', ['cursor']],
    ['?cursor=%00', ['cursor']],
    ['?state=dead', ['state']],
    ['?state=live&state=live', ['state']],
    ['?owner=', ['owner']],
    ['?owner=nobody', ['owner']],
    ['?owner=user:', ['owner']],
    ['?owner=robot:x', ['owner']],
    ['?owner=user:%00', ['owner']],
    ['?owner=user:a&owner=user:b', ['owner']],
    [`?owner=user:${'x'.repeat(10_240)}`, ['owner']],
    ['?more=1', ['more']],
  ])('refuses %.40s', async (search, fields) => {
    expectFields(await call('GET', search), fields);
  });

  it('finds nothing under what is no id, with each method', async () => {
    for (const id of [missingId, 'x', '%00', '%ud800', 'null', '..%2f', `${missingId}0`, 'n'.repeat(150)]) {
      const answers = [
        await call('GET', `/${id}`),
        await call('POST', `/${id}/rotate`, {}),
        await call('POST', `/${id}/revoke`, { reason: 'x' }),
      ];
      for (const { status } of answers) expect([id, status >= 400 && status < 500]).toEqual([id, true]);
    }
    expect((await call('GET', `/${missingId}`)).json.code).toBe('api-key-not-found');
  });
});

describe('revoking an API key', () => {
  it.each<[string, unknown, string[]]>([
    ['no reason', {}, ['reason']],
    ['an empty reason', { reason: '' }, ['reason']],
    ['a reason with NUL', { reason: 'a\0' }, ['reason']],
    ['a reason with a lone surrogate', { reason: '\ud800' }, ['reason']],
    ['a reason of 10 kB', { reason: 'r'.repeat(10_240) }, ['reason']],
    ['an unknown member', { reason: 'x', more: 1 }, ['more']],
  ])('refuses %s, and the key goes on', async (_name, json, fields) => {
    const { id, key } = await make();
    expectFields(await call('POST', `/${id}/revoke`, json), fields);
    expect(standing(key)).toBe('ok');
  });
});

it('leaves neither text nor digest in an answer, a log line, a metric or the database', async () => {
  const { id, key } = await make();
  await rotate(id, { overlapSeconds: 60 });
  // Where a key comes in as a credential or by mistake.
  await service.call('GET', '/api/v1/api-keys', undefined, { authorization: '', 'api-key': key });
  await service.call('GET', '/api/v1/api-keys', undefined, { authorization: `Bearer ${key}` });
  await service.call('POST', '/user/get-profile', { 'token-key': 'api-key', 'token-value': key.slice(0, -1) });
  await service.call('GET', `/api/v1/api-keys/${key}`, undefined, admin);
  await service.call('GET', `/api/v1/api-keys?owner=${key}`, undefined, admin);
  await call('POST', `/${id}/revoke`, { reason: 'lost' });
  await service.call('GET', '/api/v1/api-keys', undefined, { authorization: '', 'api-key': key });
  await service.app.get(ApiKeyUses).flush();

  const answers = [
    await call('GET', `/${id}`),
    await call('GET', '?limit=500'),
    await call('POST', `/${id}/revoke`, { reason: 'x' }),
  ];
  const { rows: columns } = await client.query<{ table: string; column: string }>(
    `SELECT table_name AS table, column_name AS column FROM information_schema.columns WHERE table_schema = 'public'`,
  );
  expect(columns).toContainEqual({ table: 'api_key', column: 'name' });
  const stored: string[] = [];
  for (const { table, column } of columns) {
    if (table === 'api_key_secret' && column === 'digest') continue; // the one place where a digest belongs
    const { rows } = await client.query<{ text: string | null }>(`SELECT "${column}"::text AS text FROM "${table}"`);
    stored.push(...rows.map(({ text }) => text ?? ''));
  }
  const places = {
    answers: answers.map(({ text }) => text).join('\n'),
    log: service.lines.join('\n'),
    metrics: (await service.call('GET', '/metrics')).text,
    database: stored.join('\n'),
  };
  // A net that holds nothing would catch nothing.
  for (const place of ['answers', 'database'] as const) expect(places[place]).toContain(key.slice(0, 16));
  expect(places.log).toContain('/api/v1/api-keys');
  expect(shown.length).toBeGreaterThan(50);
  for (const text of shown) {
    const digest = createHash('sha256').update(text).digest();
    const secret = text.slice(17);
    const forbidden = [
      secret,
      secret.slice(0, 20),
      digest.toString('hex'),
      digest.toString('base64'),
      digest.toString('base64url'),
    ];
    for (const [place, told] of Object.entries(places)) {
      expect([place, forbidden.filter((one) => told.includes(one))]).toEqual([place, []]);
    }
  }
});
