import assert from 'node:assert/strict';
import { admin, at, migrate, plugin, replicaSettings, startCluster } from './support/own-cluster.mjs';
import {
  allShares,
  basic,
  caller,
  isReady,
  mint,
  pause,
  payloadOf,
  startService,
  temporaryFolder,
  until,
  unready,
  validate,
} from './support/stage.mjs';
import { startProxy } from './support/tcp-proxy.mjs';

/** The plugin gives up after 10 s by default; a minting that takes as long as that hangs. */
const hangingMs = 10_000;

/** The database cut off, silent, late, or empty: what goes on, what is refused, and that all heals without a restart. */
export async function outages({ check, dist }) {
  const cluster = await startCluster({ dist, name: 'outage' });
  const proxy = await startProxy(cluster.port);
  const dataDir = await temporaryFolder('outage-data');
  let known;
  const main = await cluster.createDatabase('outage_main');
  await migrate({ dist, ...main });
  const start = (databaseUrl, more = {}) =>
    startService({
      dist,
      settings: {
        ...replicaSettings,
        DATA_DIR: dataDir,
        DATABASE_URL: at(databaseUrl, { port: String(proxy.port) }),
        ...more,
      },
    });

  await patient();
  await strict();
  await early();
  await unmigrated();
  await cluster.stop();

  /** With the default bound: judged from memory while the database is away. */
  async function patient() {
    const service = await start(main.applicationUrl);
    await service.ready;
    const [asPlugin, asAdmin] = [caller(service.url, basic(plugin)), caller(service.url, basic(admin))];
    const { token } = (await mint(asPlugin, 'before')).json;

    for (const kind of ['cut', 'stall']) {
      const label = kind === 'cut' ? 'connection cut' : 'database silent';
      await proxy[kind]();
      await check(`${label}: minting answers 503 and does not hang`, async () => {
        const times = [];
        // More than the pool holds at once, and again: neither a broken connection nor a queue may hold a request.
        for (let wave = 0; wave < 2; wave += 1) {
          await Promise.all(
            Array.from({ length: 12 }, async (_, index) => {
              const started = performance.now();
              const { status, type } = await mintWithin(asPlugin, `${kind}-${wave}-${index}`);
              times.push(performance.now() - started);
              assert.equal(status, 503);
              assert.match(type, /^application\/problem\+json/);
            }),
          ).finally(() =>
            console.log(`         slowest ${(Math.max(0, ...times) / 1000).toFixed(1)} s of ${times.length}`),
          );
        }
      });
      await check(`${label}: validate goes on from memory`, async () => {
        for (let count = 0; count < 50; count += 1) {
          assert.deepEqual((await validate(asPlugin, token)).json, { granted: true, validity: 10 });
        }
      });
      await check(`${label}: live, not ready, and readiness says why`, async () => {
        assert.equal((await asPlugin('GET', '/health/live')).status, 200);
        const { detail } = await until('readiness names the database', () => unready(asPlugin, 'database'));
        assert.match(detail, /cannot be reached/);
      });
      await check(`${label}: heals by itself`, async () => {
        await proxy.heal();
        const started = performance.now();
        await until('it is ready', () => isReady(asPlugin));
        await until('shares are minted', async () => (await mintWithin(asPlugin, `${kind}-healed`)).status === 200);
        // Every connection of the pool, not just the one that happened to be new.
        const answers = await Promise.all(
          Array.from({ length: 24 }, (_, index) => mintWithin(asPlugin, `${kind}-healed-${index}`)),
        );
        console.log(`         after ${((performance.now() - started) / 1000).toFixed(1)} s`);
        assert.deepEqual([...new Set(answers.map(({ status }) => status))], [200]);
      });
    }
    await check('outage: what was acknowledged is registered, what was refused is not', async () => {
      const labels = new Set((await allShares(asAdmin)).map(({ label }) => label));
      assert.ok(labels.has('before') && labels.has('cut-healed-23') && labels.has('stall-healed-23'));
      assert.deepEqual(
        [...labels].filter((label) => /^cut-\d/.test(label)),
        [],
      );
    });
    await check('silent database: SIGTERM ends the service all the same', async () => {
      proxy.stall();
      assert.equal(await service.stop(), 0);
      await proxy.heal();
    });
  }

  /** With a short bound: what cannot be known is refused. */
  async function strict() {
    const service = await start(main.applicationUrl, { REVOCATION_STALE_AFTER: '3', REVOCATION_POLL: '1' });
    await service.ready;
    const asPlugin = caller(service.url, basic(plugin));
    const { token } = (await mint(asPlugin, 'strict')).json;
    for (const kind of ['cut', 'stall']) {
      const label = kind === 'cut' ? 'stale after a cut' : 'stale after silence';
      await check(`${label}: validate refuses, not to be kept, and readiness names it`, async () => {
        await proxy[kind]();
        assert.equal((await validate(asPlugin, token)).json.granted, true);
        await pause(3_500);
        assert.deepEqual((await validate(asPlugin, token)).json, { granted: false, validity: 0 });
        const { detail } = await until('readiness names the revocations', () => unready(asPlugin, 'revocations'));
        assert.match(detail, /REVOCATION_STALE_AFTER/);
      });
      await check(`${label}: heals by itself`, async () => {
        await proxy.heal();
        await until('granted again', async () => (await validate(asPlugin, token)).json.granted);
        await until('it is ready', () => isReady(asPlugin));
      });
    }
    await service.stop();
  }

  /** The service is there before its database. */
  async function early() {
    await proxy.cut();
    const service = await start(main.applicationUrl);
    const asPlugin = caller(service.url, basic(plugin));
    await check('started without a database: listens, is live, not ready', async () => {
      assert.equal((await asPlugin('GET', '/health/live')).status, 200);
      assert.ok(await unready(asPlugin, 'database'));
      assert.match((await unready(asPlugin, 'revocations')).detail, /not loaded/);
    });
    await check('started without a database: refuses, not to be kept, and mints nothing', async () => {
      const token = await knownToken();
      assert.deepEqual((await validate(asPlugin, token)).json, { granted: false, validity: 0 });
      assert.equal((await mintWithin(asPlugin, 'early')).status, 503);
    });
    await check('started without a database: works when it comes', async () => {
      await proxy.heal();
      await until('it is ready', () => isReady(asPlugin));
      const { json } = await mint(asPlugin, 'late');
      assert.equal((await validate(asPlugin, json.token)).json.granted, true);
      assert.equal((await validate(asPlugin, await knownToken())).json.granted, true);
    });
    await service.stop();
  }

  /** A token that this installation minted earlier. */
  async function knownToken() {
    if (known === undefined) {
      const service = await startService({
        dist,
        settings: { ...replicaSettings, DATA_DIR: dataDir, DATABASE_URL: main.applicationUrl },
      });
      await service.ready;
      known = (await mint(caller(service.url, basic(plugin)), 'known')).json.token;
      assert.ok(payloadOf(known).jti);
      await service.stop();
    }
    return known;
  }

  /** The database is there, the schema is not. */
  async function unmigrated() {
    const empty = await cluster.createDatabase('outage_empty');
    const service = await start(empty.applicationUrl);
    const asPlugin = caller(service.url, basic(plugin));
    await check('schema absent: readiness names the command', async () => {
      assert.match(
        (await until('readiness names the schema', () => unready(asPlugin, 'schema'))).detail,
        /npm run db:migrate/,
      );
    });
    await check('schema absent: minting refuses with a problem document, no 500', async () => {
      const { status, type } = await mintWithin(asPlugin, 'no-schema');
      assert.equal(status, 503);
      assert.match(type, /^application\/problem\+json/);
    });
    await check('schema absent: ready after db:migrate, without a restart', async () => {
      assert.match(await migrate({ dist, ...empty }), /^Migrated: /);
      await until('it is ready', () => isReady(asPlugin));
      const { json } = await mint(asPlugin, 'migrated');
      assert.equal((await validate(asPlugin, json.token)).json.granted, true);
      assert.match(await migrate({ dist, ...empty }), /current/);
    });
    await service.stop();
  }
}

const mintWithin = (call, label) => mint((...request) => call(...request, hangingMs), label);
