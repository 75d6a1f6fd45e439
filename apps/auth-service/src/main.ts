import 'reflect-metadata';
import { createApp } from './configure-app.js';
import { processEnvironment } from './platform/config/env.js';
import { generateSecrets } from './platform/config/generated-secrets.js';
import { loadConfig } from './platform/config/load-config.js';
import { PinoLog, messageOf } from './platform/observability/log.js';
import { SystemClock } from './platform/time/clock.js';
import { StartUp } from './start-up.js';
import { type StartedDatabase, startDatabase } from './start-database.js';

const log = new PinoLog();
const loaded = loadConfig(processEnvironment(), generateSecrets);
if (!loaded.ok) {
  for (const { setting, problem } of loaded.faults) process.stderr.write(`${setting} ${problem}\n`);
  process.exit(1);
}
const { config, warnings } = loaded;
for (const warning of warnings) log.warn('setting-warning', { detail: warning });

try {
  const database = await startDatabase(config, log);
  try {
    await serve(database);
  } catch (error) {
    await database.stop();
    throw error;
  }
} catch (error) {
  log.error('start-failed', { cause: messageOf(error) });
  await log.written();
  process.stderr.write(`orthanc-warden did not start: ${messageOf(error)}\n`);
  process.exit(1);
}

/** Listens, and ends in order when told to: requests first, then the feed, then the database. */
async function serve(database: StartedDatabase): Promise<void> {
  const app = await createApp({ config, databaseUrl: database.url, log, clock: new SystemClock() });
  const startUp = app.get(StartUp);
  let ending = false;
  const end = async (cause: string) => {
    if (ending) return;
    ending = true;
    log.info('stopping', { cause });
    // Whatever hangs must not keep the process: what is acknowledged is in the database already.
    setTimeout(() => process.exit(1), 15_000).unref();
    await app.close();
    await startUp.end();
    await database.stop();
    log.info('stopped');
    await log.written();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void end(signal));
  // Started by `npm start`: without it nobody would end this process.
  if (process.send !== undefined) process.on('disconnect', () => void end('disconnect'));
  const begun = startUp.begin();
  try {
    await app.listen(config.http.port, config.http.host);
  } catch (error) {
    await startUp.end();
    throw error;
  }
  const url = await app.getUrl();
  log.info('listening', { url });
  void begun.then(() => {
    log.info('ready', { url });
    process.send?.({ ready: true, url, dataDir: config.dataDir });
  });
}
