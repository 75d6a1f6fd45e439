import { createPrivateKey } from 'node:crypto';
import { Secret } from '../observability/secret.js';
import type { SettingReader } from './setting-reader.js';

/** How the service signs what its record has come to. */
export interface CheckpointsConfig {
  /** PKCS#8 PEM of an Ed25519 key; null: it is derived from the key that signs links. */
  readonly signingKey: Secret | null;
  readonly everyMs: number;
  /** File that checkpoints are appended to; null: none. */
  readonly file: string | null;
  /** What this record is called in checkpoints. */
  readonly origin: string;
}

const key = 'AUDIT_SIGNING_KEY';
const longestOrigin = 128;

export function readCheckpoints(reader: SettingReader): CheckpointsConfig {
  const pem = reader.text(key);
  if (pem !== null && !isEd25519(pem))
    reader.fault(key, 'must be an Ed25519 private key, PKCS#8 in PEM without a password');
  const origin =
    reader.text('AUDIT_ORIGIN') ?? reader.text('SERVER_ID') ?? reader.text('SERVER_IDENTIFIER') ?? 'orthanc-warden';
  // eslint-disable-next-line no-control-regex -- those are what is looked for
  if (origin.length > longestOrigin || /[\u0000-\u001f\u007f]/.test(origin) || !origin.isWellFormed())
    reader.fault('AUDIT_ORIGIN', `must be a text of one line and at most ${longestOrigin} characters`);
  return {
    signingKey: pem === null ? null : new Secret(pem),
    everyMs: reader.integer('AUDIT_CHECKPOINT_INTERVAL', 300, 10, 86_400) * 1000,
    file: reader.text('AUDIT_CHECKPOINT_FILE'),
    origin,
  };
}

function isEd25519(pem: string): boolean {
  try {
    return /BEGIN PRIVATE KEY/.test(pem) && createPrivateKey(pem).asymmetricKeyType === 'ed25519';
  } catch {
    return false;
  }
}
