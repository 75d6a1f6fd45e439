// Makes a fresh clone ready: installs what package-lock.json names, and builds when asked and out of date.
// Needs nothing but Node and npm, since it runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const installedMark = join(root, 'node_modules', '.warden-installed');
const builtMark = join(root, 'dist', '.warden-built');

export function prepare({ build = false } = {}) {
  requireNode();
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (read(installedMark) !== lock) {
    console.error('Installing dependencies (npm ci) …');
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
    writeFileSync(installedMark, lock);
  }
  if (!build) return;
  const state = `${lock} ${newest()}`;
  if (read(builtMark) === state) return;
  console.error('Building …');
  run(process.execPath, [join(root, 'node_modules/@nestjs/cli/bin/nest.js'), 'build']);
  mkdirSync(join(root, 'dist'), { recursive: true });
  writeFileSync(builtMark, state);
}

function requireNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`Node ${process.versions.node} is too old: install Node 20.19 or later.`);
  process.exit(1);
}

/** The last change of anything that the build reads, in milliseconds. */
function newest() {
  const files = ['tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'].map((name) => join(root, name));
  for (const folder of ['apps', 'libs', 'migrations']) {
    for (const entry of readdirSync(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('spec.ts'))
        files.push(join(entry.parentPath, entry.name));
    }
  }
  return `${files.length} ${Math.max(...files.map((file) => statSync(file).mtimeMs))}`;
}

function read(path) {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status === 0) return;
  console.error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ''}`);
  process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) prepare({ build: process.argv.includes('--build') });
