import { X509Certificate } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createSecureContext } from 'node:tls';
import type { Surroundings } from '../surroundings.js';
import { CommandFailed, WrongUsage } from '../failures.js';
import { hardenCommands } from './harden.commands.js';

const day = 86_400_000;
const start = Date.UTC(2026, 10, 21);
let folder: string;
/** With certificates in `pki`, made once: keys take their time. */
let template: string;
beforeAll(async () => {
  folder = template = mkdtempSync(join(tmpdir(), 'warden-harden-'));
  told = await harden(
    'certificates --out pki --orthanc site-a=site-a.example.org,10.0.0.7 --server nginx=pacs.example.org --client jan',
  );
});
afterAll(() => rmSync(template, { recursive: true, force: true }));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warden-harden-'));
  cpSync(template, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));
let told: { out: string; err: string };

/** Runs one of the commands; with `answers` a person sits at the terminal. */
async function harden(words: string, { now = start, answers }: { now?: number; answers?: string[] } = {}) {
  const args = words.split(' ');
  const command = hardenCommands.find(({ name }) => name === `harden ${args[0]}`);
  const told = { out: '', err: '' };
  const surroundings: Surroundings = {
    env: {},
    secretsDir: '/nonexistent',
    workingDir: '/nonexistent',
    userDir: folder,
    stdin: Readable.from((answers ?? []).map((line) => `${line}\n`)),
    stdinIsTerminal: answers !== undefined,
    fetch: () => Promise.reject(new Error('not asked')),
    now: () => now,
    out: (text) => (told.out += text),
    err: (text) => (told.err += text),
    migrate: () => Promise.resolve(1),
  };
  expect(await command?.execute(args.slice(1), surroundings)).toBe(0);
  return told;
}

const text = (path: string) => readFileSync(join(folder, path), 'utf8');
const mode = (path: string) => (statSync(join(folder, path)).mode & 0o7777).toString(8);
const certificate = (path: string) => new X509Certificate(text(path));
/** Again, into the folder that is there. */
const renew = (more = '', options = {}) =>
  harden(`certificates --out pki --orthanc site-a=site-a.example.org,10.0.0.7${more}`, options);

describe('harden certificates', () => {
  it('makes an authority and certificates, each key for its owner only, and lists every file', () => {
    expect(mode('pki')).toBe('700');
    for (const path of ['authority/ca-key.pem', 'site-a/key.pem', 'site-a/key-and-certificate.pem', 'jan/jan.p12']) {
      expect(mode(`pki/${path}`)).toBe('600');
      expect(told.out).toContain(`0600  ${join(template, 'pki', path)}`);
    }
    expect(certificate('pki/site-a/certificate.pem').subjectAltName).toBe(
      'DNS:site-a.example.org, IP Address:10.0.0.7',
    );
    expect(certificate('pki/nginx/certificate.pem').keyUsage).toEqual(['1.3.6.1.5.5.7.3.1']);
    expect(certificate('pki/jan/certificate.pem').keyUsage).toEqual(['1.3.6.1.5.5.7.3.2']);
    for (const name of ['site-a', 'nginx', 'jan'])
      expect(certificate(`pki/${name}/certificate.pem`).verify(certificate('pki/authority/ca.pem').publicKey)).toBe(
        true,
      );
  });

  it('tells the password of the file for a browser once, and writes it nowhere', () => {
    const password = /^The password of jan\.p12, told this once: (\S{32})$/m.exec(told.out)?.[1];
    const pfx = readFileSync(join(folder, 'pki/jan/jan.p12'));
    expect(() => createSecureContext({ pfx, passphrase: password })).not.toThrow();
    expect(text('pki/jan/key.pem')).not.toContain(password);
  });

  it('replaces nothing without --force', async () => {
    const before = text('pki/site-a/key.pem');
    await expect(renew(' --client kim')).rejects.toThrow(CommandFailed);
    expect(text('pki/site-a/key.pem')).toBe(before);
    expect(() => text('pki/kim/key.pem')).toThrow('ENOENT');
  });

  it('renews with --force: a new key and certificate, the same authority', async () => {
    const authority = [text('pki/authority/ca.pem'), text('pki/authority/ca-key.pem')];
    const before = certificate('pki/site-a/certificate.pem');
    await renew(' --force', { now: start + 300 * day });
    const after = certificate('pki/site-a/certificate.pem');
    expect([text('pki/authority/ca.pem'), text('pki/authority/ca-key.pem')]).toEqual(authority);
    expect(after.publicKey.equals(before.publicKey)).toBe(false);
    expect(after.verify(certificate('pki/authority/ca.pem').publicKey)).toBe(true);
    expect(Date.parse(after.validTo) - Date.parse(before.validTo)).toBe(300 * day);
  });

  it('keeps the authority elsewhere with --ca', async () => {
    await harden('certificates --out other --ca pki/authority --client jan');
    expect(certificate('other/jan/certificate.pem').verify(certificate('pki/authority/ca.pem').publicKey)).toBe(true);
    expect(() => text('other/authority/ca.pem')).toThrow('ENOENT');
  });

  it('never makes a second authority because the first was moved away', async () => {
    renameSync(join(folder, 'pki/authority'), join(folder, 'safe'));
    const before = text('pki/site-a/key.pem');
    await expect(renew(' --force')).rejects.toThrow('--ca');
    await expect(harden('certificates --out pki --client kim')).rejects.toThrow('--ca');
    expect(existsSync(join(folder, 'pki/authority'))).toBe(false);
    expect(text('pki/site-a/key.pem')).toBe(before);
    await renew(' --force --ca safe');
    expect(certificate('pki/site-a/certificate.pem').verify(certificate('safe/ca.pem').publicKey)).toBe(true);
  });

  it('signs with no authority that is damaged, halved or over', async () => {
    await expect(renew(' --force', { now: start + 3_653 * day })).rejects.toThrow('is over');
    writeFileSync(join(folder, 'pki/authority/ca-key.pem'), 'x');
    await expect(renew(' --force')).rejects.toThrow('cannot be read: it must be PEM');
    rmSync(join(folder, 'pki/authority/ca-key.pem'));
    await expect(renew(' --force')).rejects.toThrow('ca.pem or ca-key.pem, not both');
  });

  it('gives keys of servers to the group, and to nobody else', async () => {
    await harden(`certificates --out new --orthanc site-a=10.0.0.7 --client jan --group ${process.getgid?.() ?? 0}`);
    expect(mode('new')).toBe('750');
    expect(mode('new/site-a')).toBe('750');
    expect(mode('new/site-a/key.pem')).toBe('640');
    expect(mode('new/authority')).toBe('700');
    expect(mode('new/authority/ca-key.pem')).toBe('600');
    expect(mode('new/jan')).toBe('700');
    expect(mode('new/jan/jan.p12')).toBe('600');
  });

  it.each([
    ['--orthanc a', '--orthanc must be written as NAME=HOST,HOST.'],
    ['--orthanc a=', '--orthanc must be written as NAME=HOST,HOST.'],
    ['--server a=b..c', '--server takes host names'],
    ['--server a=*.example.org', '--server takes host names'],
    ['--client ../jan', '--client takes names'],
    ['--client authority', 'names the same one twice'],
    ['--client jan --client JAN', 'names the same one twice'],
    ['--client jan --authority A/CN=B', '--authority takes'],
    ['--client jan --group no-such-group', '--group names no group'],
    ['--force', 'Say for whom'],
  ])('%s is wrong usage', async (words, sentence) => {
    const refused = harden(`certificates --out pki ${words}`);
    await expect(refused).rejects.toThrow(WrongUsage);
    await expect(refused).rejects.toThrow(sentence);
  });
});

describe('harden orthanc', () => {
  it('writes the folder, takes the certificate along, and says what to do next', async () => {
    const { out, err } = await harden('orthanc --out a --access users --https own --certificates pki/site-a');
    expect(text('a/tls/key-and-certificate.pem')).toBe(text('pki/site-a/key-and-certificate.pem'));
    expect(text('a/tls/server-authorities.pem')).toBe(text('pki/authority/ca.pem'));
    expect([mode('a'), mode('a/orthanc.env'), mode('a/tls/key-and-certificate.pem')]).toEqual(['700', '600', '600']);
    expect(out).toContain('What to do next:\n1. Put the folder at /etc/orthanc');
    expect(err).toMatch(/^Warning: Orthanc of Debian 13 ends with SIGSEGV[^\n]*\n$/);
  });

  it('replaces nothing without --force', async () => {
    await harden('orthanc --out a');
    const before = text('a/orthanc.env');
    await expect(harden('orthanc --out a')).rejects.toThrow('Nothing was written; --force replaces.');
    expect(text('a/orthanc.env')).toBe(before);
  });

  it('keeps the passwords with --force: of users, and those that were filled in', async () => {
    const words = 'orthanc --out a --access users --peer b,https://b.example.org,a';
    await harden(words);
    const filledIn = text('a/orthanc.env').replace(/^PEER_B_PASSWORD=$/m, 'PEER_B_PASSWORD=told-by-b');
    writeFileSync(join(folder, 'a/orthanc.env'), filledIn);
    await harden(`${words} --reader jan --force`);
    expect(text('a/orthanc.env')).toContain('PEER_B_PASSWORD=told-by-b\n');
    expect(text('a/orthanc.env')).toContain(/^USER_ADMIN_PASSWORD=.{32}$/m.exec(filledIn)?.[0] ?? 'none');
    expect(text('a/orthanc.env')).toMatch(/^USER_JAN_PASSWORD=.{32}$/m);
  });

  it('keeps with --force what was added by hand: variables, and authorities of other servers', async () => {
    const words = 'orthanc --out a --access users --certificates pki/site-a';
    await harden(words);
    writeFileSync(join(folder, 'a/orthanc.env'), `${text('a/orthanc.env')}\nPOSTGRES_password=by-hand\n`);
    const added = '-----BEGIN CERTIFICATE-----\nb3RoZXI=\n-----END CERTIFICATE-----\n';
    writeFileSync(join(folder, 'a/tls/server-authorities.pem'), text('pki/authority/ca.pem') + added);
    await harden(`${words} --force`);
    expect(text('a/orthanc.env')).toContain('\nPOSTGRES_password=by-hand\n');
    expect(text('a/tls/server-authorities.pem')).toBe(text('pki/authority/ca.pem') + added);
  });

  it('says which file of an earlier run cannot be read', async () => {
    mkdirSync(join(folder, 'a/orthanc.env'), { recursive: true });
    await expect(harden('orthanc --out a --force')).rejects.toThrow('a/orthanc.env cannot be read (EISDIR).');
  });

  it('asks who sits at the terminal, and takes what was given as an option for answered', async () => {
    const answers = ['', 'maybe', 'own', 'pki/site-a', 'yes', 'yes', 'PACS', 'ct,CT1,10.0.0.9,104,store'];
    const { err } = await harden('orthanc --access users', { answers });
    expect(err.match(/Who does HTTPS/g)).toHaveLength(2);
    expect(err).not.toContain('Who decides');
    const options = text('orthanc/orthanc.json');
    for (const line of ['"AuthenticationEnabled": true', '"SslVerifyPeers": true', '"DicomAet": "PACS"'])
      expect(options).toContain(line);
  });

  it('asks nobody who is not there', async () => {
    await expect(harden('orthanc')).rejects.toThrow('--out is missing.');
    await expect(harden('orthanc', { answers: [''] })).rejects.toThrow('The answers ended before the questions did.');
  });

  it.each([
    ['of a person', 'pki/jan', start, 'was not made with --orthanc'],
    ['that is over', 'pki/site-a', start + 398 * day, 'is over'],
    ['that is not there', 'pki/site-b', start, 'cannot be read (ENOENT)'],
  ])('takes no certificate %s', async (_what, path, now, sentence) => {
    await expect(harden(`orthanc --out a --https own --certificates ${path}`, { now })).rejects.toThrow(sentence);
  });
});

describe('harden nginx', () => {
  it('writes the files of nginx with HTTPS, its key, and certificates of clients', async () => {
    await harden('nginx --out n --certificates pki/nginx --client-certificates required --route orthanc --route ohif');
    expect(text('n/warden/client-certificates.conf')).toContain('ssl_client_certificate /etc/nginx/tls/ca.pem;');
    expect(text('n/warden/servers/https.conf')).toContain('ssl_certificate_key /etc/nginx/tls/key.pem;');
    expect(text('n/warden/routes/ohif.conf')).not.toBe('');
    expect(text('n/tls/key.pem')).toBe(text('pki/nginx/key.pem'));
    expect(mode('n/tls/key.pem')).toBe('600');
  });

  it('takes away with --force the routes that an earlier run opened, and leaves the rest of the folder alone', async () => {
    await harden('nginx --out n --certificates pki/nginx --route orthanc --route keycloak');
    writeFileSync(join(folder, 'n/mime.types'), 'mine');
    const { out } = await harden('nginx --out n --certificates pki/nginx --route orthanc --force');
    expect(existsSync(join(folder, 'n/warden/routes/orthanc.conf'))).toBe(true);
    for (const path of ['routes', 'upstreams'])
      expect(existsSync(join(folder, `n/warden/${path}/keycloak.conf`))).toBe(false);
    expect(text('n/mime.types')).toBe('mine');
    expect(out).toContain('in place of its warden/, not over it');
  });

  it.each([
    ['--set CLIENT_CERTIFICATES=required', 'CLIENT_CERTIFICATES is set with --client-certificates.'],
    ['--set TLS_KEY=/etc/key.pem', 'TLS_KEY is set with --certificates and --at.'],
    ['--set ENABLE_HTTPS=false', 'ENABLE_HTTPS'],
    ['--set HTTP_PORT=80 --set HTTP_PORT=81', 'HTTP_PORT is given twice.'],
    ['--route pacs', '--route must be one of orthanc, api'],
    ['--client-certificates maybe', '--client-certificates must be one of required, optional.'],
    ['--set ORTHANC_UPSTREAM=a;b', 'ORTHANC_UPSTREAM is no address.'],
    ['--set NO_SUCH=1', 'NO_SUCH is no variable'],
    ['--at /etc/nginx;', '--at takes a whole path'],
  ])('%s is wrong usage', async (words, sentence) => {
    const refused = harden(`nginx --out n --certificates pki/nginx ${words}`);
    await expect(refused).rejects.toThrow(WrongUsage);
    await expect(refused).rejects.toThrow(sentence);
  });
});

it('the commands of docs/harden.md work as they are written', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/harden.md'), 'utf8');
  const commands = [...page.matchAll(/^warden harden ((?:.*\\\n)*.*)$/gm)].map(([, words = '']) =>
    words.replace(/\s*\\\n\s*/g, ' '),
  );
  expect(commands.length).toBeGreaterThanOrEqual(7);
  rmSync(join(folder, 'pki'), { recursive: true });
  for (const words of commands) await harden(words);
});
