// `npm run test:system`: the built product as it runs at a user's: real processes, a real PostgreSQL, kill -9, a real browser.
//   --only NAME    one suite          --dist DIR    the build to test (default: dist)
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { installPackages } from './support/debian.mjs';
import { endStrays } from './support/stage.mjs';

const root = resolve(import.meta.dirname, '../..');
const results = join(root, 'test/.results/system.json');
const { values } = parseArgs({
  options: { only: { type: 'string' }, dist: { type: 'string', default: join(root, 'dist') } },
});
const dist = resolve(values.dist);

/** In the order in which they run; minutes are the time limit. */
const suites = [
  {
    name: 'landing',
    minutes: 4,
    run: async (check) =>
      (await import('./landing.mjs')).landingPages({
        check,
        chromiumPath: chromium(),
        outDir: join(root, 'test/system/screenshots'),
        landingMain: join(dist, 'apps/landing/src/main.js'),
      }),
  },
  {
    name: 'sharing',
    minutes: 5,
    run: async (check) =>
      (await import('./sharing.mjs')).sharing({
        check,
        dist,
        chromiumPath: chromium(),
        outDir: join(root, 'test/system/screenshots'),
      }),
  },
  { name: 'crash', minutes: 4, run: async (check) => (await import('./crash.mjs')).crashes({ check, dist }) },
  { name: 'outage', minutes: 4, run: async (check) => (await import('./outage.mjs')).outages({ check, dist }) },
  { name: 'replicas', minutes: 3, run: async (check) => (await import('./replicas.mjs')).replicas({ check, dist }) },
  // At its first run it fetches and builds Keycloak.
  {
    name: 'keycloak',
    minutes: 8,
    run: async (check) => (await import('./keycloak.mjs')).keycloakUsers({ check, dist }),
  },
  // At its first run it makes a Debian 13 with Orthanc in it; it needs root.
  { name: 'orthanc', minutes: 6, run: async (check) => (await import('./orthanc.mjs')).orthancShares({ check, dist }) },
  // At its first run it makes a Debian 13 with Orthanc in it and fetches OHIF; it needs root.
  {
    name: 'hospital',
    minutes: 6,
    run: async (check) =>
      (await import('./hospital.mjs')).hospital({
        check,
        dist,
        chromiumPath: chromium(),
        outDir: join(root, 'test/system/screenshots'),
      }),
  },
  // At its first run it fetches the validator.
  { name: 'fhir', minutes: 10, run: async (check) => (await import('./fhir/fhir.mjs')).fhirResources({ check, dist }) },
  // It needs root, to install rsyslog.
  {
    name: 'audit-syslog',
    minutes: 2,
    run: async (check) => (await import('./audit-syslog.mjs')).auditOverSyslog({ check, dist }),
  },
  // It needs root, to install rsyslog; at its first run it fetches the validator of FHIR.
  { name: 'record', minutes: 4, run: async (check) => (await import('./record.mjs')).theRecord({ check, dist }) },
  {
    name: 'record-faults',
    minutes: 6,
    run: async (check) => (await import('./record-faults.mjs')).recordFaults({ check, dist }),
  },
  // It needs root, to install nginx, Caddy and Apache.
  { name: 'proxies', minutes: 5, run: async (check) => (await import('./proxies.mjs')).proxies({ check }) },
  // It needs root, as the suite `orthanc`; and gcc.
  {
    name: 'mutual-tls',
    minutes: 6,
    run: async (check) => (await import('./mutual-tls.mjs')).mutualTls({ check, dist }),
  },
  // At its first run it fetches the schemas of Kubernetes and a linter.
  {
    name: 'deployment',
    minutes: 4,
    run: async (check) => (await import('./deployment.mjs')).deployment({ check }),
  },
  // It makes two installations from the registry.
  {
    name: 'first-run',
    minutes: 6,
    run: async (check) => (await import('./first-run.mjs')).firstRuns({ check, root }),
  },
];

const chosen = suites.filter(({ name }) => values.only === undefined || name === values.only);
if (chosen.length === 0) {
  console.error(`There is no suite ${values.only}: ${suites.map(({ name }) => name).join(', ')}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => finish());
for (const suite of chosen) await runSuite(suite);
finish();

async function runSuite({ name, minutes, run }) {
  console.log(`\n${name}`);
  let over = false;
  const check = async (title, fn) => {
    if (over) throw new Error('the time of this suite is over');
    const started = performance.now();
    let problem;
    try {
      await fn();
    } catch (error) {
      problem = error;
    }
    if (!over) report(title, problem, performance.now() - started);
  };
  let timer;
  const limit = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not finished after ${minutes} minutes`)), minutes * 60_000);
  });
  try {
    await Promise.race([run(check), limit]);
  } catch (error) {
    report(`${name} runs to its end`, error, 0);
  } finally {
    over = true;
    clearTimeout(timer);
    await endStrays();
  }
}

function report(title, problem, milliseconds) {
  if (problem === undefined) passed += 1;
  else failed += 1;
  console.log(`  ${problem === undefined ? 'ok    ' : 'FAILED'} ${title} (${(milliseconds / 1000).toFixed(1)} s)`);
  if (problem !== undefined) console.log(String(problem.stack ?? problem).replace(/^/gm, '         '));
}

function finish() {
  mkdirSync(dirname(results), { recursive: true });
  // Cut short before the first check is no success.
  if (passed === 0 && failed === 0) failed = 1;
  writeFileSync(results, `${JSON.stringify({ passed, failed })}\n`);
  console.log(`\nsystem tests: ${passed} passed, ${failed} failed`);
  void endStrays().finally(() => process.exit(failed === 0 ? 0 : 1));
}

/** Debian's browser, installed when it is missing. */
function chromium() {
  const path = '/usr/bin/chromium';
  if (existsSync(path)) return path;
  installPackages(`${path} is missing`, ['chromium', 'fonts-dejavu-core']);
  return path;
}
