import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import {
  type SmtpDouble,
  type SmtpDoubleOptions,
  partOf,
  startSmtp,
  testCertificate,
} from '../../../../../test/support/smtp-double.js';
import type { EmailsConfig, SmtpConfig } from '../../platform/config/config.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { PinoLog } from '../../platform/observability/log.js';
import { Secret } from '../../platform/observability/secret.js';
import { codeMessage } from '../code-message.js';
import { SmtpMail } from './smtp-mail.js';

const PASSWORD = 'PASSWORDMARK-9c41';
const jane = { name: 'Jane Doe', address: 'jane@example.org' };
const message = { to: jane, subject: 'Ünïcode – 患者', text: 'Grüße\n482913\n' };

const running: (() => Promise<void> | void)[] = [];
const lines: string[] = [];
const log = new PinoLog({ write: (line: string) => void lines.push(line) });
beforeEach(() => void lines.splice(0));
afterEach(async () => {
  for (const end of running.splice(0)) await end();
});

async function start(options?: SmtpDoubleOptions): Promise<SmtpDouble> {
  const double = await startSmtp(options);
  running.push(() => double.stop());
  return double;
}

function mailTo(port: number, smtp: Partial<SmtpConfig> = {}, authorities?: string): SmtpMail {
  const config: EmailsConfig = {
    sender: { name: 'Imagerie Épinal', address: 'images@hospital.example' },
    replyTo: { name: null, address: 'desk@hospital.example' },
    smtp: { host: '127.0.0.1', port, tls: 'none', credentials: null, timeoutMs: 2_000, ...smtp },
  };
  const mail = new SmtpMail(config, log, authorities);
  // Before the server is stopped.
  running.unshift(() => mail.onModuleDestroy());
  return mail;
}

async function refusalOf(sending: Promise<void>): Promise<DomainError> {
  const thrown: unknown = await sending.then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof DomainError)) throw new Error(`not refused: ${String(thrown)}`);
  const told = [thrown.message, thrown.detail, (thrown.options.cause as Error).stack, ...lines].join();
  for (const secret of [PASSWORD, jane.address, '482913']) expect(told).not.toContain(secret);
  return thrown;
}

describe('a message', () => {
  it('arrives letter by letter, from the sender of the settings, to one recipient', async () => {
    const double = await start();
    await mailTo(double.port).send({ ...message, html: '<p>Grüße</p>' });
    const [mail] = double.received;
    if (mail === undefined) throw new Error('nothing arrived');
    expect([mail.from, mail.to, mail.subject]).toEqual(['images@hospital.example', [jane.address], message.subject]);
    expect(mail.headers.get('to')).toEqual(['Jane Doe <jane@example.org>']);
    expect(mail.headers.get('from')?.[0]).toMatch(/<images@hospital\.example>$/);
    expect(mail.headers.get('reply-to')).toEqual(['desk@hospital.example']);
    expect(mail.headers.get('message-id')?.[0]).toMatch(/^<[\w-]+@hospital\.example>$/);
    expect(mail.headers.get('auto-submitted')).toEqual(['auto-generated']);
    expect(mail.headers.has('x-mailer')).toBe(false);
    expect(partOf(mail, 'text/plain').trimEnd()).toBe('Grüße\r\n482913');
    expect(partOf(mail, 'text/html').trimEnd()).toBe('<p>Grüße</p>');
  });

  it('carries the code of each language unharmed', async () => {
    const double = await start();
    const mail = mailTo(double.port);
    for (const language of ['en', 'fr', 'pt']) {
      const written = codeMessage({ code: '482913', minutes: 10, language });
      await mail.send({ to: { name: null, address: jane.address }, ...written });
      const arrived = double.received.at(-1);
      if (arrived === undefined) throw new Error('nothing arrived');
      expect(arrived.subject).toBe(written.subject);
      expect(partOf(arrived, 'text/plain').replaceAll('\r\n', '\n').trimEnd()).toBe(written.text.trimEnd());
    }
    // One after the other, over one connection.
    expect(double.connections).toBe(1);
  });

  it.each([
    ['name', { to: { name: 'Jane\r\nBcc: evil@example.net', address: jane.address } }],
    ['name with an address', { to: { name: 'x <evil@example.net>, y', address: jane.address } }],
    ['name with a quote', { to: { name: '" <evil@example.net>, "', address: jane.address } }],
    ['subject', { subject: 'Code\r\nBcc: evil@example.net\r\n\r\nbody' }],
    ['subject with a lone line feed', { subject: 'Code\nBcc: evil@example.net' }],
    ['subject with another line end', { subject: 'Code\u2028Bcc: evil@example.net\u0085Cc: evil@example.net' }],
    ['text', { text: '.\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<evil@example.net>\r\n.\r\n' }],
  ])('gets no further recipient and no further header through its %s', async (_place, part) => {
    const double = await start();
    await mailTo(double.port).send({ ...message, ...part });
    expect(double.received.map(({ to }) => to)).toEqual([[jane.address]]);
    expect([...(double.received[0]?.headers.keys() ?? [])].sort()).toEqual(
      // prettier-ignore
      ['auto-submitted', 'content-transfer-encoding', 'content-type', 'date', 'from', 'message-id', 'mime-version', 'reply-to', 'subject', 'to'],
    );
  });

  it.each([
    'jane@example.org\r\nBcc: evil@example.net',
    'jane@example.org, evil@example.net',
    'jane@example.org;evil@example.net',
    'Jane <jane@example.org>',
    '"a, evil@example.net"@example.org',
    'evil@example.net ',
    '',
  ])('to %j is refused before the server is asked', async (address) => {
    const double = await start();
    const { code } = await refusalOf(mailTo(double.port).send({ ...message, to: { name: null, address } }));
    expect([code, double.connections]).toEqual(['mail-refused', 0]);
  });

  it('holds no file and no page of elsewhere, whatever it is made of', async () => {
    const double = await start();
    const path = { path: __filename } as unknown as string;
    const { code } = await refusalOf(mailTo(double.port).send({ ...message, text: path }));
    expect([code, double.received]).toEqual(['mail-unavailable', []]);
  });

  it('does not wait for the one before it, but for a third there are two connections', async () => {
    const double = await start();
    double.slowness = 100;
    const mail = mailTo(double.port);
    await Promise.all(Array.from({ length: 5 }, () => mail.send(message)));
    expect([double.received.length, double.mostAtOnce, double.connections]).toEqual([5, 2, 2]);
  });
});

describe('a refusal', () => {
  it.each([
    [{ recipient: 550 }, 'mail-refused'],
    [{ recipient: 553 }, 'mail-refused'],
    [{ recipient: 451 }, 'mail-unavailable'],
    [{ sender: 550 }, 'mail-unavailable'],
    [{ message: 554 }, 'mail-unavailable'],
    [{ message: 421 }, 'mail-unavailable'],
  ])('of %j is %s, and the next message goes through', async (fault, code) => {
    const double = await start();
    const mail = mailTo(double.port);
    double.fault = fault;
    expect((await refusalOf(mail.send(message))).code).toBe(code);
    double.fault = null;
    await mail.send(message);
    expect(double.received).toHaveLength(1);
  });

  it('of the login tells which settings to look at, in the log alone', async () => {
    const double = await start({ login: { username: 'warden', password: 'another' } });
    const credentials = { username: 'warden', password: new Secret(PASSWORD) };
    const { code, detail } = await refusalOf(mailTo(double.port, { credentials }).send(message));
    expect([code, double.received]).toEqual(['mail-unavailable', []]);
    expect(detail).not.toContain('login');
    expect(lines.join()).toMatch(/EMAILS_SMTP_SERVER_PWD \(EAUTH, 535\).*mail-not-sent/);
  });

  it('is the answer where no mail server is set up', async () => {
    const mail = new SmtpMail(null, log);
    expect(mail.configured).toBe(false);
    expect((await refusalOf(mail.send(message))).code).toBe('mail-unavailable');
  });
});

describe('a server', () => {
  it('is logged in to with the credentials of the settings, and without any where there are none', async () => {
    const double = await start({ login: { username: 'warden', password: PASSWORD } });
    const credentials = { username: 'warden', password: new Secret(PASSWORD) };
    await mailTo(double.port, { credentials }).send(message);
    expect(double.received[0]?.user).toBe('warden');
    const relay = await start();
    await mailTo(relay.port).send(message);
    expect(relay.received[0]?.user).toBeNull();
  });

  it.each(['greeting', 'recipient', 'message'] as const)('that hangs at the %s is given up in time', async (hang) => {
    const double = await start();
    double.fault = { hang };
    const { code } = await refusalOf(mailTo(double.port, { timeoutMs: 150 }).send(message));
    expect([code, double.received]).toEqual(['mail-unavailable', []]);
  });

  it('that answers a byte now and then is given up too', async () => {
    const slow = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('220 slow\r\n');
      const timer = setInterval(() => socket.write('250-x\r\n'), 20);
      socket.on('close', () => clearInterval(timer));
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    running.push(() => new Promise<void>((resolve) => slow.close(() => resolve())));
    const mail = mailTo((slow.address() as AddressInfo).port, { timeoutMs: 150 });
    expect((await refusalOf(mail.send(message))).code).toBe('mail-unavailable');
    expect(lines.join()).toContain('EABORT');
  });

  it('that is away is told at once, and is asked again for the next message', async () => {
    const before = await startSmtp();
    const { port } = before;
    await before.stop();
    const mail = mailTo(port);
    expect((await refusalOf(mail.send(message))).code).toBe('mail-unavailable');
    expect(lines.join()).toContain('ECONNREFUSED');
    const double = await before.again(port);
    running.push(() => double.stop());
    await mail.send(message);
    expect(double.received).toHaveLength(1);
  });

  it('is not waited for once the asker has gone', async () => {
    const double = await start();
    double.fault = { hang: 'recipient' };
    const gone = new AbortController();
    const sending = refusalOf(mailTo(double.port, { timeoutMs: 60_000 }).send(message, gone.signal));
    setTimeout(() => gone.abort(), 50);
    expect((await sending).code).toBe('mail-unavailable');
    const mail = mailTo(double.port);
    expect((await refusalOf(mail.send(message, AbortSignal.abort()))).code).toBe('mail-unavailable');
    expect(double.received).toEqual([]);
  });

  it('takes nothing more once the application ends', async () => {
    const double = await start();
    const mail = mailTo(double.port);
    await mail.send(message);
    mail.onModuleDestroy();
    expect((await refusalOf(mail.send(message))).code).toBe('mail-unavailable');
    expect(double.received).toHaveLength(1);
  });
});

describe('TLS', () => {
  const credentials = { username: 'warden', password: new Secret(PASSWORD) };
  const login = { username: 'warden', password: PASSWORD };

  it.each(['starttls', 'implicit'] as const)('by %s covers login and message', async (tls) => {
    const double = await start({ tls, login });
    await mailTo(double.port, { tls, credentials }, testCertificate().certificate).send(message);
    expect(double.received.map(({ encrypted, user }) => [encrypted, user])).toEqual([[true, 'warden']]);
  });

  it('that is demanded and not offered ends the attempt: neither login nor message goes in clear', async () => {
    const double = await start({ tls: 'none', login });
    const said: string[] = [];
    const { code } = await refusalOf(
      mailTo(await tapped(double.port, said), { tls: 'starttls', credentials }).send(message),
    );
    expect([code, double.received]).toEqual(['mail-unavailable', []]);
    expect(said.join('')).toMatch(/^EHLO/);
    expect(said.join('')).not.toMatch(/AUTH|MAIL FROM/);
  });

  it.each(['starttls', 'implicit'] as const)(
    'by %s with a certificate that nobody vouches for is none',
    async (tls) => {
      const double = await start({ tls, login });
      const { code } = await refusalOf(mailTo(double.port, { tls, credentials }).send(message));
      expect([code, double.received]).toEqual(['mail-unavailable', []]);
    },
  );

  it('that is not asked for is not begun, although the server offers it', async () => {
    const double = await start({ tls: 'starttls', login });
    await mailTo(double.port, { tls: 'none', credentials }).send(message);
    expect(double.received.map(({ encrypted }) => encrypted)).toEqual([false]);
  });
});

/** A port that leads to another, and writes down what the client says. */
async function tapped(port: number, said: string[]): Promise<number> {
  const { connect } = await import('node:net');
  const tap = createServer((client) => {
    const server = connect(port, '127.0.0.1');
    for (const socket of [client, server]) socket.on('error', () => undefined);
    client.on('data', (chunk) => said.push(chunk.toString('latin1')));
    client.pipe(server);
    server.pipe(client);
  });
  await new Promise<void>((resolve) => tap.listen(0, '127.0.0.1', resolve));
  running.push(() => new Promise<void>((resolve) => tap.close(() => resolve())));
  return (tap.address() as AddressInfo).port;
}
