import { Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import {
  type NewShare,
  type ShareToken,
  type VerifyingKey,
  type ViewerSession,
  buildSharePayload,
  formatPython,
} from '@warden/tokens';
import { TokenKeys } from '../../tokens/index.js';
import type { Share } from '../share.js';
import { keyRetired } from '../shares.errors.js';

/** Times in milliseconds since the epoch. */
export interface ViewerClaims {
  /** 16 random bytes, base64url. */
  readonly identity: string;
  readonly type: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Null: it opens in any browser. */
  readonly session: ViewerSession | null;
}

/** Turns a share of the registry into its token. The same share always gives the same text. */
@Injectable()
export class TokenSigner {
  constructor(
    private readonly jwt: JwtService,
    private readonly keys: TokenKeys,
  ) {}

  /** A gated share's token says nothing of what is shared. Throws `key-retired` when the key that the share was minted with is not in the keyring any more. */
  sign(share: Share): string {
    const key = this.keys.keyring.find(share.keyId);
    if (key === null) throw keyRetired();
    const { gated } = share;
    const claims = {
      label: gated ? null : share.label,
      resources: gated ? [] : share.resources,
      type: share.type,
      expirationDate: share.expiresText,
      validityDuration: share.validityDuration,
      jti: share.identity,
      issuedAt: share.mintedAt,
      gated,
      noArchive: share.noArchive,
    };
    return this.signWith(key, claims);
  }

  /** A viewer's token: the key that the recipient of a gated share is given for a while. */
  signViewer(share: Share, viewer: ViewerClaims): string {
    return this.signWith(this.keys.keyring.signing, {
      label: null,
      resources: share.resources,
      type: viewer.type,
      expirationDate: formatPython(viewer.expiresAt),
      validityDuration: null,
      jti: viewer.identity,
      issuedAt: viewer.issuedAt,
      parent: { identity: share.identity, issuedAt: share.mintedAt },
      noArchive: share.noArchive,
      session: viewer.session,
    });
  }

  /** The guard's: what the token opens, on the way from the proxy to Orthanc. */
  signInternal(token: ShareToken, internal: Omit<ViewerClaims, 'type' | 'session'>): string {
    const { identity: jti, issuedAt, expiresAt } = internal;
    return this.signWith(this.keys.keyring.signing, {
      label: null,
      resources: token.resources,
      type: token.type,
      expirationDate: formatPython(expiresAt),
      validityDuration: null,
      jti,
      issuedAt,
      parent: token.parent ?? { identity: token.identity, issuedAt: token.issuedAt ?? 0 },
      noArchive: token.noArchive,
      edge: true,
    });
  }

  private signWith(key: VerifyingKey, claims: NewShare): string {
    return this.jwt.sign(buildSharePayload(claims), {
      // jsonwebtoken signs HS256 with any key object; a text would be turned into one anew for each token.
      privateKey: key.key,
      algorithm: 'HS256',
      header: { alg: 'HS256', typ: 'JWT', kid: key.kid },
    });
  }
}
