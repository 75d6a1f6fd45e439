import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEmails } from './email-settings.js';
import { EnvironmentSource } from './env.js';
import { SettingReader } from './setting-reader.js';
import { misspeltSettings } from './settings.js';

const MARK = 'MARKED5f1e';
const server = 'EMAILS_SMTP_SERVER_';
const enough: Record<string, string> = {
  ENABLE_EMAILS: 'true',
  EMAILS_SENDER_ADDRESS: 'images@hospital.example',
  [`${server}HOSTNAME`]: 'smtp.hospital.example',
  [`${server}PORT`]: '587',
};
const login = { [`${server}USER_NAME`]: 'warden', [`${server}PWD`]: MARK };

function read(environment: Record<string, string>, secrets = '/nowhere') {
  const reader = new SettingReader(new EnvironmentSource(environment, secrets));
  const warnings: string[] = [];
  const emails = readEmails(reader, warnings);
  return { emails, warnings, faulty: reader.faults.map(({ setting }) => setting), told: JSON.stringify(reader.faults) };
}
const without = (name: string) => Object.fromEntries(Object.entries(enough).filter(([key]) => key !== name));

describe('the settings of e-mail', () => {
  it('count only once ENABLE_EMAILS is true', () => {
    const off: Record<string, string>[] = [{}, { ...enough, ENABLE_EMAILS: 'false' }, { [`${server}PORT`]: 'abc' }];
    for (const environment of off) expect(read(environment)).toMatchObject({ emails: null, faulty: [], warnings: [] });
  });

  it('ask for TLS, ten seconds and answers to the sender where they do not say otherwise', () => {
    const sender = { name: null, address: 'images@hospital.example' };
    expect(read(enough)).toMatchObject({
      faulty: [],
      warnings: [],
      emails: {
        sender,
        replyTo: sender,
        smtp: { host: 'smtp.hospital.example', port: 587, tls: 'starttls', credentials: null, timeoutMs: 10_000 },
      },
    });
  });

  it('may all be given', () => {
    const { emails, faulty } = read({
      ...enough,
      ...login,
      EMAILS_SENDER_ADDRESS: 'Imagerie <images@hospital.example>',
      EMAILS_REPLY_TO: 'desk@hospital.example',
      [`${server}TIMEOUT`]: '3',
    });
    expect(faulty).toEqual([]);
    expect(emails).toMatchObject({
      sender: { name: 'Imagerie', address: 'images@hospital.example' },
      replyTo: { name: null, address: 'desk@hospital.example' },
      smtp: { timeoutMs: 3_000, credentials: { username: 'warden' } },
    });
    expect(emails?.smtp.credentials?.password.reveal()).toBe(MARK);
    expect(JSON.stringify(emails)).not.toContain(MARK);
  });

  it('take the password from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'warden-emails-'));
    try {
      writeFileSync(join(folder, `${server}PWD`), `${MARK}\n`);
      const user = { ...enough, [`${server}USER_NAME`]: 'warden' };
      const file = { [`${server}PWD_FILE`]: join(folder, `${server}PWD`) };
      for (const { emails } of [read(user, folder), read({ ...user, ...file })])
        expect(emails?.smtp.credentials?.password.reveal()).toBe(MARK);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it.each([
    ['465', 'true', 'implicit'],
    ['465', 'false', 'implicit'],
    ['25', 'true', 'starttls'],
    ['25', 'false', 'none'],
  ])('on port %s with USES_TLS=%s mean TLS: %s', (port, uses, tls) => {
    const { emails } = read({ ...enough, [`${server}PORT`]: port, [`${server}USES_TLS`]: uses });
    expect(emails?.smtp.tls).toBe(tls);
  });

  it('warn of mail in clear, unless it stays on the machine', () => {
    const clear = (host: string) =>
      read({ ...enough, ...login, [`${server}USES_TLS`]: 'false', [`${server}HOSTNAME`]: host });
    for (const host of ['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1'])
      expect([host, clear(host).emails?.smtp.tls, clear(host).warnings]).toEqual([host, 'none', []]);
    for (const host of ['smtp.hospital.example', '127.evil.example', 'localhost.evil.example', '10.0.0.1']) {
      expect([host, clear(host).warnings.length]).toEqual([host, 1]);
      expect(clear(host).warnings[0]).toContain(`${server}USES_TLS`);
    }
  });

  it.each([
    ['EMAILS_SENDER_ADDRESS', without('EMAILS_SENDER_ADDRESS')],
    [`${server}HOSTNAME`, without(`${server}HOSTNAME`)],
    [`${server}PORT`, without(`${server}PORT`)],
    ['EMAILS_SENDER_ADDRESS', { ...enough, EMAILS_SENDER_ADDRESS: `${MARK}` }],
    ['EMAILS_SENDER_ADDRESS', { ...enough, EMAILS_SENDER_ADDRESS: `${MARK}@a.b, c@d.e` }],
    ['EMAILS_REPLY_TO', { ...enough, EMAILS_REPLY_TO: `${MARK} <a@b` }],
    [`${server}HOSTNAME`, { ...enough, [`${server}HOSTNAME`]: `smtp://${MARK}` }],
    [`${server}HOSTNAME`, { ...enough, [`${server}HOSTNAME`]: `${MARK}:25` }],
    [`${server}PORT`, { ...enough, [`${server}PORT`]: MARK }],
    [`${server}PORT`, { ...enough, [`${server}PORT`]: '0' }],
    [`${server}TIMEOUT`, { ...enough, [`${server}TIMEOUT`]: '0' }],
    [`${server}USES_TLS`, { ...enough, [`${server}USES_TLS`]: MARK }],
    [`${server}PWD`, { ...enough, [`${server}USER_NAME`]: MARK }],
    [`${server}USER_NAME`, { ...enough, [`${server}PWD`]: MARK }],
    ['ENABLE_EMAILS', { ...enough, ENABLE_EMAILS: MARK }],
  ])('are refused when %s is missing or wrong: case %#', (setting, environment) => {
    const { faulty, told } = read(environment);
    expect(faulty).toEqual([setting]);
    expect(told).not.toContain(MARK);
  });

  it('are known by name, the folder of templates too', () => {
    expect(misspeltSettings([...Object.keys({ ...enough, ...login }), 'EMAILS_TEMPLATES_ROOT'])).toEqual([]);
    expect(misspeltSettings(['EMAILS_SMTP_SERVER_PASSWD', 'EMAILS_SMTP_SERVER_PWDD'])).toEqual([
      { found: 'EMAILS_SMTP_SERVER_PWDD', meant: 'EMAILS_SMTP_SERVER_PWD' },
    ]);
  });
});
