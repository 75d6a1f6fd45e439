// `npm run bench`: what the built service costs beside a bare `node:http` server that does the same work, in one run.
// `--quick`: smoke run. `--dist DIR`: another build. Everything on loopback; everything it starts is ended by process id.
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { makeSizedDatabases } from './fill-shares.mjs';
import { inTurn, startLoad, summary, warmUp } from './measure.mjs';
import { cores, message, residentMegabytes, startNode, stop, stopAll } from './processes.mjs';
import { makeQuestions } from './questions.mjs';
import { doctor, startRealm } from './realm.mjs';
import { comparisonHeader, comparisonRow, goal, heading, interval, say, sizeHeader, sizeRow } from './report.mjs';
import { roots, secretKey, startService } from './service.mjs';
import { full, quick, ways } from './sizes.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, dist: { type: 'string' } },
});
const size = options.quick ? quick : full;
const dist = resolve(options.dist ?? join(import.meta.dirname, '../../dist'));
const here = (file) => join(import.meta.dirname, file);
const began = performance.now();

// For logs and DATA_DIRs. Whatever happens, processes first, then their folder.
const folder = mkdtempSync(join(tmpdir(), 'warden-bench-run-'));
let ending = null;
const end = (code) =>
  (ending ??= stopAll().then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(1));
setTimeout(() => fail(new Error(`not done within ${size.limitMinutes} minutes`)), size.limitMinutes * 60_000).unref();

function fail(error) {
  if (ending === null) console.error(`bench: ${error?.stack ?? error}`);
  void end(1);
}

try {
  await bench();
  await end(0);
} catch (error) {
  fail(error);
}

async function bench() {
  const host = startNode(here('cluster-host.mjs'), { args: [dist] });
  const database = await message(host, (value) => value?.adminUrl !== undefined, 'database', 60_000);
  const realm = await startRealm();
  const first = await startService({ dist, database, folder, name: 'service', issuer: realm.issuer });
  const load = await startLoad(await makeQuestions(first.port, size.questions, realm));
  const lineBytes = await lengthOfLine(load, first);
  await first.stop();
  say(
    `Node ${process.version}, ${cpus()[0]?.model.trim()}, ${cpus().length} cores; ${cores ? 'servers on one core, load on another' : 'processes not pinned'}.`,
  );
  say(
    `CPU = user and system time of the server process, all threads, for one request. Access line: ${lineBytes} bytes on both sides,`,
  );
  say(
    `gathered in 4 KiB writes; a write call of its own for each line would cost ${writeCost(lineBytes).toFixed(1)} µs.`,
  );

  const goals = await compareToFloor(load, database, lineBytes, realm);
  const fetches = await coldFetches(load, database, realm);
  const sized = await compareSizes(load, database);
  const ready = await readyTimes(sized);

  heading('Stated goals');
  goal(
    'validate, 16 kept connections, CPU at most 1.25 of the floor',
    goals.sixteen.median,
    1.25,
    interval(goals.sixteen),
  );
  goal('validate, a connection per call, CPU at most 1.15 of the floor', goals.each.median, 1.15, interval(goals.each));
  goal(
    'get-profile with a bearer token, 16 kept connections, CPU at most 1.5 of the floor',
    goals.profile.median,
    1.5,
    interval(goals.profile),
  );
  goal(
    'forward-auth, 16 kept connections, CPU at most 1.25 of the floor',
    goals.guard.median,
    1.25,
    interval(goals.guard),
  );
  goal('fetches of keys by a cold service for 200 users at once', fetches, 1, String(fetches));
  const largest = sized.at(-1);
  goal(
    `validate flat from 0 to ${largest.shares.toLocaleString('en')} registered shares (within 5 %)`,
    largest.ratio.median,
    1.05,
    interval(largest.ratio),
  );
  goal(
    `resident memory with ${largest.revoked.toLocaleString('en')} revoked under 200 MB, at most ever`,
    largest.memory.peak,
    200,
    `${largest.memory.peak.toFixed(0)} MB`,
  );
  goal(
    'ready within 3 s on a migrated database, slowest start',
    Math.max(...ready),
    3000,
    `${ready.map((ms) => `${(ms / 1000).toFixed(2)} s`).join(', ')}`,
  );
  say(`\nTook ${((performance.now() - began) / 1000).toFixed(0)} s.`);
}

/**
 * In several generations: compiled code settles differently from process to process, by more than the slices of one process
 * differ among each other, so the pairs of a figure come from several processes of each side.
 */
async function compareToFloor(load, database, lineBytes, realm) {
  const comparisons = size.comparisons.flatMap((one) =>
    ways.map((way) => ({ ...one, way, rounds: one.rounds[way.name] ?? 0, results: [[], []] })),
  );
  const kinds = [...new Set(size.comparisons.map((one) => one.kind))].filter((kind) => kind !== 'sized');
  for (let generation = 0; generation < size.generations; generation++) {
    const service = await startService({ dist, database, folder, name: 'service', issuer: realm.issuer });
    const floor = await startFloor(lineBytes, realm);
    await warmUp(load, [floor, service], kinds, size.warmUp);
    for (const { kind, way, requests, rounds, results } of comparisons) {
      const order = {
        kind,
        callers: way.callers,
        newConnection: way.newConnection,
        requests: Math.ceil(requests * way.weight),
      };
      const more = await inTurn(load, [floor, service], order, rounds);
      more.forEach((list, index) => results[index].push(...list));
    }
    await service.stop();
    await stop(floor.child);
  }
  heading(
    `Beside the floor (${size.generations === 1 ? 'one process' : `${size.generations} processes`} of each side)`,
  );
  comparisonHeader();
  const goals = {};
  for (const { kind, label, way, rounds, results } of comparisons) {
    if (rounds === 0) continue;
    const [bare, ours] = summary(results);
    comparisonRow(label, way.label, results[0].length, bare, ours);
    if (kind === 'validate') goals[way.name] = ours.ratio;
    if (kind === 'profile' && way.name === 'sixteen') goals.profile = ours.ratio;
    if (kind === 'guard' && way.name === 'sixteen') goals.guard = ours.ratio;
  }
  return goals;
}

/** Three services at once, on databases that differ in size only, so that they can be compared in turn. */
async function compareSizes(load, database) {
  const databases = await makeSizedDatabases(database, size.registered);
  const services = [];
  for (const [index, one] of databases.entries()) {
    services.push(await startService({ dist, database: one, folder, name: size.registered[index].name }));
  }
  await warmUp(load, services, ['validate'], size.warmUp);
  const results = summary(
    await inTurn(load, services, { kind: 'validate', callers: 16, requests: size.sizedRequests }, size.sizedRounds),
  );
  // Connections that come and go leave more memory behind than requests do.
  await inTurn(
    load,
    services,
    { kind: 'validate', callers: 16, newConnection: true, requests: Math.ceil(size.sizedRequests / 4) },
    size.sizedRounds,
  );
  heading('Validate by size of the registry (16 kept connections)');
  sizeHeader();
  const sized = results.map((result, index) => {
    const memory = residentMegabytes(services[index].pid);
    sizeRow(size.registered[index], services[index].readyMs, result, memory);
    return { ...size.registered[index], database: databases[index], ratio: result.ratio, memory };
  });
  for (const service of services) await service.stop();
  return sized;
}

/** From the spawn of `node dist/…` to the first 200 of `/health/ready`, not pinned, on the fullest database. */
async function readyTimes(sized) {
  const times = [];
  for (let start = 0; start < size.starts; start++) {
    const service = await startService({ dist, database: sized.at(-1).database, folder, name: 'ready', pinned: false });
    times.push(service.readyMs);
    await service.stop();
  }
  return times;
}

/** How often a service that knows no keys asks for them when 200 users come at once. */
async function coldFetches(load, database, realm) {
  realm.silence(true);
  const service = await startService({ dist, database, folder, name: 'cold', issuer: realm.issuer });
  realm.silence(false);
  await new Promise((resolve) => setTimeout(resolve, 1_500)); // it asked once at its start, and does not ask again at once
  const before = realm.fetches.certs;
  await load.run({ port: service.port, kind: 'profile', callers: 200, requests: 200 });
  await service.stop();
  return realm.fetches.certs - before;
}

async function startFloor(lineBytes, realm) {
  const logFile = join(folder, 'floor.log');
  const log = openSync(logFile, 'a');
  const child = startNode(here('floor.mjs'), {
    args: [secretKey, roots.orthanc, String(lineBytes), realm.publicKey, JSON.stringify(doctor)],
    stdout: log,
    core: cores?.server ?? null,
  });
  closeSync(log);
  const { port } = await message(child, (value) => value?.port !== undefined, 'floor');
  return { name: 'floor', child, pid: child.pid, port, emptyLog: () => truncateSync(logFile) };
}

/** Bytes of the service's access line for validate, for the floor to write as many. */
async function lengthOfLine(load, service) {
  await load.run({ port: service.port, kind: 'validate', callers: 1, requests: 10 });
  await new Promise((resolve) => setTimeout(resolve, 600));
  const line = readFileSync(service.logFile, 'utf8')
    .split('\n')
    .findLast((text) => text.includes('"route":"/tokens/validate"'));
  if (line === undefined) throw new Error('the service wrote no access line for validate');
  service.emptyLog();
  return Buffer.byteLength(line) + 1;
}

/** CPU microseconds of one write call for one line, on the same file system as the logs. */
function writeCost(bytes) {
  const file = openSync(join(folder, 'lines.log'), 'a');
  const line = Buffer.alloc(bytes, '.');
  const count = 20_000;
  const before = process.cpuUsage();
  for (let index = 0; index < count; index++) writeSync(file, line);
  const { user, system } = process.cpuUsage(before);
  closeSync(file);
  return (user + system) / count;
}
