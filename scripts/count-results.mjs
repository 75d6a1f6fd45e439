// Adds up the results of the runners named as arguments and prints the closing line. A runner without results failed.
import { readFileSync } from 'node:fs';

let passed = 0;
let failed = 0;
for (const file of process.argv.slice(2)) {
  try {
    const result = JSON.parse(readFileSync(file, 'utf8'));
    passed += result.numPassedTests ?? result.passed;
    // A suite that did not run at all counts as one failure.
    failed += result.numFailedTests ?? result.failed;
    failed += result.numRuntimeErrorTestSuites ?? 0;
  } catch {
    console.error(`no results in ${file}`);
    failed += 1;
  }
}
console.log(`tests: ${passed} passed, ${failed} failed`);
process.exit(failed === 0 && passed > 0 ? 0 : 1);
