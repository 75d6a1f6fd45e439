import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { buildSharePayload } from '@warden/tokens';
import { TokenKeys } from '../tokens/index.js';
import type { Share } from './share.js';
import { keyRetired } from './shares.errors.js';

/** Turns a share of the registry into its token. The same share always gives the same text. */
@Injectable()
export class TokenSigner {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: TokenKeys,
  ) {}

  /** Throws `key-retired` when the key that the share was minted with is not in the keyring any more. */
  sign(share: Share): string {
    const key = this.keys.keyring.find(share.keyId);
    if (key === null) throw keyRetired();
    const payload = buildSharePayload({
      label: share.label,
      resources: share.resources,
      type: share.type,
      expirationDate: share.expiresText,
      validityDuration: share.validityDuration,
      jti: share.identity,
      issuedAt: share.mintedAt,
    });
    return this.jwt.sign(payload, {
      // jsonwebtoken signs HS256 with any key object; a text would be turned into one anew for each token.
      privateKey: key.key,
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: 'JWT', kid: key.kid },
    });
  }
}
