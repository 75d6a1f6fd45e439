// `npm run check`: everything about the code that needs no running service. All checks run; all failures are told.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare({ build: true });
const bin = (name) => join(root, 'node_modules/.bin', name);
const checks = [
  ['format', bin('prettier'), ['--check', '--log-level', 'warn', '.']],
  ['lint', bin('eslint'), ['--max-warnings', '0', '.']],
  ['types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']],
  ['architecture', bin('depcruise'), ['apps', 'libs', 'migrations', '--config', '.dependency-cruiser.cjs']],
  ['generated files', process.execPath, ['scripts/emit.mjs', '--check']],
];
let failed = 0;
for (const [name, command, args] of checks) {
  const { status } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  console.log(`check: ${name} ${status === 0 ? 'passed' : 'FAILED'}`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
