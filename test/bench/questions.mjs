import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { doctor } from './realm.mjs';
import { user } from './service.mjs';

const authorization = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`;

/** More links than the service keeps verified: asked in turn, each is forgotten when it comes again. */
const more = 2_500;

/**
 * What the load sends: for each kind of call a set of requests, each with the answer that must come. Shares are minted by
 * the service itself; many different ones, since a text that is met again costs less than the next one.
 *
 * @returns {Promise<Record<'validate' | 'sized' | 'unseen' | 'decode' | 'mint' | 'profile' | 'newcomer' | 'guard', {request: string, expected: string | null, head?: string}[]>>}
 *   `expected` null: any 200 that holds a token. `sized`: validate with content-length in place of chunks. `unseen`:
 *   validate of links that the service has not seen lately. `profile`: get-profile of users with an access token;
 *   `newcomer`: of users whose token the service has not seen lately. `guard`: what nginx asks about a frame; `head` must be
 *   in the head of an answer 204.
 */
export async function makeQuestions(port, count, realm) {
  const questions = { validate: [], sized: [], unseen: [], decode: [], mint: [], profile: [], newcomer: [], guard: [] };
  for (let index = 0; index < more; index++) {
    const profile = profileQuestion(realm, index);
    if (index < count) questions.profile.push(profile);
    questions.newcomer.push(profile);
    const study = studyOf(index);
    const share = { id: `bench ${index}`, resources: [{ level: 'study', ...study }], 'validity-duration': 604_800 };
    const mint = { method: 'PUT', path: '/tokens/stone-viewer-publication', body: share };
    const { token } = JSON.parse(await call(port, mint));
    const ask = {
      method: 'get',
      level: 'study',
      ...study,
      'server-id': null,
      'token-key': 'token',
      'token-value': token,
    };
    const validate = { method: 'POST', path: '/tokens/validate', body: ask, token };
    const granted = '{"granted":true,"validity":10}';
    questions.unseen.push({ request: bytesOf(validate), expected: granted });
    if (index >= count) continue;
    const decode = {
      method: 'POST',
      path: '/tokens/decode',
      body: { 'token-key': 'token', 'token-value': token },
      token,
    };
    questions.mint.push({ request: bytesOf(mint), expected: null });
    questions.validate.push({ request: bytesOf(validate), expected: granted });
    questions.guard.push(guardQuestion(study['dicom-uid'], token));
    questions.sized.push({ request: bytesOf(validate, false), expected: granted });
    questions.decode.push({ request: bytesOf(decode), expected: await call(port, decode) });
    if (!questions.decode[index].expected.includes(token)) throw new Error('the service does not decode its own token');
  }
  return questions;
}

/** As nginx asks about what a viewer asks for: the headers of a browser, and those that nginx sets. */
function guardQuestion(study, token) {
  const path = `/dicom-web/studies/${study}/series/${study}.1/instances/${study}.1.1/frames/1`;
  const lines = [
    'GET /forward-auth HTTP/1.1',
    'Host: auth-service',
    'X-Original-Method: GET',
    `X-Original-URI: ${path}`,
    'X-Forwarded-For: 203.0.113.7',
    'X-Forwarded-Proto: https',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
    'Accept: multipart/related; type=application/octet-stream; transfer-syntax=*',
    'Accept-Language: en-US,en;q=0.9',
    'Accept-Encoding: gzip, deflate, br, zstd',
    'Referer: https://pacs.example.org/ohif/viewer',
    'Sec-Fetch-Site: same-origin',
    'Sec-Fetch-Mode: cors',
    'Sec-Fetch-Dest: empty',
    `Authorization: Bearer ${token}`,
  ];
  return { request: `${lines.join('\r\n')}\r\n\r\n`, expected: '', head: `x-warden-uri: ${path}\r\n` };
}

/** As the plugin asks who the holder of a user's access token is. */
function profileQuestion(realm, index) {
  const token = `Bearer ${realm.token(index)}`;
  const body = { 'token-key': 'authorization', 'token-value': token, 'server-id': null };
  const expected = JSON.stringify({
    name: `Doctor ${index}`,
    'user-id': `5b9a3a55-3c6e-4fb8-a5a0-${String(index).padStart(12, '0')}`,
    permissions: doctor.permissions,
    'authorized-labels': doctor['authorized-labels'],
    groups: null,
    validity: 10,
  });
  return { request: bytesOf({ method: 'POST', path: '/user/get-profile', body }), expected };
}

function studyOf(index) {
  const digest = createHash('sha1').update(`study ${index}`).digest('hex');
  return {
    'dicom-uid': `1.2.276.0.7230010.3.1.2.2344313775.14992.${1458058363 + index}.6979`,
    'orthanc-id': digest.match(/.{8}/g).join('-'),
  };
}

/** The whole request as the plugin sends it: Basic credentials, the token as a header too, the body in one chunk. */
function bytesOf({ method, path, body, token }, chunked = true) {
  const text = JSON.stringify(body);
  const length = Buffer.byteLength(text);
  const lines = [
    `${method} ${path} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Authorization: ${authorization}`,
    'Accept: */*',
    'Content-Type: application/json',
    ...(token === undefined ? [] : [`token: ${token}`]),
    chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
  ];
  return `${lines.join('\r\n')}\r\n\r\n${chunked ? `${length.toString(16)}\r\n${text}\r\n0\r\n\r\n` : text}`;
}

function call(port, { method, path, body }) {
  return new Promise((resolve, reject) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers, timeout: 10_000 }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      response.on('end', () =>
        response.statusCode === 200 ? resolve(text) : reject(new Error(`${path}: ${response.statusCode} ${text}`)),
      );
    });
    request.on('timeout', () => request.destroy(new Error(`${path}: no answer`)));
    request.on('error', reject);
    request.end(JSON.stringify(body));
  });
}
