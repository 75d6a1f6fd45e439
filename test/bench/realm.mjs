// A trusted issuer for the benchmark: discovery, one RS256 key, and tokens in the shape of Keycloak's.
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const kid = 'bench-key';
const encode = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function startRealm() {
  const fetches = { discovery: 0, certs: 0 };
  let silent = false;
  const server = createServer((request, response) => {
    if (silent) return response.writeHead(503).end();
    const discovery = request.url.endsWith('/.well-known/openid-configuration');
    fetches[discovery ? 'discovery' : 'certs'] += 1;
    const answer = discovery
      ? { issuer, jwks_uri: `${issuer}/protocol/openid-connect/certs` }
      : { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const issuer = `http://127.0.0.1:${server.address().port}/realms/orthanc`;
  return {
    issuer,
    fetches,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }),
    /** An access token of user number `index`, good for a day. */
    token(index) {
      const now = Math.floor(Date.now() / 1000);
      const claims = {
        exp: now + 86_400,
        iat: now,
        jti: `bench-${index}`,
        iss: issuer,
        aud: 'account',
        sub: `5b9a3a55-3c6e-4fb8-a5a0-${String(index).padStart(12, '0')}`,
        typ: 'Bearer',
        azp: 'orthanc',
        sid: 'c2f0f6be-3d5e-4d0e-9f5b-0d5f3e6a7b8c',
        acr: '1',
        realm_access: { roles: ['offline_access', 'uma_authorization', 'doctor-role', 'default-roles-orthanc'] },
        resource_access: { account: { roles: ['manage-account', 'manage-account-links', 'view-profile'] } },
        scope: 'profile email',
        name: `Doctor ${index}`,
        preferred_username: `doctor${index}`,
      };
      const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`;
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
    /** Until told otherwise it answers 503. */
    silence(on) {
      silent = on;
    },
    stop: () => server.close(),
  };
}

/** What the roles document of the benchmark gives a doctor. */
export const doctor = { 'authorized-labels': ['*'], permissions: ['view', 'download', 'share'] };
export const rolesDocument = {
  roles: { 'admin-role': { 'authorized-labels': ['*'], permissions: ['all'] }, 'doctor-role': doctor },
  'available-labels': [],
};
