// A real browser in front of the built landing page, and what every page in it has to keep to.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { chromium } from 'playwright-core';
import { undoLater } from './stage.mjs';

export const phone = { width: 390, height: 844 };
export const desktop = { width: 1280, height: 800 };
/** The phone's window at 200 % zoom. */
export const zoomedPhone = { width: 195, height: 422 };

/** Launched, not connected to: playwright gives it a profile folder of its own and removes it afterwards. */
export async function launchBrowser(executablePath) {
  const browser = await chromium.launch({
    executablePath,
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
  const close = undoLater(() => browser.close());
  return { newContext: (options) => browser.newContext(options), close };
}

/**
 * A recipient's browser, with nothing kept from before. It may talk to `own` origins only, may not complain, and shows no script
 * a cookie.
 */
export async function inBrowser(browser, { own, ...options }, visit) {
  const context = await browser.newContext({ viewport: phone, locale: 'en-US', ...options });
  context.setDefaultTimeout(10_000);
  const strangers = [];
  const complaints = [];
  context.on('request', (request) => {
    const url = new URL(request.url());
    if (url.protocol !== 'data:' && !own.includes(url.origin)) strangers.push(url.origin);
  });
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    // Chromium writes a line for the page's own status 4xx or 5xx: that status is the point here.
    const ownStatus =
      message.text().startsWith('Failed to load resource') && message.location().url === message.page()?.url();
    if (!ownStatus && ['error', 'warning'].includes(message.type())) complaints.push(message.text());
  });
  try {
    await visit(await context.newPage(), context);
    assert.deepEqual(strangers, []);
    assert.deepEqual(complaints, []);
    for (const { name, httpOnly, sameSite } of await context.cookies())
      assert.deepEqual([name, httpOnly, sameSite], [name, true, 'Lax']);
  } finally {
    await context.close();
  }
}

/** Nothing is cut off at the side: neither the page nor the text of a button, field or heading. */
export async function assertFits(page) {
  const { wanted, given, cut } = await page.evaluate(() => {
    const { document } = globalThis;
    const { scrollWidth, clientWidth } = document.documentElement;
    const cut = [...document.querySelectorAll('h1,h2,p,dd,dt,label,legend,a,button')].filter(
      (one) => one.scrollWidth > one.clientWidth + 1 && globalThis.getComputedStyle(one).display !== 'inline',
    );
    return { wanted: scrollWidth, given: clientWidth, cut: cut.map((one) => one.outerHTML.slice(0, 80)) };
  });
  assert.ok(wanted <= given, `the page is ${wanted} wide in a window of ${given}`);
  assert.deepEqual(cut, []);
}

/** The built landing page with these settings and nothing else, on a free port. */
export async function startLanding({ main, settings }) {
  const child = fork(main, {
    env: { PATH: process.env.PATH, LANDING_PORT: '0', ...settings },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
  const stop = undoLater(() => {
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 15_000);
    return ended.finally(() => clearTimeout(last));
  });
  const { url } = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    void ended.then((code) => reject(new Error(`the landing ended with ${code} before it listened: ${output}`)));
  });
  return { origin: new URL(url).origin, output: () => output, stop };
}

/** Listens on a free port of loopback; `origin` is its address. */
export async function listen(server) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stop = undoLater(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return { origin: `http://127.0.0.1:${server.address().port}`, stop };
}
