import { closeSync, openSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:http';
import { join } from 'node:path';
import { nodeOptions } from '../../scripts/node-options.mjs';
import { cores, startNode, stop } from './processes.mjs';
import { rolesDocument } from './realm.mjs';

export const secretKey = 'benchmark-only-secret-key-0123456789abcdef';
export const user = { name: 'plugin', password: 'benchmark-only-password' };
export const roots = { orthanc: 'http://localhost:8042/', grantValidity: 10 };

/** Starts the built service as an installer would and resolves once `/health/ready` says 200; `readyMs` from the spawn. */
export async function startService({
  dist,
  database,
  folder,
  name,
  issuer = null,
  pinned = true,
  nodeArgs = [],
  settings = {},
}) {
  const permissions = join(folder, 'permissions.json');
  writeFileSync(permissions, JSON.stringify(rolesDocument));
  const port = await freePort();
  const logFile = join(folder, `${name}.log`);
  const log = openSync(logFile, 'a');
  const began = performance.now();
  const child = startNode(join(dist, 'apps/auth-service/src/main.js'), {
    core: pinned ? (cores?.server ?? null) : null,
    nodeArgs: [...nodeOptions, ...nodeArgs],
    stdout: log,
    env: {
      DATABASE_URL: database.applicationUrl,
      DATABASE_OWNER_URL: database.ownerUrl,
      AUTO_MIGRATE: 'true',
      DATA_DIR: join(folder, name),
      HOST: '127.0.0.1',
      PORT: String(port),
      SECRET_KEY: secretKey,
      USERS: JSON.stringify({ [user.name]: user.password }),
      PUBLIC_ORTHANC_ROOT: roots.orthanc,
      GRANT_VALIDITY: String(roots.grantValidity),
      TRUSTED_PROXIES: '127.0.0.0/8',
      PERMISSIONS_FILE_PATH: permissions,
      ...settings,
      ...(issuer === null ? {} : { ENABLE_KEYCLOAK: 'true', KEYCLOAK_URI: issuer }),
    },
  });
  closeSync(log);
  await untilReady(child, port, began);
  const readyMs = performance.now() - began;
  return {
    name,
    child,
    pid: child.pid,
    port,
    readyMs,
    logFile,
    emptyLog: () => truncateSync(logFile),
    stop: () => stop(child),
  };
}

async function untilReady(child, port, began) {
  while (performance.now() - began < 60_000) {
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    if ((await statusOf(port, '/health/ready')) === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('the service was not ready within 60 s');
}

function statusOf(port, path) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false, timeout: 2_000 }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    request.on('timeout', () => request.destroy());
    request.on('error', () => resolve(0));
  });
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
