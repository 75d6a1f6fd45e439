import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { nginxFolder } from './nginx-list.js';
import { NginxVariablesRefused, nginxPaths, renderNginx } from './render-nginx.js';

const everything = {
  ENABLE_ORTHANC_FOR_API: 'true',
  ENABLE_ORTHANC_FOR_SHARES: 'true',
  ENABLE_ORTHANC_TOKEN_SERVICE: 'true',
  ENABLE_LANDING: 'true',
  ENABLE_KEYCLOAK: 'true',
  ENABLE_OHIF: 'true',
  ENABLE_MEDDREAM: 'true',
};
const https = { ENABLE_HTTPS: 'true' };
const combinations: Record<string, string>[] = [
  {},
  https,
  everything,
  { ...everything, ...https },
  { ENABLE_ORTHANC: 'false', ENABLE_KEYCLOAK: 'true' },
  { ENABLE_KEYCLOAK: 'true', ENABLE_KEYCLOAK_ADMIN: 'true' },
  { ...https, CLIENT_CERTIFICATES: 'required', CLIENT_CA: '/srv/own/ca.crt' },
  { ...https, CLIENT_CERTIFICATES: 'optional', ENABLE_ORTHANC_FOR_CERT: 'true' },
  { ENABLE_CERTBOT: 'true', DOMAIN_NAME: 'pacs.example.org', CERTBOT_WEBROOT: '/srv/acme' },
  { ENABLE_OHIF: 'true', OHIF_DIR: '/srv/@ohif/app/dist' },
  { REAL_IP_FROM: '10.0.0.7,192.168.0.0/16,fd00::/8', PROXY_READ_TIMEOUT: '600' },
  { LISTEN_ADDRESS: '127.0.0.1', HTTP_PORT: '8080', RUN_DIR: '/tmp/run', LOG_DIR: '/tmp/log' },
  { LISTEN_ADDRESS: '[::]', ORTHANC_UPSTREAM: '[::1]:8042', AUTH_SERVICE_UPSTREAM: 'auth_1.example:8000' },
  { ...https, HTTPS_PORT: '8443', HTTPS_PUBLIC_PORT: '8443', HSTS_MAX_AGE: '0', OHIF_DIR: '' },
];
const bad: Record<string, string>[] = [
  { ENABLE_ORTHANC: 'yes' },
  { ENABLE_HTTPS: 'TRUE' },
  { PROXY_READ_TIMEOUT: '60s; deny all' },
  { PROXY_READ_TIMEOUT: '60\nroot' },
  { ORTHANC_UPSTREAM: 'orthanc' },
  { ORTHANC_UPSTREAM: 'orthanc:8042;}' },
  { ORTHANC_UPSTREAM: 'orthanc:8042 backup' },
  { ORTHANC_UPSTREAM: '$http_x:80' },
  { TLS_KEY: '/etc/nginx/../shadow' },
  { TLS_KEY: 'key.pem' },
  { OHIF_DIR: '/srv/${RUN_DIR}' },
  { OHIF_DIR: '/srv/"x"' },
  { REAL_IP_FROM: '10.0.0.7, 10.0.0.8' },
  { REAL_IP_FROM: 'everyone' },
  { HTTP_PORT: '0' },
  { HTTP_PORT: '65536' },
  { LISTEN_ADDRESS: 'unix:/x' },
  { ENABLE_CERTBOT: 'true' },
  { ENABLE_CERTBOT: 'true', DOMAIN_NAME: '-x.example.org' },
  { CLIENT_CERTIFICATES: 'required' },
  { CLIENT_CERTIFICATES: 'on', ENABLE_HTTPS: 'true' },
  { ENABLE_ORTHANC_FOR_CERT: 'true', ENABLE_HTTPS: 'true' },
  { RUN_DIR: `/${'a'.repeat(2000)}` },
];

describe('the configuration of nginx', () => {
  it.each(combinations)('is byte by byte what the image writes: %j', (variables) => {
    const ours = Object.fromEntries(renderNginx(variables).map(({ path, text }) => [path, text]));

    expect(ours).toEqual(renderByShell(variables));
  });

  it.each(bad.map((one) => [JSON.stringify(one).slice(0, 80), one] as const))(
    'refuses %s, as the image does',
    (_title, variables) => {
      expect(() => renderNginx(variables)).toThrow(NginxVariablesRefused);
      expect(() => renderByShell(variables)).toThrow(/nginx: /);
    },
  );

  it('refuses names that do not exist, and tells all faults without their values', () => {
    const faultsOf = (variables: Record<string, string>) => {
      try {
        renderNginx(variables);
        return [];
      } catch (error) {
        return (error as NginxVariablesRefused).faults;
      }
    };

    expect(faultsOf({ ENABLE_ORTANC: 'true', HTTP_PORT: 'secret', 'x y': '1', __proto__x: '' })).toEqual([
      "ENABLE_ORTANC is no variable of nginx's configuration.",
      "One of them is no variable of nginx's configuration.",
      "One of them is no variable of nginx's configuration.",
      'HTTP_PORT is no port.',
    ]);
  });

  it('leaves no placeholder unfilled', () => {
    for (const variables of combinations)
      for (const { text } of renderNginx(variables)) expect(text).not.toMatch(/\$\{/);
  });

  it('has every path once in each choice, and every template is used', () => {
    for (const variables of combinations) {
      const paths = renderNginx(variables).map(({ path }) => path);
      expect(new Set(paths).size).toBe(paths.length);
      expect(nginxPaths()).toEqual(expect.arrayContaining(paths));
    }
    const list = readFileSync(join(nginxFolder(), 'files.list'), 'utf8');
    for (const template of filesBelow(join(nginxFolder(), 'templates')))
      expect(list).toContain(` ${template.replace(/\.template$/, '')}`);
  });
});

/** The image's own script, in an environment that holds nothing else. */
function renderByShell(variables: Record<string, string>): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'warden-nginx-'));
  try {
    execFileSync(join(nginxFolder(), 'render.sh'), [folder], {
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', ...variables },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    return Object.fromEntries(filesBelow(folder).map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
