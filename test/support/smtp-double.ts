import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type SMTPServerError, SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  readonly from: string;
  /** Whom it goes to, whatever its headers say. */
  readonly to: readonly string[];
  /** Lower-case names; lines that belong together are one. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly subject: string;
  readonly raw: string;
  readonly user: string | null;
  readonly encrypted: boolean;
}

export type SmtpFault =
  | { readonly recipient: number }
  | { readonly sender: number }
  | { readonly message: number }
  /** Never answers again from there on. */
  | { readonly hang: 'greeting' | 'recipient' | 'message' };

export interface SmtpDoubleOptions {
  readonly login?: { readonly username: string; readonly password: string };
  readonly tls?: 'none' | 'starttls' | 'implicit';
}

/** A mail server on loopback that remembers what it took. */
export class SmtpDouble {
  readonly received: ReceivedMail[] = [];
  /** Connections so far. */
  connections = 0;
  /** Of those that deliver, how many at most there were at a time. */
  mostAtOnce = 0;
  fault: SmtpFault | null = null;
  /** Milliseconds that it takes for each message. */
  slowness = 0;
  private delivering = 0;
  private readonly server: SMTPServer;

  constructor(private readonly options: SmtpDoubleOptions) {
    const { login, tls = 'none' } = options;
    this.server = new SMTPServer({
      ...(tls === 'none' ? {} : { key: testCertificate().key, cert: testCertificate().certificate }),
      secure: tls === 'implicit',
      disabledCommands: [...(tls === 'starttls' ? [] : ['STARTTLS']), ...(login === undefined ? ['AUTH'] : [])],
      authOptional: login === undefined,
      // Whether a password travels in clear is for the client to decide: that is what is tested.
      allowInsecureAuth: true,
      hideSize: true,
      logger: false,
      closeTimeout: 50,
      onConnect: (_session, done) => {
        this.connections++;
        if (!this.hangs('greeting')) done();
      },
      onAuth: ({ username, password }, _session, done) =>
        username === login?.username && password === login?.password
          ? done(null, { user: username })
          : done(refusal(535, `5.7.8 wrong password ${String(password)} for ${String(username)}`)),
      onMailFrom: ({ address }, _session, done) =>
        this.fault !== null && 'sender' in this.fault ? done(refusal(this.fault.sender, address)) : done(),
      onRcptTo: ({ address }, _session, done) => {
        if (this.hangs('recipient')) return;
        if (this.fault !== null && 'recipient' in this.fault) done(refusal(this.fault.recipient, address));
        else done();
      },
      onData: (stream, session, done) => {
        this.mostAtOnce = Math.max(this.mostAtOnce, ++this.delivering);
        let raw = '';
        stream.on('data', (chunk: Buffer) => (raw += chunk.toString('latin1')));
        stream.on('end', () => {
          if (this.hangs('message')) return;
          setTimeout(() => {
            this.delivering--;
            if (this.fault !== null && 'message' in this.fault) return done(refusal(this.fault.message, 'spam'));
            const { mailFrom, rcptTo } = session.envelope;
            const headers = headersOf(raw);
            this.received.push({
              from: mailFrom === false ? '' : mailFrom.address,
              to: rcptTo.map(({ address }) => address),
              headers,
              subject: decodedWords(headers.get('subject')?.[0] ?? ''),
              raw,
              user: typeof session.user === 'string' ? session.user : null,
              encrypted: session.secure,
            });
            done();
          }, this.slowness);
        });
      },
    });
    // A client that leaves without a word.
    this.server.on('error', () => undefined);
  }

  /** Connections that are open now. */
  get open(): number {
    return this.server.connections.size;
  }

  get port(): number {
    return (this.server.server.address() as AddressInfo).port;
  }

  /** For a service that sends through it. */
  settings(): Record<string, string> {
    return {
      ENABLE_EMAILS: 'true',
      EMAILS_SENDER_ADDRESS: 'imaging@example.org',
      EMAILS_SMTP_SERVER_HOSTNAME: '127.0.0.1',
      EMAILS_SMTP_SERVER_PORT: String(this.port),
      EMAILS_SMTP_SERVER_USES_TLS: 'false',
    };
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
    return this;
  }

  /** One that is set up like this one, at a port that was known before. */
  again(port: number): Promise<SmtpDouble> {
    return new SmtpDouble(this.options).start(port);
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => this.server.close(resolve));
  }

  private hangs(where: 'greeting' | 'recipient' | 'message'): boolean {
    return this.fault !== null && 'hang' in this.fault && this.fault.hang === where;
  }
}

export function startSmtp(options: SmtpDoubleOptions = {}): Promise<SmtpDouble> {
  return new SmtpDouble(options).start();
}

let made: { key: string; certificate: string } | undefined;

/** For localhost and 127.0.0.1, signed by itself; made once, by openssl. */
export function testCertificate(): { key: string; certificate: string } {
  if (made !== undefined) return made;
  const folder = mkdtempSync(join(tmpdir(), 'warden-certificate-'));
  try {
    const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'crt.pem')];
    execFileSync(
      'openssl',
      // prettier-ignore
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', '/CN=localhost',
        '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1', '-keyout', key, '-out', certificate],
      { stdio: 'ignore' },
    );
    return (made = { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function refusal(responseCode: number, text: string): SMTPServerError {
  return Object.assign(new Error(text), { responseCode });
}

function headersOf(raw: string): Map<string, string[]> {
  const headers = new Map<string, string[]>();
  for (const line of raw
    .split('\r\n\r\n')[0]
    ?.replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n') ?? []) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()]);
  }
  return headers;
}

/** RFC 2047. */
function decodedWords(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/(=\?utf-8\?[qb]\?[^?]*\?=)+/gi, (words) =>
      Buffer.concat(
        [...words.matchAll(/=\?utf-8\?([qb])\?([^?]*)\?=/gi)].map(([, kind, content = '']) =>
          kind?.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : Buffer.from(quotedBytes(content), 'latin1'),
        ),
      ).toString('utf8'),
    );
}

function quotedBytes(text: string): string {
  return text
    .replaceAll('_', ' ')
    .replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}

/** The text of the part of this type, decoded. */
export function partOf({ raw }: ReceivedMail, type: 'text/plain' | 'text/html'): string {
  const boundary = /boundary="([^"]+)"/.exec(raw)?.[1];
  const parts = boundary === undefined ? [raw] : raw.split(`--${boundary}`).slice(1);
  const part = parts.find((one) => one.toLowerCase().includes(`content-type: ${type}`)) ?? '';
  const [head = '', ...body] = part.split('\r\n\r\n');
  const text = body.join('\r\n\r\n');
  const bytes = /transfer-encoding: base64/i.test(head)
    ? Buffer.from(text, 'base64')
    : /transfer-encoding: quoted-printable/i.test(head)
      ? Buffer.from(
          text
            .replace(/=\r\n/g, '')
            .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))),
          'latin1',
        )
      : Buffer.from(text, 'latin1');
  return bytes.toString('utf8');
}
