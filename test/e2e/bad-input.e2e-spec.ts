import { connect } from 'node:net';
import fc from 'fast-check';
import pg from 'pg';
import { errorTable } from '../../apps/auth-service/src/error-table.js';
import {
  type TestAnswer,
  type TestService,
  adminCredentials,
  basic,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

const study = { level: 'study', 'dicom-uid': '1.2.3', 'orthanc-id': '11111111-22222222-33333333-44444444-55555555' };
/** Stands where a value goes; no answer may repeat it, since the value might be a secret. */
const MARK = 'MARKED-4d1f0b';
const NUL = '\u0000';
const LONE = '\ud800';

interface BodyRoute {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly credentials: string;
  /** Members that must be texts; a fault of one carries its name. */
  readonly textMembers: readonly string[];
}

let service: TestService;
let client: pg.Client;
let shareId: string;
let token: string;

beforeAll(async () => {
  service = await startTestService({
    env: {
      PUBLIC_OHIF_ROOT: null,
      EXTRA_TOKEN_TYPES: JSON.stringify({
        'inbox-link': { url: 'https://host.example/inbox?token={token}', permissions: ['upload'] },
      }),
    },
  });
  client = new pg.Client(service.database.adminUrl);
  await client.connect();
  token = (await mint({ resources: [study] })).json.token;
  shareId = await newestShare();
});
afterAll(async () => {
  await client?.end();
  await service?.close();
});

const mintPath = '/tokens/stone-viewer-publication';
const routes: readonly BodyRoute[] = [
  {
    name: 'mint',
    method: 'PUT',
    path: mintPath,
    credentials: pluginCredentials,
    textMembers: ['id', 'server-id', 'type'],
  },
  {
    name: 'validate on the lane',
    method: 'POST',
    path: '/tokens/validate',
    credentials: pluginCredentials,
    textMembers: ['token-value', 'dicom-uid', 'orthanc-id', 'server-id', 'method', 'level'],
  },
  {
    name: 'validate beside the lane',
    method: 'POST',
    path: '/tokens/validate/',
    credentials: pluginCredentials,
    textMembers: ['token-value', 'dicom-uid', 'orthanc-id', 'server-id', 'method', 'level'],
  },
  {
    name: 'decode',
    method: 'POST',
    path: '/tokens/decode',
    credentials: pluginCredentials,
    textMembers: ['token-value', 'server-id'],
  },
  {
    name: 'get-profile',
    method: 'POST',
    path: '/user/get-profile',
    credentials: pluginCredentials,
    textMembers: ['token-value', 'server-id', 'user-id'],
  },
  { name: 'PUT roles', method: 'PUT', path: '/settings/roles', credentials: adminCredentials, textMembers: [] },
  { name: 'POST roles', method: 'POST', path: '/settings/roles', credentials: adminCredentials, textMembers: [] },
  {
    name: 'revoke',
    method: 'POST',
    path: '/api/v1/shares/:id/revoke',
    credentials: adminCredentials,
    textMembers: ['reason'],
  },
];
const byName = (name: string): BodyRoute => routes.find((route) => route.name === name)!;
const pathOf = (route: BodyRoute): string => route.path.replace(':id', shareId);
const send = (route: BodyRoute, body: unknown, headers: Record<string, string> = {}): Promise<TestAnswer> =>
  service.call(route.method, pathOf(route), body, { authorization: route.credentials, ...headers });
const mint = (body: unknown, headers: Record<string, string> = {}, type = 'stone-viewer-publication') =>
  service.call('PUT', `/tokens/${type}`, body, headers);

async function newestShare(): Promise<string> {
  const list = await service.call('GET', '/api/v1/shares', undefined, { authorization: adminCredentials });
  return list.json.items[0].id;
}
async function mintedShare(): Promise<string> {
  await mint({ resources: [study] });
  return newestShare();
}

/** Everything that a bad request could have written. */
async function stored(): Promise<unknown> {
  const { rows } =
    await client.query(`SELECT (SELECT count(*) FROM share) AS shares, (SELECT count(*) FROM share_resource) AS resources,
    (SELECT count(*) FROM share WHERE revoked_at IS NOT NULL) AS revoked, (SELECT count(*) FROM role_version) AS roles,
    (SELECT count(*) FROM idempotency_key) AS keys, (SELECT count(*) FROM revocation_rule) AS rules`);
  return rows[0];
}
async function writesNothing<T>(work: () => Promise<T>): Promise<T> {
  const before = await stored();
  const result = await work();
  expect(await stored()).toEqual(before);
  return result;
}

/** RFC 9457 members, a code of the table with its status, and for faults of fields: which, what, and what to do. */
function expectProblem(answer: TestAnswer, code?: string, fields?: readonly string[]): void {
  expect([answer.status, answer.text.slice(0, 300)]).toEqual([
    answer.status,
    expect.stringContaining('urn:orthanc-warden:error:'),
  ]);
  expect(answer.status).toBeGreaterThanOrEqual(400);
  expect(answer.status).toBeLessThan(500);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.headers.get('cache-control')).toBe('no-store');
  const { json } = answer;
  const meaning = (errorTable as Record<string, { status: number; title: string }>)[json.code];
  expect(meaning).toBeDefined();
  expect(json).toMatchObject({
    type: `urn:orthanc-warden:error:${json.code}`,
    title: meaning?.title,
    status: answer.status,
    detail: expect.stringMatching(/\S/),
    instance: expect.stringMatching(/^urn:orthanc-warden:request:\S+$/),
  });
  expect(meaning?.status).toBe(answer.status);
  expect(answer.text).not.toContain(MARK);
  if (code !== undefined) expect(json.code).toBe(code);
  if (json.code === 'invalid-input') {
    expect(json.errors.length).toBeGreaterThan(0);
    for (const fault of json.errors) {
      expect(fault).toEqual({
        field: expect.any(String),
        problem: expect.stringMatching(/\S/),
        remedy: expect.stringMatching(/\S/),
      });
    }
  } else expect(json.errors).toBeUndefined();
  if (fields !== undefined)
    expect(json.errors.map((fault: { field: string }) => fault.field)).toEqual(expect.arrayContaining([...fields]));
}

/** Bytes as written, for what no HTTP library would send. Resolves when the service ends the connection or the answer is whole. */
function overTcp(chunks: readonly (string | Buffer)[]): Promise<{ status: number; head: string; body: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
    let text = '';
    const done = () => {
      const [head = '', ...rest] = text.split('\r\n\r\n');
      resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]), head, body: rest.join('\r\n\r\n') });
      socket.destroy();
    };
    const whole = () => {
      const [head, body] = text.split('\r\n\r\n');
      const length = /content-length: (\d+)/i.exec(head ?? '')?.[1];
      return body !== undefined && length !== undefined && Buffer.byteLength(body) >= Number(length);
    };
    socket.on('data', (data) => {
      text += data.toString('utf8');
      if (whole()) done();
    });
    socket.on('close', done);
    socket.on('error', (error) => (text === '' ? reject(error) : done()));
    for (const chunk of chunks) socket.write(chunk);
  });
}
const head = (method: string, path: string, headers: readonly string[]): string =>
  `${[`${method} ${path} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`;

describe.each(routes)('$name with a body that cannot be read', (route) => {
  it.each<[string, string | Uint8Array]>([
    ['nothing', ''],
    ['half an object', '{"resources": ['],
    ['text that is not JSON', `${MARK}`],
    ['single quotes', `{'id': '${MARK}'}`],
    ['a trailing comma', `{"id": "${MARK}",}`],
    ['a comment', `{"id": "${MARK}" /* why */}`],
    ['NaN', '{"validity-duration": NaN}'],
    ['a raw line break in a text', '{"id": "a\nb"}'],
    ['something behind the object', `{} ${MARK}`],
    ['two byte order marks', '\ufeff\ufeff{}'],
    [
      'bytes that are not UTF-8',
      Buffer.concat([Buffer.from('{"id": "'), Buffer.from([0xff, 0xfe, 0xc0, 0x80]), Buffer.from('"}')]),
    ],
    ['an overlong NUL', Buffer.concat([Buffer.from('{"id": "'), Buffer.from([0xc0, 0x80]), Buffer.from('"}')])],
    [
      'a surrogate in UTF-8',
      Buffer.concat([Buffer.from('{"id": "'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
    ],
    ['UTF-16', Buffer.from(`\ufeff{"id": "${MARK}"}`, 'utf16le')],
    ['a compressed stream', Buffer.from('1f8b0800000000000003ab56ca4d2dc8', 'hex')],
    ['a member named __proto__', `{"__proto__": {"id": "${MARK}"}}`],
  ])('refuses %s as unreadable', async (_name, body) => {
    const answer = await writesNothing(() => send(route, body));
    expectProblem(answer, 'unreadable-body');
    expect(answer.status).toBe(400);
  });

  it.each<[string, string]>([
    ['an array', `["${MARK}"]`],
    ['an empty array', '[]'],
    ['a number', '42'],
    ['a text', `"${MARK}"`],
    ['true', 'true'],
    ['null', 'null'],
  ])('refuses %s where an object belongs', async (_name, body) => {
    const answer = await writesNothing(() => send(route, body));
    expectProblem(answer);
    expect(answer.status).toBe(400);
  });

  it.each<[string, string]>([
    ['100,000 arrays', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['100,000 arrays in a member', `{"reason": ${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['40,000 objects', '{"a":'.repeat(40_000) + '1' + '}'.repeat(40_000)],
    [
      '30,000 objects in a member',
      `{"resources": ${'{"a":'.repeat(30_000)}1${'}'.repeat(30_000)}, "roles": {"a": ${'['.repeat(30_000)}${']'.repeat(30_000)}}}`,
    ],
  ])('lives through %s, one in another', async (_name, body) => {
    const answer = await writesNothing(() => send(route, body));
    // Unknown members are ignored by the plugin's routes, so some of these are answered.
    if (answer.status !== 200) expectProblem(answer);
    expect(answer.status).toBeLessThan(500);
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'text/json',
    'application/json-seq',
    MARK,
    'application/',
  ])('refuses the content type %s', async (type) => {
    const answer = await writesNothing(() => send(route, '{}', { 'content-type': type }));
    expectProblem(answer, 'unsupported-media-type');
  });

  it('takes a body of a byte more than 512 KiB for too large, and one of exactly that for readable', async () => {
    const sized = (bytes: number) => `{"reason": 1, "x": "${'x'.repeat(bytes - 22)}"}`;
    expect(Buffer.byteLength(sized(524_288))).toBe(524_288);
    expect((await writesNothing(() => send(route, sized(524_288)))).status).not.toBe(413);
    expectProblem(await writesNothing(() => send(route, sized(524_289))), 'body-too-large');
  });

  it('answers a megabyte with 413 before it has arrived, with and without Content-Length', async () => {
    const common = [`Authorization: ${route.credentials}`, 'Content-Type: application/json'];
    const declared = await writesNothing(() =>
      overTcp([head(route.method, pathOf(route), [...common, 'Content-Length: 1048576']), '{"id": "']),
    );
    expect(declared.status).toBe(413);
    expect(JSON.parse(declared.body).code).toBe('body-too-large');
    const block = 'x'.repeat(0x10000);
    const chunked = await writesNothing(() =>
      overTcp([
        head(route.method, pathOf(route), [...common, 'Transfer-Encoding: chunked']),
        ...Array.from({ length: 10 }, () => `10000\r\n${block}\r\n`),
      ]),
    );
    expect(chunked.status).toBe(413);
    expect(JSON.parse(chunked.body).code).toBe('body-too-large');
  });

  it('refuses whoever has no credentials without reading a byte of the body', async () => {
    for (const credentials of [
      [],
      [`Authorization: ${basic('test-user', MARK)}`],
      ['Authorization: Basic !!!'],
      [`Authorization: Bearer ${MARK}`],
    ]) {
      for (const length of ['Content-Length: 1048576', 'Transfer-Encoding: chunked']) {
        const answer = await overTcp([
          head(route.method, pathOf(route), [...credentials, 'Content-Type: application/json', length]),
        ]);
        expect(answer.status).toBe(401);
        expect(answer.head).toMatch(/www-authenticate: Basic realm=/i);
        expect(answer.head + answer.body).not.toContain(MARK);
      }
    }
  });

  it('answers all the same when a large body is pushed at it with all force', async () => {
    for (const authorization of [route.credentials, basic('nobody', 'x')]) {
      const answer = await send(route, Buffer.alloc(1_048_576, 0x20), { authorization });
      expectProblem(answer, authorization === route.credentials ? 'body-too-large' : 'not-signed-in');
    }
  });

  it('takes the last of two members of one name, and a byte order mark for none', async () => {
    const good: Record<string, string> = {
      mint: '"resources": [{"level": "study", "dicom-uid": "1.2.3"}]',
      revoke: '"reason": "sent to the wrong address"',
      'PUT roles': '"roles": {"a": ["all"]}',
      'POST roles': '"roles": {"a": ["all"]}',
    };
    const member = good[route.name] ?? '"method": "get", "level": "study", "token-value": ""';
    const name = /^"([^"]+)"/.exec(member)?.[1];
    // Revoked last and with a share of its own, so that the other tests keep theirs.
    let path = pathOf(route);
    if (route.name === 'revoke') {
      await mint({ id: 'twice', resources: [study] });
      const list = await service.call('GET', '/api/v1/shares', undefined, { authorization: adminCredentials });
      path = `/api/v1/shares/${list.json.items.find((one: { label: string }) => one.label === 'twice').id}/revoke`;
    }
    const answer = await service.call(route.method, path, `\ufeff{"${name}": 5, ${member}}`, {
      authorization: route.credentials,
    });
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
  });

  it('names every member that is not a text', async () => {
    for (const member of route.textMembers) {
      for (const value of [5, true, {}, ['x'], 1e300]) {
        const answer = await writesNothing(() =>
          send(route, { method: 'get', level: 'study', resources: [study], [member]: value }),
        );
        expectProblem(answer, 'invalid-input', [member]);
      }
    }
  });

  it('is not shaken by members called constructor, prototype or toString', async () => {
    const hostile = {
      constructor: { prototype: { granted: true, name: MARK } },
      prototype: MARK,
      toString: 5,
      hasOwnProperty: null,
      valueOf: 1,
      then: MARK,
    };
    const answer = await writesNothing(() => send(route, JSON.stringify(hostile)));
    if (answer.status !== 200) expectProblem(answer);
    expect(answer.status).toBeLessThan(500);
    expect(({} as Record<string, unknown>)['granted']).toBeUndefined();
  });

  it('never answers 5xx to random JSON, whatever the members', async () => {
    const names = fc.constantFrom(
      'id',
      'type',
      'server-id',
      'resources',
      'expiration-date',
      'validity-duration',
      'method',
      'level',
      'dicom-uid',
      'orthanc-id',
      'token-key',
      'token-value',
      'labels',
      'user-id',
      'uri',
      'roles',
      'available-labels',
      'reason',
      'dicom_uid',
      'constructor',
      '__proto__x',
    );
    const odd = fc.constantFrom<unknown>(
      NUL,
      LONE,
      `a${NUL}b`,
      '',
      ' ',
      '..',
      '__proto__',
      1e300,
      -1,
      0.1,
      -0,
      2 ** 64,
      '2030-01-01T00:00:00Z',
      'study',
      'patient',
      'get',
      '1.2.3',
      token,
      `Bearer ${token}`,
      null,
      true,
    );
    const value = fc.oneof(
      odd,
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.dictionary(names, odd, { maxKeys: 5 }), { maxLength: 3 }),
      fc.dictionary(fc.string(), fc.array(odd), { maxKeys: 3 }),
    );
    // Random JSON is now and then a good request: the share that it revokes is nobody else's.
    const path = route.path.replace(':id', await mintedShare());
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.dictionary(names, value, { maxKeys: 8 }), fc.jsonValue()), async (body) => {
        const answer = await service.call(route.method, path, JSON.stringify(body), {
          authorization: route.credentials,
        });
        if (answer.status !== 200 && answer.status !== 409) expectProblem(answer);
        expect(answer.status).toBeLessThan(500);
      }),
      { numRuns: 150 },
    );
    // The service is still the same: nothing that was sent has changed how it judges.
    expect(
      (await service.call('POST', '/tokens/validate', { method: 'get', level: 'study', 'dicom-uid': '9.9' })).json,
    ).toEqual({ granted: false, validity: 10 });
  });
});

describe('minting', () => {
  const refused = async (body: unknown, code: string, fields?: string[], type?: string) =>
    expectProblem(await writesNothing(() => mint(body, {}, type)), code, fields);

  it.each<[string, unknown, string]>([
    ['a missing list', undefined, 'resources'],
    ['null', null, 'resources'],
    ['a text', MARK, 'resources'],
    ['an object', { 0: study }, 'resources'],
    ['a text in the list', [MARK], 'resources[0]'],
    ['null in the list', [study, null], 'resources[1]'],
    ['a list in the list', [[study]], 'resources[0]'],
    ['a resource without a level', [{ 'dicom-uid': '1.2' }], 'resources[0].level'],
    ['a level of null', [{ ...study, level: null }], 'resources[0].level'],
    ['a level that is none', [{ ...study, level: MARK }], 'resources[0].level'],
    ['a level in capitals', [{ ...study, level: 'STUDY' }], 'resources[0].level'],
    ['a level that is a list', [{ ...study, level: ['study'] }], 'resources[0].level'],
    ['a uid that is a number', [{ ...study, 'dicom-uid': 1.2 }], 'resources[0].dicom-uid'],
    ['a uid with letters', [{ ...study, 'dicom-uid': `1.2.${MARK}` }], 'resources[0].dicom-uid'],
    [
      'a uid with a comma, which would be two in an address',
      [{ ...study, 'dicom-uid': '1.2,1.3' }],
      'resources[0].dicom-uid',
    ],
    ['a uid of 65 characters', [{ ...study, 'dicom-uid': '1.'.repeat(32) + '1' }], 'resources[0].dicom-uid'],
    ['a uid with a line break behind', [{ ...study, 'dicom-uid': '1.2\n' }], 'resources[0].dicom-uid'],
    ['a uid in Arabic digits', [{ ...study, 'dicom-uid': '١.٢' }], 'resources[0].dicom-uid'],
    ['a uid with a NUL', [{ ...study, 'dicom-uid': `1.2${NUL}` }], 'resources[0].dicom-uid'],
    [
      'a uid with letters, spelled with an underscore',
      [{ level: 'series', dicom_uid: `x${MARK}` }],
      'resources[0].dicom-uid',
    ],
    ['an Orthanc id that is none', [{ ...study, 'orthanc-id': MARK }], 'resources[0].orthanc-id'],
    [
      'an Orthanc id with a way out of its folder',
      [{ ...study, 'orthanc-id': '../../../../etc/passwd' }],
      'resources[0].orthanc-id',
    ],
    [
      'an Orthanc id with a line break behind',
      [{ ...study, 'orthanc-id': `${study['orthanc-id']}\n` }],
      'resources[0].orthanc-id',
    ],
    ['an address that is a number', [{ ...study, url: 5 }], 'resources[0].url'],
    ['an address with a NUL', [{ ...study, url: `https://${NUL}` }], 'resources[0].url'],
    ['an address with half a character', [{ ...study, url: LONE }], 'resources[0].url'],
    ['a patient with a NUL', [{ level: 'patient', 'dicom-uid': `P${NUL}` }], 'resources[0].dicom-uid'],
    ['a patient with half a character', [{ level: 'patient', 'dicom-uid': `P${LONE}` }], 'resources[0].dicom-uid'],
    [
      'a patient with a line break',
      [{ level: 'patient', 'dicom-uid': `P\r\nSet-Cookie: ${MARK}` }],
      'resources[0].dicom-uid',
    ],
    ['a patient of 1,025 characters', [{ level: 'patient', 'dicom-uid': 'P'.repeat(1025) }], 'resources[0].dicom-uid'],
    ['2,001 resources', Array.from({ length: 2001 }, () => ({ level: 'study' })), 'resources'],
    ['10,000 resources', Array.from({ length: 10_000 }, () => ({ level: 'study', 'dicom-uid': '1.2' })), 'resources'],
  ])('refuses as resources %s, and names the place', (_name, resources, field) =>
    refused({ id: MARK, resources }, 'invalid-input', [field]),
  );

  it.each<[string, object, string]>([
    ['an over-long label', { id: 'x'.repeat(1025) }, 'id'],
    ['a label with a NUL', { id: `a${NUL}b` }, 'id'],
    ['a label with half a character', { id: `a${LONE}` }, 'id'],
    ['a label with a terminal escape', { id: '\u001b[2J' }, 'id'],
    ['a server-id with a NUL', { 'server-id': NUL }, 'server-id'],
    ['a server-id with half a character', { 'server-id': LONE }, 'server-id'],
    ['an over-long server-id', { 'server-id': 'x'.repeat(1025) }, 'server-id'],
    ['another type than the address names', { type: 'osimis-viewer-publication' }, 'type'],
    ['a type with a NUL', { type: `stone-viewer-publication${NUL}` }, 'type'],
    ['an empty type', { type: '' }, 'type'],
    ['a negative duration', { 'validity-duration': -1 }, 'validity-duration'],
    ['a duration in quotes', { 'validity-duration': '60' }, 'validity-duration'],
    ['a fraction of a second', { 'validity-duration': 1.5 }, 'validity-duration'],
    ['a tiny fraction', { 'validity-duration': 5e-324 }, 'validity-duration'],
    ['a duration of true', { 'validity-duration': true }, 'validity-duration'],
    ['a duration in a list', { 'validity-duration': [60] }, 'validity-duration'],
    ['a date without a zone', { 'expiration-date': '2099-01-01T00:00:00' }, 'expiration-date'],
    ['a date without a time', { 'expiration-date': '2099-01-01' }, 'expiration-date'],
    ['garbage for a date', { 'expiration-date': MARK }, 'expiration-date'],
    ['an empty date', { 'expiration-date': '' }, 'expiration-date'],
    ['the 30th of February', { 'expiration-date': '2099-02-30T00:00:00Z' }, 'expiration-date'],
    ['hour 25', { 'expiration-date': '2099-01-01T25:00:00Z' }, 'expiration-date'],
    ['an offset of a hundred hours', { 'expiration-date': '2099-01-01T00:00:00+99:00' }, 'expiration-date'],
    ['the year 12099', { 'expiration-date': '+012099-01-01T00:00:00Z' }, 'expiration-date'],
    ['a date with a NUL behind', { 'expiration-date': `2099-01-01T00:00:00Z${NUL}` }, 'expiration-date'],
    ['a date in a list', { 'expiration-date': ['2099-01-01T00:00:00Z'] }, 'expiration-date'],
    ['negative seconds for a date', { 'expiration-date': -1 }, 'expiration-date'],
    ['1e300 seconds for a date', { 'expiration-date': 1e300 }, 'expiration-date'],
  ])('refuses %s, and names the member', (_name, members, field) =>
    refused({ resources: [study], ...members }, 'invalid-input', [field]),
  );

  it('reports all faults together', async () => {
    const answer = await writesNothing(() =>
      mint({
        id: NUL,
        type: MARK,
        'expiration-date': MARK,
        'validity-duration': '60',
        resources: [{ level: MARK }, 5],
      }),
    );
    expectProblem(answer, 'invalid-input', [
      'id',
      'type',
      'expiration-date',
      'validity-duration',
      'resources[0].level',
      'resources[1]',
    ]);
  });

  it.each(['1e300', '18446744073709551615', '139702643060677', '9007199254740991', '315360001'])(
    'clamps a duration of %s to the longest, and says so in the log',
    async (duration) => {
      const before = Date.now();
      const answer = await mint(`{"resources": [], "id": "long", "validity-duration": ${duration}}`);
      expect(answer.status).toBe(200);
      expect(answer.json.request['validity-duration']).toBe(315_360_000);
      const ends = Date.parse(answer.json.request['expiration-date']);
      expect(ends).toBeGreaterThanOrEqual(before + 315_360_000_000 - 1_000);
      expect(ends).toBeLessThanOrEqual(Date.now() + 315_360_000_000 + 1_000);
      expect(service.lines.some((line) => line.includes('share-duration-clamped'))).toBe(true);
    },
  );

  it('ignores an absurd duration beside a date', async () => {
    const answer = await mint({
      resources: [study],
      'expiration-date': '2099-01-01T00:00:00Z',
      'validity-duration': 1e300,
    });
    expect([answer.status, answer.json.request['expiration-date']]).toEqual([200, '2099-01-01T00:00:00Z']);
  });

  it.each(['0001-01-01T00:00:00+23:59', '9999-12-31T23:59:59.999999999-23:59', '2099-01-01 00:00:00+05:45'])(
    'keeps a date at the edge of the calendar: %s',
    async (date) => {
      const answer = await mint({ id: 'edge', resources: [study], 'expiration-date': date });
      expect(answer.status).toBe(200);
      const list = await service.call('GET', '/api/v1/shares?limit=1', undefined, { authorization: adminCredentials });
      expect(Date.parse(list.json.items[0].expiresAt)).toBe(
        Date.parse(date.replace(/\.(\d{3})\d+/, '.$1').replace(' ', 'T')),
      );
      expect(
        (await service.call('POST', '/tokens/decode', { 'token-value': answer.json.token })).json['error-code'],
      ).toBe(date.startsWith('0001') ? 'expired' : null);
    },
  );

  it("takes a patient's dicom-uid for the free text that it is", async () => {
    for (const patient of [
      'MÜLLER^ANNA=患者',
      "Robert'); DROP TABLE share;--",
      '<script>',
      '%00',
      '{}',
      '{"a":1}',
      'NULL',
      'P,1',
      '__proto__x',
      '\\',
      '"',
      'P'.repeat(256),
    ]) {
      const answer = await mint({ resources: [{ level: 'patient', 'dicom-uid': patient }] });
      expect([patient, answer.status]).toEqual([patient, 200]);
      expect(answer.json.request.resources[0]['dicom-uid']).toBe(patient);
      const question = { method: 'get', level: 'patient', 'dicom-uid': patient, 'token-value': answer.json.token };
      expect((await service.call('POST', '/tokens/validate', question)).json.granted).toBe(true);
    }
  });

  it('stores the longest legal patient id in any script, or refuses it; the index of the database decides nothing', async () => {
    let seed = 7;
    // Not compressible: repeated characters would fit the index of the database whatever their number.
    const next = () => 0x4e00 + ((seed = (seed * 48_271) % 2_147_483_647) % 20_000);
    const patient = Array.from({ length: 1024 }, () => String.fromCodePoint(next())).join('');
    const answer = await mint({ resources: [{ level: 'patient', 'dicom-uid': patient }] });
    if (answer.status !== 200) expectProblem(answer, 'invalid-input', ['resources[0].dicom-uid']);
  });

  it('mints no share whose token it would refuse itself, however many studies', async () => {
    for (const count of [1, 100, 300, 400, 1_000, 2_000]) {
      const resources = Array.from({ length: count }, (_, index) => ({
        ...study,
        'dicom-uid': `1.2.276.0.7230010.3.1.2.2344313775.14992.1458058363.${index}`,
      }));
      const answer = await mint({ resources });
      if (answer.status === 200) {
        const question = {
          method: 'get',
          level: 'study',
          'dicom-uid': resources[0]?.['dicom-uid'],
          'token-value': answer.json.token,
        };
        expect([count, (await service.call('POST', '/tokens/validate', question)).json.granted]).toEqual([count, true]);
      } else expectProblem(answer, 'invalid-input', ['resources']);
    }
  });

  it('refuses a type that it does not know, and names those that it does', async () => {
    for (const type of [
      MARK,
      'constructor',
      '__proto__',
      'toString',
      'validate',
      'decode',
      '%00',
      '..%2f..%2fapi',
      'x'.repeat(200),
      '%F0%9F%92%80',
      'STONE-viewer-publication',
      'stone-viewer-publication%20',
    ]) {
      const answer = await writesNothing(() => mint({ resources: [study] }, {}, type));
      expectProblem(answer, 'unknown-token-type');
      expect(answer.json.detail).toContain('stone-viewer-publication');
      expect(answer.json.detail).toContain('inbox-link');
    }
  });

  it('refuses a type whose viewer is not configured, and names the setting', async () => {
    for (const [type, setting] of [
      ['ohif-viewer-publication', 'PUBLIC_OHIF_ROOT'],
      ['meddream-instant-link', 'PUBLIC_MEDDREAM_ROOT'],
      ['meddream-viewer-publication', 'PUBLIC_MEDDREAM_ROOT'],
    ] as const) {
      const answer = await writesNothing(() => mint({ resources: [study] }, {}, type));
      expectProblem(answer, 'viewer-not-configured');
      expect(answer.json.detail).toContain(setting);
    }
  });

  it.each([
    ['nothing', ''],
    ['a space', 'a b'],
    ['256 characters', 'k'.repeat(256)],
    ['a letter beyond ASCII', 'cl\u00e9'],
    ['a comma list of two headers', 'a, b'],
  ])('refuses as Idempotency-Key %s', (_name, key) =>
    writesNothing(async () =>
      expectProblem(await mint({ resources: [study] }, { 'idempotency-key': key }), 'invalid-input', [
        'Idempotency-Key',
      ]),
    ),
  );

  it('takes a key that looks like SQL for the text that it is', async () => {
    const key = { 'idempotency-key': "';--%00$1\\x00{}" };
    const [first, second] = [await mint({ resources: [study] }, key), await mint({ resources: [study] }, key)];
    expect([first.status, second.json.token]).toEqual([200, first.json.token]);
  });
});

describe('a hostile token', () => {
  const forms = (): [string, unknown][] => [
    ['nothing', ''],
    ['null', null],
    ['dots', '...'],
    ['one dot', '.'],
    ['a NUL', `${token}${NUL}`],
    ['a NUL alone', NUL],
    ['half a character', LONE],
    ['a space behind', `${token} `],
    ['a line break behind', `${token}\n`],
    ['two tokens', `${token}, ${token}`],
    ['two paddings', `${token}==`],
    ['no signature', `${token.split('.').slice(0, 2).join('.')}.`],
    ['alg none', `${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
    ['300,000 characters', 'a'.repeat(300_000)],
    ['300,000 dots', '.'.repeat(300_000)],
    ['a header of 30,000 arrays', `${Buffer.from('['.repeat(30_000)).toString('base64url')}.e30.`],
    ['Bearer of Bearer', `Bearer Bearer ${token}`],
    ['a marked text', MARK],
  ];

  it('is refused by validate with 200, on the lane and beside it', async () => {
    for (const [name, value] of forms()) {
      for (const path of ['/tokens/validate', '/tokens/validate/']) {
        const answer = await service.call('POST', path, {
          method: 'get',
          level: 'study',
          'dicom-uid': '1.2.3',
          'token-value': value,
        });
        expect([name, answer.status, answer.text]).toEqual([name, 200, '{"granted":false,"validity":10}']);
      }
    }
  });

  it('is answered by decode with 200 and an error code', async () => {
    for (const [name, value] of forms()) {
      const answer = await service.call('POST', '/tokens/decode', { 'token-value': value });
      expect([name, answer.status, answer.json?.['error-code'], answer.json?.resources]).toEqual([
        name,
        200,
        'invalid',
        [],
      ]);
    }
  });

  it('stands for the anonymous profile', async () => {
    for (const [name, value] of forms()) {
      const answer = await service.call('POST', '/user/get-profile', { 'token-key': 'token', 'token-value': value });
      expect([name, answer.status, answer.json?.permissions, answer.json?.validity]).toEqual([name, 200, [], 60]);
    }
  });
});

describe('validating', () => {
  const ask = (question: object, path = '/tokens/validate') =>
    service.call('POST', path, { method: 'get', level: 'study', 'token-value': token, ...question });

  it('takes an odd id for one that is not shared, never for an error', async () => {
    for (const id of [
      '',
      ' ',
      'abc',
      '1.2.3 ',
      '1.2.3\n',
      NUL,
      LONE,
      '%',
      '..',
      "' OR 1=1",
      'constructor',
      '__proto__',
      '1'.repeat(100_000),
    ]) {
      for (const path of ['/tokens/validate', '/tokens/validate/']) {
        for (const member of ['dicom-uid', 'orthanc-id', 'server-id', 'uri']) {
          const answer = await ask(
            { [member]: id, ...(member === 'server-id' || member === 'uri' ? { 'dicom-uid': '9.9' } : {}) },
            path,
          );
          expect([member, id.slice(0, 20), answer.status, answer.json?.granted]).toEqual([
            member,
            id.slice(0, 20),
            200,
            false,
          ]);
        }
      }
    }
  });

  it.each<[string, object, string]>([
    ['a missing method', { method: undefined }, 'method'],
    ['a method of null', { method: null }, 'method'],
    ['a method that is none', { method: MARK }, 'method'],
    ['a level that is none', { level: MARK }, 'level'],
    ['labels that are a text', { labels: MARK }, 'labels'],
    ['labels that are an object', { labels: { 0: 'a' } }, 'labels'],
    ['a label that is a number', { labels: ['a', 5] }, 'labels'],
  ])('refuses %s', async (_name, question, field) => {
    for (const path of ['/tokens/validate', '/tokens/validate/'])
      expectProblem(await ask(question, path), 'invalid-input', [field]);
  });

  it('takes a missing level, and one of null, for any level', async () => {
    for (const level of [undefined, null])
      expect((await ask({ level, 'dicom-uid': '1.2.3' })).json).toEqual({ granted: true, validity: 10 });
  });

  it('says the same on the lane and beside it, byte for byte but for the request', async () => {
    const bodies: unknown[] = [
      '',
      '[',
      '[]',
      '{}',
      '5',
      { method: 'get' },
      { method: MARK, level: 5, labels: 3 },
      { method: 'get', level: 'study', 'dicom-uid': '1.2.3', 'token-value': token },
    ];
    for (const body of bodies) {
      const [lane, beside] = [
        await service.call('POST', '/tokens/validate', body),
        await service.call('POST', '/tokens/validate/', body),
      ];
      const same = ({ status, text, headers }: TestAnswer) => [
        status,
        text.replace(/request:[^"]+/, ''),
        headers.get('content-type'),
      ];
      expect(same(lane)).toEqual(same(beside));
    }
  });

  it('takes the empty Expect header that the plugin sends for none', async () => {
    const body = JSON.stringify({ method: 'get', level: 'study', 'dicom-uid': '1.2.3', 'token-value': token });
    const answer = await overTcp([
      head('POST', '/tokens/validate', [
        `Authorization: ${pluginCredentials}`,
        'Expect: ',
        `Content-Length: ${body.length}`,
        'Connection: close',
      ]),
      body,
    ]);
    expect([answer.status, answer.body]).toEqual([200, '{"granted":true,"validity":10}']);
  });

  it('reads a body in many small chunks without Content-Length, as the plugin sends it', async () => {
    const body = JSON.stringify({
      method: 'get',
      level: 'study',
      'dicom-uid': '1.2.3',
      'token-value': token,
      labels: ['é'],
    });
    const bytes = Buffer.from(body);
    const chunks = [...bytes].map((byte) =>
      Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]),
    );
    const answer = await overTcp([
      head('POST', '/tokens/validate', [`Authorization: ${pluginCredentials}`, 'Transfer-Encoding: chunked']),
      ...chunks,
      '0\r\n\r\n',
    ]);
    expect([answer.status, answer.body]).toEqual([200, '{"granted":true,"validity":10}']);
  });
});

describe('revoking', () => {
  const revoke = byName('revoke');

  it.each<[string, object]>([
    ['no reason', {}],
    ['a reason of null', { reason: null }],
    ['an empty reason', { reason: '' }],
    ['501 characters', { reason: 'x'.repeat(501) }],
    ['a NUL', { reason: `a${NUL}` }],
    ['half a character, which no database keeps', { reason: `a${LONE}b` }],
    ['a list', { reason: ['why'] }],
  ])('refuses %s as the reason', async (_name, body) => {
    expectProblem(await writesNothing(() => send(revoke, body)), 'invalid-input', ['reason']);
  });

  it('says of a missing reason that it is missing, and not that it holds a NUL', async () => {
    const { json } = await send(revoke, {});
    expect(json.errors).toHaveLength(1);
    expect(json.errors[0].problem).not.toContain('NUL');
    expect(json.errors[0].remedy).toContain('1 to 500 characters');
  });

  it('refuses members that it does not know', async () => {
    expectProblem(await writesNothing(() => send(revoke, { reason: 'why', revokedBy: MARK })), 'invalid-input', [
      'revokedBy',
    ]);
  });

  it('answers an id that is none like that of a share that is not there', async () => {
    for (const id of [
      '1',
      'null',
      MARK,
      '%00',
      '%27',
      '..%2f',
      '{id}',
      ':id',
      '*',
      '00000000-0000-0000-0000-000000000000',
      `${'f'.repeat(8)}-ffff-ffff-ffff-${'f'.repeat(12)}`,
      `${shareId}%0a`,
      `${shareId}x`,
      'x'.repeat(200),
    ]) {
      const admin = { authorization: adminCredentials };
      expectProblem(
        await writesNothing(() => service.call('POST', `/api/v1/shares/${id}/revoke`, { reason: 'why' }, admin)),
        'share-not-found',
      );
      expectProblem(await service.call('GET', `/api/v1/shares/${id}`, undefined, admin), 'share-not-found');
    }
  });
});

describe('listing', () => {
  const list = (query: string) =>
    service.call('GET', `/api/v1/shares${query}`, undefined, { authorization: adminCredentials });

  it.each([
    ['limit', '?limit=0'],
    ['limit', '?limit=-1'],
    ['limit', '?limit=501'],
    ['limit', '?limit=1.5'],
    ['limit', '?limit=abc'],
    ['limit', '?limit='],
    ['limit', '?limit=1e300'],
    ['limit', '?limit=Infinity'],
    ['limit', '?limit=1&limit=2'],
    ['limit', '?limit=%00'],
    ['cursor', '?cursor='],
    ['cursor', '?cursor=x'],
    ['cursor', '?cursor=AZqMyhNxcAC5vB3i1bYkJg=='],
    ['cursor', "?cursor=';drop%20table%20share;"],
    ['cursor', '?cursor=%00'],
    ['cursor', '?cursor=AZqMyhNxcAC5vB3i1bYkJg&cursor=AZqMyhNxcAC5vB3i1bYkJg'],
    ['page', '?page=2'],
    ['limit[]', '?limit[]=5'],
  ])('refuses %s in %s', async (field, query) => {
    expectProblem(await list(query), 'invalid-input', [field]);
  });

  it('repeats no value of the query', async () => {
    for (const name of ['limit', 'cursor', 'page'])
      expectProblem(await list(`?${name}=${MARK}`), 'invalid-input', [name]);
  });

  it.each([
    '?__proto__=1',
    '?constructor=1',
    '?&&&',
    '?=',
    '?%zz',
    '?cursor=_____________________w',
    `?${'a=1&'.repeat(1500)}`,
  ])('never answers 5xx to %s', async (query) => {
    const answer = await list(query);
    if (answer.status !== 200) expectProblem(answer);
  });
});

describe('an address that is not there', () => {
  it.each([
    ['GET', '/tokens/validate', ['POST']],
    ['DELETE', '/tokens/stone-viewer-publication', ['PUT']],
    ['PATCH', '/settings/roles', ['GET', 'PUT', 'POST']],
    ['GET', '/user/get-profile', ['POST']],
    ['PUT', '/api/v1/shares', ['GET', 'POST']],
    ['DELETE', '/api/v1/shares/019a8cca-1371-7000-b9bc-1de2d5b62426', ['GET', 'PATCH']],
    ['GET', '/api/v1/shares/019a8cca-1371-7000-b9bc-1de2d5b62426/revoke', ['POST']],
    ['POST', '/health/live', ['GET']],
    ['OPTIONS', '/tokens/decode', ['POST']],
    ['PUT', '/metrics', ['GET']],
  ])('answers %s %s with 405 and what is allowed', async (method, path, allowed) => {
    const answer = await writesNothing(() => service.call(method, path));
    expectProblem(answer, 'method-not-allowed');
    const allow = answer.headers.get('allow')?.split(', ') ?? [];
    expect(allow).toEqual(expect.arrayContaining(allowed));
    // What answers 405 to a method cannot allow it (RFC 9110 section 15.5.6).
    expect(allow).not.toContain(method);
  });

  it.each([
    '/',
    '/tokens',
    `/${MARK}`,
    `/tokens/a/${MARK}`,
    '/api/v1',
    '/api/v1/shares/x/y/z',
    '//tokens/validate',
    '/TOKENS/VALIDATE',
    '/tokens/validate;x=1',
    '/.env',
    '/docs/..%2f..%2fpackage.json',
    '/docs/%2e%2e%2fpackage.json',
    '/docs/constructor',
    '/docs/__proto__',
  ])('answers GET %s with 404, and repeats nothing of it', async (path) => {
    const answer = await overTcp([head('GET', path, ['Connection: close'])]);
    if (answer.status === 405) expect(answer.body).toContain('method-not-allowed');
    else expect([answer.status, answer.body]).toEqual([404, expect.stringContaining('no-such-route')]);
    expect(answer.body).not.toContain(MARK);
  });

  it.each([
    ['a broken escape', `/tokens/%zz${MARK}`],
    ['a parameter of 300 characters', `/tokens/${MARK}${'x'.repeat(300)}`],
    ['an escape that is not UTF-8', `/tokens/%ff${MARK}`],
    ['a line of 200,000 characters', `/tokens/${MARK}${'x'.repeat(200_000)}`],
  ])('answers %s in the address with a problem document that does not repeat it', async (_name, path) => {
    for (const method of ['PUT', 'GET'])
      expectProblem(await service.call(method, path, method === 'PUT' ? { resources: [study] } : undefined));
  });

  it.each([
    ['a line that is not HTTP', `${MARK}\r\n\r\n`],
    ['two lengths', `POST /tokens/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}`],
    [
      'a length and chunks, which two servers would read differently',
      `POST /tokens/validate HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}`,
    ],
    ['a length that is no number', `POST /tokens/validate HTTP/1.1\r\nHost: x\r\nContent-Length: ${MARK}\r\n\r\n{}`],
    [
      'headers of 200,000 characters',
      `GET /health/live HTTP/1.1\r\nHost: x\r\nX-Long: ${MARK}${'x'.repeat(200_000)}\r\n\r\n`,
    ],
  ])('answers %s with a problem document', async (_name, text) => {
    const answer = await overTcp([text]);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(answer.head).toMatch(/content-type: application\/problem\+json/i);
    expect(Object.keys(errorTable)).toContain(JSON.parse(answer.body).code);
    expect(answer.head + answer.body).not.toContain(MARK);
  });
});
