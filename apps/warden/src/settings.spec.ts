import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readKeyring, readRequiredKeyring, readServiceAccess, readSetting } from './settings.js';

let folder: string;
const places = (env: Record<string, string>) => ({ env, secretsDir: join(folder, 'secrets'), workingDir: folder });
const write = (name: string, text: string) => writeFileSync(join(folder, name), text);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'warden-settings-'));
  mkdirSync(join(folder, 'secrets'));
  mkdirSync(join(folder, 'data'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;

describe('a setting', () => {
  it('comes from the mounted secrets first, then the named file, then the variable, as in the service', () => {
    write('named', ' from-file\n');
    const env = { SECRET_KEY: ' from-variable ', SECRET_KEY_FILE: join(folder, 'named') };
    write('secrets/SECRET_KEY', 'from-secrets\n');
    expect(readSetting('SECRET_KEY', places(env))).toBe('from-secrets');
    rmSync(join(folder, 'secrets/SECRET_KEY'));
    expect(readSetting('SECRET_KEY', places(env))).toBe('from-file');
    // A key is the bytes of its text: the service does not trim a variable either.
    expect(readSetting('SECRET_KEY', places({ SECRET_KEY: env.SECRET_KEY }))).toBe(' from-variable ');
    expect(readSetting('SECRET_KEY', places({ SECRET_KEY: '' }))).toBeNull();
  });

  it('is at fault when its file is named and not there', () => {
    expect(() => readSetting('WARDEN_URL', places({ WARDEN_URL_FILE: join(folder, 'none') }))).toThrow(
      'WARDEN_URL_FILE names a file that is not there.',
    );
  });
});

describe('access to the service', () => {
  it('is by API key, by name and password, or as the administrator that npm start made', () => {
    expect(readServiceAccess(places({ WARDEN_API_KEY: 'owk_x', WARDEN_URL: 'https://w.example/auth/' }))).toEqual({
      url: 'https://w.example/auth',
      headers: { 'api-key': 'owk_x' },
      source: 'WARDEN_API_KEY',
      inTheClear: false,
    });
    expect(readServiceAccess(places({ WARDEN_USERNAME: 'ada', WARDEN_PASSWORD: 'p:ü' })).headers).toEqual({
      authorization: basic('ada:p:ü'),
    });
    write('data/administrator', 'admin:generated:1\n');
    expect(readServiceAccess(places({})).headers).toEqual({ authorization: basic('admin:generated:1') });
  });

  it("never sends this machine's administrator to another machine", () => {
    write('data/administrator', 'admin:generated\n');
    expect(() => readServiceAccess(places({ WARDEN_URL: 'https://elsewhere.example' }))).toThrow(
      /is for a service on this machine\. For the one of WARDEN_URL give WARDEN_API_KEY/,
    );
    expect(() => readServiceAccess(places({ WARDEN_URL: 'http://localhost.example' }))).toThrow(/on this machine/);
  });

  it('is told to cross a network in the clear', () => {
    const inTheClear = (url: string) => readServiceAccess(places({ WARDEN_API_KEY: 'k', WARDEN_URL: url })).inTheClear;
    expect(inTheClear('http://orthanc.example:8000')).toBe(true);
    expect(inTheClear('http://[::1]:8000')).toBe(false);
    expect(inTheClear('http://127.0.0.1:8000')).toBe(false);
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['nothing', {}, /^There are no credentials: give WARDEN_API_KEY, or WARDEN_USERNAME and WARDEN_PASSWORD/],
    ['a name alone', { WARDEN_USERNAME: 'ada' }, /^WARDEN_USERNAME is given without WARDEN_PASSWORD/],
    ['a password alone', { WARDEN_PASSWORD: 'x' }, /^WARDEN_PASSWORD is given without WARDEN_USERNAME/],
    ['two kinds', { WARDEN_API_KEY: 'k', WARDEN_USERNAME: 'ada', WARDEN_PASSWORD: 'x' }, /leave one of them out/],
    ['a name with a colon', { WARDEN_USERNAME: 'a:b', WARDEN_PASSWORD: 'x' }, /must not hold a colon/],
    ['a key with a line end inside', { WARDEN_API_KEY: 'a\r\nb' }, /WARDEN_API_KEY holds characters/],
    ['another scheme', { WARDEN_URL: 'ftp://x' }, /^WARDEN_URL must be an absolute URL/],
    ['a password in the address', { WARDEN_URL: 'http://a:topsecret@x' }, /^WARDEN_URL must not hold a password/],
    ['a query', { WARDEN_URL: 'http://x/?a=b' }, /^WARDEN_URL must not hold a query/],
  ])('names the setting to change and no value for %s', (_what, env, message) => {
    expect(() => readServiceAccess(places(env))).toThrow(message);
    expect(() => readServiceAccess(places(env))).not.toThrow(/topsecret/);
  });
});

describe('the keys', () => {
  it('are those of SECRET_KEY and SECRET_KEYS_PREVIOUS, or the one that npm start made', () => {
    expect(readKeyring(places({}))).toBeNull();
    expect(() => readRequiredKeyring(places({}))).toThrow(/give SECRET_KEY/);
    write('data/secret-key', 'generated\n');
    const generated = readKeyring(places({}))?.signing.kid;
    expect(generated).toBe(readKeyring(places({ SECRET_KEY: 'generated' }))?.signing.kid);
    const rotated = readKeyring(
      places({
        SECRET_KEY: 'new',
        SECRET_KEYS_PREVIOUS: '[{"key": "generated", "until": "2027-01-01T00:00:00Z", "registered-only": true}]',
      }),
    );
    expect(rotated?.find(generated ?? '')).toMatchObject({ until: Date.UTC(2027, 0, 1), registeredOnly: true });
  });

  it.each([
    ['{', /^SECRET_KEYS_PREVIOUS is not valid JSON\.$/],
    ['{}', /must be a JSON list/],
    ['[null]', /entry 0: "key" must be a text/],
    ['[{"key": "k", "until": "2027-01-01"}]', /entry 0: "until" must be a date and time with a zone/],
    ['[{"key": "k", "registered-only": "yes"}]', /entry 0: "registered-only" must be true or false/],
  ])('are refused when SECRET_KEYS_PREVIOUS is %s', (text, message) => {
    expect(() => readKeyring(places({ SECRET_KEY: 'x', SECRET_KEYS_PREVIOUS: text }))).toThrow(message);
  });
});
