import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { actUnderLoad } from './support/acts-under-load.mjs';
import { questionOf, signLink, startAsking, studyOf } from './support/asking-plugin.mjs';
import { prepareReceiver } from './support/counting-receiver.mjs';
import { startKillableCluster } from './support/killable-cluster.mjs';
import { admin, plugin, replicaSettings } from './support/own-cluster.mjs';
import { basic, caller, isReady, pause, startService, temporaryFolder, until } from './support/stage.mjs';

/** Questions a second. */
const load = 4_000;
/** Megabytes that the service may hold more than before: what waits and what is remembered has its bounds. */
const mostGrowth = 200;
const rounds = 10;
const databaseRounds = 2;
const replicaRounds = 4;
/** Sealed in several transactions, so that a kill can come in the midst of them. */
const wave = 14_000;
const syslogEvents = 2_000;

/**
 * The record when things break: the database away under load, the service and the database killed, two that seal and are
 * killed, and a receiver of syslog that is away. `outageSeconds`: for how long the database is away.
 */
export async function recordFaults({ check, dist, outageSeconds = Number(process.env.OUTAGE_SECONDS ?? 12) }) {
  const { Keyring } = await import(join(dist, 'libs/tokens/src/keyring.js'));
  const { kid } = Keyring.create({ signing: replicaSettings.SECRET_KEY, previous: [] }).signing;
  const key = { secretKey: replicaSettings.SECRET_KEY, keyId: kid };
  const cluster = await startKillableCluster({ dist, name: 'record-faults' });
  const dataDir = await temporaryFolder('record-faults-data');

  await databaseAway();
  await killed();
  await twoThatSeal();
  await receiverAway();
  await cluster.stop();

  async function start(database, more = {}) {
    const service = await startService({
      dist,
      settings: { ...replicaSettings, DATA_DIR: dataDir, DATABASE_URL: database.applicationUrl, ...more },
    });
    await service.ready;
    return { ...service, asPlugin: caller(service.url, basic(plugin)), asAdmin: caller(service.url, basic(admin)) };
  }

  /** The database is killed under load and stays away: what is done is refused, what is asked is answered, no loss is hidden. */
  async function databaseAway() {
    const database = await cluster.createDatabase('faults_away');
    const service = await start(database);
    const resident = async () => (await metricOf(service.asPlugin, 'process_resident_memory_bytes')) / 2 ** 20;
    const asking = await startAsking({
      url: service.url,
      authorization: basic(plugin),
      perSecond: load,
      ...key,
    });
    const acts = actUnderLoad(() => service.asAdmin, 'away', { sharers: 2 });
    await pause(3_000);
    const calm = await asking.soFar();
    const before = await resident();
    const done = acts.count();
    let peak = before;
    const sampling = setInterval(() => void resident().then((now) => (peak = Math.max(peak, now))), 250);
    let asked = calm.asked;
    let [killedAt, backAt, away] = [];

    const label = `database away for ${outageSeconds} s`;
    await check(`${label}: validations go on being answered, each as it should be`, async () => {
      await cluster.kill('SIGKILL');
      killedAt = Date.now();
      await pause(outageSeconds * 1_000);
      // A busy machine asks less, and the bounds are reached later.
      await until(
        'the bounds are reached',
        async () => {
          const { disclosure, denial } = await lostByLane(service.asPlugin);
          return disclosure > 0 && denial > 0;
        },
        20_000,
      );
      away = await asking.soFar();
      asked += away.asked;
      backAt = Date.now();
      const perSecond = away.asked / ((backAt - killedAt) / 1_000);
      console.log(`         ${perSecond.toFixed(0)} a second: ${away.granted} granted, ${away.refused} refused`);
      console.log(
        `         p99 ${away.p99Ms.toFixed(1)} ms, worst ${away.worstMs.toFixed(0)} ms (calm: ${calm.p99Ms.toFixed(1)}, ${calm.worstMs.toFixed(0)})`,
      );
      assert.ok(perSecond > 1_000, 'this is no load');
    });
    await check(`${label}: its loss is counted and logged meanwhile`, async () => {
      const lost = await lostByLane(service.asPlugin);
      console.log(`         ${JSON.stringify(lost)}`);
      assert.ok(lost.disclosure > 0 && lost.denial > 0, 'nothing was lost');
      const logged = service.events.filter(({ event }) => event === 'access-events-lost');
      assert.deepEqual([...new Set(logged.map(({ reason }) => reason))], ['database-unavailable']);
      assert.ok(logged.some(({ lane }) => lane === 'disclosure') && logged.some(({ lane }) => lane === 'denial'));
    });
    await check(`${label}: its memory is bounded`, () => {
      console.log(`         ${before.toFixed(0)} MB before, ${peak.toFixed(0)} MB at the most`);
      assert.ok(peak - before < mostGrowth, `grew by ${(peak - before).toFixed(0)} MB`);
    });
    await check(`${label}: all heals by itself`, async () => {
      await cluster.restart();
      const restarted = performance.now();
      const healed = acts.count();
      await until('actions are done again', () => acts.count() > healed + 10);
      await until('it is ready', () => isReady(service.asPlugin));
      console.log(`         after ${((performance.now() - restarted) / 1000).toFixed(1)} s`);
      await pause(2_000);
    });
    clearInterval(sampling);
    const answers = await acts.end();
    asked += (await asking.end()).asked;

    await check(`${label}: actions were refused with 503, and nothing of them was done`, async () => {
      console.log(`         ${JSON.stringify(answers)}; ${done} done before`);
      const allowed = ['200 application/json', '201 application/json', '503 application/problem+json'];
      assert.deepEqual(
        Object.keys(answers).filter((kind) => !allowed.includes(kind)),
        [],
      );
      // What was under way when the database was killed may have been done; it is told of then (see the next rounds).
      const inVain = acts.refused.filter(({ began, ended }) => began > killedAt && ended < backAt);
      const labels = inVain.map((one) => one.label).filter(Boolean);
      const shares = inVain.map((one) => one.shareId).filter(Boolean);
      console.log(
        `         ${inVain.length} refused while it was away: ${labels.length} shares, ${shares.length} revocations`,
      );
      assert.ok(labels.length > 0 && shares.length > 0, 'too few were tried');
      assert.deepEqual(await database.query('SELECT label FROM share WHERE label = ANY($1)', [labels]), []);
      const [{ early }] = await database.query(
        `SELECT count(*)::int AS early FROM audit_event
         WHERE class = 'management' AND filed_at > to_timestamp($1 / 1000.0) AND filed_at < to_timestamp($2 / 1000.0)
           AND name IN ('share.created', 'share.revoked', 'roles.changed')`,
        [killedAt, backAt],
      );
      assert.equal(early, 0);
    });
    await check(`${label}: what was done is in the record once`, async () => {
      await sealed(database);
      await allTold(database, acts.acknowledged);
      await nothingUntold(database);
    });
    let metrics;
    await check(`${label}: recorded and lost are together what was asked, to the last question`, async () => {
      metrics = await lostByLane(service.asPlugin);
      assert.equal(await service.stop(), 0);
      assert.deepEqual(
        service.events.filter(({ event }) => event === 'access-events-abandoned'),
        [],
      );
      const [{ waiting }] = await database.query('SELECT count(*)::int AS waiting FROM audit_pending');
      assert.equal(waiting, 0);
      const { recorded, twice, lost } = await accessCounts(database);
      const lostQuestions = Object.values(lost).reduce((sum, count) => sum + count, 0);
      console.log(
        `         asked ${asked}; recorded ${recorded}, lost ${lostQuestions}; recorded twice: ${twice} events`,
      );
      assert.equal(recorded + lostQuestions, asked);
      assert.deepEqual(lost, Object.fromEntries(Object.entries(metrics).filter(([, count]) => count > 0)));
    });
    await check(`${label}: the record is whole`, async () => {
      const again = await start(database);
      await whole(database, again);
      await again.stop();
    });
  }

  /** The service, and then the database, killed at random moments. */
  async function killed() {
    const database = await cluster.createDatabase('faults_killed');
    let service = await start(database);
    const acknowledged = [];
    await check(`kill -9 of the service, ${rounds} times: what was acknowledged is in the record once`, async () => {
      for (let round = 0; round < rounds; round++) {
        const acts = actUnderLoad(() => service.asAdmin, `service-${round}`);
        await until('something is done', () => acts.count() > 5);
        await pause(Math.random() * 700);
        await service.kill();
        await acts.end();
        acknowledged.push(...acts.acknowledged);
        service = await start(database);
      }
      await sealed(database);
      console.log(`         ${countOf(acknowledged)} acts`);
      await allTold(database, acknowledged);
      await nothingUntold(database);
    });
    await check('kill -9 of the service: the record is whole', () => whole(database, service));

    const { append, close } = await appender(database);
    for (let round = 0; round < databaseRounds; round++) {
      const signal = round % 2 === 0 ? 'SIGQUIT' : 'SIGKILL';
      const how = `${signal === 'SIGQUIT' ? 'immediate shutdown' : 'kill -9'} of PostgreSQL while it seals, round ${round + 1}`;
      await check(`${how}: what was acknowledged is in the record once, and it is whole`, async () => {
        const acts = actUnderLoad(() => service.asAdmin, `database-${round}`);
        const ids = await append(wave);
        const left = await until('some of it is sealed', async () => {
          const waiting = await waitingOf(database);
          return waiting < wave * (0.5 + Math.random() * 0.4) && waiting;
        });
        await pause(Math.random() * 100);
        await cluster.kill(signal);
        await cluster.restart();
        const here = acts.count();
        await until('acts are done again', () => acts.count() > here + 5);
        const answers = await acts.end();
        acknowledged.push(...acts.acknowledged);
        console.log(`         killed with ${left} or less of ${wave} waiting; acts: ${JSON.stringify(answers)}`);
        assert.ok(left > 0);
        await sealed(database);
        await allTold(database, acknowledged);
        await nothingUntold(database);
        await onceEach(database, ids);
        await whole(database, service);
      });
    }
    await close();
    await service.stop();
  }

  /** Both replicas seal, and one after the other is killed while they do. */
  async function twoThatSeal() {
    const database = await cluster.createDatabase('faults_two');
    const replicas = await Promise.all([start(database), start(database)]);
    const { append, close } = await appender(database);
    const acknowledged = [];
    const ids = [];
    await check(
      `two replicas seal, and are killed in turn ${replicaRounds} times: order and numbers are whole`,
      async () => {
        for (let round = 0; round < replicaRounds; round++) {
          const victim = round % 2;
          const acts = [0, 1].map((replica) =>
            actUnderLoad(() => replicas[replica].asAdmin, `two-${round}-${replica}`, { sharers: 2 }),
          );
          ids.push(...(await append(wave / 4)));
          await until('both do something', () => acts.every((one) => one.count() > 3));
          await pause(Math.random() * 300);
          await replicas[victim].kill();
          // What waits now; more comes all the while.
          const last = await lastWaiting(database);
          await until('the other one goes on', async () => (await waitingOf(database, last)) === 0);
          await Promise.all(acts.map((one) => one.end()));
          for (const one of acts) acknowledged.push(...one.acknowledged);
          replicas[victim] = await start(database);
        }
        await sealed(database);
        console.log(`         ${countOf(acknowledged)} acts, ${ids.length} other events`);
        await allTold(database, acknowledged);
        await nothingUntold(database);
        await onceEach(database, ids);
      },
    );
    await check('two replicas: the record is whole', () => whole(database, replicas[0]));
    await close();
    await Promise.all(replicas.map((replica) => replica.stop()));
  }

  /** Nobody listens at first, then somebody does, goes away in the midst, and comes back. */
  async function receiverAway() {
    const database = await cluster.createDatabase('faults_syslog');
    const receiver = await prepareReceiver();
    const service = await start(database, { AUDIT_SYSLOG_URL: `tcp://127.0.0.1:${receiver.port}` });
    const disclose = async (from, to) => {
      for (let number = from; number < to; number += 20) {
        const some = Array.from({ length: 20 }, (_, index) => number + index);
        const granted = await Promise.all(
          some.map(async (one) => {
            const question = questionOf(one, signLink(key, one));
            return (await service.asPlugin('POST', '/tokens/validate', question)).json.granted;
          }),
        );
        assert.ok(granted.every(Boolean));
      }
      await until('all of it is sealed', async () => (await studies()).length === to);
    };
    const studies = async () => {
      const rows = await database.query(
        `SELECT study FROM audit_event WHERE name = 'access.disclosed' ORDER BY position`,
      );
      return rows.map(({ study }) => study);
    };
    /** In order of first arrival, whatever came twice. */
    const arrived = () => [
      ...new Set(receiver.messages.map((message) => /1\.2\.276\.0\.99\.\d+/.exec(message)?.[0]).filter(Boolean)),
    ];
    const postponed = () => service.events.filter(({ event }) => event === 'audit-syslog-postponed');

    await check(`receiver of syslog away: ${syslogEvents} events wait, and it is tried ever more seldom`, async () => {
      await disclose(0, syslogEvents);
      const failures = async () => (await database.query('SELECT failures FROM audit_delivery'))[0]?.failures ?? 0;
      await until('it was tried several times', async () => (await failures()) >= 4);
      // It is counted at each attempt.
      const backlog = await until('all of it is seen to wait', async () => {
        const waiting = await metricOf(service.asPlugin, 'audit_syslog_backlog');
        return waiting >= syslogEvents && waiting;
      });
      console.log(`         tried ${await failures()} times, ${backlog} wait`);
      assert.deepEqual([...new Set(postponed().map(({ reason }) => reason))], ['unreachable']);
      assert.deepEqual(receiver.messages, []);
    });
    await check('receiver of syslog back: all of it arrives, once or more, in order', async () => {
      await receiver.come();
      const began = performance.now();
      await until('all of it arrived', () => arrived().length === syslogEvents, 60_000);
      console.log(
        `         ${receiver.messages.length} messages after ${((performance.now() - began) / 1000).toFixed(1)} s`,
      );
      assert.deepEqual(arrived(), await studies());
    });
    await check(
      'receiver of syslog gone in the midst, the service killed, both back: once or more, in order',
      async () => {
        const told = arrived().length;
        await receiver.leave();
        await disclose(syslogEvents, 2 * syslogEvents);
        await receiver.come();
        await until('some of it arrived', () => arrived().length > told + 100, 60_000);
        receiver.stall();
        await pause(300);
        await receiver.leave();
        await pause(1_000);
        await service.kill();
        const again = await start(database, { AUDIT_SYSLOG_URL: `tcp://127.0.0.1:${receiver.port}` });
        await receiver.come();
        await until('all of it arrived', () => arrived().length === 2 * syslogEvents, 60_000);
        console.log(
          `         ${receiver.messages.length} messages of ${2 * syslogEvents} disclosures and the rest, on ${receiver.connections()} connections`,
        );
        assert.deepEqual(arrived(), await studies());
        assert.equal(await again.stop(), 0);
      },
    );
    await receiver.leave();
  }

  /** The command line's verifier says so, and the numbers have no gap. */
  async function whole(database, service) {
    const [total] = await database.query(
      `SELECT count(*)::int AS events, count(DISTINCT position)::int AS positions, min(position)::int AS first,
         max(position)::int AS last, count(DISTINCT id)::int AS ids FROM audit_event`,
    );
    const { events } = total;
    assert.deepEqual(total, { events, positions: events, first: 1, last: events, ids: events });
    const chains = await database.query(
      `SELECT chain.class, chain.size::int, count(number)::int AS events, coalesce(max(number), 0)::int AS last,
         coalesce(bool_and(rising), true) AS rising
       FROM audit_chain AS chain LEFT JOIN (
         SELECT class, number, position > coalesce(lag(position) OVER (PARTITION BY class ORDER BY number), 0) AS rising
         FROM audit_event
       ) AS event USING (class) GROUP BY 1, 2`,
    );
    for (const { class: name, size, ...found } of chains)
      assert.deepEqual({ name, ...found }, { name, events: size, last: size, rising: true });
    const { code, text } = await verify(service);
    console.log(`         ${events} events: ${text.trim().split('\n')[0]}`);
    assert.equal(code, 0, text);
  }

  function verify(service) {
    const [WARDEN_USERNAME, WARDEN_PASSWORD] = admin.split(':');
    return new Promise((resolve) => {
      execFile(
        process.execPath,
        [join(dist, 'apps/warden/src/main.js'), 'audit', 'verify'],
        { env: { PATH: process.env.PATH, WARDEN_URL: service.url, WARDEN_USERNAME, WARDEN_PASSWORD }, timeout: 60_000 },
        (error, stdout, stderr) => resolve({ code: error === null ? 0 : error.code, text: stdout + stderr }),
      );
    });
  }

  /** Adds events as the product does, as a third party beside the services. Answers their ids when they are acknowledged. */
  async function appender(database) {
    const at = 'apps/auth-service/src';
    const [{ Database }, { Secret }, { PostgresEventLog }] = await Promise.all(
      ['platform/database/database', 'platform/observability/secret', 'audit/infra/postgres-event-log'].map(
        (path) => import(join(dist, `${at}/${path}.js`)),
      ),
    );
    const connection = new Database(new Secret(database.applicationUrl));
    const log = new PostgresEventLog(connection);
    return {
      close: () => connection.close(),
      append: async (count) => {
        const events = Array.from({ length: count }, (_, index) => grantEvent(index));
        // A connection that a kill has broken is found out by using it.
        await until('the database takes events', () =>
          log.append(events).then(
            () => true,
            () => false,
          ),
        );
        return events.map(({ id }) => id);
      },
    };
  }
}

function grantEvent(index) {
  const at = Date.now();
  const study = studyOf(index);
  return {
    id: randomUUID(),
    at,
    name: 'access.granted',
    actor: { kind: 'recipient', id: `identity-${index}`, name: '' },
    source: { address: null, userAgent: null, requestId: null },
    share: { id: randomUUID(), identity: `identity-${index}`, type: 't', studies: [study], patients: [`P${index}`] },
    outcome: 'success',
    reason: null,
    detail: { count: 1, until: at, level: 'study', method: 'get', study, serverId: null },
  };
}

const countOf = (acknowledged) => acknowledged.reduce((sum, { length }) => sum + length, 0);

async function lastWaiting(database) {
  return (await database.query('SELECT coalesce(max(seq), 0)::text AS last FROM audit_pending'))[0].last;
}

/** @param last of those recorded up to this one */
async function waitingOf(database, last = null) {
  const rows = await database.query(
    'SELECT count(*)::int AS waiting FROM audit_pending WHERE $1::bigint IS NULL OR seq <= $1',
    [last],
  );
  return rows[0].waiting;
}

const sealed = (database) => until('all is sealed', async () => (await waitingOf(database)) === 0);

/** Each act is told of once, and what one connection did in the order in which it did it. */
async function allTold(database, acknowledged) {
  const rows = await database.query(
    `SELECT name, coalesce(share_id::text, record::json->'detail'->>'version') AS id, position::int
     FROM audit_event WHERE name IN ('share.created', 'share.revoked', 'roles.changed')`,
  );
  const found = new Map();
  for (const { name, id, position } of rows) {
    const key = `${name} ${id}`;
    found.set(key, [...(found.get(key) ?? []), position]);
  }
  for (const acts of acknowledged) {
    let last = 0;
    for (const { name, id } of acts) {
      const positions = found.get(`${name} ${id}`) ?? [];
      assert.equal(positions.length, 1, `${name} ${id} is told of ${positions.length} times`);
      assert.ok(positions[0] > last, `${name} ${id} is told of before what was done before it`);
      last = positions[0];
    }
  }
}

/** What was done although nobody got an answer is told of too, and nothing else is. */
async function nothingUntold(database) {
  const [counts] = await database.query(
    `SELECT
       (SELECT count(*) FROM (SELECT id FROM share WHERE origin = 'minted'
          EXCEPT ALL SELECT share_id FROM audit_event WHERE name = 'share.created') AS untold)::int AS shares,
       (SELECT count(*) FROM (SELECT share_id FROM audit_event WHERE name = 'share.created'
          EXCEPT ALL SELECT id FROM share WHERE origin = 'minted') AS undone)::int AS "told of alone",
       (SELECT count(*) FROM (SELECT id FROM share WHERE revoked_at IS NOT NULL
          EXCEPT ALL SELECT share_id FROM audit_event WHERE name = 'share.revoked') AS untold)::int AS revocations,
       (SELECT count(*) FROM (SELECT share_id FROM audit_event WHERE name = 'share.revoked'
          EXCEPT ALL SELECT id FROM share WHERE revoked_at IS NOT NULL) AS undone)::int AS "revoked alone"`,
  );
  assert.deepEqual(counts, { shares: 0, 'told of alone': 0, revocations: 0, 'revoked alone': 0 });
}

async function onceEach(database, ids) {
  const [{ found, events }] = await database.query(
    `SELECT count(DISTINCT id)::int AS found, count(*)::int AS events FROM audit_event WHERE id = ANY($1::uuid[])`,
    [ids],
  );
  assert.deepEqual({ found, events }, { found: ids.length, events: ids.length });
}

/**
 * Questions that were recorded, and those that were lost, by lane. An answer of the database that was lost when it was
 * killed has a batch recorded again, as events of their own: they are told apart by saying the same, and counted once.
 */
async function accessCounts(database) {
  const [{ recorded, twice }] = await database.query(
    `SELECT coalesce(sum(count), 0)::int AS recorded, coalesce(sum(times - 1), 0)::int AS twice FROM (
       SELECT (record::json->'detail'->>'count')::int AS count, count(*) AS times FROM audit_event
       WHERE name IN ('access.disclosed', 'access.granted', 'access.denied')
       GROUP BY name, actor_id, study, reason, record::json->>'at', record::json->'detail'->>'until', 1
     ) AS told`,
  );
  const rows = await database.query(
    `SELECT record::json->'detail'->>'lane' AS lane, sum((record::json->'detail'->>'count')::int)::int AS count
     FROM audit_event WHERE name = 'audit.lost' GROUP BY 1`,
  );
  return { recorded, twice, lost: Object.fromEntries(rows.map(({ lane, count }) => [lane, count])) };
}

async function lostByLane(call) {
  const { text } = await call('GET', '/metrics');
  const found = text.matchAll(/^audit_events_lost_total\{lane="(\w+)"\} (\d+)$/gm);
  return Object.fromEntries([...found].map(([, lane, count]) => [lane, Number(count)]));
}

async function metricOf(call, name) {
  const { text } = await call('GET', '/metrics');
  return Number(new RegExp(`^${name} ([\\d.e+]+)$`, 'm').exec(text)?.[1]);
}
