import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertFits, desktop, inBrowser, launchBrowser, listen, startLanding } from './support/browser.mjs';

const builtLanding = join(import.meta.dirname, '../../dist/apps/landing/src/main.js');
const viewerTitle = 'The viewer';
const institution = 'St. Anna Hospital';

/** The first word of a token says to the double what the link is. */
const pages = [
  { name: 'pin', status: 200, heading: 'link', shot: ['phone', 'dark', 'desktop'] },
  {
    name: 'pin-refused',
    link: 'pin',
    act: enter('secret', '000000'),
    status: 403,
    heading: 'link',
    shot: ['phone', 'dark'],
  },
  { name: 'birth-date', status: 200, heading: 'link', shot: ['phone'] },
  {
    name: 'birth-date-impossible',
    link: 'birth-date',
    act: enter('day', '31'),
    status: 400,
    heading: 'link',
    shot: ['phone'],
  },
  { name: 'email-code', status: 200, heading: 'link', shot: ['phone'] },
  {
    name: 'email-code-sent',
    link: 'email-code',
    act: press('send-code'),
    status: 200,
    heading: 'link',
    shot: ['phone', 'narrow'],
  },
  { name: 'choice', status: 200, heading: 'link', shot: ['phone', 'desktop'] },
  { name: 'choice-refused', link: 'choice', act: press('open'), status: 400, heading: 'link', shot: [] },
  { name: 'opening', link: 'slow', act: enter('secret', '482913'), status: 200, shot: ['phone'] },
  { name: 'downloading', link: 'choice', act: press('download'), status: 200, heading: 'downloading', shot: ['phone'] },
  { name: 'too-many-attempts', link: 'wait', act: enter('secret', '000000'), status: 429, shot: ['phone'] },
  { name: 'scheduled', status: 409, shot: ['phone'] },
  { name: 'expired', status: 410, shot: ['phone', 'dark', 'desktop'] },
  { name: 'viewer-expired', status: 410, shot: ['phone'] },
  { name: 'used-up', status: 410, shot: ['phone'] },
  { name: 'locked', status: 423, shot: ['phone'] },
  { name: 'revoked', status: 410, shot: ['phone'] },
  { name: 'invalid', status: 404, shot: ['phone'] },
  { name: 'incomplete', path: '/', status: 400, shot: ['phone'] },
  { name: 'not-for-here', status: 422, shot: ['phone'] },
  { name: 'unavailable', status: 503, shot: ['phone', 'desktop'] },
  { name: 'not-found', path: '/nowhere', status: 404, shot: ['phone'] },
];

const languages = ['en', 'fr', 'de', 'es', 'nl', 'it', 'pt'];
const looks = [
  ...languages.map((language) => ({ language, name: language === 'en' ? 'phone' : language, title: 'a phone' })),
  { language: 'en', name: 'dark', title: 'a phone at night', colorScheme: 'dark' },
  { language: 'en', name: 'desktop', title: 'a desktop', viewport: desktop },
  // Of all seven it has the longest words.
  { language: 'de', name: 'narrow', title: 'the narrowest phone', viewport: { width: 280, height: 653 } },
];

/**
 * Every page of the recipient in a real browser: in the seven languages, on phones and a desktop, and in dark mode.
 * `check(name, fn)` counts what fn throws as a failure; screenshots go to `outDir`.
 */
export async function landingPages({ check, chromiumPath = '/usr/bin/chromium', outDir, landingMain = builtLanding }) {
  await mkdir(outDir, { recursive: true });
  const texts = await import(pathToFileURL(join(dirname(landingMain), 'languages/languages.js')).href);
  const double = await startDouble();
  const landing = await startLanding({
    main: landingMain,
    settings: {
      AUTH_SERVICE_URL: double.origin,
      AUTH_SERVICE_USERNAME: 'landing',
      AUTH_SERVICE_PASSWORD: 'for this test only',
      LANDING_NAME: institution,
      LANDING_CONTACT: 'Radiology front desk\n+32 2 555 01 23, weekdays 8:00 to 17:00',
      LANDING_TIME_ZONE: 'Europe/Brussels',
    },
  });
  const browser = await launchBrowser(chromiumPath);
  const own = [landing.origin, double.origin];

  for (const { language, name: look, title, ...options } of looks) {
    const messages = texts.languages[language];
    await check(`every page in ${language} on ${title}`, () =>
      inBrowser(browser, { own, locale: language, ...options }, async (page) => {
        for (const { name, link = name, path = `/?token=${link}.t`, act, status, heading = name, shot } of pages) {
          let response = await page.goto(landing.origin + path);
          if (act !== undefined) response = await act(page);
          const seen = [response.status(), await page.locator('h1').innerText()];
          assert.deepEqual([name, ...seen], [name, status, messages.pages[heading].heading]);
          const problem = await page.locator('[role=alert]').count();
          const expectedTitle = problem === 0 ? institution : messages.problemTitle.replace('{title}', institution);
          assert.deepEqual([name, await page.title()], [name, expectedTitle]);
          assert.equal(await page.locator('html').getAttribute('lang'), language);
          const html = await page.content();
          assert.ok(!html.includes(`${link}.t`), `${name} holds the token`);
          assert.ok(!/<script|\son[a-z]+=/i.test(html), `${name} holds a script`);
          await assertFits(page);
          if (shot.includes(look)) await picture(page, join(outDir, `${name}-${look}.png`));
        }
      }),
    );
  }

  await check('an ordinary link leads to its viewer', () =>
    inBrowser(browser, { own }, async (page) => {
      await page.goto(`${landing.origin}/share-landing/?token=open.t`);
      assert.equal(await page.title(), viewerTitle);
      assert.equal(page.url(), `${double.origin}${viewerPath('open.t')}`);
      assert.equal(double.viewerReferer(), undefined);
    }),
  );
  await check('a link that was confirmed leads to its viewer, by way of a page', () =>
    inBrowser(browser, { own }, async (page) => {
      await page.goto(`${landing.origin}/?token=pin.t`);
      await page.locator('#secret').fill('482913');
      await page.locator('#secret').press('Enter');
      await page.waitForURL(`${double.origin}/**`);
      assert.equal(await page.title(), viewerTitle);
      assert.equal(page.url(), `${double.origin}${viewerPath('viewer.t')}`);
      assert.equal(double.viewerReferer(), undefined);
      assert.equal(await page.evaluate(() => globalThis.document.referrer), '');
    }),
  );
  await check('a page that could not be told leads to the same link again', () =>
    inBrowser(browser, { own }, async (page) => {
      await page.goto(`${landing.origin}/?token=recovering.t`);
      await page.locator('a.button').click();
      await page.waitForURL(`${double.origin}/**`);
      assert.equal(await page.title(), viewerTitle);
    }),
  );
  await check('another language is picked by keyboard, and kept', () =>
    inBrowser(browser, { own }, async (page) => {
      await page.goto(`${landing.origin}/?token=expired.t`);
      // The try-again link of other pages is missing here: the languages come first.
      for (const language of ['en', 'fr']) {
        await page.keyboard.press('Tab');
        assert.equal(await page.evaluate(() => globalThis.document.activeElement.value), language);
      }
      await page.keyboard.press('Enter');
      await page.locator('h1', { hasText: 'Ce lien a expiré' }).waitFor();
      await page.goto(`${landing.origin}/?token=revoked.t`);
      assert.equal(await page.locator('html').getAttribute('lang'), 'fr');
      assert.equal(await page.locator('[aria-current]').innerText(), 'Français');
    }),
  );
  await check('a program that makes previews learns nothing, and auth-service hears nothing of it', async () => {
    const asked = double.asked();
    await inBrowser(browser, { own, userAgent: 'Slackbot-LinkExpanding 1.0' }, async (page) => {
      const response = await page.goto(`${landing.origin}/?token=pin.t`);
      assert.equal(response.status(), 200);
      assert.equal(await page.locator('h1').innerText(), 'A private link');
      await picture(page, join(outDir, 'preview-phone.png'));
    });
    assert.equal((await fetch(`${landing.origin}/?token=pin.t`, { method: 'HEAD' })).status, 200);
    assert.equal(double.asked(), asked);
  });
  await check('the log holds no token, no code and no name', () => {
    assert.ok(landing.output().includes('"outcome":"opened"'));
    assert.ok(landing.output().includes('"outcome":"gate-refused"'));
    assert.ok(!/token=|\.t\b|482913|000000|Vermeer|example/.test(landing.output()));
  });
  await browser.close();
  await double.stop();
  await check('the landing stops when told to', async () => assert.equal(await landing.stop(), 0));
}

/** Sends the form with one field filled in. */
function enter(field, text) {
  return async (page) => {
    // The others of a date.
    if (field === 'day') {
      await page.locator('#month').fill('2');
      await page.locator('#year').fill('1980');
    }
    await page.locator(`#${field}`).fill(text);
    return posted(page, () => page.locator(`#${field}`).press('Enter'));
  };
}

function press(action) {
  return (page) => posted(page, () => page.locator(`button[value="${action}"]`).click());
}

async function posted(page, act) {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST'),
    page.waitForEvent('domcontentloaded'),
    act(),
  ]);
  return response;
}

/** Of the whole page; what differs from run to run is replaced. */
async function picture(page, path) {
  await page.evaluate(() => {
    const reference = globalThis.document.querySelector('.reference span');
    if (reference !== null) reference.textContent = '0b1f6d1e-2f3c-4c55-9f0a-7d1f6c0e5a11';
  });
  await page.screenshot({ path, fullPage: true });
}

const viewerPath = (token) =>
  `/volview/index.html?names=[archive.zip]&urls=../studies/a/archive,../studies/b/archive&token=${token}`;

/** Stands for auth-service's three routes for links, and for the viewer that an open leads to. */
async function startDouble() {
  let recoveringAsked = 0;
  let asked = 0;
  let viewerReferer;
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') {
      // Nothing to go to: the page stays, and can be looked at.
      if (request.url === '/nothing') return void response.writeHead(204).end();
      viewerReferer = request.headers.referer;
      response.setHeader('Content-Type', 'text/html; charset=utf-8');
      response.end(
        `<!doctype html><title>${viewerTitle}</title><link rel="icon" href="data:,"><h1>${viewerTitle}</h1>`,
      );
      return;
    }
    asked += 1;
    let body = '';
    for await (const chunk of request) body += chunk;
    const { link, secret, viewer } = JSON.parse(body);
    const word = link.split('.')[0];
    const answer = (status, json, headers = {}) => {
      const type = status < 400 ? 'application/json' : 'application/problem+json';
      response.writeHead(status, { 'content-type': type, ...headers }).end(JSON.stringify(json));
    };
    switch (request.url) {
      case '/api/v1/links/inspect':
        if (word === 'unavailable' || (word === 'recovering' && recoveringAsked++ === 0)) return answer(500, {});
        return answer(200, { ...nothing, ...inspected(word, origin()) });
      case '/api/v1/links/send-code':
        return answer(202, {});
      case '/api/v1/links/exchange':
        if (word === 'wait') return answer(429, { code: 'too-many-attempts' }, { 'retry-after': '240' });
        if (viewer === 'download' || word === 'slow')
          return answer(200, { url: `${origin()}/nothing`, expiresAt: ends });
        if (word === 'choice') return answer(400, { code: 'viewer-not-offered' });
        if (secret !== '482913') return answer(403, { code: 'gate-refused' });
        return answer(200, { url: origin() + viewerPath('viewer.t'), expiresAt: ends });
      default:
        return answer(404, {});
    }
  });
  const { origin: address, stop } = await listen(server);
  const origin = () => address;
  return {
    origin: address,
    stop,
    viewerReferer: () => viewerReferer,
    asked: () => asked,
  };
}

const ends = '2030-01-01T17:00:00.000Z';
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

function inspected(word, origin) {
  const stone = { id: 'stone-viewer-publication', name: 'Stone Web Viewer', url: null };
  const ohif = { id: 'ohif-viewer-publication', name: 'OHIF Viewer', url: null };
  const terms = { sharedBy: 'Dr. Ada Vermeer', studies: 2, expiresAt: ends };
  const live = { state: 'live', opening: 'confirm', gate: 'none', viewers: [stone], ...terms };
  const url = origin + viewerPath(`${word}.t`);
  switch (word) {
    case 'pin':
    case 'wait':
    case 'slow':
      return { ...live, gate: 'pin' };
    case 'birth-date':
      return { ...live, gate: 'birth-date' };
    case 'email-code':
      return { ...live, gate: 'email-code', codeSentTo: 'j…@e….org' };
    case 'choice':
      return { ...live, viewers: [stone, ohif], download: true };
    case 'open':
    case 'recovering':
      return { ...live, opening: 'direct', viewers: [{ ...stone, url }] };
    case 'not-for-here':
      return { ...live, opening: 'direct', viewers: [] };
    case 'scheduled':
      return { state: 'scheduled', opensAt: '2029-12-01T08:00:00.000Z' };
    case 'used-up':
    case 'locked':
      return { state: 'closed', closedBy: word };
    default:
      return { state: word };
  }
}
