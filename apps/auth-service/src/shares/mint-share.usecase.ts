import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type ShareResource, formatPython, toTokenText } from '@warden/tokens';
import { v7 as uuidv7 } from 'uuid';
import { Log } from '../platform/observability/log.js';
import { Clock } from '../platform/time/clock.js';
import { TokenKeys } from '../tokens/index.js';
import { MeddreamTokens } from './meddream-tokens.js';
import type { Share } from './share.js';
import { idempotencyKeyReused, shareTooLong } from './shares.errors.js';
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
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** With an idempotency key, the same request gives the same share and token for 24 hours. */
  async execute(request: ShareRequest, mintedBy: string, idempotencyKey: string | null): Promise<MintedShare> {
    this.links.requireOpenable(request.type);
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
      mintedBy,
      ...this.life(request, now),
      revocation: null,
    };
    // Asked before anything is stored: a service that is down must not leave a share that nobody received.
    const meddreamToken = this.links.isMeddreamInstant(share.type) ? await this.askMeddream(share.resources) : null;
    const added = await this.store.add(
      share,
      idempotencyKey === null ? null : requestOf(mintedBy, idempotencyKey, request),
    );
    if (added.outcome === 'added') return this.present(share, meddreamToken);
    if (!added.sameRequest) throw idempotencyKeyReused();
    return this.present(added.share, meddreamToken);
  }

  private present(share: Share, meddreamToken: string | null): MintedShare {
    if (meddreamToken !== null) {
      return { share, token: meddreamToken, url: this.links.meddreamUrl(share.resources, meddreamToken) };
    }
    const token = this.signer.sign(share);
    return { share, token, url: this.links.shareUrl(share.type, share.resources, token) };
  }

  private askMeddream(resources: readonly ShareResource[]): Promise<string> {
    return this.meddream.tokenFor(resources.flatMap((one) => (one.dicomUid === null ? [] : [one.dicomUid])));
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
