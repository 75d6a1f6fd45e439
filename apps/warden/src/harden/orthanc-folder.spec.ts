import { createPrivateKey } from 'node:crypto';
import { type ParseError, parse } from 'jsonc-parser';
import { issue, makeAuthority } from './certificate-authority.js';
import { orthancFolder } from './orthanc-folder.js';
import { type OrthancOptionValues, orthancOptions, readOrthancPlan } from './orthanc-options.js';

const now = Date.UTC(2026, 10, 21);
const authority = makeAuthority('CA', now);
const purposes = ['serverAuth', 'clientAuth'] as const;
const leaf = {
  ...issue(authority, { commonName: 'site-a', hosts: ['10.0.0.7'], purposes }, now),
  authority: authority.certificate,
};
const none = Object.fromEntries(
  Object.entries(orthancOptions).map(([name, rule]) => [
    name,
    rule.type === 'boolean' ? false : 'multiple' in rule ? [] : undefined,
  ]),
) as unknown as OrthancOptionValues;

function written(changes: Partial<OrthancOptionValues>) {
  const plan = readOrthancPlan({ ...none, ...changes });
  const folder = orthancFolder(plan, plan.hasCertificates ? leaf : undefined);
  const text = (path: string) => String(folder.files.find((file) => file.path === path)?.content ?? '');
  const errors: ParseError[] = [];
  const options = parse(text('orthanc.json'), errors, { disallowComments: false });
  expect(errors).toEqual([]);
  return { ...folder, text, options, paths: folder.files.map(({ path }) => path) };
}

const certificates = 'site-a';
const ct = 'ct,CT_1,10.0.0.9,11112,echo+store';

describe('every configuration', () => {
  it.each<[string, Partial<OrthancOptionValues>]>([
    ['with the plugin', {}],
    ['with users', { access: 'users' }],
    ['with HTTPS of its own', { access: 'users', https: 'own', certificates }],
    ['with DICOM', { dicom: 'ORTHANC', modality: [ct] }],
  ])('%s is limited, verifies servers and shuts side doors', (_what, changes) => {
    const { options, text } = written(changes);
    expect(options).toMatchObject({
      LimitFindResults: 100,
      LimitFindInstances: 100,
      HttpsVerifyPeers: true,
      ExecuteLuaEnabled: false,
      RestApiWriteToFileSystemEnabled: false,
      WebDavEnabled: false,
      OverwriteInstances: false,
      ReadOnly: false,
    });
    expect(options.HttpsCACertificates).toMatch(/^\//);
    // Each option has its reason on the line above.
    const lines = text('orthanc.json').split('\n');
    for (const name of Object.keys(options))
      expect(lines[lines.findIndex((line) => line.startsWith(`  "${name}": `)) - 1]).toMatch(/^ {2}\/\/ /);
  });

  it('names no option twice, and every variable that it names is in the .env file', () => {
    const { text, options } = written({
      access: 'users',
      https: 'own',
      certificates,
      reader: ['jan'],
      peer: ['site-b,https://10.0.0.8:8042/,site-a'],
      'dicomweb-server': ['site-c,https://10.0.0.6/dicom-web,site-a'],
    });
    const json = text('orthanc.json');
    expect(json.match(/^ {2}"/gm)).toHaveLength(Object.keys(options).length);
    const named = [...json.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name).sort();
    const known = [...text('orthanc.env').matchAll(/^(\w+)=/gm)].map(([, name]) => name).sort();
    expect([...new Set(named)]).toEqual(known);
  });
});

describe('who may reach it', () => {
  it('with users, each has a password of its own, at random, that is not in the configuration', () => {
    const [one, other] = [written({ access: 'users', reader: ['jan'] }), written({ access: 'users', reader: ['jan'] })];
    expect(one.options).toMatchObject({
      RemoteAccessAllowed: true,
      AuthenticationEnabled: true,
      RegisteredUsers: { admin: '${USER_ADMIN_PASSWORD}', jan: '${USER_JAN_PASSWORD}' },
    });
    const passwords = (env: string) => [...env.matchAll(/^\w+=(.*)$/gm)].map(([, value]) => value ?? '');
    const all = [...passwords(one.text('orthanc.env')), ...passwords(other.text('orthanc.env'))];
    expect(new Set(all).size).toBe(4);
    for (const password of all) {
      expect(password).toMatch(/^[\w-]{32}$/);
      expect(one.text('orthanc.json')).not.toContain(password);
    }
    expect(one.files.find(({ path }) => path === 'orthanc.env')?.secret).toBe(true);
  });

  it('with the plugin, this service is asked about each study', () => {
    const { options, text, paths } = written({ 'auth-service': 'http://auth-service:8000' });
    expect(options.AuthenticationEnabled).toBe(false);
    expect(options.RegisteredUsers).toBeUndefined();
    expect(options.Authorization).toEqual({
      WebServiceRootUrl: 'http://auth-service:8000/',
      WebServiceUsername: 'orthanc',
      WebServicePassword: '${AUTH_SERVICE_PASSWORD}',
      CheckedLevel: 'studies',
      StandardConfigurations: ['orthanc-explorer-2', 'stone-webviewer', 'ohif', 'volview'],
      TokenHttpHeaders: ['Authorization', 'token', 'api-key'],
      TokenGetArguments: ['token'],
    });
    expect(text('orthanc.env')).toMatch(/^AUTH_SERVICE_PASSWORD=[\w-]{32}$/m);
    expect(paths).not.toContain('access.lua');
  });

  it('with users, Orthanc does not start without the variables: a password would be empty', () => {
    const { text } = written({ access: 'users', reader: ['jan'] });
    expect(text('access.lua')).toContain("{ 'USER_ADMIN_PASSWORD', 'USER_JAN_PASSWORD' }");
    expect(text('access.lua')).toContain('error(');
  });

  it('with the plugin and none named, it is told that the configuration alone is open', () => {
    expect(written({}).warnings.join()).toContain('--plugin');
    expect(written({ plugin: ['/usr/share/orthanc/plugins'] }).warnings.join()).not.toContain('--plugin');
  });

  it('read-only, it is told that both Orthancs need one index', () => {
    expect(written({ 'read-only': true }).warnings.join()).toContain('PostgreSQL');
    expect(written({}).warnings.join()).not.toContain('PostgreSQL');
  });

  it('behind a proxy on the same machine, nobody else is answered, and the trap of its addresses is told', () => {
    const { options, warnings, text } = written({ access: 'users', 'proxy-here': true });
    expect(options.RemoteAccessAllowed).toBe(false);
    expect(warnings.join()).toContain('every address is 127.0.0.1');
    expect(text('access.lua')).toContain('MUST set X-Forwarded-For');
    expect(text('access.lua')).not.toContain('127.0.0.1');
    expect(written({ access: 'users' }).warnings.join()).not.toContain('127.0.0.1');
  });

  it('a read-only Orthanc says so itself; a get-only one by its filter', () => {
    expect(written({ 'read-only': true }).options.ReadOnly).toBe(true);
    const { options, text } = written({ 'get-only': true });
    expect(options.LuaScripts).toEqual(['/etc/orthanc/access.lua']);
    expect(text('access.lua')).toContain("return method == 'GET' or (method == 'POST' and searches[uri] == true)");
    expect(text('access.lua')).toContain("['/tools/find'] = true");
  });
});

describe('TLS', () => {
  it('of its own: one file, the key first', () => {
    const { options, text, paths } = written({ access: 'users', https: 'own', certificates, at: '/srv/o/' });
    expect(options).toMatchObject({
      SslEnabled: true,
      SslCertificate: '/srv/o/tls/key-and-certificate.pem',
      SslMinimumProtocolVersion: 4,
      SslVerifyPeers: false,
      HttpsCACertificates: '/srv/o/tls/server-authorities.pem',
    });
    expect(text('tls/key-and-certificate.pem')).toMatch(/^-----BEGIN PRIVATE KEY[^]+-----BEGIN CERTIFICATE/);
    expect(paths).not.toContain('tls/key.pem');
  });

  it('mutual: whoever shows no certificate of the authority is refused', () => {
    const { options, text } = written({ access: 'users', https: 'own', certificates, 'mutual-tls': true });
    expect(options).toMatchObject({
      SslVerifyPeers: true,
      SslTrustedClientCertificates: '/etc/orthanc/tls/ca.pem',
    });
    expect(text('tls/ca.pem')).toBe(authority.certificate);
    // Whoever adds an authority of servers must not let its clients in.
    expect(options.HttpsCACertificates).not.toBe(options.SslTrustedClientCertificates);
  });

  it('towards other servers: the certificate, and the key under a password of the .env file', () => {
    const { options, text, steps } = written({
      access: 'users',
      https: 'own',
      certificates,
      peer: ['site-b,https://10.0.0.8:8042,site-a', 'site-d,https://10.0.0.9'],
      'dicomweb-server': ['site-c,https://10.0.0.6/dicom-web,site-a'],
    });
    const shown = {
      CertificateFile: '/etc/orthanc/tls/certificate.pem',
      CertificateKeyFile: '/etc/orthanc/tls/client-key.pem',
      CertificateKeyPassword: '${CLIENT_KEY_PASSWORD}',
    };
    const password = '${PEER_SITE_B_PASSWORD}';
    expect(options.OrthancPeers).toEqual({
      'site-b': { Url: 'https://10.0.0.8:8042/', Username: 'site-a', Password: password, ...shown },
      'site-d': { Url: 'https://10.0.0.9/', ...shown },
    });
    expect(options.DicomWeb.Servers['site-c']).toMatchObject({ Url: 'https://10.0.0.6/dicom-web/', ...shown });
    expect(steps.join()).toContain('Fill in PEER_SITE_B_PASSWORD, DICOMWEB_SITE_C_PASSWORD');
    const passphrase = /^CLIENT_KEY_PASSWORD=(.+)$/m.exec(text('orthanc.env'))?.[1];
    const key = text('tls/client-key.pem');
    expect(() => createPrivateKey({ key, passphrase: 'another' })).toThrow();
    expect(createPrivateKey({ key, passphrase }).equals(createPrivateKey(leaf.key))).toBe(true);
  });

  it('every file with a key or a password is secret', () => {
    const { files } = written({
      https: 'own',
      certificates,
      dicom: 'O',
      'dicom-tls': true,
      peer: ['site-b,https://b/'],
    });
    const secret = files.filter((file) => file.secret).map(({ path }) => path);
    expect(secret).toEqual(['orthanc.env', 'tls/key-and-certificate.pem', 'tls/key.pem', 'tls/client-key.pem']);
    for (const file of files) if (!file.secret) expect(String(file.content)).not.toMatch(/PRIVATE KEY/);
  });
});

describe('DICOM', () => {
  it('is off unless asked for', () => {
    const { options } = written({});
    expect(options.DicomServerEnabled).toBe(false);
    expect(options.DicomPort).toBeUndefined();
  });

  it('admits listed modalities only, from their addresses, to what each may', () => {
    const { options } = written({ dicom: 'ORTHANC', modality: [ct, 'ws,WS.1,ws.example.org,104,find+move+get'] });
    expect(options).toMatchObject({
      DicomServerEnabled: true,
      DicomAet: 'ORTHANC',
      DicomPort: 4242,
      DicomCheckCalledAet: true,
      DicomCheckModalityHost: true,
      DicomAlwaysAllowEcho: false,
      DicomAlwaysAllowStore: false,
      DicomAlwaysAllowFind: false,
      DicomAlwaysAllowFindWorklist: false,
      DicomAlwaysAllowGet: false,
      DicomAlwaysAllowMove: false,
      DicomTlsEnabled: false,
    });
    const no = { AllowFindWorklist: false, UseDicomTls: false };
    expect(options.DicomModalities).toMatchObject({
      ct: { AET: 'CT_1', Host: '10.0.0.9', Port: 11112, AllowEcho: true, AllowStore: true, ...no },
      ws: { AllowEcho: false, AllowFind: true, AllowMove: true, AllowGet: true, AllowStore: false, ...no },
    });
    expect(options.DicomModalities.ct).toMatchObject({ AllowFind: false, AllowMove: false, AllowGet: false });
  });

  it('by TLS: both sides show a certificate', () => {
    const { options, text } = written({ dicom: 'O', 'dicom-tls': true, certificates, modality: [ct] });
    expect(options).toMatchObject({
      DicomTlsEnabled: true,
      DicomTlsCertificate: '/etc/orthanc/tls/certificate.pem',
      DicomTlsPrivateKey: '/etc/orthanc/tls/key.pem',
      DicomTlsTrustedCertificates: '/etc/orthanc/tls/ca.pem',
      DicomTlsRemoteCertificateRequired: true,
    });
    expect(options.DicomModalities.ct.UseDicomTls).toBe(true);
    expect(createPrivateKey(text('tls/key.pem')).equals(createPrivateKey(leaf.key))).toBe(true);
  });

  it('takes from each AET only what it may store', () => {
    const { options, text } = written({
      dicom: 'O',
      modality: [ct],
      accept: ['CT_1=CT+SR+1.2.840.10008.5.1.4.1.1.7'],
      'accept-upload': 'PX',
    });
    expect(options.LuaScripts).toEqual(['/etc/orthanc/store.lua']);
    expect(text('store.lua')).toContain("['CT_1'] = { modalities = { ['CT'] = true, ['SR'] = true }");
    expect(text('store.lua')).toContain("classes = { ['1.2.840.10008.5.1.4.1.1.7'] = true }");
    expect(text('store.lua')).toContain("by_http = { modalities = { ['PX'] = true }, classes = {} }");
  });
});

describe('what contradicts itself or could break out of a file', () => {
  it.each<[Partial<OrthancOptionValues>, string]>([
    [{ access: 'nobody' }, '--access must be one of plugin, users.'],
    [{ reader: ['jan'] }, '--reader goes with --access users'],
    [{ 'admin-anywhere': true }, '--admin-anywhere goes with --access users'],
    [{ access: 'users', 'auth-service': 'http://a/' }, '--auth-service goes with --access plugin'],
    [{ https: 'own' }, '--https own needs --certificates'],
    [{ 'mutual-tls': true }, 'harden nginx --client-certificates required.'],
    [{ modality: [ct] }, '--modality goes with --dicom'],
    [{ 'dicom-tls': true, dicom: 'O' }, '--dicom-tls needs --certificates'],
    [{ 'read-only': true, dicom: 'O' }, '--read-only stores nothing'],
    [{ access: 'users', 'get-only': true, sender: ['b'] }, '--sender stores by HTTP'],
    [{ access: 'users', admin: ['jan'], reader: ['Jan'] }, 'names the same one twice'],
    [{ dicom: 'SEVENTEEN_LETTERS' }, '--dicom takes an AET of at most 16'],
    [{ dicom: "O']=1" }, '--dicom takes an AET'],
    [{ name: 'a"b' }, '--name takes'],
    [{ name: '${HOME}' }, '--name takes'],
    [{ access: 'users', admin: ['a b'] }, '--admin takes names'],
    [{ access: 'users', reader: ["x'] = true } os.execute('id') --"] }, '--reader takes names'],
    [{ at: 'etc/orthanc' }, '--at takes a whole path'],
    [{ at: '/etc/../root' }, '--at takes a whole path'],
    [{ storage: '/a"b' }, '--storage takes a whole path'],
    [{ 'http-port': '0' }, '--http-port takes a port'],
    [{ 'http-port': '65536' }, '--http-port takes a port'],
    [{ 'auth-service': 'ftp://a/' }, '--auth-service takes an address'],
    [{ 'auth-service': 'http://user:secret@a/' }, '--auth-service takes an address'],
    [{ dicom: 'O', modality: ['ct,CT,10.0.0.9,11112'] }, '--modality must be written as NAME,AET,HOST,PORT,RIGHTS.'],
    [{ dicom: 'O', modality: ['ct,CT,10.0.0.9,11112,delete'] }, '--modality takes rights of echo'],
    [{ dicom: 'O', modality: ['ct,CT,10.0.0.256,11112,echo'] }, '--modality takes host names'],
    [{ dicom: 'O', modality: [ct, ct] }, '--modality names the same one twice'],
    [{ dicom: 'O', modality: [ct], accept: ['MR_1=MR'] }, '--accept names an AET that no --modality'],
    [{ dicom: 'O', modality: [ct], accept: ["CT_1=CT'"] }, '--accept takes modalities'],
    [{ 'accept-upload': '' }, '--accept-upload takes modalities'],
    [{ peer: ['b,http://b/'] }, '--peer takes an address'],
    [{ peer: ['b'] }, '--peer must be written as NAME,URL,USER.'],
  ])('%j is refused', (changes, sentence) => {
    expect(() => readOrthancPlan({ ...none, ...changes })).toThrow(sentence);
  });
});
