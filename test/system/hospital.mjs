import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hostileRequests } from './hostile-requests.mjs';
import { gradientValue, shapeValue, shownAs } from './support/dicom-studies.mjs';
import { madeUpAddress } from './support/hospital-hostile-requests.mjs';
import { recipientAddress, startHospital } from './support/hospital-stack.mjs';
import { viewerRequests } from './support/hospital-viewer-requests.mjs';
import { greysShown, launchViewerBrowser } from './support/ohif-browser.mjs';
import { until } from './support/stage.mjs';

const pin = '482913057164';
const type = 'ohif-viewer-publication';
/** Parts of the width and height of an image, and what is there. */
const places = [
  { at: [0.5, 0.5], grey: shownAs(shapeValue) },
  { at: [0.1, 0.5], grey: shownAs(gradientValue(51)) },
  { at: [0.9, 0.5], grey: shownAs(gradientValue(461)) },
];
const greyTolerance = 3;
/** Milliseconds; drawn without a graphics card. */
const imageLimit = 60_000;

/** From nothing to an image in a real viewer, before a real Orthanc; and what the holder of a link cannot reach. */
export async function hospital({ check, dist, chromiumPath, outDir }) {
  await mkdir(outDir, { recursive: true });
  const house = await startHospital({ dist, watched: true });
  const { origin, studies, taps } = house;
  const { a, b, c } = studies;
  const browser = await launchViewerBrowser(chromiumPath);
  const denied = [];
  let gatedShare;
  let viewerToken;
  let userAgent;

  await check('a link with a PIN: the landing page, then OHIF shows the image', async () => {
    gatedShare = await share({ gate: { kind: 'pin', pin }, noArchive: true });
    await visitor(async (page) => {
      userAgent = await page.evaluate(() => globalThis.navigator.userAgent);
      assert.equal((await page.goto(gatedShare.url)).status(), 200);
      await page.locator('#secret').fill(pin);
      await page.locator('#secret').press('Enter');
      await assertImageShown(page);
      await page.getByText('Skip all').click();
      await page.getByText('Confirm and hide').click();
      await page.screenshot({ path: join(outDir, 'hospital-ohif.png') });
      viewerToken = tokenOf(taps.guard.entries);
      for (const one of refusals()) await assertRefused(page, viewerToken, one);
    });
  });

  await check('a link that is its own key leads to the same image', async () => {
    const { url, token } = await share({});
    await visitor(async (page) => {
      await page.goto(url);
      await assertImageShown(page);
      for (const one of refusals().filter(({ needsNoArchive }) => !needsNoArchive))
        await assertRefused(page, token, one);
    });
  });

  await check('what the guard judged is what nginx sent on, byte by byte', () => {
    const judged = taps.guard.entries.filter(({ uri, status }) => uri.startsWith('/forward-auth') && status === 204);
    const wanted = judged.map(({ headers, answer }) => `${headers['x-original-method']} ${answer['x-warden-uri']}`);
    const sent = taps.orthanc.entries.map(({ method, uri }) => `${method} ${uri}`);
    assert.ok(sent.length > 20, `${sent.length} requests`);
    // A browser asks for several things at once, and no longer wants what it has asked for when it is closed.
    for (const one of sent) {
      const at = wanted.indexOf(one);
      assert.ok(at >= 0, `${one} was judged as nothing`);
      wanted.splice(at, 1);
    }
  });

  await viewerRequests({ check, hospital: house, share });
  await hostileRequests({ check, hospital: house, viewerToken });

  await check('the record lists what was refused, with address and browser', async () => {
    const path = `/api/v1/audit/events?share=${gatedShare.share.id}&event=access.denied&limit=100`;
    // Refusals of one kind are gathered for a minute.
    const found = await until(
      'the refusals are recorded',
      async () => {
        const { items } = (await house.asAdmin('GET', path)).json;
        return denied.every((one) => countOf(items, one) >= countOf(denied, one)) ? items : null;
      },
      75_000,
    );
    for (const { address, userAgent: agent, actor } of found)
      assert.deepEqual([address, agent, actor.id], [recipientAddress, userAgent, gatedShare.share.fingerprint]);
    const { json } = await house.asAdmin(
      'GET',
      `/api/v1/audit/events?share=${gatedShare.share.id}&event=access.disclosed`,
    );
    assert.deepEqual([json.items[0].address, json.items[0].userAgent], [recipientAddress, userAgent]);
    const madeUp = await house.asAdmin('GET', `/api/v1/audit/events?address=${madeUpAddress}`);
    assert.deepEqual([madeUp.status, madeUp.json.items], [200, []]);
  });

  await check('no log holds a token, a PIN or a word of a patient', async () => {
    const logs = [
      house.lines.join('\n'),
      house.landing.output(),
      await house.nginx.accessLog(),
      await house.nginx.errorLog(),
    ];
    for (const secret of [pin, viewerToken, gatedShare.token, 'VIEWER^VERA', a.patientId])
      assert.deepEqual([secret, logs.map((log) => log.includes(secret))], [secret, logs.map(() => false)]);
  });

  await browser.close();

  async function share(more) {
    const resources = [{ level: 'study', dicomUid: a.uid }];
    const body = { type, resources, validityDuration: 3600, viewers: [type], ...more };
    const { status, json, text } = await house.asDoctor('POST', '/api/v1/shares', body);
    assert.equal(status, 201, text);
    return json;
  }

  /** Somebody's browser, which may talk to the hospital alone. */
  async function visitor(visit) {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: 1280, height: 800 },
      locale: 'en-US',
    });
    context.setDefaultTimeout(15_000);
    const strangers = [];
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (/^https?:/.test(url.protocol) && url.origin !== origin) strangers.push(url.href);
    });
    try {
      await visit(await context.newPage());
      assert.deepEqual(strangers, []);
    } finally {
      await context.close();
    }
  }

  function refusals() {
    return [
      { method: 'GET', path: `studies/${b.study}`, reason: 'outside-grant' },
      { method: 'GET', path: `studies/${c.study}`, reason: 'outside-grant' },
      { method: 'GET', path: `dicom-web/studies/${b.uid}/metadata`, reason: 'outside-grant' },
      { method: 'GET', path: `studies/${a.study}/archive`, reason: 'download-refused', needsNoArchive: true },
      { method: 'DELETE', path: `studies/${a.study}`, reason: 'write-refused' },
      { method: 'POST', path: `studies/${a.study}/modify`, reason: 'write-refused' },
    ];
  }

  /** From the page of the viewer itself, with the viewer's token and the browser's cookies. */
  async function assertRefused(page, token, { method, path, reason }) {
    const answer = await page.evaluate(
      async (asked) => {
        const response = await globalThis.fetch(asked.path, { method: asked.method, headers: asked.headers });
        return {
          status: response.status,
          reason: response.headers.get('x-warden-reason'),
          text: await response.text(),
        };
      },
      { method, path: `/orthanc/${path}`, headers: { authorization: `Bearer ${token}` } },
    );
    assert.deepEqual([method, path, answer.status, answer.reason], [method, path, 403, reason]);
    assert.equal(answer.text, 'Not allowed.\n');
    if (token === viewerToken) denied.push({ reason, detail: { method: method.toLowerCase(), count: 1 } });
  }
}

/** How many refusals of this reason and method events tell of. */
function countOf(events, { reason, detail: { method } }) {
  const same = events.filter((one) => one.reason === reason && one.detail.method === method);
  return same.reduce((sum, { detail }) => sum + detail.count, 0);
}

async function assertImageShown(page) {
  await page.waitForURL(({ pathname }) => pathname.startsWith('/ohif/viewer'));
  const right = (greys) => greys?.every((grey, index) => Math.abs(grey - places[index].grey) <= greyTolerance);
  let shown;
  const look = async () => {
    shown = await greysShown(
      page,
      places.map(({ at }) => at),
    );
    return right(shown);
  };
  await until('the image is shown', look, imageLimit).catch((error) => {
    throw new Error(`${error.message}: the canvas has ${shown}, wanted ${places.map(({ grey }) => grey)}`);
  });
}

/** Of the viewer that asked last. */
function tokenOf(entries) {
  const { authorization } = entries.filter(({ headers }) => headers.authorization !== undefined).at(-1).headers;
  return authorization.slice('Bearer '.length);
}
