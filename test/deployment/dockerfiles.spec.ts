import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { validate } from 'dockerfile-utils';
import { root } from './compose-project.js';

const folder = join(root, 'docker/images');
const ofImages = readdirSync(folder).map((name) => join(folder, name, 'Dockerfile'));
const all = [...ofImages, join(root, 'docker/keycloak/Dockerfile')];
/** Their makers' images bring no means to ask them how they are. */
const withoutHealth = ['meddream-viewer', 'meddream-token-service'];

const ignoreRules = readFileSync(join(root, '.dockerignore'), 'utf8')
  .split('\n')
  .filter((line) => line.trim() !== '' && !line.startsWith('#'));

const dockerfiles = all.map((file) => {
  const text = readFileSync(file, 'utf8').replace(/\\\n/g, ' ');
  const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return {
    title: relative(root, file),
    file,
    lines,
    last: lines.slice(lines.findLastIndex((line) => /^FROM /.test(line))),
  };
});

describe.each(dockerfiles)('$title', ({ file, lines, last }) => {
  it('passes the linter', () => {
    const faults = validate(readFileSync(file, 'utf8'));
    expect(faults.map(({ message, range }) => [range.start.line + 1, message])).toEqual([]);
  });

  it('begins at versions that are pinned', () => {
    const defaults = new Map(lines.flatMap((line) => pairOf(/^ARG (\w+)=(.*)$/.exec(line))));
    const stages = lines.flatMap((line) => / AS (\w+)$/.exec(line)?.slice(1) ?? []);
    const from = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.slice(1) ?? []);
    for (const image of from.filter((one) => !stages.includes(one)))
      expect(image.replace(/^\$\{(\w+)\}$/, (_whole, name: string) => defaults.get(name) ?? '')).toMatch(
        /^[\w./-]+:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?$/,
      );
  });

  it('ends as a user with a number who is not root', () => {
    const users = last.filter((line) => line.startsWith('USER '));
    const uid = (users.at(-1) ?? '').replace('${MEDDREAM_UID}:', '1000:').replace(/\$\{MEDDREAM_UID\}/g, '1000');
    expect(uid).toMatch(/^USER [1-9]\d*:\d+$/);
  });

  it('says what it is', () => {
    expect(last.join('\n')).toMatch(/org\.opencontainers\.image\.title=/);
  });

  it('tells how it is, and asks without curl', () => {
    if (withoutHealth.some((name) => file.includes(name))) return;
    expect(last.some((line) => /^HEALTHCHECK .*CMD \[/.test(line))).toBe(true);
    expect(lines.join('\n')).not.toMatch(/\bcurl\b/);
  });

  it('installs and builds in no last stage that node runs in', () => {
    expect(last.filter((line) => /\b(npm|nest)\s+(ci|install|build|run)\b/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('ADD '))).toEqual([]);
  });

  it('copies what is there and what a build may see', () => {
    const context = file.includes('docker/keycloak/') ? join(root, 'docker/keycloak') : root;
    const sources = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) =>
        line
          .split(/\s+/)
          .slice(1, -1)
          .filter((word) => !word.startsWith('--')),
      );
    expect(sources.length).toBeGreaterThan(0);
    for (const source of sources) {
      expect([source, existsSync(join(context, source))]).toEqual([source, true]);
      if (context !== root) continue;
      expect([source, isSeen(source.replace(/\/$/, ''))]).toEqual([source, true]);
    }
  });

  it('gives what it copies a mode or an owner: whoever runs there can read it, whatever mode it had', () => {
    const copied = last.filter((line) => line.startsWith('COPY ') && !line.includes('--from='));
    expect(copied.filter((line) => !/ --(chmod|chown)=/.test(line))).toEqual([]);
  });
});

describe('.dockerignore', () => {
  it('closes everything first', () => {
    expect(ignoreRules[0]).toBe('*');
  });

  it.each([
    'docker/compose/minimal/.env',
    'docker/nginx/.env',
    'docker/images/secrets/KEY',
    'apps/warden/src/main.spec.ts',
    'data/secret-key',
    '.git/config',
    'node_modules/x/index.js',
  ])('keeps %s out of a build', (path) => {
    expect(isSeen(path)).toBe(false);
  });
});

describe('the image of auth-service', () => {
  const { last } = dockerfiles.find(({ file }) => file.includes('images/auth-service/')) ?? { last: [] };
  it.each(['apps/auth-service/openapi.json', 'docker/nginx/', 'package.json'])(
    'has %s, which the program reads where the repository has it',
    (path) => {
      expect(last.some((line) => line.startsWith('COPY ') && line.split(' ').includes(path))).toBe(true);
    },
  );
});

it('auth-service and landing are built by the same steps, so that one build serves both', () => {
  const built = ['auth-service', 'landing'].map((name) => {
    const { lines, last } = dockerfiles.find(({ file }) => file.includes(`images/${name}/`)) ?? { lines: [], last: [] };
    return lines.slice(0, lines.length - last.length);
  });
  expect(built[0]?.length).toBeGreaterThan(5);
  expect(built[1]).toEqual(built[0]);
});

it('a volume of MedDream belongs to who writes there', () => {
  const { last } = dockerfiles.find(({ file }) => file.includes('meddream-viewer')) ?? { last: [] };
  const made = last.findIndex((line) =>
    /^RUN mkdir .*\/opt\/meddream\/license \/opt\/meddream\/temp .*chown/.test(line),
  );
  expect(made).toBeGreaterThan(-1);
  expect(last.findLastIndex((line) => line.startsWith('USER '))).toBeGreaterThan(made);
});

it("OHIF's nginx writes no whole address down, as it would below crit: they hold tokens", () => {
  const text = readFileSync(join(folder, 'ohif/start.sh'), 'utf8');
  expect(text.match(/error_log .*/g)).toEqual(['error_log stderr crit;']);
  expect(/log_format .*/.exec(text)?.[0]).not.toMatch(/\$(request|request_uri|args|http_referer)\b/);
});

it('slapd begins with few files that it may open: it sets memory aside for each', () => {
  const lines = readFileSync(join(folder, 'openldap/start.sh'), 'utf8').split('\n');
  const limited = lines.indexOf('ulimit -n 1024');
  expect(limited).toBeGreaterThan(-1);
  expect(lines.findIndex((line) => line.startsWith('exec slapd'))).toBeGreaterThan(limited);
});

/** Whether a build may see a path: the last rule that speaks of it, or of a folder above it, counts. */
function isSeen(path: string): boolean {
  const parts = path.split('/');
  const above = parts.map((_part, index) => parts.slice(0, index + 1).join('/'));
  return ignoreRules.reduce((seen, rule) => {
    const pattern = rule
      .replace(/^!/, '')
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replace(/\*\*\/|\*/g, (stars) => (stars === '*' ? '[^/]*' : '(.*/)?'));
    return above.some((one) => new RegExp(`^${pattern}$`).test(one)) ? rule.startsWith('!') : seen;
  }, true);
}

function pairOf(match: RegExpExecArray | null): [string, string][] {
  return match === null ? [] : [[match[1] ?? '', match[2] ?? '']];
}
