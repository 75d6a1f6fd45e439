import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import {
  allShares,
  basic,
  caller,
  clusterOf,
  dataFolder,
  isAlive,
  isReady,
  mint,
  pause,
  payloadOf,
  portOf,
  postmasterOf,
  startService,
  until,
  unready,
  validate,
} from './support/stage.mjs';

const rounds = 3;
const connections = 8;
const loadMs = 1_500;

/** kill -9 of the service, and of its embedded PostgreSQL, under minting load: what was acknowledged is there afterwards. */
export async function crashes({ check, dist }) {
  const { dataDir } = await dataFolder('crash');
  await mkdir(dataDir, { mode: 0o700 });
  const settings = { DATA_DIR: dataDir };
  const acknowledged = new Map();

  let { service, plugin, admin } = await start();
  for (let round = 1; round <= rounds; round += 1) {
    const label = `kill -9 of the service, round ${round}`;
    const before = acknowledged.size;
    await check(`${label}: it starts again on the same folder`, async () => {
      const load = mintUnderLoad(plugin, `service-${round}`, acknowledged);
      await pause(loadMs);
      await service.kill();
      const answers = await load.end();
      delete answers['no answer']; // requests under way when it was killed
      assert.deepEqual(Object.keys(answers), ['200 application/json']);
      ({ service, plugin, admin } = await start());
    });
    await check(`${label}: every acknowledged share is there`, async () => {
      assert.ok(acknowledged.size > before, 'nothing was acknowledged');
      await assertAllThere(admin, plugin, acknowledged);
      console.log(`         ${acknowledged.size - before} acknowledged before the kill`);
    });
  }

  const cluster = await clusterOf(dataDir);
  for (let round = 1; round <= rounds; round += 1) {
    const label = `kill -9 of PostgreSQL, round ${round}`;
    const before = acknowledged.size;
    const load = mintUnderLoad(plugin, `database-${round}`, acknowledged);
    const watch = watchValidation(plugin, [...acknowledged.values()][0]);
    await pause(loadMs);
    const port = await portOf(cluster);
    let killed = await postmasterOf(cluster);
    process.kill(killed, 'SIGKILL');
    if (round === rounds) {
      // As long as somebody else has its port it cannot come back.
      let occupant;
      for (let attempt = 0; occupant === undefined; attempt += 1) {
        assert.ok(attempt < 10, `port ${port} was not to be had`);
        if (attempt > 0) {
          killed = await postmasterOf(cluster); // it was back before its port could be taken
          if (isAlive(killed)) process.kill(killed, 'SIGKILL');
        }
        occupant = await occupy(port);
      }
      await check(`${label}, kept down: readiness names the database`, async () => {
        const { detail } = await until('readiness names the database', () => unready(plugin, 'database'));
        assert.match(detail, /database cannot be reached/);
        await pause(2_000);
        assert.ok(await unready(plugin, 'database'));
      });
      await new Promise((done) => occupant.close(done));
    }
    await check(`${label}: it heals by itself, on the same port`, async () => {
      await until('PostgreSQL is back', async () => {
        const pid = await postmasterOf(cluster).catch(() => killed);
        return pid !== killed && isAlive(pid);
      });
      const healed = acknowledged.size;
      await until('shares are minted again', () => acknowledged.size > healed + connections);
      await until('readiness is well', () => isReady(plugin));
      assert.equal(await portOf(cluster), port);
    });
    const answers = await load.end();
    await check(`${label}: minting answers 200 or 503 with a problem document`, () => {
      console.log(`         ${JSON.stringify(answers)}`);
      for (const kind of Object.keys(answers)) {
        assert.ok(['200 application/json', '503 application/problem+json'].includes(kind), `an answer was ${kind}`);
      }
      assert.ok(answers['503 application/problem+json'] > 0, 'the outage was not noticed by minting');
    });
    const verdicts = await watch.end();
    await check(`${label}: validate goes on from memory`, () => {
      console.log(`         ${JSON.stringify(verdicts)}`);
      assert.deepEqual(Object.keys(verdicts), ['200 granted']);
    });
    await check(`${label}: every acknowledged share is there`, async () => {
      assert.ok(acknowledged.size > before, 'nothing was acknowledged');
      await assertAllThere(admin, plugin, acknowledged);
    });
  }
  await check('SIGTERM ends a service whose log nobody reads any more', async () => {
    service.stopReading();
    assert.equal(await service.stop(), 0);
    ({ service, plugin, admin } = await start());
  });
  await check('SIGTERM ends the service and its database', async () => {
    const pid = await postmasterOf(cluster);
    assert.equal(await service.stop(), 0);
    assert.equal(isAlive(pid), false);
  });

  async function start() {
    const started = await startService({ dist, settings });
    await started.ready;
    const as = async (file) => caller(started.url, basic(await readFile(join(dataDir, file), 'utf8')));
    return { service: started, plugin: await as('plugin'), admin: await as('administrator') };
  }
}

/** Mints on several connections until told to end; answers are counted by kind. A share counts once its 200 has arrived. */
function mintUnderLoad(plugin, prefix, acknowledged) {
  const answers = {};
  let over = false;
  let count = 0;
  const worker = async () => {
    while (!over) {
      const label = `${prefix}-${++count}`;
      let answer;
      try {
        answer = await mint(plugin, label);
      } catch (error) {
        if (error.cause?.code === 'ECONNREFUSED') return; // the service is what was killed
        const kind = error.name === 'TimeoutError' ? 'hanging' : 'no answer';
        answers[kind] = (answers[kind] ?? 0) + 1;
        continue;
      }
      const kind = `${answer.status} ${answer.type.split(';')[0]}`;
      answers[kind] = (answers[kind] ?? 0) + 1;
      if (answer.status === 200) acknowledged.set(label, answer.json.token);
      else await pause(20); // refusals come fast: they must not be all that the service does
    }
  };
  const workers = Array.from({ length: connections }, worker);
  return {
    end: async () => {
      over = true;
      await Promise.all(workers);
      return answers;
    },
  };
}

/** Asks about one token again and again; verdicts are counted. */
function watchValidation(plugin, token) {
  const verdicts = {};
  let over = false;
  const asking = (async () => {
    while (!over) {
      const { status, json } = await validate(plugin, token);
      const verdict = `${status} ${json?.granted ? 'granted' : 'refused'}`;
      verdicts[verdict] = (verdicts[verdict] ?? 0) + 1;
      await pause(5);
    }
  })();
  asking.catch(() => undefined); // end() tells
  return {
    end: async () => {
      over = true;
      await asking;
      return verdicts;
    },
  };
}

async function assertAllThere(admin, plugin, acknowledged) {
  const registered = new Map((await allShares(admin)).map((share) => [share.fingerprint, share]));
  const lost = [...acknowledged].filter(([label, token]) => registered.get(payloadOf(token).jti)?.label !== label);
  assert.deepEqual(
    lost.map(([label]) => label),
    [],
  );
  const refused = [];
  const rest = [...acknowledged];
  const worker = async () => {
    for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
      const { json } = await validate(plugin, next[1]);
      if (json?.granted !== true) refused.push(next[0]);
    }
  };
  await Promise.all(Array.from({ length: connections }, worker));
  assert.deepEqual(refused, []);
}

/** Takes a port as soon as its holder has let it go, and sends every caller away. Undefined when that does not happen soon. */
async function occupy(port) {
  const deadline = Date.now() + 1_000;
  while (Date.now() < deadline) {
    const server = createServer((socket) => socket.destroy());
    const taken = await new Promise((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (taken) return server;
    await new Promise(setImmediate);
  }
  return undefined;
}
