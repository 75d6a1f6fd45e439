// The floor of the benchmark: the least that a node program must do to answer the same questions. No Basic check, no
// revocation, no metrics, no limit, no checked input. Arguments: key text, Orthanc's root, bytes of a log line, an issuer's
// public key and the rights of its users as JSON.
import { createHmac, createPublicKey, createSecretKey, randomBytes, timingSafeEqual, verify } from 'node:crypto';
import { createServer } from 'node:http';
import { destination } from 'pino';

const [keyText, orthancRoot, lineBytes, issuerKeyText, rightsText] = process.argv.slice(2);
const key = createSecretKey(Buffer.from(keyText, 'utf8'));
const kid = createHmac('sha256', key).update('orthanc-warden kid').digest('base64url').slice(0, 11);
const header = Buffer.from(JSON.stringify({ alg: 'HS256', typ: 'JWT', kid })).toString('base64url');
const issuerKey = issuerKeyText === undefined ? null : createPublicKey(issuerKeyText);
const rights = rightsText === undefined ? null : JSON.parse(rightsText);
// The same destination as the service's, so that neither wins by its log.
const log = destination({ fd: 1, sync: false, minLength: 4096, periodicFlush: 250 });

const server = createServer((request, response) => {
  const start = performance.now();
  if (request.method === 'GET') return guard(request, response, start);
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse((chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)).toString('utf8'));
    const answer =
      answers[
        request.url.startsWith('/tokens/v')
          ? 'validate'
          : request.url.startsWith('/user')
            ? 'profile'
            : request.method === 'PUT'
              ? 'mint'
              : 'decode'
      ];
    const text = answer(body, request.url);
    response.writeHead(200, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
    });
    response.end(text);
    writeLine(request.url, 200, start);
  });
});

function writeLine(url, status, start) {
  const line = `{"time":"${new Date().toISOString()}","url":"${url}","status":${status},"ms":${(performance.now() - start).toFixed(3)},"rest":"`;
  log.write(`${line.padEnd(Number(lineBytes) - 3, '.')}"}\n`);
}

/** For each link the token that goes on to Orthanc. */
const internal = new Map();

/** The token verified, its study compared with the one in the path, and what nginx has to know. */
function guard(request, response, start) {
  const { 'x-original-uri': uri, authorization } = request.headers;
  const token = authorization.slice('Bearer '.length);
  const payload = verified(token);
  const study = uri.split('/')[3];
  if (payload === null || !payload.resources.some((one) => one.dicom_uid === study))
    throw new Error('the benchmark asks for what is shared');
  if (!internal.has(token)) internal.set(token, token);
  response.writeHead(204, {
    'cache-control': 'no-store',
    'x-warden-reason': 'granted',
    'x-warden-kind': 'share',
    'x-warden-uri': uri,
    'x-warden-upstream': 'orthanc',
    'x-warden-id': payload.jti,
    token: internal.get(token),
  });
  response.end();
  writeLine('/forward-auth', 204, start);
}

function verified(token) {
  const end = token.lastIndexOf('.');
  if (!token.startsWith(header) || token[header.length] !== '.') return null;
  const expected = createHmac('sha256', key).update(token.slice(0, end)).digest();
  const signature = Buffer.from(token.slice(end + 1), 'base64url');
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) return null;
  const payload = JSON.parse(Buffer.from(token.slice(header.length + 1, end), 'base64url').toString('utf8'));
  return Date.parse(payload.expiration_date) > Date.now() ? payload : null;
}

const answers = {
  validate(body) {
    const payload = verified(body['token-value']);
    const same = (one) =>
      one.level === body.level && one.dicom_uid === body['dicom-uid'] && one.orthanc_id === body['orthanc-id'];
    if (payload === null || body.method !== 'get' || !payload.resources.some(same))
      return '{"granted":false,"validity":10}';
    const left = Math.floor((Date.parse(payload.expiration_date) - Date.now()) / 1000);
    return `{"granted":true,"validity":${Math.min(10, left)}}`;
  },

  decode(body) {
    const token = body['token-value'];
    const payload = verified(token);
    if (payload === null)
      return '{"token-type":null,"error-code":"invalid","redirect-url":null,"resources":[],"reason":"invalid"}';
    const uids = payload.resources.map((one) => one.dicom_uid).join(',');
    return JSON.stringify({
      'token-type': payload.type,
      'error-code': null,
      'redirect-url': `${orthancRoot}stone-webviewer/index.html?study=${uids}&selectedStudies=${uids}&token=${token}`,
      resources: payload.resources.map((one) => ({
        'dicom-uid': one.dicom_uid,
        'orthanc-id': one.orthanc_id,
        url: one.url,
        level: one.level,
      })),
      reason: null,
    });
  },

  /** RS256 with node:crypto; the claims that an answer needs, and the expiry. */
  profile(body) {
    const token = body['token-value'].slice('Bearer '.length);
    const end = token.lastIndexOf('.');
    const good = verify(
      'sha256',
      Buffer.from(token.slice(0, end)),
      issuerKey,
      Buffer.from(token.slice(end + 1), 'base64url'),
    );
    const claims = JSON.parse(Buffer.from(token.slice(token.indexOf('.') + 1, end), 'base64url').toString('utf8'));
    if (!good || !(claims.exp * 1000 > Date.now())) throw new Error('the benchmark sends good tokens');
    const left = Math.floor(claims.exp - Date.now() / 1000);
    return JSON.stringify({
      name: claims.name,
      'user-id': claims.sub,
      permissions: rights.permissions,
      'authorized-labels': rights['authorized-labels'],
      groups: null,
      validity: Math.min(10, left),
    });
  },

  /** Signs and stores nothing: what the registry costs is in the service's figure. */
  mint(body, url) {
    const type = url.slice('/tokens/'.length);
    const now = Date.now();
    const expires = new Date(now + body['validity-duration'] * 1000).toISOString().replace(/\.(\d+)Z$/, '.$1000+00:00');
    const resources = body.resources.map((one) => ({
      dicom_uid: one['dicom-uid'],
      orthanc_id: one['orthanc-id'],
      url: null,
      level: one.level,
    }));
    const payload = {
      id: body.id,
      resources,
      type,
      expiration_date: expires,
      validity_duration: body['validity-duration'],
      jti: randomBytes(16).toString('base64url'),
      iat: Math.floor(now / 1000),
    };
    const signed = `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}`;
    const token = `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
    const uids = resources.map((one) => one.dicom_uid).join(',');
    return JSON.stringify({
      request: {
        id: body.id,
        resources: body.resources.map((one) => ({
          'dicom-uid': one['dicom-uid'],
          'orthanc-id': one['orthanc-id'],
          url: null,
          level: one.level,
        })),
        type,
        'expiration-date': expires,
        'validity-duration': body['validity-duration'],
      },
      token,
      url: `${orthancRoot}stone-webviewer/index.html?study=${uids}&selectedStudies=${uids}&token=${token}`,
    });
  },
};

process.on('disconnect', () => process.exit(0));
server.keepAliveTimeout = 65_000;
server.listen(0, '127.0.0.1', () => process.send?.({ port: server.address().port }));
