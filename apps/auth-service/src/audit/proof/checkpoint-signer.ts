import { type KeyObject, createHash, createPrivateKey, createPublicKey, hkdfSync, sign } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Secret } from '../../platform/observability/secret.js';
import type { SignedCheckpoint } from './checkpoint.js';
import { ProofSettings } from './proof-settings.js';

/** PKCS#8 of an Ed25519 key up to its seed of 32 bytes (RFC 8410 section 7). */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');
const derivedFor = 'orthanc-warden audit checkpoint 1';

interface SigningKey {
  readonly id: string;
  readonly privateKey: KeyObject;
  /** 32 bytes, base64url. */
  readonly publicKey: string;
}

/** Signs with Ed25519 (RFC 8032). */
@Injectable()
export class CheckpointSigner {
  private readonly key: SigningKey;
  /** Public keys that checkpoints of this record may be signed with, by id: the one in use, and those that can be told still. */
  readonly publicKeys: Readonly<Record<string, string>>;

  constructor({ signingKey, secret, previousSecrets }: ProofSettings) {
    const derived = [secret, ...previousSecrets].map(derivedKey);
    this.key = signingKey === null ? (derived[0] as SigningKey) : described(createPrivateKey(signingKey.reveal()));
    this.publicKeys = Object.fromEntries([this.key, ...derived].map(({ id, publicKey }) => [id, publicKey]));
  }

  /** Base64url of the first 9 bytes of the SHA-256 of the public key. */
  get keyId(): string {
    return this.key.id;
  }

  /** Over the text in UTF-8. */
  sign(checkpoint: string): SignedCheckpoint {
    const signature = sign(null, Buffer.from(checkpoint), this.key.privateKey).toString('base64url');
    return { checkpoint, signature, publicKey: this.key.publicKey };
  }
}

function derivedKey(secret: Secret): SigningKey {
  const seed = Buffer.from(hkdfSync('sha256', secret.reveal(), '', derivedFor, 32));
  return described(createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' }));
}

function described(privateKey: KeyObject): SigningKey {
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url');
  const id = createHash('sha256').update(raw).digest().subarray(0, 9).toString('base64url');
  return { id, privateKey, publicKey: raw.toString('base64url') };
}
