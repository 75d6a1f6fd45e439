import { isIP } from 'node:net';
import { Secret } from '../observability/secret.js';
import type { EmailsConfig, SmtpConfig } from './config.js';
import { type Mailbox, parseMailbox } from './mail-address.js';
import type { SettingReader } from './setting-reader.js';

/** The port on which TLS comes before the first word (RFC 8314 section 3.3). */
const submissionsPort = 465;

/** Reads how mail is sent; null: it is not. Without ENABLE_EMAILS the other settings are not looked at. */
export function readEmails(reader: SettingReader, warnings: string[]): EmailsConfig | null {
  if (!reader.boolean('ENABLE_EMAILS', false)) return null;
  const sender = mailbox(reader, 'EMAILS_SENDER_ADDRESS');
  if (sender === null && reader.text('EMAILS_SENDER_ADDRESS') === null) missing(reader, 'EMAILS_SENDER_ADDRESS');
  const replyTo = mailbox(reader, 'EMAILS_REPLY_TO');
  const smtp = readSmtp(reader, warnings);
  return sender === null || smtp === null ? null : { sender, replyTo: replyTo ?? sender, smtp };
}

function readSmtp(reader: SettingReader, warnings: string[]): SmtpConfig | null {
  const host = reader.text('EMAILS_SMTP_SERVER_HOSTNAME');
  if (host === null) missing(reader, 'EMAILS_SMTP_SERVER_HOSTNAME');
  else if (isIP(host) === 0 && !/^[a-z0-9_]([a-z0-9_.-]{0,252})$/i.test(host))
    reader.fault('EMAILS_SMTP_SERVER_HOSTNAME', 'must be a host name or an IP address, without scheme and port');
  const given = reader.text('EMAILS_SMTP_SERVER_PORT') !== null;
  if (!given) missing(reader, 'EMAILS_SMTP_SERVER_PORT');
  const port = reader.integer('EMAILS_SMTP_SERVER_PORT', 0, 1, 65535);
  const username = reader.text('EMAILS_SMTP_SERVER_USER_NAME');
  const password = reader.text('EMAILS_SMTP_SERVER_PWD');
  if (username === null && password !== null)
    reader.fault('EMAILS_SMTP_SERVER_USER_NAME', 'is missing; it goes together with EMAILS_SMTP_SERVER_PWD');
  if (username !== null && password === null)
    reader.fault('EMAILS_SMTP_SERVER_PWD', 'is missing; it goes together with EMAILS_SMTP_SERVER_USER_NAME');
  const usesTls = reader.boolean('EMAILS_SMTP_SERVER_USES_TLS', true);
  const timeoutMs = reader.integer('EMAILS_SMTP_SERVER_TIMEOUT', 10, 1, 300) * 1000;
  if (host === null || port === 0) return null;
  const tls = port === submissionsPort ? 'implicit' : usesTls ? 'starttls' : 'none';
  if (tls === 'none' && !isLoopback(host))
    warnings.push(
      'EMAILS_SMTP_SERVER_USES_TLS=false: codes, and the password of the mail server, travel in clear; use true, or port 465',
    );
  return {
    host,
    port,
    tls,
    credentials: username === null || password === null ? null : { username, password: new Secret(password) },
    timeoutMs,
  };
}

function mailbox(reader: SettingReader, name: string): Mailbox | null {
  const text = reader.text(name);
  if (text === null) return null;
  const read = parseMailbox(text);
  if (read === null) reader.fault(name, 'must be one address, as name@example.org or Name <name@example.org>');
  return read;
}

function missing(reader: SettingReader, name: string): void {
  reader.fault(name, 'is missing; ENABLE_EMAILS=true needs it');
}

function isLoopback(host: string): boolean {
  return host.toLowerCase() === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
