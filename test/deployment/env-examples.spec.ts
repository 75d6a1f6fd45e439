import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { readExample } from '../../apps/warden/src/init/env-file.js';
import { initCommand } from '../../apps/warden/src/init/init.command.js';
import { namesIn } from '../../apps/warden/src/init/secret-files.js';
import { addOnsOf, composeFolder, project, setUps } from './compose-project.js';

const templates = join(composeFolder, 'common/secrets.example');
/** Of those whose form matters. */
const examples: Record<string, string> = { PUBLIC_ORIGIN: 'https://pacs.example.org', SUBNET: '10.213.71' };
/** Read by compose itself. */
const ofCompose = ['COMPOSE_FILE'];

const cases = setUps.flatMap((setUp) => [
  { title: setUp, setUp, addOns: [] as string[] },
  { title: `${setUp} with every add-on`, setUp, addOns: addOnsOf(setUp) },
]);

describe.each(cases)('$title', ({ setUp, addOns }) => {
  const declared = [setUp, ...addOns].flatMap((folder) => {
    const file = join(composeFolder, folder, '.env.example');
    return readExample(readFileSync(file, 'utf8'), file);
  });
  const names = declared.map(({ name }) => name);
  const { files, secrets } = project(setUp, addOns);
  const texts = files.map((file) => readFileSync(file, 'utf8'));
  // Of the services for all, only what is taken counts.
  const own = files.filter((file) => basename(file) !== 'services.yml').map((file) => readFileSync(file, 'utf8'));
  const used = new Set([...own.flatMap(namesAsked), ...namesAsked(JSON.stringify(project(setUp, addOns).services))]);
  const wanted = Object.values(secrets).map(({ file }) => basename(file));

  it('names every variable that it uses', () => {
    expect([...used].filter((name) => !names.includes(name))).toEqual([]);
    for (const file of wanted)
      expect(namesIn(readFileSync(join(templates, file), 'utf8')).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('uses every variable that it names', () => {
    const inSecrets = wanted.flatMap((file) => namesIn(readFileSync(join(templates, file), 'utf8')));
    expect(names.filter((name) => ![...used, ...inSecrets, ...ofCompose].includes(name))).toEqual([]);
  });

  it('refuses to start when a variable is missing', () => {
    for (const text of texts) expect(text.match(/\$\{\w+(?!\w|:\?)[^}]*\}/g) ?? []).toEqual([]);
  });

  it('tells of each variable what it is for', () => {
    for (const { name, comment } of declared) expect([name, comment]).toEqual([name, expect.stringMatching(/^# \S/)]);
  });

  it('makes up what is a secret and asks for the rest', () => {
    for (const { name, random } of declared) expect([name, random]).toEqual([name, /PASSWORD|SECRET|_DB_/.test(name)]);
  });

  it('has every secret written by warden init, and no word of a template is left', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'warden-set-up-'));
    try {
      for (const folder of [setUp, ...addOns])
        cpSync(join(composeFolder, folder), join(copy, folder), { recursive: true });
      cpSync(templates, join(copy, 'common/secrets.example'), { recursive: true });
      rmSync(join(copy, setUp, '.env'), { force: true });
      const given = declared
        .filter(({ random }) => !random)
        .flatMap(({ name }) => ['--set', `${name}=${examples[name] ?? 'value'}`]);
      const also = addOns.flatMap((folder) => ['--also', folder]);
      expect(await initCommand.execute([setUp, ...given, ...also], surroundings(copy))).toBe(0);
      for (const file of wanted) {
        const path = join(copy, setUp, 'secrets', file);
        expect([file, existsSync(path)]).toEqual([file, true]);
        const text = readFileSync(path, 'utf8');
        expect(text).not.toContain('${');
        if (file.endsWith('.json') || file === 'USERS') expect(() => JSON.parse(text) as unknown).not.toThrow();
      }
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });
});

it('every template of a secret belongs to a set-up', () => {
  const wanted = setUps.flatMap((setUp) => Object.values(project(setUp, addOnsOf(setUp)).secrets));
  const known = new Set(wanted.map(({ file }) => basename(file)));
  expect(readdirSync(templates).filter((name) => !known.has(name))).toEqual([]);
});

function namesAsked(text: string): string[] {
  return [...text.matchAll(/\$\{([A-Z][A-Z0-9_]*)/g)].map(([, name = '']) => name);
}

function surroundings(userDir: string): Parameters<typeof initCommand.execute>[1] {
  return {
    env: {},
    secretsDir: '/nonexistent',
    workingDir: userDir,
    userDir,
    stdin: Readable.from([]),
    stdinIsTerminal: false,
    fetch: () => Promise.reject(new Error('not asked')),
    now: () => 0,
    out: () => undefined,
    err: () => undefined,
    migrate: () => Promise.resolve(0),
  };
}
