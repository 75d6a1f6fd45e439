import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from '../../apps/auth-service/src/configure-app.js';
import type { Config } from '../../apps/auth-service/src/platform/config/config.js';
import { EnvironmentSource } from '../../apps/auth-service/src/platform/config/env.js';
import { loadConfig } from '../../apps/auth-service/src/platform/config/load-config.js';
import { PinoLog } from '../../apps/auth-service/src/platform/observability/log.js';
import { Secret } from '../../apps/auth-service/src/platform/observability/secret.js';
import { type Clock, SystemClock } from '../../apps/auth-service/src/platform/time/clock.js';
import { StartUp } from '../../apps/auth-service/src/start-up.js';
import { type TestDatabase, createTestDatabase } from './test-cluster.js';

/** Settings of a service that is set up well; a test says only what differs. */
export const plainSettings = {
  SECRET_KEY: 'TEST-ONLY-secret-key-not-for-production-0123456789',
  USERS: JSON.stringify({
    'test-user': 'test-pwd',
    admin: { password: 'admin-pwd', permissions: ['all'] },
    sharer: { password: 'sharer-pwd', permissions: ['share'] },
    landing: { password: 'landing-pwd', scopes: ['decode', 'exchange'] },
  }),
  PUBLIC_ORTHANC_ROOT: 'http://localhost/shares/',
  PUBLIC_LANDING_ROOT: 'http://localhost/shares/ui/app/token-landing.html',
  PUBLIC_OHIF_ROOT: 'http://localhost/ohif/',
};

/** USERS with somebody who may read the record, and somebody who may share and administer, but not read it. */
export const usersOfRecord = JSON.stringify({
  'test-user': 'test-pwd',
  admin: { password: 'admin-pwd', permissions: ['all'] },
  auditor: { password: 'auditor-pwd', permissions: ['audit-logs'] },
  sharer: { password: 'sharer-pwd', permissions: ['share', 'admin-permissions'] },
});

export const basic = (name: string, password: string): string =>
  `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`;
export const pluginCredentials = basic('test-user', 'test-pwd');
export const adminCredentials = basic('admin', 'admin-pwd');

export interface TestService {
  readonly app: NestFastifyApplication;
  /** `http://127.0.0.1:PORT`, a free port: requests go over TCP, through the lane. */
  readonly url: string;
  readonly config: Config;
  readonly database: TestDatabase;
  /** Every log line so far. */
  readonly lines: string[];
  /** `fetch` with the plugin's credentials and a JSON body unless told otherwise. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<TestAnswer>;
  close(): Promise<void>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed body; undefined when it is not JSON. */
  readonly json: any;
}

export interface TestServiceOptions {
  /** Differences from `plainSettings`; null removes a setting. */
  env?: Record<string, string | null>;
  /** A further replica on the database of another service; else one is made, and dropped by `close`. */
  database?: TestDatabase;
  clock?: Clock;
  /** false cuts the notification channel: only the poll is left. */
  listen?: boolean;
  /** false returns at once although the database may be unreachable. */
  awaitReady?: boolean;
}

/** The whole service on a database of its own, put together by the same function as in production. */
export async function startTestService(options: TestServiceOptions = {}): Promise<TestService> {
  const dataDir = mkdtempSync(join(tmpdir(), 'warden-data-'));
  const settings = Object.entries({ ...plainSettings, DATA_DIR: dataDir, ...options.env }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const loaded = loadConfig(new EnvironmentSource(Object.fromEntries(settings), join(dataDir, 'none')), () => {
    throw new Error('a test service generates nothing');
  });
  if (!loaded.ok) throw new Error(`faulty test settings: ${JSON.stringify(loaded.faults)}`);
  const config = { ...loaded.config, feed: { ...loaded.config.feed, listen: options.listen ?? true } };
  const database = options.database ?? (await createTestDatabase());
  const lines: string[] = [];
  const log = new PinoLog({ write: (line: string) => void lines.push(...line.trimEnd().split('\n')) });
  const app = await createApp({
    config,
    databaseUrl: new Secret(database.applicationUrl),
    log,
    clock: options.clock ?? new SystemClock(),
  });
  const startUp = app.get(StartUp);
  const begun = startUp.begin();
  await app.listen(0, '127.0.0.1');
  if (options.awaitReady !== false) await begun;
  const url = await app.getUrl();
  return {
    app,
    url,
    config,
    database,
    lines,
    async call(method, path, body, headers = {}) {
      const raw = typeof body === 'string' || body instanceof Uint8Array;
      const response = await fetch(`${url}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          authorization: pluginCredentials,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: raw ? (body as any) : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, json: parsed(text) };
    },
    async close() {
      await app.close();
      await startUp.end();
      if (options.database === undefined) await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
