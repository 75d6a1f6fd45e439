// `npm run api:emit`: writes every generated file that is committed; with --check, fails where one is stale.
import { spawnSync } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

const check = process.argv.includes('--check') ? ['--check'] : [];
const steps = [
  ['dist/apps/auth-service/src/emit-documents.js', ...check],
  [
    'node_modules/openapi-typescript/bin/cli.js',
    'apps/auth-service/openapi.json',
    '-o',
    'libs/auth-service-api/src/auth-service.generated.ts',
    ...check,
  ],
];
prepare({ build: true });
let failed = 0;
for (const args of steps) {
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) failed++;
}
if (failed > 0 && check.length > 0) console.error('Generated files are stale; run: npm run api:emit');
process.exit(failed === 0 ? 0 : 1);
