import 'reflect-metadata';
import type { AddressInfo } from 'node:net';
import { createLanding } from './configure-landing.js';
import { loadSettings } from './env.js';
import { createLog } from './log.js';

// Longer than an exchange may take, shorter than the patience of whoever stops us.
const longestFarewellMs = 9000;

const loaded = loadSettings();
if (!loaded.ok) {
  process.stderr.write(`The landing page can't start:\n${loaded.faults.map((fault) => `- ${fault}\n`).join('')}`);
  process.exit(1);
}

const { settings } = loaded;
const log = createLog();
const app = await createLanding(settings, { log });

let stopping = false;
const stop = (signal: string): void => {
  if (stopping) return;
  stopping = true;
  log.info({ signal }, 'stopping');
  setTimeout(() => process.exit(0), longestFarewellMs).unref();
  void app.close().finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
// Started by `npm start`: without it nobody would end this process.
if (process.send !== undefined) process.on('disconnect', stop);

try {
  await app.listen(settings.port, settings.host);
} catch (error) {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  process.stderr.write(`The landing page can't listen on HOST and LANDING_PORT (${code}).\n`);
  process.exit(1);
}

const address = app.getHttpServer().address() as AddressInfo;
const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
const url = `http://${host}:${address.port}/`;
log.info({ url }, 'listening');
process.send?.({ ready: true, url });
