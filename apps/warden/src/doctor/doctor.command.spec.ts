import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { CommandFailed, WrongUsage } from '../failures.js';
import { madeCertificate } from './certificates.fixture.js';
import { doctorCommand } from './doctor.command.js';
import type { Finding } from './rule.js';
import {
  hardenedEnvironment,
  hardenedOrthanc,
  hardenedSettings,
  sampleOrthanc,
  sampleSettings,
  stockOrthanc,
} from './set-ups.fixture.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warden-doctor-'));
  // Whether others may read a file is up to its folder too.
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string) => join(folder, name);

function put(name: string, content: unknown, mode = 0o640): void {
  mkdirSync(dirname(at(name)), { recursive: true });
  writeFileSync(at(name), typeof content === 'string' ? content : JSON.stringify(content));
  chmodSync(at(name), mode);
}

async function doctor(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await doctorCommand.execute(args, {
    ...{
      env,
      secretsDir: at('none'),
      workingDir: folder,
      userDir: folder,
      stdin: Readable.from(['']),
      stdinIsTerminal: false,
    },
    ...{
      fetch,
      now: Date.now,
      out: (text: string) => (out += text),
      err: () => undefined,
      migrate: () => Promise.resolve(0),
    },
  });
  return { code, out };
}

async function found(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number; ids: string[]; errors: number }> {
  const { code, out } = await doctor([...args, '--json'], env);
  const told = JSON.parse(out) as { findings: Finding[]; errors: number };
  return { code, ids: [...new Set(told.findings.map(({ rule }) => rule))].sort(), errors: told.errors };
}

describe('warden doctor', () => {
  it('finds what the configuration leaves open that Orthanc comes with', async () => {
    put('orthanc.json', stockOrthanc);
    expect(await found(['orthanc.json'])).toEqual({
      code: 1,
      errors: 1,
      ids: ['D-01', 'D-02', 'D-03', 'D-05', 'D-06', 'D-08', 'D-09', 'D-10', 'O-06', 'O-09'],
    });
  });

  it('finds what the samples of the service before leave open', async () => {
    put('orthanc.json', sampleOrthanc);
    put('.env', sampleSettings, 0o644);
    const { code, ids } = await found(['orthanc.json', '--settings', '.env', '--proxy-in-front']);
    expect(code).toBe(1);
    expect(ids).toEqual(
      expect.arrayContaining(['D-03', 'P-09', 'S-01', 'S-02', 'S-04', 'S-05', 'S-08', 'S-10', 'S-13', 'S-14', 'S-15']),
    );
    expect(ids.filter((id) => /^(P-01|P-02|P-03|P-10|O-01|S-18)$/.test(id))).toEqual([]);
  });

  it('finds nothing but notes in a hardened set-up', async () => {
    put('orthanc.json', hardenedOrthanc);
    put('.env', hardenedSettings, 0o600);
    const { code, out } = await doctor(['orthanc.json', '--settings', '.env', '--proxy-in-front'], hardenedEnvironment);
    expect(out).toBe('0 errors, 0 warnings, 0 notes.\n');
    expect(code).toBe(0);
  });

  it('tells one line a finding, with rule, file, option, page and remedy', async () => {
    put('orthanc.json', { ...hardenedOrthanc, ExecuteLuaEnabled: true });
    const { out } = await doctor(['orthanc.json', '--proxy-in-front'], hardenedEnvironment);
    expect(out.split('\n')).toEqual([
      expect.stringMatching(
        /^error {4}O-07 {2}orthanc\.json: ExecuteLuaEnabled: on\. .*Remedy: .*\(Orthanc Book, Securing Orthanc: https:\/\/orthanc\.uclouvain\.be\/book\/faq\/security\.html\)$/,
      ),
      '1 error, 0 warnings, 0 notes.',
      '',
    ]);
  });

  it('ends with 1 from --fail-on upwards, and not below', async () => {
    put('orthanc.json', { ...hardenedOrthanc, WebDavEnabled: true });
    const args = ['orthanc.json', '--proxy-in-front'];
    expect((await doctor(args, hardenedEnvironment)).code).toBe(1);
    expect((await doctor([...args, '--fail-on', 'error'], hardenedEnvironment)).code).toBe(0);
    await expect(doctor([...args, '--fail-on', 'note'])).rejects.toThrow(WrongUsage);
  });

  it('reads a folder as one configuration', async () => {
    const { Authorization, ...core } = hardenedOrthanc;
    put('etc/orthanc.json', core);
    put('etc/plugins.JSON', { Authorization });
    put('etc/notes.txt', 'no configuration');
    expect((await doctor(['etc', '--proxy-in-front'], hardenedEnvironment)).code).toBe(0);
    put('etc/more.json', { WebDavEnabled: false });
    expect((await found(['etc', '--proxy-in-front'], hardenedEnvironment)).ids).toEqual(['C-01']);
  });

  it('takes variables from a file, and those of the environment before them', async () => {
    put('orthanc.json', hardenedOrthanc);
    put('orthanc.env', 'ORTHANC_PASSWORD=orthanc password, long\nPLUGIN_PASSWORD=short\n');
    const args = ['orthanc.json', '--proxy-in-front', '--env', 'orthanc.env'];
    expect((await found(args)).ids).toEqual(['P-09']);
    expect((await found(args, hardenedEnvironment)).ids).toEqual([]);
  });

  it('looks for a named file by the end of its path beside the configuration', async () => {
    const { key, certificate } = madeCertificate();
    put('orthanc.json', { ...hardenedOrthanc, SslEnabled: true, SslCertificate: '/etc/not-here/tls/server.pem' });
    put('tls/server.pem', key + certificate);
    expect((await found(['orthanc.json', '--proxy-in-front'], hardenedEnvironment)).ids).not.toContain('T-02');
  });

  it('names the variable that has no value', async () => {
    put('orthanc.json', hardenedOrthanc);
    const { out } = await doctor(['orthanc.json', '--proxy-in-front'], { PLUGIN_PASSWORD: 'plugin password, long' });
    expect(out).toContain('C-02  orthanc.json: the variable ORTHANC_PASSWORD has no value');
  });

  it('names a certificate that cannot be read, and goes on', async () => {
    put('orthanc.json', { ...hardenedOrthanc, SslEnabled: true, SslCertificate: 'server.pem' });
    mkdirSync(at('server.pem'));
    const { code, out } = await doctor(['orthanc.json'], hardenedEnvironment);
    expect(out).toContain('T-02  orthanc.json: SslCertificate: names a file that cannot be read');
    expect(code).toBe(1);
  });

  it('judges the certificate of the proxy by the addresses that people open', async () => {
    const { key, certificate } = madeCertificate();
    put('orthanc.json', hardenedOrthanc);
    put('crt.pem', certificate);
    put('key.pem', key);
    const args = ['orthanc.json', '--proxy-in-front', '--certificate', 'crt.pem', '--key', 'key.pem', '--public-root'];
    expect((await found([...args, 'https://images.example.org/'], hardenedEnvironment)).ids).toEqual([]);
    expect((await found([...args, 'https://elsewhere.example.org/'], hardenedEnvironment)).ids).toEqual(['T-07']);
    put('key.pem', madeCertificate({ number: 2 }).key, 0o644);
    expect((await found([...args, 'https://images.example.org/'], hardenedEnvironment)).ids).toEqual(['T-04', 'T-08']);
  });

  it('reads a compose file with its own variables', async () => {
    put('orthanc.json', hardenedOrthanc);
    put('.env', 'DB=change-me\n');
    put(
      'compose.yaml',
      'services:\n  orthanc:\n    image: orthanc\n    ports: ["8042:8042"]\n    environment: {DB_PASSWORD: "${DB}"}\n',
    );
    const { ids } = await found(['orthanc.json', '--proxy-in-front', '--compose', 'compose.yaml'], hardenedEnvironment);
    expect(ids).toEqual(['K-01', 'K-03', 'K-08']);
  });

  it('puts a compose file together with what it includes, extends and is overlaid with', async () => {
    put('orthanc.json', hardenedOrthanc);
    put(
      'base.yaml',
      'services:\n  hardened:\n    user: "1000:1000"\n  orthanc:\n    extends: {service: hardened}\n    image: orthanc\n',
    );
    put(
      'inner.yaml',
      'services:\n  images:\n    extends: {file: base.yaml, service: orthanc}\n    ports: ["127.0.0.1:8042:8042"]\n',
    );
    put('compose.yaml', 'include: [{path: [inner.yaml]}]\n');
    put('open.yaml', 'services:\n  images:\n    ports: ["8042:8042"]\n');
    put('loop.yaml', 'include: [loop.yaml]\n');
    const args = ['orthanc.json', '--proxy-in-front', '--compose'];
    expect((await found([...args, 'compose.yaml'], hardenedEnvironment)).ids).toEqual([]);
    expect((await found([...args, 'compose.yaml', '--compose', 'open.yaml'], hardenedEnvironment)).ids).toEqual([
      'K-01',
    ]);
    await expect(found([...args, 'loop.yaml'], hardenedEnvironment)).rejects.toThrow('without end');
  });

  it('reads a policy as policy show prints it, whole or not', async () => {
    put('orthanc.json', hardenedOrthanc);
    put('policy.json', { rules: [{ roles: ['*'] }] });
    put('version.json', { version: 2, policy: { rules: [{ maxLife: 60 }] } });
    const args = ['orthanc.json', '--proxy-in-front', '--policy'];
    expect((await found([...args, 'policy.json'], hardenedEnvironment)).ids).toEqual(['S-20']);
    expect((await found([...args, 'version.json'], hardenedEnvironment)).ids).toEqual([]);
  });

  it('never prints a secret', async () => {
    const mark = 'change-me-MARK';
    put(
      'orthanc.json',
      { ...sampleOrthanc, RegisteredUsers: { alice: mark }, OrthancPeers: { b: ['http://b.example.org/', 'u', mark] } },
      0o644,
    );
    put(
      '.env',
      `SECRET_KEY=${mark}\nUSERS={"a": "${mark}", "share-user": "${mark}"}\nKEYCLOAK_CLIENT_SECRET=${mark}\nORTHANC_PASSWORD=${mark}\n`,
      0o644,
    );
    put('compose.yaml', `services:\n  a:\n    environment: [SECRET_KEY=${mark}]\n`);
    const args = ['orthanc.json', '--settings', '.env', '--compose', 'compose.yaml'];
    const { ids } = await found(args);
    expect(ids).toEqual(expect.arrayContaining(['C-05', 'O-03', 'S-01', 'S-02', 'S-13', 'S-18', 'K-08']));
    for (const more of [[], ['--json']]) expect((await doctor([...args, ...more])).out).not.toContain('MARK');
  });

  it.each([
    [[], 'PATH is missing.'],
    [['orthanc.json', '--key', 'key.pem'], '--key goes with --certificate.'],
    [['orthanc.json', '--running', 'images.example.org'], '--running must be an address'],
    [['orthanc.json', '--running', 'https://me:MARK@images.example.org/'], '--running must be an address'],
    [['orthanc.json', '--unknown'], 'Unknown option'],
  ])('refuses %j as wrong usage', async (args, message) => {
    put('orthanc.json', stockOrthanc);
    const error: unknown = await doctor(args).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(WrongUsage);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('MARK');
  });

  it.each([
    ['missing.json', 'missing.json: there is no such file or folder.'],
    ['empty', 'empty: this folder holds no file whose name ends in .json.'],
    ['broken.json', 'broken.json, line 2, column 26: not valid JSON'],
    ['list.json', 'list.json, line 1, column 1: a JSON object was expected.'],
  ])('cannot read %s, and says so', async (path, message) => {
    mkdirSync(at('empty'));
    put('broken.json', '{ // a comment\n "RegisteredUsers": {"a" "MARK"}\n}');
    put('list.json', '[]');
    const error: unknown = await doctor([path]).catch((one: unknown) => one);
    expect(error).toBeInstanceOf(CommandFailed);
    expect((error as Error).message).toContain(message);
    expect((error as Error).message).not.toContain('MARK');
  });

  it.each([
    ['--settings', '.env', 'A=1\nMARK MARK\n', '.env, line 2: NAME=value was expected.'],
    ['--compose', 'compose.yaml', 'services:\n  a: [MARK\n', 'compose.yaml, line'],
    ['--compose', 'compose.yaml', 'services:\n  a: *MARK\n', 'compose.yaml'],
    ['--compose', 'compose.yaml', 'networks: {}\n', 'compose.yaml: there are no services in it.'],
    ['--policy', 'policy.json', '{}', 'policy.json: no list of rules is in it.'],
  ])('says where %s %s cannot be understood', async (option, file, text, message) => {
    put('orthanc.json', stockOrthanc);
    put(file, text);
    await expect(doctor(['orthanc.json', option, file])).rejects.toThrow(message);
    await expect(doctor(['orthanc.json', option, file])).rejects.not.toThrow('MARK');
  });

  it('writes PATH once in its help', () => {
    expect(doctorCommand.help).toMatch(/^warden doctor PATH \[PATH …\] \[--fail-on/);
  });
});
