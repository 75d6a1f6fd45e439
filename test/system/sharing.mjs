import assert from 'node:assert/strict';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { assertFits, inBrowser, launchBrowser, phone, startLanding, zoomedPhone } from './support/browser.mjs';
import {
  codeIn,
  startFrontDoor,
  startMailDouble,
  startOrthancDouble,
  startViewerDouble,
} from './support/recipient-doubles.mjs';
import { basic, caller, dataFolder, pause, startService, until } from './support/stage.mjs';

const sharer = { name: 'Dr. Ada Vermeer', password: 'for the system tests' };
const languages = ['en', 'fr', 'de', 'es', 'nl', 'it', 'pt'];
const publication = 'stone-viewer-publication';
const images = {
  uid: '1.2.276.0.7230010.3.1.2.1',
  patientId: 'MARKED-ID-77',
  patientName: 'MARKED^NAME',
  birthDate: '19610402',
};
const pin = '482913';
const wrongPin = '482914';
const label = 'MARKED-LABEL';
const mailAddress = 'jane.marked@example.org';
// The same on every run, as the screenshots show it.
const ends = '2099-01-01T12:00:00Z';
/** How programs that look at links before people do introduce themselves. */
const scanners = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36',
  'Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)',
  'Mozilla/5.0 (compatible; proofpoint-url-defense/1.0)',
  'Mozilla/5.0 (compatible; Barracuda Sentinel/1.0)',
  'Microsoft Office/16.0 (Microsoft Outlook 16.0.17928; Pro)',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) facebookexternalhit/1.1 Facebot Twitterbot/1.0',
  'WhatsApp/2.24.24.78 A',
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'python-requests/2.32.3',
  'curl/8.11.0',
];
/** Every page that a recipient may meet; each is looked at by axe. */
const pageKinds = [
  'pin',
  'pin-refused',
  'pin-missing',
  'birth-date',
  'birth-date-impossible',
  'birth-date-refused',
  'email-code',
  'email-code-sent',
  'email-code-refused',
  'choice',
  'downloading',
  'too-many-attempts',
  'scheduled',
  'expired',
  'viewer-expired',
  'used-up',
  'locked',
  'revoked',
  'invalid',
  'incomplete',
  'not-for-here',
  'unavailable',
  'not-found',
  'preview',
];

/**
 * What a recipient meets between the link and the viewer: the built service, and in front of it the built landing page behind a
 * proxy, seen by a real browser.
 */
export async function sharing({ check, dist, chromiumPath, outDir }) {
  await mkdir(outDir, { recursive: true });
  const texts = await import(pathToFileURL(join(dist, 'apps/landing/src/languages/languages.js')).href);
  const axe = await readFile(join(import.meta.dirname, '../../node_modules/axe-core/axe.min.js'), 'utf8');
  const en = texts.languages.en;
  const heading = (page, language = 'en') => texts.languages[language].pages[page].heading;
  const orthanc = await startOrthancDouble([images]);
  const mail = await startMailDouble();
  const viewer = await startViewerDouble();
  const door = await startFrontDoor();
  const { dataDir, remove } = await dataFolder('sharing');
  await mkdir(dataDir);
  const serviceLines = [];
  const service = await startService({
    dist,
    hear: (line) => serviceLines.push(line),
    settings: {
      DATA_DIR: dataDir,
      SECRET_KEY: 'for the system tests only: 9c1f6b0e4d7a',
      USERS: JSON.stringify({
        orthanc: 'for the system tests',
        [sharer.name]: { password: sharer.password, permissions: ['share'] },
        landing: { password: 'for the system tests', scopes: ['decode', 'exchange'] },
      }),
      PUBLIC_ORTHANC_ROOT: `${viewer.origin}/`,
      PUBLIC_OHIF_ROOT: `${viewer.origin}/ohif/`,
      PUBLIC_SHARE_ROOT: door.url,
      ORTHANC_URL: orthanc.origin,
      GATE_ATTEMPTS: '3',
      // The longest that there is, for an end that no run of these tests outlives.
      SHARE_MAX_DURATION: String(100 * 365 * 86_400),
      ...mail.settings,
    },
  });
  const landing = await startLanding({
    main: join(dist, 'apps/landing/src/main.js'),
    settings: {
      AUTH_SERVICE_URL: service.url,
      AUTH_SERVICE_USERNAME: 'landing',
      AUTH_SERVICE_PASSWORD: 'for the system tests',
      LANDING_NAME: 'St. Anna Hospital',
      LANDING_CONTACT: 'Radiology front desk\n+32 2 555 01 23, weekdays 8:00 to 17:00',
      LANDING_TIME_ZONE: 'Europe/Brussels',
      TRUSTED_PROXIES: '127.0.0.1',
    },
  });
  door.leadTo(landing.origin);
  await service.ready;
  const browser = await launchBrowser(chromiumPath);
  const [asSharer, asPlugin] = [
    caller(service.url, basic(`${sharer.name}:${sharer.password}`)),
    caller(service.url, basic('orthanc:for the system tests')),
  ];
  const violations = [];
  const audited = new Set();
  /** Whatever must be in no log: links, and the tokens of viewers. */
  const secrets = new Set([pin, wrongPin, ...Object.values(images), label, mailAddress, '1961']);
  let recipients = 0;

  await pinOnAPhone();
  await overTime();
  await byHand();
  await inEveryLanguage();
  await scanned();
  await choosing();
  await otherGates();
  await otherPages();
  await lookedAt();
  await atTheEnd();

  async function pinOnAPhone() {
    for (const link of ['token', 'opaque']) {
      const form = link === 'token' ? 'token link' : 'short link';
      const created = await share({ gate: { kind: 'pin', pin }, link, label });
      let viewerToken;
      await check(`a ${form} with a PIN says who shares and until when, and nothing of the patient`, () =>
        recipient({}, async (page) => {
          const response = await page.goto(created.url);
          assert.equal(response.status(), 200);
          assert.equal(await page.locator('h1').innerText(), heading('link'));
          const facts = await page.locator('.facts').innerText();
          for (const told of ['1\u00a0examination', sharer.name, '1 January 2099'])
            assert.ok(facts.includes(told), facts);
          const html = await page.content();
          for (const secret of [...secrets, orthanc.idOf(images.uid), linkOf(created)])
            assert.ok(!html.includes(secret), `the page holds ${secret}`);
          assert.equal(await page.title(), 'St. Anna Hospital');
          await audit(page, 'pin');
        }),
      );
      await check(`a ${form}: a wrong PIN is announced, marked at the field and not kept; three lock the link`, () =>
        recipient({}, async (page) => {
          await page.goto(created.url);
          await submit(page, { secret: '' });
          assert.equal(await page.locator('#secret-error').innerText(), en.pin.missing);
          await audit(page, 'pin-missing');
          for (let count = 1; count <= 2; count += 1) {
            assert.equal(await submit(page, { secret: wrongPin }), 403);
            await assertAnnounced(page, 'secret', en.pin.refused);
            assert.ok(!(await page.content()).includes(wrongPin));
          }
          await audit(page, 'pin-refused');
          await page.locator('[role=alert] a').press('Enter');
          assert.equal(await page.evaluate(() => globalThis.document.querySelector(':target').id), 'secret');
          assert.equal(await submit(page, { secret: wrongPin }), 423);
          assert.equal(await page.locator('h1').innerText(), heading('locked'));
          await audit(page, 'locked');
          await page.goto(created.url);
          assert.equal(await page.locator('h1').innerText(), heading('locked'));
        }),
      );
      await check(
        `a ${form}: unlocked by its sharer, the right PIN leads to the viewer, with a token that is a key`,
        () =>
          recipient({}, async (page) => {
            await ask('POST', `/api/v1/shares/${created.share.id}/unlock`);
            await page.goto(created.url);
            // As people write them down.
            await page.locator('#secret').fill(' 482 913');
            await page.locator('#secret').press('Enter');
            viewerToken = await reachedViewer(page, '/stone-webviewer/index.html');
            assert.equal(await granted(viewerToken), true);
            assert.equal(await page.evaluate(() => globalThis.document.referrer), '');
          }),
      );
      await check(`a ${form} that is revoked: the page says so, and the viewer's token ends within a second`, () =>
        recipient({}, async (page) => {
          await page.goto(created.url);
          await ask('POST', `/api/v1/shares/${created.share.id}/revoke`, { reason: 'system test' });
          const revoked = performance.now();
          while (await granted(viewerToken)) {
            assert.ok(performance.now() - revoked < 1_000, 'still granted a second after the revocation');
            await pause(5);
          }
          assert.equal(await submit(page, { secret: pin }), 410);
          assert.equal(await page.locator('h1').innerText(), heading('revoked'));
          assert.equal((await page.goto(created.url)).status(), 410);
          assert.equal(await page.locator('h1').innerText(), heading('revoked'));
          await audit(page, 'revoked');
        }),
      );
    }
  }

  async function overTime() {
    await check('an expired link says so, on a page that was open before too', async () => {
      const created = await share({ gate: { kind: 'pin', pin }, expiresAt: undefined, validityDuration: 2 });
      await recipient({}, async (page) => {
        await page.goto(created.url);
        await until('it expires', async () => Date.now() > Date.parse(created.share.expiresAt) + 50, 5_000);
        assert.equal(await submit(page, { secret: pin }), 410);
        assert.equal(await page.locator('h1').innerText(), heading('expired'));
        assert.equal((await page.goto(created.url)).status(), 410);
        assert.equal(await page.locator('h1').innerText(), heading('expired'));
        await audit(page, 'expired');
      });
    });
    await check('a viewer whose time is over leads back to the link', async () => {
      const created = await share({ gate: { kind: 'pin', pin }, expiresAt: undefined, validityDuration: 3 });
      await recipient({}, async (page) => {
        await page.goto(created.url);
        await page.locator('#secret').fill(pin);
        await page.locator('#secret').press('Enter');
        const token = await reachedViewer(page);
        await until('it expires', async () => Date.now() > Date.parse(created.share.expiresAt) + 50, 6_000);
        assert.equal((await page.goto(`${door.url}?token=${token}`)).status(), 410);
        assert.equal(await page.locator('h1').innerText(), heading('viewer-expired'));
        await audit(page, 'viewer-expired');
      });
    });
    await check('a link that begins later says when', async () => {
      const created = await share({ gate: { kind: 'pin', pin }, notBefore: '2098-12-01T08:00:00Z' });
      await recipient({}, async (page) => {
        assert.equal((await page.goto(created.url)).status(), 409);
        assert.equal(await page.locator('h1').innerText(), heading('scheduled'));
        assert.ok((await page.locator('.facts').innerText()).includes('1 December 2098 at 09:00 CET'));
        assert.equal(await page.locator('#secret').count(), 0);
        await audit(page, 'scheduled');
      });
    });
    await check('a link for one recipient: the second is refused, the first may come back', async () => {
      const created = await share({ gate: { kind: 'pin', pin }, maxOpens: 1 });
      await recipient({}, async (first, context) => {
        await first.goto(created.url);
        await recipient({}, async (second) => {
          await second.goto(created.url);
          await first.locator('#secret').fill(pin);
          await first.locator('#secret').press('Enter');
          await reachedViewer(first);
          assert.equal(await submit(second, { secret: pin }), 410);
          assert.equal(await second.locator('h1').innerText(), heading('used-up'));
          assert.equal((await second.goto(created.url)).status(), 410);
          assert.equal(await second.locator('h1').innerText(), heading('used-up'));
          await audit(second, 'used-up');
        });
        const later = await context.newPage();
        assert.equal((await later.goto(created.url)).status(), 200);
        await later.locator('#secret').fill(pin);
        await later.locator('#secret').press('Enter');
        assert.equal(await granted(await reachedViewer(later)), true);
      });
      assert.equal((await read(created)).opens, 1);
    });
  }

  async function byHand() {
    await check('the whole way of a PIN without JavaScript', async () => {
      const created = await share({ gate: { kind: 'pin', pin } });
      await recipient({ javaScriptEnabled: false }, async (page) => {
        await page.goto(created.url);
        assert.equal(await submit(page, { secret: wrongPin }), 403);
        assert.equal(await page.locator('#secret-error').innerText(), en.pin.refused);
        await page.locator('button[value="fr"]').click();
        await page.locator('h1', { hasText: heading('link', 'fr') }).waitFor();
        await page.locator('#secret').fill(pin);
        await page.locator('button[value="open"]').click();
        assert.equal(await granted(await reachedViewer(page)), true);
      });
    });
  }

  async function inEveryLanguage() {
    const plain = await share({ gate: { kind: 'pin', pin }, link: 'opaque' });
    for (const language of languages) {
      const other = language === 'en' ? 'fr' : 'en';
      const chosen = await share({ gate: { kind: 'pin', pin }, link: 'opaque', language });
      await check(`${language}: asked for by the browser, chosen by the sharer, picked on the page`, async () => {
        await recipient({ locale: language }, async (page) => {
          await page.goto(plain.url);
          await assertSpeaks(page, language);
          // That in English is taken by the landing suite.
          if (language !== 'en') await page.screenshot({ path: join(outDir, `pin-${language}.png`), fullPage: true });
        });
        await recipient({ locale: other }, async (page) => {
          await page.goto(chosen.url);
          await assertSpeaks(page, language);
          // The form goes on in it.
          await submit(page, { secret: '' });
          assert.equal(await page.locator('#secret-error').innerText(), texts.languages[language].pin.missing);
          await assertSpeaks(page, language);
        });
        await recipient({ locale: other }, async (page) => {
          await page.goto(plain.url);
          await assertSpeaks(page, other);
          await page.locator(`nav button[value="${language}"]`).click();
          await page.locator('h1', { hasText: heading('link', language) }).waitFor();
          await assertSpeaks(page, language);
          await page.goto(`${door.url}?token=nonsense`);
          assert.equal(await page.locator('h1').innerText(), heading('invalid', language));
        });
      });
    }
  }

  async function scanned() {
    await check('twenty GET and twenty HEAD of scanners use nothing up: the recipient opens it, once', async () => {
      const created = await share({ maxOpens: 1, link: 'opaque' });
      for (const method of ['GET', 'HEAD'])
        for (let count = 0; count < 20; count += 1) {
          const headers = { 'user-agent': scanners[count % scanners.length], 'x-forwarded-for': '192.0.2.9' };
          const answer = await fetch(created.url, { method, headers, redirect: 'manual' });
          assert.equal(answer.status, 200);
          assert.equal(answer.headers.get('set-cookie'), null);
          assert.ok(!(await answer.text()).includes(viewer.origin));
        }
      assert.equal((await read(created)).opens, 0);
      await recipient({}, async (page) => {
        await page.goto(created.url);
        await page.locator('#open').click();
        assert.equal(await granted(await reachedViewer(page)), true);
      });
      await recipient({}, async (page) => {
        assert.equal((await page.goto(created.url)).status(), 410);
        assert.equal(await page.locator('h1').innerText(), heading('used-up'));
      });
      assert.equal((await read(created)).opens, 1);
    });
  }

  async function choosing() {
    await check('an ordinary link leads to its viewer at once', () =>
      recipient({}, async (page) => {
        const { token } = (await ask('PUT', `/tokens/${publication}`, ordinary(), asPlugin)).json;
        secrets.add(token);
        await page.goto(`${door.url}share-landing/?token=${token}`);
        assert.equal(await reachedViewer(page), token);
      }),
    );
    const viewers = ['ohif-viewer-publication', 'volview-viewer-publication'];
    const created = await share({ viewers, download: true, gate: { kind: 'pin', pin } });
    await check('the recipient chooses a viewer, by keyboard', () =>
      recipient({}, async (page) => {
        await page.goto(created.url);
        const names = await page.locator('.choice').allInnerTexts();
        assert.deepEqual(names, ['Stone Web Viewer', 'OHIF Viewer', 'VolView']);
        await audit(page, 'choice');
        await page.locator('#secret').fill(pin);
        await page.keyboard.press('Tab');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('ArrowDown');
        await page.keyboard.press('Enter');
        assert.equal(await granted(await reachedViewer(page, '/volview/index.html')), true);
      }),
    );
    await check('the recipient downloads the archive of the study, and the page stays', () =>
      recipient({}, async (page) => {
        await page.goto(created.url);
        await page.locator('#secret').fill(pin);
        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.locator('button[value="download"]').click(),
        ]);
        const url = new URL(download.url());
        await download.cancel();
        assert.equal(url.origin + url.pathname, `${viewer.origin}/studies/${orthanc.idOf(images.uid)}/archive`);
        secrets.add(url.searchParams.get('token'));
        assert.equal(await granted(url.searchParams.get('token')), true);
        assert.equal(await page.locator('h1').innerText(), heading('downloading'));
        assert.equal(await page.locator('a.button').getAttribute('href'), url.href);
        await audit(page, 'downloading');
      }),
    );
  }

  async function otherGates() {
    await check('an e-mailed code: sent on request, opens once; a third request has to wait', async () => {
      const created = await share({ gate: { kind: 'email-code' }, recipient: { name: 'Jane', email: mailAddress } });
      await recipient({}, async (page) => {
        await page.goto(created.url);
        assert.ok((await page.locator('form.entry').innerText()).includes('j…@e….org'));
        assert.ok(!(await page.content()).includes(mailAddress));
        await audit(page, 'email-code');
        assert.equal(mail.received.length, 0);
        assert.equal(await press(page, 'send-code'), 200);
        await until('the code is sent', () => mail.received.length === 1, 5_000);
        const [message] = mail.received;
        assert.deepEqual(message.to, [mailAddress]);
        const code = codeIn(message);
        secrets.add(code);
        await audit(page, 'email-code-sent');
        assert.equal(await submit(page, { secret: code === '000000' ? '000001' : '000000' }), 403);
        await assertAnnounced(page, 'secret', en.emailCode.refused);
        await audit(page, 'email-code-refused');
        await page.locator('#secret').fill(code);
        await page.locator('#secret').press('Enter');
        assert.equal(await granted(await reachedViewer(page)), true);
        await page.goto(created.url);
        assert.equal(await press(page, 'have-code'), 200);
        assert.equal(await submit(page, { secret: code }), 403);
        assert.equal(await press(page, 'send-code'), 200);
        assert.equal(await press(page, 'send-code'), 429);
        assert.equal(await page.locator('h1').innerText(), heading('too-many-attempts'));
        assert.match(await page.locator('.facts dd').innerText(), /^\d+ (second|minute)s?$/);
        await audit(page, 'too-many-attempts');
      });
    });
    await check('the birth date of the patient, as Orthanc has it', async () => {
      const created = await share({ gate: { kind: 'birth-date' } });
      await recipient({}, async (page) => {
        await page.goto(created.url);
        assert.ok(!/1961|0402|4\.2/.test(await page.locator('body').innerText()));
        await audit(page, 'birth-date');
        assert.equal(await submit(page, { day: '31', month: '2', year: '1961' }), 400);
        await assertAnnounced(page, 'day', en.birthDate.impossible);
        await audit(page, 'birth-date-impossible');
        assert.equal(await submit(page, { day: '3', month: '4', year: '1961' }), 403);
        await assertAnnounced(page, 'day', en.birthDate.refused);
        assert.ok(!(await page.content()).includes('1961'));
        await audit(page, 'birth-date-refused');
        for (const [field, text] of Object.entries({ day: '2', month: '4', year: '1961' }))
          await page.locator(`#${field}`).fill(text);
        await page.locator('#year').press('Enter');
        assert.equal(await granted(await reachedViewer(page)), true);
      });
    });
  }

  async function otherPages() {
    await check('links that nobody handed out, that are cut short, or that are for another use', async () => {
      const { token } = (await ask('PUT', '/tokens/viewer-instant-link', ordinary(), asPlugin)).json;
      secrets.add(token);
      for (const [kind, path, status] of [
        ['invalid', 's/AAAAAAAAAAAAAAAAAAAAAA', 404],
        ['incomplete', '', 400],
        ['not-for-here', `?token=${token}`, 422],
        ['not-found', 'nowhere', 404],
      ])
        await recipient({}, async (page) => {
          assert.deepEqual([kind, (await page.goto(door.url + path)).status()], [kind, status]);
          assert.equal(await page.locator('h1').innerText(), heading(kind));
          await audit(page, kind);
        });
      await recipient({ userAgent: scanners[6] }, async (page) => {
        await page.goto(`${door.url}s/AAAAAAAAAAAAAAAAAAAAAA`);
        assert.equal(await page.locator('h1').innerText(), heading('preview'));
        await audit(page, 'preview');
      });
    });
  }

  async function lookedAt() {
    const viewers = ['ohif-viewer-publication'];
    const created = await share({ viewers, download: true, gate: { kind: 'pin', pin }, link: 'opaque' });
    const ways = [
      { name: 'in dark mode', colorScheme: 'dark' },
      { name: 'at 200 % zoom', viewport: zoomedPhone, locale: 'de', picture: 'pin-missing-zoomed' },
      { name: 'with forced colours', forcedColors: 'active', picture: 'pin-missing-forced-colours' },
      { name: 'in dark forced colours', forcedColors: 'active', colorScheme: 'dark' },
    ];
    for (const { name, picture, ...options } of ways)
      await check(`${name}: nothing is cut off, and the focus can be seen wherever it goes`, () =>
        recipient(options, async (page) => {
          await page.goto(created.url);
          await assertFits(page);
          await assertFocusSeen(page, ['secret', 'viewer', 'action', 'action', ...languages.map(() => 'lang')]);
          await submit(page, { secret: '' });
          await assertFits(page);
          if (picture !== undefined) await page.screenshot({ path: join(outDir, `${picture}.png`), fullPage: true });
          // Forced colours are the reader's own, and axe takes some of ours for them.
          await audit(page, 'pin-missing', options.forcedColors === 'active' ? ['color-contrast'] : []);
        }),
      );
  }

  async function atTheEnd() {
    const created = await share({ gate: { kind: 'pin', pin } });
    await check('the service away: the page asks for patience, and blames nobody', () =>
      recipient({}, async (page) => {
        await page.goto(created.url);
        assert.equal(await service.stop(), 0);
        assert.equal(await submit(page, { secret: pin }), 503);
        assert.equal(await page.locator('h1').innerText(), heading('unavailable'));
        await audit(page, 'unavailable');
      }),
    );
    await browser.close();
    assert.equal(await landing.stop(), 0);
    await check(`axe finds nothing serious on any of the ${pageKinds.length} pages`, () => {
      assert.deepEqual([...audited].sort(), [...pageKinds].sort());
      for (const { kind, id, impact, nodes } of violations)
        console.log(`         ${kind}: ${id} (${impact}) ${nodes.join(' ')}`);
      assert.deepEqual(
        violations.filter(({ impact }) => ['serious', 'critical'].includes(impact)),
        [],
      );
    });
    await check('no viewer was told where its visitor came from', () =>
      assert.deepEqual([...viewer.referers], [undefined]),
    );
    await check('neither log holds a PIN, a link, a token, an address or a word of the patient', () => {
      const logs = { service: serviceLines.join('\n'), landing: landing.output() };
      for (const [whose, log] of Object.entries(logs)) {
        assert.ok(log.includes('request'), `the log of the ${whose} is empty`);
        const told = [...secrets].filter((secret) => isTold(log, secret));
        assert.deepEqual([whose, told], [whose, []]);
      }
    });
    await remove();
  }

  /** A share of the images, made by the sharer. */
  async function share(more) {
    const resources = [{ level: 'study', dicomUid: images.uid }];
    const { json } = await ask('POST', '/api/v1/shares', { type: publication, resources, expiresAt: ends, ...more });
    secrets.add(linkOf(json)).add(json.token);
    return json;
  }

  async function ask(method, path, body, call = asSharer) {
    const answer = await call(method, path, body);
    assert.ok([200, 201].includes(answer.status), `${method} ${path} answered ${answer.status}: ${answer.text}`);
    return answer;
  }

  async function read({ share: { id } }) {
    return (await ask('GET', `/api/v1/shares/${id}`)).json;
  }

  async function granted(token) {
    const question = { level: 'study', 'dicom-uid': images.uid, method: 'get', 'token-value': token };
    return (await ask('POST', '/tokens/validate', question, asPlugin)).json.granted;
  }

  /** Somebody with a browser and a network address of their own. */
  function recipient(options, visit) {
    recipients += 1;
    const own = [door.origin, viewer.origin];
    const extraHTTPHeaders = { 'x-forwarded-for': `198.51.100.${recipients}` };
    return inBrowser(browser, { own, extraHTTPHeaders, viewport: phone, ...options }, visit);
  }

  /** The token that the viewer was reached with. */
  async function reachedViewer(page, path = '') {
    await page.waitForURL(({ href }) => href.startsWith(`${viewer.origin}${path}`));
    assert.equal(await page.title(), 'The viewer');
    const token = new URL(page.url()).searchParams.get('token');
    secrets.add(token);
    return token;
  }

  async function assertSpeaks(page, language) {
    const words = texts.languages[language];
    assert.equal(await page.locator('html').getAttribute('lang'), language);
    assert.equal(await page.locator('h1').innerText(), words.pages.link.heading);
    assert.equal(await page.locator('label[for=secret]').innerText(), words.pin.label);
    assert.equal(await page.locator('nav [aria-current]').getAttribute('value'), language);
  }

  async function audit(page, kind, withoutRules = []) {
    await page.evaluate(axe);
    const rules = Object.fromEntries(withoutRules.map((rule) => [rule, { enabled: false }]));
    const options = { resultTypes: ['violations'], preload: false, rules };
    const found = await page.evaluate((given) => globalThis.axe.run(given), options);
    audited.add(kind);
    for (const { id, impact, nodes } of found.violations)
      violations.push({
        kind,
        id,
        impact,
        nodes: nodes.map(({ target, failureSummary }) => `${target.join(' ')}: ${failureSummary}`),
      });
  }
}

/** Four digits come by chance in ids, which are left out: a year counts where it stands alone. */
function isTold(log, secret) {
  if (secret.length > 4) return log.includes(secret);
  const withoutIds = log.replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '');
  return new RegExp(`(?<!\\w)${secret}(?!\\w)`).test(withoutIds);
}

const linkOf = ({ url }) => new URL(url).searchParams.get('token') ?? url.split('/s/')[1];

const ordinary = () => ({
  id: label,
  resources: [{ level: 'study', 'dicom-uid': images.uid }],
  'validity-duration': 3600,
});

/** Fills the form in and sends it. Answers the status of the page that comes back. */
async function submit(page, fields) {
  for (const [field, text] of Object.entries(fields)) await page.locator(`#${field}`).fill(text);
  return posted(page, () => page.locator(`#${Object.keys(fields).at(-1)}`).press('Enter'));
}

const press = (page, action) => posted(page, () => page.locator(`button[value="${action}"]`).click());

async function posted(page, act) {
  const [response] = await Promise.all([
    page.waitForResponse((one) => one.request().method() === 'POST'),
    page.waitForEvent('domcontentloaded'),
    act(),
  ]);
  return response.status();
}

/** A screen reader begins with the summary, the field says what is wrong with it, and nothing that was entered is left in it. */
async function assertAnnounced(page, field, text) {
  assert.match(await page.title(), /^Error: /);
  const alert = page.locator('[role=alert]');
  assert.ok((await alert.innerText()).includes(text));
  assert.equal(await alert.locator('a').getAttribute('href'), `#${field}`);
  const focused = () => globalThis.document.activeElement?.closest('[role=alert]') !== null;
  assert.ok(await page.evaluate(focused), 'the focus is not on the summary');
  const input = page.locator(`#${field}`);
  assert.equal(await input.getAttribute('aria-invalid'), 'true');
  assert.equal(await input.inputValue(), '');
  const described = (await input.getAttribute('aria-describedby')).split(' ').at(-1);
  assert.equal(await page.locator(`#${described}`).innerText(), text);
}

/** Goes through the page by Tab: the fields in this order, each with an outline or a border that it did not have. */
async function assertFocusSeen(page, names) {
  for (const name of names) {
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const { activeElement: focused } = globalThis.document;
      const { outlineStyle, outlineWidth } = globalThis.getComputedStyle(focused);
      const { left, right, top, bottom } = focused.getBoundingClientRect();
      const { innerWidth, innerHeight } = globalThis;
      return {
        name: focused.name,
        outlined: outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2,
        inside: left >= 0 && right <= innerWidth && bottom > 0 && top < innerHeight,
      };
    });
    assert.deepEqual(seen, { name, outlined: true, inside: true });
  }
}
