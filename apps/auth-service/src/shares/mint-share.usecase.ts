import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { MAX_TOKEN_LENGTH, type ShareResource, formatPython, toTokenText } from '@warden/tokens';
import { v7 as uuidv7 } from 'uuid';
import type { Caller } from '../platform/http/caller.js';
import { Log } from '../platform/observability/log.js';
import { Clock } from '../platform/time/clock.js';
import { TokenKeys } from '../tokens/index.js';
import { CheckSharer, type SharingWay } from './check-sharer.js';
import { MeddreamTokens } from './meddream-tokens.js';
import type { Share } from './share.js';
import { idempotencyKeyReused, shareTooLarge, shareTooLong } from './shares.errors.js';
import { type IdempotentRequest, SharesStore } from './shares.store.js';
import { TokenSigner } from './token-signer.js';
import { ViewerLinks } from './viewer-links.js';

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

export abstract class SharePolicy {
  /** Seconds. */
  abstract readonly maxDuration: number;
  abstract readonly overlong: 'clamp' | 'refuse';
}

/** Mints a share: a row in the registry first, then its token. What was acknowledged is durable. */
@Injectable()
export class MintShare {
  constructor(
    private readonly store: SharesStore,
    private readonly signer: TokenSigner,
    private readonly keys: TokenKeys,
    private readonly links: ViewerLinks,
    private readonly meddream: MeddreamTokens,
    private readonly policy: SharePolicy,
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
    this.links.requireOpenable(request.type);
    await this.sharer.execute(request, caller, way);
    const now = this.clock.now();
    const share: Share = {
      id: uuidv7({ msecs: now }),
      identity: randomBytes(16).toString('base64url'),
      keyId: this.keys.keyring.signing.kid,
      origin: 'minted',
      type: request.type,
      label: request.label,
      serverId: request.serverId,
      resources: request.resources,
      mintedAt: now,
      mintedBy: caller.id,
      ...this.life(request, now),
      revocation: null,
    };
    if (this.links.isMeddreamInstant(share.type)) return this.mintForMeddream(share, request, idempotencyKey);
    const token = this.signer.sign(share);
    if (token.length > MAX_TOKEN_LENGTH) throw shareTooLarge();
    const kept = await this.keep(share, request, idempotencyKey);
    return this.present(kept, kept === share ? token : this.signer.sign(kept));
  }

  private present(share: Share, token: string): MintedShare {
    return { share, token, url: this.links.shareUrl(share.type, share.resources, token) };
  }

  /** The viewer's own token is asked for before anything is stored: a service that is down must leave no share behind. */
  private async mintForMeddream(
    share: Share,
    request: ShareRequest,
    idempotencyKey: string | null,
  ): Promise<MintedShare> {
    const token = await this.meddream.tokenFor(share.resources);
    const kept = await this.keep(share, request, idempotencyKey);
    return { share: kept, token, url: this.links.meddreamUrl(kept.resources, token) };
  }

  /** Stores the share, or finds the one that the same request made before. */
  private async keep(share: Share, request: ShareRequest, idempotencyKey: string | null): Promise<Share> {
    const idempotent = idempotencyKey === null ? null : requestOf(share.mintedBy ?? '', idempotencyKey, request);
    const added = await this.store.add(share, idempotent);
    if (added.outcome === 'added') return share;
    if (!added.sameRequest) throw idempotencyKeyReused();
    return added.share;
  }

  /** The plugin sends uninitialised memory as a duration when it was given none: clamped, and said so in the log. */
  private life(request: ShareRequest, now: number): Pick<Share, 'expiresAt' | 'expiresText' | 'validityDuration'> {
    const { expiration, validityDuration: asked, type } = request;
    const { maxDuration, overlong } = this.policy;
    const duration = asked === null ? null : Math.min(asked, maxDuration);
    if (expiration !== null) {
      return { expiresAt: expiration.epochMs, expiresText: toTokenText(expiration.text), validityDuration: duration };
    }
    if (duration === null) return { expiresAt: null, expiresText: null, validityDuration: null };
    if (asked !== duration) {
      if (overlong === 'refuse') throw shareTooLong(maxDuration);
      this.log.warn('share-duration-clamped', { type, asked, seconds: maxDuration });
    }
    const expiresAt = now + duration * 1000;
    return { expiresAt, expiresText: formatPython(expiresAt), validityDuration: duration };
  }
}

function requestOf(caller: string, key: string, request: ShareRequest): IdempotentRequest {
  return { caller, key, hash: createHash('sha256').update(JSON.stringify(request)).digest() };
}
