import { type Socket, connect as connectPlain, isIP } from 'node:net';
import { type TLSSocket, connect as connectTls } from 'node:tls';
import type { SyslogConfig } from '../../../platform/config/syslog-settings.js';
import { SyslogConnection, SyslogFault } from '../syslog-connection.js';
import { octetCounted } from '../syslog-frame.js';
import { faultOf } from './syslog-faults.js';

/** Milliseconds. */
export interface StreamLimits {
  readonly connect: number;
  /** Below the database's limit for a transaction that waits: the claim is held while messages go out. */
  readonly write: number;
  readonly keepAlive: number;
  readonly farewell: number;
  /**
   * By TLS 1.3 a client is connected before the receiver has looked at its certificate. A session ticket says that it
   * has; not every receiver sends one, so it is not waited for any longer than this.
   */
  readonly verdict: number;
}

const usual: StreamLimits = { connect: 10_000, write: 8_000, keepAlive: 30_000, farewell: 500, verdict: 300 };

type Receiver = Pick<SyslogConfig, 'transport' | 'host' | 'port' | 'authorities' | 'client'>;

/** Octet-counted messages over TLS (RFC 5425), or in clear over TCP (RFC 6587 section 3.4.1). */
export class StreamSyslogConnection extends SyslogConnection {
  readonly longest = null;
  private readonly limits: StreamLimits;
  private socket: Socket | null = null;
  /** Why the socket is closed, as soon as it is known. */
  private fault: SyslogFault | null = null;
  private opening: Promise<void> | null = null;
  private tellLost: (fault: SyslogFault) => void = () => undefined;

  constructor(
    private readonly receiver: Receiver,
    limits: Partial<StreamLimits> = {},
  ) {
    super();
    this.limits = { ...usual, ...limits };
  }

  onLost(listener: (fault: SyslogFault) => void): void {
    this.tellLost = listener;
  }

  open(): Promise<void> {
    if (this.opening !== null) return this.opening;
    if (this.socket !== null) return Promise.resolve();
    this.opening = this.connect().finally(() => (this.opening = null));
    return this.opening;
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    const { socket } = this;
    if (socket === null || this.opening !== null) throw new SyslogFault('closed', 'there is no open connection');
    const bytes = Buffer.concat(messages.map(octetCounted));
    await this.within(this.limits.write, 'the receiver did not take the messages in time', socket, (taken) =>
      // An error closes the socket, and that is what is waited for: by then the listener knows. For what was on its way
      // when a socket was destroyed, node reports no error.
      socket.write(bytes, (error) => (error || socket.destroyed ? undefined : taken())),
    );
  }

  async close(): Promise<void> {
    const { socket } = this;
    if (socket === null) return;
    this.fault = new SyslogFault('stopped', 'the connection is given up');
    const late = setTimeout(() => socket.destroy(), this.limits.farewell);
    await new Promise<void>((closed) => {
      socket.once('close', closed);
      // What was not taken yet was not reported as sent either.
      if (this.opening !== null || socket.writableLength > 0) socket.destroy();
      else socket.end();
    });
    clearTimeout(late);
  }

  private async connect(): Promise<void> {
    const socket = this.dialled();
    let connected = false;
    this.socket = socket;
    this.fault = null;
    socket.on('error', (error) => (this.fault ??= faultOf(error)));
    // A receiver that is done reads no more, although the operating system would go on taking what is written.
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.socket = null;
      const fault = this.reason();
      if (connected && fault.reason !== 'stopped') this.tellLost(fault);
    });
    // A receiver has nothing to say; its farewell is only heard by who listens.
    socket.resume();
    const event = this.receiver.transport === 'tls' ? 'secureConnect' : 'connect';
    await this.within(this.limits.connect, 'no connection in time', socket, (done) => {
      socket.once(event, () => {
        if (this.receiver.transport === 'tls') this.awaitVerdict(socket as TLSSocket, done);
        else done();
      });
    });
    connected = true;
  }

  /** Settings that OpenSSL does not take are told like a receiver that does not. */
  private dialled(): Socket {
    try {
      return this.dial();
    } catch (error) {
      throw faultOf(error);
    }
  }

  private dial(): Socket {
    const { transport, host, port, authorities, client } = this.receiver;
    const where = { host, port, keepAlive: true, keepAliveInitialDelay: this.limits.keepAlive, noDelay: true };
    if (transport !== 'tls') return connectPlain(where);
    return connectTls({
      ...where,
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      // An address is not told by SNI (RFC 6066 section 3); its certificate is checked all the same.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ...(authorities === null ? {} : { ca: authorities }),
      ...(client === null ? {} : { cert: client.certificate, key: client.key.reveal() }),
    });
  }

  private awaitVerdict(socket: TLSSocket, done: () => void): void {
    if (socket.getProtocol() !== 'TLSv1.3') return done();
    const late = setTimeout(done, this.limits.verdict);
    for (const event of ['session', 'close']) {
      socket.once(event, () => {
        clearTimeout(late);
        // Not within the event: OpenSSL is reading then, and what is written in between breaks the stream.
        if (event === 'session') setImmediate(done);
      });
    }
  }

  /** Rejects when the socket closes before `work` is done; closes it when the time is over. */
  private within(limit: number, late: string, socket: Socket, work: (done: () => void) => void): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.fault ??= new SyslogFault('timed-out', late);
        socket.destroy();
      }, limit);
      const closed = () => {
        clearTimeout(timer);
        reject(this.reason());
      };
      socket.once('close', closed);
      work(() => {
        clearTimeout(timer);
        socket.off('close', closed);
        resolve();
      });
    });
  }

  private reason(): SyslogFault {
    return (this.fault ??= new SyslogFault('closed', 'the receiver closed the connection'));
  }
}
