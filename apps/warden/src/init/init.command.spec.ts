import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { CommandFailed, WrongUsage } from '../failures.js';
import { initCommand } from './init.command.js';

const example = `# Of the set-up.

# Where browsers find it
ORIGIN=
# Signs links (random)
KEY=
# Of the database (random)
DB_PASSWORD=
`;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'warden-init-'));
  for (const folder of ['small', 'extra', 'common/secrets.example']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'small/.env.example'), example);
  writeFileSync(join(root, 'extra/.env.example'), '# Of the add-on (random)\nEXTRA_PASSWORD=\n');
  writeFileSync(join(root, 'common/secrets.example/URL'), 'postgresql://app:${DB_PASSWORD}@db/x\n');
  writeFileSync(join(root, 'common/secrets.example/EXTRA'), '${EXTRA_PASSWORD}\n');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function init(...args: string[]) {
  const told = { code: -1, out: '', err: '' };
  told.code = await initCommand.execute(['small', ...args], {
    env: {},
    secretsDir: '/nonexistent',
    workingDir: root,
    userDir: root,
    stdin: Readable.from([]),
    stdinIsTerminal: false,
    fetch: () => Promise.reject(new Error('not asked')),
    now: () => 0,
    out: (text) => (told.out += text),
    err: (text) => (told.err += text),
    migrate: () => Promise.resolve(0),
  });
  return told;
}

const env = () => readFileSync(join(root, 'small/.env'), 'utf8');
const valueOf = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(env())?.[1] ?? '';
const modeOf = (path: string) => statSync(join(root, path)).mode & 0o777;
const caught = (work: () => Promise<unknown>) =>
  Promise.resolve()
    .then(work)
    .catch((error: unknown) => error);

describe('warden init', () => {
  it('makes up every secret, another one each, and prints none', async () => {
    const told = await init('--set', 'ORIGIN=http://localhost:8080');
    expect(told).toMatchObject({ code: 0, err: '' });
    expect(valueOf('KEY')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(valueOf('DB_PASSWORD')).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(valueOf('KEY')).not.toBe(valueOf('DB_PASSWORD'));
    expect(told.out).not.toContain(valueOf('KEY'));
    expect(env()).toContain('# Signs links (random)\nKEY=');
  });

  it('writes .env for its owner alone, and secrets into a folder that nobody else enters', async () => {
    await init('--set', 'ORIGIN=x');
    expect([modeOf('small/.env'), modeOf('small/secrets'), modeOf('small/secrets/URL')]).toEqual([0o600, 0o700, 0o444]);
    expect(readFileSync(join(root, 'small/secrets/URL'), 'utf8')).toBe(
      `postgresql://app:${valueOf('DB_PASSWORD')}@db/x`,
    );
  });

  it('changes nothing that is set, to the letter, and fills an empty entry where it stands', async () => {
    writeFileSync(join(root, 'small/.env'), '# mine\nKEY="kept-by-me"\nORIGIN=\nOTHER=1');
    chmodSync(join(root, 'small/.env'), 0o644);
    await init('--set', 'ORIGIN=https://a.example');
    expect(env()).toMatch(
      /^# mine\nKEY="kept-by-me"\nORIGIN=https:\/\/a\.example\nOTHER=1\n# Of the database \(random\)\nDB_PASSWORD=[\w-]{43}\n$/,
    );
    expect(modeOf('small/.env')).toBe(0o600);
  });

  it('run twice gives the same', async () => {
    await init('--set', 'ORIGIN=x');
    const first = env();
    expect(await init()).toMatchObject({ code: 0 });
    expect(env()).toBe(first);
  });

  it('ends with 1 and says what is still to be given', async () => {
    const told = await init();
    expect(told).toMatchObject({ code: 1, err: expect.stringContaining('ORIGIN') as string });
    expect(valueOf('KEY')).not.toBe('');
  });

  it('adds what an add-on names, and its secrets', async () => {
    await init('--set', 'ORIGIN=x');
    expect(readdirSync(join(root, 'small/secrets'))).toEqual(['URL']);
    await init('--also', 'extra');
    expect(readFileSync(join(root, 'small/secrets/EXTRA'), 'utf8')).toBe(valueOf('EXTRA_PASSWORD'));
  });

  it.each([
    ['a secret as an argument', ['--set', 'KEY=chosen'], 'is a secret'],
    ['a name that the example does not have', ['--set', 'NOPE=1'], 'must be one of'],
    ['a value that compose would change', ['--set', 'ORIGIN=$HOME'], 'in another way'],
    ['an empty value', ['--set', 'ORIGIN='], 'in another way'],
  ])('refuses %s, and writes nothing', async (_title, args, why) => {
    const error = await caught(() => init(...args));
    expect(error).toBeInstanceOf(WrongUsage);
    expect((error as Error).message).toContain(why);
    expect(readdirSync(join(root, 'small'))).toEqual(['.env.example']);
  });

  it('refuses to replace a value by --set', async () => {
    await init('--set', 'ORIGIN=x');
    expect(await caught(() => init('--set', 'ORIGIN=y'))).toBeInstanceOf(CommandFailed);
    expect(valueOf('ORIGIN')).toBe('x');
  });

  it('refuses a password that would end the text it goes into, and writes nothing', async () => {
    writeFileSync(join(root, 'small/.env'), 'DB_PASSWORD=a@b/c\n');
    const error = await caught(() => init('--set', 'ORIGIN=x'));
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as Error).message).not.toContain('a@b');
    expect(env()).toBe('DB_PASSWORD=a@b/c\n');
  });

  it.each(['export KEY=mine', ' KEY=mine', 'KEY = mine', 'KEY: mine', 'key=mine', 'half of a password"'])(
    'refuses a line of .env that it cannot read (%s), shows none of it, and writes nothing',
    async (line) => {
      writeFileSync(join(root, 'small/.env'), `# mine\n\n${line}\n`);
      const error = await caught(() => init('--set', 'ORIGIN=x'));
      expect(error).toBeInstanceOf(CommandFailed);
      expect((error as Error).message).toMatch(/\.env, line 3:/);
      expect((error as Error).message).not.toMatch(/mine|password/);
      expect(env()).toBe(`# mine\n\n${line}\n`);
    },
  );

  it.each([
    ['PUBLIC_ORIGIN', 'https://a.example/', false],
    ['PUBLIC_ORIGIN', 'a.example', false],
    ['PUBLIC_ORIGIN', 'https://a.example/orthanc', false],
    ['PUBLIC_ORIGIN', 'https://a.example:8443', true],
    ['SUBNET', '10.213.71.0/24', false],
    ['SUBNET', '10.213', false],
    ['SUBNET', '10.213.256', false],
    ['SUBNET', '10.213.071', false],
    ['SUBNET', '10.213.71', true],
  ])('%s=%s: taken is %s, given or found in .env', async (name, value, taken) => {
    writeFileSync(join(root, 'small/.env.example'), `# One\n${name}=\n`);
    const given = await caught(() => init('--set', `${name}=${value}`));
    if (taken) expect(valueOf(name)).toBe(value);
    else expect(given).toBeInstanceOf(WrongUsage);
    writeFileSync(join(root, 'small/.env'), `${name}=${value}\n`);
    const found = await caught(() => init());
    if (taken) expect(found).toMatchObject({ code: 0 });
    else expect(found).toBeInstanceOf(CommandFailed);
  });

  it('writes nothing into what another laid where its own file comes first', async () => {
    writeFileSync(join(root, 'of-another'), 'theirs');
    symlinkSync(join(root, 'of-another'), join(root, 'small/.env.new'));
    await init('--set', 'ORIGIN=x');
    expect(readFileSync(join(root, 'of-another'), 'utf8')).toBe('theirs');
    expect(valueOf('KEY')).not.toBe('');
  });

  it('refuses an example that gives a value', async () => {
    writeFileSync(join(root, 'small/.env.example'), '# A default\nKEY=changeme\n');
    expect(await caught(() => init())).toBeInstanceOf(CommandFailed);
  });
});
