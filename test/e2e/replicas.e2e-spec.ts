import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import { type Server, type Socket, connect, createServer } from 'node:net';
import pg from 'pg';
import { Database } from '../../apps/auth-service/src/platform/database/database.js';
import { SystemClock } from '../../apps/auth-service/src/platform/time/clock.js';
import { AdoptShares } from '../../apps/auth-service/src/shares/index.js';
import { TokenKeys } from '../../apps/auth-service/src/tokens/index.js';
import { type TestDatabase, createTestDatabase } from '../support/test-cluster.js';
import {
  type TestService,
  type TestServiceOptions,
  adminCredentials,
  plainSettings,
  startTestService,
} from '../support/test-service.js';

const KEY = plainSettings.SECRET_KEY;
const OLD_KEY = 'TEST-ONLY-earlier-secret-key-0123456789abcdef';
const admin = { authorization: adminCredentials };

let uidCount = 0;
const freshUid = (): string => `1.2.840.${Date.now()}.${++uidCount}`;

/** A token as another minter writes it with the same key. */
function foreignToken(payload: object, key = KEY, header: object = { alg: 'HS256', typ: 'JWT' }): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const signed = `${part(header)}.${part(payload)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}
const generation1 = (uid: string, more: object = {}) => ({
  id: 'one',
  dicom_uid: uid,
  orthanc_id: null,
  type: 'stone-viewer-publication',
  expiration_date: null,
  ...more,
});
const generation2 = (uid: string, more: object = {}) => ({
  id: 'two',
  studies: [{ dicom_uid: uid, orthanc_id: null }],
  type: 'stone-viewer-publication',
  expiration_date: null,
  ...more,
});
const generation3 = (uid: string, more: object = {}) => ({
  id: 'three',
  resources: [{ dicom_uid: uid, orthanc_id: null, url: null, level: 'study' }],
  type: 'stone-viewer-publication',
  expiration_date: null,
  validity_duration: null,
  ...more,
});

async function mint(
  service: TestService,
  uid: string,
  more: object = {},
  headers: Record<string, string> = {},
): Promise<{ token: string; id: string }> {
  const label = randomUUID();
  const answer = await service.call(
    'PUT',
    '/tokens/stone-viewer-publication',
    { id: label, resources: [{ level: 'study', 'dicom-uid': uid }], ...more },
    headers,
  );
  expect([answer.status, answer.text]).toEqual([200, answer.text]);
  const list = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
  return { token: answer.json.token, id: list.json.items.find((one: { label: string }) => one.label === label)?.id };
}
async function ask(
  service: TestService,
  token: string,
  uid: string,
  more: object = {},
): Promise<{ granted: boolean; validity: number }> {
  const answer = await service.call('POST', '/tokens/validate', {
    method: 'get',
    level: 'study',
    'dicom-uid': uid,
    'token-value': token,
    ...more,
  });
  expect(answer.status).toBe(200);
  return answer.json;
}
const granted = async (service: TestService, token: string, uid: string, more: object = {}): Promise<boolean> =>
  (await ask(service, token, uid, more)).granted;
const revoke = async (service: TestService, id: string): Promise<void> => {
  expect((await service.call('POST', `/api/v1/shares/${id}/revoke`, { reason: 'test' }, admin)).status).toBe(200);
};
/** Waits for what must come; the test's own time limit ends it. Returns the milliseconds that it took. */
async function until(condition: () => Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
  return performance.now() - start;
}

/** Services on one database, closed and dropped together. */
class House {
  private readonly services: TestService[] = [];
  private readonly clients: pg.Client[] = [];
  constructor(readonly database: TestDatabase) {}
  static async build(): Promise<House> {
    return new House(await createTestDatabase());
  }
  async service(options: TestServiceOptions = {}): Promise<TestService> {
    const service = await startTestService({ database: this.database, ...options });
    this.services.push(service);
    return service;
  }
  async client(): Promise<pg.Client> {
    const client = new pg.Client(this.database.ownerUrl);
    client.on('error', () => undefined); // dropped with the database
    await client.connect();
    this.clients.push(client);
    return client;
  }
  async end(): Promise<void> {
    await Promise.all(this.services.map((service) => service.close()));
    await Promise.all(this.clients.map((client) => client.end()));
    await this.database.drop();
  }
}
async function inHouse(work: (house: House) => Promise<void>): Promise<void> {
  const house = await House.build();
  try {
    await work(house);
  } finally {
    await house.end();
  }
}

/** The statements of a revocation, in a transaction that the test ends when it likes. */
async function beginRevocation(client: pg.Client, id: string): Promise<void> {
  await client.query('BEGIN');
  const { rows } = await client.query<{ token_id: Buffer }>(
    `UPDATE share SET revoked_at = now(), revoked_by = 'test', revoke_reason = 'test' WHERE id = $1 RETURNING token_id`,
    [id],
  );
  const identity = rows[0]?.token_id.toString('base64url');
  await client.query('INSERT INTO change (topic, payload) VALUES ($1, $2)', [
    'shares-revoked',
    JSON.stringify({ shares: [{ identity, expiresAt: null }] }),
  ]);
}

describe('two replicas on one database', () => {
  it('refuse on the one within a second what was revoked on the other', () =>
    inHouse(async (house) => {
      const [a, b] = [await house.service(), await house.service()];
      const uid = freshUid();
      const { token, id } = await mint(a, uid);
      expect(await granted(b, token, uid)).toBe(true);
      await revoke(a, id);
      expect(await granted(a, token, uid)).toBe(false);
      expect(await until(async () => !(await granted(b, token, uid)))).toBeLessThan(1_000);
      expect((await b.call('POST', '/tokens/decode', { 'token-value': token })).json).toMatchObject({
        'error-code': 'invalid',
        reason: 'revoked',
        resources: [],
        'redirect-url': null,
      });
      expect(await granted(b, `${token}=`, uid)).toBe(false);
      expect(await granted(b, `Bearer ${token}`, uid)).toBe(false);
    }));

  it('refuse within the poll period when the notification channel is cut', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const polling = await house.service({ listen: false, env: { REVOCATION_POLL: '1' } });
      const deaf = await house.service({ listen: false, env: { REVOCATION_POLL: '250' } });
      const uid = freshUid();
      const { token, id } = await mint(a, uid);
      expect(await granted(polling, token, uid)).toBe(true);
      await revoke(a, id);
      // Half a second for the questions themselves, on a machine that does other things too.
      expect(await until(async () => !(await granted(polling, token, uid)))).toBeLessThan(1_500);
      // Who neither listens nor polls knows nothing yet: the channel really was cut.
      expect(await granted(deaf, token, uid)).toBe(true);
    }));

  it.each([true, false])('see a revocation that commits late, after a younger one (notified: %s)', (listen) =>
    inHouse(async (house) => {
      const a = await house.service();
      const b = await house.service({ listen, env: { REVOCATION_POLL: '1' } });
      const [slow, uidOld, uidYoung] = [await house.client(), freshUid(), freshUid()];
      const [old, young] = [await mint(a, uidOld), await mint(a, uidYoung)];
      await beginRevocation(slow, old.id);
      await revoke(a, young.id);
      await until(async () => !(await granted(b, young.token, uidYoung)));
      expect(await granted(b, old.token, uidOld)).toBe(true);
      // A further one, so that the feed has looked twice and moved on.
      const third = await mint(a, uidYoung);
      await revoke(a, third.id);
      await until(async () => !(await granted(b, third.token, uidYoung)));
      await slow.query('COMMIT');
      await until(async () => !(await granted(b, old.token, uidOld)));
      await until(async () => !(await granted(a, old.token, uidOld)));
    }),
  );

  it('see a revocation that began before they started and commits afterwards', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const [slow, uid] = [await house.client(), freshUid()];
      const { token, id } = await mint(a, uid);
      await beginRevocation(slow, id);
      const b = await house.service({ listen: false, env: { REVOCATION_POLL: '1' } });
      expect(await granted(b, token, uid)).toBe(true);
      await slow.query('COMMIT');
      await until(async () => !(await granted(b, token, uid)));
    }));

  it('never see a revocation that was rolled back', () =>
    inHouse(async (house) => {
      const [a, b] = [await house.service(), await house.service({ env: { REVOCATION_POLL: '1' } })];
      const [slow, uid, uidYoung] = [await house.client(), freshUid(), freshUid()];
      const [kept, young] = [await mint(a, uid), await mint(a, uidYoung)];
      await beginRevocation(slow, kept.id);
      await slow.query('ROLLBACK');
      await revoke(a, young.id);
      await until(async () => !(await granted(b, young.token, uidYoung)));
      expect(await granted(b, kept.token, uid)).toBe(true);
      expect(await granted(a, kept.token, uid)).toBe(true);
    }));

  it('refuse after a restart what was revoked before it', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const [uid, legacyUid] = [freshUid(), freshUid()];
      const { token, id } = await mint(a, uid);
      const legacy = foreignToken(generation1(legacyUid));
      expect(await granted(a, legacy, legacyUid)).toBe(true);
      await a.app.get(AdoptShares).settled();
      const list = await a.call('GET', '/api/v1/shares', undefined, admin);
      await revoke(a, list.json.items.find((one: { origin: string }) => one.origin === 'adopted').id);
      await revoke(a, id);
      await a.close();
      const b = await house.service();
      expect(await granted(b, token, uid)).toBe(false);
      for (const spelling of [legacy, `${legacy}=`, `Bearer ${legacy}`, `bearer  ${legacy}`])
        expect(await granted(b, spelling, legacyUid)).toBe(false);
    }));

  it('give one share to racing requests with one Idempotency-Key', () =>
    inHouse(async (house) => {
      const [a, b] = [await house.service(), await house.service()];
      const body = { id: 'race', resources: [{ level: 'study', 'dicom-uid': '1.2.3' }] };
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) =>
          (index % 2 === 0 ? a : b).call('PUT', '/tokens/stone-viewer-publication', body, {
            'idempotency-key': 'race',
          }),
        ),
      );
      expect([...new Set(answers.map((answer) => `${answer.status} ${answer.json.token}`))]).toHaveLength(1);
      expect(answers[0]?.status).toBe(200);
      const list = await a.call('GET', '/api/v1/shares', undefined, admin);
      expect(list.json.items).toHaveLength(1);
    }));
});

describe('a revocation rule', () => {
  it('ends what it names, seen before or not, and nothing else', () =>
    inHouse(async (house) => {
      const previous = JSON.stringify([{ key: OLD_KEY }]);
      const a = await house.service({ env: { SECRET_KEYS_PREVIOUS: previous } });
      const client = await house.client();
      const [byUid, byOrthancId, byBoth, byLabel, other] = [freshUid(), freshUid(), freshUid(), freshUid(), freshUid()];
      const orthancId = '0a0a0a0a-1b1b1b1b-2c2c2c2c-3d3d3d3d-4e4e4e4e';
      const patient = 'PAT^1';
      const now = Math.floor(Date.now() / 1000);
      const own = (uid: string) => mint(a, uid).then(({ token }) => token);
      const cases: Record<string, { token: string; question: object; uid: string }> = {
        'own, by uid': { token: await own(byUid), uid: byUid, question: {} },
        'generation 1, by uid': { token: foreignToken(generation1(byUid)), uid: byUid, question: {} },
        'generation 2, by uid': { token: foreignToken(generation2(byUid)), uid: byUid, question: {} },
        'generation 3, by uid': { token: foreignToken(generation3(byUid)), uid: byUid, question: {} },
        'by uid, one of several': {
          token: foreignToken(generation2(other, { studies: [{ dicom_uid: other }, { dicom_uid: byUid }] })),
          uid: other,
          question: {},
        },
        'by Orthanc id': {
          token: foreignToken(
            generation3('', { resources: [{ dicom_uid: null, orthanc_id: orthancId, level: 'study' }] }),
          ),
          uid: '',
          question: { 'orthanc-id': orthancId },
        },
        'the same Orthanc id of a series': {
          token: foreignToken(
            generation3('', { resources: [{ dicom_uid: byOrthancId, orthanc_id: orthancId, level: 'series' }] }),
          ),
          uid: byOrthancId,
          question: { level: 'series' },
        },
        'by patient': {
          token: foreignToken(generation3('', { resources: [{ dicom_uid: patient, level: 'patient' }] })),
          uid: patient,
          question: { level: 'patient' },
        },
        'another patient': {
          token: foreignToken(generation3('', { resources: [{ dicom_uid: 'PAT^10', level: 'patient' }] })),
          uid: 'PAT^10',
          question: { level: 'patient' },
        },
        'with the label': { token: await own(byLabel), uid: byLabel, question: { labels: ['other', 'stopped'] } },
        'without the label': { token: await own(byLabel), uid: byLabel, question: { labels: ['other'] } },
        'without any label': { token: await own(byLabel), uid: byLabel, question: {} },
        'uid and key, both': { token: foreignToken(generation3(byBoth), OLD_KEY), uid: byBoth, question: {} },
        'uid and key, the uid alone': { token: foreignToken(generation3(byBoth)), uid: byBoth, question: {} },
        'the earlier key': {
          token: foreignToken(generation1(other, { id: 'old' }), OLD_KEY),
          uid: other,
          question: {},
        },
        'minted before': {
          token: foreignToken(generation3(other, { iat: now - 7_200, jti: 'x' })),
          uid: other,
          question: {},
        },
        'not told when minted': { token: foreignToken(generation3(other, { id: 'no iat' })), uid: other, question: {} },
        'minted afterwards': {
          token: foreignToken(generation3(other, { iat: now - 600, jti: 'y' })),
          uid: other,
          question: {},
        },
        'own, minted just now': { token: await own(other), uid: other, question: {} },
      };
      const dead = new Set<string>();
      const expectAll = async (service: TestService) => {
        for (const [name, { token, uid, question }] of Object.entries(cases)) {
          expect([name, await granted(service, token, uid, question)]).toEqual([name, !dead.has(name)]);
        }
      };
      await expectAll(a);
      const keyId = (text: string) =>
        createHmac('sha256', text).update('orthanc-warden kid').digest('base64url').slice(0, 11);
      expect(a.app.get(TokenKeys).keyring.find(keyId(OLD_KEY))).not.toBeNull();

      const steps: [Record<string, unknown>, string[]][] = [
        [
          { study_dicom_uid: byUid },
          [
            'own, by uid',
            'generation 1, by uid',
            'generation 2, by uid',
            'generation 3, by uid',
            'by uid, one of several',
          ],
        ],
        [{ study_orthanc_id: orthancId }, ['by Orthanc id']],
        [{ patient_id: patient }, ['by patient']],
        [{ label: 'stopped' }, ['with the label']],
        [{ study_dicom_uid: byBoth, key_id: keyId(OLD_KEY) }, ['uid and key, both']],
        [{ key_id: keyId(OLD_KEY) }, ['the earlier key']],
        [
          { minted_before: new Date((now - 3_600) * 1000), key_id: keyId(KEY), study_dicom_uid: other },
          ['minted before', 'not told when minted'],
        ],
      ];
      for (const [members, ended] of steps) {
        const id = randomUUID();
        const columns = Object.keys(members);
        await client.query('BEGIN');
        await client.query(
          `INSERT INTO revocation_rule (id, ${columns.join(', ')}, reason, made_at, made_by) VALUES ($1, ${columns.map((_, index) => `$${index + 2}`).join(', ')}, 'test', now(), 'test')`,
          [id, ...Object.values(members)],
        );
        await client.query('INSERT INTO change (topic, payload) VALUES ($1, $2)', [
          'revocation-rule-made',
          JSON.stringify({ id }),
        ]);
        await client.query('COMMIT');
        ended.forEach((name) => dead.add(name));
        const first = cases[ended[0] ?? ''];
        if (first === undefined) throw new Error('the step names no case');
        await until(async () => !(await granted(a, first.token, first.uid, first.question)));
        await expectAll(a);
      }
      const decoded = await a.call('POST', '/tokens/decode', { 'token-value': cases['by patient']?.token });
      expect(decoded.json).toMatchObject({ 'error-code': 'invalid', reason: 'revoked', resources: [] });
      // Tokens that the new replica has never seen, and rules that it was never told of.
      await expectAll(await house.service({ env: { SECRET_KEYS_PREVIOUS: previous } }));
    }));

  it('by minting time alone ends every older link, and those that do not tell', () =>
    inHouse(async (house) => {
      const client = await house.client();
      const uid = freshUid();
      const before = await house.service();
      const { token } = await mint(before, uid);
      await client.query(
        `INSERT INTO revocation_rule (id, minted_before, reason, made_at, made_by) VALUES ($1, now() + interval '1 minute', 'all', now(), 'test')`,
        [randomUUID()],
      );
      const after = await house.service();
      expect(await granted(after, token, uid)).toBe(false);
      expect(await granted(after, foreignToken(generation1(uid)), uid)).toBe(false);
      expect(await granted(after, foreignToken(generation3(uid, { iat: Date.now() / 1000 + 3_600 })), uid)).toBe(true);
    }));
});

/** Stands between service and database, and can be cut. */
class CuttableProxy {
  private readonly sockets = new Set<Socket>();
  private cutOff = false;
  private constructor(private readonly server: Server) {}

  static async before(target: URL): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(server);
    server.on('connection', (client) => {
      if (proxy.cutOff) return void client.destroy();
      const upstream = connect(Number(target.port), target.hostname);
      for (const socket of [client, upstream]) {
        proxy.sockets.add(socket);
        socket.on('error', () => undefined);
        socket.on('close', () => (proxy.sockets.delete(socket), client.destroy(), upstream.destroy()));
      }
      client.pipe(upstream).pipe(client);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }
  urlOf(text: string): string {
    const { port } = this.server.address() as { port: number };
    return Object.assign(new URL(text), { host: `127.0.0.1:${port}` }).href;
  }
  cut(): void {
    this.cutOff = true;
    for (const socket of this.sockets) socket.destroy();
  }
  mend(): void {
    this.cutOff = false;
  }
  close(): void {
    this.cut();
    this.server.close();
  }
}

/** Time that can jump. */
class JumpingClock extends SystemClock {
  ahead = 0;
  override monotonic(): number {
    return super.monotonic() + this.ahead;
  }
}

describe('a replica that is cut off from the database', () => {
  it(
    'goes on from memory, refuses with validity 0 once its knowledge is stale, and heals by itself',
    () =>
      inHouse(async (house) => {
        const target = new URL(house.database.applicationUrl);
        const proxy = await CuttableProxy.before(target);
        try {
          const clock = new JumpingClock();
          const a = await house.service();
          const database = { ...house.database, applicationUrl: proxy.urlOf(house.database.applicationUrl) };
          const b = await house.service({ database, clock, env: { REVOCATION_STALE_AFTER: '300' } });
          const uid = freshUid();
          const [live, doomed] = [await mint(a, uid), await mint(a, uid)];
          expect(await ask(b, live.token, uid)).toEqual({ granted: true, validity: 10 });

          proxy.cut();
          await revoke(a, doomed.id);
          await until(() => Promise.resolve(b.lines.some((line) => line.includes('feed-lost'))));
          expect(await ask(b, live.token, uid)).toEqual({ granted: true, validity: 10 });
          expect(await ask(b, foreignToken(generation1(uid)), uid)).toEqual({ granted: true, validity: 10 });
          const minted = await b.call('PUT', '/tokens/stone-viewer-publication', { resources: [] });
          expect([minted.status, minted.json.code]).toEqual([503, 'database-unavailable']);
          expect((await b.call('GET', '/health/ready')).status).toBe(503);

          clock.ahead += 301_000;
          // Nothing that the plugin may keep: the cause passes.
          expect(await ask(b, live.token, uid)).toEqual({ granted: false, validity: 0 });
          expect((await b.call('POST', '/tokens/decode', { 'token-value': live.token })).json).toMatchObject({
            'error-code': 'unknown',
            resources: [],
            'redirect-url': null,
          });
          // What a stranger made stays invalid, and may be kept.
          expect(await ask(b, foreignToken(generation1(uid), 'no key of ours, of 32 bytes and more'), uid)).toEqual({
            granted: false,
            validity: 10,
          });
          const ready = await b.call('GET', '/health/ready');
          expect([
            ready.status,
            ready.json.checks.find((one: { name: string }) => one.name === 'revocations').ok,
          ]).toEqual([503, false]);

          proxy.mend();
          await until(() => granted(b, live.token, uid));
          // What was revoked while it could not hear is refused from its first answer on.
          expect(await ask(b, doomed.token, uid)).toEqual({ granted: false, validity: 10 });
          await until(
            async () => (await b.call('PUT', '/tokens/stone-viewer-publication', { resources: [] })).status === 200,
          );
          await until(async () => {
            clock.ahead += 1_001; // past what readiness keeps
            return (await b.call('GET', '/health/ready')).status === 200;
          });
        } finally {
          proxy.close();
        }
      }),
    60_000,
  );

  it(
    'refuses every token with validity 0 until the revocations are loaded, and grants none in between',
    () =>
      inHouse(async (house) => {
        const proxy = await CuttableProxy.before(new URL(house.database.applicationUrl));
        try {
          const a = await house.service();
          const uid = freshUid();
          const [live, doomed] = [await mint(a, uid), await mint(a, uid)];
          await revoke(a, doomed.id);
          proxy.cut();
          const database = { ...house.database, applicationUrl: proxy.urlOf(house.database.applicationUrl) };
          const b = await house.service({ database, awaitReady: false });
          expect(await ask(b, live.token, uid)).toEqual({ granted: false, validity: 0 });
          expect(await ask(b, doomed.token, uid)).toEqual({ granted: false, validity: 0 });
          expect((await b.call('GET', '/settings/roles')).json.code).toBe('roles-not-loaded');
          expect((await b.call('GET', '/health/live')).status).toBe(200);
          proxy.mend();
          let everGranted = false;
          await until(async () => {
            everGranted ||= await granted(b, doomed.token, uid);
            return granted(b, live.token, uid);
          });
          expect(everGranted || (await granted(b, doomed.token, uid))).toBe(false);
        } finally {
          proxy.close();
        }
      }),
    60_000,
  );
});

describe('links that were minted elsewhere with the same key', () => {
  const adopted = async (service: TestService) => {
    await service.app.get(AdoptShares).settled();
    const list = await service.call('GET', '/api/v1/shares?limit=500', undefined, admin);
    return list.json.items.filter((one: { origin: string }) => one.origin === 'adopted');
  };

  it('enter the registry once, behind the answer, whatever their generation', () =>
    inHouse(async (house) => {
      const [a, b] = [await house.service(), await house.service()];
      const [one, two, three] = [freshUid(), freshUid(), freshUid()];
      const tokens: [string, string][] = [
        [foreignToken(generation1(one)), one],
        [foreignToken(generation2(two, { expiration_date: '2099-01-01T00:00:00+00:00' })), two],
        [foreignToken(generation3(three, { iat: 1_700_000_000, exp: 4_000_000_000 })), three],
      ];
      for (let round = 0; round < 3; round++) {
        await Promise.all(
          tokens.flatMap(([token, uid]) => [
            granted(a, token, uid),
            granted(b, `${token}=`, uid),
            a.call('POST', '/tokens/decode', { 'token-value': token }),
          ]),
        );
      }
      await adopted(b);
      const shares = await adopted(a);
      expect(shares.map((share: { label: string }) => share.label).sort()).toEqual(['one', 'three', 'two']);
      const find = (label: string) => shares.find((share: { label: string }) => share.label === label);
      expect(find('one')).toMatchObject({
        state: 'live',
        mintedBy: null,
        expiresAt: null,
        resources: [{ level: 'study', dicomUid: one, orthancId: null, url: null }],
      });
      expect(find('two')).toMatchObject({
        expiresAt: '2099-01-01T00:00:00.000Z',
        resources: [{ level: 'study', dicomUid: two }],
      });
      expect(find('three')).toMatchObject({
        mintedAt: '2023-11-14T22:13:20.000Z',
        expiresAt: new Date(4e12).toISOString(),
      });
      expect([...a.lines, ...b.lines].filter((line) => line.includes('adoption-postponed'))).toEqual([]);
    }));

  it('are not adopted when they are refused, forged, expired, or ours', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const uid = freshUid();
      const { token } = await mint(a, uid);
      await granted(a, token, uid);
      await granted(a, foreignToken(generation1(uid), OLD_KEY), uid);
      await granted(a, foreignToken(generation1(uid, { expiration_date: '2001-01-01T00:00:00Z' })), uid);
      await granted(a, foreignToken(generation1(uid)), 'another');
      await granted(a, foreignToken(generation1(uid, { type: 'no-such-type' })), uid);
      expect(await adopted(a)).toEqual([]);
    }));

  it('are kept as far as the database can hold them, and never stop at one that it cannot', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const long = randomBytes(6_000).toString('base64url');
      const uid = freshUid();
      const odd: Record<string, object> = {
        'a NUL': generation1(uid, { id: 'a NUL\u0000' }),
        'a NUL in an address': generation3(uid, {
          id: 'a NUL in an address',
          resources: [{ dicom_uid: uid, orthanc_id: '\u0000', url: 'x\u0000y', level: 'study' }],
        }),
        'half a character': generation1(uid, { id: 'half a character\ud800' }),
        'an endless duration': generation3(uid, { id: 'an endless duration', validity_duration: 1e300 }),
        'a fraction of a duration': generation3(uid, { id: 'a fraction of a duration', validity_duration: 0.5 }),
        'a fraction of a second': generation3(uid, {
          id: 'a fraction of a second',
          iat: 1_700_000_000.123456,
          exp: 4_000_000_000.654321,
        }),
        'minted in the year 275760': generation3(uid, { id: 'minted in the year 275760', iat: 8.64e12 }),
        'ends in the year 275760': generation3(uid, { id: 'ends in the year 275760', exp: 8.64e12 }),
        'minted before the calendar': generation3(uid, { id: 'minted before the calendar', iat: -8.64e12 }),
        'an id of 8,000 characters': generation3(uid, {
          id: 'an id of 8,000 characters',
          resources: [
            { dicom_uid: uid, level: 'study' },
            { dicom_uid: long, orthanc_id: long, level: 'study' },
          ],
        }),
        'a jti that is none of ours': generation3(uid, { id: 'a jti that is none of ours', jti: '../../etc' }),
        'a jti in our form': generation3(uid, { id: 'a jti in our form', jti: randomBytes(16).toString('base64url') }),
      };
      for (const [name, payload] of Object.entries(odd))
        expect([name, await granted(a, foreignToken(payload), uid)]).toEqual([name, true]);
      const labels = (await adopted(a)).map((share: { label: string }) => share.label.replace('\ufffd', ''));
      expect(labels.sort()).toEqual(Object.keys(odd).sort());
    }));

  it('are refused where ACCEPT_UNREGISTERED_TOKENS is false, unless they were adopted before', () =>
    inHouse(async (house) => {
      const a = await house.service();
      const [seen, unseen, own] = [freshUid(), freshUid(), freshUid()];
      const [known, revoked, strange] = [
        foreignToken(generation2(seen)),
        foreignToken(generation1(seen)),
        foreignToken(generation1(unseen)),
      ];
      expect(await granted(a, known, seen)).toBe(true);
      expect(await granted(a, revoked, seen)).toBe(true);
      const ended = (await adopted(a)).find((share: { label: string }) => share.label === 'one');
      await revoke(a, ended.id);
      const { token } = await mint(a, own);

      const strict = await house.service({ env: { ACCEPT_UNREGISTERED_TOKENS: 'false' } });
      expect(await granted(strict, known, seen)).toBe(true);
      expect(await granted(strict, `${known}=`, seen)).toBe(true);
      expect(await granted(strict, revoked, seen)).toBe(false);
      expect(await ask(strict, strange, unseen)).toEqual({ granted: false, validity: 10 });
      expect((await strict.call('POST', '/tokens/decode', { 'token-value': strange })).json).toMatchObject({
        'error-code': 'invalid',
        resources: [],
      });
      // Says of itself that it is ours, which the header alone cannot prove: it names no key.
      expect(
        await granted(
          strict,
          foreignToken(generation3(unseen, { jti: randomBytes(16).toString('base64url') })),
          unseen,
        ),
      ).toBe(false);
      expect(await granted(strict, token, own)).toBe(true);
      const { token: fresh } = await mint(strict, own);
      expect(await granted(strict, fresh, own)).toBe(true);
      expect((await adopted(strict)).map((share: { label: string }) => share.label).sort()).toEqual(['one', 'two']);
    }));
});

describe('keys that signed before', () => {
  const previous = (more: object) => ({ SECRET_KEYS_PREVIOUS: JSON.stringify([{ key: OLD_KEY, ...more }]) });

  it('verify until their end date and not afterwards, and bound how long an answer is kept', () =>
    inHouse(async (house) => {
      const uid = freshUid();
      const before = await house.service({ env: { SECRET_KEY: OLD_KEY } });
      const { token } = await mint(before, uid, {}, { 'idempotency-key': 'rotated' });
      const legacy = foreignToken(generation1(uid), OLD_KEY);

      const without = await house.service();
      expect(await granted(without, token, uid)).toBe(false);
      expect(await granted(without, legacy, uid)).toBe(false);

      const during = await house.service({
        env: { ...previous({ until: new Date(Date.now() + 100_000).toISOString() }), GRANT_VALIDITY: '3600' },
      });
      const { granted: open, validity } = await ask(during, token, uid);
      expect([open, validity > 0, validity <= 100]).toEqual([true, true, true]);
      expect(await granted(during, legacy, uid)).toBe(true);

      const after = await house.service({ env: previous({ until: '2001-01-01T00:00:00Z' }) });
      expect(await ask(after, token, uid)).toEqual({ granted: false, validity: 10 });
      expect((await after.call('POST', '/tokens/decode', { 'token-value': token })).json).toMatchObject({
        'error-code': 'invalid',
        resources: [],
      });
    }));

  it('vouch, when they are registered-only, for what the registry knows and for nothing that a thief signs', () =>
    inHouse(async (house) => {
      const uid = freshUid();
      const before = await house.service({ env: { SECRET_KEY: OLD_KEY } });
      const [kept, ended] = [await mint(before, uid), await mint(before, uid)];
      const [legacy, stolen] = [foreignToken(generation1(uid), OLD_KEY), foreignToken(generation2(uid), OLD_KEY)];
      expect(await granted(before, legacy, uid)).toBe(true);
      await before.app.get(AdoptShares).settled();
      await revoke(before, ended.id);

      const now = await house.service({ env: previous({ 'registered-only': true }) });
      expect(await granted(now, kept.token, uid)).toBe(true);
      expect(await granted(now, legacy, uid)).toBe(true);
      expect(await granted(now, ended.token, uid)).toBe(false);
      expect(await granted(now, stolen, uid)).toBe(false);
      const kid = createHmac('sha256', OLD_KEY).update('orthanc-warden kid').digest('base64url').slice(0, 11);
      const likeOurs = foreignToken(generation3(uid, { jti: randomBytes(16).toString('base64url') }), OLD_KEY, {
        alg: 'HS256',
        typ: 'JWT',
        kid,
      });
      expect(await granted(now, likeOurs, uid)).toBe(false);
      // The key that signs now needs no registration, and names of keys cannot be borrowed.
      expect(await granted(now, foreignToken(generation1(uid)), uid)).toBe(true);
      const { kid: signing } = now.app.get(TokenKeys).keyring.signing;
      expect(
        await granted(now, foreignToken(generation1(uid), OLD_KEY, { alg: 'HS256', typ: 'JWT', kid: signing }), uid),
      ).toBe(false);
    }));

  it('give the same token to a repeated request, and a clear answer once they are gone', () =>
    inHouse(async (house) => {
      const body = { id: 'again', resources: [{ level: 'study', 'dicom-uid': '1.2.3' }], 'validity-duration': 3_600 };
      const key = { 'idempotency-key': 'over-the-rotation' };
      const ask = (service: TestService) => service.call('PUT', '/tokens/stone-viewer-publication', body, key);
      const first = await ask(await house.service({ env: { SECRET_KEY: OLD_KEY } }));
      const second = await ask(await house.service({ env: previous({}) }));
      expect([second.status, second.json]).toEqual([200, first.json]);
      const third = await ask(await house.service());
      expect([third.status, third.json.code]).toEqual([409, 'key-retired']);
    }));
});

it('asks the database nothing to decide: 1,000 verdicts, 0 statements but those of the record', () =>
  inHouse(async (house) => {
    const a = await house.service();
    const uid = freshUid();
    const [live, ended] = [await mint(a, uid), await mint(a, uid)];
    await revoke(a, ended.id);
    const database = a.app.get(Database);
    const statements = jest.spyOn(database, 'query');
    const verdicts = new Set<string>();
    for (let round = 0; round < 250; round++) {
      for (const token of [live.token, ended.token, `${live.token}x`, foreignToken(generation1(uid), OLD_KEY)])
        verdicts.add(JSON.stringify(await ask(a, token, uid)));
    }
    await a.app.get(AdoptShares).settled();
    expect([...verdicts].sort()).toEqual(['{"granted":false,"validity":10}', '{"granted":true,"validity":10}']);
    // What was asked is written behind the answers, in batches, and sealed four times a second.
    const ofTheRecord = /audit_seal|INSERT INTO audit_pending|WHERE token_id = ANY|^SELECT share_id, study_dicom_uid/;
    const others = () => statements.mock.calls.map(([sql]) => sql).filter((sql) => !ofTheRecord.test(sql));
    expect(others()).toEqual([]);
    expect(statements.mock.calls.length).toBeLessThan(100);
    // The spy sees: a page of the registry is at least one statement.
    await a.call('GET', '/api/v1/shares', undefined, admin);
    expect(others().length).toBeGreaterThan(0);
    statements.mockRestore();
  }));
