import { createHash } from 'node:crypto';
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
import { plainBranding } from './branding/branding.js';
import { readTemplate } from './branding/templates.js';
import { createLanding } from './configure-landing.js';
import { createLog } from './log.js';
import type { Settings } from './settings.js';

const marker = 'MARKED-TOKEN-5f1c';
const stone = `https://images.example/orthanc/stone-webviewer/index.html?study=1.2.3,1.2.4&selectedStudies=1.2.3,1.2.4&token=${marker}`;
const ohif = `https://images.example/ohif/viewer?url=../studies/a1b2,c3d4/ohif-dicom-json&token=${marker}`;
const volview = `http://localhost:8042/volview/index.html?names=[archive.zip]&urls=../studies/a/archive,../studies/b/archive&token=${marker}`;
const meddream = `https://images.example/meddream/?study=1.2.3&token=${marker}%2B%2F%3D`;

const handle = 'AbCdEfGhIjKlMnOpQr_-09';
const pin = '73914682';

const nothing = {
  closedBy: null,
  opening: null,
  gate: null,
  codeSentTo: null,
  sharedBy: null,
  studies: null,
  opensAt: null,
  expiresAt: null,
  language: null,
  viewers: [],
  download: false,
};
const viewers = [
  { id: 'stone-viewer-publication', name: 'Stone Web Viewer', url: null },
  { id: 'ohif-viewer-publication', name: 'OHIF', url: null },
];
const direct = (url: string | null) => ({
  ...nothing,
  state: 'live',
  opening: 'direct',
  gate: 'none',
  viewers: [{ ...viewers[0], url }],
});
const gated = (members: object) => ({
  ...nothing,
  state: 'live',
  opening: 'confirm',
  gate: 'pin',
  sharedBy: 'Dr. Ada <i>L</i>',
  studies: 2,
  expiresAt: '2026-12-01T08:00:00.000Z',
  viewers,
  ...members,
});

/** What the double says of a link, by its first word. */
const inspections: Record<string, unknown> = {
  stone: direct(stone),
  ohif: direct(ohif),
  volview: direct(volview),
  meddream: direct(meddream),
  instant: direct(null),
  script: direct('javascript:alert(1)'),
  relative: direct('/viewer?token=1'),
  crlf: direct('https://images.example/\r\nSet-Cookie: a=b'),
  pin: gated({}),
  birth: gated({ gate: 'birth-date', download: true }),
  code: gated({ gate: 'email-code', codeSentTo: 'j…@e….org' }),
  open: gated({ gate: 'none', viewers: [viewers[0]] }),
  german: gated({ language: 'de' }),
  scheduled: { ...nothing, state: 'scheduled', opensAt: '2026-12-01T08:00:00.000Z' },
  locked: { ...nothing, state: 'closed', closedBy: 'locked' },
  'used-up': { ...nothing, state: 'closed', closedBy: 'used-up' },
  expired: { ...nothing, state: 'expired' },
  revoked: { ...nothing, state: 'revoked' },
  'viewer-expired': { ...nothing, state: 'viewer-expired' },
  unavailable: { ...nothing, state: 'unavailable' },
  nonsense: { ...nothing, state: 'tired' },
  'direct-gated': { ...direct(stone), gate: 'pin' },
  [handle]: gated({}),
};

const problems: Record<string, number> = {
  'gate-refused': 403,
  'too-many-attempts': 429,
  'share-locked': 423,
  'share-used-up': 410,
  'share-expired': 410,
  'share-revoked': 410,
  'share-scheduled': 409,
  'viewer-not-offered': 400,
  'viewer-unavailable': 503,
  'database-unavailable': 503,
  'gates-busy': 503,
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
  let asked: { route: string; authorization: string | undefined; body: any }[] = [];
  const logLines: string[] = [];

  const auth: RequestListener = (request, response) => {
    if (request.url === '/auth/health/live') return void response.end('{}');
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      const route = request.url?.replace('/auth/api/v1/links/', '') ?? '';
      asked.push({ route, authorization: request.headers.authorization, body });
      const word = String(body.link).split('.')[0] ?? '';
      response.on('error', () => undefined);
      response.setHeader('Content-Type', 'application/json');
      const trouble = route === 'inspect' ? word : String(body.secret ?? body.link).split('.')[0];
      if (trouble === 'hang') return;
      if (trouble === 'trickle') return void response.write('{"state":');
      if (trouble === 'huge')
        return void response.end(JSON.stringify({ ...direct(stone), filler: 'x'.repeat(10_000_000) }));
      if (trouble === 'garbage') return void response.end('<html>\u0000');
      if (trouble === 'cut') return void request.socket.destroy();
      if (trouble === 'moved') return void response.writeHead(307, { Location: '/auth/elsewhere' }).end();
      if (trouble === 'refused') return void response.writeHead(401).end('{}');
      if (trouble === 'forbidden') return void response.writeHead(403).end('{"code":"insufficient-scope"}');
      if (trouble === 'broken') return void response.writeHead(500).end(JSON.stringify(direct(stone)));
      if (route === 'inspect')
        return void response.end(JSON.stringify(inspections[word] ?? { ...nothing, state: 'invalid' }));
      const status = problems[trouble ?? ''];
      if (status !== undefined) {
        response.setHeader('Content-Type', 'application/problem+json');
        if (status === 429 || trouble === 'gates-busy') response.setHeader('Retry-After', '240');
        return void response.writeHead(status).end(JSON.stringify({ code: trouble, title: 'No', status }));
      }
      if (route === 'send-code') return void response.writeHead(202).end('{}');
      if (trouble === 'elsewhere') return void response.end('{"url":"javascript:alert(1)","expiresAt":"x"}');
      if (body.secret === pin || body.secret === '19800307' || word === 'open')
        return void response.end(JSON.stringify({ url: volview, expiresAt: '2026-12-01T08:00:00.000Z' }));
      response.writeHead(403).end(JSON.stringify({ code: 'gate-refused' }));
    });
  };

  const listen = async (server: Server) => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  const settingsFor = (authPort: number): Settings => ({
    host: '127.0.0.1',
    port: 0,
    authServiceUrl: `http://127.0.0.1:${authPort}/auth`,
    authServiceUsername: 'landing',
    authServicePassword: 'pässword',
    trustedProxies: [],
    open: 'direct',
    language: 'en',
    timeZone: 'UTC',
    branding: { ...plainBranding, contact: 'Radiology desk' },
  });

  const start = async (authPort: number, timeoutMs: number, members: Partial<Settings> = {}) => {
    const log = createLog({ write: (line) => void logLines.push(line) });
    const settings = { ...settingsFor(authPort), ...members };
    const landing = await createLanding(settings, { log, timeoutMs, exchangeTimeoutMs: timeoutMs });
    await landing.listen(0, '127.0.0.1');
    return landing;
  };

  /** A second landing in front of the same double, for as long as `use` takes. */
  const withSettings = async (members: Partial<Settings>, use: (to: number) => Promise<void>) => {
    const other = await start((double.address() as AddressInfo).port, 400, members);
    try {
      await use((other.getHttpServer().address() as AddressInfo).port);
    } finally {
      await other.close();
    }
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

  const post = (
    path: string,
    fields: Record<string, string> | string,
    options: { headers?: Record<string, string>; to?: number } = {},
  ) =>
    ask(path, {
      method: 'POST',
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
      ...options,
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...options.headers },
    });

  const exchanges = () => asked.filter(({ route }) => route === 'exchange');

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
    asked = [];
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
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({ route: 'inspect', body: { link: `stone.${marker}` } });
    const basic = asked[0]?.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe('landing:pässword');
  });

  it.each([
    ['expired', 410, 'This link has expired'],
    ['revoked', 410, 'This link has been withdrawn'],
    ['invalid', 404, 'This link doesn’t work'],
    ['whatever', 404, 'This link doesn’t work'],
    ['instant', 422, 'This link can’t be opened here'],
    ['scheduled', 409, 'This link is not open yet'],
    ['locked', 423, 'This link is locked'],
    ['used-up', 410, 'This link has been used'],
    ['viewer-expired', 410, 'Your viewing time is over'],
  ])('shows a page for a link that is %s', async (word, status, heading) => {
    const answer = await ask(`/?token=${word}.${marker}`);
    expectPage(answer, status, heading);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.body).toContain('Radiology desk');
  });

  it.each([
    'unavailable',
    'nonsense',
    'direct-gated',
    'script',
    'relative',
    'crlf',
    'hang',
    'trickle',
    'huge',
    'garbage',
    'cut',
    'moved',
    'refused',
    'forbidden',
    'broken',
  ])('says that it can not tell right now: %s', async (word) => {
    const answer = await ask(`/?token=${word}.${marker}`);
    expectPage(answer, 503, 'We can’t open your link right now');
    expect(answer.headers['retry-after']).toMatch(/^\d+$/);
    expect(answer.headers.location).toBeUndefined();
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(answer.body).toContain(answer.headers['x-request-id']);
    expect(asked).toHaveLength(1);
  });

  it('gives the service 3 seconds when nothing else is said', async () => {
    const settings = settingsFor((double.address() as AddressInfo).port);
    const patient = await createLanding(settings, { log: createLog({ write: () => undefined }) });
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
    ['/s/short', 400],
    [`/s/${'x'.repeat(500)}`, 400],
    [`/s/${handle}?token=stone.${marker}`, 400],
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
    expect(asked).toEqual([]);
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
    '/s',
    `/s/${handle}/x`,
    '/../etc/passwd',
    '/assets/',
  ])('has nothing at %s', async (path) => {
    expectPage(await ask(path), 404, 'There is nothing here');
  });

  it('is not upset by an address that can not be decoded', async () => {
    expectPage(await ask(`/%ZZ${marker}?token=${marker}`), 400, 'There is nothing here');
  });

  it.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    'refuses %s, but for a form on the page of a link',
    async (method) => {
      const paths = ['/health/live', '/other', '/robots.txt'];
      if (method !== 'POST') paths.push('/', `/share-landing/?token=stone.${marker}`, `/s/${handle}`);
      for (const path of paths) {
        const answer = await ask(path, { method });
        expectPage(answer, 405, 'There is nothing here');
        expect(answer.headers.allow).toBe('GET, HEAD');
      }
      expect(asked).toEqual([]);
    },
  );

  it('refuses a body without reading it where no form is', async () => {
    const headers = { 'Content-Type': 'application/json', 'Content-Length': '100000000' };
    expectPage(await ask('/other', { method: 'POST', headers, body: '{' }), 405, 'There is nothing here');
  });

  it('answers HEAD with headers and asks nobody', async () => {
    for (const path of ['/', `/?token=stone.${marker}`, `/share-landing/?token=pin.${marker}`, `/s/${handle}`]) {
      const answer = await ask(path, { method: 'HEAD' });
      expect([answer.status, answer.body]).toEqual([200, '']);
      expectSafeHeaders(answer);
    }
    expect((await ask('/nothing', { method: 'HEAD' })).status).toBe(404);
    expect(asked).toEqual([]);
  });

  it('tells a preview robot nothing, exchanges nothing for it, and asks nobody', async () => {
    const headers = { 'User-Agent': 'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)' };
    for (const path of [`/?token=stone.${marker}`, `/share-landing/?token=pin.${marker}`, `/s/${handle}`]) {
      expectPage(await ask(path, { headers }), 200, 'A private link');
      const answer = await post(path, { secret: pin }, { headers });
      expectPage(answer, 200, 'A private link');
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect(asked).toEqual([]);
  });

  describe('the page of a link with a gate', () => {
    it.each([`/?token=pin.${marker}`, `/share-landing/?token=pin.${marker}`, `/s/${handle}`])(
      'says what is shared, by whom and until when, and opens nothing: %.20s',
      async (path) => {
        const answer = await ask(path);
        expectPage(answer, 200, 'Images have been shared with you');
        expect(answer.body).toContain('Medical images of 2\u00a0examinations');
        expect(answer.body).toContain('Dr. Ada &lt;i&gt;L&lt;/i&gt;');
        expect(answer.body).toContain('1 December 2026 at 08:00 UTC');
        expect(answer.body).toContain('<title>Shared images</title>');
        expect(answer.body).toContain('<form method="post" class="entry" novalidate>');
        expect(answer.body).not.toContain(handle);
        expect(answer.headers['set-cookie']).toBeUndefined();
        expect(asked.map(({ route }) => route)).toEqual(['inspect']);
      },
    );

    it('speaks the language that the sharer chose, unless the recipient did', async () => {
      const german = await ask(`/?token=german.${marker}`, { headers: { 'Accept-Language': 'fr' } });
      expectPage(german, 200, 'Mit Ihnen wurden Bilder geteilt');
      const headers = { 'Accept-Language': 'fr', Cookie: 'a=b; warden-language=it' };
      expectPage(
        await ask(`/?token=german.${marker}`, { headers }),
        200,
        'Sono state condivise delle immagini con Lei',
      );
      expectPage(await ask(`/?token=german.${marker}&lang=es`), 200, 'Han compartido imágenes con usted');
    });

    it('shows an ordinary link too when it is told to, with a plain link for each viewer', async () => {
      await withSettings({ open: 'page' }, async (to) => {
        const answer = await ask(`/?token=stone.${marker}`, { to });
        expect([answer.status, answer.headers.location]).toEqual([200, undefined]);
        expect(answer.body).toContain(`rel="noreferrer" href="${stone.replaceAll('&', '&amp;')}"`);
        expectSafeHeaders(answer);
      });
    });
  });

  describe('the form', () => {
    const path = `/?token=pin.${marker}`;

    it('opens with the right secret: a page that leads on to the viewer, letter by letter', async () => {
      for (const [at, link] of [
        [path, `pin.${marker}`],
        [`/share-landing?token=pin.${marker}`, `pin.${marker}`],
        [`/s/${handle}`, handle],
      ] as const) {
        asked = [];
        const headers = { 'User-Agent': 'B'.repeat(600) };
        const fields = {
          action: 'open',
          gate: 'pin',
          secret: ` ${pin} `,
          viewer: 'ohif-viewer-publication',
          more: 'x',
        };
        const answer = await post(at, fields, { headers });
        expect([answer.status, /<h1>(.*)<\/h1>/.exec(answer.body)?.[1]]).toEqual([200, 'Your images are opening']);
        const escaped = volview.replaceAll('&', '&amp;');
        expect(answer.body).toContain(`<meta http-equiv="refresh" content="0;url=${escaped}">`);
        expect(answer.body).toContain(`rel="noreferrer" href="${escaped}"`);
        expect(answer.body).not.toContain(pin);
        expectSafeHeaders(answer);
        expect(answer.headers.location).toBeUndefined();
        const session = /^warden-session=([A-Za-z0-9_-]{43}); Path=\/; HttpOnly; SameSite=Lax$/.exec(
          answer.headers['set-cookie']?.[0] ?? '',
        )?.[1];
        expect(asked.map(({ route, body }) => [route, body])).toEqual([
          [
            'exchange',
            {
              link,
              secret: pin,
              viewer: 'ohif-viewer-publication',
              session,
              address: '127.0.0.1',
              userAgent: 'B'.repeat(512),
            },
          ],
        ]);
      }
    });

    it('keeps the session of a recipient, and makes a new one of what is none', async () => {
      const session = 's'.repeat(43);
      const known = await post(
        path,
        { gate: 'pin', secret: '1' },
        { headers: { Cookie: `warden-session=${session}` } },
      );
      expect(known.headers['set-cookie']).toBeUndefined();
      const strange = await post(path, { gate: 'pin', secret: '1' }, { headers: { Cookie: 'warden-session=<b>' } });
      expect(strange.headers['set-cookie']?.[0]).toMatch(/^warden-session=[A-Za-z0-9_-]{43};/);
      const sessions = exchanges().map(({ body }) => body.session);
      expect(sessions[0]).toBe(session);
      expect(sessions[1]).not.toBe(session);
      expect(`warden-session=${sessions[1]}`).toBe(strange.headers['set-cookie']?.[0]?.split(';')[0]);
    });

    it('shows itself again after a wrong secret, says so first, and never what was entered', async () => {
      const wrong = 'WRONG7391';
      const answer = await post(path, { gate: 'pin', secret: wrong, lang: 'nl' });
      expectPage(answer, 403, 'Er zijn beelden met u gedeeld');
      const main = answer.body.slice(answer.body.indexOf('<main>'));
      expect(main).toMatch(/^<main>\s*<div class="problem" role="alert" tabindex="-1" autofocus><h2>/);
      expect(main).toMatch(
        /<input[^>]*id="secret"[^>]* aria-describedby="secret-hint secret-error" aria-invalid="true">/,
      );
      expect(main).toContain('<p class="error" id="secret-error">Deze pincode klopt niet.');
      expect(answer.body).toContain('<title>Fout: Gedeelde beelden</title>');
      expect(answer.body).not.toContain(wrong);
      expect(asked.map(({ route }) => route)).toEqual(['exchange', 'inspect']);
    });

    it('spends no attempt on an empty PIN or a date that can not be', async () => {
      expectPage(await post(path, { gate: 'pin', secret: ' ' }), 400, 'Images have been shared with you');
      const date = { gate: 'birth-date', day: '31', month: '2', year: '1980' };
      const answer = await post(`/?token=birth.${marker}`, date);
      expectPage(answer, 400, 'Images have been shared with you');
      expect(answer.body).toContain('There is no such date.');
      expect(answer.body).not.toContain('value="31"');
      expect(exchanges()).toEqual([]);
    });

    it('sends a date of birth as the service compares it, and says that a download starts', async () => {
      const fields = {
        action: 'download',
        gate: 'birth-date',
        day: '7',
        month: '3',
        year: '1980',
        viewer: 'ohif-viewer-publication',
      };
      const answer = await post(`/?token=birth.${marker}`, fields);
      expect([answer.status, /<h1>(.*)<\/h1>/.exec(answer.body)?.[1]]).toEqual([200, 'Your download is starting']);
      expect(exchanges()).toMatchObject([{ body: { secret: '19800307', viewer: 'download' } }]);
    });

    it('opens a link that has no gate with a press of the button', async () => {
      const answer = await post(`/?token=open.${marker}`, { gate: 'none', action: 'open' });
      expect(answer.body).toContain('http-equiv="refresh"');
      expect(exchanges()).toMatchObject([{ body: { secret: null, viewer: null } }]);
    });

    it('has a code sent, then asks for it', async () => {
      const at = `/?token=code.${marker}`;
      const first = await ask(at);
      expect(first.body).toContain('value="send-code"');
      expect(first.body).not.toContain('id="secret"');
      const sent = await post(at, { action: 'send-code', gate: 'email-code' });
      expectPage(sent, 200, 'Images have been shared with you');
      expect(sent.body).toContain('sent to <bdi>j…@e….org</bdi>');
      expect(sent.body).toContain('id="secret"');
      expect(asked[1]).toMatchObject({ route: 'send-code', body: { link: `code.${marker}`, address: '127.0.0.1' } });
      asked = [];
      const have = await post(at, { action: 'have-code' });
      expect(have.body).toContain('id="secret"');
      expect(asked.map(({ route }) => route)).toEqual(['inspect']);
    });

    it('asks for patience when too many codes were sent', async () => {
      const answer = await post(`/?token=too-many-attempts.${marker}`, { action: 'send-code' });
      expectPage(answer, 429, 'Please wait a little');
      expect(answer.headers['retry-after']).toBe('240');
    });

    it.each([
      ['too-many-attempts', 429, 'Please wait a little'],
      ['share-locked', 423, 'This link is locked'],
      ['share-used-up', 410, 'This link has been used'],
      ['share-expired', 410, 'This link has expired'],
      ['share-revoked', 410, 'This link has been withdrawn'],
      ['share-scheduled', 409, 'This link is not open yet'],
      ['viewer-not-offered', 400, 'Images have been shared with you'],
      ['viewer-unavailable', 503, 'We can’t open your link right now'],
      ['database-unavailable', 503, 'We can’t open your link right now'],
      ['gates-busy', 503, 'We can’t open your link right now'],
      ['hang', 503, 'We can’t open your link right now'],
      ['trickle', 503, 'We can’t open your link right now'],
      ['huge', 503, 'We can’t open your link right now'],
      ['garbage', 503, 'We can’t open your link right now'],
      ['cut', 503, 'We can’t open your link right now'],
      ['moved', 503, 'We can’t open your link right now'],
      ['refused', 503, 'We can’t open your link right now'],
      ['forbidden', 503, 'We can’t open your link right now'],
      ['broken', 503, 'We can’t open your link right now'],
      ['elsewhere', 503, 'We can’t open your link right now'],
    ])('tells what the service answered: %s', async (code, status, heading) => {
      const answer = await post(path, { gate: 'pin', secret: code });
      expectPage(answer, status, heading);
      expect(answer.body).not.toMatch(/http-equiv="refresh"/);
      expect(answer.headers.location).toBeUndefined();
      expect(exchanges()).toHaveLength(1);
      if (status === 429) expect(answer.body).toContain('<dd>4 minutes</dd>');
      if (status === 429 || code === 'gates-busy') expect(answer.headers['retry-after']).toBe('240');
      else if (status === 503) expect(answer.headers['retry-after']).toBe('30');
    });

    it('tells that the link is none when the service refused it for that', async () => {
      expectPage(await post(`/?token=whatever.${marker}`, { gate: 'pin', secret: '1' }), 404, 'This link doesn’t work');
    });

    it.each([
      'secret=1&secret=2',
      'action=open&action=language',
      'action=delete',
      'gate=retina&secret=1',
      'viewer=%3Cb%3E',
      'viewer=a&viewer=download',
      '',
    ])('does not understand %s', async (body) => {
      expectPage(await post(path, body), 400, 'This link is incomplete');
      expect(asked).toEqual([]);
    });

    it('refuses a form from another site, one of another type and one that is too large', async () => {
      const headers = { 'Sec-Fetch-Site': 'cross-site' };
      expectPage(await post(path, { gate: 'pin', secret: pin }, { headers }), 403, 'This link is incomplete');
      for (const site of ['same-origin', 'same-site', 'none'])
        expect((await post(path, { action: 'language' }, { headers: { 'Sec-Fetch-Site': site } })).status).toBe(200);
      asked = [];
      for (const type of ['application/json', 'text/plain', 'multipart/form-data; boundary=x'])
        expectPage(
          await post(path, `{"secret":"${pin}"}`, { headers: { 'Content-Type': type } }),
          415,
          'This link is incomplete',
        );
      expectPage(await post(path, { secret: 'x'.repeat(5000) }), 413, 'This link is incomplete');
      expect(asked).toEqual([]);
    });

    it.each([
      ['/', 400],
      [`/?token=pin.${marker}&token=pin.${marker}`, 400],
      [`/s/${handle}?token=pin.${marker}`, 400],
      ['/s/short', 400],
    ])('is of no use at %.30s', async (at, status) => {
      expectPage(await post(at, { gate: 'pin', secret: pin }), status, 'This link is incomplete');
      expect(asked).toEqual([]);
    });

    it('changes the language of the same page, exchanges nothing, and is remembered', async () => {
      for (const at of [path, `/s/${handle}`, `/?token=expired.${marker}`, '/']) {
        asked = [];
        const answer = await post(at, { action: 'language', lang: 'pt', secret: pin });
        expect(answer.body).toContain('<html lang="pt">');
        expect(answer.headers['content-language']).toBe('pt');
        expect(answer.headers['set-cookie']).toEqual(['warden-language=pt; Path=/; HttpOnly; SameSite=Lax']);
        expect(asked.map(({ route }) => route)).toEqual(at === '/' ? [] : ['inspect']);
      }
      const next = await ask('/nothing', { headers: { Cookie: 'warden-language=pt' } });
      expectPage(next, 404, 'Não há nada aqui');
      expectPage(await ask('/nothing?lang=es', { headers: { Cookie: 'warden-language=pt' } }), 404, 'Aquí no hay nada');
    });

    it('remembers no language that it does not speak', async () => {
      const answer = await post(path, { action: 'language', lang: 'fr<b>' });
      expectPage(answer, 200, 'Images have been shared with you');
      expect(answer.headers['set-cookie']).toBeUndefined();
    });

    it('opens an ordinary link too, since a redirect after a form may not leave this site', async () => {
      const answer = await post(`/?token=stone.${marker}`, { action: 'language', lang: 'fr' });
      expect(answer.status).toBe(200);
      expect(answer.body).toContain(`content="0;url=${stone.replaceAll('&', '&amp;')}"`);
    });
  });

  describe('a proxy in front', () => {
    const forwarded = { 'X-Forwarded-For': '198.51.100.9, 203.0.113.7', 'X-Forwarded-Proto': 'https' };
    const fields = { gate: 'pin', secret: '1' };

    it('is not believed when nobody said that it is one', async () => {
      const answer = await post(`/?token=pin.${marker}`, fields, { headers: forwarded });
      expect(answer.headers['set-cookie']?.[0]).not.toContain('Secure');
      expect(exchanges()).toMatchObject([{ body: { address: '127.0.0.1' } }]);
    });

    it('tells the address and that the recipient came by https', async () => {
      await withSettings({ trustedProxies: ['127.0.0.0/8'] }, async (to) => {
        const answer = await post(`/?token=pin.${marker}`, fields, { headers: forwarded, to });
        expect(answer.headers['set-cookie']?.[0]).toMatch(/; Secure$/);
        await post(`/?token=pin.${marker}`, fields, { headers: { 'X-Forwarded-For': '<b>' }, to });
      });
      expect(exchanges().map(({ body }) => body.address)).toEqual(['203.0.113.7', null]);
    });
  });

  it('looks as the installer says, and its own style is in the policy', async () => {
    const template = readTemplate('expired', '<style>p{}</style><h1>{{heading}}</h1>{{name}}{{languages}}');
    if (!template.ok) throw new Error(template.faults.join());
    const branding = { ...plainBranding, name: 'A & B', templates: { expired: template.template } };
    await withSettings({ branding, language: 'nl' }, async (to) => {
      const answer = await ask(`/?token=expired.${marker}`, { to });
      expect(answer.status).toBe(410);
      expect(answer.body).toMatch(/^<style>p\{\}<\/style><h1>Deze link is verlopen<\/h1>A &amp; B<nav /);
      expect(answer.headers['content-security-policy']).toContain(
        "'sha256-" + createHash('sha256').update('p{}').digest('base64') + "'",
      );
    });
  });

  it('speaks the language of the browser, or the one that the address names', async () => {
    const headers = { 'Accept-Language': 'fr-BE,fr;q=0.9,en;q=0.5' };
    const french = await ask(`/?token=expired.${marker}`, { headers });
    expectPage(french, 410, 'Ce lien a expiré');
    expect(french.headers['content-language']).toBe('fr');
    expect(french.body).toContain('<html lang="fr">');
    expectPage(await ask(`/?token=expired.${marker}&lang=en`, { headers }), 410, 'This link has expired');
    expectPage(await ask(`/?token=expired.${marker}&lang=%3Cb%3E&lang=fr`), 410, 'This link has expired');
    expectPage(await ask(`/s/${handle}`, { headers }), 200, 'Des images ont été partagées avec vous');
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
    await post(`/s/${handle}`, { gate: 'pin', secret: 'wrong' });
    await post(`/s/${handle}`, { gate: 'pin', secret: pin });
    const answer = await ask('/health/live', { headers: { 'X-Request-Id': marker } });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const lines = logLines.map((line) => JSON.parse(line));
    expect(lines).toMatchObject([
      { route: '/', method: 'GET', status: 302, outcome: 'opened', service: 'landing', level: 'info' },
      { route: '/share-landing', status: 503, outcome: 'unavailable', cause: 'timeout', level: 'warn' },
      { route: '(none)', status: 404, outcome: 'no-such-page' },
      { route: '/s/:handle', method: 'POST', status: 403, outcome: 'gate-refused' },
      { route: '/s/:handle', method: 'POST', status: 200, outcome: 'opened' },
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
    const settings: Settings = {
      host: '127.0.0.1',
      port: 0,
      authServiceUrl: 'http://127.0.0.1:1',
      authServiceUsername: 'landing',
      authServicePassword: 'MARKED-PASSWORD',
      trustedProxies: [],
      open: 'direct',
      language: 'en',
      timeZone: 'UTC',
      branding: plainBranding,
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
      `/s/${marker}`,
      `/s/${handle}`,
    ];
    for (const method of ['GET', 'HEAD', 'POST', marker])
      for (const path of paths)
        await send(
          `${method} ${path}?token=${marker}&lang=${marker} HTTP/1.1\r\nHost: ${marker}\r\nX-A: ${marker}\r\nConnection: close\r\n\r\n`,
        );
    for (const path of paths)
      for (const body of [
        `secret=MARKED-PIN`,
        `action=MARKED`,
        `action=language&lang=MARKED`,
        `secret=${'MARKED'.repeat(999)}`,
      ])
        await send(
          `POST ${path}?token=${path.startsWith('/s/') ? '' : marker} HTTP/1.1\r\nHost: a\r\nCookie: warden-session=MARKED; warden-language=MARKED\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
        );
    await send(`GET /?token=${marker}${'x'.repeat(60_000)} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await send(`${marker}\r\n\r\n`);
    await app.close();
    expect(lines.length).toBeGreaterThan(25);
    expect(lines.join('')).not.toMatch(/MARKED/);
    expect(lines.join('')).not.toContain(handle);
  });
});
