// `npm run bench:sharing`: validation while 100,000 shares are ended, what a wrong PIN costs beside a link that nobody
// minted, and the landing page's first byte beside a bare Fastify route. `--pairs N` takes another number of pairs,
// `--shares N` of shares, `--dist DIR` another build; `--only bulk|gates|landing`.
import { randomBytes } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { makeSizedDatabases } from './fill-shares.mjs';
import { inTurn, startLoad, summary } from './measure.mjs';
import { cores, message, startNode, stop, stopAll } from './processes.mjs';
import { makeQuestions } from './questions.mjs';
import { comparisonHeader, comparisonRow, goal, heading, interval, say } from './report.mjs';
import { startRealm } from './realm.mjs';
import { startService, user } from './service.mjs';
import { median } from './statistics.mjs';

const { values: options } = parseArgs({
  options: {
    dist: { type: 'string' },
    only: { type: 'string' },
    pairs: { type: 'string', default: '1000' },
    shares: { type: 'string', default: '100000' },
  },
});
const dist = resolve(options.dist ?? join(import.meta.dirname, '../../dist'));
const here = (file) => join(import.meta.dirname, file);
const folder = mkdtempSync(join(tmpdir(), 'warden-bench-sharing-'));
const admin = { name: 'bench-admin', password: 'benchmark-only-password-of-admin' };
const page = { name: 'bench-landing', password: 'benchmark-only-password-of-landing' };
const settings = {
  PUBLIC_SHARE_ROOT: 'http://localhost:8001/',
  USERS: JSON.stringify({
    [user.name]: user.password,
    [admin.name]: { password: admin.password, permissions: ['all'] },
    [page.name]: { password: page.password, scopes: ['decode', 'exchange'] },
  }),
};

let ending = null;
const end = (code) =>
  (ending ??= stopAll().then(() => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(code);
  }));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void end(1));

try {
  const wanted = (name) => options.only === undefined || options.only === name;
  const host = startNode(here('cluster-host.mjs'), { args: [dist] });
  const cluster = await message(host, (value) => value?.adminUrl !== undefined, 'database', 60_000);
  const { migrate } = await from('platform/database/migrator.js');
  const { Secret } = await from('platform/observability/secret.js');
  await migrate(new Secret(cluster.ownerUrl), new Secret(cluster.applicationUrl));
  const shares = Number(options.shares);
  const [database] = await makeSizedDatabases(cluster, [{ name: 'sharing', shares, revoked: 0 }]);
  if (wanted('bulk')) await bulk(database, shares);
  if (wanted('gates')) await gates(database, Number(options.pairs));
  if (wanted('landing')) await landing(database);
  await end(0);
} catch (error) {
  console.error(`bench: ${error?.stack ?? error}`);
  await end(1);
}

function from(path) {
  return import(pathToFileURL(join(dist, 'apps/auth-service/src', path)).href);
}

/** Answers the body of a 2xx answer, and the milliseconds that it took. */
async function call({ port }, { name, password }, method, path, body) {
  const began = performance.now();
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    signal: AbortSignal.timeout(60_000),
    body: JSON.stringify(body),
  });
  const json = await response.json();
  return { status: response.status, json, ms: performance.now() - began };
}

async function bulk(database, shares) {
  heading(`Validation while ${shares.toLocaleString('en')} shares are ended`);
  const realm = await startRealm();
  const nodeArgs = ['--import', here('loop-delay.mjs')];
  const service = await startService({ dist, database, folder, name: 'bulk', settings, nodeArgs });
  const load = await startLoad(await makeQuestions(service.port, 200, realm));
  // A busy hospital's viewers: about a thousand questions a second, which leave the machine to the rest.
  const order = { kind: 'validate', callers: 16, port: service.port, requests: 1_500, pauseMs: 15 };
  const told = async () => {
    const answer = message(service.child, (value) => value?.loopDelay !== undefined, 'loop delay');
    service.child.send('loop-delay');
    return (await answer).loopDelay;
  };
  const stretch = async (title, while_) => {
    const runs = [];
    service.child.send('loop-delay-begin');
    let over = false;
    const done = while_().finally(() => (over = true));
    do runs.push(await load.run(order));
    while (!over);
    const result = await done;
    const delay = await told();
    const worst = Math.max(...runs.map(({ p999 }) => p999));
    const rate = median(runs.map(({ perSecond }) => perSecond));
    say(
      `${title}: ${Math.round(rate)} answers/s, p99.9 ${worst.toFixed(1)} ms; event loop delayed p50 ${delay.p50.toFixed(1)}, p99.9 ${delay.p999.toFixed(1)}, at most ${delay.max.toFixed(1)} ms`,
    );
    return { worst, delay, result };
  };
  await load.run({ ...order, requests: 30_000, pauseMs: 0 });
  await stretch('nothing else', () => Promise.resolve());
  const { worst, delay, result } = await stretch('meanwhile', async () => {
    const { status, json, ms } = await call(service, admin, 'POST', '/api/v1/shares/revoke', {
      keyId: 'benchmark',
      reason: 'benchmark',
    });
    if (status !== 200 || json.revoked !== shares) throw new Error(`revoke: ${status} ${JSON.stringify(json)}`);
    return ms / 1000;
  });
  say(`ended in ${result.toFixed(2)} s`);
  goal('seconds to end them, at most 10', result, 10, result.toFixed(2));
  goal('p99.9 of validation meanwhile, ms, at most 100', worst, 100, worst.toFixed(1));
  goal('delay of the event loop meanwhile, p99.9, ms, at most 100', delay.p999, 100, delay.p999.toFixed(1));
  await service.stop();
  await realm.stop?.();
}

/** In turn, one at a time: each pair is a wrong PIN at a share of its own, and a link that nobody minted. */
async function gates(database, pairs) {
  heading(`A wrong PIN beside a link that nobody minted (${pairs} pairs)`);
  const service = await startService({ dist, database, folder, name: 'gates', settings, pinned: false });
  const links = [];
  const study = { level: 'study', dicomUid: '1.2.840.113619.4711' };
  const body = { type: 'stone-viewer-publication', resources: [study], link: 'opaque', gate: { kind: 'pin' } };
  for (let index = 0; index < pairs; index += 2) {
    const made = await Promise.all([0, 1].map(() => call(service, admin, 'POST', '/api/v1/shares', body)));
    for (const { status, json } of made) {
      if (status !== 201) throw new Error(`share: ${status} ${JSON.stringify(json)}`);
      links.push(json.url.split('/s/')[1]);
    }
  }
  const times = { wrong: [], unknown: [] };
  const texts = new Set();
  const ask = async (kind, link, index) => {
    const { status, json, ms } = await call(service, page, 'POST', '/api/v1/links/exchange', {
      link,
      secret: '000001',
      session: randomBytes(32).toString('base64url'),
      address: `2001:db8:${(index >> 8).toString(16)}:${(index & 255).toString(16)}${kind === 'wrong' ? '1' : '2'}::1`,
    });
    times[kind].push(ms);
    texts.add(JSON.stringify([status, json.code, json.title, json.detail]));
  };
  for (let index = 0; index < pairs; index++) {
    const turns = [
      () => ask('wrong', links[index], index),
      () => ask('unknown', randomBytes(16).toString('base64url'), index),
    ];
    for (const turn of index % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const [wrong, unknown] = [median(times.wrong), median(times.unknown)];
  say(
    `wrong PIN: median ${wrong.toFixed(2)} ms; unknown link: median ${unknown.toFixed(2)} ms; answers: ${texts.size}`,
  );
  goal('different answers, at most 1', texts.size, 1, [...texts].join(' '));
  const apart = Math.abs(wrong - unknown);
  goal('medians apart, ms, at most 5', apart, 5, apart.toFixed(2));
  await service.stop();
}

/** The page of a gated link, with its question to the service, and the page of no link, beside a bare route. */
async function landing(database) {
  const service = await startService({ dist, database, folder, name: 'asked', settings, pinned: false });
  const study = { level: 'study', dicomUid: '1.2.840.113619.4711' };
  const body = { type: 'stone-viewer-publication', resources: [study], link: 'opaque', gate: { kind: 'pin' } };
  const made = await call(service, admin, 'POST', '/api/v1/shares', body);
  const paths = { page: `/s/${made.json.url.split('/s/')[1]}`, plain: '/' };
  const child = startApp('landing', join(dist, 'apps/landing/src/main.js'), [], {
    LANDING_PORT: '0',
    AUTH_SERVICE_URL: `http://127.0.0.1:${service.port}`,
    AUTH_SERVICE_USERNAME: page.name,
    AUTH_SERVICE_PASSWORD: page.password,
  });
  const { url } = await message(child.child, (value) => value?.ready === true, 'landing');
  const ours = { ...child, port: Number(new URL(url).port) };
  const bare = startApp(
    'bare',
    here('bare-page.mjs'),
    [`http://127.0.0.1:${service.port}`, `${page.name}:${page.password}`],
    {},
  );
  const floor = { ...bare, ...(await message(bare.child, (value) => value?.port !== undefined, 'bare route')) };
  const questions = {};
  for (const [kind, path] of Object.entries(paths)) {
    const text = await (await fetch(`http://127.0.0.1:${ours.port}${path}`)).text();
    await fetch(`http://127.0.0.1:${floor.port}/page${path}`, { method: 'PUT', body: text });
    // The load reads bytes.
    const expected = Buffer.from(text).toString('latin1');
    const asked = (prefix) => [
      {
        request: `GET ${prefix}${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html\r\n\r\n`,
        expected,
        anyStatus: true,
      },
    ];
    questions[kind] = asked('');
    questions[`${kind} asked`] = asked('/asked');
  }
  const load = await startLoad(questions);
  heading("The landing page's first byte beside a bare Fastify route (CPU of the page's process)");
  comparisonHeader();
  const compare = async (label, kind, kindOfFloor) => {
    // Each server is asked in its own way.
    const one = (server) => ({ ...server, order: { kind: server === floor ? kindOfFloor : kind } });
    const servers = [one(floor), one(ours)];
    const order = { callers: 4, requests: 2_000 };
    await inTurn(load, servers, order, 2);
    const [bareResult, result] = summary(await inTurn(load, servers, order, 9));
    comparisonRow(label, '4 kept', 9, bareResult, result);
    return result.ratio;
  };
  const plain = await compare('a page without a question, beside a bare route', 'plain', 'plain');
  const asking = await compare('a gated link, beside a route that asks the service too', 'page', 'page asked');
  const alone = await compare('a gated link, beside a bare route', 'page', 'page');
  goal('a page without a question, CPU at most 2 of a bare route', plain.median, 2, interval(plain));
  goal('a gated link, CPU at most 2 of a route that asks the service too', asking.median, 2, interval(asking));
  say(`- beside a route that asks nobody: ${interval(alone)}`);
  await stop(ours.child);
  await stop(floor.child);
  await service.stop();
}

function startApp(name, file, args, env) {
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const child = startNode(file, { args, env, stdout: log, core: cores?.server ?? null });
  closeSync(log);
  return { name, child, pid: child.pid, emptyLog: () => truncateSync(logFile) };
}
