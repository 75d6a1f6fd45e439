import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MAX_TOKEN_LENGTH, type ShareResource } from '@warden/tokens';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../../platform/http/caller.js';
import { Log } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { TokenKeys } from '../../tokens/index.js';
import { CheckSharer, type SharingWay } from './check-sharer.js';
import { MeddreamTokens } from '../links/meddream-tokens.js';
import {
  type ShareLimits,
  SharePolicies,
  lifeWithin,
  refusedByPolicy,
  shareTooLongForPolicy,
} from '../policy/index.js';
import { RegisterShare, type RepeatableRequest } from './register-share.js';
import { type ShareLife, shareLifeOf } from './share-life.js';
import { type Share, plainTerms } from '../share.js';
import { shareTooLarge, shareTooLong } from '../shares.errors.js';
import { ShareLinks } from '../links/share-links.js';
import { ViewerLinks } from '../links/viewer-links.js';

export interface ShareRequest {
  readonly type: string;
  readonly label: string | null;
  readonly serverId: string | null;
  readonly resources: readonly ShareResource[];
  /** An instant with a zone, as the caller wrote it. Wins over the duration. */
  readonly expiration: { readonly epochMs: number; readonly text: string } | null;
  /** Seconds from now; 0 is expired at once. */
  readonly validityDuration: number | null;
}

export interface MintedShare {
  readonly share: Share;
  readonly token: string;
  readonly url: string | null;
}

/** Of the installation, above every policy. */
export abstract class ShareBounds {
  /** Seconds. */
  abstract readonly maxDuration: number;
  abstract readonly overlong: 'clamp' | 'refuse';
  /** A proxy asks about every request before Orthanc gets it. */
  abstract readonly guarded: boolean;
}

/** Mints a share: a row in the registry first, then its token. What was acknowledged is durable. */
@Injectable()
export class MintShare {
  constructor(
    private readonly register: RegisterShare,
    private readonly keys: TokenKeys,
    private readonly viewers: ViewerLinks,
    private readonly links: ShareLinks,
    private readonly meddream: MeddreamTokens,
    private readonly bounds: ShareBounds,
    private readonly policies: SharePolicies,
    private readonly sharer: CheckSharer,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** With an idempotency key, the same request gives the same share and token for 24 hours. */
  async execute(
    request: ShareRequest,
    caller: Caller,
    idempotencyKey: string | null,
    way: SharingWay,
  ): Promise<MintedShare> {
    this.viewers.requireOpenable(request.type, request.resources);
    await this.sharer.execute(request, caller, way);
    const limits = this.policies.limitsFor(caller, request.type);
    const refusal = refusedByPolicy(request.type, limits);
    if (refusal !== null) throw refusal;
    const now = this.clock.now();
    const identity = randomBytes(16).toString('base64url');
    const keyId = this.keys.keyring.signing.kid;
    const share: Share = {
      id: uuidv7({ msecs: now }),
      identity,
      keyId,
      origin: 'minted',
      type: request.type,
      label: request.label,
      serverId: request.serverId,
      resources: request.resources,
      mintedAt: now,
      mintedBy: caller.id,
      ...this.life(request, limits, now),
      revocation: null,
      ...plainTerms,
      // The plugin's own name says nothing to a recipient.
      mintedByName: way === 'person' ? caller.name : null,
      ...this.links.formOf(request.type, { identity, keyId }),
    };
    if (this.viewers.isMeddreamInstant(share.type))
      return this.mintForMeddream(share, { idempotencyKey, asked: request }, caller, way);
    const link = this.links.of(share);
    if (this.links.longestToken(share, link) > MAX_TOKEN_LENGTH) throw shareTooLarge();
    const kept = await this.register.execute(share, { idempotencyKey, asked: request }, caller, way);
    return { share: kept, ...(kept === share ? link : this.links.of(kept)) };
  }

  /** The viewer's own token is asked for before anything is stored: a service that is down must leave no share behind. */
  private async mintForMeddream(
    share: Share,
    request: RepeatableRequest,
    caller: Caller,
    way: SharingWay,
  ): Promise<MintedShare> {
    const token = await this.meddream.tokenFor(share.resources);
    const kept = await this.register.execute(share, request, caller, way);
    return { share: kept, token, url: this.viewers.meddreamUrl(kept.resources, token) };
  }

  /** The plugin sends uninitialised memory as a duration when it was given none: clamped, and said so in the log. */
  private life(request: ShareRequest, limits: ShareLimits, now: number): ShareLife {
    const { validityDuration: asked, type } = request;
    const { maxDuration, overlong } = this.bounds;
    const bounded = asked === null ? null : Math.min(asked, maxDuration);
    if (request.expiration === null && asked !== bounded) {
      if (overlong === 'refuse') throw shareTooLong(maxDuration);
      this.log.warn('share-duration-clamped', { type, asked, seconds: maxDuration });
    }
    return shareLifeOf(this.allowed({ ...request, validityDuration: bounded }, limits, now), now);
  }

  /** What the share policy leaves of it. */
  private allowed({ expiration, validityDuration, type }: ShareRequest, limits: ShareLimits, now: number) {
    const asked = { expiration, seconds: validityDuration };
    const life = lifeWithin(asked, limits, this.bounds.maxDuration, now);
    if (!life.cut) return life;
    if (limits.overLimit === 'refuse') throw shareTooLongForPolicy(life.seconds ?? 0);
    this.log.warn('share-life-clamped', { type, asked: expiration?.text ?? validityDuration, seconds: life.seconds });
    return life;
  }
}
