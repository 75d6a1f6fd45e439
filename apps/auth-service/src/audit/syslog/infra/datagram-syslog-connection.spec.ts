import { type Socket, createSocket } from 'node:dgram';
import { SyslogFault } from '../syslog-connection.js';
import { DatagramSyslogConnection } from './datagram-syslog-connection.js';

const running: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of running.splice(0)) await end();
});

async function receiver(
  port = 0,
): Promise<{ socket: Socket; port: number; received: string[]; stop(): Promise<void> }> {
  const socket = createSocket('udp4');
  const received: string[] = [];
  socket.on('message', (message) => received.push(message.toString()));
  await new Promise<void>((resolve) => socket.bind(port, '127.0.0.1', resolve));
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= new Promise((resolve) => socket.close(() => resolve())));
  running.push(stop);
  return { socket, port: socket.address().port, received, stop };
}

function connectionTo(port: number): DatagramSyslogConnection {
  const connection = new DatagramSyslogConnection({ host: '127.0.0.1', port });
  running.push(() => connection.close());
  return connection;
}

async function until(probe: () => boolean): Promise<void> {
  for (let waited = 0; !probe(); waited += 10) {
    if (waited > 5_000) throw new Error('not within 5 s');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('over UDP', () => {
  it('each message is one datagram, as it is', async () => {
    const { port, received } = await receiver();
    const connection = connectionTo(port);
    await connection.open();
    const messages = Array.from({ length: 50 }, (_, index) => `<85>1 ${index} Grüße`);
    await connection.send(messages.map((text) => Buffer.from(text)));
    await until(() => received.length === 50);
    expect(received).toEqual(messages);
  });

  it('the longest message that is allowed arrives whole', async () => {
    const { socket, port, received } = await receiver();
    socket.setRecvBufferSize(200_000);
    const connection = connectionTo(port);
    await connection.open();
    await connection.send([Buffer.alloc(connection.longest, 'x')]);
    await until(() => received.length === 1);
    expect(received[0]?.length).toBe(65_507);
    await expect(connection.send([Buffer.alloc(connection.longest + 1, 'x')])).rejects.toThrow(SyslogFault);
  });

  it('that nobody listens is noticed where the host says so, and it heals', async () => {
    const first = await receiver();
    const connection = connectionTo(first.port);
    const lost: string[] = [];
    connection.onLost(({ reason }) => lost.push(reason));
    await connection.open();
    await first.stop();
    await connection.send([Buffer.from('into nothing')]);
    await until(() => lost.length === 1);
    expect(lost).toEqual(['unreachable']);
    await expect(connection.send([Buffer.from('again')])).rejects.toMatchObject({ reason: 'unreachable' });
    const second = await receiver(first.port);
    await connection.open();
    await connection.send([Buffer.from('here')]);
    await until(() => second.received.length === 1);
  });

  it('nothing is sent once it is closed', async () => {
    const { port } = await receiver();
    const connection = connectionTo(port);
    connection.onLost(() => {
      throw new Error('it was not lost');
    });
    await connection.open();
    await connection.close();
    await expect(connection.send([Buffer.from('x')])).rejects.toMatchObject({ reason: 'stopped' });
  });
});
