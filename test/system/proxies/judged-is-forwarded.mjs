import assert from 'node:assert/strict';
import { send, startStub } from '../support/stub-upstreams.mjs';

/** Reads the original address in whichever of the forms a proxy sends, and lets it pass without its prefix, letter by letter. */
export function passing(extra = {}) {
  return (request) => {
    const uri = request.headers['x-original-uri'] ?? request.headers['x-forwarded-uri'] ?? '';
    return {
      status: 204,
      headers: {
        'X-Warden-Uri': uri.replace(/^\/[^/]+/, ''),
        'X-Warden-Upstream': 'orthanc',
        'X-Warden-Kind': 'user',
        'X-Warden-Id': 'basic%3Aada',
        token: 'the-one-credential',
        ...extra,
      },
    };
  };
}

/** The service with its guard, and an Orthanc. `guard.judge(request)` gives the answer; null: none at all. */
export async function startBackstage() {
  const guard = { judge: passing() };
  const service = await startStub((request, response) => {
    if (request.url !== '/forward-auth') return void response.end('the service');
    const answer = guard.judge(request);
    if (answer === null) return;
    response.writeHead(answer.status, answer.headers);
    response.end();
  });
  const orthanc = await startStub((request, response) => {
    const entry = orthanc.asked.at(-1);
    entry.received = 0;
    request.on('data', (chunk) => (entry.received += chunk.length));
    request.once('end', () => response.end(`orthanc ${request.method} ${request.url}`));
  });
  /** What the guard was asked, and what came through, since the last look. */
  const seen = () => {
    const asked = service.take();
    return {
      judged: asked.filter(({ url }) => url === '/forward-auth'),
      served: asked.filter(({ url }) => url !== '/forward-auth'),
      forwarded: orthanc.take(),
    };
  };
  return { guard, service, orthanc, seen };
}

const longPath = `/orthanc/dicom-web/studies?${'StudyInstanceUID=1.2.276.0.7230010.3.1.4.1&'.repeat(190)}x=1`;

/** Paths that some server on the way might read as another one. */
export const oddPaths = [
  '/orthanc/studies/1b4f',
  '/orthanc/studies/a%2fb',
  '/orthanc/studies/a%2Fb/..%2Fc',
  '/orthanc//studies///1b4f',
  '/orthanc/studies;token=x/1b4f',
  '/orthanc/studies/1b4f;/archive',
  '/orthanc/studies/./1b4f',
  '/orthanc/studies/a/../b',
  '/orthanc/ui/app/../../studies/b',
  '/orthanc/studies/%2e%2e/patients',
  '/orthanc/studies/%252e%252e%252fpatients',
  '/orthanc/%73tudies/1b4f',
  '/orthanc/studies/a%20b+c',
  '/orthanc/studies/a\\..\\b',
  '/orthanc/studies/a%5c..%5cb',
  '/orthanc/studies/caf%c3%a9/%C3%A9',
  "/orthanc/studies/~a-b_c.d!$&'()*,=:@",
  '/orthanc/studies/{"a":|b}^`',
  '/orthanc/studies?a=//x/../y&b=%2f%26&c=%00&d',
  '/orthanc/studies?',
  '/orthanc/studies??x=?y',
  '/orthanc/studies?a=b#c',
  '/orthanc/studies/%3Fadmin=1?x=%23',
  '/orthanc/dicom-web/studies?PatientName=M%c3%bcller*&limit=101',
  longPath,
];

/**
 * Sends every odd path. Each is either refused before it reaches anything, or judged as it was sent and forwarded as it was
 * judged. Returns those that were refused.
 */
export async function assertJudgedIsForwarded({
  port,
  tls = null,
  seen,
  paths = oddPaths,
  forwardedFor = (uri) => uri,
}) {
  const refused = [];
  for (const path of paths) {
    const answer = await send({ port, path, tls });
    const { judged, forwarded } = seen();
    if (forwarded.length === 0) {
      assert.ok(
        answer.status >= 400 || answer.status === 301 || answer.status === 302,
        `${path}: ${answer.status} without Orthanc`,
      );
      refused.push(path);
      continue;
    }
    assert.equal(judged.length, 1, `${path}: judged ${judged.length} times`);
    assert.equal(forwarded.length, 1, path);
    const address = judged[0].headers['x-original-uri'] ?? judged[0].headers['x-forwarded-uri'];
    assert.equal(address, path, 'judged is not what was sent');
    assert.equal(forwarded[0].url, forwardedFor(path.replace(/^\/orthanc/, '')), 'forwarded is not what was judged');
  }
  return refused;
}

/** What a client may say that only a proxy or the guard may say. */
export const forged = [
  ['X-Original-Method', 'GET'],
  ['X-Original-URI', '/orthanc/forged'],
  ['X-Original-URL', '/orthanc/forged'],
  ['X-Rewrite-URL', '/orthanc/forged'],
  ['X-Forwarded-Method', 'FORGED'],
  ['X-Forwarded-Uri', '/orthanc/forged'],
  ['X-Forwarded-For', '198.51.100.66'],
  ['X-Forwarded-Host', 'forged.example'],
  ['X-Real-IP', '198.51.100.66'],
  ['X-Warden-Uri', '/forged'],
  ['X-Warden-Upstream', 'forged'],
  ['X-Warden-Kind', 'forged'],
  ['X-Warden-Id', 'forged'],
  ['X-Warden-Name', 'forged'],
  ['X-Warden-Roles', 'forged'],
];
export const credentials = [
  ['Authorization', 'Bearer of-the-client'],
  ['api-key', 'of-the-client'],
  ['token', 'of-the-client'],
];
export const overrides = [
  ['X-HTTP-Method-Override', 'DELETE'],
  ['X-HTTP-Method', 'DELETE'],
  ['X-Method-Override', 'DELETE'],
];
