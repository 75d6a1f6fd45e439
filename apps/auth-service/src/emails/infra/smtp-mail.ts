import { randomUUID } from 'node:crypto';
import type { OnModuleDestroy } from '@nestjs/common';
import { createTransport } from 'nodemailer';
import type { EmailsConfig, SmtpConfig } from '../../platform/config/config.js';
import { type Mailbox, isMailAddress } from '../../platform/config/mail-address.js';
import type { Log } from '../../platform/observability/log.js';
import { mailNotConfigured, mailRefused, mailUnavailable } from '../emails.errors.js';
import { Mail, type MailMessage } from '../mail.js';

const mostConnections = 2;
/** Phases that a message may wait for in full, after which it is given up: a server could answer a byte at a time. */
const phases = 3;
/** Controls of both kinds, and the separators of Unicode. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const lineBreaking = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;

/** A mail server, spoken to over at most two connections, which are kept for the next message. */
export class SmtpMail extends Mail implements OnModuleDestroy {
  readonly configured: boolean;
  private readonly pool: ReturnType<typeof poolFor> | null;

  /** `authorities`: certificates (PEM) to trust in place of the usual ones. */
  constructor(
    private readonly config: EmailsConfig | null,
    private readonly log: Log,
    authorities?: string,
  ) {
    super();
    this.configured = config !== null;
    this.pool = config === null ? null : poolFor(config.smtp, authorities);
  }

  async send({ to, subject, text, html }: MailMessage, signal?: AbortSignal): Promise<void> {
    if (this.config === null || this.pool === null) throw mailNotConfigured();
    if (!isMailAddress(to.address)) throw mailRefused(new Error('it is not an address'));
    const { sender, replyTo, smtp } = this.config;
    const limit = AbortSignal.timeout(smtp.timeoutMs * phases);
    try {
      await this.pool.sendMail({
        // Objects, never texts: a text is read as a list of addresses, which could be longer than one.
        from: boxOf(sender),
        replyTo: boxOf(replyTo),
        to: boxOf(to),
        subject: oneLine(subject),
        text,
        ...(html === undefined ? {} : { html }),
        messageId: `<${randomUUID()}@${domainOf(sender.address)}>`,
        // Nobody's out-of-office answers it (RFC 3834 section 5).
        headers: { 'auto-submitted': 'auto-generated' },
        xMailer: false,
        disableFileAccess: true,
        disableUrlAccess: true,
        signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
      });
    } catch (error) {
      throw this.refusal(error as SmtpError);
    }
  }

  /** Messages under way are finished. */
  onModuleDestroy(): void {
    this.pool?.close();
  }

  /** Of the server's own words nothing is kept: they repeat the address, and may hold the login. */
  private refusal(error: SmtpError): Error {
    const cause = new Error(reasonOf(error));
    this.log.warn('mail-not-sent', { cause: cause.message });
    return isUnknownRecipient(error) ? mailRefused(cause) : mailUnavailable(cause);
  }
}

interface SmtpError {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly command?: unknown;
}

function poolFor({ host, port, tls, credentials, timeoutMs }: SmtpConfig, authorities: string | undefined) {
  return createTransport({
    pool: true,
    maxConnections: mostConnections,
    // One more attempt, for a kept connection that the server closed at the moment of its use.
    maxRequeues: 1,
    host,
    port,
    secure: tls === 'implicit',
    requireTLS: tls === 'starttls',
    ignoreTLS: tls === 'none',
    ...(authorities === undefined ? {} : { tls: { ca: authorities } }),
    ...(credentials === null ? {} : { auth: { user: credentials.username, pass: credentials.password.reveal() } }),
    dnsTimeout: timeoutMs,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    socketCloseTimeout: Math.min(timeoutMs, 1_000),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
}

/** A later attempt may succeed after a 4xx (RFC 5321 section 4.2.1): only a 5xx speaks of the address. */
function isUnknownRecipient({ code, command, responseCode }: SmtpError): boolean {
  return code === 'EENVELOPE' && command === 'RCPT TO' && typeof responseCode === 'number' && responseCode >= 500;
}

const reasons: Readonly<Record<string, string>> = {
  EABORT: 'no whole answer in time',
  EAUTH: 'it refuses our login; check EMAILS_SMTP_SERVER_USER_NAME and EMAILS_SMTP_SERVER_PWD',
  ETLS: 'it offers no TLS that is trusted here; see EMAILS_SMTP_SERVER_USES_TLS',
  ETIMEDOUT: 'no answer in time',
  EENVELOPE: 'it refuses our sender address or the recipient',
  EMESSAGE: 'it refuses the message',
};

function reasonOf({ code, originalCode, responseCode }: SmtpError): string {
  const codes = [code, originalCode, responseCode].filter(
    (one) => typeof one === 'number' || (typeof one === 'string' && /^[A-Z0-9_]+$/.test(one)),
  );
  const reason = (typeof code === 'string' ? reasons[code] : undefined) ?? 'it cannot be reached';
  return codes.length === 0 ? reason : `${reason} (${codes.join(', ')})`;
}

function boxOf({ name, address }: Mailbox): { name: string; address: string } {
  return { name: oneLine(name ?? ''), address };
}

function oneLine(text: string): string {
  return text.toWellFormed().replace(lineBreaking, ' ').trim();
}

function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
