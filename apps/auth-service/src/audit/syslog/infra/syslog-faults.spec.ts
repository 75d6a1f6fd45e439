import { SyslogFault } from '../syslog-connection.js';
import { faultOf } from './syslog-faults.js';

it.each([
  ['ECONNREFUSED', 'unreachable'],
  ['EHOSTUNREACH', 'unreachable'],
  ['ENOTFOUND', 'name-not-found'],
  ['EAI_AGAIN', 'name-not-found'],
  ['ETIMEDOUT', 'timed-out'],
  ['ECONNRESET', 'closed'],
  ['EPIPE', 'closed'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'server-certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'server-certificate'],
  ['CERT_HAS_EXPIRED', 'server-certificate'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'server-certificate'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'client-certificate'],
  ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'client-certificate'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'client-certificate'],
  ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'client-certificate'],
  ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'tls'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls'],
])('%s is told as %s', (code, reason) => {
  const fault = faultOf(Object.assign(new Error('as it was said'), { code }));
  expect([fault.reason, fault.message]).toEqual([reason, 'as it was said']);
});

it('a fault stays what it is, and an empty message gets the code', () => {
  const fault = new SyslogFault('timed-out', 'late');
  expect(faultOf(fault)).toBe(fault);
  expect(faultOf(Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })).message).toBe('ECONNREFUSED');
});
