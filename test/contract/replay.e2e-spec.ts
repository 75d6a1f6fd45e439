import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { RealmDouble } from '../support/realm-double.js';
import { type TestService, startTestService } from '../support/test-service.js';
import { type Exchange, compareWithOurs, compareWithRecorded } from './compare.js';
import { differences } from './all-differences.js';
import { exchange } from './exchange.js';
import { type GoldenCase, environmentOf, headersOf, readGolden } from './golden.js';
import { realmToken, recordedRoles, startRecordedRealm } from './recorded-realm.js';
import { TokenBench } from './token-bench.js';

const golden = readGolden();
const base = golden.environments['base'] ?? {};
let realm: RealmDouble;
const bench = new TokenBench(golden.tokens, base['SECRET_KEY'] ?? '', (algorithm, claims) =>
  realmToken(realm, algorithm, claims),
);

const anonymousProfile = {
  name: 'Anonymous',
  permissions: ['upload'],
  'authorized-labels': [],
  groups: [],
  validity: 60,
};
const roles = { roles: { keepers: { permissions: ['all'], 'authorized-labels': ['*'] } }, 'available-labels': [] };

/** A question for a token of the MedDream viewer, as the double was asked it. */
interface MeddreamQuestion {
  readonly method: string | undefined;
  readonly type: string | undefined;
  readonly body: string;
}

const meddreamQuestion = (...studies: string[]): MeddreamQuestion => ({
  method: 'POST',
  type: 'application/json',
  body: JSON.stringify({ items: studies.map((study) => ({ studies: { study, storage: 'Orthanc' } })) }),
});

beforeAll(async () => {
  realm = await startRecordedRealm();
});
afterAll(() => realm.stop());

describe.each(Object.keys(golden.environments))('as the incumbent, with the settings %s', (environment) => {
  const cases = golden.cases.filter((one) => environmentOf(one) === environment);
  const questions: MeddreamQuestion[] = [];
  let folder: string;
  let meddream: Server;
  let service: TestService;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'warden-replay-'));
    writeFileSync(join(folder, 'profile.json'), JSON.stringify(anonymousProfile));
    writeFileSync(join(folder, 'roles.json'), JSON.stringify(environment === 'keycloak' ? recordedRoles : roles));
    meddream = await startMeddream(questions);
    const settings = Object.entries({ ...base, ...golden.environments[environment] });
    const address = `http://127.0.0.1:${(meddream.address() as AddressInfo).port}/v3/generate`;
    service = await startTestService({
      env: {
        ...Object.fromEntries(
          settings.map(([name, value]) => [
            name,
            value === '<meddream>' ? address : (value?.replace('<realm>', realm.origin) ?? null),
          ]),
        ),
        ANONYMOUS_PROFILE_FILE_PATH: join(folder, 'profile.json'),
        PERMISSIONS_FILE_PATH: join(folder, 'roles.json'),
      },
    });
  });

  afterAll(async () => {
    await service.close();
    await new Promise((done) => meddream.close(done));
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(cases.map((one) => [`${one.name}: ${expectationOf(one)}`, one] as const))('%s', async (_title, one) => {
    questions.length = 0;
    const done = await replay(service.url, one);
    const recorded = compareWithRecorded(one, done, bench);
    const difference = differences[one.name];
    if (difference === undefined) {
      expect(recorded.actual).toEqual(recorded.expected);
    } else {
      const ours = compareWithOurs(difference.expect, done, bench);
      expect(ours.actual).toEqual(ours.expected);
      // A listed difference that is none any more is struck from the list.
      expect(isDeepStrictEqual(recorded.actual, recorded.expected)).toBe(false);
    }
    const asksMeddream = JSON.stringify(one.answer ?? null).includes('TEST-meddream-token');
    expect(questions).toEqual(asksMeddream ? [meddreamQuestion('1.2.3')] : []);
  });
});

async function replay(origin: string, one: GoldenCase): Promise<Exchange> {
  const [method = '', path = ''] = one.request.split(' ');
  const headers = substitute(headersOf(one));
  const json = substitute(one.body);
  const body =
    one.raw !== undefined ? Buffer.from(one.raw, 'latin1') : json === undefined ? null : JSON.stringify(json);
  const answer = await exchange(origin, { method, path, headers, body });
  const token: unknown = answer.status === 200 && method === 'PUT' ? JSON.parse(answer.text)?.token : undefined;
  if (typeof token === 'string') bench.minted(one.name, token);
  const asked = (json as { 'token-value'?: unknown } | null | undefined)?.['token-value'];
  return { method, path, answer, asked: typeof asked === 'string' ? asked.replace(/^Bearer /, '') : null };
}

function substitute<T>(value: T): T {
  if (value === undefined) return value;
  const users = JSON.parse(base['USERS'] ?? '{}') as Record<string, string>;
  return JSON.parse(JSON.stringify(value), (_name, part: unknown) =>
    typeof part !== 'string'
      ? part
      : part
          .replaceAll(/<token:([^>]+)>/g, (_placeholder, name: string) => bench.text(name))
          .replaceAll(/<basic:([^>]+)>/g, (_placeholder, name: string) => `Basic ${btoa(`${name}:${users[name]}`)}`),
  ) as T;
}

function expectationOf({ name, status }: GoldenCase): string {
  const difference = differences[name];
  if (difference !== undefined) return `answers ${difference.expect.status}, as the list of differences has it`;
  if (status < 300) return `answers ${status} as recorded`;
  return status === 422 || status >= 500 ? 'refuses with a 4xx problem document' : `refuses with ${status} as recorded`;
}

async function startMeddream(questions: MeddreamQuestion[]): Promise<Server> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      questions.push({ method: request.method, type: request.headers['content-type'], body });
      response.writeHead(200, { 'content-type': 'text/plain', connection: 'close' }).end('TEST-meddream-token');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return server;
}
