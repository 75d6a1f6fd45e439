import { readSettings } from './settings.js';

const credential = { AUTH_SERVICE_USERNAME: 'landing', AUTH_SERVICE_PASSWORD: 'a long one' };
const noFiles = () => undefined;
const files = (content: Record<string, string>) => (path: string) => content[path];

describe('readSettings', () => {
  it('needs nothing but the credential', () => {
    expect(readSettings(credential, noFiles)).toEqual({
      ok: true,
      settings: {
        host: '127.0.0.1',
        port: 8001,
        authServiceUrl: 'http://127.0.0.1:8000',
        authServiceUsername: 'landing',
        authServicePassword: 'a long one',
        contact: undefined,
        name: undefined,
      },
    });
  });

  it('prefers the secret file, then NAME_FILE, then the variable, and trims', () => {
    const env = { ...credential, AUTH_SERVICE_PASSWORD_FILE: '/etc/password', LANDING_NAME: ' Clinic ' };
    const read = (content: Record<string, string>) => {
      const result = readSettings(env, files(content));
      return result.ok ? [result.settings.authServicePassword, result.settings.name] : result.faults;
    };
    const byName = { '/etc/password': 'from NAME_FILE\n' };
    expect(read(byName)).toEqual(['from NAME_FILE', 'Clinic']);
    expect(read({ ...byName, '/run/secrets/AUTH_SERVICE_PASSWORD': 'from secrets\n' })).toEqual([
      'from secrets',
      'Clinic',
    ]);
  });

  it('takes an empty variable as not given', () => {
    const result = readSettings({ ...credential, HOST: '', LANDING_CONTACT: ' ' }, noFiles);
    expect(result).toMatchObject({ ok: true, settings: { host: '127.0.0.1', contact: undefined } });
  });

  it('keeps the path of the service and drops the closing slash', () => {
    const result = readSettings({ ...credential, AUTH_SERVICE_URL: 'https://inner/auth-service/' }, noFiles);
    expect(result).toMatchObject({ ok: true, settings: { authServiceUrl: 'https://inner/auth-service' } });
  });

  it('reports all faults at once, by name and never by value', () => {
    const result = readSettings(
      {
        HOST: 'my host',
        LANDING_PORT: '70000',
        AUTH_SERVICE_URL: 'http://user:hidden@inner/',
        AUTH_SERVICE_USERNAME: 'one:two',
        LANDING_NAME: 'n'.repeat(121),
        LANDING_CONTACT: 'bell \u0007',
      },
      noFiles,
    );
    const faults = result.ok ? [] : result.faults;
    expect(faults.map((fault) => fault.split(':')[0])).toEqual([
      'HOST',
      'LANDING_PORT',
      'AUTH_SERVICE_URL',
      'AUTH_SERVICE_USERNAME',
      'AUTH_SERVICE_PASSWORD',
      'LANDING_CONTACT',
      'LANDING_NAME',
    ]);
    expect(faults.join()).not.toMatch(/hidden|70000|my host|one:two/);
  });

  it.each(['8001x', '-1', '1e3', '65536', '0x50'])('refuses %s as a port', (port) => {
    expect(readSettings({ ...credential, LANDING_PORT: port }, noFiles).ok).toBe(false);
  });

  it.each(['inner:8000', 'ftp://inner/', 'http://inner/?a=1', 'http://inner/#a', '/auth'])(
    'refuses %s as the address of auth-service',
    (url) => {
      expect(readSettings({ ...credential, AUTH_SERVICE_URL: url }, noFiles).ok).toBe(false);
    },
  );

  it('says which file is missing or unreadable, once', () => {
    const missing = readSettings({ ...credential, AUTH_SERVICE_PASSWORD_FILE: '/nowhere' }, noFiles);
    expect(missing).toEqual({ ok: false, faults: ['AUTH_SERVICE_PASSWORD_FILE: there is no such file'] });
    const unreadable = readSettings(credential, (path) => {
      if (path.endsWith('USERNAME')) throw new Error('EACCES');
      return undefined;
    });
    expect(unreadable).toEqual({
      ok: false,
      faults: ["AUTH_SERVICE_USERNAME: the file /run/secrets/AUTH_SERVICE_USERNAME can't be read"],
    });
  });
});
