import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EnvironmentSource } from './env.js';
import { SettingReader } from './setting-reader.js';
import { readAuditSource, readSyslog } from './syslog-settings.js';

const MARK = 'MARKED7c2e';
const folder = mkdtempSync(join(tmpdir(), 'warden-syslog-settings-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A certificate signed by itself, and its key; made by openssl. */
function made(name: string): { certificate: string; key: string; at: Record<'certificate' | 'key', string> } {
  const at = { certificate: join(folder, `${name}.crt`), key: join(folder, `${name}.key`) };
  execFileSync(
    'openssl',
    // prettier-ignore
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2', '-subj', `/CN=${name}`, '-keyout', at.key, '-out', at.certificate],
    { stdio: 'ignore' },
  );
  return { certificate: readFileSync(at.certificate, 'utf8'), key: readFileSync(at.key, 'utf8'), at };
}
const [one, other] = [made('one'), made('other')];
const client = { AUDIT_SYSLOG_CERTIFICATE: one.certificate, AUDIT_SYSLOG_KEY: one.key };
const tls = { AUDIT_SYSLOG_URL: 'tls://logs.hospital.example' };

function read(environment: Record<string, string>) {
  const reader = new SettingReader(new EnvironmentSource(environment, '/nowhere'));
  const warnings: string[] = [];
  const syslog = readSyslog(reader, warnings);
  return { syslog, warnings, faulty: reader.faults.map(({ setting }) => setting), told: JSON.stringify(reader.faults) };
}

describe('the settings of syslog', () => {
  it('count only once there is a receiver', () => {
    const off: Record<string, string>[] = [{}, { ...client, AUDIT_SYSLOG_URL: '' }, { AUDIT_SYSLOG_KEY: MARK }];
    for (const environment of off) expect(read(environment)).toMatchObject({ syslog: null, faulty: [], warnings: [] });
  });

  it('mean the registered port, what node trusts and the name of IHE where they do not say otherwise', () => {
    expect(read(tls)).toEqual({
      syslog: {
        transport: 'tls',
        host: 'logs.hospital.example',
        port: 6514,
        authorities: null,
        client: null,
        messageId: 'IHE+RFC-3881',
        byteOrderMark: false,
      },
      warnings: [],
      faulty: [],
      told: '[]',
    });
    expect(read({ AUDIT_SYSLOG_URL: 'udp://127.0.0.1' }).syslog).toMatchObject({ transport: 'udp', port: 514 });
  });

  it('may all be given, certificates as files', () => {
    const { syslog, faulty } = read({
      AUDIT_SYSLOG_URL: 'TLS://[2001:db8::7]:16514/',
      AUDIT_SYSLOG_CA_FILE: other.at.certificate,
      AUDIT_SYSLOG_CERTIFICATE_FILE: one.at.certificate,
      AUDIT_SYSLOG_KEY_FILE: one.at.key,
      AUDIT_SYSLOG_MSGID: 'DICOM+RFC3881',
      AUDIT_SYSLOG_BOM: 'true',
    });
    expect(faulty).toEqual([]);
    expect(syslog).toMatchObject({
      transport: 'tls',
      host: '2001:db8::7',
      port: 16_514,
      authorities: other.certificate.trim(),
      client: { certificate: one.certificate.trim() },
      messageId: 'DICOM+RFC3881',
      byteOrderMark: true,
    });
    expect(syslog?.client?.key.reveal()).toBe(one.key.trim());
    expect(JSON.stringify(syslog)).not.toContain('PRIVATE');
  });

  it('warn of a record in clear, unless it stays on the machine', () => {
    for (const transport of ['tcp', 'udp']) {
      const at = (host: string) => read({ AUDIT_SYSLOG_URL: `${transport}://${host}:5140` });
      for (const host of ['localhost', '127.0.0.1', '[::1]']) expect([host, at(host).warnings]).toEqual([host, []]);
      for (const host of ['10.0.0.1', 'localhost.evil.example'])
        expect([host, at(host).warnings[0]]).toEqual([host, expect.stringContaining('AUDIT_SYSLOG_URL')]);
    }
  });

  it.each([
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: `https://${MARK}` }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: MARK }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: `tls://user:${MARK}@logs.example:6514` }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: `tls://logs.example:6514/${MARK}` }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: `tls://logs.example:6514?${MARK}` }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: 'tls://logs.example:0' }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: 'tls://logs.example:65536' }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: 'tls://:6514' }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: 'tls://a,b:6514' }],
    ['AUDIT_SYSLOG_URL', { AUDIT_SYSLOG_URL: 'tcp://logs.example' }],
    ['AUDIT_SYSLOG_CA', { ...tls, AUDIT_SYSLOG_CA: MARK }],
    ['AUDIT_SYSLOG_CA', { ...tls, AUDIT_SYSLOG_CA: `-----BEGIN CERTIFICATE-----\n${MARK}\n-----END CERTIFICATE-----` }],
    ['AUDIT_SYSLOG_CA_FILE', { ...tls, AUDIT_SYSLOG_CA_FILE: `/nowhere/${MARK}` }],
    ['AUDIT_SYSLOG_CERTIFICATE', { ...tls, AUDIT_SYSLOG_KEY: one.key }],
    ['AUDIT_SYSLOG_KEY', { ...tls, AUDIT_SYSLOG_CERTIFICATE: one.certificate }],
    ['AUDIT_SYSLOG_KEY', { ...tls, ...client, AUDIT_SYSLOG_KEY: MARK }],
    ['AUDIT_SYSLOG_KEY', { ...tls, ...client, AUDIT_SYSLOG_KEY: other.key }],
    ['AUDIT_SYSLOG_CERTIFICATE', { ...tls, ...client, AUDIT_SYSLOG_CERTIFICATE: MARK }],
    ['AUDIT_SYSLOG_CA', { AUDIT_SYSLOG_URL: 'udp://localhost', AUDIT_SYSLOG_CA: one.certificate }],
    ['AUDIT_SYSLOG_CERTIFICATE', { AUDIT_SYSLOG_URL: 'tcp://localhost:5140', ...client }],
    ['AUDIT_SYSLOG_MSGID', { ...tls, AUDIT_SYSLOG_MSGID: MARK }],
    ['AUDIT_SYSLOG_BOM', { ...tls, AUDIT_SYSLOG_BOM: MARK }],
  ])('are refused when %s is missing or wrong: case %#', (setting, environment) => {
    const { faulty, told } = read(environment);
    expect(faulty).toEqual([setting]);
    expect(told).not.toContain(MARK);
  });
});

it('the service tells of itself by the name of the product, unless it is given another', () => {
  const source = (environment: Record<string, string>) =>
    readAuditSource(new SettingReader(new EnvironmentSource(environment, '/nowhere')));
  expect(source({})).toEqual({ id: 'orthanc-warden', site: null });
  expect(source({ AUDIT_SOURCE_ID: 'warden-2', AUDIT_SITE: 'Hospital' })).toEqual({ id: 'warden-2', site: 'Hospital' });
});
