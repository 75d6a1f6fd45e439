import type { SyslogConfig } from '../../../platform/config/syslog-settings.js';
import type { Clock } from '../../../platform/time/clock.js';
import { type SignedCheckpoint, signedLine } from '../../proof/checkpoint.js';
import { CheckpointOutlet } from '../../proof/checkpoint-outlet.js';
import type { SyslogConnection } from '../syslog-connection.js';
import { originOn, toSyslogMessage } from '../syslog-frame.js';
import { connectSyslog } from './connect-syslog.js';

/** Sends each checkpoint on a connection of its own, as the line that the verifier reads: no event is told with it. */
export class SyslogCheckpointOutlet extends CheckpointOutlet {
  readonly name = 'syslog';
  private readonly connection: SyslogConnection;

  constructor(
    config: SyslogConfig,
    private readonly hostName: string,
    private readonly clock: Clock,
  ) {
    super();
    this.connection = connectSyslog(config);
    this.connection.onLost(() => undefined); // a send on it rejects
  }

  async send(signed: SignedCheckpoint): Promise<void> {
    const origin = originOn(this.hostName, 'CHECKPOINT', false);
    const text = { at: this.clock.now(), failed: false, text: signedLine(signed) };
    try {
      await this.connection.open();
      await this.connection.send([toSyslogMessage(text, origin)]);
    } finally {
      await this.connection.close();
    }
  }
}
