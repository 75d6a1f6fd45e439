import { createHash, createHmac, randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { connect } from 'node:net';
import { readRoutes } from '@warden/orthanc';
import { Keyring, type NewShare, type ShareResource, buildSharePayload, formatPython } from '@warden/tokens';
import fc from 'fast-check';
import pg from 'pg';
import { FlushAccessEvents } from '../../apps/auth-service/src/audit/access/flush-access-events.usecase.js';
import { AccessRecorder } from '../../apps/auth-service/src/audit/index.js';
import { Clock } from '../../apps/auth-service/src/platform/time/clock.js';
import { AdoptShares } from '../../apps/auth-service/src/shares/index.js';
import { type OrthancDouble, orthancIdOf, startOrthanc } from '../support/orthanc-double.js';
import { type RealmDouble, startRealm } from '../support/realm-double.js';
import { recordedEvents } from '../support/recorded-events.js';
import {
  type TestService,
  adminCredentials,
  basic,
  plainSettings,
  pluginCredentials,
  startTestService,
} from '../support/test-service.js';

/** The time of day is set back after each test, and what the service measures never is. */
class SetClock extends Clock {
  ahead = 0;
  elapsed = 0;
  now = (): number => Date.now() + this.ahead;
  monotonic = (): number => performance.now() + this.elapsed;
}

const [A, B] = ['1.2.840.1', '1.2.840.2'];
const seriesOf = (study: string): string => `${study}.1`;
const instanceOf = (study: string): string => `${study}.1.1`;
const [idA, idB] = [orthancIdOf('P', A), orthancIdOf('Q', B)];
const patientOf = (study: string): string => (study === A ? 'P' : 'Q');
const seriesId = (study: string): string => orthancIdOf(patientOf(study), study, seriesOf(study));
const instanceId = (study: string): string => orthancIdOf(patientOf(study), study, seriesOf(study), instanceOf(study));

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

let orthanc: OrthancDouble;
let realm: RealmDouble;
let clock: SetClock;
let service: TestService;
const started: TestService[] = [];

async function start(env: Record<string, string | null> = {}, moved: Clock = new SetClock()): Promise<TestService> {
  const one = await startTestService({
    clock: moved,
    env: { TRUSTED_PROXIES: '127.0.0.1', SHARE_POST: 'edge-only', ...env },
  });
  started.push(one);
  return one;
}

beforeAll(async () => {
  orthanc = await startOrthanc();
  for (const study of [A, B])
    orthanc.add({
      uid: study,
      labels: [],
      patientId: patientOf(study),
      series: { [seriesOf(study)]: [instanceOf(study)] },
    });
  realm = await startRealm({
    users: [
      { id: 'uid-doc', username: 'doctor', attributes: { 'api-key': ['TEST-doctor-key'] }, roles: ['doctor-role'] },
    ],
  });
  clock = new SetClock();
  service = await start({ ...orthanc.settings(), ...realm.settings() }, clock);
  await service.call('PUT', '/settings/roles', {
    roles: {
      'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] },
      'doctor-role': { 'authorized-labels': ['*'], permissions: ['view', 'download'] },
      'rôle, odd': { 'authorized-labels': ['*'], permissions: ['view'] },
    },
    'available-labels': [],
  });
});
beforeEach(() => {
  clock.ahead = 0;
  orthanc.mend();
});
afterAll(async () => {
  agent.destroy();
  for (const one of started) await one.close();
  await orthanc?.stop();
  await realm?.stop();
});

const keyring = Keyring.create({ signing: plainSettings.SECRET_KEY, previous: [] });
const newIdentity = (): string => randomBytes(16).toString('base64url');
const resource = (
  dicomUid: string | null,
  orthancId: string | null,
  level: ShareResource['level'] = 'study',
): ShareResource => ({ level, dicomUid, orthancId, url: null });

/** A token as this service signs them; by default of study A. */
function signed(more: Partial<NewShare> & { ends?: number } = {}, key = plainSettings.SECRET_KEY): string {
  const { ends, ...claims } = more;
  const payload = buildSharePayload({
    label: null,
    resources: [resource(A, idA)],
    type: 'stone-viewer-publication',
    expirationDate: ends === undefined ? null : formatPython(ends),
    validityDuration: null,
    jti: newIdentity(),
    issuedAt: clock.now() - 1_000,
    ...claims,
  });
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'HS256', typ: 'JWT', kid: keyring.signing.kid })}.${part(payload)}`;
  return `${text}.${createHmac('sha256', key).update(text).digest('base64url')}`;
}
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());

interface Told {
  readonly status: number;
  readonly reason: string;
  readonly headers: Record<string, string | string[] | undefined>;
}
type Headers = readonly (readonly [string, string])[];

/** Headers go out as they are, twice too. */
function send(path: string, headers: Headers, method = 'GET', on = service): Promise<Told> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(on.url);
    const outgoing = request({
      maxHeaderSize: 128 * 1024,
      hostname,
      port,
      method,
      path,
      agent,
      headers: ['host', 'x', ...headers.flat()] as never,
    });
    outgoing.on('error', reject).on('response', (response) => {
      response.resume().on('end', () => {
        const { statusCode: status = 0, headers: told } = response;
        resolve({ status, reason: String(told['x-warden-reason']), headers: told });
      });
    });
    outgoing.end();
  });
}
/** As nginx asks. */
const ask = (method: string, uri: string, headers: Headers = [], on = service): Promise<Told> =>
  send('/forward-auth', [['x-original-method', method], ['x-original-uri', uri], ...headers], 'GET', on);
const bearer = (token: string): Headers => [['authorization', `Bearer ${token}`]];
const outcome = ({ status, reason }: Told): [number, string] => [status, reason];
const passed: [number, string] = [204, 'granted'];

/** A path of the table, of the things of one study. */
function pathIn(study: string, route: string): string {
  const values: Record<string, string> = {
    '{study}': study === A ? idA : idB,
    '{series}': seriesId(study),
    '{instance}': instanceId(study),
    '{StudyInstanceUID}': study,
    '{SeriesInstanceUID}': seriesOf(study),
    '{SOPInstanceUID}': instanceOf(study),
    '{name}': '1',
    '**': 'a/b.js',
  };
  return route
    .split('/')
    .map((step) => values[step] ?? step)
    .join('/');
}
const searches = readRoutes.filter(({ search }) => search);
const things = readRoutes.filter(({ gives, search }) => gives !== 'page' && !search);
const pages = readRoutes.filter(({ gives }) => gives === 'page');

describe('a share', () => {
  const holdings: [string, ShareResource[]][] = [
    ['both ids', [resource(A, idA)]],
    ['its UID alone', [resource(A, null)]],
    ["Orthanc's id alone", [resource(null, idA)]],
    ['its patient', [resource('P', null, 'patient')]],
  ];

  it.each(holdings)('of a study by %s reads it, and no other, at every route of the table', async (_, resources) => {
    const token = signed({ resources });
    for (const { path } of things)
      for (const method of ['GET', 'HEAD']) {
        const [own, other] = await Promise.all([
          ask(method, `/shares${pathIn(A, path)}`, bearer(token)),
          ask(method, `/shares${pathIn(B, path)}`, bearer(token)),
        ]);
        expect([method, path, outcome(own)]).toEqual([method, path, passed]);
        expect([method, path, outcome(other)]).toEqual([method, path, [403, 'outside-grant']]);
        expect([own.headers['x-warden-uri'], own.headers['x-warden-upstream']]).toEqual([pathIn(A, path), 'orthanc']);
      }
  });

  it.each([
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'MKCOL',
    'get',
    'Get',
    'GETX',
    'GET, DELETE',
    '*',
  ])('is refused the method %j at every route of the table', async (method) => {
    const token = signed();
    const told = await Promise.all(
      readRoutes.map(({ path }) => ask(method, `/shares${pathIn(A, path)}`, bearer(token))),
    );
    expect(new Set(told.map(({ status, reason }) => `${status} ${reason}`))).toEqual(new Set(['403 write-refused']));
  });

  it.each([
    ...[
      '/patients',
      '/studies',
      '/series',
      '/instances',
      '/statistics',
      '/jobs',
      '/changes',
      '/exports',
      '/modalities',
    ],
    ...[
      '/peers',
      '/queries',
      '/tools',
      '/tools/execute-script',
      '/tools/reset',
      '/tools/lookup',
      '/tools/find',
      '/plugins',
    ],
    ...['/tools/metrics-prometheus', '/tools/bulk-content', '/tools/create-archive', '/labels', '/wado', '/dicom-web'],
    ...['/dicom-web/servers', '/app/explorer.html', '/ui/', '/auth/settings/roles', '/auth/tokens/decode', '/webdav/'],
    ...[`/studies/${idA}/patient`, `/studies/${idA}/labels`, `/studies/${idA}/metadata`, `/studies/${idA}/`],
    ...[`/patients/${orthancIdOf('P')}`, `/patients/${orthancIdOf('P')}/archive`, `/Studies/${idA}`, '/__proto__'],
  ])('is refused %s', async (path) => {
    expect(outcome(await ask('GET', `/shares${path}`, bearer(signed())))).toEqual([403, 'unknown-route']);
  });

  it.each<[string, string]>([
    ['a merge', `/studies/${idA}/merge`],
    ['a modification', `/studies/${idA}/modify`],
    ['an anonymization', `/studies/${idA}/anonymize`],
    ['an archive by post', `/studies/${idA}/archive`],
    ['an upload', '/instances'],
    ['STOW-RS', '/dicom-web/studies'],
    ['a script', '/tools/execute-script'],
    ['a reset', '/tools/reset'],
    ['a bulk deletion', '/tools/bulk-delete'],
    ['a look-up beneath the path', '/tools/lookup/'],
    ['a find in other letters', '/tools/Find'],
  ])('is refused %s', async (_, path) => {
    expect(outcome(await ask('POST', `/shares${path}`, bearer(signed())))).toEqual([403, 'write-refused']);
  });

  it('has what it looks up and finds answered here, and not by Orthanc', async () => {
    for (const path of ['/tools/lookup', '/tools/find']) {
      const told = await ask('POST', `/shares${path}?a=1`, bearer(signed()));
      expect([outcome(told), told.headers['x-warden-upstream'], told.headers['x-warden-uri']]).toEqual([
        passed,
        'auth-service',
        `/edge${path}?a=1`,
      ]);
    }
  });

  it.each<[string, [number, string]]>([
    [`StudyInstanceUID=${A}`, passed],
    [`0020000D=${A}&limit=1`, passed],
    [`StudyInstanceUID=${B}`, [403, 'outside-grant']],
    [`StudyInstanceUID=${A},${B}`, [403, 'outside-grant']],
    [`StudyInstanceUID=${A}%5C${B}`, [403, 'outside-grant']],
    [`StudyInstanceUID=${A}&StudyInstanceUID=${B}`, [403, 'open-search']],
    [`StudyInstanceUID=${A}&0020000D=${B}`, [403, 'open-search']],
    ['StudyInstanceUID=*', [403, 'open-search']],
    [`StudyInstanceUID=${A}*`, [403, 'open-search']],
    ['PatientID=P', [403, 'open-search']],
    ['', [403, 'open-search']],
  ])('that searches %j is told %j', async (query, expected) => {
    for (const { path } of searches) {
      const told = await ask('GET', `/shares${path}${query === '' ? '' : `?${query}`}`, bearer(signed()));
      expect([path, outcome(told)]).toEqual([path, expected]);
    }
  });

  it.each<[string, (path: string) => string, string]>([
    ['an encoded slash', (path) => path.replace('/series', '%2fseries'), 'ambiguous-path'],
    ['an encoded letter', (path) => path.replace('series', '%73eries'), 'ambiguous-path'],
    ['a letter encoded twice', (path) => path.replace('series', '%2573eries'), 'ambiguous-path'],
    ['encoded dots', (path) => `${path}/%2e%2e/%2e%2e/${idB}`, 'ambiguous-path'],
    ['dots', (path) => `${path}/../../${idB}`, 'ambiguous-path'],
    ['one dot', (path) => path.replace('/studies/', '/studies/./'), 'ambiguous-path'],
    ['a doubled slash', (path) => path.replace('/series', '//series'), 'ambiguous-path'],
    ['a doubled slash at the front', (path) => `/${path}`, 'ambiguous-path'],
    ['a backslash', (path) => path.replace('/series', '\\series'), 'ambiguous-path'],
    ['a parameter', (path) => `${path};x=y`, 'ambiguous-path'],
    ['a null character', (path) => `${path}%00`, 'ambiguous-path'],
    ['a slash at the end', (path) => `${path}/`, 'unknown-route'],
    ['another case', (path) => path.replace('/studies', '/STUDIES'), 'unknown-route'],
    ["Orthanc's id in another case", (path) => path.replace(idA, idA.toUpperCase()), 'unknown-route'],
    ['a fragment', (path) => `${path}#x`, 'not-an-address'],
    ['arguments that cannot be decoded', (path) => `${path}?x=%ff`, 'unreadable-arguments'],
  ])('is refused a path with %s', async (_, disguise, reason) => {
    const told = await ask('GET', `/shares${disguise(`/studies/${idA}/series`)}`, bearer(signed()));
    expect(outcome(told)).toEqual([403, reason]);
  });

  it.each<[string, string, Headers]>([
    ['_method', '?_method=DELETE', []],
    ['_method in other letters', '?_METHOD=DELETE', []],
    ['_method, encoded', '?%5fmethod=DELETE', []],
    ['_method without a value', '?a=1&_method', []],
    ['X-HTTP-Method-Override', '', [['X-HTTP-Method-Override', 'DELETE']]],
    ['X-HTTP-Method', '', [['X-HTTP-Method', 'PUT']]],
    ['X-Method-Override', '', [['X-Method-Override', 'PUT']]],
    ['an override that is empty', '', [['X-HTTP-Method-Override', '']]],
  ])('is refused a method that is changed by %s, and so is a user', async (_, query, headers) => {
    const doctor = realm.token({ realm_access: { roles: ['admin-role'] } });
    for (const token of [signed(), doctor]) {
      const told = await ask('GET', `/shares/studies/${idA}${query}`, [...bearer(token), ...headers]);
      expect(outcome(told)).toEqual([403, 'method-override']);
    }
  });

  it('is refused an address that is too long, and a page may have a longer one', async () => {
    const long = (length: number, path: string) => `${path}?${'a'.repeat(length - path.length - 1)}`;
    const own = `/shares/studies/${idA}`;
    expect(outcome(await ask('GET', long(8_192, own), bearer(signed())))).toEqual(passed);
    expect(outcome(await ask('GET', long(8_193, own), bearer(signed())))).toEqual([403, 'uri-too-long']);
    expect(outcome(await ask('GET', long(65_536, '/shares/ohif/viewer')))).toEqual(passed);
    expect(outcome(await ask('GET', long(65_537, '/shares/ohif/viewer')))).toEqual([403, 'uri-too-long']);
  });

  it.each([
    '/',
    '/other/studies',
    '/shares',
    `/sharesX/studies/${idA}`,
    `/SHARES/studies/${idA}`,
    `/studies/${idA}`,
    `//shares/studies/${idA}`,
  ])('is refused what is beneath none of the guarded paths: %s', async (uri) => {
    expect(outcome(await ask('GET', uri, bearer(signed())))).toEqual([403, 'unguarded-path']);
  });

  it('that may not be downloaded gives no archive, no file and no attachment, but what its viewer needs', async () => {
    const told: Record<string, string[]> = {};
    for (const type of ['stone-viewer-publication', 'ohif-viewer-publication', 'osimis-viewer-publication'])
      for (const { path, gives } of things) {
        const { reason } = await ask('GET', `/shares${pathIn(A, path)}`, bearer(signed({ noArchive: true, type })));
        expect(['granted', 'download-refused']).toContain(reason);
        if (reason === 'download-refused') (told[type] ??= []).push(gives);
      }
    const kinds = Object.entries(told).map(([type, gives]) => [type, [...new Set(gives)].sort()]);
    expect(Object.fromEntries(kinds)).toEqual({
      'stone-viewer-publication': ['archive', 'attachment', 'file'],
      'ohif-viewer-publication': ['archive', 'attachment', 'file', 'object'],
      'osimis-viewer-publication': ['archive', 'attachment', 'object'],
    });
  });
});

describe('a token', () => {
  const own = `/shares/studies/${idA}`;
  it.each<[string, () => string, [number, string]]>([
    ['that has expired', () => signed({ ends: clock.now() - 1_000 }), [401, 'expired']],
    ['that is not valid yet', () => signed({ notBefore: clock.now() + 60_000 }), [401, 'not-yet-valid']],
    ['that is gated', () => signed({ gated: true, resources: [] }), [401, 'gated']],
    ['of an unknown type', () => signed({ type: 'no-such-type' }), [401, 'unknown-type']],
    ['of somebody else', () => signed({}, 'TEST-ONLY-key-of-somebody-else-0123456789abcd'), [401, 'bad-signature']],
    ['that is none', () => 'garbage', [401, 'malformed']],
    ['that was made here for the proxy alone', () => signed({ edge: true }), [403, 'internal-token']],
    ['of nothing', () => signed({ resources: [] }), [403, 'outside-grant']],
  ])('%s is refused, and its page too', async (_, make, expected) => {
    const token = make();
    for (const uri of [own, `/shares/dicom-web/studies/${A}/metadata`])
      expect(outcome(await ask('GET', uri, [['token', token]]))).toEqual(expected);
  });

  it.each<[string, (token: string) => [string, Headers]]>([
    ['Authorization', (token) => ['', bearer(token)]],
    ['Authorization without Bearer', (token) => ['', [['authorization', token]]]],
    ['api-key', (token) => ['', [['api-key', token]]]],
    ['the header token', (token) => ['', [['token', token]]]],
    ['the argument', (token) => [`?a=%31&token=${token}&b=2`, []]],
    ['the argument, encoded', (token) => [`?a=%31&%74oken=${token}&b=2`, []]],
    ['the cookie', (token) => ['', [['cookie', `x=y; warden-token=${token}`]]]],
    ['two places, the same', (token) => [`?a=%31&token=${token}&b=2`, bearer(token)]],
    [
      'two cookies in two headers, the first',
      (token) => [
        '',
        [
          ['cookie', `warden-token=${token}`],
          ['cookie', 'a=b'],
        ],
      ],
    ],
  ])('is taken from %s, and goes no further', async (_, place) => {
    const token = signed();
    const [query, headers] = place(token);
    const told = await ask('GET', `${own}${query}`, headers);
    expect(outcome(told)).toEqual(passed);
    expect(told.headers['x-warden-uri']).toBe(`/studies/${idA}${query === '' ? '' : '?a=%31&b=2'}`);
    expect(JSON.stringify(told.headers)).not.toContain(token);
    expect([told.headers['authorization'], told.headers['api-key']]).toEqual([undefined, undefined]);
    expect(claimsOf(String(told.headers['token']))).toMatchObject({ edge: true });
  });

  it.each<[string, (one: string, two: string) => [string, Headers]]>([
    ['two headers', (one, two) => ['', [...bearer(one), ['token', two]]]],
    ['a header and the argument', (one, two) => [`?token=${two}`, bearer(one)]],
    ['the argument twice', (one, two) => [`?token=${one}&token=${two}`, []]],
    ['the argument twice, the same', (one) => [`?token=${one}&token=${one}`, []]],
    ['the argument in two spellings', (one, two) => [`?token=${one}&tok%65n=${two}`, []]],
    [
      'HTTP Basic beside it',
      (one) => [
        '',
        [
          ['authorization', adminCredentials],
          ['token', one],
        ],
      ],
    ],
    [
      "a user's beside it",
      (one) => [`?token=${one}`, bearer(realm.token({ realm_access: { roles: ['admin-role'] } }))],
    ],
  ])('is refused in %s', async (_, place) => {
    const [query, headers] = place(signed(), signed({ resources: [resource(B, idB)] }));
    for (const path of [own, `/shares/studies/${idB}`])
      expect(outcome(await ask('GET', `${path}${query}`, headers))).toEqual([403, 'several-credentials']);
  });

  it.each<[string, (one: string, two: string) => Headers]>([
    [
      'token',
      (one, two) => [
        ['token', one],
        ['token', two],
      ],
    ],
    [
      'api-key',
      (one, two) => [
        ['api-key', one],
        ['api-key', two],
      ],
    ],
  ])('is refused in the header %s twice', async (_, place) => {
    const told = await ask('GET', own, place(signed(), signed()));
    expect(told.status).toBe(401);
  });

  it('in Authorization twice is the first, and the one that goes on is ours alone', async () => {
    const [one, two] = [signed(), signed({ resources: [resource(B, idB)] })];
    const headers: Headers = [...bearer(one), ...bearer(two)];
    expect(outcome(await ask('GET', own, headers))).toEqual(passed);
    expect(outcome(await ask('GET', `/shares/studies/${idB}`, headers))).toEqual([403, 'outside-grant']);
  });
});

describe('a link that was minted elsewhere with the same key', () => {
  it('enters the registry when the guard sees it, and can be revoked there', async () => {
    const label = `elsewhere ${newIdentity()}`;
    const token = signed({ label, jti: 'no identity of ours' });
    const own = `/shares/studies/${idA}`;
    expect(outcome(await ask('GET', own, bearer(token)))).toEqual(passed);
    await service.app.get(AdoptShares).settled();
    const admin = { authorization: adminCredentials };
    const { json } = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
    const share = json.items.find((one: { label: string | null }) => one.label === label);
    expect(share).toMatchObject({ origin: 'adopted', state: 'live' });
    await service.call('POST', `/api/v1/shares/${share.id}/revoke`, { reason: 'test' }, admin);
    expect(outcome(await ask('GET', own, bearer(token)))).toEqual([401, 'revoked']);
  });
});

describe('a proxy', () => {
  const own = `/shares/studies/${idA}`;

  it.each<[string, (token: string) => [string, string, Headers]]>([
    [
      'nginx',
      (token) => ['GET', '/forward-auth', [['X-Original-Method', 'GET'], ['X-Original-URI', own], ...bearer(token)]],
    ],
    [
      'Traefik',
      (token) => ['GET', '/forward-auth', [['X-Forwarded-Method', 'GET'], ['X-Forwarded-Uri', own], ...bearer(token)]],
    ],
    ['Envoy', (token) => ['GET', `/forward-auth${own}`, bearer(token)]],
  ])('as %s is answered', async (_, make) => {
    const [method, path, headers] = make(signed());
    // Envoy takes 200 for a yes and nothing else.
    const yes = path === '/forward-auth' ? passed : [200, 'granted'];
    expect(outcome(await send(path, headers, method))).toEqual(yes);
    expect(
      outcome(
        await send(
          path.replace(own, `${own}/labels`),
          headers.map(([name, value]) => [name, value.replace(own, `${own}/labels`)]),
          method,
        ),
      ),
    ).toEqual([403, 'unknown-route']);
  });

  it('as Envoy is judged by its own method', async () => {
    expect(outcome(await send(`/forward-auth${own}`, bearer(signed()), 'DELETE'))).toEqual([403, 'write-refused']);
  });

  it.each<[string, string, Headers]>([
    ['no form', '/forward-auth', []],
    [
      'two forms',
      '/forward-auth',
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-URI', own],
        ['X-Forwarded-Method', 'GET'],
        ['X-Forwarded-Uri', own],
      ],
    ],
    [
      'one form and half of another',
      '/forward-auth',
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-URI', own],
        ['X-Forwarded-Uri', '/shares/system'],
      ],
    ],
    [
      'a form behind the path and another',
      `/forward-auth/shares/system`,
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-URI', own],
      ],
    ],
    [
      'an address twice',
      '/forward-auth',
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-URI', '/shares/system'],
        ['X-Original-URI', own],
      ],
    ],
    [
      'an address twice, one of them empty',
      '/forward-auth',
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-URI', ''],
        ['X-Original-URI', own],
      ],
    ],
    [
      'a method twice',
      '/forward-auth',
      [
        ['X-Original-Method', 'GET'],
        ['X-Original-Method', 'DELETE'],
        ['X-Original-URI', own],
      ],
    ],
  ])('that says %s is refused', async (_, path, headers) => {
    const told = await send(path, [...headers, ...bearer(signed())]);
    expect([told.status, ['no-request', 'ambiguous-request', 'not-an-address', 'write-refused']]).toEqual([
      403,
      expect.arrayContaining([told.reason]),
    ]);
  });

  it('that is not named is refused whatever it says', async () => {
    const strict = await start({ TRUSTED_PROXIES: '10.0.0.0/8' });
    const forged: Headers = [
      ['x-forwarded-for', '10.0.0.1'],
      ['x-real-ip', '10.0.0.1'],
      ['forwarded', 'for=10.0.0.1'],
    ];
    for (const headers of [bearer(signed()), []])
      expect(outcome(await ask('GET', '/shares/system', [...headers, ...forged], strict))).toEqual([
        403,
        'untrusted-proxy',
      ]);
    const nobody = await start({ TRUSTED_PROXIES: null });
    expect(outcome(await ask('GET', '/shares/system', forged, nobody))).toEqual([403, 'untrusted-proxy']);
  });

  it('gets an answer that nobody keeps, with one credential and who it is', async () => {
    const granted = await ask('GET', own, bearer(signed()));
    expect(Object.keys(granted.headers).sort()).toEqual(
      expect.arrayContaining([
        'cache-control',
        'token',
        'x-warden-id',
        'x-warden-kind',
        'x-warden-reason',
        'x-warden-upstream',
        'x-warden-uri',
      ]),
    );
    expect(granted.headers).toMatchObject({ 'cache-control': 'no-store', 'x-warden-kind': 'share' });
    const refused = await ask('GET', own);
    expect(outcome(refused)).toEqual([401, 'no-credential']);
    expect(refused.headers).toMatchObject({
      'cache-control': 'no-store',
      'www-authenticate': expect.stringMatching(/^Bearer/),
    });
    expect((await ask('DELETE', own, bearer(signed()))).headers['www-authenticate']).toBeUndefined();
  });
});

describe('nobody', () => {
  it('reads the pages of the viewers and what they read before they have a token', async () => {
    for (const { path } of pages)
      for (const method of ['GET', 'HEAD']) {
        const told = await ask(method, `/shares${pathIn(A, path)}`);
        expect([path, outcome(told), told.headers['x-warden-kind']]).toEqual([path, passed, 'public']);
        expect([told.headers['token'], told.headers['authorization'], told.headers['api-key']]).toEqual(
          Array(3).fill(undefined),
        );
      }
    const decode = await ask('POST', '/shares/auth/tokens/decode');
    expect([outcome(decode), decode.headers['x-warden-kind']]).toEqual([passed, 'public']);
  });

  it('is whoever has nothing but the cookie of a viewer that is over, and reads the pages', async () => {
    const cookies = [signed({ ends: clock.now() - 1_000 }), 'garbage'].map((token) => `warden-token=${token}`);
    for (const cookie of cookies)
      expect(outcome(await ask('GET', '/shares/ui/landing/index.html', [['cookie', cookie]]))).toEqual(passed);
  });

  it('reads nothing else, by no method', async () => {
    for (const { path } of [...things, ...searches])
      expect([path, outcome(await ask('GET', `/shares${pathIn(A, path)}`))]).toEqual([path, [401, 'no-credential']]);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH', 'get'])
      for (const { path } of pages)
        expect([method, path, outcome(await ask(method, `/shares${pathIn(A, path)}`))]).toEqual([
          method,
          path,
          [401, 'no-credential'],
        ]);
  });

  it.each([
    '/ohif/../studies',
    '/ohif/%2e%2e/studies',
    '/ohif//studies',
    '/ohif/..%2fstudies',
    '/ohif/;/studies',
    '/ohif\\..\\studies',
    '/stone-webviewer/.../x',
    `/stl/rt-struct/${instanceId(A)}`,
    '/system/',
    '/system%00',
    '/%73ystem',
    '/SYSTEM',
    '/auth/user/profile/x',
  ])('gets nowhere through the pages: %s', async (path) => {
    expect(outcome(await ask('GET', `/shares${path}`))).toEqual([401, 'no-credential']);
  });

  it.each([
    '/auth/tokens/decode/',
    '/auth/tokens/decode/x',
    '/auth//tokens/decode',
    '/auth/tokens/%64ecode',
    '/auth/tokens/stone-viewer-publication',
    '/tools/lookup',
    '/tools/find',
  ])('posts nothing but a token to be decoded: %s', async (path) => {
    expect(outcome(await ask('POST', `/shares${path}`))).toEqual([401, 'no-credential']);
  });

  it('is no user though callers without credentials are allowed', async () => {
    const open = await start({ ALLOW_UNAUTHENTICATED: 'true', ...realm.settings() });
    for (const headers of [
      [],
      bearer('garbage'),
      [['api-key', 'garbage']],
      [['authorization', basic('x', 'y')]],
    ] as Headers[])
      for (const path of ['/studies', '/tools/execute-script', `/studies/${idA}`]) {
        const told = await ask('GET', `/shares${path}`, headers, open);
        expect([told.status, told.headers['token'], told.headers['authorization']]).toEqual([
          401,
          undefined,
          undefined,
        ]);
      }
  });
});

describe('a user', () => {
  const token = (...roles: string[]) => realm.token({ realm_access: { roles } });

  it('passes with a verified token, whatever the route and the method, and the plugin judges the rest', async () => {
    const doctor = token('doctor-role');
    for (const [method, path] of [
      ['GET', '/studies'],
      ['DELETE', `/studies/${idB}`],
      ['POST', '/tools/find'],
      ['PUT', '/modalities/x'],
      ['GET', '/a%20b//c'],
    ] as const) {
      const told = await ask(method, `/shares${path}?a=%20`, bearer(doctor));
      expect([path, outcome(told)]).toEqual([path, passed]);
      expect(told.headers).toMatchObject({
        'x-warden-kind': 'user',
        'x-warden-uri': `${path}?a=%20`,
        'x-warden-upstream': 'orthanc',
        authorization: `Bearer ${doctor}`,
      });
      expect([told.headers['token'], told.headers['api-key']]).toEqual([undefined, undefined]);
    }
  });

  it('is told to other plugins in letters that every header can hold', async () => {
    const odd = realm.token({
      name: 'Ünï, "Cödé"\r\nX-Evil: 1',
      realm_access: { roles: ['rôle, odd', 'doctor-role'] },
    });
    const { headers, ...told } = await ask('GET', '/shares/studies', bearer(odd));
    expect(outcome({ headers, ...told })).toEqual(passed);
    expect(decodeURIComponent(String(headers['x-warden-name']))).toContain('Cödé');
    expect(String(headers['x-warden-roles']).split(',').map(decodeURIComponent)).toEqual(
      expect.arrayContaining(['rôle, odd', 'doctor-role']),
    );
    expect(headers['x-evil']).toBeUndefined();
    expect(String(headers['x-warden-id'])).toMatch(/^[!-~]+$/);
  });

  it('with half a character in the name passes all the same, and is no fault of ours', async () => {
    const half = realm.token({ name: 'half \ud800', realm_access: { roles: ['doctor-role', '\udfff'] } });
    expect(outcome(await ask('GET', '/shares/studies', bearer(half)))).toEqual(passed);
  });

  it('passes with an API key, as an API key', async () => {
    const body = { name: 'export', owner: { kind: 'service', name: 'exporter' }, permissions: ['view'], labels: ['*'] };
    const { json } = await service.call('POST', '/api/v1/api-keys', body, { authorization: adminCredentials });
    for (const key of [json.key as string, 'TEST-doctor-key']) {
      const told = await ask('GET', '/shares/studies', [['api-key', key]]);
      expect([outcome(told), told.headers['api-key'], told.headers['authorization'], told.headers['token']]).toEqual([
        passed,
        key,
        undefined,
        undefined,
      ]);
    }
  });

  it.each<[string, () => Headers, string]>([
    ['HTTP Basic with a wrong password', () => [['authorization', basic('admin', 'wrong')]], 'not-a-user'],
    ['HTTP Basic of nobody', () => [['authorization', basic('', '')]], 'not-a-user'],
    ['HTTP Basic behind Bearer', () => bearer(adminCredentials), 'not-a-user'],
    ['HTTP Basic as an API key', () => [['api-key', basic('admin', 'admin-pwd')]], 'not-a-user'],
    [
      'a token of another realm',
      () => bearer(realm.token({ iss: 'https://evil.example/realms/orthanc' })),
      'not-a-user',
    ],
    ['a token for somebody else', () => bearer(realm.token({ aud: 'foo', azp: 'bar' })), 'not-a-user'],
    ['a token that is over', () => bearer(realm.token({ exp: 1 })), 'not-a-user'],
    ['a token that nobody signed', () => bearer(realm.token({}, { alg: 'none' })), 'not-a-user'],
    ['an API key that is none', () => [['api-key', 'owk_aaaaaaaaaaaa_' + 'A'.repeat(43)]], 'not-a-user'],
    [
      'a header that names a user',
      () => [
        ['x-forwarded-user', 'admin'],
        ['remote-user', 'admin'],
        ['x-warden-id', 'admin'],
        ['x-warden-kind', 'user'],
      ],
      'no-credential',
    ],
  ])('is nobody with %s', async (_, headers, reason) => {
    expect(outcome(await ask('GET', '/shares/studies', headers()))).toEqual([401, reason]);
  });

  it.each<[string, Headers, [number, string]]>([
    ['one who may view', [['authorization', adminCredentials]], passed],
    ['the plugin, which is no person', [['authorization', pluginCredentials]], [403, 'not-a-user']],
    ['the landing page', [['authorization', basic('landing', 'landing-pwd')]], [403, 'not-a-user']],
    ['one who may share alone', [['authorization', basic('sharer', 'sharer-pwd')]], [403, 'not-a-user']],
    [
      'a page of another origin',
      [
        ['authorization', adminCredentials],
        ['origin', 'https://evil.example'],
        ['sec-fetch-site', 'cross-site'],
      ],
      [403, 'cross-site'],
    ],
  ])('by HTTP Basic is judged as %s', async (_, headers, expected) => {
    const told = await ask('POST', '/shares/tools/find', headers);
    expect(outcome(told)).toEqual(expected);
    expect(told.headers['authorization']).toBe(expected === passed ? adminCredentials : undefined);
  });

  it('is nobody with a token where a page or a link could have left it', async () => {
    const doctor = token('admin-role');
    for (const [query, headers] of [
      [`?token=${doctor}`, []],
      ['', [['token', doctor]]],
      ['', [['cookie', `warden-token=${doctor}`]]],
    ] as [string, Headers][])
      expect((await ask('GET', `/shares/studies${query}`, headers)).status).toBe(401);
  });

  it.each([
    '/tools/execute-script',
    '/tools/execute-script/',
    '/tools/reset',
    '/tools/shutdown',
    '/tools//reset',
    '/tools/./reset',
    '/studies/../tools/reset',
    '/tools%2freset',
    '/%74ools/%72eset',
    '/tools/%2572eset',
    '/tools/res%25252565t',
    '/tools\\reset',
    '/tools/reset;x=y',
    '/tools/reset%00',
    '/tools/reset?x',
    '/TOOLS//RESET',
    '/tools/exe%63ute-script',
    '/tools/%ff',
  ])('needs admin-permissions for %s', async (path) => {
    expect(outcome(await ask('POST', `/shares${path}`, bearer(token('doctor-role'))))).toEqual([
      403,
      'administrators-only',
    ]);
    expect(outcome(await ask('POST', `/shares${path}`, bearer(token('admin-role'))))).toEqual(passed);
  });

  it.each(['//tools/reset', '//elsewhere.example.org/x', '//'])(
    'is refused %s, which would be the address of another host',
    async (path) => {
      const refused = [403, 'ambiguous-path'];
      expect(outcome(await ask('POST', `/shares${path}`, bearer(token('admin-role'))))).toEqual(refused);
    },
  );

  it('is refused while it cannot be told who it is', async () => {
    const away = await startRealm();
    const [settings, unknown] = [away.settings(), away.token({ realm_access: { roles: [] } })];
    await away.stop();
    const own = await start(settings);
    expect(outcome(await ask('GET', '/shares/studies', bearer(unknown), own))).toEqual([403, 'identity-unavailable']);
    expect(outcome(await ask('GET', `/shares/studies/${idA}`, bearer(signed()), own))).toEqual(passed);
  });
});

describe('the archive', () => {
  const series = `/shares/series/${seriesId(A)}`;
  /** The feed of revocations was last heard of before that, and is waited for. */
  async function past(seconds: number): Promise<void> {
    clock.elapsed += seconds * 1_000;
    const end = Date.now() + 10_000;
    while ((await ask('GET', `/shares/studies/${idA}`, bearer(signed()))).status !== 204) {
      if (Date.now() > end) throw new Error('the feed did not come back');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it.each<[string, 'hang' | 'garbage' | 'wrong-shape' | { status: number }]>([
    ['never answers', 'hang'],
    ['answers garbage', 'garbage'],
    ['answers another shape', 'wrong-shape'],
    ['fails', { status: 500 }],
    ['refuses us', { status: 401 }],
  ])(
    'that %s gives nothing away, and is asked again',
    async (_, fault) => {
      const token = signed({ ends: clock.now() + 3_600_000_000 });
      // What it told is forgotten by then.
      await past(661);
      orthanc.fail(fault);
      expect(outcome(await ask('GET', series, bearer(token)))).toEqual([403, 'archive-unavailable']);
      // What names its study needs nobody.
      expect(outcome(await ask('GET', `/shares/studies/${idA}`, bearer(token)))).toEqual(passed);
      orthanc.mend();
      expect(outcome(await ask('GET', series, bearer(token)))).toEqual(passed);
      expect(outcome(await ask('GET', `/shares/series/${seriesId(B)}`, bearer(token)))).toEqual([403, 'outside-grant']);
    },
    20_000,
  );

  it('is asked once by many at the same time, and not again for a minute', async () => {
    await past(61);
    orthanc.asked.length = 0;
    const token = signed();
    const told = await Promise.all(Array.from({ length: 16 }, () => ask('GET', series, bearer(token))));
    expect(new Set(told.map(({ reason }) => reason))).toEqual(new Set(['granted']));
    const asked = orthanc.asked.length;
    expect(orthanc.asked.filter((one) => one.startsWith(`GET series/${seriesId(A)}`))).toHaveLength(1);
    await past(50);
    await ask('GET', series, bearer(token));
    expect(orthanc.asked).toHaveLength(asked);
  });

  it('is asked about nothing that its answer could not open', async () => {
    await past(61);
    orthanc.asked.length = 0;
    for (const [path, headers] of [
      [`/studies/${idB}`, bearer(signed())],
      [series.slice(7), bearer(signed({ resources: [resource('1.2', null, 'series')] }))],
      [series.slice(7), bearer(signed({ ends: clock.now() - 1_000 }))],
      [series.slice(7), bearer(signed({ resources: [] }))],
      [`${series.slice(7)}/labels`, bearer(signed())],
      [series.slice(7), []],
    ] as [string, Headers][])
      expect((await ask('GET', `/shares${path}`, headers)).reason).not.toBe('granted');
    expect(orthanc.asked).toEqual([]);
  });

  it('that is not configured is missed where a path does not say enough', async () => {
    const alone = await start();
    expect(outcome(await ask('GET', series, bearer(signed()), alone))).toEqual([403, 'archive-needed']);
    expect(
      outcome(await ask('GET', `/shares/studies/${idA}`, bearer(signed({ resources: [resource(A, null)] })), alone)),
    ).toEqual([403, 'archive-needed']);
    expect(outcome(await ask('GET', `/shares/studies/${idB}`, bearer(signed()), alone))).toEqual([
      403,
      'outside-grant',
    ]);
    expect(outcome(await ask('GET', `/shares/studies/${idA}`, bearer(signed()), alone))).toEqual(passed);
  });
});

describe('an internal token', () => {
  const own = `/shares/studies/${idA}`;
  const internalOf = async (token: string): Promise<string> =>
    String((await ask('GET', own, bearer(token))).headers['token']);
  const validate = async (token: string, method: string, more: object = {}) =>
    (
      await service.call('POST', '/tokens/validate', {
        'token-key': 'token',
        'token-value': token,
        method,
        level: 'study',
        'dicom-uid': A,
        'orthanc-id': idA,
        'server-id': null,
        ...more,
      })
    ).json;

  it('says what its share opens, that it was judged, and lives for a moment', async () => {
    const token = signed({ noArchive: true });
    const claims = claimsOf(await internalOf(token));
    expect(claims).toMatchObject({
      edge: true,
      no_archive: true,
      resources: claimsOf(token).resources,
      parent: claimsOf(token).jti,
    });
    const life = Date.parse(claims.expiration_date) - clock.now();
    expect([life > 80_000, life <= 90_000]).toEqual([true, true]);
    expect(claims.jti).not.toBe(claimsOf(token).jti);
  });

  it('serves for half a minute, and never for longer than its share', async () => {
    const token = signed();
    const first = await internalOf(token);
    clock.ahead += 29_000;
    expect(await internalOf(token)).toBe(first);
    clock.ahead += 2_000;
    expect(await internalOf(token)).not.toBe(first);
    const ends = clock.now() + 20_000;
    expect(Date.parse(claimsOf(await internalOf(signed({ ends }))).expiration_date)).toBeLessThanOrEqual(ends);
  });

  it('may look as the plugin asks, where its share may not, and writes nothing', async () => {
    const token = signed();
    const internal = await internalOf(token);
    expect([(await validate(token, 'get')).granted, (await validate(token, 'post')).granted]).toEqual([true, false]);
    expect([(await validate(internal, 'get')).granted, (await validate(internal, 'post')).granted]).toEqual([
      true,
      true,
    ]);
    expect([(await validate(internal, 'put')).granted, (await validate(internal, 'delete')).granted]).toEqual([
      false,
      false,
    ]);
    expect((await validate(internal, 'post', { 'dicom-uid': B, 'orthanc-id': idB })).granted).toBe(false);
    expect((await validate(internal, 'get', { level: 'system', uri: '/tools/lookup' })).granted).toBe(false);
  });

  it('is the only way into a share that must not be downloaded', async () => {
    const token = signed({ noArchive: true });
    expect((await validate(token, 'get')).granted).toBe(false);
    expect((await validate(await internalOf(token), 'get')).granted).toBe(true);
  });

  it('is refused when it is shown from outside, in every place, and at pages too', async () => {
    const internal = await internalOf(signed());
    for (const [uri, headers] of [
      [own, bearer(internal)],
      [own, [['api-key', internal]]],
      [own, [['token', internal]]],
      [`${own}?token=${internal}`, []],
      [own, [['cookie', `warden-token=${internal}`]]],
      ['/shares/system', bearer(internal)],
    ] as [string, Headers][])
      expect(outcome(await ask('GET', uri, headers))).toEqual([403, 'internal-token']);
  });

  it('ends with its share at once', async () => {
    const { json } = await service.call('PUT', '/tokens/stone-viewer-publication', {
      resources: [{ level: 'study', 'dicom-uid': A, 'orthanc-id': idA }],
    });
    const token = json.token as string;
    const internal = await internalOf(token);
    expect((await validate(internal, 'post')).granted).toBe(true);
    const { json: list } = await service.call('GET', '/api/v1/shares?limit=1', undefined, {
      authorization: adminCredentials,
    });
    await service.call(
      'POST',
      `/api/v1/shares/${list.items[0].id}/revoke`,
      { reason: 'test' },
      { authorization: adminCredentials },
    );
    expect(outcome(await ask('GET', own, bearer(token)))).toEqual([401, 'revoked']);
    expect((await validate(internal, 'post')).granted).toBe(false);
  });

  it('is of its own share, whoever asks beside it', async () => {
    const [one, two] = [signed(), signed({ resources: [resource(B, idB)] })];
    const [ofOne, ofTwo] = await Promise.all([
      ask('GET', own, bearer(one)),
      ask('GET', `/shares/studies/${idB}`, bearer(two)),
    ]);
    expect(claimsOf(String(ofOne.headers['token'])).resources[0].dicom_uid).toBe(A);
    expect(claimsOf(String(ofTwo.headers['token'])).resources[0].dicom_uid).toBe(B);
  });
});

describe("a viewer's token of one browser", () => {
  const own = `/shares/studies/${idA}`;
  const digest = createHash('sha256').update('browser').digest('base64url');
  const viewer = (ends: number, until = clock.now() + 8 * 3_600_000) =>
    signed({ ends, session: { digest, until }, parent: { identity: newIdentity(), issuedAt: clock.now() - 1_000 } });
  const at = (token: string, cookie: string): Headers => [...bearer(token), ['cookie', cookie]];

  it('opens there and nowhere else, its pages too', async () => {
    const token = viewer(clock.now() + 3_600_000);
    expect(outcome(await ask('GET', own, at(token, 'warden-session=browser')))).toEqual(passed);
    for (const headers of [bearer(token), at(token, 'warden-session=another'), at(token, `warden-session=${digest}`)])
      for (const uri of [own, '/shares/ohif/'])
        expect(outcome(await ask('GET', uri, headers))).toEqual([403, 'other-session']);
  });

  it('goes on while it is used, and no longer', async () => {
    const token = viewer(clock.now() + 9_000);
    const first = await ask('GET', own, at(token, 'warden-session=browser'));
    const stamp = String(first.headers['set-cookie']).split(';')[0] ?? '';
    clock.ahead += 10_000;
    expect(outcome(await ask('GET', own, at(token, 'warden-session=browser')))).toEqual([401, 'expired']);
    const cookie = `warden-session=browser; ${stamp}`;
    expect(outcome(await ask('GET', own, at(token, cookie)))).toEqual(passed);
    expect(outcome(await ask('GET', own, at(token, stamp)))).toEqual([403, 'other-session']);
    expect(outcome(await ask('GET', `/shares/studies/${idB}`, at(token, cookie)))).toEqual([403, 'outside-grant']);
    clock.ahead += 3_600_000;
    expect(outcome(await ask('GET', own, at(token, cookie)))).toEqual([401, 'expired']);
  });

  it('goes on never past the end of its visit, nor does what is made of it', async () => {
    const until = Math.floor(clock.now() / 1_000) * 1_000 + 60_000;
    const token = viewer(clock.now() + 9_000, until);
    const first = await ask('GET', own, at(token, 'warden-session=browser'));
    const cookie = `warden-session=browser; ${String(first.headers['set-cookie']).split(';')[0]}`;
    clock.ahead += 40_000;
    const late = await ask('GET', own, at(token, cookie));
    expect(outcome(late)).toEqual(passed);
    expect(Date.parse(claimsOf(String(late.headers['token'])).expiration_date)).toBeLessThanOrEqual(until);
    clock.ahead += 20_000;
    expect(outcome(await ask('GET', own, at(token, cookie)))).toEqual([401, 'expired']);
  });
});

describe('what a viewer posts', () => {
  const internalOf = async (token: string): Promise<string> =>
    String((await ask('POST', '/shares/tools/lookup', bearer(token))).headers['token']);
  const post = (path: string, token: string | null, body: string) =>
    service.call('POST', `/edge/tools/${path}`, body, {
      'content-type': 'text/plain',
      ...(token === null ? {} : { token }),
    });
  const ids = (json: { ID: string }[]) => json.map(({ ID }) => ID);

  it('is found of the shared study alone', async () => {
    const internal = await internalOf(signed());
    for (const [uid, expected] of [
      [A, [idA]],
      [seriesOf(A), [seriesId(A)]],
      [instanceOf(A), [instanceId(A)]],
      [B, []],
      [seriesOf(B), []],
      [instanceOf(B), []],
      ['P', []],
      ['*', []],
      [`${A}*`, []],
      [`${A},${B}`, []],
      ['../system', []],
    ] as [string, string[]][]) {
      const { status, json } = await post('lookup', internal, uid);
      expect([uid, status, ids(json)]).toEqual([uid, 200, expected]);
    }
  });

  it('is answered to whom the guard let in alone', async () => {
    const own = signed();
    for (const token of [null, '', 'garbage', own, realm.token(), signed({ edge: true, ends: clock.now() - 1_000 })])
      for (const path of ['lookup', 'find']) {
        const body = path === 'lookup' ? A : JSON.stringify({ Level: 'Instance', Query: { StudyInstanceUID: A } });
        expect([path, (await post(path, token, body)).status]).toEqual([path, 403]);
      }
  });

  it('finds nothing in another study, and no fault of ours in any body', async () => {
    const internal = await internalOf(signed());
    const bodies = [
      ...[
        { StudyInstanceUID: B },
        { StudyInstanceUID: `${A}\\${B}` },
        { StudyInstanceUID: '*' },
        { PatientID: 'P' },
        {},
      ].map((Query) => JSON.stringify({ Level: 'Instance', Query })),
      JSON.stringify({ Level: 'Study', Query: { StudyInstanceUID: B }, Expand: true }),
      '{"Level":"Instance","Query":{"StudyInstanceUID":"1.2.840.1"},"Query":{"StudyInstanceUID":"1.2.840.2"}}',
      '{"Level":"Instance","Query":{"__proto__":{"StudyInstanceUID":"1.2.840.1"}}}',
      ...['null', '[]', '7', '"x"', '{', '[['.repeat(500)],
    ];
    for (const body of bodies) {
      const { status, text } = await post('find', internal, body);
      expect([body, [200, 400].includes(status)]).toEqual([body, true]);
      for (const id of [idB, seriesId(B), instanceId(B)]) expect(text).not.toContain(id);
    }
  });
});

describe('the record', () => {
  async function recording(env: Record<string, string> = {}) {
    const one = await start({ ...orthanc.settings(), ...env });
    const client = new pg.Client(one.database.adminUrl);
    client.on('error', () => undefined); // dropped with the database
    await client.connect();
    const events = async () => {
      await one.app.get(FlushAccessEvents).stop();
      const all = (await recordedEvents(client)).map(({ event, text }) => {
        if (event === null) throw new Error(`nobody can read it: ${text}`);
        return event;
      });
      await client.end();
      return all.filter(({ name }) => name.startsWith('access.')) as any[];
    };
    return { one, events };
  }
  const from = (address: string, userAgent: string): Headers => [
    ['x-forwarded-for', address],
    ['user-agent', userAgent],
  ];
  const told = ({ name, actor, source, reason, detail }: any) => [
    name,
    actor.id,
    source.address,
    source.userAgent,
    reason,
    detail.method,
    detail.route ?? null,
    detail.study,
    detail.count,
  ];

  it('tells who was let in to what, from where and with what, and what was refused', async () => {
    const { one, events } = await recording();
    const token = signed();
    const { jti } = claimsOf(token);
    const here = [...bearer(token), ...from('192.0.2.1', 'Stone')];
    await ask('GET', `/shares/dicom-web/studies/${A}/metadata`, here, one);
    const own = await ask('GET', `/shares/studies/${idA}/series`, here, one);
    await ask('GET', `/shares/studies/${idA}/series`, [...bearer(token), ...from('192.0.2.2', 'Stone')], one);
    await ask('GET', `/shares/studies/${idA}/series`, [...bearer(token), ...from('192.0.2.1', 'curl')], one);
    await ask('GET', `/shares/dicom-web/studies/${B}/metadata`, here, one);
    await ask('DELETE', `/shares/studies/${idA}`, here, one);
    await ask('DELETE', `/shares/studies/${idA}`, here, one);
    await ask('GET', '/shares/patients', here, one);
    await ask(
      'GET',
      `/shares/studies/${idA}`,
      [...bearer('garbage'), ...from('192.0.2.9', 'x')].map(
        ([name, value]) => [name === 'authorization' ? 'token' : name, value] as const,
      ),
      one,
    );
    // The plugin's question about the same request is no second access.
    const question = {
      'token-key': 'token',
      'token-value': own.headers['token'],
      level: 'study',
      'dicom-uid': A,
      'orthanc-id': idA,
      'server-id': null,
    };
    for (const method of ['get', 'post'])
      expect((await one.call('POST', '/tokens/validate', { ...question, method })).json.granted).toBe(true);
    expect((await events()).map(told).sort()).toEqual(
      [
        [
          'access.disclosed',
          jti,
          '192.0.2.1',
          'Stone',
          'sharer-unknown',
          'get',
          '/dicom-web/studies/{StudyInstanceUID}/metadata',
          A,
          1,
        ],
        ['access.granted', jti, '192.0.2.1', 'Stone', 'sharer-unknown', 'get', '/studies/{study}/series', A, 1],
        ['access.disclosed', jti, '192.0.2.2', 'Stone', 'sharer-unknown', 'get', '/studies/{study}/series', A, 1],
        ['access.disclosed', jti, '192.0.2.1', 'curl', 'sharer-unknown', 'get', '/studies/{study}/series', A, 1],
        [
          'access.denied',
          jti,
          '192.0.2.1',
          'Stone',
          'outside-grant',
          'get',
          '/dicom-web/studies/{StudyInstanceUID}/metadata',
          B,
          1,
        ],
        ['access.denied', jti, '192.0.2.1', 'Stone', 'write-refused', 'delete', '/studies/{study}', idA, 2],
        ['access.denied', jti, '192.0.2.1', 'Stone', 'unknown-route', 'get', null, null, 1],
        // Of a stranger a browser's name is what he likes.
        ['access.denied', 'unknown', '192.0.2.9', null, 'malformed', 'get', '/studies/{study}', idA, 1],
      ].sort(),
    );
  });

  it('tells of every study that a search was about', async () => {
    const { one, events } = await recording();
    const both = signed({ resources: [resource(A, idA), resource(B, idB)] });
    expect(outcome(await ask('GET', `/shares/dicom-web/series?StudyInstanceUID=${A},${B}`, bearer(both), one))).toEqual(
      passed,
    );
    const studies = (await events()).flatMap(({ detail, share }) => [detail.study, ...(share?.studies ?? [])]);
    expect(studies).toEqual(expect.arrayContaining([A, B]));
  });

  it('tells the study of what was asked for by the id of a series or an instance', async () => {
    const { one, events } = await recording();
    const both = signed({ resources: [resource(A, idA), resource(B, idB)] });
    expect(outcome(await ask('GET', `/shares/instances/${instanceId(B)}/file`, bearer(both), one))).toEqual(passed);
    expect((await events()).map(({ name, detail }) => [name, detail.study])).toEqual([['access.disclosed', B]]);
  });

  it.each<[string, string, Headers]>([
    ['a method that is changed', `/shares/studies/${idA}?_method=DELETE`, []],
    ['a second credential', `/shares/studies/${idA}`, [['api-key', 'another']]],
    ['an address that cannot be read', `/shares/studies/${idA}?x=%ff`, []],
  ])('tells of a share that is refused for %s', async (_, uri, headers) => {
    const { one, events } = await recording();
    const told = await ask('GET', uri, [...bearer(signed()), ...headers], one);
    expect(told.status).toBe(403);
    expect((await events()).map(({ name, reason }) => [name, reason])).toEqual([['access.denied', told.reason]]);
  });

  it('tells of an internal token that came from outside', async () => {
    const { one, events } = await recording();
    await ask('GET', `/shares/studies/${idA}`, bearer(signed({ edge: true })), one);
    expect((await events()).map(({ name, reason }) => [name, reason])).toEqual([['access.denied', 'internal-token']]);
  });

  it('has no more events than a handful of one recipient who calls himself something else each time', async () => {
    const { one, events } = await recording();
    const token = signed();
    for (let index = 0; index < 300; index++)
      await ask('GET', `/shares/studies/${idA}`, [...bearer(token), ...from('192.0.2.1', `agent ${index}`)], one);
    expect((await events()).length).toBeLessThan(100);
  });

  it('has no more events than a handful of somebody without a token who calls himself something else each time', async () => {
    const { one, events } = await recording();
    for (let index = 0; index < 300; index++)
      await ask(
        `M${index}`,
        `/shares/studies/${idA}`,
        [['token', 'garbage'], ...from('192.0.2.1', `agent ${index}`)],
        one,
      );
    expect((await events()).length).toBeLessThan(100);
  });

  it('keeps a method of any length readable', async () => {
    const { one, events } = await recording();
    await ask('M'.repeat(5_000), `/shares/studies/${idA}`, bearer(signed()), one);
    expect((await events()).map(({ name, reason }) => [name, reason])).toEqual([['access.denied', 'write-refused']]);
  });

  it('that cannot be written stops what is given, with AUDIT_STRICT', async () => {
    const { one, events } = await recording({ AUDIT_STRICT: 'true' });
    const recorder = one.app.get(AccessRecorder);
    const mayGrant = recorder.mayGrant.bind(recorder);
    recorder.mayGrant = () => false;
    expect(outcome(await ask('GET', `/shares/studies/${idA}`, bearer(signed()), one))).toEqual([
      403,
      'audit-unavailable',
    ]);
    expect(outcome(await ask('GET', '/shares/system', bearer(signed()), one))).toEqual(passed);
    recorder.mayGrant = mayGrant;
    expect(outcome(await ask('GET', `/shares/studies/${idA}`, bearer(signed()), one))).toEqual(passed);
    expect((await events()).map(({ name, reason }) => [name, reason]).sort()).toEqual([
      ['access.denied', 'audit-unavailable'],
      ['access.disclosed', 'sharer-unknown'],
    ]);
  });
});

describe('whatever is sent', () => {
  /** On a bare connection: what a client library would mend or refuse goes out as it is. */
  function raw(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
      let answer = '';
      socket.setTimeout(5_000, () => socket.destroy(new Error(`no answer to ${JSON.stringify(text)}`)));
      socket.on('data', (data) => (answer += data.toString('latin1')));
      socket.on('error', reject).on('close', () => resolve(answer));
      socket.end(Buffer.from(text, 'latin1'));
    });
  }
  const statusOf = (answer: string): number => Number(/^HTTP\/1\.[01] (\d{3}) /.exec(answer)?.[1] ?? 0);

  const byte = fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code));
  const odd = fc.oneof(
    fc.array(byte, { maxLength: 30 }).map((bytes) => bytes.join('')),
    fc.constantFrom(
      '',
      '/',
      '//',
      '/shares/',
      `/shares/studies/${idA}`,
      '/shares/studies/%',
      '/shares/?%',
      '*',
      'http://x/shares/',
      '\t',
      '__proto__',
      'constructor',
      'Bearer ',
      'Basic',
      'a,b',
      'token=',
      '?token=a&token=b',
      '%00',
      ';;==',
      'warden-token=',
      'warden-seen-x=1.x',
    ),
  );
  const name = fc.constantFrom(
    'X-Original-Method',
    'X-Original-URI',
    'X-Forwarded-Method',
    'X-Forwarded-Uri',
    'X-Forwarded-For',
    'Authorization',
    'api-key',
    'token',
    'Cookie',
    'User-Agent',
    'X-HTTP-Method-Override',
    'X-Forwarded-Proto',
    '__proto__',
    'constructor',
    'Expect',
    'Upgrade',
    'Range',
  );
  const method = fc.constantFrom('GET', 'HEAD', 'POST', 'DELETE', 'OPTIONS', 'PROPFIND', 'TRACE', 'M-SEARCH', 'PURGE');
  const beneath = fc.oneof(
    fc.constantFrom('', '', '', '/', '/shares/system', `/shares/studies/${idA}?token=x`),
    odd.map((text) => `/${text.replace(/[^!-~]/g, '')}`),
  );

  it('is answered with 200, 204, 401 or 403, or is no request, and never fails', async () => {
    const token = signed();
    const before = service.lines.length;
    await fc.assert(
      fc.asyncProperty(
        method,
        beneath,
        fc.array(fc.tuple(name, odd), { maxLength: 6 }),
        fc.constantFrom('1.1', '1.0'),
        fc.boolean(),
        async (verb, path, headers, version, held) => {
          const lines = held
            ? [['X-Original-Method', 'GET'], ['X-Original-URI', `/shares/studies/${idA}`], ['token', token], ...headers]
            : headers;
          const answer = await raw(
            `${verb} /forward-auth${path} HTTP/${version}\r\nHost: x\r\nConnection: close\r\n${lines.map(([key, value]) => `${key}: ${value}\r\n`).join('')}\r\n`,
          );
          expect([200, 204, 401, 403, 400]).toContain(statusOf(answer));
          if (statusOf(answer) !== 400) expect(answer).toMatch(/^x-warden-reason: [a-z-]+\r$/m);
        },
      ),
      { numRuns: 400 },
    );
    expect(service.lines.slice(before).filter((line) => line.includes('guard-failed'))).toEqual([]);
  }, 60_000);

  it('is told yes by 200 where the address stands behind the path, which is what Envoy takes for a yes', async () => {
    const head = `Host: x\r\nConnection: close\r\ntoken: ${signed()}\r\n\r\n`;
    const [yes, no] = await Promise.all(
      [idA, idB].map((id) => raw(`GET /forward-auth/shares/studies/${id} HTTP/1.1\r\n${head}`)),
    );
    expect([statusOf(yes ?? ''), statusOf(no ?? '')]).toEqual([200, 403]);
    expect(yes).toMatch(/^x-warden-reason: granted\r$/m);
  });

  it.each<[string, string]>([
    ['an address in full', 'GET http://evil.example/forward-auth/shares/system HTTP/1.1\r\nHost: x\r\n'],
    [
      'an address in full, with a request',
      'GET http://x/forward-auth HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\nX-Original-URI: /shares/system\r\n',
    ],
    [
      'other letters',
      'GET /Forward-Auth HTTP/1.1\r\nHost: x\r\nX-Original-Method: GET\r\nX-Original-URI: /shares/system\r\n',
    ],
    ['a longer name', 'GET /forward-authX/shares/system HTTP/1.1\r\nHost: x\r\n'],
    ['an argument', 'GET /forward-auth?/shares/system HTTP/1.1\r\nHost: x\r\n'],
    ['a doubled slash', 'GET //forward-auth/shares/system HTTP/1.1\r\nHost: x\r\n'],
    ['an encoded letter', 'GET /%66orward-auth/shares/system HTTP/1.1\r\nHost: x\r\n'],
  ])('is no yes where the guard is named by %s', async (_, head) => {
    const status = statusOf(await raw(`${head}Connection: close\r\n\r\n`));
    expect([400, 401, 403, 404]).toContain(status);
  });

  it('answers one request at a time on a connection, and takes no body for a second one', async () => {
    const inner = `GET /forward-auth/shares/system HTTP/1.1\r\nHost: x\r\n\r\n`;
    const answer = await raw(
      `POST /forward-auth/shares/studies HTTP/1.1\r\nHost: x\r\nContent-Length: ${inner.length}\r\nConnection: close\r\n\r\n${inner}`,
    );
    expect(answer.match(/^HTTP\/1\.1 /gm)).toHaveLength(1);
    expect(statusOf(answer)).toBe(401);
  });

  it('leaves no token and no secret in a log line or a reason', async () => {
    const [share, user] = [signed(), realm.token({ realm_access: { roles: ['doctor-role'] } })];
    const secrets = [share, user, 'MARKED5f1e'];
    const told: Told[] = [];
    for (const secret of secrets)
      for (const uri of [
        `/shares/studies/${idA}`,
        `/shares/studies/${idB}`,
        '/shares/nowhere',
        `/shares/studies/${idA}?x=%ff&token=${secret}`,
        `/shares/system?token=${secret}`,
        `/other/?token=${secret}`,
      ])
        for (const headers of [
          bearer(secret),
          [['api-key', secret]],
          [['token', secret]],
          [['cookie', `warden-token=${secret}`]],
          [['authorization', `Basic ${secret}`]],
        ] as Headers[])
          told.push(await ask('GET', uri, headers));
    orthanc.fail({ status: 500 });
    clock.elapsed += 61_000;
    told.push(await ask('GET', `/shares/series/${seriesId(A)}?token=${signed()}`));
    for (const { reason, headers } of told) {
      expect(reason).toMatch(/^[a-z-]+$/);
      for (const secret of secrets) expect(String(headers['x-warden-uri'])).not.toContain(secret);
    }
    const lines = service.lines.join('\n');
    for (const secret of secrets) expect(lines.includes(secret.split('.').at(-1) ?? secret)).toBe(false);
  });
});
