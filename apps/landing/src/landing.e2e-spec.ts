import {
  Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type RequestListener,
  type Server,
} from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createLanding } from './configure-landing.js';
import { createLog } from './log.js';

const marker = 'MARKED-TOKEN-5f1c';
const stone = `https://images.example/orthanc/stone-webviewer/index.html?study=1.2.3,1.2.4&selectedStudies=1.2.3,1.2.4&token=${marker}`;
const ohif = `https://images.example/ohif/viewer?url=../studies/a1b2,c3d4/ohif-dicom-json&token=${marker}`;
const volview = `http://localhost:8042/volview/index.html?names=[archive.zip]&urls=../studies/a/archive,../studies/b/archive&token=${marker}`;
const meddream = `https://images.example/meddream/?study=1.2.3&token=${marker}%2B%2F%3D`;

const open = (url: string | null) => ({
  'token-type': 'stone-viewer-publication',
  'error-code': null,
  'redirect-url': url,
  resources: [],
});
const refuse = (code: string, reason?: string) => ({
  'token-type': null,
  'error-code': code,
  'redirect-url': null,
  resources: [],
  ...(reason ? { reason } : {}),
});

/** What the double answers, by the first word of the token. */
const answers: Record<string, unknown> = {
  stone: open(stone),
  ohif: open(ohif),
  volview: open(volview),
  meddream: open(meddream),
  instant: open(null),
  expired: refuse('expired', 'expired'),
  revoked: refuse('invalid', 'revoked'),
  invalid: refuse('invalid', 'invalid'),
  gated: refuse('invalid', 'gated'),
  unknown: refuse('unknown', 'unknown'),
  stale: refuse('invalid', 'stale'),
  script: open('javascript:alert(1)'),
  relative: open('/viewer?token=1'),
  crlf: open('https://images.example/\r\nSet-Cookie: a=b'),
};

const keepAlive = new Agent({ keepAlive: true });

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

describe('the landing over HTTP', () => {
  let double: Server;
  let app: NestFastifyApplication;
  let port: number;
  let decodes: { authorization: string | undefined; body: string }[] = [];
  const logLines: string[] = [];

  const auth: RequestListener = (request, response) => {
    if (request.url === '/auth/health/live') return void response.end('{}');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      decodes.push({ authorization: request.headers.authorization, body });
      const word = String(JSON.parse(body)['token-value']).split('.')[0] ?? '';
      response.on('error', () => undefined);
      if (word === 'hang') return;
      if (word === 'trickle') {
        response.write('{"error-code":');
        return;
      }
      if (word === 'huge') return void response.end(JSON.stringify({ ...open(stone), filler: 'x'.repeat(10_000_000) }));
      if (word === 'garbage') return void response.end('<html>\u0000');
      if (word === 'cut') return void request.socket.destroy();
      if (word === 'moved') return void response.writeHead(307, { Location: '/auth/elsewhere' }).end();
      if (word === 'locked') return void response.writeHead(401).end('{}');
      if (word === 'broken') return void response.writeHead(500).end(JSON.stringify(open(stone)));
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify(answers[word] ?? refuse('invalid')));
    });
  };

  const listen = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  const start = async (authPort: number, decodeTimeoutMs: number) => {
    const settings = {
      host: '127.0.0.1',
      port: 0,
      authServiceUrl: `http://127.0.0.1:${authPort}/auth`,
      authServiceUsername: 'landing',
      authServicePassword: 'pässword',
      contact: 'Radiology desk',
      name: undefined,
    };
    const log = createLog({ write: (line) => void logLines.push(line) });
    const landing = await createLanding(settings, { log, decodeTimeoutMs });
    await landing.listen(0, '127.0.0.1');
    return landing;
  };

  const ask = (
    path: string,
    options: { method?: string; headers?: Record<string, string>; body?: string; to?: number } = {},
  ) =>
    new Promise<Answer>((resolve, reject) => {
      const { method = 'GET', headers = {}, body, to = port } = options;
      const request = httpRequest(
        { port: to, host: '127.0.0.1', method, path, headers, agent: headers.Connection ? keepAlive : false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              body: Buffer.concat(chunks).toString(),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });

  const expectSafeHeaders = ({ headers }: Answer) => {
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow, noarchive',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(headers['strict-transport-security']).toBeUndefined();
    expect(headers['x-powered-by']).toBeUndefined();
  };

  const expectPage = (answer: Answer, status: number, heading: string) => {
    expect([answer.status, /<h1>(.*)<\/h1>/.exec(answer.body)?.[1]]).toEqual([status, heading]);
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expectSafeHeaders(answer);
    expect(JSON.stringify(answer)).not.toContain(marker);
  };

  beforeAll(async () => {
    double = createServer(auth);
    app = await start(await listen(double), 400);
    port = (app.getHttpServer().address() as AddressInfo).port;
  });
  beforeEach(() => {
    decodes = [];
  });
  afterAll(async () => {
    await app.close();
    double.closeAllConnections();
    await new Promise((resolve) => double.close(resolve));
  });

  it.each([
    ['stone', stone],
    ['ohif', ohif],
    ['volview', volview],
    ['meddream', meddream],
  ])('redirects a %s link to its viewer, letter by letter', async (word, url) => {
    for (const path of ['/', '/share-landing', '/share-landing/']) {
      const answer = await ask(`${path}?token=${word}.${marker}`);
      expect([answer.status, answer.headers.location, answer.body]).toEqual([302, url, '']);
      expectSafeHeaders(answer);
    }
  });

  it('asks with HTTP Basic and the token as it came', async () => {
    await ask(`/?token=stone.${marker}`);
    expect(decodes).toHaveLength(1);
    expect(JSON.parse(decodes[0]?.body ?? '')).toEqual({ 'token-key': 'token', 'token-value': `stone.${marker}` });
    const basic = decodes[0]?.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe('landing:pässword');
  });

  it.each([
    ['expired', 410, 'This link has expired'],
    ['revoked', 410, 'This link has been withdrawn'],
    ['invalid', 404, 'This link doesn’t work'],
    ['whatever', 404, 'This link doesn’t work'],
    ['instant', 422, 'This link can’t be opened here'],
    ['gated', 422, 'This link can’t be opened here'],
  ])('shows a page for a link that is %s', async (word, status, heading) => {
    const answer = await ask(`/?token=${word}.${marker}`);
    expectPage(answer, status, heading);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.body).toContain('Radiology desk');
  });

  it.each([
    'unknown',
    'stale',
    'script',
    'relative',
    'crlf',
    'hang',
    'trickle',
    'huge',
    'garbage',
    'cut',
    'moved',
    'locked',
    'broken',
  ])('says that it can not tell right now: %s', async (word) => {
    const answer = await ask(`/?token=${word}.${marker}`);
    expectPage(answer, 503, 'We can’t open your link right now');
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).toContain(answer.headers['x-request-id']);
    expect(decodes).toHaveLength(1);
  });

  it('gives the service 3 seconds when nothing else is said', async () => {
    const patient = await createLanding(
      {
        host: '127.0.0.1',
        port: 0,
        authServiceUrl: `http://127.0.0.1:${(double.address() as AddressInfo).port}/auth`,
        authServiceUsername: 'landing',
        authServicePassword: 'password',
        contact: undefined,
        name: undefined,
      },
      { log: createLog({ write: () => undefined }) },
    );
    await patient.listen(0, '127.0.0.1');
    const began = Date.now();
    const answer = await ask(`/?token=hang.${marker}`, { to: (patient.getHttpServer().address() as AddressInfo).port });
    const took = Date.now() - began;
    await patient.close();
    expectPage(answer, 503, 'We can’t open your link right now');
    expect(took).toBeGreaterThan(2800);
    expect(took).toBeLessThan(4500);
  });

  it.each([
    ['/', 400],
    ['/?token=', 400],
    ['/?token', 400],
    ['/?token=%20', 400],
    ['/share-landing/', 400],
    [`/?token[]=${marker}`, 400],
    [`/?token=stone.${marker}&token=stone.${marker}`, 400],
    [`/?token=&token=stone.${marker}`, 400],
    [`/?token=stone.${marker}${'x'.repeat(64 * 1024)}`, 414],
  ])('calls %.40s incomplete, and asks nobody', async (path, status) => {
    expectPage(await ask(path), status, 'This link is incomplete');
    expect(decodes).toEqual([]);
  });

  it.each([`/?token=stone.${marker}${'x'.repeat(160 * 1024)}`, `/?token=${marker}\u0001`])(
    'answers what the HTTP parser refuses with the same page (%#)',
    async (path) => {
      const raw = await new Promise<string>((resolve, reject) => {
        const socket = connect(port, '127.0.0.1', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`));
        let text = '';
        socket.on('data', (chunk) => (text += chunk.toString()));
        socket.on('end', () => resolve(text));
        socket.on('error', reject);
      });
      expect(raw).toMatch(/^HTTP\/1\.1 4(00|31) /);
      expect(raw).toContain('Cache-Control: no-store\r\n');
      expect(raw).toContain('<h1>This link is incomplete</h1>');
      expect(raw).not.toContain(marker);
    },
  );

  it.each(['/?token=%ZZ', '/?token=%00', '/?token=%F0%9F', `/?token=${encodeURIComponent('é"<>')}`])(
    'is not upset by %s',
    async (path) => {
      expectPage(await ask(path), 404, 'This link doesn’t work');
    },
  );

  it.each([
    `/other?token=${marker}`,
    `/${marker}`,
    '/favicon.ico',
    '/health',
    '/share-landing/x',
    '/../etc/passwd',
    '/assets/',
  ])('has nothing at %s', async (path) => {
    expectPage(await ask(path), 404, 'There is nothing here');
  });

  it('is not upset by an address that can not be decoded', async () => {
    expectPage(await ask(`/%ZZ${marker}?token=${marker}`), 400, 'There is nothing here');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'refuses %s everywhere',
    async (method) => {
      for (const path of ['/', `/share-landing/?token=stone.${marker}`, '/health/live', '/other']) {
        const answer = await ask(path, { method });
        expectPage(answer, 405, 'There is nothing here');
        expect(answer.headers.allow).toBe('GET, HEAD');
      }
      expect(decodes).toEqual([]);
    },
  );

  it('refuses a body without reading it', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '100000000' };
    expectPage(await ask('/', { method: 'POST', headers, body: '{' }), 405, 'There is nothing here');
  });

  it('answers HEAD with headers and asks nobody', async () => {
    for (const path of ['/', `/?token=stone.${marker}`, `/share-landing/?token=expired.${marker}`]) {
      const answer = await ask(path, { method: 'HEAD' });
      expect([answer.status, answer.body]).toEqual([200, '']);
      expectSafeHeaders(answer);
    }
    expect((await ask('/nothing', { method: 'HEAD' })).status).toBe(404);
    expect(decodes).toEqual([]);
  });

  it('tells a preview robot nothing and asks nobody', async () => {
    const headers = { 'User-Agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' };
    expectPage(await ask(`/?token=stone.${marker}`, { headers }), 200, 'A private link');
    expect(decodes).toEqual([]);
  });

  it('speaks the language of the browser, or the one that the address names', async () => {
    const headers = { 'Accept-Language': 'fr-BE,fr;q=0.9,en;q=0.5' };
    const french = await ask(`/?token=expired.${marker}`, { headers });
    expectPage(french, 410, 'Ce lien a expiré');
    expect(french.headers['content-language']).toBe('fr');
    expect(french.body).toContain('<html lang="fr">');
    expectPage(await ask(`/?token=expired.${marker}&lang=en`, { headers }), 410, 'This link has expired');
    expectPage(await ask(`/?token=expired.${marker}&lang=%3Cb%3E&lang=fr`), 410, 'This link has expired');
  });

  it('keeps robots out', async () => {
    const answer = await ask('/robots.txt');
    expect([answer.status, answer.body]).toEqual([200, 'User-agent: *\nDisallow: /\n']);
    expectSafeHeaders(answer);
  });

  it('tells whether it lives and whether it can be of use', async () => {
    const live = await ask('/health/live');
    const ready = await ask('/health/ready');
    expect([live.status, live.body]).toEqual([200, '{"status":"live"}']);
    expect([ready.status, ready.body]).toEqual([200, '{"status":"ready"}']);
    expectSafeHeaders(ready);
  });

  it('is alive but not ready, and answers 503, when nobody listens at auth-service', async () => {
    const gone = createServer();
    const deadPort = await listen(gone);
    await new Promise((resolve) => gone.close(resolve));
    const lonely = await start(deadPort, 400);
    const to = (lonely.getHttpServer().address() as AddressInfo).port;
    const statuses = [];
    for (const path of ['/health/live', '/health/ready', `/?token=stone.${marker}`])
      statuses.push((await ask(path, { to })).status);
    await lonely.close();
    expect(statuses).toEqual([200, 503, 503]);
  });

  it('finishes what it began before it stops', async () => {
    const leaving = await start((double.address() as AddressInfo).port, 400);
    const to = (leaving.getHttpServer().address() as AddressInfo).port;
    const pending = ask(`/?token=hang.${marker}`, { to, headers: { Connection: 'keep-alive' } });
    await new Promise((resolve) => setTimeout(resolve, 100));
    const began = Date.now();
    const closed = leaving.close();
    expectPage(await pending, 503, 'We can’t open your link right now');
    await closed;
    expect(Date.now() - began).toBeLessThan(2000);
    await expect(ask('/', { to })).rejects.toThrow('ECONNREFUSED');
  });

  it('writes one line a request: template, status and outcome, never the address', async () => {
    logLines.length = 0;
    await ask(`/?token=stone.${marker}`);
    await ask(`/share-landing/?token=hang.${marker}`);
    await ask(`/${marker}?token=${marker}`);
    const answer = await ask('/health/live', { headers: { 'X-Request-Id': marker } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = logLines.map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { route: '/', method: 'GET', status: 302, outcome: 'opened', service: 'landing', level: 'info' },
      { route: '/share-landing', status: 503, outcome: 'unavailable', cause: 'timeout', level: 'warn' },
      { route: '(none)', status: 404, outcome: 'no-such-page' },
      { route: '/health/live', status: 200, outcome: 'ok', requestId: answer.headers['x-request-id'] },
    ]);
    for (const line of lines) expect(line.ms).toEqual(expect.any(Number));
  });

  it('tells of a client that hung up', async () => {
    logLines.length = 0;
    const socket = connect(port, '127.0.0.1', () =>
      socket.write(`GET /?token=hang.${marker} HTTP/1.1\r\nHost: a\r\n\r\n`),
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(logLines.map((line) => JSON.parse(line).outcome)).toEqual(['hung-up']);
  });
});

describe('the log', () => {
  it('holds neither the token nor the credential, whatever is asked', async () => {
    const lines: string[] = [];
    const settings = {
      host: '127.0.0.1',
      port: 0,
      authServiceUrl: 'http://127.0.0.1:1',
      authServiceUsername: 'landing',
      authServicePassword: 'MARKED-PASSWORD',
      contact: undefined,
      name: undefined,
    };
    const app = await createLanding(settings, { log: createLog({ write: (line) => void lines.push(line) }) });
    await app.listen(0, '127.0.0.1');
    const { port } = app.getHttpServer().address() as AddressInfo;
    const send = (text: string) =>
      new Promise<void>((resolve) => {
        const socket = connect(port, '127.0.0.1', () => socket.end(text));
        socket.on('data', () => undefined);
        socket.on('close', () => resolve());
        socket.on('error', () => resolve());
      });
    const paths = [
      '/',
      '/share-landing/',
      '/robots.txt',
      '/health/live',
      '/health/ready',
      `/${marker}`,
      `/%ZZ${marker}`,
    ];
    for (const method of ['GET', 'HEAD', 'POST', marker])
      for (const path of paths)
        await send(
          `${method} ${path}?token=${marker}&lang=${marker} HTTP/1.1\r\nHost: ${marker}\r\nX-A: ${marker}\r\nConnection: close\r\n\r\n`,
        );
    await send(`GET /?token=${marker}${'x'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await send(`${marker}\r\n\r\n`);
    await app.close();
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.join('')).not.toMatch(/MARKED/);
  });
});
