import { messageOf } from '../../../platform/observability/log.js';
import { SyslogFault, type SyslogFaultReason } from '../syslog-connection.js';

/** First that matches counts. Codes of the operating system, of OpenSSL's alerts, and of its verification of certificates. */
const reasons: readonly (readonly [RegExp, SyslogFaultReason])[] = [
  // Alerts of RFC 8446 section 6.2 that tell of our certificate; TLS 1.2 has but handshake_failure for one that is missing.
  [
    /^ERR_SSL_.*ALERT_(CERTIFICATE|BAD_CERT|UNSUPPORTED_CERT|UNKNOWN_CA|ACCESS_DENIED|HANDSHAKE_FAIL)/,
    'client-certificate',
  ],
  [/^(ERR_SSL|EPROTO)/, 'tls'],
  [/^(ENOTFOUND|EAI_)/, 'name-not-found'],
  [/^(ETIMEDOUT|ERR_SOCKET_CONNECTION_TIMEOUT)/, 'timed-out'],
  [/^(ECONNRESET|ECONNABORTED|EPIPE|ERR_STREAM)/, 'closed'],
  [/CERT|SIGNATURE|ISSUER|CRL|CHAIN|INVALID_(CA|PURPOSE)|PATH_LENGTH/, 'server-certificate'],
];

export function faultOf(error: unknown): SyslogFault {
  if (error instanceof SyslogFault) return error;
  const { code } = (error ?? {}) as { code?: unknown };
  const text = typeof code === 'string' ? code : '';
  const reason = reasons.find(([pattern]) => pattern.test(text))?.[1] ?? 'unreachable';
  const message = messageOf(error);
  // Several addresses of one name failed: the message of the gathering is empty.
  return new SyslogFault(reason, message === '' ? text : message);
}
