import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, type Server, type Socket, createServer as createPlainServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TlsOptions, type TLSSocket, createServer as createTlsServer } from 'node:tls';
import { type WardenEvent, itself, noSource } from '@warden/events';
import { v7 as uuidv7 } from 'uuid';
import type { SyslogConfig } from '../../../platform/config/syslog-settings.js';
import { PinoLog } from '../../../platform/observability/log.js';
import { Secret } from '../../../platform/observability/secret.js';
import { SystemClock } from '../../../platform/time/clock.js';
import { AuditDeliveryStore, type EventToDeliver } from '../audit-delivery.store.js';
import { type DeliveryLimits, DeliverAuditMessages } from '../deliver-audit-messages.usecase.js';
import type { SyslogFault } from '../syslog-connection.js';
import { type StreamLimits, StreamSyslogConnection } from './stream-syslog-connection.js';

interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** Two authorities, and of each a certificate for localhost that servers and clients may show. Made by openssl. */
const certificates = (() => {
  const folder = mkdtempSync(join(tmpdir(), 'warden-syslog-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const elliptic = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    writeFileSync(at('leaf'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n');
    const made = ['ours', 'foreign'].map((name) => {
      // prettier-ignore
      openssl('req', '-x509', ...elliptic, '-days', '2', '-subj', `/CN=${name} authority`, '-keyout', at(`${name}-ca.key`), '-out', at(`${name}-ca`));
      openssl('req', ...elliptic, '-subj', `/CN=${name}`, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
      // prettier-ignore
      openssl('x509', '-req', '-in', at(`${name}.csr`), '-CA', at(`${name}-ca`), '-CAkey', at(`${name}-ca.key`), '-CAcreateserial', '-days', '2', '-extfile', at('leaf'), '-out', at(name));
      const read = (file: string) => readFileSync(at(file), 'utf8');
      return { ca: read(`${name}-ca`), key: read(`${name}.key`), cert: read(name) };
    });
    return { ours: made[0], foreign: made[1] } as Record<'ours' | 'foreign', Certificate & { readonly ca: string }>;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
})();
const { ours, foreign } = certificates;
const asClient = ({ cert, key }: Certificate): SyslogConfig['client'] => ({ certificate: cert, key: new Secret(key) });

const running: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of running.splice(0).reverse()) await end();
});

/** A receiver of octet-counted messages on loopback. */
class Receiver {
  readonly messages: string[] = [];
  readonly sockets = new Set<Socket>();
  /** Below TLS. */
  private readonly transports = new Set<Socket>();
  /** Of these connections nothing is read any more. */
  readonly deaf = new Set<Socket>();
  connections = 0;
  clients: (string | undefined)[] = [];
  protocols: (string | null)[] = [];
  onConnection: (socket: Socket) => void = () => undefined;
  onMessage: (count: number, socket: Socket) => void = () => undefined;
  private server: Server | null = null;
  port = 0;

  constructor(private readonly tls: TlsOptions | null) {
    running.push(() => this.stop());
  }

  async listen(port = this.port): Promise<this> {
    const take = (socket: Socket) => this.take(socket);
    const server = this.tls === null ? createPlainServer(take) : createTlsServer(this.tls, take);
    server.on('connection', (socket: Socket) => {
      this.transports.add(socket);
      socket.on('error', () => undefined);
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    return this;
  }

  /** All connections break, what was not read is lost. */
  reset(): void {
    for (const socket of this.transports) socket.resetAndDestroy();
    for (const socket of this.sockets) socket.destroy();
    this.transports.clear();
    this.sockets.clear();
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    this.reset();
    await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())));
  }

  private take(socket: Socket): void {
    this.connections++;
    this.sockets.add(socket);
    socket.on('error', () => undefined);
    if (this.tls !== null) {
      this.clients.push((socket as TLSSocket).getPeerCertificate().subject?.CN);
      this.protocols.push((socket as TLSSocket).getProtocol());
    }
    this.onConnection(socket);
    if (this.deaf.has(socket)) return void socket.pause();
    let rest = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      for (;;) {
        const space = rest.indexOf(' ');
        const end = space + 1 + Number(rest.subarray(0, space).toString());
        if (!(rest.length >= end) || space < 0 || this.deaf.has(socket)) return;
        this.messages.push(rest.subarray(space + 1, end).toString());
        rest = rest.subarray(end);
        this.onMessage(this.messages.length, socket);
      }
    });
  }
}

const withTls = (more: TlsOptions = {}) => new Receiver({ key: ours.key, cert: ours.cert, ...more }).listen();
const mutual = (more: TlsOptions = {}) =>
  withTls({ ca: ours.ca, requestCert: true, rejectUnauthorized: true, ...more });
const inClear = () => new Receiver(null).listen();

interface Told {
  readonly connection: StreamSyslogConnection;
  readonly lost: SyslogFault[];
}

function connectionTo(port: number, more: Partial<SyslogConfig> = {}, limits: Partial<StreamLimits> = {}): Told {
  const connection = new StreamSyslogConnection(
    { transport: 'tls', host: 'localhost', port, authorities: ours.ca, client: null, ...more },
    limits,
  );
  running.push(() => connection.close());
  const lost: SyslogFault[] = [];
  connection.onLost((fault) => lost.push(fault));
  return { connection, lost };
}
const plain = { transport: 'tcp', host: '127.0.0.1', authorities: null } as const;

async function until(what: string, probe: () => boolean): Promise<void> {
  for (let waited = 0; !probe(); waited += 10) {
    if (waited > 8_000) throw new Error(`${what}: not within 8 s`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
const reasonOf = (work: Promise<void>) =>
  work.then(
    () => 'no fault',
    (fault: SyslogFault) => fault.reason,
  );

describe('over TLS', () => {
  it('messages arrive counted in octets, in order, over one connection', async () => {
    const receiver = await withTls();
    const { connection } = connectionTo(receiver.port);
    await connection.open();
    await connection.open();
    await connection.send([Buffer.from('<85>1 Grüße 患者'), Buffer.from('with\nline end')]);
    await connection.send([Buffer.alloc(100_000, 'x')]);
    await until('they arrive', () => receiver.messages.length === 3);
    expect(receiver.messages.slice(0, 2)).toEqual(['<85>1 Grüße 患者', 'with\nline end']);
    expect(receiver.messages[2]?.length).toBe(100_000);
    expect([receiver.connections, receiver.protocols]).toEqual([1, ['TLSv1.3']]);
  });

  it('an address is as good as a name, if the certificate holds it', async () => {
    const receiver = await withTls();
    const { connection } = connectionTo(receiver.port, { host: '127.0.0.1' });
    await connection.open();
    await connection.send([Buffer.from('x')]);
    await until('it arrives', () => receiver.messages.length === 1);
  });

  it.each([
    ['of an unknown authority', { key: foreign.key, cert: foreign.cert }, 'localhost'],
    ['for another name', {}, '127.0.0.2'],
  ])('a receiver with a certificate %s is told nothing', async (_title, tls, host) => {
    const receiver = new Receiver({ key: ours.key, cert: ours.cert, ...tls });
    await receiver.listen();
    // 127.0.0.2 is this machine too, where somebody else may answer.
    const other = host === 'localhost' ? receiver : await listenAt(host);
    const { connection } = connectionTo(other.port, { host });
    expect(await reasonOf(connection.open())).toBe('server-certificate');
    expect(await reasonOf(connection.send([Buffer.from('x')]))).toBe('closed');
    expect(other.messages).toEqual([]);
  });

  it('nothing older than TLS 1.2 is spoken', async () => {
    const ciphers = 'DEFAULT@SECLEVEL=0';
    const old = await withTls({ minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers });
    expect(await reasonOf(connectionTo(old.port).connection.open())).toBe('tls');
    const enough = await withTls({ maxVersion: 'TLSv1.2' });
    await connectionTo(enough.port).connection.open();
    await until('it is connected', () => enough.protocols.length === 1);
    expect([old.protocols, enough.protocols]).toEqual([[], ['TLSv1.2']]);
  });

  describe.each(['TLSv1.2', 'TLSv1.3'] as const)('by %s, where the receiver asks for a certificate', (maxVersion) => {
    it('ours is shown', async () => {
      const receiver = await mutual({ maxVersion });
      const { connection } = connectionTo(receiver.port, { client: asClient(ours) });
      await connection.open();
      await connection.send([Buffer.from('x')]);
      await until('it arrives', () => receiver.messages.length === 1);
      expect([receiver.clients, receiver.protocols]).toEqual([['ours'], [maxVersion]]);
    });

    it.each([
      ['no certificate', null, 'client-certificate'],
      // node's server hangs up on it without a word.
      ['one that it does not trust', asClient(foreign), 'closed'],
    ])('%s is a fault before anything is sent', async (_title, client, reason) => {
      const receiver = await mutual({ maxVersion });
      const { connection, lost } = connectionTo(receiver.port, { client });
      expect(await reasonOf(connection.open())).toBe(reason);
      expect([lost, receiver.messages]).toEqual([[], []]);
    });
  });

  it('a receiver that speaks no TLS is given up in time', async () => {
    const receiver = await inClear();
    const { connection } = connectionTo(receiver.port, {}, { connect: 200 });
    expect(await reasonOf(connection.open())).toBe('timed-out');
  });

  it('certificates that OpenSSL does not take are a fault and no exception', async () => {
    const client = { certificate: 'none', key: new Secret('none') };
    expect(await reasonOf(connectionTo(1, { client }).connection.open())).not.toBe('no fault');
  });
});

async function listenAt(host: string): Promise<{ port: number; messages: string[] }> {
  const server = createTlsServer({ key: ours.key, cert: ours.cert });
  server.on('tlsClientError', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  running.push(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return { port: (server.address() as AddressInfo).port, messages: [] };
}

describe.each([
  ['TLS', () => withTls(), {}],
  ['TCP', () => inClear(), plain],
])('a connection by %s', (_transport, start, more) => {
  it('that nobody takes is a fault, and a later one succeeds', async () => {
    const receiver = await start();
    await receiver.stop();
    const { connection } = connectionTo(receiver.port, more);
    expect(await reasonOf(connection.open())).toBe('unreachable');
    await receiver.listen();
    await connection.open();
    await connection.send([Buffer.from('x')]);
    await until('it arrives', () => receiver.messages.length === 1);
  });

  it('that the receiver ended is told of at once, and takes no message', async () => {
    const receiver = await start();
    const { connection, lost } = connectionTo(receiver.port, more);
    await connection.open();
    await connection.send([Buffer.from('first')]);
    await until('it arrives', () => receiver.messages.length === 1);
    for (const socket of receiver.sockets) socket.end();
    await until('it is noticed', () => lost.length === 1);
    expect(lost[0]?.reason).toBe('closed');
    expect(await reasonOf(connection.send([Buffer.from('lost')]))).toBe('closed');
    await connection.open();
    await connection.send([Buffer.from('second')]);
    await until('it arrives', () => receiver.messages.length === 2);
    expect(receiver.messages).toEqual(['first', 'second']);
  });

  it('whose receiver takes nothing any more is broken in time, and is known to be before the caller hears of it', async () => {
    const receiver = await start();
    receiver.onConnection = (socket) => receiver.deaf.add(socket);
    const { connection, lost } = connectionTo(receiver.port, more, { write: 300 });
    await connection.open();
    let known = -1;
    const sending = connection.send([Buffer.alloc(64_000_000, 'x')]).catch((fault: SyslogFault) => {
      known = lost.length;
      return fault.reason;
    });
    expect(await sending).toBe('timed-out');
    expect(known).toBe(1);
  });

  it('that is closed here says farewell, tells nobody, and may be opened again', async () => {
    const receiver = await start();
    const ended: string[] = [];
    receiver.onConnection = (socket) => {
      socket.on('end', () => ended.push('farewell'));
    };
    const { connection, lost } = connectionTo(receiver.port, more);
    await connection.open();
    await connection.send([Buffer.from('x')]);
    await connection.close();
    await until('the farewell arrives', () => ended.length === 1);
    expect([lost, receiver.messages]).toEqual([[], ['x']]);
    await connection.open();
    expect(lost).toEqual([]);
  });

  it('is closed within half a second while a receiver takes nothing', async () => {
    const receiver = await start();
    receiver.onConnection = (socket) => receiver.deaf.add(socket);
    const { connection, lost } = connectionTo(receiver.port, more);
    await connection.open();
    const sending = reasonOf(connection.send([Buffer.alloc(64_000_000, 'x')]));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await connection.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect([await sending, lost]).toEqual(['stopped', []]);
  });
});

/** Events whose messages are their numbers. */
class Numbers extends AuditDeliveryStore {
  cursor = 0;
  constructor(public count: number) {
    super();
  }
  backlog() {
    return Promise.resolve(this.count - this.cursor);
  }
  next(_target: string, limit: number): Promise<EventToDeliver[]> {
    const found = Array.from({ length: Math.min(limit, this.count - this.cursor) }, (_, index) => ({
      position: this.cursor + index + 1,
      event: numbered(this.cursor + index + 1),
    }));
    return Promise.resolve(found);
  }
  delivered(_target: string, position: number) {
    this.cursor = Math.max(this.cursor, position);
    return Promise.resolve();
  }
  failed() {
    return Promise.resolve();
  }
  rewind(_target: string, position: number) {
    this.cursor = Math.min(this.cursor, position);
    return Promise.resolve();
  }
  claim<T>(_target: string, work: () => Promise<T>): Promise<T | null> {
    return work();
  }
}

const numbered = (number: number): WardenEvent => ({
  id: uuidv7(),
  at: 1_795_600_000_000,
  name: 'service.stopped',
  actor: { ...itself, name: String(number) },
  source: noSource,
  share: null,
  outcome: 'success',
  reason: null,
  detail: {},
});

function delivery(port: number, store: Numbers, client = asClient(ours), limits: Partial<DeliveryLimits> = {}) {
  const lines: string[] = [];
  const { connection } = connectionTo(port, { client }, { write: 500 });
  const delivering = new DeliverAuditMessages(
    store,
    connection,
    new SystemClock(),
    new PinoLog({ write: (line: string) => void lines.push(line) }),
    {
      target: 'syslog',
      origin: { hostName: 'h', appName: 'a', processId: '1', messageId: 'm', byteOrderMark: false },
      messagesOf: ({ actor }) => [`${'x'.repeat(500)} ${actor.name}`],
      limits: { poll: 20, retryFirst: 20, retryLongest: 200, slice: 8_192, ...limits },
    },
  );
  running.push(() => delivering.stop());
  return { delivering, lines };
}
const numbersOf = ({ messages }: Receiver) => messages.map((message) => Number(message.split(' ').at(-1)));

describe('the record, told over TLS', () => {
  it('arrives whole and in order through three breaks, though what lay in buffers was lost each time', async () => {
    const receiver = await mutual();
    const store = new Numbers(1_000);
    let breaks = 0;
    receiver.onMessage = (count, socket) => {
      if (breaks >= 3 || count < 150 * (breaks + 1)) return;
      breaks++;
      // It reads no more, while the sender goes on; then the connection breaks.
      receiver.deaf.add(socket.pause());
      setTimeout(() => receiver.reset(), 100);
    };
    const { delivering, lines } = delivery(receiver.port, store);
    delivering.start();
    await until('all arrived', () => new Set(numbersOf(receiver)).size === 1_000 && store.cursor === 1_000);
    expect(breaks).toBe(3);
    const found = numbersOf(receiver);
    expect([...new Set(found)]).toEqual(Array.from({ length: 1_000 }, (_, index) => index + 1));
    expect(found.length).toBeGreaterThan(1_000);
    expect(delivering.state()).toMatchObject({ backlog: 0, skipped: 0 });
    expect(delivering.state().failures).toBeGreaterThanOrEqual(3);
    expect(lines.join('')).toContain('"reason":"closed"');
  });

  it('is sent again after a break that comes later, with nothing new to send', async () => {
    const receiver = await mutual();
    const store = new Numbers(5);
    const { delivering } = delivery(receiver.port, store);
    receiver.onConnection = (socket) => void (receiver.connections === 1 && receiver.deaf.add(socket));
    delivering.start();
    await until('all is handed over', () => store.cursor === 5);
    expect(receiver.messages).toEqual([]);
    receiver.reset();
    await until('all arrived', () => receiver.messages.length === 5);
    expect(numbersOf(receiver)).toEqual([1, 2, 3, 4, 5]);
  });

  it('is not sent again for a break long after', async () => {
    const receiver = await mutual();
    const store = new Numbers(5);
    const { delivering } = delivery(receiver.port, store, asClient(ours), { again: 50 });
    delivering.start();
    await until('all arrived', () => receiver.messages.length === 5);
    await new Promise((resolve) => setTimeout(resolve, 100));
    receiver.reset();
    store.count = 6;
    await until('the next arrived', () => receiver.messages.length === 6);
    expect(numbersOf(receiver)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('waits for a receiver that is away, and arrives once it is there', async () => {
    const receiver = await mutual();
    await receiver.stop();
    const { delivering, lines } = delivery(receiver.port, new Numbers(250));
    delivering.start();
    await until('it was tried', () => delivering.state().failures >= 3);
    expect(delivering.state()).toMatchObject({ backlog: 250, lastDeliveredAt: null });
    await receiver.listen();
    await until('all arrived', () => receiver.messages.length === 250);
    expect(numbersOf(receiver)).toEqual(Array.from({ length: 250 }, (_, index) => index + 1));
    await until('it is told', () => lines.length === 2);
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
      'audit-syslog-postponed',
      'audit-syslog-recovered',
    ]);
  });

  it('stays here as long as the receiver wants a certificate that there is not, and the log says so', async () => {
    const receiver = await mutual();
    const store = new Numbers(3);
    const { delivering, lines } = delivery(receiver.port, store, null);
    delivering.start();
    await until('it was tried', () => delivering.state().failures >= 2);
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', reason: 'client-certificate', backlog: 3 });
    expect([store.cursor, receiver.messages]).toEqual([0, []]);
  });
});
