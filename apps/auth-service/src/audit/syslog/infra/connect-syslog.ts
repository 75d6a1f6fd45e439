import type { SyslogConfig } from '../../../platform/config/syslog-settings.js';
import type { SyslogConnection } from '../syslog-connection.js';
import { DatagramSyslogConnection } from './datagram-syslog-connection.js';
import { StreamSyslogConnection } from './stream-syslog-connection.js';

/** By the transport of the settings; nothing is connected yet. */
export function connectSyslog(config: SyslogConfig): SyslogConnection {
  return config.transport === 'udp' ? new DatagramSyslogConnection(config) : new StreamSyslogConnection(config);
}
