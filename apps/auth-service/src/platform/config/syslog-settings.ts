import { X509Certificate, createPrivateKey } from 'node:crypto';
import { isIP } from 'node:net';
import { Secret } from '../observability/secret.js';
import type { SettingReader } from './setting-reader.js';

/** Where the record is told over syslog, and how. */
export interface SyslogConfig {
  /** `tls`: RFC 5425. `tcp`: octet-counted, in clear. `udp`: RFC 5426, in clear, with losses. */
  readonly transport: 'tls' | 'tcp' | 'udp';
  readonly host: string;
  readonly port: number;
  /** PEM certificates of whom the receiver's certificate must come from; null: those that node trusts. */
  readonly authorities: string | null;
  /** By what the receiver knows this service; null: it does not ask. */
  readonly client: { readonly certificate: string; readonly key: Secret } | null;
  readonly messageId: 'IHE+RFC-3881' | 'DICOM+RFC3881';
  readonly byteOrderMark: boolean;
}

/** As whom this service tells of itself in audit messages. */
export interface AuditSourceConfig {
  readonly id: string;
  /** Null: not told. */
  readonly site: string | null;
}

/** Registered with IANA; octet-counted TCP has none of its own. */
const registeredPorts = { tls: 6514, tcp: null, udp: 514 };
const url = 'AUDIT_SYSLOG_URL';
const [authority, certificate, key] = ['AUDIT_SYSLOG_CA', 'AUDIT_SYSLOG_CERTIFICATE', 'AUDIT_SYSLOG_KEY'] as const;

export function readAuditSource(reader: SettingReader): AuditSourceConfig {
  return { id: reader.text('AUDIT_SOURCE_ID') ?? 'orthanc-warden', site: reader.text('AUDIT_SITE') };
}

/** Reads where the record is told over syslog; null: it is not. Without AUDIT_SYSLOG_URL the other settings are not looked at. */
export function readSyslog(reader: SettingReader, warnings: string[]): SyslogConfig | null {
  const faults = reader.faults.length;
  const text = reader.text(url);
  if (text === null) return null;
  const receiver = readReceiver(reader, text);
  const authorities = readAuthorities(reader);
  const client = readClient(reader);
  const messageId = reader.choice('AUDIT_SYSLOG_MSGID', 'IHE+RFC-3881', ['IHE+RFC-3881', 'DICOM+RFC3881'] as const);
  const byteOrderMark = reader.boolean('AUDIT_SYSLOG_BOM', false);
  if (receiver === null || reader.faults.length > faults) return null;
  if (receiver.transport !== 'tls') {
    if (authorities !== null) reader.fault(authority, `is of no use: ${url} does not begin with tls://`);
    if (client !== null) reader.fault(certificate, `is of no use: ${url} does not begin with tls://`);
    if (!isLoopback(receiver.host))
      warnings.push(`${url}: the record, with the names of patients, travels in clear; use tls://`);
  }
  return { ...receiver, authorities, client, messageId, byteOrderMark };
}

function readReceiver(reader: SettingReader, text: string): Pick<SyslogConfig, 'transport' | 'host' | 'port'> | null {
  const parts = /^(tls|tcp|udp):\/\/(\[[0-9a-f:.]+\]|[^/:@?#[\]]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const transport = parts?.[1]?.toLowerCase() as SyslogConfig['transport'] | undefined;
  const host = parts?.[2]?.replace(/^\[|\]$/g, '') ?? '';
  if (transport === undefined || (isIP(host) === 0 && !/^[a-z0-9_]([a-z0-9_.-]{0,252})$/i.test(host))) {
    reader.fault(url, 'must be tls://host:port, tcp://host:port or udp://host:port, and nothing more');
    return null;
  }
  const port = parts?.[3] === undefined ? registeredPorts[transport] : Number(parts[3]);
  if (port === null) reader.fault(url, 'must name a port: there is no usual one for tcp://');
  else if (port < 1 || port > 65_535) reader.fault(url, 'must name a port from 1 to 65535');
  else return { transport, host, port };
  return null;
}

function readAuthorities(reader: SettingReader): string | null {
  const text = reader.text(authority);
  if (text !== null && certificatesOf(text) === null) reader.fault(authority, 'must be certificates in PEM');
  return text;
}

function readClient(reader: SettingReader): SyslogConfig['client'] {
  const chain = reader.text(certificate);
  const keyText = reader.text(key);
  if (chain === null && keyText === null) return null;
  if (chain === null) reader.fault(certificate, `is missing; it goes together with ${key}`);
  if (keyText === null) reader.fault(key, `is missing; it goes together with ${certificate}`);
  if (chain === null || keyText === null) return null;
  const own = certificatesOf(chain)?.[0];
  if (own === undefined) reader.fault(certificate, 'must be certificates in PEM, the own one first');
  const privateKey = privateKeyOf(keyText);
  if (privateKey === null) reader.fault(key, 'must be a private key in PEM, without a password');
  else if (own?.checkPrivateKey(privateKey) === false) reader.fault(key, `does not belong to ${certificate}`);
  return { certificate: chain, key: new Secret(keyText) };
}

/** Null: not one, or one that cannot be read. */
function certificatesOf(text: string): X509Certificate[] | null {
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  try {
    return blocks?.map((block) => new X509Certificate(block)) ?? null;
  } catch {
    return null;
  }
}

function privateKeyOf(text: string) {
  try {
    return createPrivateKey(text);
  } catch {
    return null;
  }
}

function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
