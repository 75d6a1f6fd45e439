import { chromium } from 'playwright-core';
import { undoLater } from './stage.mjs';

/** A browser that can draw as viewers do, on a machine without a graphics card. */
export async function launchViewerBrowser(executablePath) {
  const browser = await chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
    ],
  });
  const close = undoLater(() => browser.close());
  return { newContext: (options) => browser.newContext(options), close };
}

/**
 * What a viewport of OHIF shows, at places given as parts of its width and height: grey values; null while there is no image.
 */
export async function greysShown(page, places) {
  return page.evaluate((wanted) => {
    const canvas = globalThis.document.querySelector('canvas.cornerstone-canvas');
    const context = canvas?.getContext('2d');
    if (!context || canvas.width === 0) return null;
    // An image is a square as high as the viewport is, in its middle; or as wide.
    const { width, height } = canvas;
    const side = Math.min(width, height);
    const at = (x, y) => [Math.round((width - side) / 2 + x * side), Math.round((height - side) / 2 + y * side)];
    return wanted.map(([x, y]) => context.getImageData(...at(x, y), 1, 1).data[0]);
  }, places);
}
