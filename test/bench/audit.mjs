// `npm run bench:audit`: how many access events a second the database takes, and how many are sealed beside it; what a
// page of the record costs among millions of events; how fast an export is verified. `--seconds N` (60), `--rows N`
// (5000000), `--only write|cost|search|verify`, `--plans` prints each plan, `--dist DIR` another build.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { v7 as uuidv7 } from 'uuid';
import { costOfRecording } from './audit-cost.mjs';
import { searchRecord } from './audit-search.mjs';
import { verifyExports } from './audit-verify.mjs';
import { message, startNode, stopAll } from './processes.mjs';
import { goal, heading, say } from './report.mjs';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rows: { type: 'string', default: '5000000' },
    only: { type: 'string' },
    plans: { type: 'boolean', default: false },
    dist: { type: 'string' },
  },
});
const dist = resolve(options.dist ?? join(import.meta.dirname, '../../dist'));
const from = (path) => import(pathToFileURL(join(dist, 'apps/auth-service/src', path)).href);
const seconds = Number(options.seconds);
const wanted = (part) => options.only === undefined || options.only === part;

const patients = Array.from({ length: 2_000 }, (_, index) => `PAT-${index}`);
let made = 0;

let ending = null;
const end = (code) => (ending ??= stopAll().then(() => process.exit(code)));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(1));

try {
  await bench();
  await end(0);
} catch (error) {
  console.error(`bench: ${error?.stack ?? error}`);
  await end(1);
}

async function bench() {
  const [{ migrate }, { Secret }] = await Promise.all([
    from('platform/database/migrator.js'),
    from('platform/observability/secret.js'),
  ]);
  if (['write', 'cost', 'search'].some(wanted)) {
    const host = startNode(join(import.meta.dirname, 'cluster-host.mjs'), { args: [dist] });
    const database = await message(host, (value) => value?.adminUrl !== undefined, 'database', 60_000);
    await migrate(new Secret(database.ownerUrl), new Secret(database.applicationUrl));
    if (wanted('write')) await write(database, Secret);
    if (wanted('cost')) await costOfRecording({ dist, database });
    if (wanted('search')) {
      const adminUrl = Object.assign(new URL(database.adminUrl), {
        pathname: new URL(database.ownerUrl).pathname,
      }).href;
      await searchRecord({
        adminUrl,
        applicationUrl: database.applicationUrl,
        rows: Number(options.rows),
        plans: options.plans,
        from,
      });
    }
  }
  if (wanted('verify')) await verifyExports({ dist });
}

/** Events as the lanes write them, in batches of theirs, while the sealer works beside. */
async function write({ applicationUrl }, Secret) {
  const [{ Database }, { PostgresEventLog }, { PostgresChainsStore }] = await Promise.all([
    from('platform/database/database.js'),
    from('audit/infra/postgres-event-log.js'),
    from('audit/infra/postgres-chains.store.js'),
  ]);
  heading(`Access events into the database, for ${seconds} s`);
  const pool = new Database(new Secret(applicationUrl));
  const log = new PostgresEventLog(pool);
  const chains = new PostgresChainsStore(pool);
  let sealed = 0;
  let recording = true;
  const sealer = (async () => {
    while (recording) {
      const count = await chains.seal(2_000);
      sealed += count ?? 0;
      if ((count ?? 0) === 0) await new Promise((next) => setTimeout(next, 50));
    }
  })();
  const loop = monitorEventLoopDelay({ resolution: 1 });
  loop.enable();
  const began = performance.now();
  const cpu = process.cpuUsage();
  let recorded = 0;
  let slowest = Infinity;
  let inSecond = 0;
  let second = began;
  // As the lanes do: each writes by itself, one batch after the other.
  const lane = async () => {
    while (performance.now() - began < seconds * 1000) {
      await log.append(Array.from({ length: 1_000 }, () => granted()));
      recorded += 1_000;
      inSecond += 1_000;
      if (performance.now() - second < 1_000) continue;
      slowest = Math.min(slowest, (inSecond / (performance.now() - second)) * 1000);
      inSecond = 0;
      second = performance.now();
    }
  };
  await Promise.all([lane(), lane(), lane()]);
  const took = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  recording = false;
  await sealer;
  const whileRecording = sealed;
  const draining = performance.now();
  for (let count = 1; count > 0; sealed += count) count = (await chains.seal(2_000)) ?? 0;
  const drained = (performance.now() - draining) / 1000;
  loop.disable();
  say(
    `recorded ${recorded} in ${took.toFixed(1)} s: ${Math.round(recorded / took)} a second; slowest second ${Math.round(slowest)}`,
  );
  say(
    `sealed meanwhile ${Math.round(whileRecording / took)} a second; the rest, ${sealed - whileRecording}, at ${Math.round((sealed - whileRecording) / drained)} a second`,
  );
  say(
    `CPU of the writer: ${((user + system) / recorded).toFixed(1)} µs an event; event loop p99.9 ${(loop.percentile(99.9) / 1e6).toFixed(1)} ms`,
  );
  goal('access events a second, at least 20000', 20_000, recorded / took, Math.round(recorded / took));
  await pool.close();
}

function granted() {
  const number = made++;
  const at = Date.now();
  const study = `1.2.840.113619.2.55.3.${number % 5_000}`;
  return {
    id: uuidv7({ msecs: at, seq: number % 0x7fffffff }),
    at,
    name: 'access.granted',
    actor: { kind: 'recipient', id: `identity-of-share-${number % 5_000}`, name: '' },
    source: { address: null, userAgent: null, requestId: null },
    share: {
      id: `019a8cca-1371-7000-b9bc-${String(number % 5_000).padStart(12, '0')}`,
      identity: `identity-of-share-${number % 5_000}`,
      type: 'stone-viewer-publication',
      studies: [study],
      patients: [patients[number % patients.length]],
    },
    outcome: 'success',
    reason: null,
    detail: { count: 12, until: at, level: 'study', method: 'get', study, serverId: 'orthanc-1' },
  };
}
