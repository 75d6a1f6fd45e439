import { Readable } from 'node:stream';
import { commands } from './commands/index.js';
import { run } from './run.js';

interface Told {
  code: number;
  out: string;
  err: string;
  calls: { url: string; init: RequestInit | undefined }[];
}

const credentials = { WARDEN_API_KEY: 'owk_TOP-SECRET' };
const unused = (): Promise<Response> => Promise.reject(new Error('not asked'));

async function warden(
  args: string[],
  {
    env = credentials,
    stdin = '',
    answer = unused,
  }: {
    env?: Record<string, string>;
    stdin?: string | null;
    answer?: () => Promise<Response>;
  } = {},
): Promise<Told> {
  const told: Told = { code: -1, out: '', err: '', calls: [] };
  told.code = await run(args, {
    env,
    secretsDir: '/nonexistent/secrets',
    workingDir: '/nonexistent',
    userDir: '/nonexistent',
    stdin: Readable.from([stdin ?? '']),
    stdinIsTerminal: stdin === null,
    fetch: (url, init) => {
      told.calls.push({ url: url as string, init });
      return answer();
    },
    now: () => Date.UTC(2026, 10, 21),
    out: (text) => (told.out += text),
    err: (text) => (told.err += text),
    migrate: () => Promise.resolve(3),
  });
  return told;
}

const create = ['share', 'create', '--type', 'stone-viewer-publication', '--study', '1.2.3'];
const mint = ['token', 'mint', '--type', 'stone-viewer-publication', '--study', '1.2.3'];

describe('the words of a command', () => {
  it.each(commands.map(({ name }) => name))('%s --help tells how to write it, and asks nobody', async (name) => {
    const told = await warden([...name.split(' '), '--help'], { env: {} });
    expect(told).toMatchObject({ code: 0, err: '', calls: [] });
    expect(told.out).toMatch(new RegExp(`^warden ${name}`));
  });

  it.each([
    ['nothing', [], 2],
    ['--help', ['--help'], 0],
    ['a word that several begin with', ['share', '--help'], 0],
    ['half a command', ['share'], 2],
    ['another word', ['shares'], 2],
  ])('%s shows the commands', async (_what, args, code) => {
    const told = await warden(args);
    expect(told.code).toBe(code);
    expect(told.out + told.err).toContain('share revoke');
  });

  it.each<[string, string[], string]>([
    ['an option that is not known', ['share', 'list', '--limits', '5'], "Unknown option '--limits'."],
    ['an option without its value', ['share', 'list', '--limit'], "Option '--limit <value>' argument missing."],
    ['a number that is none', ['share', 'list', '--limit', '0'], '--limit must be a whole number from 1 on.'],
    ['--limit with --all', ['share', 'list', '--limit', '5', '--all'], 'Give --limit or --all, not both.'],
    [
      'a state that is none',
      ['share', 'list', '--state', 'dead'],
      '--state must be one of scheduled, live, closed, expired, revoked.',
    ],
    ['no id', ['share', 'show'], 'ID is missing.'],
    ['two ids', ['share', 'revoke', 'a', 'b', '--reason', 'x'], 'Nothing may follow ID.'],
    ['no reason', ['share', 'revoke', 'a'], '--reason is missing.'],
    ['an empty reason', ['share', 'revoke', 'a', '--reason', ''], '--reason is missing.'],
    ['an operand where there is none', [...mint, 'more'], 'This command takes options only.'],
    ['neither an id nor a filter', ['share', 'revoke', '--reason', 'x'], 'Give an ID, or say which shares end.'],
    ['an id and a filter', ['share', 'revoke', 'a', '--patient', 'p', '--reason', 'x'], 'not both.'],
    ['an id and a trial', ['share', 'revoke', 'a', '--dry-run', '--reason', 'x'], 'not both.'],
    ['a gate that is none', [...create, '--gate', 'door'], '--gate must be one of pin, birth-date, email-code.'],
    ['a PIN for another gate', [...create, '--gate', 'birth-date', '--pin-stdin'], '--pin-stdin goes with --gate pin.'],
    ['days and an end', [...create, '--days', '7', '--expires', '2030-01-01T00:00:00Z'], 'Give --expires or --days'],
    ['a key that no header holds', [...create, '--idempotency-key', 'a b'], '--idempotency-key must be 1 to 255'],
    ['a change of nothing', ['share', 'change', 'a'], 'Say what to change.'],
    ['a gate and no gate', ['share', 'change', 'a', '--gate', 'pin', '--no-gate'], '--no-gate is given beside'],
    ['a revision that is none', ['share', 'change', 'a', '--no-gate', '--if-match', 'x'], '--if-match must be a whole'],
    ['a picture of another kind', ['share', 'qr', 'a', '--out', 'code.gif'], '--out must end with .svg or .png.'],
    ['a version that is none', ['policy', 'restore', 'last'], 'VERSION must be a whole number from 1 on.'],
    ['no type', ['token', 'mint', '--study', '1.2'], '--type is missing.'],
    ['no study', ['token', 'mint', '--type', 'x'], '--study is missing.'],
    ['two ends', [...mint, '--for', '7d', '--expires', '2030-01-01T00:00:00Z'], 'Give --expires or --for, not both.'],
    ['a duration without a unit', [...mint, '--for', '7'], '--for must be a number with s, m, h, d or w'],
    ['a duration of nothing', [...mint, '--for', '0d'], '--for must be a number'],
    ['a date without a zone', [...mint, '--expires', '2030-01-01T00:00:00'], '--expires must be a date and time with'],
    ['a date that is over', [...mint, '--expires', '2020-01-01T00:00:00Z'], '--expires must be in the future.'],
    [
      'one id of Orthanc for two studies',
      [...mint, '--study', '1.2.4', '--orthanc-id', 'a'],
      'Give --orthanc-id for each --study, or for none.',
    ],
  ])('%s is wrong usage, and asks nobody', async (_what, args, sentence) => {
    const told = await warden(args);
    expect(told).toMatchObject({ code: 2, out: '', calls: [] });
    expect(told.err).toContain(sentence);
  });

  it.each([
    ['--token', ['--token', 'eyJhbGciOiJI.eyJh.c2ln']],
    ['--token=', ['--token=eyJhbGciOiJI.eyJh.c2ln']],
    ['an argument', ['eyJhbGciOiJI.eyJh.c2ln']],
  ])('a token given as %s is refused and not repeated', async (_how, args) => {
    for (const word of ['decode', 'verify']) {
      const told = await warden(['token', word, ...args], { env: { SECRET_KEY: 'x' } });
      expect(told).toMatchObject({ code: 2, out: '' });
      expect(told.err).toContain('not taken from the arguments');
      expect(told.err).not.toContain('eyJ');
    }
  });

  it.each([
    ['--pin', ['--pin', '482913']],
    ['--pin=', ['--pin=482913']],
    ['the value of --pin-stdin', ['--pin-stdin=482913']],
    ['an argument', ['482913']],
    ['the gate', ['--gate', '482913']],
  ])('a PIN given as %s is refused and not repeated', async (_how, args) => {
    for (const command of [create, ['share', 'change', 'a']]) {
      const told = await warden([...command, ...args]);
      expect(told).toMatchObject({ code: 2, out: '', calls: [] });
      expect(told.err).not.toContain('482913');
    }
  });

  it.each([
    ['nobody sends', null, 2, 'Send the PIN to stdin'],
    ['is empty', ' \n', 1, 'There is no PIN'],
    ['is far too long', '1'.repeat(2_000), 1, 'too long for a PIN'],
  ])('a PIN that %s is asked of no service', async (_what, stdin, code, sentence) => {
    const told = await warden([...create, '--gate', 'pin', '--pin-stdin'], { stdin });
    expect(told).toMatchObject({ code, out: '', calls: [] });
    expect(told.err).toContain(sentence);
  });

  it('nothing waits for a person to type a token', async () => {
    const told = await warden(['token', 'verify'], { stdin: null });
    expect(told.code).toBe(2);
    expect(told.err).toContain('--token-file');
  });
});

describe('a call of the service', () => {
  const json =
    (body: unknown, status = 200) =>
    () =>
      Promise.resolve(new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } }));

  it('carries the credentials in a header, follows no redirect, and ends in time', async () => {
    const { calls } = await warden(['share', 'list'], { answer: json({ items: [], next: null }) });
    expect(calls).toHaveLength(1);
    expect(calls[0]?.url).toBe('http://127.0.0.1:8000/api/v1/shares?limit=51');
    expect(calls[0]?.init).toMatchObject({
      method: 'GET',
      redirect: 'manual',
      headers: { 'api-key': 'owk_TOP-SECRET' },
      signal: expect.any(AbortSignal),
    });
  });

  const refused = (code: string) => () =>
    Promise.reject(Object.assign(new TypeError('fetch failed'), { cause: { code } }));
  it.each<[string, () => Promise<Response>, string]>([
    ['nobody listens', refused('ECONNREFUSED'), 'Nothing listens at http://127.0.0.1:8000. Start the service'],
    ['the name is not known', refused('ENOTFOUND'), 'Correct WARDEN_URL.'],
    ['the line is cut', refused('ECONNRESET'), 'It may have been done all the same'],
    ['it redirects', () => Promise.resolve(new Response(null, { status: 302 })), 'redirects elsewhere. Set WARDEN_URL'],
    ['a page answers', () => Promise.resolve(new Response('<html>')), 'Is WARDEN_URL the address of the service?'],
    ['another service answers', json({ Version: '1.12.7' }), 'Is WARDEN_URL the address of the service?'],
  ])('says what to do when %s', async (_when, answer, sentence) => {
    const told = await warden(['share', 'revoke', 'x', '--reason', 'y'], { answer });
    expect(told).toMatchObject({ code: 1, out: '' });
    expect(told.err).toContain(sentence);
    expect(told.err).not.toContain('TOP-SECRET');
  });

  it('escapes an id, so that it reaches no other route', async () => {
    const { calls } = await warden(['share', 'show', '../roles?x'], { answer: json({ state: 'live' }) });
    expect(calls[0]?.url).toBe('http://127.0.0.1:8000/api/v1/shares/..%2Froles%3Fx');
  });

  it('asks for versions of a document by the hundred, which is what the service gives at once', async () => {
    for (const noun of ['roles', 'policy']) {
      const { calls } = await warden([noun, 'history', '--all'], { answer: json({ items: [], next: null }) });
      expect(calls[0]?.url).toMatch(/history\?limit=100$/);
    }
  });

  it('prints the link though the recipient was not sent it, and does not end with 0', async () => {
    const share = { id: 'an-id', expiresAt: null };
    const answer = json(
      { share, url: 'https://x.example/s/y', token: 'z', pin: '271828', notification: 'failed' },
      201,
    );
    const told = await warden([...create, '--recipient-email', 'jan@example.org', '--notify'], { answer });
    expect(told).toMatchObject({ code: 1, out: 'https://x.example/s/y\n' });
    expect(told.err).toContain('Its PIN is 271828: tell it by another way than the link.');
    expect(told.err).toContain('The share was made, but the recipient was not sent the link');
  });

  it('writes no file of what is no picture', async () => {
    const answer = () => Promise.resolve(new Response('<html>'));
    const told = await warden(['share', 'qr', 'x', '--out', 'code.png'], { answer });
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('no such picture') });
  });

  it('warns when credentials cross a network in the clear', async () => {
    const env = { ...credentials, WARDEN_URL: 'http://orthanc.example:8000' };
    const told = await warden(['share', 'list'], { env, answer: json({ items: [], next: null }) });
    expect(told.err).toContain('Warning: WARDEN_URL is http://');
  });
});

it('migrate ends as the migrator does: done, or failed', async () => {
  expect((await warden(['migrate'], { env: {} })).code).toBe(1);
});
