import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const root = join(__dirname, '../..');
const service = 'apps/auth-service/src';

/** A violation of each rule, planted in a tree of its own: file, what it imports, and the file that is imported. */
const planted: { rule: string; file: string; imports: string; target?: string }[] = [
  { rule: 'libs-are-pure', file: 'libs/tokens/src/p1.ts', imports: '@nestjs/common' },
  {
    rule: 'use-cases-know-no-transport',
    file: `${service}/shares/p2.usecase.ts`,
    imports: './p2.controller.js',
    target: `${service}/shares/p2.controller.ts`,
  },
  {
    rule: 'controllers-hold-no-decision',
    file: `${service}/shares/p3.controller.ts`,
    imports: './p3.store.js',
    target: `${service}/shares/p3.store.ts`,
  },
  {
    rule: 'infra-serves-ports',
    file: `${service}/shares/infra/p4.ts`,
    imports: '../p4.usecase.js',
    target: `${service}/shares/p4.usecase.ts`,
  },
  { rule: 'typeorm-in-the-database-room', file: `${service}/shares/infra/p5.ts`, imports: 'typeorm' },
  {
    rule: 'tokens-alone-says-yes',
    file: `${service}/tokens/p6.ts`,
    imports: '../shares/index.js',
    target: `${service}/shares/index.ts`,
  },
  {
    rule: 'audit-asks-nobody',
    file: `${service}/audit/p16.ts`,
    imports: '../shares/index.js',
    target: `${service}/shares/index.ts`,
  },
  {
    rule: 'plugin-and-edge-are-thin',
    file: `${service}/plugin/p7.ts`,
    imports: '../shares/p7.js',
    target: `${service}/shares/p7.ts`,
  },
  {
    rule: 'features-have-one-door',
    file: `${service}/users/p8.ts`,
    imports: '../roles/p8.js',
    target: `${service}/roles/p8.ts`,
  },
  {
    rule: 'platform-knows-no-feature',
    file: `${service}/platform/http/p9.ts`,
    imports: '../../tokens/index.js',
    target: `${service}/tokens/index.ts`,
  },
  {
    rule: 'only-the-migrator-knows-migrations',
    file: `${service}/shares/p10.ts`,
    imports: '../../../../migrations/index.js',
    target: 'migrations/index.ts',
  },
  { rule: 'landing-stands-alone', file: 'apps/landing/src/p11.ts', imports: 'pg' },
  {
    rule: 'warden-asks-over-http',
    file: 'apps/warden/src/p14.ts',
    imports: '../../auth-service/src/p14.js',
    target: `${service}/p14.ts`,
  },
  {
    rule: 'migrations-stand-still',
    file: 'migrations/p12.ts',
    imports: '../libs/tokens/src/index.js',
    target: 'libs/tokens/src/index.ts',
  },
  { rule: 'no-cycles', file: `${service}/p13.ts`, imports: './q13.js', target: `${service}/q13.ts` },
];

/** Runs the product's own rules over `folder`, as `npm run check` does: which file broke which rule. */
function violationsIn(folder: string): { rule: string; file: string }[] {
  const result = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'),
      'apps',
      'libs',
      'migrations',
      '--config',
      '.dependency-cruiser.cjs',
      '--output-type',
      'json',
    ],
    { cwd: folder, encoding: 'utf8', timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
  );
  if (result.stdout === '') throw new Error(result.stderr);
  const violations: { rule: { name: string }; from: string }[] = JSON.parse(result.stdout).summary.violations;
  return violations.map(({ rule, from }) => ({ rule: rule.name, file: from }));
}

/** A tree of its own that has the rules, the packages and `files`. */
function plant(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'warden-planted-'));
  for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json']) copyFileSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const [file, text] of Object.entries({
    'apps/fine.ts': '',
    'migrations/fine.ts': '',
    'libs/fine.ts': '',
    ...files,
  })) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), text === '' ? 'export const fine = 1;\n' : text);
  }
  return folder;
}

describe('the dependency rule', () => {
  const folders: string[] = [];
  let found: { rule: string; file: string }[];
  beforeAll(() => {
    const files: Record<string, string> = {};
    for (const { rule, file, imports, target } of planted) {
      files[file] = `import '${imports}';\n`;
      if (target !== undefined)
        files[target] ??= rule === 'no-cycles' ? `import './${file.replace(/.*\//, '').replace('.ts', '.js')}';\n` : '';
    }
    folders.push(plant(files));
    found = violationsIn(folders[0] ?? '');
  }, 60_000);
  afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

  it.each(planted)('fails on a planted violation of $rule', ({ rule, file }) => {
    expect(found).toContainEqual({ rule, file });
  });

  it('has a planted violation for every rule', () => {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- the configuration is a CommonJS file
    const { forbidden } = require(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] };
    expect(planted.map((one) => one.rule).sort()).toEqual(forbidden.map((one) => one.name).sort());
  });

  it('passes a tree without a violation', () => {
    const folder = plant({});
    folders.push(folder);
    expect(violationsIn(folder)).toEqual([]);
  });
});
