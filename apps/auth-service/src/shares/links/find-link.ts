import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type ShareToken, stripBearer } from '@warden/tokens';
import { Clock } from '../../platform/time/clock.js';
import { type Refusal, TokenJudge, TokenKeys } from '../../tokens/index.js';
import { type Share } from '../share.js';
import { SharesStore } from '../shares.store.js';
import { LinkHandles } from './link-handles.js';

/** To be exchanged; what it opens is decided by its row. */
export interface GatedLink {
  readonly kind: 'gated';
  readonly share: Share;
  /** End of the key that the share was minted with, in milliseconds since the epoch; null: none. */
  readonly keyUntil: number | null;
}

/** What somebody holds who has a link. */
export type FoundLink =
  | GatedLink
  /** A token that is the key itself. */
  | { readonly kind: 'direct'; readonly token: ShareToken; readonly text: string }
  | { readonly kind: 'dead'; readonly reason: Refusal; readonly token: ShareToken | null }
  | { readonly kind: 'unknown' };

/** Refusals that say how a gated link stands, not what it is: its row knows better. */
const rowKnows: ReadonlySet<Refusal> = new Set([
  'gated',
  'expired',
  'revoked',
  'ended',
  'revocations-loading',
  'revocations-stale',
]);

/** Turns the text of a link, a token or a short one, into what it stands for. */
@Injectable()
export class FindLink {
  constructor(
    private readonly judge: TokenJudge,
    private readonly keys: TokenKeys,
    private readonly handles: LinkHandles,
    private readonly store: SharesStore,
    private readonly clock: Clock,
  ) {}

  async execute(link: string): Promise<FoundLink> {
    const text = stripBearer(link.trim());
    if (this.handles.isHandle(text)) return this.gated(await this.store.findByHandle(this.handles.hashOf(text)));
    const judged = this.judge.judge(text, this.clock.now(), null);
    if (judged.ok) return { kind: 'direct', token: judged.token, text };
    const { token, reason } = judged;
    if (token?.gated === true && rowKnows.has(reason))
      return this.gated(await this.store.findByIdentity(token.identity));
    return { kind: 'dead', reason, token };
  }

  /** A key that has ended takes its short links along, as it takes its tokens. */
  private gated(share: Share | null): FoundLink {
    const key = share === null ? null : this.keys.keyring.find(share.keyId);
    if (share === null || key === null || (key.until !== null && key.until <= this.clock.now()))
      return { kind: 'unknown' };
    return { kind: 'gated', share, keyUntil: key.until };
  }
}

/** What attempts at a link are counted by: of a known one what the registry knows it by, whatever form it came in. */
export function digestOfLink(found: FoundLink, link: string): Buffer {
  return found.kind === 'gated' ? digestOfShare(found.share) : digestOf(link.trim());
}

export function digestOfShare({ identity }: Pick<Share, 'identity'>): Buffer {
  return digestOf(identity);
}

function digestOf(subject: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify(['link', subject]))
    .digest();
}
