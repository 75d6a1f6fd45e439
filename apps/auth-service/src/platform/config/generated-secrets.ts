import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Secret } from '../observability/secret.js';
import type { BasicUser } from './config.js';

/** What a machine without any setting needs; kept under DATA_DIR, so that links survive a restart. */
export interface GeneratedSecrets {
  secretKey: string;
  users: BasicUser[];
}

/** Names of the files in DATA_DIR. Each credential file holds `name:password`, ready for `curl -u "$(cat …)"`. */
export const generatedFiles = {
  secretKey: 'secret-key',
  administrator: 'administrator',
  plugin: 'plugin',
  landing: 'landing',
};

/** Reads what an earlier start generated, and generates what is missing: folder 0700, files 0600. */
export function generateSecrets(dataDir: string): GeneratedSecrets {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  chmodSync(dataDir, 0o700);
  const credential = (file: string, name: string) => {
    const text = keep(join(dataDir, file), () => `${name}:${randomText(24)}`);
    const colon = text.indexOf(':');
    return { name: text.slice(0, colon), password: new Secret(text.slice(colon + 1)) };
  };
  return {
    secretKey: keep(join(dataDir, generatedFiles.secretKey), () => randomText(32)),
    users: [
      { ...credential(generatedFiles.administrator, 'admin'), scopes: [], permissions: ['all'] },
      { ...credential(generatedFiles.plugin, 'orthanc'), scopes: ['plugin'], permissions: [] },
      { ...credential(generatedFiles.landing, 'landing'), scopes: ['decode', 'exchange'], permissions: [] },
    ],
  };
}

function randomText(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

/** Written beside and renamed: a crash in between leaves no half-written key. */
function keep(path: string, make: () => string): string {
  if (!existsSync(path)) {
    const beside = `${path}.${process.pid}`;
    writeFileSync(beside, `${make()}\n`, { mode: 0o600 });
    renameSync(beside, path);
  }
  return readFileSync(path, 'utf8').trim();
}
