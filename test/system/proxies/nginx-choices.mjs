import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeCertificates } from '../support/certificates.mjs';
import { renderNginx, testNginx } from '../support/nginx.mjs';
import { temporaryFolder } from '../support/stage.mjs';

/** `nginx -t` on each route alone, without the main Orthanc, and all at once, in each manner of TLS. */
export async function testEveryChoice() {
  const folder = await temporaryFolder('nginx-choices');
  const tls = await makeCertificates(folder);
  const live = join(folder, 'letsencrypt/live/pacs.example.org');
  await mkdir(live, { recursive: true });
  await writeFile(join(live, 'fullchain.pem'), tls.server.certificateText);
  await writeFile(join(live, 'privkey.pem'), tls.server.keyText);
  const upstreams = Object.fromEntries(
    [
      'AUTH_SERVICE',
      'ORTHANC',
      'ORTHANC_FOR_API',
      'ORTHANC_FOR_SHARES',
      'ORTHANC_FOR_CERT',
      'LANDING',
      'KEYCLOAK',
      'MEDDREAM',
      'OHIF',
    ].map((name) => [`${name}_UPSTREAM`, '127.0.0.1:9']),
  );
  const files = { TLS_CERTIFICATE: tls.server.certificate, TLS_KEY: tls.server.key, CLIENT_CA: tls.authority };
  const routes = [
    {},
    { ENABLE_ORTHANC: 'false' },
    ...[
      'ORTHANC_FOR_API',
      'ORTHANC_FOR_SHARES',
      'ORTHANC_TOKEN_SERVICE',
      'LANDING',
      'KEYCLOAK',
      'OHIF',
      'MEDDREAM',
    ].flatMap((name) => [{ [`ENABLE_${name}`]: 'true' }, { [`ENABLE_${name}`]: 'true', ENABLE_ORTHANC: 'false' }]),
    { ENABLE_OHIF: 'true', OHIF_DIR: folder },
    { REAL_IP_FROM: '10.0.0.7,fd00::/8' },
    Object.fromEntries(
      ['ORTHANC_FOR_API', 'ORTHANC_FOR_SHARES', 'ORTHANC_TOKEN_SERVICE', 'LANDING', 'KEYCLOAK', 'OHIF', 'MEDDREAM'].map(
        (name) => [`ENABLE_${name}`, 'true'],
      ),
    ),
  ];
  const manners = [
    {},
    { ENABLE_HTTPS: 'true' },
    { ENABLE_HTTPS: 'true', CLIENT_CERTIFICATES: 'required' },
    { ENABLE_HTTPS: 'true', CLIENT_CERTIFICATES: 'optional', ENABLE_ORTHANC_FOR_CERT: 'true' },
    { ENABLE_CERTBOT: 'true', DOMAIN_NAME: 'pacs.example.org', LETSENCRYPT_DIR: join(folder, 'letsencrypt') },
  ];
  let tested = 0;
  for (const manner of manners)
    for (const route of routes) {
      const { configuration } = await renderNginx({ ...upstreams, ...files, ...manner, ...route });
      const said = await testNginx(configuration);
      // Newer releases warn of the one spelling of HTTP/2 that Debian 12's nginx knows.
      const unexpected = said.replace(/^.*"listen \.\.\. http2" directive is deprecated.*$/gm, '');
      assert.doesNotMatch(unexpected, /warn|emerg/, `${JSON.stringify({ ...manner, ...route })}: ${said}`);
      tested += 1;
      if (manner.ENABLE_CERTBOT && tested % 5 === 0)
        await testNginx(configuration.replace(/nginx\.conf$/, 'first-certificate.conf'));
    }
  console.log(`         ${tested} configurations`);
}
