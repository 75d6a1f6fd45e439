import { type Socket, createSocket } from 'node:dgram';
import { lookup } from 'node:dns/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { SyslogConfig } from '../../../platform/config/syslog-settings.js';
import { SyslogConnection, SyslogFault } from '../syslog-connection.js';
import { faultOf } from './syslog-faults.js';

/** Octets that one datagram of IPv4 holds beside its headers. */
const longestDatagram = 65_507;
/** What is sent at once, and milliseconds until more is: a receiver's buffer holds some dozens, and loses the rest unseen. */
const burst = { datagrams: 8, pause: 1 };

/**
 * One message a datagram (RFC 5426), in clear, for receivers that know nothing else. What the network or a full buffer
 * loses is lost: the once-or-more of the other transports is not to be had. Only where the receiver's host answers that
 * nobody listens is it noticed. A message that is too long is not cut: half of an XML document is worse than none.
 */
export class DatagramSyslogConnection extends SyslogConnection {
  readonly longest = longestDatagram;
  private socket: Socket | null = null;
  private fault: SyslogFault | null = null;
  private tellLost: (fault: SyslogFault) => void = () => undefined;

  constructor(private readonly receiver: Pick<SyslogConfig, 'host' | 'port'>) {
    super();
  }

  onLost(listener: (fault: SyslogFault) => void): void {
    this.tellLost = listener;
  }

  async open(): Promise<void> {
    if (this.socket !== null) return;
    const { host, port } = this.receiver;
    const { address, family } = await lookup(host).catch((error: unknown) => {
      throw faultOf(error);
    });
    const socket = createSocket(family === 6 ? 'udp6' : 'udp4');
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        // Connected, so that the operating system tells when nobody listens there.
        socket.connect(port, address, resolve);
      });
    } catch (error) {
      socket.close();
      throw faultOf(error);
    }
    socket.removeAllListeners('error').on('error', (error) => this.lose(socket, faultOf(error)));
    this.socket = socket;
    this.fault = null;
  }

  async send(messages: readonly Buffer[]): Promise<void> {
    for (const [index, message] of messages.entries()) {
      if (index > 0 && index % burst.datagrams === 0) await pause(burst.pause);
      await this.sendOne(message);
    }
  }

  close(): Promise<void> {
    const { socket } = this;
    this.socket = null;
    this.fault = new SyslogFault('stopped', 'the connection is given up');
    socket?.close();
    return Promise.resolve();
  }

  private async sendOne(message: Buffer): Promise<void> {
    const { socket } = this;
    if (socket === null) throw this.fault ?? new SyslogFault('closed', 'there is no open connection');
    const error = await new Promise<Error | null>((sent) => socket.send(message, sent));
    if (error === null) return;
    const fault = faultOf(error);
    this.lose(socket, fault);
    throw fault;
  }

  private lose(socket: Socket, fault: SyslogFault): void {
    if (this.socket !== socket) return;
    this.socket = null;
    this.fault = fault;
    socket.close();
    this.tellLost(fault);
  }
}
