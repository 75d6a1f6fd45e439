import { type RequestListener, createServer as createPlain } from 'node:http';
import { createServer as createSecure } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import type { SecureVersion } from 'node:tls';
import { madeCertificate } from './certificates.fixture.js';
import { observe } from './observe-running.js';
import { rules } from './rules/index.js';
import { subjectOf } from './subject.fixture.js';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

const { key, certificate: cert } = madeCertificate();

async function serve(listener: RequestListener, tls?: { minVersion: SecureVersion }): Promise<URL> {
  const old = tls?.minVersion === 'TLSv1' && { ciphers: 'DEFAULT:@SECLEVEL=0' };
  const server = tls ? createSecure({ key, cert, ...tls, ...old }, listener) : createPlain(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => new Promise((resolve) => (server.closeAllConnections(), server.close(resolve))));
  return new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}/orthanc`);
}

async function closedPort(): Promise<URL> {
  const server: Server = createPlain();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return new URL(`http://127.0.0.1:${port}/`);
}

const nothing = { running: null, service: null, keycloak: null, expectedIssuers: [], ca: undefined };

async function idsOf(targets: Partial<Parameters<typeof observe>[0]>, now = Date.now): Promise<string[]> {
  const observed = await observe({ ...nothing, ...targets }, now);
  const subject = { ...subjectOf({}), observed };
  return rules.filter(({ id, check }) => id.startsWith('R-') && check(subject).length > 0).map(({ id }) => id);
}

const refusing: RequestListener = (_, response) => {
  response.writeHead(401, { 'strict-transport-security': 'max-age=31536000' }).end();
};

describe('the running system', () => {
  it('passes when it refuses strangers, over HTTPS of today', async () => {
    const asked: string[] = [];
    const running = await serve(
      (request, response) => {
        asked.push(`${request.method} ${request.url} ${request.headers.authorization ?? '-'}`);
        refusing(request, response);
      },
      { minVersion: 'TLSv1.2' },
    );
    expect(await idsOf({ running, ca: cert })).toEqual([]);
    expect(asked.sort()).toEqual([
      'GET /orthanc/dicom-web/studies -',
      'GET /orthanc/instances -',
      'GET /orthanc/system -',
      'POST /orthanc/tools/execute-script -',
    ]);
  });

  it('is told of when it answers strangers', async () => {
    const running = await serve((_, response) => void response.end('[]'));
    expect(await idsOf({ running })).toEqual(['R-02', 'R-03', 'R-04']);
  });

  it('is told of when its authority is not trusted, and when it takes TLS 1.1', async () => {
    const running = await serve(refusing, { minVersion: 'TLSv1' });
    expect(await idsOf({ running })).toEqual(['R-08', 'R-09']);
  });

  it('is told of when its certificate has another name', async () => {
    const running = await serve(refusing, { minVersion: 'TLSv1.2' });
    running.hostname = 'localhost';
    expect(await idsOf({ running, ca: cert })).toEqual(['R-07']);
  });

  it('is told of when its clock is off', async () => {
    const running = await serve(refusing, { minVersion: 'TLSv1.2' });
    expect(await idsOf({ running, ca: cert }, () => Date.now() + 3_600_000)).toEqual(['R-12']);
  });

  it('is told of when it does not answer', async () => {
    const closed = await closedPort();
    expect(await idsOf({ running: closed, service: closed, keycloak: closed })).toEqual(['R-01']);
  });

  it('is given up after five seconds', async () => {
    const running = await serve(() => undefined);
    const began = Date.now();
    expect(await idsOf({ running })).toEqual(['R-01']);
    expect(Date.now() - began).toBeLessThan(9_000);
  });

  it('tells what keeps auth-service from being ready', async () => {
    const service = await serve((request, response) => {
      expect(request.url).toBe('/orthanc/health/ready');
      response.writeHead(503).end(
        JSON.stringify({
          status: 'not-ready',
          checks: [
            { name: 'schema', ok: false },
            { name: 'clock', ok: true },
          ],
        }),
      );
    });
    const observed = await observe({ ...nothing, service }, Date.now);
    expect(observed.service).toEqual({ url: service.href, status: 503, failing: ['schema'] });
    expect(await idsOf({ service })).toEqual(['R-14']);
  });

  it('compares the issuer of Keycloak with those that are accepted', async () => {
    const keycloak = await serve(
      (_, response) => void response.end(JSON.stringify({ issuer: 'https://a.example.org/realms/orthanc' })),
    );
    expect(await idsOf({ keycloak, expectedIssuers: ['https://a.example.org/realms/orthanc'] })).toEqual([]);
    expect(await idsOf({ keycloak, expectedIssuers: ['http://keycloak:8080/realms/orthanc'] })).toEqual(['R-13']);
  });
});
