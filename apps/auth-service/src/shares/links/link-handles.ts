import { createHash, createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { TokenKeys } from '../../tokens/index.js';
import { keyRetired } from '../shares.errors.js';
import type { Share } from '../share.js';

/** 16 bytes in base64url. */
const form = /^[A-Za-z0-9_-]{21}[AQgw]$/;

/**
 * Short links: 128 bits that come from the share's random identity and the key that signs, so that a link can be shown
 * again although the registry holds its hash alone.
 */
@Injectable()
export class LinkHandles {
  constructor(private readonly keys: TokenKeys) {}

  isHandle(text: string): boolean {
    return form.test(text);
  }

  /** Throws `key-retired` when the key that the share was minted with is not in the keyring any more. */
  handleOf({ identity, keyId }: Pick<Share, 'identity' | 'keyId'>): string {
    const key = this.keys.keyring.find(keyId);
    if (key === null) throw keyRetired();
    const bytes = createHmac('sha256', key.key)
      .update(JSON.stringify(['orthanc-warden', 'handle', identity]))
      .digest();
    return bytes.subarray(0, 16).toString('base64url');
  }

  /** What the registry keeps of a handle, base64url. */
  hashOf(handle: string): string {
    return createHash('sha256').update(handle).digest('base64url');
  }
}
