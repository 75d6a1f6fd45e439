import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../platform/config/config.js';
import { CONFIG } from '../../platform/config/config.token.js';
import { LinkHandles } from './link-handles.js';
import type { Share } from '../share.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';

/** How a share is handed out. */
export interface ShareLink {
  readonly token: string;
  /** Null: the type has none, or an id that it needs is missing. */
  readonly url: string | null;
}

/** Makes the link of a share, the same each time. */
@Injectable()
export class ShareLinks {
  /** What publications are handed out as, unless the sharer says. */
  private readonly form: 'token' | 'opaque';

  constructor(
    private readonly signer: TokenSigner,
    private readonly handles: LinkHandles,
    private readonly viewers: ViewerLinks,
    @Inject(CONFIG) { links }: Pick<Config, 'links'>,
  ) {
    this.form = links.shareLinks;
  }

  /**
   * What makes a new share of this type the kind of link that was wanted, or that SHARE_LINKS says. Types that open by
   * themselves are handed out as tokens whatever it says.
   */
  formOf(
    type: string,
    share: Pick<Share, 'identity' | 'keyId'>,
    wanted: 'token' | 'opaque' | null = null,
  ): Pick<Share, 'gated' | 'handleHash'> {
    const form = wanted ?? (this.viewers.isGateable(type) ? this.form : 'token');
    if (form === 'token') return { gated: false, handleHash: null };
    return { gated: true, handleHash: this.handles.hashOf(this.handles.handleOf(share)) };
  }

  /** Characters of what opens the images: the token that is handed out, or the longest viewer's that it is exchanged for. */
  longestToken(share: Share, { token }: ShareLink): number {
    if (!share.gated) return token.length;
    const types = [share.type, ...(share.viewers ?? [])];
    const type = types.reduce((one, other) => (other.length > one.length ? other : one));
    // With a fraction of a second, which makes the text of an expiry longer.
    const expiresAt = Math.floor(share.mintedAt / 1000) * 1000 + 1;
    const session = { digest: 'A'.repeat(43), until: expiresAt };
    const claims = { identity: share.identity, type, issuedAt: share.mintedAt, expiresAt, session };
    return this.signer.signViewer(share, claims).length;
  }

  /** Throws `key-retired` when the key that the share was minted with is not in the keyring any more. */
  of(share: Share): ShareLink {
    const token = this.signer.sign(share);
    if (!share.gated) return { token, url: this.viewers.shareUrl(share.type, share.resources, token) };
    const { shareRoot } = this.viewers;
    if (shareRoot === null) return { token, url: null };
    if (share.handleHash === null) return { token, url: `${shareRoot}?token=${token}` };
    return { token, url: `${shareRoot}s/${this.handles.handleOf(share)}` };
  }
}
