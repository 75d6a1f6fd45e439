import { Injectable } from '@nestjs/common';
import type { ShareToken } from '@warden/tokens';
import { v7 as uuidv7 } from 'uuid';
import { Log, messageOf } from '../../platform/observability/log.js';
import { Clock } from '../../platform/time/clock.js';
import { TokenSightings } from '../../tokens/index.js';
import { type Share, plainTerms } from '../share.js';
import { SharesStore } from '../shares.store.js';

/** Bounds of what is remembered and of what waits: a flood of foreign links must not fill the memory. */
const limits = { remembered: 100_000, waiting: 1_000 };

/**
 * Enters links that were minted elsewhere with a key of ours into the registry, behind the answer and one at a time.
 * A link that could not be stored is tried again the next time it is seen.
 */
@Injectable()
export class AdoptShares extends TokenSightings {
  private readonly known = new Set<string>();
  private readonly waiting = new Map<string, ShareToken>();
  private working: Promise<void> | null = null;

  constructor(
    private readonly store: SharesStore,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    super();
  }

  seen(token: ShareToken): void {
    // What carries a jti of ours was registered when it was minted.
    if (token.ours || this.known.has(token.identity) || this.waiting.has(token.identity)) return;
    if (this.waiting.size >= limits.waiting) return;
    this.waiting.set(token.identity, token);
    this.working ??= this.work().finally(() => (this.working = null));
  }

  /** Resolves when nothing waits. */
  async settled(): Promise<void> {
    while (this.working !== null) await this.working;
  }

  private async work(): Promise<void> {
    for (const [identity, token] of this.waiting) {
      try {
        if (!(await this.isViewer(token))) await this.store.adopt(this.shareOf(token));
        if (this.known.size >= limits.remembered) this.known.clear();
        this.known.add(identity);
      } catch (error) {
        this.log.warn('adoption-postponed', { identity, cause: messageOf(error) });
      }
      this.waiting.delete(identity);
    }
  }

  /** Of a share that the registry knows, minted with a key that does not sign any more: it is no share of its own. */
  private async isViewer({ parent }: ShareToken): Promise<boolean> {
    return parent !== null && (await this.store.findByIdentity(parent.identity)) !== null;
  }

  /** What a foreign minter wrote is kept as far as the database can hold it: no NUL, whole seconds, ids that fit an index. */
  private shareOf(token: ShareToken): Share {
    const now = this.clock.now();
    return {
      id: uuidv7({ msecs: now }),
      identity: token.identity,
      keyId: token.kid,
      origin: 'adopted',
      type: storable(token.type) ?? 'unknown',
      label: storable(token.label),
      serverId: null,
      resources: token.resources.map((one) => ({
        level: one.level,
        dicomUid: storable(one.dicomUid, longestId),
        orthancId: storable(one.orthancId, longestId),
        url: storable(one.url),
      })),
      mintedAt: Math.max(token.issuedAt ?? now, 0),
      mintedBy: null,
      expiresAt: token.expiresAt,
      expiresText: null,
      validityDuration: Number.isSafeInteger(token.validityDuration) ? token.validityDuration : null,
      revocation: null,
      ...plainTerms,
    };
  }
}

/** Characters. A share is ended by its identity, so that nothing depends on the rest of an absurd id. */
const longestId = 256;

function storable(text: string | null, longest = Infinity): string | null {
  return text === null ? null : text.replaceAll('\0', '').slice(0, longest);
}
