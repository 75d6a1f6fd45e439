import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { validate } from 'dockerfile-utils';
import { root } from './compose-project.js';

const folder = join(root, 'docker/images');
const ofImages = readdirSync(folder).map((name) => join(folder, name, 'Dockerfile'));
const all = [...ofImages, join(root, 'docker/keycloak/Dockerfile')];
/** Their makers' images bring no means to ask them how they are. */
const withoutHealth = ['meddream-viewer', 'meddream-token-service'];

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
    const seen = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
    for (const source of sources) {
      expect([source, existsSync(join(context, source))]).toEqual([source, true]);
      if (context !== root) continue;
      const open = seen.some(
        (line) => line.startsWith('!') && `${source.replace(/\/$/, '')}/`.startsWith(`${line.slice(1)}/`),
      );
      expect([source, open]).toEqual([source, true]);
    }
  });
});

it('no secret and no test goes into a build', () => {
  const lines = readFileSync(join(root, '.dockerignore'), 'utf8').split('\n');
  expect(lines).toEqual(expect.arrayContaining(['*', '**/.env', '**/secrets', '**/*.spec.ts']));
});

function pairOf(match: RegExpExecArray | null): [string, string][] {
  return match === null ? [] : [[match[1] ?? '', match[2] ?? '']];
}
