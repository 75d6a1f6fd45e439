/**
 * Why messages do not go out, as a word that an installer can search for. `closed`: the receiver ended the connection.
 * `client-certificate`: the receiver wants one that it knows. `server-certificate`: the receiver's is not trusted here.
 */
export type SyslogFaultReason =
  | 'unreachable'
  | 'name-not-found'
  | 'timed-out'
  | 'closed'
  | 'client-certificate'
  | 'server-certificate'
  | 'tls'
  | 'stopped';

export class SyslogFault extends Error {
  constructor(
    readonly reason: SyslogFaultReason,
    message: string,
  ) {
    super(message);
  }
}

/**
 * One receiver, connected to when messages are there for it.
 *
 * No transport of syslog acknowledges anything (RFC 5425 section 4, RFC 5424 section 8). That the operating system took
 * the bytes does not say that the receiver read them: what lay in buffers when a connection broke is gone, and nobody
 * is told. So whoever sends keeps in mind what it sent last, and sends that again after `onLost`: each message arrives
 * once or more, in order of first arrival. What a receiver had read, and lost by itself, nobody can make good.
 */
export abstract class SyslogConnection {
  /** Octets of the longest message that can be sent; null: there is no bound. */
  abstract readonly longest: number | null;
  /** Connects, unless there is a connection that both sides hold open. Rejects with `SyslogFault`, within 10 s. */
  abstract open(): Promise<void>;
  /**
   * Resolves once the operating system has taken all of it, in order. Rejects with `SyslogFault`, within 8 s, when there
   * is no open connection or it breaks: any part of the messages may have gone out then. Never connects by itself.
   */
  abstract send(messages: readonly Buffer[]): Promise<void>;
  /** Called for each connection that ends without `close`, at once and before a `send` on it rejects. One listener. */
  abstract onLost(listener: (fault: SyslogFault) => void): void;
  /** Says farewell and hangs up, within half a second; a `send` that is under way rejects. `open` may be called again. */
  abstract close(): Promise<void>;
}
