import { eventNames } from '@warden/events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settings } from '../../apps/auth-service/src/platform/config/settings.js';

const root = join(__dirname, '../..');
const read = (name: string) => readFileSync(join(root, name), 'utf8');
const scripts = (JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts;

describe('the documents', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md', 'README.md', 'docs/sharing.md'])(
    '%s names only files that exist',
    (name) => {
      const named = [...read(name).matchAll(/`([\w./-]+)`/g)]
        .map((match) => match[1] ?? '')
        .filter(
          (text) =>
            text.includes('/') && !text.startsWith('/') && !text.startsWith('./data') && !/^(application)\//.test(text),
        );
      const places = ['', 'apps/auth-service/src/'];
      const missing = named.filter(
        (text) => !places.some((place) => existsSync(join(root, place, text))) && !text.startsWith('dist/'),
      );
      expect(named.length).toBeGreaterThan(0);
      expect(missing).toEqual([]);
    },
  );

  it.each(['README.md', 'CONTRIBUTING.md', 'docs/operating.md'])(
    '%s names only commands that package.json has',
    (name) => {
      const named = [...read(name).matchAll(/npm (?:run )?(start|test|[a-z]+:[a-z]+|check|bench)\b/g)].map(
        (match) => match[1] ?? '',
      );
      expect(named.length).toBeGreaterThan(0);
      expect(named.filter((command) => scripts[command] === undefined)).toEqual([]);
    },
  );

  it('CI calls exactly the test command of the README, then the checks, then the system tests', () => {
    const calls = read('.ci/run')
      .split('\n')
      .filter((line) => /^(\S+=\S+ )?npm /.test(line))
      .map((line) => line.replace(/^\S+=\S+ /, '').replace(' || code=1', ''));
    expect(calls).toEqual(['npm test', 'npm run check', 'npm run test:system']);
    expect(read('README.md')).toContain('```\nnpm test\n```');
  });

  it('the lock file records no download address', () => {
    expect(read('package-lock.json')).not.toContain('"resolved"');
  });

  it('every event is told of in docs/audit.md, and no other', () => {
    const told = [...read('docs/audit.md').matchAll(/`([a-z-]+\.[a-z]+)`/g)].map((match) => match[1]);
    expect(new Set(told.filter((name) => !['events.csv', 'events.ndjson'].includes(name ?? '')))).toEqual(
      new Set(eventNames),
    );
  });

  it('every setting that the loader reads is described', () => {
    const readers = [
      'load-config',
      'caller-settings',
      'edge-settings',
      'link-settings',
      'document-settings',
      'identity-settings',
      'orthanc-settings',
      'email-settings',
      'audit-settings',
      'syslog-settings',
    ];
    const loader = readers.map((name) => read(`apps/auth-service/src/platform/config/${name}.ts`)).join('\n');
    const names = new Set([...loader.matchAll(/'([A-Z][A-Z_]{3,})'/g)].map((match) => match[1] ?? ''));
    const described = new Set(settings.map((one) => one.name));
    expect([...names].filter((name) => !described.has(name))).toEqual([]);
    expect([...described].filter((name) => !names.has(name))).toEqual([]);
  });
});
