import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const builtLanding = join(import.meta.dirname, '../../dist/apps/landing/src/main.js');
const viewerTitle = 'The viewer';

const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 800 } };
const looks = [
  { name: 'en', locale: 'en-US', colorScheme: 'light' },
  { name: 'fr', locale: 'fr-FR', colorScheme: 'light' },
  { name: 'en-dark', locale: 'en-US', colorScheme: 'dark' },
];

const pages = [
  { name: 'expired', query: '?token=expired.t', status: 410, en: 'This link has expired', fr: 'Ce lien a expiré' },
  {
    name: 'revoked',
    query: '?token=revoked.t',
    status: 410,
    en: 'This link has been withdrawn',
    fr: 'Ce lien a été retiré',
  },
  {
    name: 'invalid',
    query: '?token=invalid.t',
    status: 404,
    en: 'This link doesn’t work',
    fr: 'Ce lien ne fonctionne pas',
  },
  { name: 'no-token', query: '', status: 400, en: 'This link is incomplete', fr: 'Ce lien est incomplet' },
  {
    name: 'instant',
    query: '?token=instant.t',
    status: 422,
    en: 'This link can’t be opened here',
    fr: 'Ce lien ne peut pas être ouvert ici',
  },
  {
    name: 'service-down',
    query: '?token=down.t',
    status: 503,
    en: 'We can’t open your link right now',
    fr: 'Impossible d’ouvrir votre lien pour le moment',
  },
];

/**
 * The recipient's pages in a real browser, at the width of a phone and of a desktop, in both languages and in dark mode.
 * `check(name, fn)` counts what fn throws as a failure; screenshots go to `outDir`.
 */
export async function landingPages({ check, chromiumPath = '/usr/bin/chromium', outDir, landingMain = builtLanding }) {
  await mkdir(outDir, { recursive: true });
  const double = await startDouble();
  const landing = await startLanding(landingMain, double.origin);
  // Launched, not connected to: playwright gives it a profile folder of its own and removes it afterwards.
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  try {
    for (const look of looks)
      for (const [size, viewport] of Object.entries(sizes)) {
        const label = `${look.name}-${size}`;
        for (const expected of pages)
          await check(`landing ${expected.name} ${label}`, () =>
            inPage(browser, { look, viewport, own: [landing.origin] }, async (page, language) => {
              const response = await page.goto(landing.origin + '/' + expected.query);
              assert.equal(response.status(), expected.status);
              assert.equal(await page.locator('h1').innerText(), expected[language]);
              assert.equal(await page.title(), 'St. Anna Hospital');
              assert.equal(await page.locator('html').getAttribute('lang'), language);
              await assertFits(page);
              await page.screenshot({ path: join(outDir, `${expected.name}-${label}.png`) });
            }),
          );
      }

    const look = looks[0];
    const viewport = sizes.phone;
    await check('landing opens the viewer', () =>
      inPage(browser, { look, viewport, own: [landing.origin, double.origin] }, async (page) => {
        await page.goto(`${landing.origin}/share-landing/?token=open.t`);
        assert.equal(await page.title(), viewerTitle);
        assert.equal(
          page.url(),
          `${double.origin}/volview/index.html?names=[archive.zip]&urls=../studies/a/archive,../studies/b/archive&token=open.t`,
        );
        assert.equal(double.viewerReferer(), undefined);
      }),
    );
    await check('landing tries again with the same link', () =>
      inPage(browser, { look, viewport, own: [landing.origin, double.origin] }, async (page) => {
        await page.goto(`${landing.origin}/?token=recovering.t`);
        await page.locator('a.button').click();
        await page.waitForURL(`${double.origin}/**`);
        assert.equal(await page.title(), viewerTitle);
      }),
    );
    await check('landing unfolds the other language, by keyboard', () =>
      inPage(browser, { look, viewport, own: [landing.origin] }, async (page) => {
        await page.goto(`${landing.origin}/?token=expired.t`);
        const french = page.locator('details[lang=fr]');
        assert.equal(await french.locator('h2').isVisible(), false);
        await page.keyboard.press('Tab');
        await page.keyboard.press('Enter');
        assert.equal(await french.locator('h2').innerText(), 'Ce lien a expiré');
        await assertFits(page);
        await page.screenshot({ path: join(outDir, 'unfolded-en-phone.png'), fullPage: true });
      }),
    );
    await check('landing fits the narrowest phone', () =>
      inPage(
        browser,
        { look: looks[1], viewport: { width: 280, height: 653 }, own: [landing.origin] },
        async (page) => {
          await page.goto(`${landing.origin}/?token=down.t`);
          await assertFits(page);
          await page.screenshot({ path: join(outDir, 'service-down-fr-narrow.png'), fullPage: true });
        },
      ),
    );
    await check('landing logs no token', () => {
      assert.ok(landing.output().includes('"outcome":"opened"'));
      assert.ok(!/token=|\.t\b/.test(landing.output()));
    });
  } finally {
    await browser.close();
    await double.stop();
    const code = await landing.stop();
    await check('landing stops when told to', () => assert.equal(code, 0));
  }
}

/** A page in a fresh context that may talk to `own` origins only and may not complain. */
async function inPage(browser, { look, viewport, own }, visit) {
  const context = await browser.newContext({ locale: look.locale, colorScheme: look.colorScheme, viewport });
  try {
    const page = await context.newPage();
    const strangers = [];
    const complaints = [];
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol !== 'data:' && !own.includes(url.origin)) strangers.push(url.origin);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // Chromium writes a line for the page's own status 4xx or 5xx: that status is the point here.
      const ownStatus = message.text().startsWith('Failed to load resource') && message.location().url === page.url();
      if (!ownStatus && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    await visit(page, look.locale.slice(0, 2));
    assert.deepEqual(strangers, []);
    assert.deepEqual(complaints, []);
  } finally {
    await context.close();
  }
}

async function assertFits(page) {
  const { wanted, given } = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = globalThis.document.documentElement;
    return { wanted: scrollWidth, given: clientWidth };
  });
  assert.ok(wanted <= given, `the page is ${wanted} wide in a window of ${given}`);
}

/** Stands for auth-service (POST /tokens/decode) and for the viewer that an open leads to. */
async function startDouble() {
  let recoveringAsked = 0;
  let viewerReferer;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      if (request.url.startsWith('/volview/')) viewerReferer = request.headers.referer;
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(
        `<!doctype html><title>${viewerTitle}</title><link rel="icon" href="data:,"><h1>${viewerTitle}</h1>`,
      );
      return;
    }
    let body = '';
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const token = JSON.parse(body)['token-value'];
      const word = token.split('.')[0];
      if (word === 'down' || (word === 'recovering' && recoveringAsked++ === 0))
        return void response.writeHead(503).end();
      const origin = `http://127.0.0.1:${server.address().port}`;
      const viewer = `${origin}/volview/index.html?names=[archive.zip]&urls=../studies/a/archive,../studies/b/archive&token=${token}`;
      const answer = {
        open: { 'error-code': null, 'redirect-url': viewer },
        recovering: { 'error-code': null, 'redirect-url': viewer },
        instant: { 'error-code': null, 'redirect-url': null },
        expired: { 'error-code': 'expired', 'redirect-url': null, reason: 'expired' },
        revoked: { 'error-code': 'invalid', 'redirect-url': null, reason: 'revoked' },
      }[word] ?? { 'error-code': 'invalid', 'redirect-url': null, reason: 'invalid' };
      response.setHeader('Content-Type', 'application/json');
      response.end(JSON.stringify({ 'token-type': null, resources: [], ...answer }));
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    viewerReferer: () => viewerReferer,
    stop: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

async function startLanding(main, authServiceUrl) {
  const child = fork(main, {
    env: {
      PATH: process.env.PATH,
      LANDING_PORT: '0',
      AUTH_SERVICE_URL: authServiceUrl,
      AUTH_SERVICE_USERNAME: 'landing',
      AUTH_SERVICE_PASSWORD: 'for this test only',
      LANDING_NAME: 'St. Anna Hospital',
      LANDING_CONTACT: 'Radiology front desk\n+32 2 555 01 23, weekdays 8:00 to 17:00',
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const { url } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    ended.then((code) => reject(new Error(`the landing ended with ${code} before it listened`)));
  });
  return {
    origin: new URL(url).origin,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
}
