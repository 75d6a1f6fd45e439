import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Turns } from '../../platform/concurrency/turns.js';
import {
  type ScryptHash,
  deriveByScrypt,
  formatPasswordHash,
  parsePasswordHash,
} from '../../platform/config/password-hash.js';
import { TokenKeys } from '../../tokens/index.js';
import type { Share } from '../share.js';
import { gatesBusy } from '../shares.errors.js';

/** 32 MiB and some 60 ms each, in a thread of the pool; two at once, so that files and names of hosts find threads too. */
const cost = { ln: 15, r: 8, p: 1 };
const digestBytes = 32;
const queue = { atOnce: 2, waiting: 32 };

export type GatedShare = Pick<Share, 'identity' | 'keyId'>;

/**
 * What a recipient has to know, hashed. A PIN has a million values: the slow hash is taken over a digest that is keyed
 * with the key of the share, so that the database alone does not tell it.
 */
@Injectable()
export class GateSecrets {
  private readonly turns = new Turns(queue, gatesBusy);
  private readonly decoy: ScryptHash = { ...cost, salt: randomBytes(16), digest: randomBytes(digestBytes) };

  constructor(private readonly keys: TokenKeys) {}

  /** PHC text. Throws `busy` where too many wait. */
  async hashOf(share: GatedShare, secret: string): Promise<string> {
    const salt = randomBytes(16);
    const digest = await this.derive(share, secret, { ...cost, salt });
    return formatPasswordHash({ ...cost, salt, digest });
  }

  /**
   * Whether the secret is the one of that hash. Without a share or a hash the same work is done and the answer is no.
   * Throws `busy` where too many wait.
   */
  async matches(share: GatedShare | null, hash: string | null, secret: string): Promise<boolean> {
    const parsed = hash === null ? null : parsePasswordHash(hash);
    const known = parsed !== null && 'hash' in parsed ? parsed.hash : null;
    const expected = known ?? this.decoy;
    const found = await this.derive(share ?? nobody, secret, expected);
    return timingSafeEqual(found, expected.digest) && known !== null && share !== null;
  }

  /** The six digits of a share whose PIN was not chosen: the same each time, so that a repeated request is told them again. */
  pinOf(share: GatedShare): string {
    return digitsOf(this.keyed(share, 'pin', ''));
  }

  /** Six digits that nobody can know beforehand. */
  newCode(): string {
    return digitsOf(randomBytes(32));
  }

  private derive(share: GatedShare, secret: string, hash: Omit<ScryptHash, 'digest'>): Promise<Buffer> {
    const keyed = this.keyed(share, 'gate', secret);
    return this.turns.take(() => this.slowHash(keyed, hash));
  }

  /** Tests put a cheap one in its place. */
  protected slowHash(keyed: Buffer, hash: Omit<ScryptHash, 'digest'>): Promise<Buffer> {
    return deriveByScrypt(keyed, hash, digestBytes);
  }

  private keyed({ identity, keyId }: GatedShare, purpose: string, text: string): Buffer {
    const { keyring } = this.keys;
    const { key } = keyring.find(keyId) ?? keyring.signing;
    return createHmac('sha256', key)
      .update(JSON.stringify(['orthanc-warden', purpose, identity, text]))
      .digest();
  }
}

const nobody: GatedShare = { identity: '', keyId: '' };

/** Of 2^48 equally likely numbers: the bias against a fair choice is below 1 in 10^8. */
function digitsOf(bytes: Buffer): string {
  return String(bytes.readUIntBE(0, 6) % 1_000_000).padStart(6, '0');
}
