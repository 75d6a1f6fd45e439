import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Log, type LogFields } from '../observability/log.js';
import { processExists } from './embedded-lock.js';
import { startEmbeddedPostgres, type EmbeddedDatabase } from './embedded-postgres.js';
import { superviseServer, type SupervisedServer } from './embedded-supervisor.js';

const timing = { lookMs: 5, firstDelayMs: 20, longestDelayMs: 80, provenMs: 60_000 };

class NotedLog extends Log {
  readonly noted: { event: string; fields: LogFields }[] = [];
  info = (event: string, fields: LogFields = {}): void => void this.noted.push({ event, fields });
  warn = this.info;
  error = this.info;
  line(): void {}
  flush(): void {}
  of(event: string): LogFields[] {
    return this.noted.filter((one) => one.event === event).map(({ fields }) => fields);
  }
}

/** A server that dies on command. */
class FakeServer implements SupervisedServer {
  running = true;
  attempts = 0;
  restarting: (attempt: number) => Promise<void> = () => Promise.resolve();
  isRunning(): boolean {
    return this.running;
  }
  async restart(): Promise<void> {
    await this.restarting(++this.attempts);
    this.running = true;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let round = 0; round < 2_000 && !condition(); round += 1) await pause(5);
  expect(condition()).toBe(true);
}

const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

describe('supervision of a server', () => {
  let server: FakeServer;
  let log: NotedLog;
  beforeEach(() => {
    server = new FakeServer();
    log = new NotedLog();
  });

  it('leaves a running server alone', async () => {
    const end = superviseServer(server, log, timing);
    await pause(50);
    await end();
    expect(server.attempts).toBe(0);
    expect(log.noted).toEqual([]);
  });

  it('tries again with growing delays, up to a limit, and says so', async () => {
    server.restarting = (attempt) =>
      attempt < 6 ? Promise.reject(new Error('no room\nEnd of the log')) : Promise.resolve();
    const end = superviseServer(server, log, timing);
    server.running = false;
    await until(() => server.running);
    await end();
    expect(log.of('embedded-database-gone').map(({ delayMs }) => delayMs)).toEqual([0, 20, 40, 80, 80, 80]);
    expect(log.of('embedded-database-restart-failed')).toEqual(Array(5).fill({ cause: 'no room' }));
    expect(log.of('embedded-database-restarted')).toHaveLength(1);
  });

  it('goes on with the delays when the server dies again soon, and begins anew once it has proven itself', async () => {
    const die = async (): Promise<void> => {
      const before = server.attempts;
      server.running = false;
      await until(() => server.attempts > before && server.running);
    };
    const end = superviseServer(server, log, timing);
    await die();
    await die();
    await end();
    const endSecond = superviseServer(server, log, { ...timing, provenMs: 0 });
    await die();
    await die();
    await endSecond();
    expect(log.of('embedded-database-gone').map(({ delayMs }) => delayMs)).toEqual([0, 20, 0, 0]);
  });

  it('starts nothing after its end, which waits for a restart under way', async () => {
    let finish = (): void => undefined;
    server.restarting = () => new Promise((done) => (finish = done));
    const end = superviseServer(server, log, timing);
    server.running = false;
    await until(() => server.attempts === 1);
    let ended = false;
    const ending = end().then(() => (ended = true));
    await pause(30);
    expect(ended).toBe(false);
    finish();
    await ending;
    server.running = false;
    await pause(50);
    expect(server.attempts).toBe(1);
  });

  it('ends at once while it waits for the next attempt', async () => {
    server.restarting = () => Promise.reject(new Error('no room'));
    const end = superviseServer(server, log, { ...timing, firstDelayMs: 3_600_000, longestDelayMs: 3_600_000 });
    server.running = false;
    await until(() => log.of('embedded-database-gone').length === 2);
    await end();
    expect(server.attempts).toBe(1);
  });
});

describe('supervision of the embedded database', () => {
  let base: string;
  let database: EmbeddedDatabase;
  let occupant: Server | undefined;
  const log = new NotedLog();
  let end: () => Promise<void> = () => Promise.resolve();

  /** With durable commits: roles and database must survive a kill that comes right after they were made. */
  const open = (): Promise<EmbeddedDatabase> =>
    startEmbeddedPostgres({ dataDir: join(base, 'data'), rootBase: join(base, 'root'), log: () => undefined });

  beforeAll(async () => {
    base = await mkdtemp(join(tmpdir(), 'warden-supervised-'));
    await chmod(base, 0o755); // as root, the server is another user, who must get through
    database = await open();
    end = superviseServer(database, log, timing);
  });
  afterAll(async () => {
    occupant?.close();
    await end();
    await database.stop();
    await rm(base, { recursive: true, force: true });
  });

  const ask = async (): Promise<unknown> => {
    const client = new pg.Client(database.applicationUrl);
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query('SELECT 1 AS one')).rows;
    } finally {
      await client.end();
    }
  };

  it('brings a killed server back on the address it had', async () => {
    const killed = database.postmasterPid;
    process.kill(killed, 'SIGKILL');
    await until(() => log.of('embedded-database-restarted').length === 1);
    expect(await ask()).toEqual([{ one: 1 }]);
    expect(database.postmasterPid).not.toBe(killed);
    expect(processExists(database.postmasterPid)).toBe(true);
  });

  it('keeps the data folder locked meanwhile', async () => {
    process.kill(database.postmasterPid, 'SIGKILL');
    await expect(open()).rejects.toThrow(`process ${process.pid}`);
    await until(() => log.of('embedded-database-restarted').length === 2);
  });

  it('waits for its port while somebody else has it', async () => {
    await end(); // so that the port can be taken first
    process.kill(database.postmasterPid, 'SIGKILL');
    await until(() => !database.isRunning());
    occupant = await takeOver(Number(new URL(database.applicationUrl).port));
    const failures = log.of('embedded-database-restart-failed').length;
    end = superviseServer(database, log, timing);
    await until(() => log.of('embedded-database-restart-failed').length >= failures + 2);
    await new Promise((done) => occupant?.close(done));
    await until(() => log.of('embedded-database-restarted').length === 3);
    expect(await ask()).toEqual([{ one: 1 }]);
  });

  it('lets a server that was killed just before the end stay down', async () => {
    process.kill(database.postmasterPid, 'SIGKILL');
    await end();
    await database.stop();
    expect(database.isRunning()).toBe(false);
    await expect(database.restart()).rejects.toThrow('being stopped');
    database = await open(); // the lock was given back
    expect(await ask()).toEqual([{ one: 1 }]);
  });
});

/** Listens on the port once the last child of the killed server has let it go, and sends every caller away. */
async function takeOver(port: number): Promise<Server> {
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const taken = new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (await taken) return server;
    await pause(5);
  }
}
