import { plainBranding } from './branding/branding.js';
import { readSettings } from './settings.js';
import type { Files } from './settings-reader.js';

const credential = { AUTH_SERVICE_USERNAME: 'landing', AUTH_SERVICE_PASSWORD: 'a long one' };
const files = (content: Record<string, string | Uint8Array>): Files => ({
  read: (path) => (content[path] === undefined ? undefined : Buffer.from(content[path])),
  list: (path) => {
    const inside = Object.keys(content).filter((name) => name.startsWith(`${path}/`));
    return inside.length === 0 ? undefined : inside.map((name) => name.slice(path.length + 1));
  },
});
const noFiles = files({});
const faultsOf = (env: Record<string, string>, content: Record<string, string | Uint8Array> = {}) => {
  const result = readSettings({ ...credential, ...env }, files(content));
  return result.ok ? [] : result.faults;
};
const brandingOf = (env: Record<string, string>, content: Record<string, string | Uint8Array> = {}) => {
  const result = readSettings({ ...credential, ...env }, files(content));
  if (!result.ok) throw new Error(result.faults.join());
  return result.settings.branding;
};

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
        trustedProxies: [],
        open: 'direct',
        language: 'en',
        timeZone: 'UTC',
        branding: plainBranding,
      },
    });
  });

  it('prefers the secret file, then NAME_FILE, then the variable, and trims', () => {
    const env = { ...credential, AUTH_SERVICE_PASSWORD_FILE: '/etc/password', LANDING_NAME: ' Clinic ' };
    const read = (content: Record<string, string>) => {
      const result = readSettings(env, files(content));
      return result.ok ? [result.settings.authServicePassword, result.settings.branding.name] : result.faults;
    };
    const byName = { '/etc/password': 'from NAME_FILE\n' };
    expect(read(byName)).toEqual(['from NAME_FILE', 'Clinic']);
    expect(read({ ...byName, '/run/secrets/AUTH_SERVICE_PASSWORD': 'from secrets\n' })).toEqual([
      'from secrets',
      'Clinic',
    ]);
  });

  it('takes an empty variable as not given', () => {
    const result = readSettings({ ...credential, HOST: '', LANDING_CONTACT: ' ', LANDING_OPEN: '' }, noFiles);
    expect(result).toMatchObject({ ok: true, settings: { host: '127.0.0.1', open: 'direct' } });
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
        TRUSTED_PROXIES: 'everyone',
        LANDING_TIME_ZONE: 'Mars/Base',
        LANDING_OPEN: 'sometimes',
        LANDING_LANGUAGE: 'tlh',
        LANDING_NAME: 'n'.repeat(121),
        LANDING_CONTACT: 'bell \u0007',
        LANDING_ACCENT_COLOR: 'teal',
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
      'TRUSTED_PROXIES',
      'LANDING_TIME_ZONE',
      'LANDING_OPEN',
      'LANDING_LANGUAGE',
      'LANDING_CONTACT',
      'LANDING_NAME',
      'LANDING_ACCENT_COLOR',
    ]);
    expect(faults.join()).not.toMatch(/hidden|70000|my host|one:two|everyone|Mars|sometimes|tlh|teal/);
  });

  it.each(['8001x', '-1', '1e3', '65536', '0x50'])('refuses %s as a port', (port) => {
    expect(faultsOf({ LANDING_PORT: port })).toHaveLength(1);
  });

  it.each(['inner:8000', 'ftp://inner/', 'http://inner/?a=1', 'http://inner/#a', '/auth'])(
    'refuses %s as the address of auth-service',
    (url) => {
      expect(faultsOf({ AUTH_SERVICE_URL: url })).toHaveLength(1);
    },
  );

  it('takes proxies by address and by range', () => {
    const result = readSettings({ ...credential, TRUSTED_PROXIES: '10.0.0.7, 192.168.0.0/16,fd00::/8 ::1' }, noFiles);
    expect(result).toMatchObject({
      settings: { trustedProxies: ['10.0.0.7', '192.168.0.0/16', 'fd00::/8', '::1'] },
    });
  });

  it.each([
    '10.0.0',
    '10.0.0.0/33',
    '10.0.0.0/0',
    '::/0',
    '10.0.0.0/8/8',
    'fe80::1%eth0',
    'proxy',
    'true',
    '10.0.0.1/x',
  ])('refuses %s as a proxy', (range) => {
    expect(faultsOf({ TRUSTED_PROXIES: range })).toHaveLength(1);
  });

  it('says which file is missing or unreadable, once', () => {
    const missing = readSettings({ ...credential, AUTH_SERVICE_PASSWORD_FILE: '/nowhere' }, noFiles);
    expect(missing).toEqual({ ok: false, faults: ['AUTH_SERVICE_PASSWORD_FILE: there is no such file'] });
    const unreadable = readSettings(credential, {
      list: () => undefined,
      read: (path) => {
        if (path.endsWith('USERNAME')) throw new Error('EACCES');
        return undefined;
      },
    });
    expect(unreadable).toEqual({
      ok: false,
      faults: ["AUTH_SERVICE_USERNAME: the file /run/secrets/AUTH_SERVICE_USERNAME can't be read"],
    });
  });
});

describe('the branding settings', () => {
  const svg = '<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"></svg>';
  const logo = { LANDING_LOGO_FILE: '/logo', LANDING_NAME: 'Clinic' };

  it.each<[string, string | Uint8Array]>([
    ['image/svg+xml', svg],
    ['image/png', Buffer.from('89504e470d0a1a0a0000', 'hex')],
    ['image/jpeg', Buffer.from('ffd8ffe0', 'hex')],
    ['image/webp', Buffer.from('RIFF\0\0\0\0WEBPVP8 ', 'latin1')],
  ])('take a logo that is %s by its content', (type, content) => {
    const address = `data:${type};base64,${Buffer.from(content).toString('base64')}`;
    expect(brandingOf(logo, { '/logo': content }).logo).toEqual({ address, alt: '' });
  });

  it.each<[string, Record<string, string | Uint8Array>, RegExp]>([
    ['absent', {}, /^LANDING_LOGO_FILE: there is no such file$/],
    ['a page', { '/logo': '<!doctype html><svg>' }, /^LANDING_LOGO_FILE: not an SVG/],
    ['a GIF', { '/logo': 'GIF89a' }, /^LANDING_LOGO_FILE: not an SVG/],
    ['too large', { '/logo': svg + ' '.repeat(200_000) }, /^LANDING_LOGO_FILE: the file is larger than 200 kB$/],
  ])('refuse a logo that is %s', (_what, content, fault) => {
    expect(faultsOf(logo, content)).toEqual([expect.stringMatching(fault)]);
  });

  it('want a logo that stands alone to be told in words', () => {
    const env = { LANDING_LOGO_FILE: '/logo' };
    expect(faultsOf(env, { '/logo': svg })).toEqual([expect.stringMatching(/^LANDING_LOGO_ALT: required/)]);
    expect(brandingOf({ ...env, LANDING_LOGO_ALT: 'Clinic' }, { '/logo': svg }).logo?.alt).toBe('Clinic');
  });

  it.each(['#12', '#12345g', 'rgb(1,2,3)', '#ffffff', '#ffcc00', '#808080'])('refuse %s as the colour', (colour) => {
    expect(faultsOf({ LANDING_ACCENT_COLOR: colour })).toEqual([expect.stringMatching(/^LANDING_ACCENT_COLOR: /)]);
  });

  it('put single texts in place of ours and leave the others', () => {
    const texts = JSON.stringify({ fr: { 'pages.expired.heading': 'Fini' }, en: { title: 'Pictures' } });
    const { fr, en } = brandingOf({ LANDING_TEXTS_FILE: '/texts' }, { '/texts': texts }).texts;
    expect([fr.pages.expired.heading, fr.title, en.title]).toEqual(['Fini', 'Images partagées', 'Pictures']);
    expect(plainBranding.texts.fr.pages.expired.heading).toBe('Ce lien a expiré');
  });

  it.each([
    ['{', 'not JSON'],
    ['[]', 'not an object of languages'],
    ['{"sv": {}}', 'sv is no language of this page'],
    ['{"en": "Hello"}', 'en is not an object of texts'],
    ['{"en": {"pages.expierd.heading": "a"}}', 'the nearest are pages.expired.heading'],
    ['{"en": {"pages.expired": "a"}}', 'en pages.expired is no text of this page'],
    ['{"en": {"__proto__.polluted": "a"}}', 'is no text of this page'],
    ['{"en": {"<b>": "a"}}', 'en a key is no text of this page'],
    ['{"en": {"title": ""}}', 'en title is not a text'],
    ['{"en": {"title": 5}}', 'en title is not a text'],
    ['{"en": {"actions.openWith": "Open"}}', 'en actions.openWith has to hold {viewer}'],
    ['{"en": {"title": "Hello {name}"}}', 'en title has to hold no word in braces'],
  ])('refuse the texts %s', (content, fault) => {
    const faults = faultsOf({ LANDING_TEXTS_FILE: '/texts' }, { '/texts': content });
    expect(faults).toEqual([expect.stringContaining(`LANDING_TEXTS_FILE: `)]);
    expect(faults[0]).toContain(fault);
  });

  it.each([
    ['expierd.html', '<p>', 'expierd.html bears the name of no page; the nearest are expired.html'],
    [
      'expired.html',
      '<p>{{headnig}}</p>',
      '{{headnig}} is no placeholder; the nearest are {{heading}}'.replace(/{{heading}}/, 'heading'),
    ],
    ['expired.html', '<script>1</script>', 'holds a <script>'],
    ['expired.html', '<p onclick="x()">', 'holds an event handler'],
    ['expired.html', '<p style="color:red">', 'holds a style attribute'],
    ['expired.html', '<base href="https://a/">', 'holds a <base>'],
    ['expired.html', '<style>p{color:{{name}}}</style>', 'holds a placeholder within a <style>'],
    ['expired.html', 'x'.repeat(200_001), 'expired.html is larger than 200 kB'],
    ['link.html', '<h1>{{heading}}</h1>', 'link.html lacks {{form}}'],
    ['opening.html', '<h1>{{heading}}</h1>{{form}}', 'opening.html lacks </head>'],
  ])('refuse the template %s: %.40s', (name, content, fault) => {
    const faults = faultsOf({ LANDING_TEMPLATES_DIR: '/pages' }, { [`/pages/${name}`]: content });
    expect(faults).toEqual([expect.stringMatching(/^LANDING_TEMPLATES_DIR: /)]);
    expect(faults[0]).toContain(fault);
  });

  it('take templates by the names of their pages, and want the folder to be there', () => {
    const content = { '/pages/expired.html': '<h1>{{ heading }}</h1>', '/pages/README.txt': 'about' };
    expect(brandingOf({ LANDING_TEMPLATES_DIR: '/pages' }, content).templates).toEqual({
      expired: { parts: ['<h1>', { placeholder: 'heading' }, '</h1>'], styles: [] },
    });
    expect(faultsOf({ LANDING_TEMPLATES_DIR: '/none' })).toEqual(['LANDING_TEMPLATES_DIR: there is no such folder']);
  });
});
