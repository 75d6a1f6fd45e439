// `npm test`: installs what is missing, then runs jest. With WARDEN_TEST_RESULTS its results are also written there as JSON.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

prepare();
const results = process.env.WARDEN_TEST_RESULTS;
const args = [...(results ? ['--json', `--outputFile=${results}`] : []), ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...args], {
  cwd: root,
  stdio: ['ignore', results ? 2 : 'inherit', 'inherit'],
});
process.exit(status ?? 1);
