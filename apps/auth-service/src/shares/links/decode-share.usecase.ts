import { Injectable } from '@nestjs/common';
import type { ShareResource, ShareToken } from '@warden/tokens';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { type Refusal, TokenJudge, TokenSightings } from '../../tokens/index.js';
import { type DecodeReason, decodeReasonOf } from './decode-reason.js';
import { MeddreamTokens } from './meddream-tokens.js';
import { ViewerLinks } from './viewer-links.js';

export interface DecodedShare {
  readonly tokenType: string | null;
  readonly errorCode: 'expired' | 'invalid' | 'unknown' | null;
  readonly redirectUrl: string | null;
  /** Empty for a token that would be refused: the plugin does not look at the error code. */
  readonly resources: readonly ShareResource[];
  readonly reason: DecodeReason | null;
}

/** Says what a link opens. Changes nothing: the plugin asks this on every search of a recipient. */
@Injectable()
export class DecodeShare {
  constructor(
    private readonly judge: TokenJudge,
    private readonly links: ViewerLinks,
    private readonly meddream: MeddreamTokens,
    private readonly sightings: TokenSightings,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async execute(text: string, serverId: string | null): Promise<DecodedShare> {
    const judged = this.judge.judge(text, this.clock.now(), { labels: null, serverId });
    if (!judged.ok) return dead(judged.token, judged.reason);
    const { token } = judged;
    if (token.type === null)
      return { tokenType: 'invalid', errorCode: 'unknown', redirectUrl: null, resources: [], reason: 'unknown' };
    this.sightings.seen(token);
    return this.open(token, token.type, text);
  }

  private async open(token: ShareToken, type: string, text: string): Promise<DecodedShare> {
    const decoded = { tokenType: type, errorCode: null, resources: token.resources, reason: null } as const;
    if (!this.links.isMeddreamPublication(type)) {
      return { ...decoded, redirectUrl: this.links.viewerUrl(type, token.resources, text) };
    }
    try {
      const fresh = await this.meddream.tokenFor(token.resources);
      return { ...decoded, redirectUrl: this.links.meddreamUrl(token.resources, fresh) };
    } catch (error) {
      this.log.warn('meddream-unavailable', { cause: messageOf(error) });
      return { ...decoded, errorCode: 'unknown', redirectUrl: null, reason: 'unknown' };
    }
  }
}

function dead(token: ShareToken | null, refusal: Refusal): DecodedShare {
  const reason = decodeReasonOf(refusal, token);
  return { tokenType: token?.type ?? null, errorCode: errorCodes[reason], redirectUrl: null, resources: [], reason };
}

/** The words that the plugin and Orthanc's own page know. */
const errorCodes: Readonly<Record<DecodeReason, DecodedShare['errorCode']>> = {
  expired: 'expired',
  'viewer-expired': 'expired',
  revoked: 'invalid',
  gated: 'invalid',
  invalid: 'invalid',
  unknown: 'unknown',
};
