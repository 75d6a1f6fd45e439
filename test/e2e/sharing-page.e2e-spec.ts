import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settings } from '../../apps/auth-service/src/platform/config/settings.js';
import { builtInPolicy, parseSharePolicy } from '../../apps/auth-service/src/shares/policy/share-policy-document.js';
import { mergeLimits } from '../../apps/auth-service/src/shares/policy/share-limits.js';
import { type OrthancDouble, startOrthanc } from '../support/orthanc-double.js';
import { type SmtpDouble, startSmtp } from '../support/smtp-double.js';
import { asAdministrator, runWarden } from '../support/run-warden.js';
import { type TestService, adminCredentials, basic, startTestService } from '../support/test-service.js';

const root = join(__dirname, '../..');
const page = readFileSync(join(root, 'docs/sharing.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)^\`\`\``, 'gms'))].map((match) => match[1] ?? '');
const commands = blocks('sh').flatMap((block) => block.trimEnd().split('\n'));
const [doctors = '', plugin = ''] = blocks('json');

/** In place of dates of the page, which will lie in the past. */
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

const stone = 'stone-viewer-publication';
const study = '1.2.276.0.7230010.3.1.2.1';
/** Where the page says that the service is. */
const told = 'http://127.0.0.1:8000';

let orthanc: OrthancDouble;
let smtp: SmtpDouble;
let service: TestService;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'warden-sharing-page-'));
  writeFileSync(join(folder, 'doctors.json'), doctors);
  writeFileSync(join(folder, 'plugin.json'), plugin);
  writeFileSync(join(folder, 'pin.txt'), '739158\n');
  orthanc = await startOrthanc();
  orthanc.add({ uid: study, labels: ['A'], patientId: 'PAT-4711', patientTags: { PatientBirthDate: '19610402' } });
  smtp = await startSmtp();
  service = await startTestService({
    env: { ...orthanc.settings(), ...smtp.settings(), PUBLIC_SHARE_ROOT: 'https://share.example.org/' },
  });
}, 60_000);
afterAll(async () => {
  await service?.close();
  await Promise.all([orthanc?.stop(), smtp?.stop()]);
  rmSync(folder, { recursive: true, force: true });
});

/** A short link behind a PIN, for a command that needs the id of some share. */
async function someShare(): Promise<string> {
  const body = { type: stone, resources: [{ level: 'study', dicomUid: study }], link: 'opaque', gate: { kind: 'pin' } };
  const made = await service.call('POST', '/api/v1/shares', body, { authorization: adminCredentials });
  expect(made.status).toBe(201);
  return made.json.share.id;
}

/** As a shell parts a line that holds neither variables nor backslashes. */
function wordsOf(line: string): string[] {
  expect(line).not.toMatch(/[$\\`]/);
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
}

async function warden(args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const at = args.indexOf('<');
  const input = at < 0 ? '' : readFileSync(join(folder, args[at + 1] ?? ''), 'utf8');
  return runWarden(at < 0 ? args : args.slice(0, at), {
    folder,
    env: asAdministrator(service.url),
    stdin: input,
    migrate: () => Promise.reject(new Error('not asked')),
  });
}

/** What curl sends, of the options that the page uses. */
async function curl(args: readonly string[]): Promise<Response> {
  const headers: Record<string, string> = { authorization: adminCredentials };
  let [method, url, body]: [string?, string?, string?] = [];
  const rest = [...args];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const value = () => rest.shift() ?? '';
    if (word === '-s') continue;
    else if (word === '-K') expect(value()).toBe('me.curl');
    else if (word === '-X') method = value();
    else if (word === '-d') body = value();
    else if (word === '-o') value();
    else if (word === '-H') {
      const [name = '', text = ''] = value().split(': ');
      headers[name] = text;
    } else if (word.startsWith(told)) url = service.url + word.slice(told.length);
    else throw new Error(`what is ${word} to curl?`);
  }
  return fetch(url ?? '', {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers,
    ...(body === undefined ? {} : { body }),
  });
}

const limitsOf = (json: string, role: string, type = stone) => {
  const parsed = parseSharePolicy(JSON.parse(json));
  expect(parsed).toMatchObject({ ok: true });
  return mergeLimits(parsed.ok ? parsed.document : builtInPolicy, [role], type);
};

describe('docs/sharing.md', () => {
  it('has commands of both kinds', () => {
    const kinds = ['npm run -s warden -- ', 'curl -s -K me.curl '];
    for (const kind of kinds) expect(commands.filter((line) => line.startsWith(kind)).length).toBeGreaterThan(5);
    expect(commands.filter((line) => !kinds.some((kind) => line.startsWith(kind)))).toEqual([]);
  });

  it.each(commands)('%s', async (line) => {
    // A policy of an earlier command must not stand in the way of this one.
    const admin = { authorization: adminCredentials };
    await service.call('PUT', '/api/v1/share-policy', { policy: builtInPolicy }, admin);
    const id = /\bID\b/.test(line) ? await someShare() : '';
    const [program, ...words] = wordsOf(line).map((word) =>
      word.replace(/\bID\b/, id).replace(/^20\d\d-\d\d-\d\dT.*Z$/, inDays(40)),
    );
    if (program === 'curl') {
      const response = await curl(words);
      const text = await response.text();
      expect({ ok: response.ok, text: response.ok ? '' : text }).toEqual({ ok: true, text: '' });
      return;
    }
    const { code, out, err } = await warden(words.slice(words.indexOf('--') + 1));
    expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
    expect(out + err).not.toContain('739158');
  });

  it('names only settings that one of the two services reads', () => {
    const landing = readFileSync(join(root, 'docs/landing.md'), 'utf8');
    const known = (name: string) =>
      settings.some((one) => one.name === name) || new RegExp(`^\\| ${name}\\b`, 'm').test(landing);
    const named = [...page.matchAll(/`([A-Z][A-Z]+_[A-Z_]+)(?:=\w+)?`/g)].map((match) => match[1] ?? '');
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((name) => !known(name))).toEqual([]);
  });

  it('names only routes that the service has', async () => {
    const document = await service.call('GET', '/openapi.json');
    const routes = Object.keys(document.json.paths);
    const named = [...page.matchAll(/(?<![\w.])(?:http:\/\/127\.0\.0\.1:8000)?(\/api\/v1\/[\w/{}-]+)/g)].map((match) =>
      (match[1] ?? '').replace(/\bID\b/, '{id}'),
    );
    expect(named.length).toBeGreaterThan(8);
    expect(named.filter((route) => !routes.includes(route))).toEqual([]);
  });

  it('tells all states, gates and events, and no other', async () => {
    const { components } = (await service.call('GET', '/openapi.json')).json;
    const has = (names: string[]) => names.filter((name) => !page.includes(`\`${name}\``));
    expect(has(components.schemas.ShareDto.properties.state.enum)).toEqual([]);
    expect(has(components.schemas.GateBody.properties.kind.enum)).toEqual([]);
    const events: string[] = components.schemas.ShareEventDto.properties.event.enum;
    expect(new Set([...page.matchAll(/`((?:share|access)\.(?!id)[a-z]+)`/g)].map((match) => match[1]))).toEqual(
      new Set(events),
    );
  });

  it('the policy for doctors does what is said of it', () => {
    expect(limitsOf(doctors, 'doctor-role')).toMatchObject({
      mint: true,
      maxLife: 7 * 86_400,
      withoutExpiry: false,
      gates: ['pin'],
    });
    expect(limitsOf(doctors, 'nurse-role')).toMatchObject({ maxLife: null, gates: [] });
    expect(limitsOf(doctors, 'doctor-role', 'viewer-instant-link')).toMatchObject({ gates: [] });
  });

  it('the policy for the plugin cuts what it makes to 30 days, and binds nobody else', async () => {
    expect(await warden(['policy', 'put', 'plugin.json'])).toMatchObject({ code: 0 });
    const resources = [{ level: 'study', 'dicom-uid': study }];
    const long = { id: null, resources, 'expiration-date': inDays(400) };
    for (const body of [long, { id: null, resources }]) {
      const minted = await service.call('PUT', `/tokens/${stone}`, body);
      const left = Date.parse(minted.json.request['expiration-date']) - Date.now();
      expect(left).toBeLessThanOrEqual(30 * 86_400_000);
      expect(left).toBeGreaterThan(29.9 * 86_400_000);
    }
    expect(service.lines.join()).toContain('share-life-clamped');
    const sharer = { authorization: basic('sharer', 'sharer-pwd') };
    const own = await service.call(
      'POST',
      '/api/v1/shares',
      { type: stone, resources: [{ level: 'study', dicomUid: study }] },
      sharer,
    );
    expect([own.status, own.json.share.expiresAt]).toEqual([201, null]);
  });
});

describe('what the page says of changes', () => {
  const admin = { authorization: adminCredentials };
  const share = async (more: object): Promise<any> => {
    const resources = [{ level: 'study', dicomUid: study }];
    const body = { type: stone, resources, validityDuration: 86_400, ...more };
    return (await service.call('POST', '/api/v1/shares', body, admin)).json;
  };
  const stateOf = async (id: string): Promise<string> =>
    (await service.call('GET', `/api/v1/shares/${id}`, undefined, admin)).json.state;

  it.each<[string, object, object, 'same' | 'another', string]>([
    ['a token: an earlier end', {}, { expiresAt: inDays(0.5) }, 'same', 'live'],
    ['a token: a later end', {}, { expiresAt: inDays(5) }, 'another', 'live'],
    ['a token: a gate', {}, { gate: { kind: 'pin' } }, 'another', 'revoked'],
    ['a token: a begin', {}, { notBefore: inDays(0.5) }, 'another', 'revoked'],
    ['a token: a limit', {}, { maxOpens: 2 }, 'another', 'revoked'],
    ['a gated token: another PIN', { gate: { kind: 'pin' } }, { gate: { kind: 'pin', pin: '739158' } }, 'same', 'live'],
    ['a gated token: no gate', { gate: { kind: 'pin' } }, { gate: null }, 'same', 'live'],
    ['a gated token: a later end', { gate: { kind: 'pin' } }, { expiresAt: inDays(5) }, 'same', 'live'],
    ['a short link: a later end', { link: 'opaque' }, { expiresAt: inDays(5) }, 'same', 'live'],
    ['a short link: a gate', { link: 'opaque' }, { gate: { kind: 'pin' } }, 'same', 'live'],
  ])('%s', async (_what, made, change, link, before) => {
    const created = await share(made);
    const changed = await service.call('PATCH', `/api/v1/shares/${created.share.id}`, change, admin);
    expect(changed.status).toBe(200);
    expect(changed.json.link === null ? 'same' : 'another').toBe(link);
    expect(changed.json.share.id === created.share.id).toBe(link === 'same');
    expect(await stateOf(created.share.id)).toBe(before);
  });
});
