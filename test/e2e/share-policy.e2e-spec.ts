import { type RealmDouble, startRealm } from '../support/realm-double.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

type Headers = Record<string, string>;

const stone = 'stone-viewer-publication';
const ohif = 'ohif-viewer-publication';
const roles = {
  roles: {
    'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
    'doctor-role': { 'authorized-labels': ['*'], permissions: ['share'] },
    'nurse-role': { 'authorized-labels': ['*'], permissions: ['share', 'view'] },
  },
  'available-labels': [],
};
const env = {
  USERS: JSON.stringify({
    ...(JSON.parse(plainSettings.USERS) as object),
    auditor: { password: 'auditor-pwd', permissions: ['audit-logs'] },
  }),
  EXTRA_TOKEN_TYPES: JSON.stringify({ 'our-viewer': {} }),
};
const admin = { authorization: adminCredentials };
const sharer = { authorization: basic('sharer', 'sharer-pwd') };
const auditor = { authorization: basic('auditor', 'auditor-pwd') };
const landing = { authorization: basic('landing', 'landing-pwd') };
const plugin = { authorization: pluginCredentials };
const nobody = { authorization: basic('admin', 'wrong') };

let realm: RealmDouble;
let service: TestService;
let replica: TestService;

beforeAll(async () => {
  realm = await startRealm({ roles: Object.keys(roles.roles).map((name) => ({ name })) });
  service = await startTestService({ env: { ...realm.settings(), ...env } });
  replica = await startTestService({ env: { ...realm.settings(), ...env }, database: service.database });
  expect((await service.call('PUT', '/auth/settings/roles', roles, admin)).status).toBe(200);
}, 60_000);
afterAll(async () => {
  await replica?.close();
  await service?.close();
  await realm?.stop();
});

const as = (...held: string[]): Headers => ({
  authorization: `Bearer ${realm.token({ sub: 'uid-1', realm_access: { roles: held } })}`,
});
const api = (method: string, path: string, body?: unknown, headers: Headers = admin, at = service) =>
  at.call(method, `/api/v1/share-policy${path}`, body, headers);
const put = (policy: unknown, more: object = {}, headers: Headers = {}) =>
  api('PUT', '', { policy, ...more }, { ...admin, ...headers });
async function inForce(rules: object[], overLimit = 'clamp'): Promise<void> {
  const answer = await put({ overLimit, rules });
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
}
const mine = async (headers: Headers, type = stone) =>
  (await api('GET', `/mine?type=${type}`, undefined, headers)).json.items[0];
const resources = [{ level: 'study', 'dicom-uid': '1.2.3' }];
const byPlugin = (more: object = {}, headers: Headers = plugin, type = stone) =>
  service.call('PUT', `/tokens/${type}`, { id: 'x', resources, ...more }, headers);
const byPerson = (more: object = {}, headers: Headers = as('doctor-role'), type = stone) =>
  service.call('PUT', `/auth/tokens/${type}`, { Resources: resources, ...more }, headers);
const codeOf = ({ status, json }: TestAnswer): [number, string] => [status, json.code];
const notAllowed = [403, 'share-not-allowed-by-policy'];

/** Seconds until the link ends, as its token says it; null: never. */
function lifeOf(answer: TestAnswer): number | null {
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  const token: string = answer.json.token ?? answer.json.Token;
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as {
    expiration_date: string | null;
  };
  const until = payload.expiration_date;
  return until === null ? null : (Date.parse(until) - Date.now()) / 1000;
}
function near(seconds: number): unknown {
  return {
    asymmetricMatch: (value: unknown) => typeof value === 'number' && value <= seconds && value > seconds - 20,
    toString: () => `near ${seconds}`,
  };
}

describe('before anybody wrote a policy', () => {
  it('has the one that is built in, as version 0, which limits nothing', async () => {
    const answer = await api('GET', '', undefined, sharer);
    expect([answer.status, answer.headers.get('etag'), answer.json]).toEqual([
      200,
      '"0"',
      { version: 0, madeAt: null, madeBy: 'built-in', reason: null, policy: { overLimit: 'clamp', rules: [] } },
    ]);
    expect((await api('GET', '/history')).json).toEqual({ items: [], next: null });
    expect((await api('GET', '/history/0')).json.code).toBe('no-such-share-policy-version');
    expect(lifeOf(await byPlugin())).toBeNull();
    const far = { 'expiration-date': '2199-01-01T00:00:00+02:00' };
    expect((await byPlugin(far)).json.request['expiration-date']).toBe('2199-01-01T00:00:00+02:00');
  });

  it('takes its ETag, once', async () => {
    const first = await put({ rules: [] }, {}, { 'if-match': '"0"' });
    expect([first.status, first.headers.get('etag')]).toEqual([200, `"${first.json.version}"`]);
    const again = await put({ rules: [] }, {}, { 'if-match': '"0"' });
    expect([...codeOf(again), again.json.detail]).toEqual([
      412,
      'share-policy-changed',
      expect.stringContaining(`Version ${first.json.version} is in force`),
    ]);
  });
});

describe('the policy', () => {
  it('is read by who may share, changed by administrators, and its history is read by auditors too', async () => {
    const body = { policy: { rules: [] } };
    const { version } = (await api('PUT', '', body)).json;
    const allowed: Record<string, [Headers, number[]]> = {
      admin: [admin, [200, 200, 200, 200, 200, 200]],
      sharer: [sharer, [200, 200, 403, 403, 403, 403]],
      doctor: [as('doctor-role'), [200, 200, 403, 403, 403, 403]],
      auditor: [auditor, [403, 200, 403, 200, 200, 403]],
      plugin: [plugin, [403, 200, 403, 403, 403, 403]],
      landing: [landing, [403, 200, 403, 403, 403, 403]],
      nobody: [nobody, [401, 401, 401, 401, 401, 401]],
    };
    for (const [name, [headers, expected]] of Object.entries(allowed)) {
      const answers = [
        await api('GET', '', undefined, headers),
        await api('GET', '/mine', undefined, headers),
        await api('PUT', '', body, headers),
        await api('GET', '/history', undefined, headers),
        await api('GET', `/history/${version}`, undefined, headers),
        await api('POST', '/restore', { version }, headers),
      ];
      expect([name, answers.map(({ status }) => status)]).toEqual([name, expected]);
    }
  });

  it('tells who wrote it, when and why, and comes into force again', async () => {
    const policy = { overLimit: 'refuse', rules: [{ roles: ['doctor-role'], types: ['our-viewer'], mint: false }] };
    const first = await put(policy, { reason: 'board decision' });
    expect(first.json).toEqual({
      version: expect.any(Number),
      madeAt: expect.stringMatching(/^\d{4}-.*Z$/),
      madeBy: 'basic:admin',
      reason: 'board decision',
      policy,
    });
    await inForce([]);
    expect((await api('GET', `/history/${first.json.version}`, undefined, auditor)).json).toEqual(first.json);
    const restored = await api('POST', '/restore', { version: first.json.version, reason: 'after all' });
    expect([restored.status, restored.json]).toEqual([
      200,
      expect.objectContaining({ policy, reason: `restored version ${first.json.version}: after all` }),
    ]);
    expect((await api('GET', '')).json).toEqual(restored.json);
    expect(codeOf(await api('POST', '/restore', { version: 999_999 }))).toEqual([404, 'no-such-share-policy-version']);
    const stale = await api('POST', '/restore', { version: first.json.version }, { ...admin, 'if-match': '"1"' });
    expect(codeOf(stale)).toEqual([412, 'share-policy-changed']);
  });

  it('pages through its history without a gap, while new versions come in', async () => {
    const newest = (await api('GET', '')).json.version;
    const found: number[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page = await api('GET', `/history?limit=2${next === '' ? '' : `&cursor=${next}`}`);
      found.push(...page.json.items.map((one: { version: number }) => one.version));
      next = page.json.next;
      await inForce([]);
    }
    expect(found).toEqual(Array.from({ length: newest }, (_, n) => newest - n));
    expect((await api('GET', '/history?limit=0')).status).toBe(400);
    expect((await api('GET', '/history?cursor=x')).status).toBe(400);
  });

  it('names every fault of what it is sent, and stays as it was', async () => {
    const before = (await api('GET', '')).text;
    const fields = async (body: unknown) => {
      const { status, json } = await api('PUT', '', body);
      return [status, json.errors?.map((one: { field: string }) => one.field)];
    };
    const rule = { roles: ['*'], types: ['viewer-instant-link'], gates: ['pin'], maxlife: 5 };
    expect(await fields({ policy: { rules: [rule], x: 1 }, reason: '', note: 'x' })).toEqual([
      400,
      ['policy.x', 'policy.rules[0].maxlife', 'policy.rules[0].gates', 'reason', 'body'],
    ]);
    expect(await fields({ rules: [] })).toEqual([400, ['policy', 'body']]);
    expect(await fields({ policy: { rules: [] }, reason: 'x'.repeat(501) })).toEqual([400, ['reason']]);
    expect((await api('PUT', '', [])).json.code).toBe('unreadable-body');
    const unknown = { roles: ['*'], types: [stone, 'stone'], viewers: ['our-viewer', '*'] };
    expect(await fields({ policy: { rules: [unknown] } })).toEqual([
      400,
      ['policy.rules[0].types[1]', 'policy.rules[0].viewers[1]'],
    ]);
    expect((await api('GET', '')).text).toBe(before);
  });

  it('reaches a second replica by the change feed', async () => {
    const { version } = (await put({ rules: [{ roles: ['*'], types: ['*'], mint: false }] })).json;
    let seen = 0;
    for (const until = Date.now() + 10_000; seen !== version && Date.now() < until;) {
      seen = (await api('GET', '', undefined, admin, replica)).json.version;
      if (seen !== version) await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect(seen).toBe(version);
    const refused = await replica.call('PUT', `/tokens/${stone}`, { id: 'x', resources });
    expect(codeOf(refused)).toEqual(notAllowed);
  });

  it('is kept over a restart', async () => {
    await inForce([{ roles: ['*'], types: ['*'], maxLife: 77 }]);
    const third = await startTestService({ env: { ...realm.settings(), ...env }, database: service.database });
    try {
      expect((await api('GET', '', undefined, admin, third)).json.policy.rules[0].maxLife).toBe(77);
    } finally {
      await third.close();
    }
  });
});

describe('what applies to a caller', () => {
  beforeAll(() =>
    inForce([
      { roles: ['*'], types: ['*'], maxLife: 900 },
      { roles: ['doctor-role'], types: [stone], maxLife: 60, gates: ['pin'] },
      { roles: ['nurse-role'], types: ['*'], maxLife: 120, gates: ['birth-date'] },
      { roles: ['plugin'], types: ['*'], mint: false },
    ]),
  );

  it('goes by the roles of a person, by * for a user of the settings, by plugin for who names no user', async () => {
    const limits = { type: stone, mint: true, defaultLife: null, withoutExpiry: false, viewers: null };
    const rest = { ...limits, reasonRequired: false };
    expect(await mine(as('doctor-role'))).toEqual({ ...rest, maxLife: 60, gates: ['pin'] });
    expect(await mine(as('doctor-role'), ohif)).toEqual({ ...rest, type: ohif, maxLife: 900, gates: [] });
    expect(await mine(as('doctor-role', 'nurse-role'))).toEqual({
      ...rest,
      maxLife: 120,
      gates: ['pin', 'birth-date'],
    });
    expect(await mine(sharer)).toEqual({ ...rest, maxLife: 900, gates: [] });
    expect(await mine(plugin)).toEqual({ ...rest, mint: false, maxLife: 900, gates: [] });
  });

  it('is told for each type of the installation, and for no other', async () => {
    const { overLimit, items } = (await api('GET', '/mine', undefined, sharer)).json;
    expect([overLimit, items.length]).toEqual(['clamp', 9]);
    expect(items.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining([stone, 'our-viewer']));
    expect(codeOf(await api('GET', '/mine?type=stone', undefined, sharer))).toEqual([400, 'unknown-token-type']);
  });
});

describe('minting under the policy', () => {
  it('is open to those whom it lets mint, by type', async () => {
    await inForce([
      { roles: ['plugin'], types: ['*'], mint: false },
      { roles: ['*'], types: ['viewer-instant-link'], mint: false },
      { roles: ['nurse-role'], types: ['viewer-instant-link'], mint: true },
    ]);
    expect(codeOf(await byPlugin())).toEqual(notAllowed);
    expect((await byPlugin({}, sharer)).status).toBe(200);
    expect((await byPerson()).status).toBe(200);
    expect(codeOf(await byPerson({}, as('doctor-role'), 'viewer-instant-link'))).toEqual(notAllowed);
    expect((await byPerson({}, as('doctor-role', 'nurse-role'), 'viewer-instant-link')).status).toBe(200);
  });

  it('sends who has to set a gate or tell a reason where that can be said', async () => {
    for (const says of [
      { gates: ['pin'] },
      { reasonRequired: true },
      { gates: ['pin', 'email-code'], reasonRequired: true },
    ]) {
      await inForce([{ roles: ['*'], types: ['*'], ...says }]);
      for (const answer of [await byPlugin(), await byPerson()]) {
        expect(codeOf(answer)).toEqual(notAllowed);
        expect(answer.json.detail).toContain('POST /api/v1/shares');
      }
      const instant = await byPerson({}, as('doctor-role'), 'viewer-instant-link');
      expect(codeOf(instant)).toEqual(notAllowed);
      expect(instant.json.detail).toContain('instant link');
    }
    await inForce([
      { roles: ['*'], types: ['*'], gates: ['pin'] },
      { roles: ['*'], types: ['viewer-instant-link'], gates: [] },
    ]);
    expect((await byPerson({}, as('doctor-role'), 'viewer-instant-link')).status).toBe(200);
  });

  it('offers only the viewers that it lists', async () => {
    await inForce([{ roles: ['doctor-role'], types: ['*'], viewers: [ohif] }]);
    expect(codeOf(await byPerson())).toEqual(notAllowed);
    expect((await byPerson({}, as('doctor-role'), ohif)).status).toBe(200);
    expect((await byPlugin()).status).toBe(200);
  });

  it('refuses before anything is stored', async () => {
    await inForce([{ roles: ['*'], types: ['*'], mint: false }]);
    const count = async () =>
      (await service.call('GET', '/api/v1/shares?limit=500', undefined, admin)).json.items.length;
    const before = await count();
    await byPlugin();
    await byPerson();
    expect(await count()).toBe(before);
  });

  it('clamps a life that is too long, or has no end, and the echo tells what became of it', async () => {
    await inForce([{ roles: ['*'], types: ['*'], maxLife: 600 }]);
    const far = '2099-01-01T00:00:00Z';
    for (const more of [{}, { 'validity-duration': 601 }, { 'expiration-date': far }, { 'validity-duration': 1e300 }]) {
      const answer = await byPlugin(more);
      expect([more, lifeOf(answer)]).toEqual([more, near(600)]);
      const { request } = answer.json;
      expect([more, (Date.parse(request['expiration-date']) - Date.now()) / 1000]).toEqual([more, near(600)]);
      expect(request['validity-duration']).toBe(600);
    }
    for (const more of [{}, { ValidityDuration: 601 }, { ExpirationDate: far }])
      expect([more, lifeOf(await byPerson(more))]).toEqual([more, near(600)]);
    const told = service.lines.filter((line) => line.includes('share-life-clamped')).map((line) => JSON.parse(line));
    expect(told.at(-1)).toMatchObject({ level: 'warn', type: stone, asked: far, seconds: 600 });
  });

  it('leaves a life alone that is within, and 0 ends at once', async () => {
    await inForce([{ roles: ['*'], types: ['*'], maxLife: 600, defaultLife: 300 }]);
    const clamped = () => service.lines.filter((line) => line.includes('share-life-clamped')).length;
    const before = clamped();
    expect(lifeOf(await byPlugin({ 'validity-duration': 100 }))).toEqual(near(100));
    expect(lifeOf(await byPlugin())).toEqual(near(300));
    expect(lifeOf(await byPerson())).toEqual(near(300));
    expect(lifeOf(await byPlugin({ 'validity-duration': 0 }))).toEqual(near(0));
    const soon = new Date(Date.now() + 500_000).toISOString();
    expect(Date.parse((await byPlugin({ 'expiration-date': soon })).json.request['expiration-date'])).toBe(
      Date.parse(soon),
    );
    expect(clamped()).toBe(before);
  });

  it('refuses what is too long, where it is told to', async () => {
    await inForce([{ roles: ['*'], types: ['*'], maxLife: 600 }], 'refuse');
    const tooLong = [400, 'share-too-long'];
    for (const more of [{}, { 'validity-duration': 601 }, { 'expiration-date': '2099-01-01T00:00:00Z' }]) {
      const answer = await byPlugin(more);
      expect([more, ...codeOf(answer)]).toEqual([more, ...tooLong]);
      expect(answer.json.detail).toContain('600 seconds');
    }
    for (const more of [{}, { ValidityDuration: 601 }, { ExpirationDate: '2099-01-01T00:00:00Z' }])
      expect([more, ...codeOf(await byPerson(more))]).toEqual([more, ...tooLong]);
    expect(lifeOf(await byPlugin({ 'validity-duration': 600 }))).toEqual(near(600));
  });

  it('gives an end by SHARE_MAX_DURATION where the policy asks for one and names no maximum', async () => {
    await inForce([{ roles: ['*'], types: ['*'], withoutExpiry: false }]);
    expect(lifeOf(await byPlugin())).toEqual(near(315_360_000));
  });

  it('repeats a clamped request with the same Idempotency-Key', async () => {
    await inForce([{ roles: ['*'], types: ['*'], maxLife: 600 }]);
    const headers = { ...plugin, 'idempotency-key': 'policy-1' };
    const first = await byPlugin({}, headers);
    expect((await byPlugin({}, headers)).json).toEqual(first.json);
  });
});
