import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate, startCluster } from './support/own-cluster.mjs';
import { undoLater, until } from './support/stage.mjs';
import { prepareSyslogServer } from './support/syslog-server.mjs';

const wave = 300;

/** The record, told to a real rsyslog by mutual TLS: while it is there, while it is killed, and after it was away. */
export async function auditOverSyslog({ check, dist }) {
  const load = (path) => import(join(dist, path));
  const at = 'apps/auth-service/src';
  const [{ Database }, { Secret }, { PinoLog }, { SystemClock }] = await Promise.all(
    ['database/database', 'observability/secret', 'observability/log', 'time/clock'].map((name) =>
      load(`${at}/platform/${name}.js`),
    ),
  );
  const { PostgresEventLog } = await load(`${at}/audit/infra/postgres-event-log.js`);
  const { DeliverAuditMessages } = await load(`${at}/audit/syslog/deliver-audit-messages.usecase.js`);
  const { PostgresAuditDeliveryStore } = await load(`${at}/audit/syslog/infra/postgres-audit-delivery.store.js`);
  const { connectSyslog } = await load(`${at}/audit/syslog/infra/connect-syslog.js`);
  const { toDicomAuditMessages } = await load('libs/events/src/dicom/dicom-audit-message.js');

  const server = await prepareSyslogServer();
  const cluster = await startCluster({ dist, name: 'audit-syslog' });
  const urls = await cluster.createDatabase('audit_syslog');
  await migrate({ dist, ...urls });
  const database = new Database(new Secret(urls.applicationUrl));
  undoLater(() => database.close());
  const events = new PostgresEventLog(database);
  const source = { id: 'warden', site: 'Hospital', host: 'warden.test', version: '0', root: null };
  const log = [];
  const read = (path) => readFile(path, 'utf8');
  const { authority, client, stranger } = server.certificates;
  let told = 0;

  await check('a receiver is told by mutual TLS, in order', async () => {
    await server.start();
    const delivery = await start();
    await seal();
    await allThere();
    await delivery.stop();
  });

  await check('messages are RFC 5424 with XML that parses, names and all', async () => {
    for (const message of await server.messages()) {
      assert.match(message, /^<8[45]>1 \d{4}-\d\d-\d\dT[\d:.]+Z warden\.test orthanc-warden \d+ IHE\+RFC-3881 - </);
      assertWellFormed(message.slice(message.indexOf(' - ') + 3));
    }
    assert.ok((await server.messages()).some((message) => message.includes('Ünïcode &amp; Søn')));
  });

  await check('killed and started again, again and again, while it is told: once or more, in order', async () => {
    const delivery = await start();
    for (let round = 0; round < 3; round += 1) {
      await seal();
      await until('some of it arrives', async () => (await numbers()).at(-1) > told - wave);
      await server.stop('SIGKILL');
      await server.start();
    }
    await allThere();
    await delivery.stop();
  });

  await check('away, and back: everything arrives later', async () => {
    await server.stop();
    const delivery = await start();
    await seal();
    await until('it was tried in vain', () => delivery.state().failures >= 2);
    // And what is sent again, because a connection broke on it.
    assert.ok(delivery.state().backlog >= wave, String(delivery.state().backlog));
    assert.ok(log.some(({ event, reason }) => event === 'audit-syslog-postponed' && reason === 'unreachable'));
    await server.start();
    await allThere();
    await until('nothing is left', () => delivery.state().backlog === 0);
    await delivery.stop();
  });

  await check('a client without a certificate, and a receiver of a stranger, get nothing of each other', async () => {
    const before = (await server.messages()).length;
    await seal();
    for (const more of [{ client: null }, { authorities: await read(stranger) }]) {
      log.length = 0;
      const delivery = await start(more);
      await until('it was tried in vain', () => delivery.state().failures >= 1);
      console.log(`         ${log[0].reason}: ${log[0].cause}`);
      await delivery.stop();
    }
    assert.equal(log[0].reason, 'server-certificate');
    assert.equal((await server.messages()).length, before);
    const delivery = await start();
    await allThere();
    await delivery.stop();
  });
  await server.stop();
  await database.close();
  await cluster.stop();

  async function start(more = {}) {
    const settings = {
      transport: 'tls',
      host: 'localhost',
      port: server.port,
      authorities: await read(authority),
      client: { certificate: await read(client.certificate), key: new Secret(await read(client.key)) },
      ...more,
    };
    const delivery = new DeliverAuditMessages(
      new PostgresAuditDeliveryStore(database),
      connectSyslog(settings),
      new SystemClock(),
      new PinoLog({ write: (line) => void log.push(JSON.parse(line)) }),
      {
        target: 'syslog',
        origin: {
          hostName: source.host,
          appName: 'orthanc-warden',
          processId: String(process.pid),
          messageId: 'IHE+RFC-3881',
          byteOrderMark: false,
        },
        messagesOf: (event) => toDicomAuditMessages(event, source),
        limits: { retryFirst: 200, retryLongest: 1_000, poll: 200 },
      },
    );
    undoLater(() => delivery.stop());
    // Whoever delivered last keeps the target for some seconds: this is the one replica, started anew.
    await database.query(`UPDATE audit_delivery SET delivered_at = delivered_at - interval '1 minute'`);
    delivery.start();
    return delivery;
  }

  /** Records a wave of events, numbered in their identities, and has them sealed. */
  async function seal() {
    const more = Array.from({ length: wave }, () => {
      told += 1;
      return {
        id: randomUUID(),
        at: Date.now(),
        name: 'share.sent',
        actor: { kind: 'user', id: 'basic:ada', name: 'Ünïcode & Søn <x>' },
        source: { address: '203.0.113.7', userAgent: null, requestId: null },
        share: { id: randomUUID(), identity: `number-${told}-`, type: 't', studies: ['1.2.3'], patients: ['P1'] },
        outcome: 'success',
        reason: null,
        detail: { what: 'link', to: `reader${told}@number.example` },
      };
    });
    await events.append(more);
    await database.query('SELECT audit_seal(10000)');
  }

  async function numbers() {
    return (await server.messages()).map((message) => Number(/reader(\d+)@number/.exec(message)?.[1]));
  }

  /** In order of first arrival, whatever came twice. */
  async function allThere() {
    await until('all of it arrived', async () => new Set(await numbers()).size === told);
    const found = await numbers();
    assert.deepEqual(
      [...new Set(found)],
      Array.from({ length: told }, (_, index) => index + 1),
    );
    console.log(`         ${told} events, ${found.length} messages in the file`);
  }
}

/** Tags that open and close in turn, quoted attributes, and no bare ampersand: enough to see a cut or torn document. */
function assertWellFormed(xml) {
  const open = [];
  const rest = xml.replace(
    /<(\/?)([A-Za-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>/g,
    (_, closing, name, _attributes, empty) => {
      if (closing) assert.equal(open.pop(), name, xml);
      else if (!empty) open.push(name);
      return '';
    },
  );
  assert.deepEqual(open, [], xml);
  assert.doesNotMatch(rest, /[<>]/, xml);
  assert.doesNotMatch(xml, /&(?!(amp|lt|gt|quot|apos|#\d+|#x[\da-f]+);)/i, xml);
}
